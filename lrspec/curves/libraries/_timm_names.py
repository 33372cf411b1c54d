"""timm's ``create_scheduler``: a curve by its name."""

from collections.abc import Sequence
from typing import Any

from ... import check
from ...habits import meant
from ..curve import Curve
from ._timm_cycles import cosine, poly, tanh
from ._timm_steps import constant, multistep, rsqrt, step, wsd
from ._timm_warm_up import no_noise

NAMES = ("cosine", "tanh", "step", "multistep", "poly", "wsd", "rsqrt", "constant")
_WHERE = "timm.create_scheduler"


def create_scheduler(
    sched: str = "cosine",
    num_epochs: int = 300,
    decay_epochs: float | None = None,
    decay_milestones: Sequence[int] = (90, 180, 270),
    cooldown_epochs: int = 0,
    patience_epochs: int = 10,
    decay_rate: float = 0.1,
    min_lr: float = 0.0,
    warmup_lr: float = 1e-5,
    warmup_epochs: int = 0,
    warmup_prefix: bool = False,
    noise: None = None,
    noise_pct: float = 0.67,
    noise_std: float = 1.0,
    noise_seed: int = 42,
    cycle_mul: float = 1.0,
    cycle_decay: float = 0.1,
    cycle_limit: int = 1,
    k_decay: float = 1.0,
    decay_fn: str | None = None,
    stable_timescale: float | None = None,
    plateau_mode: str = "max",
    step_on_epochs: bool = True,
    updates_per_epoch: int = 0,
) -> Curve:
    """A curve by the name and the arguments that timm's ``create_scheduler_v2`` takes, without the optimizer.

    ``create_scheduler(**timm.scheduler.scheduler_kwargs(args))`` takes them from timm's command line. Step its CurveLR
    once an epoch (``every`` the updates per epoch), or with ``step_on_epochs=False`` at each update (``every=1``).
    As there, each schedule looks only at the arguments that it has a use for.
    Equal in every bit to what timm 1.0.31's makes, for groups without ``lr_scale``, which timm multiplies afterwards.

    Args:
        sched: "cosine", "tanh", "step", "multistep", "poly", "wsd", "rsqrt" or "constant". Not "plateau", which
            follows a metric: that is ReduceLROnPlateau, after warmup_epochs + 1 epochs whose rates are set by hand
            (``set_lr``), and not "none".
        num_epochs: the length of the first cycle, or of the run.
        decay_epochs: epochs between two drops (step), the length of the decay (wsd, rsqrt; below 1 a share of the
            stable part and the decay together); None: 90 (step), 0.2 (wsd, rsqrt).
        decay_milestones: the epochs of the drops (multistep).
        cooldown_epochs: more epochs for the run, which the curve does not need: it holds its end.
        patience_epochs: of "plateau".
        decay_rate: the factor of a drop (step, multistep), the power (poly).
        min_lr: the lowest rate, an absolute one.
        warmup_lr: the rate at the beginning of the warm-up, an absolute one.
        warmup_epochs: the length of the warm-up.
        warmup_prefix: whether the warm-up comes before num_epochs instead of in their place.
        noise: None, see ``cosine``.
        noise_pct: of noise.
        noise_std: of noise.
        noise_seed: of noise.
        cycle_mul: each cycle is longer than the one before by this factor (cosine, tanh, poly).
        cycle_decay: the peak of each is lower by this factor.
        cycle_limit: how many cycles.
        k_decay: see ``cosine`` (cosine, poly).
        decay_fn: see ``wsd``; None: "1-sqrt" for wsd, "linear" for rsqrt.
        stable_timescale: epochs, see ``rsqrt``; None: warmup_epochs.
        plateau_mode: of "plateau".
        step_on_epochs: whether the curve counts epochs; else updates.
        updates_per_epoch: how many an epoch has; needed for a curve that counts updates.

    Returns:
        The curve, as the function of that name makes it.

    Raises:
        ValueError: another name, a number out of its range, noise.

    >>> create_scheduler("step", decay_epochs=30, decay_rate=0.5, step_on_epochs=False, updates_per_epoch=100)
    timm.step(decay_t=3000, decay_rate=0.5, warmup_lr_init=1e-05, warmup_prefix=False)
    """
    del cooldown_epochs, noise_pct, noise_std, noise_seed
    _check_name(sched, decay_rate, patience_epochs, min_lr, plateau_mode)
    no_noise(_WHERE, "noise", noise)
    n = 1 if check.flag(_WHERE, "step_on_epochs", step_on_epochs) else updates_per_epoch
    check.integer(_WHERE, "updates_per_epoch", n, 1)
    t_initial = check.integer(_WHERE, "num_epochs", num_epochs, 1) * n
    w = check.integer(_WHERE, "warmup_epochs", warmup_epochs, 0) * n
    decay = (0.2 if sched in ("wsd", "rsqrt") else 90) if decay_epochs is None else decay_epochs
    check.above(_WHERE, "decay_epochs", decay, 0)
    rise: dict[str, Any] = {"warmup_t": w, "warmup_lr_init": warmup_lr}
    cycles: dict[str, Any] = {"lr_min": min_lr, "cycle_mul": cycle_mul, "cycle_decay": cycle_decay}
    cycles |= {"cycle_limit": cycle_limit, "warmup_prefix": warmup_prefix, **rise}
    match sched:
        case "cosine":
            return cosine(t_initial, **cycles, k_decay=k_decay)
        case "tanh":
            return tanh(t_initial, **cycles)
        case "poly":
            return poly(t_initial, power=decay_rate, **cycles, k_decay=k_decay)
        case "step":
            return step(decay * n, decay_rate, **rise, warmup_prefix=warmup_prefix)
        case "multistep":
            return multistep([d * n for d in decay_milestones], decay_rate, **rise, warmup_prefix=warmup_prefix)
        case "constant":
            return constant(**rise)
    length = t_initial if warmup_prefix else t_initial - w
    if length < 1:
        check.fail(_WHERE, "warmup_epochs", f"must be below num_epochs, {num_epochs}, or a prefix", warmup_epochs)
    decay_t = round(decay * length if decay < 1 else decay * n)
    timescale = None if stable_timescale is None else stable_timescale * n
    options: dict[str, Any] = {"lr_min": min_lr, "stable_timescale": timescale, **rise}
    if sched == "wsd":
        return wsd(length, decay_t, decay_fn=decay_fn or "1-sqrt", **options)  # type: ignore[arg-type]
    return rsqrt(length, decay_t, decay_fn=decay_fn or "linear", **options)  # type: ignore[arg-type]


def _check_name(sched: str, decay_rate: float, patience: int, min_lr: float, mode: str) -> None:
    """Raise for what is no curve."""
    if sched == "plateau":
        hint = f"; use ReduceLROnPlateau({mode!r}, factor={decay_rate}, patience={patience}, min_lr={min_lr})"
        check.fail(_WHERE, "sched", "must be the name of a curve, and this one follows a metric", sched, hint=hint)
    if sched == "none":
        check.fail(_WHERE, "sched", "must be the name of a curve; without one the optimizer needs no scheduler", sched)
    if not isinstance(sched, str) or sched not in NAMES:
        check.fail(_WHERE, "sched", f"must be one of {', '.join(NAMES)}", sched, hint=meant(sched, NAMES))
