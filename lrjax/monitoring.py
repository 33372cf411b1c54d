"""The rates of all groups, for a logger."""

from typing import Any

from lrspec import check
from lrspec.types import Number

from .control import get_hyper
from .optim._nested_states import states_of


def monitor_lr(opt_state: Any, *, log_momentum: bool = False, log_weight_decay: bool = False) -> dict[str, Number]:
    """The rate of each group as a flat dict of scalars: what Lightning's ``LearningRateMonitor`` logs.

    Hand it to ``wandb.log``, to TensorBoard's ``add_scalar`` name by name, or print it.

    Args:
        opt_state: a state of an lrjax optimizer, or one that holds some; traced in ``jit`` and ``scan``.
        log_momentum: momentum, too, or the first of ``betas``, of the optimizers that have one.
        log_weight_decay: weight decay, too.

    Returns:
        "lr/<group>" -> the rate that the next update will use: a Python float, or what is traced (float32, shape=());
        of a vmapped state an array with a number for each run. So too "momentum/<group>" and "weight_decay/<group>".
        Returned from the body of a ``scan``, each becomes a curve, shape=(steps,).

    Raises:
        TypeError: no lrjax state in ``opt_state``; a switch that is no bool.

    >>> import jax.numpy as jnp
    >>> from lrjax import SGD
    >>> monitor_lr(SGD("**", lr=0.5).init({"w": jnp.ones(2)}))
    {'lr/**': 0.5}
    """
    where, wanted = "monitor_lr", ["lr"]
    known = {name for state in states_of(opt_state, where) for name in state.hyper}
    if check.flag(where, "log_momentum", log_momentum):
        wanted += [name for name in ("momentum", "betas") if name in known]
    if check.flag(where, "log_weight_decay", log_weight_decay):
        wanted += [name for name in ("weight_decay",) if name in known]
    return {
        f"{'momentum' if name == 'betas' else name}/{group}": _first(value) if name == "betas" else value
        for name in wanted
        for group, value in get_hyper(opt_state, name).items()
    }


def _first(betas: Any) -> Any:
    """beta1 of a pair, or of an array that has the pair along its last axis."""
    return betas[0] if isinstance(betas, tuple) else betas[..., 0]
