"""Programs compiled for a GPU on a machine that has none, in processes of their own.

XLA compiles for a GPU it only knows from a description, here an H200. That takes two packages, ``jax-cuda12-plugin``
and ``jax-cuda12-pjrt`` in jax's version, without NVIDIA's libraries and without a driver. They lie in a folder of
their own (``make gpu-code`` puts them there), which only these processes see: elsewhere jax would take them for a GPU.
"""

import json
import os
import pickle
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from .hlo.instructions import Module
from .hlo.parse import parse
from .launches import Launch, launches

ROOT = Path(__file__).parents[2]  # of the repository: programs and their tables are imported from here
WHEELS = ROOT / ".gpu" / "wheels"
PACKAGES = ("jax-cuda12-plugin", "jax-cuda12-pjrt")
TARGET = """
gpu_device_info {
  threads_per_block_limit: 1024 threads_per_warp: 32 shared_memory_per_block: 49152 shared_memory_per_core: 233472
  threads_per_core_limit: 2048 core_count: 132 fpus_per_core: 128 block_dim_limit_x: 2147483647
  block_dim_limit_y: 65535 block_dim_limit_z: 65535 memory_bandwidth: 4800000000000 l2_cache_size: 62914560
  clock_rate_ghz: 1.98 device_memory_size: 150000000000 shared_memory_per_block_optin: 232448
  cuda_compute_capability { major: 9 } registers_per_core_limit: 65536 registers_per_block_limit: 65536
}
runtime_version: { major: 12 minor: 8 patch: 0 } platform_name: "CUDA" dnn_version_info { major: 9 minor: 7 }
device_description_str: "NVIDIA H200"
"""


class Source(NamedTuple):
    """A function to compile, and what it is called with.

    Attributes:
        function: of arrays in any trees.
        arguments: its arguments, arrays or ``jax.ShapeDtypeStruct``.
        donate: the numbers of the arguments whose memory the results may take.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    donate: tuple[int, ...] = ()


@dataclass
class GpuProgram:
    """What the compiler made of a function.

    Attributes:
        hlo: the optimised program, as text.
        ptx: all of its kernels in NVIDIA's intermediate language.
        temporaries: bytes beside arguments and results.
        lowering: seconds to trace the function and write it down for the compiler.
        seconds: of the compiler.
    """

    hlo: str
    ptx: str
    temporaries: int
    lowering: float
    seconds: float

    @cached_property
    def module(self) -> Module:
        """The optimised program, parsed."""
        return parse(self.hlo)

    @cached_property
    def workspace(self) -> int:
        """Bytes of ``temporaries`` that a library asks for its matrix products."""
        calls = [one for each in self.module.computations.values() for one in each.instructions]
        sizes = [one.shape[1].nbytes for one in calls if one.opcode == "custom-call" and isinstance(one.shape, tuple)]
        return max(sizes, default=0)

    @cached_property
    def launches(self) -> list[Launch]:
        """What one execution launches, in order."""
        return list(launches(self.module))


def missing() -> str | None:
    """Why nothing can be compiled for a GPU here; None where it can."""
    version = metadata.version("jax")
    found = [any(WHEELS.glob(f"{name.replace('-', '_')}-{version}.dist-info")) for name in PACKAGES]
    wanted = " and ".join(f"{name}=={version}" for name in PACKAGES)
    return None if all(found) else f"{wanted} are not in {WHEELS.parent.name}; `make gpu-code` installs them"


def compile_for_gpu(function: Callable[..., Any], *arguments: Any, donate: Sequence[int] = ()) -> GpuProgram:
    """Compile for an H200; call it in a process with ``environment``.

    Args:
        function: of arrays in any trees.
        arguments: arrays or ``jax.ShapeDtypeStruct``.
        donate: the numbers of the arguments whose memory the results may take.
    """
    import jax
    from jax.experimental import topologies

    device = topologies.get_topology_desc("h200", "cuda", target_config=TARGET, topology="1x1x1").devices
    mesh = jax.sharding.Mesh(np.array(device).reshape(1), ("all",))
    where = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())
    on_gpu = jax.tree.map(lambda x: jax.ShapeDtypeStruct(x.shape, x.dtype, sharding=where), arguments)
    dump = _dump_folder()
    before, begin = set(dump.glob("*.ptx")), time.perf_counter()
    lowered = jax.jit(function, donate_argnums=tuple(donate), keep_unused=True).lower(*on_gpu)
    middle = time.perf_counter()
    compiled: Any = lowered.compile()
    end = time.perf_counter()
    ptx = "".join(path.read_text() for path in sorted(set(dump.glob("*.ptx")) - before))
    temporaries = compiled.memory_analysis().temp_size_in_bytes
    return GpuProgram(_text(compiled), ptx, temporaries, middle - begin, end - middle)


def _text(compiled: Any) -> str:
    from jax._src.lib import hlo  # pyright: ignore[reportAttributeAccessIssue]

    options = hlo.HloPrintOptions()
    options.print_large_constants = True
    return "\n".join(module.to_string(options) for module in compiled.runtime_executable().hlo_modules())


def _dump_folder() -> Path:
    found = re.search(r"--xla_dump_to=(\S+)", os.environ.get("XLA_FLAGS", ""))
    if found is None:
        raise RuntimeError("compile_for_gpu: must run in a process with target.environment, got one without")
    return Path(found[1])


def environment(dump: str | Path) -> dict[str, str]:
    """The variables of a process that compiles for a GPU and leaves the compiler's notes in ``dump``."""
    paths = [str(WHEELS), str(ROOT), os.environ.get("PYTHONPATH", "")]
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "JAX_PLATFORMS": "cpu",
        "JAX_SKIP_CUDA_CONSTRAINTS_CHECK": "1",
        "XLA_FLAGS": f"--xla_dump_to={dump} --xla_gpu_autotune_level=0",
    }


def compile_all(table: str, names: Sequence[str], processes: int = 2) -> Iterator[tuple[str, GpuProgram | str]]:
    """Compile programs in processes of their own.

    Args:
        table: "package.module:function"; the function takes a name and gives its ``Source``.
        names: the programs.
        processes: how many at a time.

    Yields:
        A name, and the program or the error that came instead.
    """
    parts = [list(names[i : i + _PART]) for i in range(0, len(names), _PART)]
    with ThreadPoolExecutor(processes) as pool:
        for part in pool.map(lambda part: _in_process(table, part), parts):
            yield from part.items()


_PART = 8  # programs of one process, which takes seconds to start


def _in_process(table: str, names: list[str]) -> dict[str, GpuProgram | str]:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "lrparity.gpu.target", table, folder, json.dumps(names)]
        done = subprocess.run(command, env=environment(folder), capture_output=True, text=True, check=False)
        stored = [Path(folder) / f"{i}.pickle" for i in range(len(names))]
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return {
            name: pickle.loads(path.read_bytes()) if path.exists() else last
            for name, path in zip(names, stored, strict=True)
        }


def _main(table: str, folder: str, names: str) -> None:
    module, function = table.split(":")
    make = getattr(import_module(module), function)
    for i, name in enumerate(json.loads(names)):
        try:
            source = make(name)
            made: Any = compile_for_gpu(source.function, *source.arguments, donate=source.donate)
        except Exception as error:
            made = f"{type(error).__name__}: {error}"
        (Path(folder) / f"{i}.pickle").write_bytes(pickle.dumps(made))


if __name__ == "__main__":
    from lrparity.gpu import target  # its classes, not those of __main__, are what is stored

    target._main(*sys.argv[1:])
