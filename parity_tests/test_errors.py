"""Bad input: one line that names the function, the argument, the rule and the value; the same in both packages."""

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
import lrtorch
from parity_tests.scheduler_cases import Spec, make

PATHS = ["backbone.a.weight", "backbone.a.bias", "head.weight"]


def build(package: Any, groups: Any = None, name: str = "SGD", **options: Any) -> Any:
    """An optimizer of ``package`` over the same three parameters."""
    if package is lrtorch:
        model = [(path, torch.nn.Parameter(torch.ones(2))) for path in PATHS]
        return getattr(lrtorch, name)(model, groups, **options)
    tx = getattr(lrjax, name)(groups, **options)
    return tx, tx.init(
        {"backbone": {"a": {"bias": jnp.ones(2), "weight": jnp.ones(2)}}, "head": {"weight": jnp.ones(2)}}
    )


def message(action: Any) -> tuple[type[BaseException], str]:
    with pytest.raises((ValueError, TypeError)) as caught:
        action()
    text = str(caught.value)
    assert "\n" not in text
    assert "got " in text
    return caught.type, text


GROUPS: list[tuple[str, Any, str]] = [
    ("matches nothing", [{"params": "nose/**"}], "SGD: pattern of group 'nose/**' matches none of"),
    ("in no group", [{"params": "head/**"}], "SGD: groups must cover every parameter; in no group: backbone/a"),
    ("shadowed group", ["**", "head"], "SGD: groups[0] must be a dict with 'params'"),
    ("nothing left", [{"params": "**"}, {"params": "head"}], "SGD: group 'head' has no parameter left"),
    ("no groups", [], "SGD: groups must have at least one group"),
    ("a dict", {"params": "**"}, "SGD: groups must be a pattern or a list of dicts"),
    ("a number", 3, "SGD: groups must be a pattern or a list of dicts"),
    ("no params", [{"lr": 0.1}], "SGD: groups[0] must have the key 'params'"),
    ("empty pattern", [{"params": ""}], "SGD: groups[0]['params'] must not be an empty pattern"),
    ("no patterns", [{"params": []}], "SGD: groups[0]['params'] must be a pattern or a list of patterns"),
    ("pattern of a wrong type", [{"params": [3]}], "SGD: groups[0]['params'] must hold strings or predicates"),
    ("params of a wrong type", [{"params": 3}], "SGD: groups[0]['params'] must be a pattern or a list of patterns"),
    ("broken expression", [{"params": "re:("}], "SGD: groups[0]['params'] must be a valid regular expression"),
    ("unknown option", [{"params": "**", "lrr": 0.1}], "SGD: groups[0] may set lr, momentum, dampening"),
    ("another optimizer's option", [{"params": "**", "betas": (0.9, 0.9)}], "SGD: groups[0] may set lr, momentum"),
    ("same name twice", [{"params": "head"}, {"params": "head"}], "SGD: groups[1]['name'] must differ"),
    ("name of a wrong type", [{"params": "**", "name": 3}], "SGD: groups[0]['name'] must be a non-empty string"),
    ("empty name", [{"params": "**", "name": ""}], "SGD: groups[0]['name'] must be a non-empty string"),
    ("negative rate", [{"params": "**", "lr": -1e-3}], "SGD: group '**': lr must be a finite number, at least 0.0"),
    ("NaN rate", [{"params": "**", "lr": math.nan}], "SGD: group '**': lr must be a finite number, at least 0.0"),
    ("infinite rate", [{"params": "**", "lr": math.inf}], "SGD: group '**': lr must be a finite number, at least 0.0"),
    ("rate as text", [{"params": "**", "lr": "0.1"}], "SGD: group '**': lr must be a finite number, at least 0.0"),
    ("rate as bool", [{"params": "**", "lr": True}], "SGD: group '**': lr must be a finite number, at least 0.0"),
    ("negative momentum", [{"params": "**", "momentum": -0.1}], "SGD: group '**': momentum must be a finite number"),
    ("NaN weight decay", [{"params": "**", "weight_decay": math.nan}], "SGD: group '**': weight_decay must be"),
    ("nesterov alone", [{"params": "**", "nesterov": True}], "SGD: group '**': nesterov needs a momentum above 0"),
    ("plain name of no module", [{"params": "backbon"}], "SGD: pattern of group 'backbon' matches none of"),
    ("second pattern matches nothing", [{"params": ["head", "nose"]}], "SGD: pattern of group 'head, nose' matches"),
]


