"""The schedulers of fvcore (``fvcore/common/param_scheduler.py``, 0.1.5.post20221221), and of ClassyVision before it.

There a scheduler is a function of ``where``, the part of the run that is over, from 0 to below 1. So the curves are as
long as 1, and ``CurveLR(curve, steps_per_unit=N)`` follows one over a run of N updates; ``where`` is then the same
quotient, update / N. A value is a multiple of the group's own rate, as detectron2 uses it. From ``where`` 1 on fvcore
raises, or has no rule; here steps hold their last value and the other formulas go on.
"""

import math
from itertools import accumulate
from typing import Any

from ... import check
from ..curve import Curve, formula
from ..named import named
from ._shared import curves_of, increasing, rates_of

EPSILON = 1e-6  # fvcore's WHERE_EPSILON: a joint begins so much earlier


@named("fvcore")
def constant_param_scheduler(value: float) -> Curve:
    """The same value all the time.

    Equal to fvcore's ``ConstantParamScheduler``.

    Args:
        value: the multiple of the group's rate, at least 0.

    Raises:
        ValueError: a negative value.

    >>> constant_param_scheduler(0.5)(0.75)
    0.5
    """
    value = check.rate_of("fvcore.constant_param_scheduler", "value", value)
    return formula(lambda m, where: value)


@named("fvcore")
def cosine_param_scheduler(start_value: float, end_value: float) -> Curve:
    """Half a cosine from one value to another.

    ::

        end_value + 0.5 * (start_value - end_value) * (1 + cos(pi * where))

    Equal to fvcore's ``CosineParamScheduler``.

    Args:
        start_value: at least 0.
        end_value: at least 0.

    Raises:
        ValueError: a negative value.

    >>> [round(cosine_param_scheduler(1.0, 0.5)(where), 3) for where in (0.0, 0.5, 1.0)]
    [1.0, 0.75, 0.5]
    """
    start, end = rates_of("fvcore.cosine_param_scheduler", "[start_value, end_value]", [start_value, end_value])
    return formula(lambda m, where: end + 0.5 * (start - end) * (1 + m.cos(math.pi * where)))


@named("fvcore")
def exponential_param_scheduler(start_value: float, decay: float) -> Curve:
    """From one value to a part of it: start_value * decay ** where.

    Equal to fvcore's ``ExponentialParamScheduler``.

    Args:
        start_value: at least 0.
        decay: what is left of it at the end, in (0, 1].

    Raises:
        ValueError: a number out of its range.

    >>> [exponential_param_scheduler(1.0, 0.25)(where) for where in (0.0, 0.5, 1.0)]
    [1.0, 0.5, 0.25]
    """
    name = "fvcore.exponential_param_scheduler"
    start = check.rate_of(name, "start_value", start_value)
    decay = check.between(name, "decay", decay, 0, 1, ends="(]")
    return formula(lambda m, where: start * (decay**where))


@named("fvcore")
def linear_param_scheduler(start_value: float, end_value: float) -> Curve:
    """A line from one value to another: end_value * where + start_value * (1 - where).

    Equal to fvcore's ``LinearParamScheduler``.

    Args:
        start_value: at least 0.
        end_value: at least 0.

    Raises:
        ValueError: a negative value.

    >>> [linear_param_scheduler(0.0, 1.0)(where) for where in (0.0, 0.25, 0.5)]
    [0.0, 0.25, 0.5]
    """
    start, end = rates_of("fvcore.linear_param_scheduler", "[start_value, end_value]", [start_value, end_value])
    return formula(lambda m, where: m.maximum(0.0, end * where + start * (1 - where)))


@named("fvcore")
def polynomial_decay_param_scheduler(base_value: float, power: float) -> Curve:
    """From a value down to 0, which is held: base_value * (1 - where) ** power.

    Equal to fvcore's ``PolynomialDecayParamScheduler``.

    Args:
        base_value: at least 0.
        power: above 0.

    Raises:
        ValueError: a number out of its range.

    >>> [polynomial_decay_param_scheduler(1.0, 2.0)(where) for where in (0.0, 0.5, 1.0)]
    [1.0, 0.25, 0.0]
    """
    name = "fvcore.polynomial_decay_param_scheduler"
    base, power = check.rate_of(name, "base_value", base_value), check.above(name, "power", power, 0)
    return formula(lambda m, where: base * m.maximum(1 - where, 0.0) ** power)


@named("fvcore")
def multi_step_param_scheduler(values: Any, num_updates: int | None = None, milestones: Any = None) -> Curve:
    """A value for each piece of the run; the next begins at a milestone.

    The piece is the one after as many milestones as are ``int((where + 1e-6) * num_updates)`` or less. Equal to
    fvcore's ``MultiStepParamScheduler``.

    Args:
        values: one for each piece.
        num_updates: the length in which milestones count; None: the last of them is its end.
        milestones: increasing integers, one fewer than the values with num_updates, else as many; None: pieces of
            ``ceil(num_updates / len(values))``.

    Raises:
        TypeError: something that is no list.
        ValueError: a number out of its range, lists that do not fit.

    >>> [multi_step_param_scheduler([1.0, 0.5, 0.25], 8, [2, 6])(t / 8) for t in (0, 1, 2, 5, 6, 7)]
    [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]
    """
    name = "fvcore.multi_step_param_scheduler"
    found = rates_of(name, "values", values)
    if num_updates is None and milestones is None:
        check.fail(name, "milestones", "must be given where num_updates is not", milestones)
    if milestones is None:
        width = math.ceil(check.integer(name, "num_updates", num_updates, 1) / float(len(found)))
        counts = [width * i for i in range(1, len(found))]
    else:
        counts = increasing(name, "milestones", milestones, 1)
        if len(counts) != (needed := len(found) - (num_updates is not None)):
            check.fail(name, "milestones", f"must be {needed} for {len(found)} values", milestones)
    n = counts.pop() if num_updates is None else check.integer(name, "num_updates", num_updates, 1)
    if n < len(found) or (counts and counts[-1] >= n):
        rule = f"must be above the milestones, {counts}, and at least the number of values, {len(found)}"
        check.fail(name, "num_updates", rule, n)
    return formula(lambda m, where: m.entry(found, m.passed(counts, m.floor((where + EPSILON) * n))))


