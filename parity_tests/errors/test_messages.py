"""Bad input: one line that names the function, the argument, the rule and the value; the same in both packages."""

from typing import Any

import numpy as np
import pytest
import torch

import lrjax
import lrtorch
from parity_tests.by_hand import by_hand
from parity_tests.schedulers.cases import Spec, make

from .messages import build, message
from .optimizer_cases import EDITS, GROUPS, OPTIONS
from .scheduler_cases import SCHEDULERS, SIMULATIONS


@pytest.mark.parametrize(("groups", "expected"), [row[1:] for row in GROUPS], ids=[row[0] for row in GROUPS])
def test_bad_groups(groups: Any, expected: str) -> None:
    ours, theirs = (message(lambda p=p: build(p, groups)) for p in (lrjax, lrtorch))
    assert ours[1].startswith(expected)
    # JAX sorts a dict's keys and torch keeps the order of definition, so lists of parameters may be ordered otherwise
    assert (ours[0], sorted(ours[1].replace(",", " ").split())) == (
        theirs[0],
        sorted(theirs[1].replace(",", " ").split()),
    )


@pytest.mark.parametrize(("name", "options", "expected"), OPTIONS, ids=[f"{n} {o}" for n, o, _ in OPTIONS])
def test_bad_options(name: str, options: dict[str, Any], expected: str) -> None:
    for package in (lrjax, lrtorch):
        assert message(lambda p=package: build(p, name=name, **options)) == (ValueError, expected)


IDS = [f"{spec[0]} {spec[1]}"[:70] for spec, *_ in SCHEDULERS]


@pytest.mark.parametrize(("spec", "error", "expected", "torch_takes_it"), SCHEDULERS, ids=IDS)
def test_bad_schedulers(spec: Spec, error: type[Exception], expected: str, torch_takes_it: bool) -> None:
    groups = [{"params": "backbone/**"}, {"params": "head/**"}]
    ours, theirs = (
        message(lambda p=p: build(p, groups, momentum=0.9, scheduler=by_hand(make(p, spec)))) for p in (lrjax, lrtorch)
    )
    assert ours == theirs
    assert ours[0] is error
    assert ours[1].startswith(expected)
    if not torch_takes_it:
        assert issubclass(torch_error(spec), error)


def torch_error(spec: Spec) -> type[BaseException]:
    """The exception torch itself raises for the same arguments, at once or in its first steps."""
    optimizer = torch.optim.SGD([{"params": [torch.zeros(1, requires_grad=True)]} for _ in range(2)], momentum=0.9)
    name, arguments = spec
    arguments = dict(arguments)
    home: Any = torch.optim.swa_utils if name == "SWALR" else torch.optim.lr_scheduler
    if "schedulers" in arguments:
        schedulers: Any = torch.optim.lr_scheduler
        inner = [getattr(schedulers, n)(optimizer, **a) for n, a in arguments.pop("schedulers")]
        make_it: Any = (
            (lambda: home.SequentialLR(optimizer, inner, **arguments))
            if name == "SequentialLR"
            else (lambda: home.ChainedScheduler(inner, optimizer))
        )
    else:
        make_it = lambda: getattr(home, name)(optimizer, **arguments)  # noqa: E731
    with pytest.raises((ValueError, TypeError)) as caught:
        make_it()
    return caught.type


@pytest.mark.parametrize(("arguments", "expected"), SIMULATIONS, ids=[e for _, e in SIMULATIONS])
def test_bad_simulations(arguments: dict[str, Any], expected: str) -> None:
    ours, theirs = (message(lambda p=p: p.simulate(p.ExponentialLR(0.9), **arguments)) for p in (lrjax, lrtorch))
    assert ours == theirs
    assert ours[1].startswith(expected)


@pytest.mark.parametrize(("lr", "expected"), EDITS, ids=[e for _, e in EDITS])
def test_bad_edits_change_nothing(lr: Any, expected: str) -> None:
    groups = [{"params": "backbone/**"}, {"params": "head/**"}]
    (_, state), optimizer = build(lrjax, groups, lr=0.5), build(lrtorch, groups, lr=0.5)
    assert message(lambda: lrjax.set_lr(state, lr)) == (ValueError, expected)
    assert message(lambda: lrtorch.set_lr(optimizer, lr)) == (ValueError, expected)
    assert lrjax.get_lr(state) == lrtorch.get_lr(optimizer) == {"backbone/**": 0.5, "head/**": 0.5}


def test_stepping_without_scheduler_or_metric() -> None:
    tx, state = build(lrjax)
    optimizer = build(lrtorch)
    for action in (lambda: lrjax.step_scheduler(tx, state), lambda: lrtorch.step_scheduler(optimizer)):
        assert message(action)[1] == "step_scheduler: the optimizer must have a scheduler (scheduler=...), got None"
    tx, state = build(lrjax, scheduler=lrjax.ReduceLROnPlateau())
    optimizer = build(lrtorch, scheduler=lrtorch.ReduceLROnPlateau())
    for action in (lambda: lrjax.step_scheduler(tx, state), lambda: lrtorch.step_scheduler(optimizer)):
        assert message(action)[1] == "ReduceLROnPlateau: metric must be given to step_scheduler, got None"


def test_a_metric_that_is_no_number() -> None:
    for package in (lrjax, lrtorch):
        bad = lambda p=package: p.simulate(p.ReduceLROnPlateau(), 0.1, 2, metrics=[1.0, "a"])  # noqa: E731
        assert message(bad) == (ValueError, "simulate: metrics[1] must be a number, got 'a'")


def test_a_function_without_value_at_zero() -> None:
    for package in (lrjax, lrtorch):
        with pytest.raises(ZeroDivisionError):
            package.simulate(package.LambdaLR(lambda e: 1 / e), 0.1, 3)
        rates = package.simulate(package.MultiplicativeLR(lambda e: 1 / e), 1.0, 3)  # never asked for 0
        assert rates.ravel().tolist() == [1.0, 1.0, 0.5]


def test_states_that_are_none_of_ours() -> None:
    for function in (lrjax.get_lr, lambda s: lrjax.set_lr(s, 0.1), lambda s: lrjax.step_scheduler(None, s)):
        assert message(lambda f=function: f({"a": np.ones(2)}))[0] is TypeError


def test_momentum_needs_an_optimizer_that_has_it() -> None:
    scheduler = lrjax.OneCycleLR(max_lr=0.1, total_steps=10)
    assert message(lambda: scheduler.check_groups([{"lr": 0.1}]))[1].startswith("OneCycleLR: cycle_momentum needs")
