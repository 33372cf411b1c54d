"""Megatron's curves beside Megatron itself: the rate and the weight decay, in samples and in iterations."""

from typing import Any

from lrspec.curves import megatron

from .rows import Row


def _lr(id: str, *, max_lr: Any = 0.7, own: Any = None, units: Any = 1, **arguments: Any) -> Row:
    curve = megatron.get_lr(max_lr=max_lr, **arguments, **(own or {}))
    asked = arguments if max_lr is None else {"max_lr": max_lr, **arguments}
    request = {"target": "lr", "increment": units, "arguments": asked, "own_rates": max_lr is None, **(own or {})}
    return Row(id, curve, request, units_per_step=units)


def _wd(id: str, *, units: int = 1, **arguments: Any) -> Row:
    request = {"target": "weight_decay", "increment": units, "arguments": arguments}
    return Row(id, megatron.get_wd(**arguments), request, target="weight_decay", units_per_step=units)


_PLAIN: dict[str, Any] = {"init_lr": 0.0, "min_lr": 0.07, "lr_warmup_steps": 100, "lr_decay_steps": 1700}
_WSD: dict[str, Any] = {**_PLAIN, "lr_decay_style": "WSD", "wsd_decay_steps": 333}
_OWN: dict[str, Any] = {"init_lr": 0.0003, "max_lr": None, "min_lr": 0.0, "lr_warmup_steps": 77, "lr_decay_steps": 1501}

ROWS = [
    _lr("linear", **_PLAIN, lr_decay_style="linear"),
    _lr("cosine", **_PLAIN, lr_decay_style="cosine"),
    _lr("constant", **_PLAIN, lr_decay_style="constant"),
    _lr("inverse square root", **_PLAIN, lr_decay_style="inverse-square-root"),
    _lr("inverse square root on its floor", **(_PLAIN | {"min_lr": 0.3}), lr_decay_style="inverse-square-root"),
    *(
        _lr(f"no warm-up, {style}", **(_PLAIN | {"lr_warmup_steps": 0, "init_lr": 0.3}), lr_decay_style=style)
        for style in ("linear", "cosine", "constant", "inverse-square-root")
    ),
    *(
        _lr(f"WSD {style}", **_WSD, lr_wsd_decay_style=style)
        for style in ("linear", "cosine", "exponential", "minus_sqrt")
    ),
    _lr("WSD without a stable part", **(_WSD | {"wsd_decay_steps": 1600}), lr_wsd_decay_style="minus_sqrt"),
    _lr(
        "WSD of nothing else",
        **(_WSD | {"wsd_decay_steps": 1700, "lr_warmup_steps": 0}),
        lr_wsd_decay_style="exponential",
    ),
    _lr("a floor of 0, a warm-up of one", **(_PLAIN | {"min_lr": 0.0, "lr_warmup_steps": 1}), lr_decay_style="cosine"),
    _lr("groups with rates of their own", **_OWN, lr_decay_style="cosine"),
    _lr("groups with floors of their own", **_OWN, own={"min_lr_ratio": 0.1}, lr_decay_style="linear"),
    _lr(
        "groups with floors of their own, WSD",
        **_OWN,
        own={"min_lr_ratio": 1 / 3},
        lr_decay_style="WSD",
        wsd_decay_steps=201,
        lr_wsd_decay_style="cosine",
    ),
    _lr(
        "in samples",
        units=48,
        **(_PLAIN | {"lr_warmup_steps": 5_000, "lr_decay_steps": 71_111}),
        lr_decay_style="cosine",
    ),
    _wd("weight decay, linear", start_wd=0.01, end_wd=0.33, wd_incr_steps=1500, wd_incr_style="linear"),
    _wd("weight decay, cosine", start_wd=0.0, end_wd=0.1, wd_incr_steps=977, wd_incr_style="cosine"),
    _wd("weight decay, constant", start_wd=0.1, end_wd=0.1, wd_incr_steps=1500, wd_incr_style="constant"),
    _wd("weight decay in samples", units=7, start_wd=0.1, end_wd=0.3, wd_incr_steps=9_999, wd_incr_style="cosine"),
]
