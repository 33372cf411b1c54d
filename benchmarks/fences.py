"""What exactness costs: every optimizer with its fences against the same without them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from . import optimizer_step
from .optimizers import OPTIMIZERS, OTHER_ROUNDING, sizes
from .plan import Case, Contender, Results, Run, Target, ratio

TITLE = "Cost of exactness"
QUESTION = (
    "The same compiled step with the fences that make every bit torch's (`lrjax step`) and with the fences taken out "
    "(`no fences`: the same rule, bits not equal), in one process and on the same arrays, beside optax and torch."
)
COLUMNS = {"temporaries": "temporaries (x parameters)"}
MILLION = 1_000_000


def cases(short: bool, device: str) -> list[Case]:
    """Every optimizer on 5M and 50M parameters (Muon on 1M, on a CPU)."""
    if short:
        return [_case("SGD", 20_000, True)]
    return [_case(name, size * MILLION, False) for name in OPTIMIZERS for size in sizes(name, device, (5, 50))]


def _case(name: str, size: int, short: bool) -> Case:
    row = OPTIMIZERS[name]
    forms = [form for form in row.forms if form in ("foreach", "fused")]  # not Muon's: minutes, in optimizer_step
    contenders = [
        *[Contender(f"torch {form}", "torch", row.rounding) for form in forms],
        Contender("lrjax step", "jax", row.rounding),
        Contender("no fences", "jax", row.rounding),
        *[Contender("optax", "jax", OTHER_ROUNDING if row.same_rule else None)] * bool(row.counterpart),
    ]
    settings = {"optimizer": name, "layout": row.layout, "size": size}
    rounds, seconds = (1, 0.0) if short else (31 if size < 10 * MILLION else 15, 0.02)
    return Case(f"{name}, {size / MILLION:g}M", settings, contenders, rounds, seconds)


_lent: list[list[Any] | None] = [None]  # the arrays of the run with fences, for the one without


def make(contender: str, settings: dict[str, Any], device: str) -> Run:
    """A contender in its process."""
    if contender == "no fences":
        with fences_down():
            return optimizer_step.make("lrjax step", settings, device, shared=_lent[0])
    _lent[0] = None
    run = optimizer_step.make(contender, settings, device)
    _lent[0] = run.buffers if contender == "lrjax step" else None
    return run


@contextmanager
def fences_down() -> Iterator[None]:
    """What is traced inside has none: every fence is the identity."""
    import jax

    from lrjax import kernels

    held = kernels._fence, kernels._tie
    jax.clear_caches()  # what was traced with them
    kernels._fence = lambda x, zero: x  # type: ignore[assignment]
    kernels._tie = lambda divisor, x, zero: divisor  # type: ignore[assignment]
    try:
        yield
    finally:
        kernels._fence, kernels._tie = held
        jax.clear_caches()


def targets(results: Results) -> list[Target]:
    """The fences cost under 5 %."""
    return [
        Target(f"{case}: with fences over without", ratio(results, case, "lrjax step", "no fences"), 1.05, False)
        for case in results
    ]
