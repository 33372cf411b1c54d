"""AdamW's parameters in groups that differ in their rate, as lrjax and lrtorch take them and as optax does."""

from typing import Any

from lrspec.types import ParamGroup

from .parameter_trees import shapes

RATE = 1e-3


def rates(count: int) -> list[float]:
    """The rate of each group."""
    return [RATE * (1 + k / count) for k in range(count)]


def members(settings: dict[str, Any]) -> list[list[str]]:
    """The paths of each group's tensors: neighbours, as layers are."""
    names, count = list(shapes(settings["layout"], settings["size"])), settings["groups"]
    return [[name for i, name in enumerate(names) if i * count // len(names) == k] for k in range(count)]


def pattern_groups(settings: dict[str, Any]) -> list[ParamGroup]:
    """The groups as lrjax and lrtorch take them."""
    parts = members(settings)
    return [
        {"params": list(part), "name": f"group {k}", "lr": rate}
        for k, (part, rate) in enumerate(zip(parts, rates(len(parts)), strict=True))
    ]


def labels(settings: dict[str, Any]) -> dict[str, str]:
    """Path -> label of its group, as optax takes them."""
    return {path: f"{k}" for k, part in enumerate(members(settings)) for path in part}


def multi_transform(settings: dict[str, Any], *, inject: bool = False) -> Any:
    """optax's AdamW for each group; ``inject``: with rates that can be set."""
    import optax

    adamw = optax.inject_hyperparams(optax.adamw) if inject else optax.adamw
    each: Any = {f"{k}": adamw(rate, weight_decay=0.01) for k, rate in enumerate(rates(settings["groups"]))}
    return optax.multi_transform(each, labels(settings))