@pytest.mark.parametrize(("groups", "expected"), [row[1:] for row in GROUPS], ids=[row[0] for row in GROUPS])
def test_bad_groups(groups: Any, expected: str) -> None:
    ours, theirs = (message(lambda p=p: build(p, groups)) for p in (lrjax, lrtorch))
    assert ours[1].startswith(expected)
    # JAX sorts a dict's keys and torch keeps the order of definition, so lists of parameters may be ordered otherwise
    assert (ours[0], sorted(ours[1].replace(",", " ").split())) == (
        theirs[0],
        sorted(theirs[1].replace(",", " ").split()),
    )


OPTIONS: list[tuple[str, dict[str, Any], str]] = [
    ("SGD", dict(lr=-0.1), "SGD: lr must be a finite number, at least 0.0, got -0.1"),
    ("SGD", dict(lr=math.nan), "SGD: lr must be a finite number, at least 0.0, got nan"),
    ("SGD", dict(momentum=-1), "SGD: momentum must be a finite number, at least 0.0, got -1"),
    ("SGD", dict(weight_decay=-1), "SGD: weight_decay must be a finite number, at least 0.0, got -1"),
    ("SGD", dict(dampening=math.nan), "SGD: dampening must be a finite number, got nan"),
    ("SGD", dict(nesterov=True), "SGD: nesterov needs a momentum above 0 and zero dampening, got (True, 0, 0)"),
    (
        "SGD",
        dict(nesterov=True, momentum=0.9, dampening=0.1),
        "SGD: nesterov needs a momentum above 0 and zero dampening, got (True, 0.9, 0.1)",
    ),
    ("Adam", dict(betas=(0.9, 1.0)), "Adam: betas[1] must be in [0.0, 1.0), got 1.0"),
    ("NAdam", dict(momentum_decay=-1), "NAdam: momentum_decay must be a finite number, at least 0.0, got -1"),
    ("RAdam", dict(eps=-1), "RAdam: eps must be a finite number, at least 0.0, got -1"),
    ("Adamax", dict(betas=(0.0, 1.0)), "Adamax: betas[1] must be in [0.0, 1.0), got 1.0"),
    ("Adagrad", dict(lr_decay=-0.5), "Adagrad: lr_decay must be a finite number, at least 0.0, got -0.5"),
    ("Adadelta", dict(rho=1.1), "Adadelta: rho must be in [0.0, 1.0], got 1.1"),
    ("RMSprop", dict(momentum=-1.0), "RMSprop: momentum must be a finite number, at least 0.0, got -1.0"),
    ("Rprop", dict(etas=(1.0, 0.5)), "Rprop: etas must be 0 < etas[0] < 1 < etas[1], got (1.0, 0.5)"),
    (
        "Rprop",
        dict(step_sizes=(1.0, 0.5)),
        "Rprop: step_sizes must be 0 <= step_sizes[0] <= step_sizes[1], got (1.0, 0.5)",
    ),
    ("ASGD", dict(weight_decay=-0.5), "ASGD: weight_decay must be a finite number, at least 0.0, got -0.5"),
    ("AdamW", dict(lr=math.inf), "AdamW: lr must be a finite number, at least 0.0, got inf"),
    ("AdamW", dict(betas=(1.0, 0.9)), "AdamW: betas[0] must be in [0.0, 1.0), got 1.0"),
    ("AdamW", dict(betas=(0.9, -0.1)), "AdamW: betas[1] must be in [0.0, 1.0), got -0.1"),
    ("AdamW", dict(betas=(0.9,)), "AdamW: betas must be two numbers, got (0.9,)"),
    ("AdamW", dict(eps=-1e-8), "AdamW: eps must be a finite number, at least 0.0, got -1e-08"),
    ("AdamW", dict(weight_decay=-1.0), "AdamW: weight_decay must be a finite number, at least 0.0, got -1.0"),
]


@pytest.mark.parametrize(("name", "options", "expected"), OPTIONS, ids=[f"{n} {o}" for n, o, _ in OPTIONS])
def test_bad_options(name: str, options: dict[str, Any], expected: str) -> None:
    for package in (lrjax, lrtorch):
        assert message(lambda p=package: build(p, name=name, **options)) == (ValueError, expected)


