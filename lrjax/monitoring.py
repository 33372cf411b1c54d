"""The rates of all groups, for a logger."""

from functools import partial
from typing import Any

from lrspec.monitoring import monitored
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
    known = {name for state in states_of(opt_state, "monitor_lr") for name in state.hyper}
    return monitored(known, partial(get_hyper, opt_state), log_momentum, log_weight_decay)
