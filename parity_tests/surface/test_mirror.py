"""lrjax and lrtorch are one surface: same names, arguments and defaults; neither knows the other."""

import inspect
import subprocess
import sys
from dataclasses import fields
from typing import Any

import pytest
import torch

import lrjax
import lrtorch
from lrspec.command import argument_texts, schedulers

ONLY_LRJAX = {
    "Optimizer",
    "OptState",
    *("step", "state_dict", "load_state_dict"),  # torch's own methods: optimizer.step(), optimizer.state_dict()
    "Tabulated",  # torch calls Python functions directly, so it needs no tables
    "trainable",  # requires_grad_ does it in torch
    *("ClipGradNorm", "ClipGradValue"),  # links of an optax.chain; torch has no chains
    # torch has its state dicts, torch.save and torch.load; these carry a run to them and from them.
    *("NameMap", "from_torch", "to_torch", "match_names", "params_from_torch", "params_to_torch"),
    *("load_checkpoint", "save_checkpoint", "average_from_torch", "average_to_torch"),
}
OPTIMIZERS = ["SGD", "Adam", "AdamW", "NAdam", "RAdam", "Adamax", "Adagrad", "Adadelta", "RMSprop", "Rprop", "ASGD"]
OPTIMIZERS += ["Adafactor", "Muon"]
# What one side needs and the other has not: torch's implementations, and the objects the state lives in.
OWN_ARGUMENTS = {
    "model",
    "foreach",
    "fused",
    "optimizer",
    "tx",
    "opt_state",
    "params",
    "stacked",
    "grads",
    "parameters",
}
OWN_ARGUMENTS |= {"fan_in"}  # which dimension of a kernel it is; PyTorch's weights have it last
OWN_ARGUMENTS |= {"step"}  # how tabulate steps torch's live objects
OWN_ARGUMENTS |= {"device"}  # where torch keeps an average; JAX's arrays are where they are
OWN_ARGUMENTS |= {"buffers"}  # lr_find: what a JAX loss changes; torch's modules hold theirs
OWN_ARGUMENTS |= {"variables", "unbiased"}  # update_bn: linen's collections, and flax's variance, which is another


def public(package: Any) -> set[str]:
    names = {name for name in dir(package) if not name.startswith("_")}
    return {name for name in names if not inspect.ismodule(getattr(package, name))}


def test_both_packages_export_the_same_names() -> None:
    assert public(lrjax) - ONLY_LRJAX == public(lrtorch)


def shared_arguments(function: Any) -> dict[str, Any]:
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if p.name not in OWN_ARGUMENTS}


@pytest.mark.parametrize("name", sorted(public(lrtorch) - {"ParamGroup"}))  # a dict, the same in both
def test_arguments_and_defaults_are_the_same(name: str) -> None:
    ours, theirs = shared_arguments(getattr(lrjax, name)), shared_arguments(getattr(lrtorch, name))
    assert list(ours.items()) == list(theirs.items())


def torch_class(name: str) -> Any:
    for home in (torch.optim.lr_scheduler, torch.optim.swa_utils, torch.optim):
        if hasattr(home, name):
            return getattr(home, name)
    return None


OURS = {"every", "last_epoch"}  # by name only; torch's last_epoch may be given by position, too
NOT_OURS = {
    "self",
    "model",
    "device",
    "optimizer",
    "last_epoch",
    "params",
    "foreach",
    "fused",
    "capturable",
    "differentiable",
}


@pytest.mark.parametrize("name", sorted(n for n in public(lrtorch) if inspect.isclass(getattr(lrtorch, n))))
def test_scheduler_arguments_are_torchs(name: str) -> None:
    theirs = torch_class(name)
    if theirs is None or name == "LRScheduler":
        pytest.skip("not a class of torch")
    defaults = {p.name: p.default for p in inspect.signature(theirs.__init__).parameters.values()}
    expected = {k: v for k, v in defaults.items() if k not in NOT_OURS}
    ours = {k: v for k, v in shared_arguments(getattr(lrtorch, name)).items() if k not in OURS}
    assert list(ours.items()) == list(expected.items())


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizer_arguments_are_torchs(name: str) -> None:
    expected = {p.name: p.default for p in inspect.signature(torch_class(name).__init__).parameters.values()}
    ours = shared_arguments(getattr(lrtorch, name))
    assert {k: v for k, v in ours.items() if k not in ("groups", "scheduler")} == {
        k: v for k, v in expected.items() if k not in NOT_OURS
    }


@pytest.mark.parametrize(
    ("package", "foreign"), [("lrjax", ["torch", "flax", "matplotlib", "sklearn"]), ("lrtorch", ["jax", "optax"])]
)
def test_importing_one_package_brings_nothing_of_the_other(package: str, foreign: list[str]) -> None:
    code = f"import sys; from {package} import *; print([m for m in {foreign} if m in sys.modules])"
    run = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True)
    assert (run.stdout.strip(), run.stderr) == ("[]", "")


@pytest.mark.parametrize("name", schedulers(lrjax))
def test_a_scheduler_explains_its_arguments_in_both_packages(name: str) -> None:
    ours, theirs = (schedulers(package)[name] for package in (lrjax, lrtorch))
    explained = argument_texts(ours)
    given = [f.name for f in fields(ours) if f.name not in ("every", "last_epoch") or ours.every is not None]
    assert sorted(explained) == sorted(given)
    assert explained == argument_texts(theirs)
    assert all(explained.values())


def test_a_users_own_scheduler_keeps_its_docstring_and_gains_the_arguments() -> None:
    class Slower(lrjax.StepLR):
        """Drops later."""

    class Silent(lrjax.StepLR):
        pass

    class Own(lrjax.StepLR):
        """Drops.

        Args:
            step_size: mine.
        """

    assert inspect.getdoc(Slower).startswith("Drops later.\n\nArgs:\n    step_size: epochs")  # type: ignore[union-attr]
    assert Silent.__doc__ is None
    assert argument_texts(Own) == {"step_size": "mine"}
