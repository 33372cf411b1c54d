"""Damaged states and wrong arguments: each is refused by an error that says which, and nothing is half loaded."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

import jax.numpy as jnp
import pytest
import torch

import lrjax

from .small import GROUPS, NAMES, PARAMS, Run


def changed(path: str, value: Any) -> Callable[[Any], None]:
    """A change of one entry of a state dict; ``path`` separated by /, numbers are numbers."""

    def change(state: Any) -> None:
        *keys, last = [int(key) if key.isdigit() else key for key in path.split("/")]
        for key in keys:
            state = state[key]
        if value is None:
            del state[last]
        else:
            state[last] = value

    return change


def moved_over(state: Any) -> None:
    one, two = state["param_groups"]
    for key in ("params", "param_names"):
        two[key] = [one[key].pop(), *two[key]]


def one_group(state: Any) -> None:
    group = {**state["param_groups"][0], "params": [0, 1, 2], "param_names": ["a.weight", "a.bias", "b.weight"]}
    state["param_groups"] = [group]


STATES: dict[str, tuple[Callable[[Any], None], str]] = {
    "another shape": (changed("state/0/exp_avg", torch.ones(2, 2)), r"shapes must be equal.*a.weight \(2, 2\) and a/k"),
    "another shape of one moment": (changed("state/0/exp_avg_sq", torch.ones(4, 2)), r"'exp_avg_sq' of a.weight must"),
    "another dtype": (changed("state/1/exp_avg", torch.ones(3).double()), "'exp_avg' of a.bias must have the dtype"),
    "a missing moment": (changed("state/2/exp_avg_sq", None), "b.weight must have 'exp_avg_sq', as Adam has"),
    "a missing count": (changed("state/2/step", None), "b.weight must have 'step', as Adam has"),
    "an unknown moment": (changed("state/2/z", torch.ones(2, 3)), r"must have nothing but what Adam keeps.*\['z'\]"),
    "no tensor": (changed("state/2/exp_avg", "?"), "'exp_avg' must be a tensor or an array .parameter b.weight., got"),
    "a state of nobody": (
        changed("state/7", {}),
        r"\['state'\] must belong to the parameters of the groups, got \[7\]",
    ),
    "a missing parameter": (
        changed("param_groups/1/param_names", ["c.weight"]),
        "in torch only.*c.weight.*in JAX only",
    ),
    "a parameter in another group": (moved_over, r"tx must have the groups of the state .* in this order; group 0 is"),
    "another number of groups": (one_group, "tx must have torch's 1 groups"),
    "an empty group": (changed("param_groups/1/params", []), r"\['param_groups'\]\[1\] must have a parameter"),
    "no rate": (changed("param_groups/1/lr", None), r"\['param_groups'\]\[1\] must have lr, as Adam's groups have"),
    "a rate that is none": (changed("param_groups/1/lr", float("nan")), "lr must be finite numbers of shape"),
    "an unknown option": (changed("param_groups/0/lr_mult", 2.0), r"no options but Adam's .* got \['lr_mult'\]"),
    "another option": (changed("param_groups/0/amsgrad", True), r"\['amsgrad'\] must be False, as in the transf"),
    "a group that is none": (changed("param_groups/1", 3), r"\['param_groups'\]\[1\] must be a dict with 'params'"),
    "no groups": (changed("param_groups", None), "optimizer_state must have 'state' and 'param_groups'"),
}


@pytest.mark.parametrize("what", STATES)
def test_a_damaged_state_is_refused(what: str) -> None:
    change, expected = STATES[what]
    run = Run("Adam").step(0)
    state = deepcopy(run.optimizer.state_dict())
    change(state)
    with pytest.raises((ValueError, TypeError), match=f"from_torch: .*{expected}"):
        lrjax.from_torch(state, None, PARAMS, tx=lrjax.Adam(GROUPS))


def same(state: Any) -> Any:
    return state


SCHEDULERS: dict[str, tuple[Callable[[Any], Any], dict[str, Any], str]] = {
    "a foreign scheduler": (lambda good: {"warmup": 3}, {}, "must be a scheduler that lrjax has"),
    "one more entry": (lambda good: {**good, "warmup": 3}, {}, r"must be that of a StepLR, got \['warmup'\]"),
    "a missing argument": (
        lambda good: {k: good[k] for k in good if k != "gamma"},
        {},
        "must have 'gamma', as a StepLR",
    ),
    "another name": (
        same,
        {"scheduler": "ExponentialLR"},
        "must be a ExponentialLR .a state that torch's StepLR saved",
    ),
    "another argument": (
        same,
        {"scheduler": lrjax.StepLR(4, every=1)},
        r"\['step_size'\] must be 4, as the StepLR says, got 3",
    ),
    "two for one": (same, {"scheduler": ["StepLR", "StepLR"]}, "must be one for each of the 1 scheduler states"),
    "no scheduler": (same, {"scheduler": 3}, "scheduler must be a scheduler of lrjax, the name of its class, or None"),
    "every twice": (same, {"scheduler": lrjax.StepLR(3), "every": 2}, "every must be given to the scheduler itself"),
    "no dict": (lambda good: 3, {}, "must be what scheduler.state_dict.. gave, a list of such, or None, got 'int'"),
    "rates of more groups": (
        lambda good: {**good, "_last_lr": [0.1]},
        {},
        r"\['_last_lr'\] must have 2 values, one for each group",
    ),
    "a tx and a class": (same, {"tx": lrjax.SGD(GROUPS), "optimizer": "SGD"}, "must be left out with tx"),
    "a tx without": (same, {"tx": lrjax.SGD(GROUPS)}, "scheduler_state must hold one state for each of the 0 sched"),
    "an unknown class": (same, {"optimizer": "LBFGS"}, "optimizer must be one of SGD, Adam"),
    "too few names": (same, {"names": ["a.weight"]}, "names must name each of the optimizer's 3 parameters once"),
    "other names": (same, {"names": [*NAMES[0], "c"]}, "names must be those of the state"),
    "lists that do not fit": (same, {"names": [["b.weight"], NAMES[0]]}, "must have a list for each group, of .2, 1."),
    "a negative count": (same, {"count": -1}, "count must be an integer, at least 0"),
}


@pytest.mark.parametrize("what", SCHEDULERS)
def test_a_wrong_argument_is_refused(what: str) -> None:
    change, arguments, expected = SCHEDULERS[what]
    arguments = arguments if {"tx", "scheduler"} & set(arguments) else {"every": 3, **arguments}
    run = Run("SGD", scheduler=lambda o: torch.optim.lr_scheduler.StepLR(o, 3)).step(0)
    state = change(run.scheduler.state_dict())  # type: ignore[union-attr]
    with pytest.raises((ValueError, TypeError), match=f"from_torch: .*{expected}"):
        lrjax.from_torch(run.optimizer.state_dict(), state, PARAMS, **arguments)


def test_when_the_schedulers_step_must_be_said() -> None:
    run = Run("SGD", scheduler=lambda o: torch.optim.lr_scheduler.StepLR(o, 3)).step(0)
    states = run.optimizer.state_dict(), run.scheduler.state_dict()  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="every must be given: 1 for a step after each update, the updates per epoch"):
        lrjax.from_torch(*states, PARAMS)
    plateau = Run("SGD", scheduler=lambda o: torch.optim.lr_scheduler.ReduceLROnPlateau(o))  # its loop has the metric
    lrjax.from_torch(plateau.optimizer.state_dict(), plateau.scheduler.state_dict(), PARAMS)  # type: ignore[union-attr]


def test_stacked_and_frozen_groups_have_no_counterpart() -> None:
    weight = torch.nn.Parameter(torch.ones(2, 3))
    state = torch.optim.SGD([("a.weight", weight)]).state_dict()
    groups: Any = ({"params": "**", "stacked": 3}, {"params": "**", "frozen": True})
    for group in groups:
        tx = lrjax.SGD([group])
        with pytest.raises(ValueError, match="from_torch: tx must have neither stacked nor frozen groups"):
            lrjax.from_torch(state, None, {"a": {"kernel": jnp.ones((3, 2))}}, tx=tx)
        with pytest.raises(ValueError, match="to_torch: opt_state must have neither stacked nor frozen groups"):
            lrjax.to_torch(tx.init({"a": {"kernel": jnp.ones((3, 2))}}), names=["a.weight"])


def test_names_must_come_from_somewhere() -> None:
    run = Run("SGD", named=False).step(0)
    with pytest.raises(ValueError, match="from_torch: names must be given, in the optimizer's order"):
        lrjax.from_torch(run.optimizer.state_dict(), None, PARAMS)
    _, state = lrjax.from_torch(run.optimizer.state_dict(), None, PARAMS, names=NAMES)
    with pytest.raises(ValueError, match="to_torch: names must be given"):
        lrjax.to_torch(state)


def test_to_torch_refuses_what_does_not_fit() -> None:
    run = Run("Adam").step(0)
    state_dict = run.optimizer.state_dict()
    _, state = lrjax.from_torch(state_dict, None, PARAMS)
    permuted = {**state_dict, "param_groups": state_dict["param_groups"][::-1]}
    with pytest.raises(ValueError, match=r"to_torch: like must have the groups .* group 0 is .*a/bias"):
        lrjax.to_torch(state, like=permuted)
    merged = deepcopy(state_dict)
    one_group(merged)
    with pytest.raises(ValueError, match="to_torch: like must have torch's 1 groups"):
        lrjax.to_torch(state, like=merged)
    with pytest.raises(ValueError, match="to_torch: names must match one to one"):
        lrjax.to_torch(state, names=["a.weight", "b.weight"])
    with pytest.raises(ValueError, match=r"to_torch: like.* must have .*amsgrad"):
        lrjax.to_torch(state, like=Run("SGD").optimizer.state_dict())
    with pytest.raises(TypeError, match="to_torch: opt_state must hold the state of an lrjax optimizer"):
        lrjax.to_torch({})
    weight = {"a": {"weight": jnp.ones((2, 2))}}
    unknown: Any = lrjax.Adam().init(weight)
    with pytest.raises(ValueError, match=r"axes of a/weight must be known: give mapping=lrjax.match_names"):
        lrjax.to_torch(replace(unknown, memory={"step": unknown.memory["step"] + 1}), names=["a.weight"])
