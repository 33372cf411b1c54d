"""timm's curves beside timm itself: by its classes, and by ``create_scheduler``."""

from typing import Any

from lrspec.curves import timm

from .rows import Row

_CLASSES = {
    "cosine": "CosineLRScheduler",
    "tanh": "TanhLRScheduler",
    "poly": "PolyLRScheduler",
    "step": "StepLRScheduler",
    "multistep": "MultiStepLRScheduler",
    "wsd": "WSDLRScheduler",
}


def _row(id: str, name: str, **arguments: Any) -> Row:
    """The same arguments on both sides."""
    curve = getattr(timm, name)(**arguments)
    return Row(f"{name}: {id}", curve, {"class": _CLASSES[name], **arguments}, exact=name != "tanh")


def _made(id: str, sched: str, **arguments: Any) -> Row:
    """By timm's ``create_scheduler``."""
    curve = timm.create_scheduler(sched, **arguments)
    return Row(f"create_scheduler {sched}: {id}", curve, {"sched": sched, **arguments}, exact=sched != "tanh")


_WARM: dict[str, Any] = {"warmup_t": 31, "warmup_lr_init": 1e-5}
_PREFIX: dict[str, Any] = {**_WARM, "warmup_prefix": True}

ROWS = [
    *[
        row
        for name in ("cosine", "tanh", "poly")
        for row in (
            _row("plain", name, t_initial=1500),
            _row("with a floor, past the end", name, t_initial=977, lr_min=1e-4),
            _row("a floor above a group's rate", name, t_initial=977, lr_min=0.05),
            _row("a warm-up in its place", name, t_initial=1009, lr_min=1e-4, **_WARM),
            _row("a warm-up before it", name, t_initial=1009, lr_min=1e-4, **_PREFIX),
            _row("equal cycles", name, t_initial=131, cycle_limit=7, cycle_decay=0.7, lr_min=1e-6, **_PREFIX),
            _row("cycles twice as long", name, t_initial=10, cycle_mul=2.0, cycle_limit=7, cycle_decay=0.5),
            _row("cycles three times as long", name, t_initial=3, cycle_mul=3.0, cycle_limit=6, **_PREFIX),
            _row("cycles of awkward length", name, t_initial=17, cycle_mul=1.37, cycle_limit=9, cycle_decay=0.9),
            _row("cycles a bit longer", name, t_initial=10, cycle_mul=1.1, cycle_limit=40, **_WARM),
            _row("cycles of one count", name, t_initial=1, cycle_limit=1000, cycle_decay=0.99),
        )
    ],
    _row("k below 1", "cosine", t_initial=1500, k_decay=0.7, lr_min=1e-4, **_PREFIX),
    _row("k above 1", "cosine", t_initial=300, k_decay=2.5, cycle_limit=3, cycle_decay=0.3),
    _row("k and growing cycles", "cosine", t_initial=20, k_decay=1.5, cycle_limit=5, cycle_mul=2.0, **_WARM),
    _row("k", "poly", t_initial=1500, k_decay=1.7, power=0.9, lr_min=1e-4, **_PREFIX),
    _row("a line", "poly", t_initial=1500, power=1.0, lr_min=1e-4),
    _row("a square in cycles", "poly", t_initial=300, power=2.0, cycle_limit=3, cycle_decay=0.5, **_WARM),
    _row("other bounds", "tanh", t_initial=777, lb=-4.0, ub=4.5, lr_min=1e-5, **_PREFIX),
    _row("plain", "step", decay_t=90, decay_rate=0.1),
    _row("awkward", "step", decay_t=47, decay_rate=0.97, **_WARM),
    _row("a warm-up in its place", "step", decay_t=47, decay_rate=0.97, **{**_WARM, "warmup_prefix": False}),
    _row("a fraction of a count", "step", decay_t=2.4, decay_rate=0.99, **_WARM),
    _row("nearly down to nothing", "step", decay_t=2, decay_rate=0.5),
    _row("plain", "multistep", decay_t=[90, 180, 270], decay_rate=0.1),
    _row("from the first count", "multistep", decay_t=[1, 2, 500], decay_rate=0.3),
    _row("behind a warm-up", "multistep", decay_t=[1, 31, 32, 977], decay_rate=0.7, **_WARM),
    _row("beside it", "multistep", decay_t=[7, 7, 32, 977], decay_rate=0.7, **{**_WARM, "warmup_prefix": False}),
    *[
        _row(f"{decay}", "wsd", t_initial=1500, decay_t=401, lr_min=1e-4, decay_fn=decay, **_WARM)
        for decay in ("linear", "1-sqrt", "cosine", "power", "exp")
    ],
    _row("other numbers", "wsd", t_initial=977, decay_t=977, decay_fn="power", decay_power=1.7),
    _row("another ratio", "wsd", t_initial=977, decay_t=1, decay_fn="exp", decay_ratio=0.03),
    _row("inverse square root", "wsd", t_initial=1500, decay_t=300, stable_fn="rsqrt", **_WARM),
    _row("power", "wsd", t_initial=1500, decay_t=300, stable_fn="power", stable_power=0.3, stable_timescale=77.5),
    _row("a floor within", "wsd", t_initial=1500, decay_t=300, stable_fn="rsqrt", stable_timescale=3, lr_min=0.02),
    _made("plain", "cosine", num_epochs=1500, warmup_epochs=5),
    _made("by updates", "cosine", num_epochs=30, warmup_epochs=3, step_on_epochs=False, updates_per_epoch=47),
    _made("cycles", "cosine", num_epochs=50, cycle_mul=1.5, cycle_limit=4, k_decay=1.2, min_lr=1e-6),
    _made("plain", "tanh", num_epochs=1500, warmup_epochs=20, warmup_prefix=True, min_lr=1e-5),
    _made("plain", "poly", num_epochs=1500, warmup_epochs=5, k_decay=1.1),
    _made("plain", "step", warmup_epochs=5),
    _made("by updates", "step", decay_epochs=2.4, step_on_epochs=False, updates_per_epoch=47, decay_rate=0.8),
    _made("plain", "multistep", warmup_epochs=5),
    _made("by updates", "multistep", decay_milestones=[3, 9], step_on_epochs=False, updates_per_epoch=47),
    _made("plain", "constant"),
    _made("with a warm-up", "constant", warmup_epochs=5, warmup_lr=0.5),
    _made("by updates", "constant", warmup_epochs=5, step_on_epochs=False, updates_per_epoch=47),
    _made("behind a prefix", "constant", warmup_epochs=77, warmup_prefix=True),
    _made("plain", "wsd", num_epochs=1500, warmup_epochs=5),
    _made("by updates", "wsd", num_epochs=30, warmup_epochs=3, step_on_epochs=False, updates_per_epoch=47),
    _made("a length", "wsd", num_epochs=1500, decay_epochs=300, warmup_epochs=7, warmup_prefix=True, decay_fn="exp"),
    _made("a share", "wsd", num_epochs=977, decay_epochs=0.37, min_lr=1e-4),
    _made("plain", "rsqrt", num_epochs=1500, warmup_epochs=5),
    _made("by updates", "rsqrt", num_epochs=30, warmup_epochs=3, step_on_epochs=False, updates_per_epoch=47),
    _made("its own timescale", "rsqrt", num_epochs=1500, stable_timescale=33.3, min_lr=1e-4),
    _made("another decay", "rsqrt", num_epochs=977, decay_epochs=100, warmup_epochs=7, decay_fn="cosine"),
]
