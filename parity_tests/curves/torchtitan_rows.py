"""torchtitan's curve beside torchtitan itself."""

from typing import Any

from lrspec.curves import torchtitan

from .rows import Row


def _row(id: str, **fields: Any) -> Row:
    return Row(id, torchtitan.linear_warmup_stable_decay(**fields), fields)


ROWS = [
    _row("linear after the warm-up, and past the end", warmup_steps=200, total_steps=1500),
    _row("no warm-up", warmup_steps=0, total_steps=2000),
    _row("a warm-up of one step, sqrt", warmup_steps=1, total_steps=977, decay_ratio=0.31, decay_type="sqrt"),
    _row(
        "cosine with a floor",
        warmup_steps=97,
        total_steps=1999,
        decay_ratio=0.5,
        decay_type="cosine",
        min_lr_factor=0.1,
    ),
    _row("sqrt with a floor", warmup_steps=13, total_steps=1013, decay_type="sqrt", min_lr_factor=1 / 3),
    _row("linear with a floor, warm-up and decay fill the run", warmup_steps=777, total_steps=1110, decay_ratio=0.3),
    _row("all warm-up", warmup_steps=2000, total_steps=2000),
    _row("never a decay", warmup_steps=10, total_steps=2000, decay_ratio=0.0),
]
