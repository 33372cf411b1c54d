"""nanochat's curves beside their formulas: a script, whose functions stand between its data and its training."""

import math
from collections.abc import Callable
from typing import Any

from lrspec.curves import nanochat

from .rows import Row

SOURCE = "karpathy/nanochat, scripts/base_train.py, commit 00255c194d47108c3b50c11df19cbba089337ec3"


def _multiplier(n: int, warmup: int = 40, ratio: float = 0.65, last: float = 0.05) -> Callable[[int, float], float]:
    def rate(it: int, base: float) -> float:
        down = round(ratio * n)
        if it < warmup:
            return base * ((it + 1) / warmup)
        if it <= n - down:
            return base * 1.0
        progress = (n - it) / down
        return base * (progress * 1.0 + (1 - progress) * last)

    return rate


def _momentum(n: int, ratio: float = 0.65) -> Callable[[int, float], float]:
    def momentum(it: int, base: float) -> float:
        del base
        down = round(ratio * n)
        if it < 400:
            return (1 - it / 400) * 0.85 + it / 400 * 0.97
        if it >= n - down:
            progress = (it - (n - down)) / down
            return 0.97 * (1 - progress) + 0.90 * progress
        return 0.97

    return momentum


def _decay(n: int) -> Callable[[int, float], float]:
    return lambda it, base: base * 0.5 * (1 + math.cos(math.pi * it / n))


def _row(id: str, make: Any, original: Any, *arguments: Any, target: str = "lr") -> Row:
    return Row(id, make(*arguments), original(*arguments), SOURCE, target=target)


_LR = nanochat.get_lr_multiplier, _multiplier
_MOMENTUM = nanochat.get_muon_momentum, _momentum
_DECAY = nanochat.get_weight_decay, _decay

ROWS = [
    _row("rate with the defaults, and past the end", *_LR, 1700),
    _row("rate without a warm-up", *_LR, 1999, 0, 0.31, 0.0),
    _row("rate with a warm-up of one, all warm-down", *_LR, 977, 1, 0.999, 1 / 3),
    _row("rate without a stable part", *_LR, 1000, 500, 0.5, 0.1),
    _row("rate without a warm-down", *_LR, 2000, 500, 0.0),
    _row("momentum with the defaults", *_MOMENTUM, 2000, target="momentum"),
    _row("momentum of a short run", *_MOMENTUM, 900, 0.7, target="momentum"),
    _row("momentum whose warm-down meets its warm-up", *_MOMENTUM, 800, 0.5, target="momentum"),
    _row("momentum without a warm-down", *_MOMENTUM, 2000, 0.0, target="momentum"),
    _row("weight decay", *_DECAY, 2000, target="weight_decay"),
    _row("weight decay, past the end", *_DECAY, 977, target="weight_decay"),
    _row("weight decay of a long run", *_DECAY, 20_011, target="weight_decay"),
    _row("weight decay of one iteration", *_DECAY, 1, target="weight_decay"),
]
