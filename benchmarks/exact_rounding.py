"""What exactness costs: every optimizer as it is, against the same with its rounding left to the compiler."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from . import optimizer_step
from .machinery.measurement import Case, Contender, Results, Run, Target, ratio
from .machinery.optimizer_table import OPTIMIZERS, OTHER_ROUNDING, sizes

TITLE = "Cost of exactness"
BASELINE = ("no fences",)
QUESTION = (
    "The same compiled step with the arithmetic that makes every bit torch's (`lrjax step`), and with rounding left to "
    "the compiler (`no fences`: none, and `a * b + c` for a multiply-add; bits not equal), in one process and on the "
    "same arrays, beside optax and torch."
)
NOTES = """\
A multiply-add that rounds once whatever a compiler does takes some 18 float64 instructions, where the processor's own
takes one float32 instruction for twice as many numbers; how much of it hides behind the memory depends on the machine.
An optimizer with coupled weight decay has one more, which is computed also where the decay is 0, since it may be set by
hand. Tried and no faster: the sum's error by comparing magnitudes first, and rounding to odd only next to the middle of
two float32. Tried and slower: the decay in a conditional, or in a loop of one turn or none (2 to 6 more temporaries,
four times the time). Not an option: to leave it to the compiler, which contracts some multiply-adds and not others."""
COLUMNS = {"temporaries": "temporaries (x parameters)"}
MILLION = 1_000_000


def cases(short: bool, device: str) -> list[Case]:
    """Every optimizer on 10M and 50M parameters (Muon on 1M, on a CPU): with and without, then beside the others."""
    kinds = (_with_and_without, _beside_others)
    if short:
        return [kind("SGD", 20_000) for kind in kinds]
    millions = [(name, size * MILLION) for name in OPTIMIZERS for size in sizes(name, device, (10, 50))]
    return [kind(name, size) for name, size in millions for kind in kinds]


def _with_and_without(name: str, size: int) -> Case:
    rounding = OPTIMIZERS[name].rounding
    contenders = [Contender("lrjax step", "jax"), Contender("no fences", "jax", rounding)]
    rounds = 101 if size < 10 * MILLION else 41  # a ratio near 1, to a hundredth or two
    return _case(name, size, contenders, rounds, "")


def _beside_others(name: str, size: int) -> Case:
    row = OPTIMIZERS[name]
    forms = [form for form in row.forms if form in ("foreach", "fused")]  # not Muon's: minutes, in optimizer_step
    contenders = [
        *[Contender(f"torch {form}", "torch", row.rounding) for form in forms],
        Contender("lrjax step", "jax", row.rounding),
        *[Contender("optax", "jax", OTHER_ROUNDING if row.same_rule else None)] * bool(row.counterpart),
    ]
    return _case(name, size, contenders, 5, ", beside others")


def _case(name: str, size: int, contenders: list[Contender], rounds: int, more: str) -> Case:
    settings = {"optimizer": name, "layout": OPTIMIZERS[name].layout, "size": size}
    return Case(f"{name}, {size / MILLION:g}M{more}", settings, contenders, rounds, seconds=0.02)


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
    """What is traced inside leaves rounding to the compiler: no fences, and a multiply-add is ``a * b + c``."""
    import jax

    from lrjax.arithmetic import exact

    names = ("_fence", "_tie", "_fma_float32")
    held = [getattr(exact, name) for name in names]
    left_to_the_compiler = (lambda x, zero: x, lambda divisor, x, zero: divisor, lambda a, b, c: a * b + c)
    jax.clear_caches()  # what was traced with them
    for name, function in zip(names, left_to_the_compiler, strict=True):
        setattr(exact, name, function)
    try:
        yield
    finally:
        for name, function in zip(names, held, strict=True):
            setattr(exact, name, function)
        jax.clear_caches()


def targets(results: Results) -> list[Target]:
    """Exactness costs under 5 %."""
    return [
        Target(f"{case}: exact over left to the compiler", ratio(results, case, "lrjax step", "no fences"), 1.05, False)
        for case, outcomes in results.items()
        if "no fences" in outcomes
    ]