@named("fvcore")
def step_param_scheduler(num_updates: float, values: Any) -> Curve:
    """A value for each of as many equal pieces of the run.

    ``values[int((where + 1e-6) * len(values))]``, and the last one from there on. Equal to fvcore's
    ``StepParamScheduler``, which does not use num_updates, either.

    Args:
        num_updates: above 0.
        values: one at least.

    Raises:
        TypeError: values that are no list.
        ValueError: a number out of its range.

    >>> [step_param_scheduler(4, [1.0, 0.5])(t / 4) for t in range(4)]
    [1.0, 1.0, 0.5, 0.5]
    """
    check.above("fvcore.step_param_scheduler", "num_updates", num_updates, 0)
    return _steps("fvcore.step_param_scheduler", values)


def _steps(name: str, values: Any) -> Curve:
    if not (found := rates_of(name, "values", values)):
        check.fail(name, "values", "must be one at least", values)
    n = len(found)
    return formula(lambda m, where: m.entry(found, m.minimum(m.floor((where + EPSILON) * n), n - 1)))


@named("fvcore")
def step_with_fixed_gamma_param_scheduler(base_value: float, num_decays: int, gamma: float, num_updates: int) -> Curve:
    """The same drop after each of num_decays + 1 equal pieces of the run.

    Equal to fvcore's ``StepWithFixedGammaParamScheduler``.

    Args:
        base_value: the first value, above 0.
        num_decays: how many drops, an integer, at least 1.
        gamma: the factor of a drop, above 0.
        num_updates: an integer, at least 1; not used, as in fvcore.

    Raises:
        ValueError: a number out of its range.

    >>> [step_with_fixed_gamma_param_scheduler(1.0, 1, 0.5, 4)(t / 4) for t in range(4)]
    [1.0, 1.0, 0.5, 0.5]
    """
    name = "fvcore.step_with_fixed_gamma_param_scheduler"
    base, gamma = check.above(name, "base_value", base_value, 0), check.above(name, "gamma", gamma, 0)
    check.integer(name, "num_updates", num_updates, 1)
    decays = check.integer(name, "num_decays", num_decays, 1)
    return _steps(name, list(accumulate([gamma] * decays, lambda value, factor: value * factor, initial=base)))


@named("fvcore")
def composite_param_scheduler(schedulers: Any, lengths: Any, interval_scaling: Any) -> Curve:
    """Several of these curves one after the other, each for a part of the run.

    A curve is in charge until where + 1e-6 is above the sum of the lengths so far. "rescaled" runs it from its own
    begin to its end, (where - start) / length; "fixed" gives it the ``where`` of the whole run. Equal to fvcore's
    ``CompositeParamScheduler``, whose last length is repaired where the sum is off by up to 1e-3, here by 1e-9.

    Args:
        schedulers: a list of fvcore's curves.
        lengths: the part of the run of each, above 0, in all 1.
        interval_scaling: "rescaled" or "fixed" for each.

    Raises:
        TypeError: something that is no list or no curve.
        ValueError: lists that do not fit, lengths that do not add up to 1, curves that are not relative.

    >>> parts = [linear_param_scheduler(0.0, 1.0), constant_param_scheduler(1.0)]
    >>> [composite_param_scheduler(parts, [0.5, 0.5], ["rescaled", "fixed"])(t / 4) for t in range(4)]
    [0.0, 0.5, 1.0, 1.0]
    """
    name = "fvcore.composite_param_scheduler"
    curves = curves_of(name, "schedulers", schedulers)
    parts = [check.above(name, f"lengths[{i}]", n, 0) for i, n in enumerate(rates_of(name, "lengths", lengths))]
    if not len(curves) == len(parts) == len(interval_scaling):
        check.fail(name, "lengths", f"and interval_scaling must be as many as the schedulers, {len(curves)}", lengths)
    if abs(sum(parts) - 1.0) > 1e-9:
        check.fail(name, "lengths", f"must add up to 1, not {sum(parts)}", lengths)
    for i, scaling in enumerate(interval_scaling):
        check.one_of(name, f"interval_scaling[{i}]", scaling, ("rescaled", "fixed"))
        if not curves[i].is_relative():
            check.fail(name, f"schedulers[{i}]", "must be multiples of the group's rate", curves[i])
    if sum(parts) != 1.0:
        parts[-1] = 1.0 - sum(parts[:-1])
    ends = list(accumulate(parts))

    def value(m: Any, where: Any, i: int = 0) -> Any:
        rescaled = interval_scaling[i] == "rescaled"
        place = (where - (ends[i] - parts[i])) / parts[i] if rescaled else where
        here = lambda: curves[i].factor(m, place)  # noqa: E731
        if i == len(curves) - 1:
            return here()
        return m.where((where + EPSILON) > ends[i], lambda: value(m, where, i + 1), here)

    return formula(value)
