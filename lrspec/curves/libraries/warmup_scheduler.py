"""The curve of ildoonet's pytorch-gradual-warmup-lr (``warmup_scheduler/scheduler.py``, warmup-scheduler 0.3)."""

from ... import check
from ..combined import no_captures, read_curves, sequence
from ..curve import Curve, formula
from ..held import const
from ..named import named


@named("warmup_scheduler")
def gradual_warmup_scheduler(multiplier: float, total_epoch: int, after_scheduler: Curve | None = None) -> Curve:
    """``GradualWarmupScheduler``: from the group's rate up to a multiple of it, or from 0 to it, then another curve.

    With n = total_epoch, and the group's rate lr ("Accurate, Large Minibatch SGD")::

        lr * (t / n)                                    for t <= n, where multiplier is 1
        lr * ((multiplier - 1) * t / n + 1)             for t <= n, where it is more
        after(t - n - 1) of the rate lr * multiplier    then

    The curve after it begins one count late, so that the peak comes twice. Equal in every bit to 0.3 with a LambdaLR
    after it. torch's other schedulers go on there from rates that they find, and the copy on GitHub, which is not 0.3,
    gives them one rate without the multiplier.

    Args:
        multiplier: the peak over the group's rate, at least 1.
        total_epoch: n, an integer, at least 1.
        after_scheduler: what comes then, a curve that does not start from ``CURRENT``; None for the peak.

    Raises:
        TypeError: an after_scheduler that is no curve.
        ValueError: a number out of its range.

    >>> from lrspec.curves import linear
    >>> [gradual_warmup_scheduler(4.0, 2, linear(2, 1.0, 0.0))(count) for count in range(6)]
    [1.0, 2.5, 4.0, 4.0, 2.0, 0.0]
    """
    where = "warmup_scheduler.gradual_warmup_scheduler"
    times = check.at_least(where, "multiplier", multiplier, 1)
    n = check.integer(where, "total_epoch", total_epoch, 1)
    after = const() if after_scheduler is None else read_curves(where, (after_scheduler,))[0]
    no_captures(where, after)
    rising = formula(lambda m, t: t / n if times == 1 else (times - 1.0) * t / n + 1.0, n)
    above = formula(lambda m, t, base: after.rate(m, m.maximum(t - 1, 0), base * times, base * times), relative=False)
    return sequence(rising, above, closed=True)
