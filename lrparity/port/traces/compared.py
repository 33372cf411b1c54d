"""Two recorded runs: where they part, what came first, and whether rounding explains it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lrspec import check

from .trace import NOT_ASKED, Trace, load_trace

# Norms and sums of a float32 run are summed in float32 on one side, in float64 on the other: 1e-6 of themselves for
# tensors of a million values. What differs by less is the same; a forward pass rounds to some 1e-6 of the loss.
SAME = {"parameters": 3e-6, "loss": 1e-5, "gradient": 1e-4}
GROWTH = 4.0  # a step makes what is there at most so many times as large; more than that is new
STAGES = ("batch", "parameters", "loss", "gradient", "update")


@dataclass
class TraceResult:
    """Where two runs part. T steps that both have."""

    first: tuple[int, str, str] | None  # step from 0, one of ``STAGES``, parameter or ""; None: nowhere
    sentence: str
    explained: bool | None  # whether rounding explains the distance; None: no twin tells
    distance: np.ndarray  # shape=(T,): the largest relative difference of any parameter's norm, sum or largest value
    twin: np.ndarray | None  # the same between the JAX run and its twin
    notes: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        lines = [self.sentence, *self.notes, "", "step   distance" + ("   twin" if self.twin is not None else "")]
        shown = np.unique(np.linspace(0, len(self.distance) - 1, 8).astype(int)) if len(self.distance) else []
        for t in shown:
            other = f"   {self.twin[t]:.1e}" if self.twin is not None and t < len(self.twin) else ""
            lines.append(f"{t:5d}   {self.distance[t]:.1e}{other}")
        return "\n".join(lines)


def compare_traces(
    torch: Trace | str | Path,
    jax: Trace | str | Path,
    twin: Trace | str | Path | None = None,
    names: Mapping[str, str] | None = None,
) -> TraceResult:
    """Say where two recorded runs part, and whether rounding alone would have brought them as far apart.

    At each step, in this order: are the batches the same, the parameters, the loss, the gradients? The first that is
    not while all before it are is where to look. What differs in the parameters of a step while the batch, the loss and
    the gradients of the step before agreed came from the update between them.

    Args:
        torch: a trace of ``TorchRecorder``, or its file.
        jax: one of ``JaxRecorder``.
        twin: another run of the JAX program, from ``lrparity.perturbed(params)``: how far one unit of the last place
            drives it. With it, chaos and a fault can be told apart.
        names: torch's name -> JAX's path; None: as ``lrjax.match_names`` finds them.

    Raises:
        ValueError: no parameter in common; a file that is no trace.
    """
    a, b = _loaded(torch), _loaded(jax)
    columns = _columns(a, b, names)
    steps = min(len(a.loss), len(b.loss))
    notes = []
    if len(a.loss) != len(b.loss):
        notes.append(f"The runs have {len(a.loss)} and {len(b.loss)} steps: the first {steps} are compared.")
    distance = _distance(a, b, columns, steps)
    first = _first(a, b, columns, distance, steps)
    other, explained = None, None
    if twin is not None:
        c = _loaded(twin)
        n, same = min(steps, len(c.loss)), [(i, i) for i in range(len(b.names))]
        other = _distance(b, c, same, n)
        explained = _explained(first, _first(b, c, same, other, n), distance, other)
    return TraceResult(first, _sentence(first, distance, other, explained, steps), explained, distance, other, notes)


def _loaded(trace: Trace | str | Path) -> Trace:
    return trace if isinstance(trace, Trace) else load_trace(trace)


def _columns(a: Trace, b: Trace, names: Mapping[str, str] | None) -> list[tuple[int, int]]:
    """Pairs of columns that are the same parameter."""
    if names is None and set(a.names) == set(b.names):
        names = {name: name for name in a.names}
    if names is None:
        import jax

        from ..matching import match

        tree = {path: jax.ShapeDtypeStruct(shape, "float32") for path, shape in zip(b.names, b.shapes, strict=True)}
        found = match(dict(zip(a.names, a.shapes, strict=True)), tree, None)
        names = {link.name: link.path for link in found.links.links}
    pairs = [(a.names.index(x), b.names.index(y)) for x, y in names.items() if x in a.names and y in b.names]
    if not pairs:
        check.fail("compare_traces", "names", "must say which torch parameter is which of JAX", dict(names))
    return pairs


def _relative(x: np.ndarray, y: np.ndarray, scale: np.ndarray) -> np.ndarray:
    with np.errstate(all="ignore"):
        gap = np.abs(x - y) / np.maximum(scale, 1e-300)
    both = ~np.isfinite(x) & ~np.isfinite(y)
    return np.where(both | (x == y), 0.0, np.where(np.isfinite(gap), gap, np.inf))


def _parts(a: Trace, b: Trace, columns: list[tuple[int, int]], steps: int) -> np.ndarray:
    """The largest relative difference of each parameter at each step, shape=(steps, parameters); equal bits are 0."""
    i, j = (np.array(side) for side in zip(*columns, strict=True))
    worst = np.zeros((steps, len(columns)))
    norm = np.abs(a.parameters["norm"][:steps, i])
    for key in ("norm", "sum", "largest"):
        x, y = a.parameters[key][:steps, i], b.parameters[key][:steps, j]
        size = np.array([max(1, int(np.prod(a.shapes[k]))) for k in i])
        scale = norm * np.sqrt(size) if key == "sum" else norm  # a sum may vanish; its terms do not
        worst = np.maximum(worst, _relative(x, y, scale))
    same_bits = a.parameters["bits"][:steps, i] == b.parameters["bits"][:steps, j]
    return np.where(same_bits, 0.0, worst)


def _gradients(a: Trace, b: Trace, columns: list[tuple[int, int]], steps: int) -> np.ndarray:
    """The largest difference of each gradient's norm, largest and smallest value, in units of the norm.

    A gradient that torch was not asked for counts as equal.
    """
    i, j = (np.array(side) for side in zip(*columns, strict=True))
    norm = a.parameters["grad_norm"][:steps, i]
    keys = ("grad_norm", "grad_most", "grad_least")
    parts = [_relative(a.parameters[key][:steps, i], b.parameters[key][:steps, j], norm) for key in keys]
    return np.where(norm == NOT_ASKED, 0.0, np.max(parts, axis=0))


def _distance(a: Trace, b: Trace, columns: list[tuple[int, int]], steps: int) -> np.ndarray:
    return _parts(a, b, columns, steps).max(axis=1, initial=0.0)


def _first(
    a: Trace, b: Trace, columns: list[tuple[int, int]], distance: np.ndarray, steps: int
) -> tuple[int, str, str] | None:
    """The first step and stage that differ beyond what rounding makes of one step."""
    parts = _parts(a, b, columns, steps)
    gradients = _gradients(a, b, columns, steps)
    losses = _relative(a.loss[:steps], b.loss[:steps], np.abs(a.loss[:steps]))
    comparable = a.batch.shape[1] == b.batch.shape[1]
    for t in range(steps):
        if comparable and (a.batch[t] != b.batch[t]).any():
            return t, "batch", ""
        if distance[t] > SAME["parameters"] + GROWTH * distance[:t].max(initial=0.0):
            name = a.names[columns[int(np.argmax(parts[t]))][0]]
            return (0, "parameters", name) if t == 0 else (t - 1, "update", name)
        if losses[t] > SAME["loss"] + 10 * distance[t]:
            return t, "loss", ""
        if (gradients[t] > SAME["gradient"] + 100 * distance[t]).any():
            return t, "gradient", a.names[columns[int(np.argmax(gradients[t]))][0]]
    return None


def _explained(first: Any, of_twin: Any, distance: np.ndarray, twin: np.ndarray) -> bool:
    """Whether the twin parts from the JAX run as early, and the runs are never a hundred times as far apart."""
    n = min(len(distance), len(twin))
    near = distance[:n] <= 100 * np.maximum.accumulate(np.maximum(twin[:n], 1e-7))
    if not near.all() or (first is not None and first[1] in ("batch", "parameters")):
        return False
    return first is None or first[1] == "update" or (of_twin is not None and of_twin[0] <= first[0])


def _sentence(first: Any, distance: np.ndarray, twin: Any, explained: bool | None, steps: int) -> str:
    far = (
        f"after {steps} steps the parameters are {distance[-1]:.1e} of themselves apart"
        if steps
        else "no step is common"
    )
    if twin is not None and len(twin):
        n = min(len(distance), len(twin))
        far += f", one unit of the last place alone drives them {twin[n - 1]:.1e} apart"
    if explained:
        return f"The runs are the same but for rounding: {far}."
    if first is None:
        return f"The runs agree at every step: {far}."
    step, stage, name = first
    which = f" of {name}" if name else ""
    where = {
        "batch": f"The batches differ from step {step} on",
        "parameters": f"The parameters{which} differ before the first update",
        "loss": f"The loss of step {step} differs while the batch and the parameters agree: look at the forward pass",
        "gradient": f"The gradient{which} differs at step {step} while the loss agrees: look at the backward pass",
        "update": f"The update{which} of step {step} differs while its gradients agree: compare the optimizers",
    }[stage]
    return f"{where} ({far})."
