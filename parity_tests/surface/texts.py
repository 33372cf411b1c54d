"""What is printed: descriptions of objects, tables, and the command line."""

import contextlib
import io
import os
from collections.abc import Callable
from functools import partial
from typing import Any
from unittest import mock

import numpy as np
import torch

import lrjax
import lrjax.__main__
import lrtorch

from . import borrowed, cases
from .comparing import Entries, plain_text

PACKAGES = {"lrjax": lrjax, "lrtorch": lrtorch}
# A small vision transformer.
VIT = {
    **{
        "cls_token": (1, 1, 4),
        "pos_embed": (1, 5, 4),
        "patch_embed.proj.weight": (4, 3),
        "patch_embed.proj.bias": (4,),
    },
    **{f"blocks.{i}.{name}": shape for i in range(2) for name, shape in {"norm1.weight": (4,), "attn": (4, 4)}.items()},
    **{"norm.weight": (4,), "head.weight": (3, 4), "head.bias": (3,)},
}
CONVENTIONS = ("timm", "beit", "mae", "vitdet")
COMMANDS = (
    "list",
    "plot StepLR --help",
    "plot OneCycleLR --help",
    "print MultiStepLR --milestones 3 6 --base-lrs 0.1 --num-steps 8",
    "print ReduceLROnPlateau --metrics 1 1 1 0.5 --patience 0 --base-lrs 0.1 0.01",
    "print LambdaLR --lr-lambda 1/(epoch+1) --num-steps 4",
    "print StepLR --step-size 0",
    "print ChainedScheduler",
    "plot StepLR --step-size 3 --out curve.bmp",
)


def texts() -> Entries:
    """Object or command -> what is printed, line by line."""
    made: Entries = {}
    for package in PACKAGES:
        for label, scheduler in cases.SCHEDULERS.items():
            made[f"repr of {package}.{label}"] = partial(_repr, package, scheduler.spec)
        made[f"repr of a {package} scheduler with every, last_epoch"] = partial(
            _repr, package, ("StepLR", dict(step_size=3, every=5, last_epoch=7))
        )
        for convention in CONVENTIONS:
            made[f"{package}.layer_decay {convention}"] = partial(_layer_decay, package, convention)
        made[f"{package}.discriminative"] = partial(_discriminative, package)
        made[f"{package}.describe"] = partial(_described, package)
    for name in ("SGD", "AdamW", "Adafactor"):
        made[f"repr of lrjax.{name}"] = lambda name=name: lines(repr(cases.make_jax(name)[0]))
    made["lrjax.match_names"] = lambda: lines(lrjax.match_names({"fc.weight": (2, 3), "fc.bias": (2,)}, _dense()))
    for command in COMMANDS:
        made[f"python -m lrjax {command}"] = partial(_command, command)
    return made


def lines(text: Any) -> list[str]:
    """A text line by line, without addresses."""
    return plain_text(text).splitlines()


def _repr(package: str, spec: borrowed.Spec) -> list[str]:
    return lines(repr(borrowed.make(PACKAGES[package], spec)))


def _dense() -> Any:
    return {"fc": {"kernel": np.ones((3, 2), np.float32), "bias": np.ones(2, np.float32)}}


def _layer_decay(package: str, convention: str) -> list[str]:
    return lines(PACKAGES[package].layer_decay(_vit(package), 0.75, lr=1e-3, convention=convention, weight_decay=0.05))


def _vit(package: str) -> Any:
    pairs = [(name, np.ones(shape, np.float32)) for name, shape in VIT.items()]
    if package == "lrjax":
        return {name.replace(".", "/"): x for name, x in pairs}
    return [(name, torch.nn.Parameter(torch.from_numpy(x))) for name, x in pairs]


def _discriminative(package: str) -> list[str]:
    make = PACKAGES[package].discriminative
    return [*lines(make(["embed", "body", "head"], lr=slice(1e-5, 1e-3))), *lines(make(["a", "b"], lr=0.1, factor=2.6))]


def _described(package: str) -> list[str]:
    groups = [{"params": "patch_embed/**", "frozen": True}, {"params": ["blocks/**", "norm/*"], "lr": 1e-4}, "**"]
    groups = [g if isinstance(g, dict) else {"params": g, "name": "rest", "weight_decay": 0.0} for g in groups]
    params = _vit(package)
    made = PACKAGES[package].AdamW
    if package == "lrtorch":
        return lines(lrtorch.describe(made(params, groups, lr=1e-3)))
    return lines(lrjax.describe(made(groups, lr=1e-3).init(params), params))


def _command(command: str) -> dict[str, Any]:
    """Status and both outputs; of help the words alone, without the usage, for argparse lays it out as it likes."""
    out, err = io.StringIO(), io.StringIO()
    plain = {"COLUMNS": "500", "NO_COLOR": "1"}
    with mock.patch.dict(os.environ, plain), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = _status(partial(lrjax.__main__.main, command.split()))
    printed = lines(out.getvalue())
    if "--help" in command:
        printed = [" ".join(line.split()) for line in printed if line and not line.startswith("usage: ")]
    return {"status": status, "output": printed, "error": lines(err.getvalue())}


def _status(main: Callable[[], int]) -> Any:
    try:
        return main()
    except SystemExit as stop:
        return stop.code
