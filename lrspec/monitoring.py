"""What ``monitor_lr`` gives a logger, from the hyperparameters of the groups."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from . import check


def monitored(
    known: Collection[str], read: Callable[[str], Mapping[str, Any]], log_momentum: bool, log_weight_decay: bool
) -> dict[str, Any]:
    """The rate of each group as "lr/<group>", and what else is asked for.

    Args:
        known: the hyperparameters that there are.
        read: hyperparameter -> its value in each group; of ``betas`` a pair, or an array with it along its last axis.
        log_momentum: momentum, too, or the first of ``betas``.
        log_weight_decay: weight decay, too.

    Raises:
        TypeError: a switch that is no bool.
    """
    wanted = ["lr"]
    wanted += ["momentum", "betas"] * check.flag("monitor_lr", "log_momentum", log_momentum)
    wanted += ["weight_decay"] * check.flag("monitor_lr", "log_weight_decay", log_weight_decay)
    return {
        f"momentum/{group}" if name == "betas" else f"{name}/{group}": _first(value) if name == "betas" else value
        for name in wanted
        if name in known
        for group, value in read(name).items()
    }


def _first(betas: Any) -> Any:
    return betas[0] if isinstance(betas, tuple) else betas[..., 0]
