"""The lrjax code that reproduces a PyTorch program."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from .sides import TorchRecord

_KNOWN = {
    *("SGD", "Adam", "AdamW", "RMSprop", "Adagrad", "Adadelta", "Adamax", "NAdam", "RAdam", "Rprop", "ASGD"),
    *("Adafactor", "Muon"),
}
# What a group holds beside the options of lrjax's optimizer of that name.
_LEFT_OUT = {"name", "initial_lr", "max_lr", "min_lr", "base_momentum", "max_momentum", "patterns", "frozen"}
_FORMS = {"foreach", "capturable", "differentiable", "fused"}


def lrjax_code(torch: TorchRecord, paths: Mapping[str, str]) -> str:
    """Code that makes the transformation ``tx``; empty where lrjax has it not.

    It needs ``table = lrtorch.tabulate(scheduler, num_steps)`` where the rates change.

    Args:
        torch: the program.
        paths: torch's name of a parameter -> JAX's path.
    """
    program = torch.program
    if torch.optimizer not in _KNOWN or not torch.every:
        return ""
    lines = [f"tx = lrjax.{torch.optimizer}(", "    ["]
    several = len(torch.groups) > 1 or bool(torch.still)
    for group in torch.groups:
        members = [paths.get(n, n) for n, g in zip(program.names, program.groups, strict=True) if g == group["name"]]
        if members:
            lines.append(f"        {_group(group, members if several else ['**'], torch)},")
    if torch.still:
        lines.append(f'        {{"params": {[paths.get(n, n) for n in torch.still]!r}, "frozen": True}},')
    lines.append("    ],")
    if np.ptp(program.rates, axis=0).any():
        lines.append(f"    scheduler=lrjax.TableLR(table, every={torch.every}),  # table = {_TABLE}")
    lines.append(")")
    if program.clip.kind in ("norm", "value"):
        name = {"norm": "ClipGradNorm", "value": "ClipGradValue"}[program.clip.kind]
        still = "  # its norm must not count what is frozen: lrjax.trainable in the loss" if torch.still else ""
        lines.append(f"tx = optax.chain(lrjax.{name}({program.clip.limit!r}), tx){still}")
    if program.accumulation.steps > 1:
        how = program.accumulation
        lines.append(f"tx = optax.MultiSteps(tx, {how.steps}, use_grad_mean={how.mean})")
    return "\n".join(lines)


_TABLE = "lrtorch.tabulate(scheduler, num_steps)"


def _group(group: dict[str, Any], members: list[str], torch: TorchRecord) -> str:
    """One group as a dict: its rate, and what is not the class's default."""
    hidden = _LEFT_OUT | _FORMS | ({"decoupled_weight_decay"} if torch.optimizer == "AdamW" else set())
    given = {key: value for key, value in group.items() if key not in hidden and torch.defaults.get(key) != value}
    given["lr"] = group.get("initial_lr", group["lr"])
    return f'{{"params": {members!r}' + "".join(f", {key!r}: {value!r}" for key, value in given.items()) + "}"
