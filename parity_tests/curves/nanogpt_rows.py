"""nanoGPT's curve beside its formula: it is a script, whose function stands between its data and its training."""

import math
from collections.abc import Callable

from lrspec.curves import nanogpt

from .rows import Row

SOURCE = "karpathy/nanoGPT, train.py, get_lr (2024, warm-up of it + 1 over warmup_iters + 1)"


def _get_lr(warmup_iters: int, lr_decay_iters: int, min_lr: float) -> Callable[[int, float], float]:
    def rate(it: int, learning_rate: float) -> float:
        if it < warmup_iters:
            return learning_rate * (it + 1) / (warmup_iters + 1)
        if it > lr_decay_iters:
            return min_lr
        share = (it - warmup_iters) / (lr_decay_iters - warmup_iters)
        return min_lr + 0.5 * (1.0 + math.cos(math.pi * share)) * (learning_rate - min_lr)

    return rate


def _row(id: str, *arguments: int | float) -> Row:
    return Row(id, nanogpt.get_lr(*arguments), _get_lr(*arguments), SOURCE)  # type: ignore[arg-type]


ROWS = [
    _row("warm-up and floor", 100, 1500, 6e-5),
    _row("no warm-up", 0, 977, 1e-4),
    _row("a warm-up of one, a floor of 0", 1, 1999, 0.0),
    _row("a decay of one", 500, 501, 0.003),
    _row("longer than the test", 2000, 600_000, 6e-5),
]
