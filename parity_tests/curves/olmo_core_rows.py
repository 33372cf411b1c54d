"""OLMo-core's curves beside OLMo-core itself."""

from typing import Any

from lrspec.curves import olmo_core

from .rows import Row

CLASSES = {
    "constant_with_warmup": "ConstantWithWarmup",
    "cos_with_warmup": "CosWithWarmup",
    "cos_with_warmup_and_linear_decay": "CosWithWarmupAndLinearDecay",
    "half_cos_with_warmup": "HalfCosWithWarmup",
    "inv_sqrt_with_warmup": "InvSqrtWithWarmup",
    "linear_with_warmup": "LinearWithWarmup",
    "power_lr": "PowerLR",
    "wsd": "WSD",
    "wsds": "WSDS",
}


def _rows(name: str, table: dict[str, dict[str, Any]]) -> list[Row]:
    make: Any = getattr(olmo_core, name)
    return [Row(f"{name} {id}", make(**given), {"name": CLASSES[name], **given}) for id, given in table.items()]


TO_A_SHARE: dict[str, dict[str, Any]] = {
    "of 100": {"warmup": 100, "t_max": 1500},
    "without a warm-up": {"warmup": 0, "t_max": 977, "alpha_f": 0.0},
    "of a share, from a rate": {"warmup_fraction": 0.123, "t_max": 1999, "alpha_f": 1 / 3, "warmup_min_lr": 1e-4},
    "of one": {"warmup": 1, "t_max": 2, "alpha_f": 0.7},
    "to the end": {"warmup": 7, "t_max": 2000},
}
STABLE: dict[str, dict[str, Any]] = {
    "with a tenth of decay": {"warmup": 100, "t_max": 2000},
    "in counts, past the end": {"warmup": 7, "decay": 333, "decay_fraction": None, "t_max": 1777},
    "in shares, to rates": {
        **{"warmup_fraction": 0.05, "decay_fraction": 0.3, "warmup_min_lr": 1e-4, "decay_min_lr": 2e-4, "t_max": 1999}
    },
    "without a middle": {"warmup": 500, "decay": 1500, "decay_fraction": None, "t_max": 2000},
    "with one of decay": {"warmup": 1, "decay": 1, "decay_fraction": None, "t_max": 2500},
}
ROWS = [
    *_rows("cos_with_warmup", TO_A_SHARE),
    *_rows("linear_with_warmup", TO_A_SHARE),
    *_rows("half_cos_with_warmup", TO_A_SHARE),
    *_rows(
        "cos_with_warmup_and_linear_decay",
        STABLE | {"without a warm-up": {"warmup": 0, "t_max": 1234, "alpha_f": 0.0, "decay_fraction": 0.999}},
    ),
    *_rows("wsd", STABLE),
    *_rows("power_lr", STABLE | {"with another power": {"warmup": 33, "b": -1.3, "t_max": 1999}}),
    *_rows(
        "constant_with_warmup",
        {
            "of 100": {"warmup": 100},
            "of one": {"warmup": 1},
            "of a share": {"warmup_fraction": 0.3, "t_max": 1777, "warmup_min_lr": 1e-3},
            "of all": {"warmup": 3000, "warmup_min_lr": 2e-3},
        },
    ),
    *_rows(
        "inv_sqrt_with_warmup",
        {
            "of 100": {"warmup": 100},
            "of one": {"warmup": 1, "alpha_f": 0.0},
            "from a rate": {"warmup": 777, "alpha_f": 1 / 3, "warmup_min_lr": 1e-3},
            "to itself": {"warmup": 10, "alpha_f": 1.0},
        },
    ),
    *_rows(
        "wsds",
        {
            "of three periods": {"period_lengths": [500, 300, 700], "warmup": 100, "decay": 70},
            "in shares": {"period_lengths": [777, 333], "warmup_fraction": 0.1, "decay_fraction": 0.25},
            "with other peaks": {
                **{"period_lengths": [400, 401, 402], "period_lr_multipliers": [1.0, 0.7, 1 / 3], "warmup": 0},
                **{"decay": 400, "decay_min_lr": 2e-4},
            },
            "without a stable part": {"period_lengths": [100, 50], "warmup": 50, "decay": 50, "warmup_min_lr": 1e-3},
            "of one": {"period_lengths": [3000], "warmup": 1, "decay": 2500, "decay_min_lr": 1e-5},
        },
    ),
]
