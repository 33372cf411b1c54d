"""What a run leaves: a few numbers of every step, in an ``.npz`` without pickles."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from lrspec import check

from .. import archive

VERSION = 2
# Of each parameter at the beginning of the step, and of its gradient.
QUANTITIES = ("norm", "sum", "largest", "bits", "grad_norm", "grad_most", "grad_least")
NOT_ASKED = -1.0  # the norm of a gradient that torch was not asked for (``requires_grad=False``)


@dataclass(frozen=True)
class Trace:
    """A recorded run. T steps, L parameters, B arrays of a batch."""

    framework: str  # "torch" or "jax"
    names: list[str]  # of the parameters
    shapes: list[tuple[int, ...]]
    loss: np.ndarray  # shape=(T,), float64
    parameters: dict[str, np.ndarray]  # one of ``QUANTITIES`` -> shape=(T, L): float64, and uint32 for "bits"
    batch: np.ndarray  # shape=(T, B), uint32: a checksum that depends on the order

    def save(self, path: str | Path) -> None:
        """Write beside the file and put it in its place at once."""
        head = {"version": VERSION, "framework": self.framework, "names": self.names, "shapes": self.shapes}
        parts = {f"parameters|{key}": value for key, value in self.parameters.items()}
        archive.save(path, head, {"loss": self.loss, "batch": self.batch, **parts})


def load_trace(path: str | Path) -> Trace:
    """What ``Trace.save`` wrote.

    Raises:
        ValueError: no such file, a damaged one, or one of another version.
    """
    try:
        head, arrays = archive.load(path)
        version = head["version"]
        parts = {key.removeprefix("parameters|"): value for key, value in arrays.items() if "|" in key}
        names, shapes = list(head["names"]), [tuple(shape) for shape in head["shapes"]]
        trace = Trace(head["framework"], names, shapes, arrays["loss"], parts, arrays["batch"])
        whole = all(np.shape(parts[key]) == (len(trace.loss), len(names)) for key in QUANTITIES)
    except archive.DAMAGED as error:
        _refuse(path, f"{type(error).__name__} {str(error)[:80]}")
    if version != VERSION:
        check.fail("load_trace", "path", f"must be a trace of version {VERSION}", f"{path}: version {version}")
    if not whole:
        _refuse(path, "parts of different lengths")
    return trace


def _refuse(path: Any, what: str) -> NoReturn:
    check.fail("load_trace", "path", "must be a trace that a recorder saved", f"{path}: {what}")
    raise AssertionError


def collected(framework: str, names: list[str], shapes: Mapping[str, tuple[int, ...]], steps: list[Any]) -> Trace:
    """A trace of the numbers of all steps: each a dict of "loss", "batch" and ``QUANTITIES``, by parameter."""
    if not steps:
        check.fail("save", "the recorder", "must have recorded a step", "none")
    parts = {
        key: np.array([[one[key][name] for name in names] for one in steps], np.uint32 if key == "bits" else np.float64)
        for key in QUANTITIES
    }
    loss = np.array([one["loss"] for one in steps], np.float64)
    batch = np.array([np.ravel(one["batch"]) for one in steps], np.uint32).reshape(len(steps), -1)
    return Trace(framework, names, [tuple(shapes[name]) for name in names], loss, parts, batch)
