"""The rows of GreedyLR."""

from .rule_cases import rows

GREEDY = (
    *rows(
        "GreedyLR",
        True,
        ("default", dict()),
        ("impatient", dict(patience=0, factor=0.9)),
        ("with pauses", dict(patience=2, cooldown=5, warmup=3, factor=0.8)),
        ("rising metric", dict(mode="max", factor=0.9, patience=3)),
        ("relative threshold", dict(threshold_mode="rel", threshold=1e-3, factor=0.8, patience=1)),
        ("rising, relative", dict(mode="max", threshold_mode="rel", threshold=0.01, factor=0.95, patience=2)),
        ("bounds per group", dict(min_lr=[1e-3, 1e-4, 0.5], max_lr=[0.2, 3e-3, 2.0], factor=0.5, patience=5)),
        ("large eps", dict(eps=1e-2, factor=0.5, patience=5)),
        ("the mean of a window", dict(smooth=True, window_size=7, patience=3)),
        ("the mean of one", dict(smooth=True, window_size=1, patience=3)),
        ("begun anew", dict(patience=1, factor=0.5, min_lr=0.01, max_lr=0.02, reset_start=3)),
        ("begun anew with a mean", dict(patience=0, factor=0.5, min_lr=0.01, reset_start=2, smooth=True, cooldown=2)),
    ),
)
