"""What one may choose on the command line: rules, optimizers and their settings, as tables.

A row names a class that both packages have and its arguments; adding a row adds a choice. No
framework is imported here, so that ``--help`` and a bad value answer at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..runs.bounds import ADAMW_BOUND, SGD_BOUND

GROUPS = {"backbone": "backbone/**", "head": "head/**"}  # group -> pattern
BACKBONE_FACTOR = 0.1  # the pretrained backbone's rate, as a part of the new head's


class Rule(NamedTuple):
    """How the rates change: a scheduler of both packages, a rate set by hand, or neither."""

    text: str
    scheduler: str | None  # class name
    arguments: Callable[[int], dict[str, Any]]  # number of epochs -> arguments
    by_hand: float | None = None  # halfway, the head's rate is set to this part of its first


# The factors are no powers of two, so that every product rounds.
RULES = {
    "constant": Rule("the first rates throughout", "ConstantLR", lambda n: {"factor": 1.0}),
    "step": Rule("a drop every third of the run", "StepLR", lambda n: {"step_size": _part(n, 1 / 3), "gamma": 0.3}),
    "multistep": Rule(
        "drops at half and three quarters",
        "MultiStepLR",
        lambda n: {"milestones": (_part(n, 1 / 2), _part(n, 3 / 4)), "gamma": 0.3},
    ),
    "exponential": Rule("the same factor every epoch", "ExponentialLR", lambda n: {"gamma": 0.83}),
    "formula": Rule(
        "lr0 * gamma ** (epoch // lr_decay)", "StepDecay", lambda n: {"lr_decay": _part(n, 1 / 4), "gamma": 0.3}
    ),
    "table": Rule(
        "a table of [epochs, factor]",
        "EpochTable",
        lambda n: {"table": ((_part(n, 1 / 4), 1.0), (_part(n, 1 / 4), 0.7), (_part(n, 1 / 4), 0.1)), "mode": "factor"},
    ),
    "by-hand": Rule("constant, the head's rate set by hand halfway", None, lambda n: {}, by_hand=0.3),
}


def _part(epochs: int, fraction: float) -> int:
    return max(1, round(epochs * fraction))


class Optimizer(NamedTuple):
    """An optimizer of both packages and its settings."""

    cls: str
    options: dict[str, Any]
    lr: float  # of the head
    float32_bound: float = SGD_BOUND  # of the whole run in float32
    descends: bool = True  # whether one can train with it


OPTIMIZERS = {
    "sgd": Optimizer("SGD", {}, 0.2),
    "sgd-momentum": Optimizer("SGD", {"momentum": 0.9}, 0.05),
    "sgd-nesterov": Optimizer("SGD", {"momentum": 0.9, "nesterov": True}, 0.05),
    "sgd-weight-decay": Optimizer("SGD", {"momentum": 0.9, "weight_decay": 1e-2}, 0.05),
    "sgd-dampening": Optimizer("SGD", {"momentum": 0.9, "dampening": 0.3}, 0.05),
    "sgd-maximize": Optimizer(
        "SGD", {"momentum": 0.9, "dampening": 0.3, "weight_decay": 1e-2, "maximize": True}, 0.05, descends=False
    ),
    "adamw": Optimizer("AdamW", {}, 5e-3, ADAMW_BOUND),
    "adamw-amsgrad": Optimizer("AdamW", {"amsgrad": True, "weight_decay": 0.1}, 5e-3, ADAMW_BOUND),
}


@dataclass(frozen=True)
class Settings:
    """The options of a run."""

    device: str = "cpu"
    dtype: str = "float32"
    epochs: int = 12
    rule: str = "step"
    optimizer: str = "sgd-momentum"
    seed: int = 0


def base_rates(optimizer: str) -> dict[str, float]:
    """The first rate of each group."""
    head = OPTIMIZERS[optimizer].lr
    return {"backbone": head * BACKBONE_FACTOR, "head": head}


def float32_bound(optimizer: str) -> float:
    """What the whole run in float32 may differ by."""
    return OPTIMIZERS[optimizer].float32_bound


def rates_by_hand(rule: str, optimizer: str, epochs: int) -> dict[int, dict[str, float]]:
    """Epoch -> the rates set by hand before it."""
    factor = RULES[rule].by_hand
    return {} if factor is None else {epochs // 2: {"head": base_rates(optimizer)["head"] * factor}}


class Made(NamedTuple):
    """What ``FineTuner`` takes beside the weights."""

    groups: list[dict[str, Any]]
    optimizer: Callable[..., Any]
    options: dict[str, Any]

    def build(self, *model: Any, **more: Any) -> Any:
        """The optimizer itself: of ``model`` in PyTorch, of nothing in JAX."""
        return self.optimizer(*model, self.groups, **self.options, **more)


def make(package: Any, rule: str, optimizer: str, epochs: int, every: int) -> Made:
    """Groups, optimizer class and its options, scheduler included, from ``package`` (lrjax or lrtorch)."""
    groups = [{"params": GROUPS[name], "name": name, "lr": lr} for name, lr in base_rates(optimizer).items()]
    row, chosen = RULES[rule], OPTIMIZERS[optimizer]
    options = dict(chosen.options)
    if row.scheduler is not None:
        options["scheduler"] = getattr(package, row.scheduler)(**row.arguments(epochs), every=every)
    return Made(groups, getattr(package, chosen.cls), options)
