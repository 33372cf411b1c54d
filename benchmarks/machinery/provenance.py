"""What the figures were taken on: hardware, versions, commit. No host name, no path."""

import os
import platform
import re
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("jax", "jaxlib", "optax", "flax", "torch", "numpy")
ROOT = Path(__file__).parents[2]
SOURCES = ("lrjax", "lrspec", "lrtorch", "benchmarks", ":(exclude)benchmarks/results")  # from ROOT


def hardware(device: str) -> str:
    """The processor and its cores, or the GPU's name."""
    if device == "gpu":
        return _output("nvidia-smi", "--query-gpu=name", "--format=csv,noheader").partition("\n")[0] or "GPU"
    return f"{_processor()}, {cores()} cores"


def cores() -> int:
    """The cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*:\s*(.+)$", info.read_text(), re.MULTILINE) if info.exists() else None
    return found[1].strip() if found else platform.processor() or platform.machine()


def folder(hardware: str) -> str:
    """A folder's name made of it.

    >>> folder("AMD EPYC 7B13, 2 cores")
    'amd-epyc-7b13-2-cores'
    """
    return re.sub(r"[^a-z0-9]+", "-", hardware.lower()).strip("-")


def versions() -> dict[str, str]:
    """Python's and the packages' versions."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "absent"
    return found


def commit() -> str:
    """The commit of the checkout, with a mark if files were changed since."""
    short = _output("git", "rev-parse", "--short", "HEAD")
    return short + " with changes" * bool(_output("git", "status", "--porcelain", "--", *SOURCES))


def _output(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return done.stdout.strip()
