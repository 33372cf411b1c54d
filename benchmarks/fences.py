"""What exactness costs: every optimizer with its fences against the same without them."""

from typing import Any

from . import optimizer_step
from .optimizers import OPTIMIZERS
from .plan import Case, Contender, Results, Run, Target, ratio

TITLE = "Cost of exactness"
QUESTION = (
    "The same compiled step with the fences that make every bit torch's (`lrjax step`) and with the fences taken out "
    "(`no fences`: the same rule, bits not equal), beside optax and torch."
)
COLUMNS = {"temporaries": "temporaries (x parameters)"}
MILLION = 1_000_000


def cases(short: bool, device: str) -> list[Case]:
    """Every optimizer on 5M and 50M parameters."""
    del device
    if short:
        return [_case("SGD", 20_000, True)]
    return [_case(name, size * MILLION, False) for size in (5, 50) for name in OPTIMIZERS]


def _case(name: str, size: int, short: bool) -> Case:
    row, rounding = OPTIMIZERS[name], optimizer_step.ROUNDING
    contenders = [
        Contender("torch foreach", "torch"),
        *[Contender("torch fused", "torch", rounding)] * row.fused,
        Contender("lrjax step", "jax", rounding),
        Contender("no fences", "jax, no fences", rounding),
        *[Contender("optax", "jax", optimizer_step.OTHER_ROUNDING if row.same_rule else None)] * bool(row.counterpart),
    ]
    settings = {"optimizer": name, "layout": "tensor", "size": size}
    rounds, seconds = (1, 0.0) if short else (5, 0.03)
    return Case(f"{name}, {size / MILLION:g}M", settings, contenders, rounds, seconds)


def make(contender: str, settings: dict[str, Any], device: str) -> Run:
    """A contender in its process; that of "no fences" has taken them down when it started."""
    return optimizer_step.make("lrjax step" if contender == "no fences" else contender, settings, device)


def take_down() -> None:
    """Make every fence of this process the identity. Called before anything is traced."""
    from lrjax import kernels

    kernels._fence = lambda x, zero: x  # type: ignore[assignment]
    kernels._tie = lambda divisor, x, zero: divisor  # type: ignore[assignment]


def targets(results: Results) -> list[Target]:
    """The fences cost under 5 %."""
    return [
        Target(f"{case}: with fences over without", ratio(results, case, "lrjax step", "no fences"), 1.05, False)
        for case in results
    ]
