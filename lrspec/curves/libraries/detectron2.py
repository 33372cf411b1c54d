"""The schedules of detectron2 (``detectron2/solver/build.py`` and ``lr_scheduler.py``, 0.6): fvcore's with a warm-up.

Values are multiples of each group's own rate. The rate of iteration t is fvcore's at ``where`` t / MAX_ITER. A warm-up
multiplies what the schedule has at its begin by warmup_factor and goes to what the schedule has at its end, so that the
schedule runs on underneath it, instead of after it.
"""

from typing import Any

from ... import check
from ..curve import Curve, formula
from ..named import named
from . import fvcore
from ._shared import curves_of, ordered


@named("detectron2")
def warmup_param_scheduler(
    scheduler: Curve, warmup_factor: float, warmup_length: float, warmup_method: str = "linear"
) -> Curve:
    """A warm-up at the beginning of one of fvcore's curves, of the part ``where`` of the run that is over.

    "linear" goes from warmup_factor * scheduler(0) to scheduler(warmup_length), "constant" stays at the first; from
    where + 1e-6 > warmup_length on it is scheduler(where). Equal to detectron2's ``WarmupParamScheduler``.

    Args:
        scheduler: one of fvcore's curves.
        warmup_factor: in [0, 1].
        warmup_length: the part of the run, in (0, 1).
        warmup_method: "linear" or "constant".

    Raises:
        TypeError: something that is no curve.
        ValueError: a number out of its range.

    >>> from lrspec.curves import fvcore
    >>> warm = warmup_param_scheduler(fvcore.constant_param_scheduler(1.0), 0.0, 0.5)
    >>> [warm(t / 4) for t in range(4)]
    [0.0, 0.5, 1.0, 1.0]
    """
    where = "detectron2.warmup_param_scheduler"
    check.between(where, "warmup_length", warmup_length, 0, 1, ends="()")
    return _warmed(where, scheduler, warmup_factor, warmup_length, warmup_method)


def _warmed(where: str, scheduler: Curve, factor: float, length: float, method: str) -> Curve:
    (scheduler,) = curves_of(where, "scheduler", [scheduler])
    start, end = check.between(where, "warmup_factor", factor, 0, 1) * scheduler(0.0), scheduler(length)
    if check.one_of(where, "warmup_method", method, ("linear", "constant")) == "linear":
        warm_up = fvcore.linear_param_scheduler(start, end)
    else:
        warm_up = fvcore.constant_param_scheduler(start)
    return fvcore.composite_param_scheduler([warm_up, scheduler], [length, 1 - length], ["rescaled", "fixed"])


def _in_iterations(where: str, scheduler: Curve, max_iter: int, factor: float, warmup_iters: int, method: str) -> Curve:
    if check.integer(where, "warmup_iters", warmup_iters, 0) >= max_iter:
        check.fail(where, "warmup_iters", f"must be below max_iter, {max_iter}", warmup_iters)
    if warmup_iters:
        scheduler = _warmed(where, scheduler, factor, warmup_iters / max_iter, method)
    return formula(lambda m, t: scheduler.factor(m, t / max_iter))


@named("detectron2")
def warmup_multi_step_lr(
    max_iter: int,
    steps: Any,
    gamma: float = 0.1,
    warmup_factor: float = 0.001,
    warmup_iters: int = 1000,
    warmup_method: str = "linear",
) -> Curve:
    """``LR_SCHEDULER_NAME: WarmupMultiStepLR``: a warm-up, and drops at some iterations.

    gamma ** (the number of steps that are t or less), with the warm-up of ``warmup_param_scheduler``. Equal to what
    detectron2's ``build_lr_scheduler`` makes; a joint comes up to 1e-6 of the run early, which in a run of more than a
    million iterations is an iteration or more.

    Args:
        max_iter: SOLVER.MAX_ITER, an integer above the steps.
        steps: SOLVER.STEPS, increasing integers. detectron2 leaves out with a warning what is above max_iter.
        gamma: SOLVER.GAMMA, at least 0.
        warmup_factor: SOLVER.WARMUP_FACTOR, in [0, 1].
        warmup_iters: SOLVER.WARMUP_ITERS, an integer, at least 0 and below max_iter; 0 for no warm-up.
        warmup_method: SOLVER.WARMUP_METHOD, "linear" or "constant".

    Raises:
        TypeError: steps that are no list.
        ValueError: a number out of its range.

    >>> [warmup_multi_step_lr(8, [4, 6], 0.5, 0.0, 2)(count) for count in range(8)]
    [0.0, 0.5, 1.0, 1.0, 0.5, 0.5, 0.25, 0.25]
    """
    where = "detectron2.warmup_multi_step_lr"
    check.integer(where, "max_iter", max_iter, 1)
    gamma = check.at_least(where, "gamma", gamma, 0)
    values = [gamma**k for k in range(len(steps) + 1)]
    scheduler = fvcore.multi_step_param_scheduler(values, max_iter, steps)
    return _in_iterations(where, scheduler, max_iter, warmup_factor, warmup_iters, warmup_method)


@named("detectron2")
def warmup_cosine_lr(
    max_iter: int,
    base_lr: float = 0.001,
    base_lr_end: float = 0.0,
    warmup_factor: float = 0.001,
    warmup_iters: int = 1000,
    warmup_method: str = "linear",
) -> Curve:
    """``LR_SCHEDULER_NAME: WarmupCosineLR``: a warm-up, and half a cosine over the whole run.

    e + 0.5 * (1 - e) * (1 + cos(pi * t / max_iter)), with e = base_lr_end / base_lr and the warm-up of
    ``warmup_param_scheduler``. Equal to what detectron2's ``build_lr_scheduler`` makes.

    Args:
        max_iter: SOLVER.MAX_ITER, an integer, at least 1.
        base_lr: SOLVER.BASE_LR, above 0; of use for e alone.
        base_lr_end: SOLVER.BASE_LR_END, from 0 to base_lr.
        warmup_factor: SOLVER.WARMUP_FACTOR, in [0, 1].
        warmup_iters: SOLVER.WARMUP_ITERS, an integer, at least 0 and below max_iter; 0 for no warm-up.
        warmup_method: SOLVER.WARMUP_METHOD, "linear" or "constant".

    Raises:
        ValueError: a number out of its range, base_lr_end above base_lr.

    >>> [round(warmup_cosine_lr(8, 1.0, 0.0, 0.0, 2)(count), 3) for count in range(8)]
    [0.0, 0.427, 0.854, 0.691, 0.5, 0.309, 0.146, 0.038]
    """
    where = "detectron2.warmup_cosine_lr"
    check.integer(where, "max_iter", max_iter, 1)
    end = check.rate_of(where, "base_lr_end", base_lr_end)
    ordered(where, ("base_lr_end", end), ("base_lr", check.above(where, "base_lr", base_lr, 0)))
    scheduler = fvcore.cosine_param_scheduler(1, end / base_lr)
    return _in_iterations(where, scheduler, max_iter, warmup_factor, warmup_iters, warmup_method)