# what, the exception, and whether torch itself takes it (and fails later, or does nonsense)
SCHEDULERS: list[tuple[Spec, type[Exception], str, bool]] = [
    (("StepLR", dict(step_size=0)), ValueError, "StepLR: step_size must be an integer, at least 1, got 0", True),
    (("StepLR", dict(step_size=2.5)), ValueError, "StepLR: step_size must be an integer, at least 1, got 2.5", True),
    (("StepLR", dict(step_size=1, gamma=math.nan)), ValueError, "StepLR: gamma must be a finite number, got nan", True),
    (("StepLR", dict(step_size=1, every=0)), ValueError, "StepLR: every must be an integer, at least 1, got 0", True),
    (
        ("MultiStepLR", dict(milestones=3)),
        TypeError,
        "MultiStepLR: milestones must be a list of integers, got 3",
        False,
    ),
    (
        ("MultiStepLR", dict(milestones=[-1])),
        ValueError,
        "MultiStepLR: milestones must be an integer, at least 0",
        True,
    ),
    (("ConstantLR", dict(factor=1.5)), ValueError, "ConstantLR: factor must be in (0, 1], got 1.5", False),
    (("ConstantLR", dict(factor=-0.5)), ValueError, "ConstantLR: factor must be in (0, 1], got -0.5", False),
    (("ConstantLR", dict(factor=0)), ValueError, "ConstantLR: factor must be in (0, 1], got 0", True),
    (("ConstantLR", dict(total_iters=-1)), ValueError, "ConstantLR: total_iters must be an integer, at least 0", True),
    (("LinearLR", dict(start_factor=0)), ValueError, "LinearLR: start_factor must be in (0, 1], got 0", False),
    (("LinearLR", dict(start_factor=2)), ValueError, "LinearLR: start_factor must be in (0, 1], got 2", False),
    (("LinearLR", dict(end_factor=1.1)), ValueError, "LinearLR: end_factor must be in [0, 1], got 1.1", False),
    (
        ("LinearLR", dict(total_iters=0)),
        ValueError,
        "LinearLR: total_iters must be an integer, at least 1, got 0",
        True,
    ),
    (("ExponentialLR", dict(gamma="a")), ValueError, "ExponentialLR: gamma must be a finite number, got 'a'", True),
    (
        ("PolynomialLR", dict(total_iters=0)),
        ValueError,
        "PolynomialLR: total_iters must be an integer, at least 1",
        True,
    ),
    (("PolynomialLR", dict(power=math.inf)), ValueError, "PolynomialLR: power must be a finite number, got inf", True),
    (("CosineAnnealingLR", dict(T_max=0)), ValueError, "CosineAnnealingLR: T_max must be above 0, got 0", True),
    (("CosineAnnealingLR", dict(T_max=-3)), ValueError, "CosineAnnealingLR: T_max must be above 0, got -3", True),
    (("CosineAnnealingWarmRestarts", dict(T_0=0)), ValueError, "CosineAnnealingWarmRestarts: T_0 must be", False),
    (("CosineAnnealingWarmRestarts", dict(T_0=1.5)), ValueError, "CosineAnnealingWarmRestarts: T_0 must be", False),
    (("CosineAnnealingWarmRestarts", dict(T_0=1, T_mult=0)), ValueError, "CosineAnnealingWarmRestarts: T_mult", False),
    (
        ("CosineAnnealingWarmRestarts", dict(T_0=1, eta_min="0")),
        ValueError,
        "CosineAnnealingWarmRestarts: eta_min must be a finite number, got '0'",
        False,
    ),
    (("LambdaLR", dict(lr_lambda=0.5)), TypeError, "LambdaLR: lr_lambda must be a function or a list of them", False),
    (
        ("LambdaLR", dict(lr_lambda=[abs])),
        ValueError,
        "LambdaLR: lr_lambda must have one value for each of the 2",
        False,
    ),
    (("MultiplicativeLR", dict(lr_lambda=0.5)), TypeError, "MultiplicativeLR: lr_lambda must be a function or", False),
    (("MultiplicativeLR", dict(lr_lambda=[abs] * 3)), ValueError, "MultiplicativeLR: lr_lambda must have one", False),
    (("CyclicLR", dict(base_lr=0.1, max_lr=0.2, mode="square")), ValueError, "CyclicLR: mode must be one of", False),
    (
        ("CyclicLR", dict(base_lr=[0.1], max_lr=0.2)),
        ValueError,
        "CyclicLR: base_lr must have one value for each",
        False,
    ),
    (("CyclicLR", dict(base_lr=0.1, max_lr=[0.2] * 3)), ValueError, "CyclicLR: max_lr must have one value for", False),
    (("CyclicLR", dict(base_lr=0.1, max_lr=0.2, step_size_up=0)), ValueError, "CyclicLR: step_size_up must be", True),
    (("CyclicLR", dict(base_lr=0.1, max_lr=0.2, scale_mode="x")), ValueError, "CyclicLR: scale_mode must be one", True),
    (
        ("OneCycleLR", dict(max_lr=0.1)),
        ValueError,
        "OneCycleLR: total_steps, or epochs and steps_per_epoch, must",
        False,
    ),
    (("OneCycleLR", dict(max_lr=0.1, total_steps=0)), ValueError, "OneCycleLR: total_steps must be an integer", False),
    (
        ("OneCycleLR", dict(max_lr=0.1, total_steps=1.5)),
        ValueError,
        "OneCycleLR: total_steps must be an integer",
        False,
    ),
    (("OneCycleLR", dict(max_lr=0.1, epochs=0, steps_per_epoch=1)), ValueError, "OneCycleLR: epochs must be", False),
    (("OneCycleLR", dict(max_lr=0.1, epochs=1, steps_per_epoch=-1)), ValueError, "OneCycleLR: steps_per_epoch", False),
    (
        ("OneCycleLR", dict(max_lr=0.1, total_steps=9, pct_start=1)),
        ValueError,
        "OneCycleLR: pct_start must be a",
        False,
    ),
    (
        ("OneCycleLR", dict(max_lr=0.1, total_steps=9, pct_start=1.1)),
        ValueError,
        "OneCycleLR: pct_start must be",
        False,
    ),
    (
        ("OneCycleLR", dict(max_lr=0.1, total_steps=9, anneal_strategy="x")),
        ValueError,
        "OneCycleLR: anneal_stra",
        False,
    ),
    (("OneCycleLR", dict(max_lr=[0.1], total_steps=9)), ValueError, "OneCycleLR: max_lr must have one value", False),
    (("OneCycleLR", dict(max_lr=0.1, total_steps=10, pct_start=0.1)), ValueError, "OneCycleLR: pct_start times", True),
    (
        ("ReduceLROnPlateau", dict(factor=1.0)),
        ValueError,
        "ReduceLROnPlateau: factor must be below 1.0, got 1.0",
        False,
    ),
    (("ReduceLROnPlateau", dict(mode="up")), ValueError, "ReduceLROnPlateau: mode must be one of 'min', 'max'", False),
    (("ReduceLROnPlateau", dict(threshold_mode="x")), ValueError, "ReduceLROnPlateau: threshold_mode must be", False),
    (("ReduceLROnPlateau", dict(min_lr=[0.1])), ValueError, "ReduceLROnPlateau: min_lr must have one value for", False),
    (("ReduceLROnPlateau", dict(patience=-1)), ValueError, "ReduceLROnPlateau: patience must be an integer", True),
    (("ReduceLROnPlateau", dict(every=3)), ValueError, "ReduceLROnPlateau: every must be left out", True),
    (("SWALR", dict(swa_lr=0.1, anneal_epochs=-1)), ValueError, "SWALR: anneal_epochs must be an integer", False),
    (("SWALR", dict(swa_lr=0.1, anneal_strategy="x")), ValueError, "SWALR: anneal_strategy must be one of", False),
    (("SWALR", dict(swa_lr=[0.1])), ValueError, "SWALR: swa_lr must have one value for each of the 2 groups", False),
    (("SWALR", dict(swa_lr=-0.1)), ValueError, "SWALR: swa_lr must be a finite number, at least 0.0, got -0.1", True),
    (("SequentialLR", dict(schedulers=[], milestones=[])), ValueError, "SequentialLR: schedulers must have", False),
    (("ChainedScheduler", dict(schedulers=[])), ValueError, "ChainedScheduler: schedulers must have at least", False),
    (
        ("SequentialLR", dict(schedulers=[("ExponentialLR", dict(gamma=0.9))] * 2, milestones=[])),
        ValueError,
        "SequentialLR: milestones must be one fewer than the 2 schedulers, got ()",
        False,
    ),
    (
        ("SequentialLR", dict(schedulers=[("ExponentialLR", dict(gamma=0.9))] * 3, milestones=[5, 2])),
        ValueError,
        "SequentialLR: milestones must be increasing, got (5, 2)",
        True,
    ),
    (
        ("SequentialLR", dict(schedulers=[("ReduceLROnPlateau", {})], milestones=[])),
        ValueError,
        "SequentialLR: schedulers must not hold ReduceLROnPlateau (it needs a metric)",
        False,
    ),
    (
        ("ChainedScheduler", dict(schedulers=[("ReduceLROnPlateau", {})])),
        ValueError,
        "ChainedScheduler: schedulers must not hold ReduceLROnPlateau (it needs a metric)",
        False,
    ),
    (("StepDecay", dict(lr_decay=0)), ValueError, "StepDecay: lr_decay must be an integer, at least 1, got 0", True),
    (("StepDecay", dict(lr_decay=1, mode="x")), ValueError, "StepDecay: mode must be one of 'factor', 'rate'", True),
    (("StepDecay", dict(lr_decay=1, mode="rate")), ValueError, "StepDecay: lr0 must be a finite number", True),
    (("StepDecay", dict(lr_decay=1, lr0=0.1)), ValueError, "StepDecay: lr0 must be left out with mode='factor'", True),
    (("EpochTable", dict(table=[])), ValueError, "EpochTable: table must have at least one [epochs, rate] row", True),
    (
        ("EpochTable", dict(table=[[0, 0.1]])),
        ValueError,
        "EpochTable: table[0][0] must be an integer, at least 1",
        True,
    ),
    (("EpochTable", dict(table=[[1, -0.1]])), ValueError, "EpochTable: table[0][1] must be a finite number", True),
    (("EpochTable", dict(table=[[1, math.nan]])), ValueError, "EpochTable: table[0][1] must be a finite number", True),
    (("EpochTable", dict(table=[1, 2])), TypeError, "EpochTable: table[0] must be a pair [epochs, rate], got 1", True),
    (("EpochTable", dict(table=3)), TypeError, "EpochTable: table must be a list of [epochs, rate] rows, got 3", True),
]
IDS = [f"{spec[0]} {spec[1]}"[:70] for spec, *_ in SCHEDULERS]


