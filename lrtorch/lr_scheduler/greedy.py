"""GreedyLR, which torch has not: transformers' scheduler as one of torch's kind."""

import math
from typing import Any

import torch

from lrspec import check
from lrspec import scheduler_arguments as arguments

from ._base import Built, LRScheduler


class GreedyLR(arguments.GreedyLR, LRScheduler):
    """transformers' ``GreedyLR`` (5.23.0).

    What it builds is a scheduler of torch's kind, which needs no transformers. Its ``state_dict`` is the original's,
    each can load the other's; the original's loading sets the groups' rates, too, which this leaves to the optimizer's.

    >>> from lrtorch import simulate
    >>> simulate(GreedyLR(factor=0.5, patience=1), 0.25, 6, metrics=[4, 3, 3, 3, 3, 3]).ravel().tolist()
    [0.25, 0.25, 0.5, 0.5, 0.25, 0.25]
    """

    def build(self, optimizer: torch.optim.Optimizer) -> Built:
        """A scheduler that counts better and bad steps, and writes the rates into the groups."""
        self.check_groups([{**optimizer.defaults, **group} for group in optimizer.param_groups])
        return _GreedyLR(optimizer, self)


_ARGUMENTS = ("factor", "patience", "cooldown", "warmup", "mode", "threshold", "threshold_mode", "eps")
_MORE = ("smooth", "window_size")


class _GreedyLR(torch.optim.lr_scheduler.LRScheduler):
    def __init__(self, optimizer: torch.optim.Optimizer, one: GreedyLR) -> None:
        self.optimizer = optimizer
        groups = optimizer.param_groups
        for name in (*_ARGUMENTS, *_MORE):
            setattr(self, name, getattr(one, name))
        self.one = one
        self.min_lrs, self.max_lrs = (arguments.each(x, len(groups)) for x in (one.min_lr, one.max_lr))
        self.verbose = False  # stands in the original's state
        self.reset_start_original = one.reset_start
        self.last_epoch = 0
        self._init_lrs = [group["lr"] for group in groups]
        self._last_lr = self._init_lrs.copy()
        self._begin()

    def _begin(self) -> None:
        self.best = math.inf if self.one.mode == "min" else -math.inf
        self.num_bad_epochs = self.num_good_epochs = self.cooldown_counter = self.warmup_counter = 0
        self.reset_start = self.one.reset_start
        self.values: list[float] = []
        self.sum = 0.0

    def step(self, metrics: Any, epoch: int | None = None) -> None:  # type: ignore[override]
        current = self._averaged(float(metrics)) if self.one.smooth else float(metrics)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self.cooldown_counter > 0 or self.warmup_counter > 0:
            if self.cooldown_counter > 0:
                self.cooldown_counter -= 1
            else:
                self.warmup_counter -= 1
            self.num_good_epochs = self.num_bad_epochs = 0
        else:
            self._look(current)
        self._last_lr = [group["lr"] for group in self.optimizer.param_groups]

    def _averaged(self, value: float) -> float:
        """The mean of the last metrics, by a running sum whose roundings stay."""
        self.values.append(value)
        self.sum += value
        if len(self.values) > self.one.window_size:
            self.sum -= self.values.pop(0)
        return self.sum / len(self.values)

    def _look(self, current: float) -> None:
        if self._is_better(current):
            self.best = current
            self.num_good_epochs, self.num_bad_epochs = self.num_good_epochs + 1, 0
        else:
            self.num_good_epochs, self.num_bad_epochs = 0, self.num_bad_epochs + 1
        if self.num_good_epochs > self.one.patience:
            self._raise()
        elif self.num_bad_epochs > self.one.patience:
            self._cut()

    def _is_better(self, current: float) -> bool:
        one, down = self.one, self.one.mode == "min"
        if one.threshold_mode == "rel":
            bar = self.best * (1.0 - one.threshold if down else 1.0 + one.threshold)
        else:
            bar = self.best - one.threshold if down else self.best + one.threshold
        return current < bar if down else current > bar

    def _raise(self) -> None:
        for group, highest in zip(self.optimizer.param_groups, self.max_lrs, strict=True):
            old = float(group["lr"])
            new = min(old / self.one.factor, highest)
            if new - old > self.one.eps:
                group["lr"] = new
        self.reset_start = self.one.reset_start
        self.num_good_epochs, self.warmup_counter = 0, self.one.warmup

    def _cut(self) -> None:
        groups = self.optimizer.param_groups
        for group, lowest in zip(groups, self.min_lrs, strict=True):
            old = float(group["lr"])
            new = max(old * self.one.factor, lowest)
            if old - new > self.one.eps:
                group["lr"] = new
        if all(group["lr"] <= lowest for group, lowest in zip(groups, self.min_lrs, strict=True)):
            self.reset_start -= 1
            if self.reset_start <= 0:
                for group, lr in zip(groups, self._init_lrs, strict=True):
                    group["lr"] = lr
                self._begin()
        self.num_bad_epochs, self.cooldown_counter = 0, self.one.cooldown

    def state_dict(self) -> dict[str, Any]:
        own = {k: v for k, v in vars(self).items() if k not in ("optimizer", "one", "values", "sum")}
        if not self.one.smooth:
            return own
        average = {"window_size": self.one.window_size, "values": self.values.copy(), "sum": self.sum}
        return {**own, "_streaming_avg": average}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Arguments must be the same. The groups' rates come with the optimizer's state, as for torch's schedulers."""
        ours = self.state_dict()
        for name in (*_ARGUMENTS, *_MORE, "min_lrs", "max_lrs", "reset_start_original"):
            if state_dict.get(name) != ours[name]:
                rule = f"must be {ours[name]!r}, as the GreedyLR says"
                check.fail("load_state_dict", f"state_dict[{name!r}]", rule, state_dict.get(name))
        if missing := ours.keys() - state_dict.keys():
            check.fail("load_state_dict", "state_dict", f"must have {sorted(missing)}", sorted(state_dict))
        average = state_dict.get("_streaming_avg", {"values": [], "sum": 0.0})
        vars(self).update({name: state_dict[name] for name in ours if name != "_streaming_avg"})
        self.values, self.sum = list(average["values"]), average["sum"]
