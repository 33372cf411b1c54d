"""The lrjax code that reproduces a PyTorch program."""

from typing import Any

import numpy as np

from .sides import TorchRecord

_LEFT_OUT = (
    "name",
    "initial_lr",
    "foreach",
    "capturable",
    "differentiable",
    "fused",
    "maximize",
    "decoupled_weight_decay",
)
_KNOWN = (
    "SGD",
    "Adam",
    "AdamW",
    "RMSprop",
    "Adagrad",
    "Adadelta",
    "Adamax",
    "NAdam",
    "RAdam",
    "Rprop",
    "ASGD",
    "Adafactor",
    "Muon",
)


def lrjax_code(torch: TorchRecord) -> str:
    """Code that makes the optimizer; empty where lrjax has it not."""
    if torch.optimizer not in _KNOWN:
        return ""
    program = torch.program
    groups = [f"    {_group(group, _members(program, group['name']), torch)}," for group in torch.groups]
    constant = not np.ptp(program.rates, axis=0).any()
    end = (
        ""
        if constant
        else "    scheduler=lrjax.TableLR(table, every=1),  # table = lrtorch.tabulate(scheduler, num_steps)\n"
    )
    text = f"tx = lrjax.{torch.optimizer}(\n  [\n" + "\n".join(groups) + f"\n  ],\n{end})"
    if program.clip.kind == "norm":
        text += f"\ntx = optax.chain(lrjax.ClipGradNorm({program.clip.limit:g}), tx)"
    elif program.clip.kind == "value":
        text += f"\ntx = optax.chain(lrjax.ClipGradValue({program.clip.limit:g}), tx)"
    if program.accumulation.steps > 1:
        text += f"\ntx = optax.MultiSteps(tx, {program.accumulation.steps}, use_grad_mean={program.accumulation.mean})"
    return text


def _members(program: Any, name: str) -> list[str]:
    return [n for n, group in zip(program.names, program.groups, strict=True) if group == name]


def _group(group: dict[str, Any], members: list[str], torch: TorchRecord) -> str:
    """One group as a dict."""
    options = {k: v for k, v in group.items() if k not in _LEFT_OUT and torch.defaults.get(k, ...) != v}
    options["lr"] = group.get("initial_lr", group.get("lr"))
    inside = "".join(f", {key!r}: {value!r}" for key, value in options.items())
    return f'{{"params": {members if len(torch.groups) > 1 else ["**"]!r}{inside}}}'
