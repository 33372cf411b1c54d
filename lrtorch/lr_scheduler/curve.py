"""CurveLR: any curve as a scheduler."""

from typing import Any

import torch

from lrspec import check
from lrspec import scheduler_arguments as arguments
from lrspec.curves.numbers import PYTHON

from ._base import Built, LRScheduler, set_number


class CurveLR(arguments.CurveLR, LRScheduler):
    """A curve of ``lrtorch.curves`` as a scheduler.

    What it builds is a scheduler of torch's kind. Its ``state_dict`` holds the curve as text, and a state of another
    curve is refused.

    >>> from lrtorch import curves, simulate
    >>> simulate(CurveLR(curves.linear(2, 1.0, 0.5)), 8.0, 4).ravel().tolist()
    [8.0, 6.0, 4.0, 4.0]
    """

    def build(self, optimizer: torch.optim.Optimizer) -> Built:
        """A scheduler that computes the curve in Python and writes it into every group."""
        self.check_groups([{**optimizer.defaults, **group} for group in optimizer.param_groups])
        return _CurveLR(optimizer, self)


class _CurveLR(torch.optim.lr_scheduler.LRScheduler):
    def __init__(self, optimizer: torch.optim.Optimizer, described: CurveLR) -> None:
        self.described = described
        if described.target != "lr":
            self.base_values = [self._read(group) for group in optimizer.param_groups]
        if described.curve.follows:
            self.current = [self._read(group) for group in optimizer.param_groups]
        super().__init__(optimizer)

    def get_lr(self) -> list[float | torch.Tensor]:
        groups = self.optimizer.param_groups
        if self.described.curve.follows and any(self.described.begins(PYTHON, self.last_epoch)):
            self.current = [self._read(group) for group in groups]
        bases: Any = vars(self).get("base_values", self.base_lrs)
        t = self.described.count(PYTHON, self.last_epoch)
        current = vars(self).get("current", bases)
        values = [
            float(self.described.curve.rate(PYTHON, t, base, now)) for base, now in zip(bases, current, strict=True)
        ]
        if self.described.target == "lr":
            return list(values)
        for group, value in zip(groups, values, strict=True):
            set_number(group, self.described.target, value)
        return [group["lr"] for group in groups]

    _get_closed_form_lr = get_lr

    def _read(self, group: dict[str, Any]) -> float:
        name = self.described.target
        return float(group["betas"][0] if name == "momentum" and "betas" in group else group[name])

    def state_dict(self) -> dict[str, Any]:
        own = {name: value for name, value in super().state_dict().items() if name != "described"}
        return {**self.described.plain(), **own}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        arguments = self.described.plain()
        for name, ours in arguments.items():
            if state_dict.get(name) != ours:
                rule = f"must be {ours!r}, as the CurveLR says"
                check.fail("load_state_dict", f"state_dict[{name!r}]", rule, state_dict.get(name))
        super().load_state_dict({name: value for name, value in state_dict.items() if name not in arguments})