@pytest.mark.parametrize(("spec", "error", "expected", "torch_takes_it"), SCHEDULERS, ids=IDS)
def test_bad_schedulers(spec: Spec, error: type[Exception], expected: str, torch_takes_it: bool) -> None:
    groups = [{"params": "backbone/**"}, {"params": "head/**"}]
    ours, theirs = (
        message(lambda p=p: build(p, groups, momentum=0.9, scheduler=make(p, spec))) for p in (lrjax, lrtorch)
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


SIMULATIONS: list[tuple[dict[str, Any], str]] = [
    (dict(base_lrs=[], num_steps=3), "simulate: base_lrs must have at least one rate, got []"),
    (dict(base_lrs=[0.1, -1], num_steps=3), "simulate: base_lrs[1] must be a finite number, at least 0.0, got -1"),
    (dict(base_lrs=0.1, num_steps=0), "simulate: num_steps must be an integer, at least 1, got 0"),
    (dict(base_lrs=0.1, num_steps=3, edits={3: 0.1}), "simulate: edits must be at steps 0 to 2, got 3"),
    (dict(base_lrs=0.1, num_steps=3, edits={0: {1: 0.1}}), "simulate: edits[0] must name groups 0 to 0, got 1"),
    (dict(base_lrs=0.1, num_steps=3, edits={0: math.nan}), "simulate: edits[0] must be a finite number"),
    (dict(base_lrs=0.1, num_steps=3, metrics=[1.0] * 3), "simulate: metrics must be left out"),
]


@pytest.mark.parametrize(("arguments", "expected"), SIMULATIONS, ids=[e for _, e in SIMULATIONS])
def test_bad_simulations(arguments: dict[str, Any], expected: str) -> None:
    ours, theirs = (message(lambda p=p: p.simulate(p.ExponentialLR(0.9), **arguments)) for p in (lrjax, lrtorch))
    assert ours == theirs
    assert ours[1].startswith(expected)


EDITS: list[tuple[Any, str]] = [
    (-0.1, "set_lr: lr of group 'backbone/**' must be a finite number, at least 0.0, got -0.1"),
    (math.nan, "set_lr: lr of group 'backbone/**' must be a finite number, at least 0.0, got nan"),
    ({"nose": 0.1}, "set_lr: group must be one of 'backbone/**', 'head/**', got 'nose'"),
    ({"head/**": "0.1"}, "set_lr: lr of group 'head/**' must be a finite number, at least 0.0, got '0.1'"),
    ({"head/**": None}, "set_lr: lr of group 'head/**' must be a finite number, at least 0.0, got None"),
]


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
