"""MiniCPM's curves beside their formulas: its training code is no package, and needs BMTrain and a GPU."""

import math
from collections.abc import Callable

from lrspec.curves import minicpm

from .rows import Row

SOURCE = "MiniCPM's training schedulers for BMTrain (WarmupStableExp, WarmupStableDrop, Cosine); arXiv:2404.06395"
Rate = Callable[[int, float], float]


def _exp(warmup_iter: int, drop_begin: int, drop_iter: int, drop_rate: float = 0.5) -> Rate:
    def rate(n: int, lr: float) -> float:
        if n < warmup_iter:
            return lr * n / warmup_iter
        return lr * drop_rate ** ((n - drop_begin) / drop_iter) if n > drop_begin else lr

    return rate


def _drop(warmup_iter: int, end_iter: int, drop_iter: int) -> Rate:
    def rate(n: int, lr: float) -> float:
        if n < warmup_iter:
            return lr * n / warmup_iter
        return lr * (0.1 + max(0.9 * (end_iter - n) / drop_iter, 0)) if n > end_iter - drop_iter else lr

    return rate


def _cosine(warmup_iter: int, end_iter: int) -> Rate:
    def rate(n: int, lr: float) -> float:
        if n < warmup_iter:
            return lr * n / warmup_iter
        progress = min((n - warmup_iter) / max(1, end_iter - warmup_iter), 1)
        return max(lr * 0.1, lr * (0.1 + 0.45 * (1.0 + math.cos(progress * math.pi))))

    return rate


EXP = [(100, 1500, 200), (0, 0, 977, 0.3), (333, 333, 5000, 0.9), (1, 1999, 1, 0.5), (7, 100, 13, 1.0)]
DROP = [(100, 1500, 200), (0, 977, 977), (333, 1500, 1167), (1, 1999, 1), (2001, 5000, 7)]
COSINE = [(100, 1500), (0, 977), (1, 1999), (777, 778), (10, 12345)]
ROWS = [
    *(Row(f"warmup_stable_exp{given}", minicpm.warmup_stable_exp(*given), _exp(*given), SOURCE) for given in EXP),
    *(Row(f"warmup_stable_drop{given}", minicpm.warmup_stable_drop(*given), _drop(*given), SOURCE) for given in DROP),
    *(Row(f"cosine{given}", minicpm.cosine(*given), _cosine(*given), SOURCE) for given in COSINE),
]
