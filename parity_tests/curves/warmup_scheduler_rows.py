"""The gradual warm-up beside the package itself."""

from lrspec.curves import Curve, formula, warmup_scheduler

from .rows import Row


def _row(multiplier: float, total_epoch: int, after: float | None) -> Row:
    curve: Curve | None = None
    if after is not None:
        curve = formula(lambda m, t: 1 - t / after if after > 1 else after**t)
    asked = {"multiplier": multiplier, "total_epoch": total_epoch, "after": after}
    id = f"{multiplier} in {total_epoch}" + (f", then {after}" if after is not None else "")
    return Row(id, warmup_scheduler.gradual_warmup_scheduler(multiplier, total_epoch, curve), asked)


ROWS = [
    _row(1.0, 100, None),
    _row(8.0, 977, None),
    _row(1.0, 333, 0.999),
    _row(2.5, 7, 0.99),
    _row(1.1, 1, 1999.0),
    _row(3.0, 1500, 777.0),
    _row(3.0, 5000, 0.5),
]
