"""What docs/parity.md says is refused is refused, by both packages with one text: every line has its calls here."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import pytest
import torch

import lrjax
import lrtorch
from parity_tests.by_hand import by_hand

from .messages import build, message

PAGE = Path(__file__).parents[2] / "docs" / "parity.md"
NAN = math.nan


def group(p: Any, name: str = "SGD", **options: Any) -> Any:
    """One group with these options."""
    return build(p, [{"params": "**", **options}], name=name)


def matrix(p: Any, **options: Any) -> Any:
    """Muon over a matrix."""
    return p.Muon({"w": torch.nn.Parameter(torch.ones(2, 2))}, **options) if p is lrtorch else p.Muon(**options)


def complex_(p: Any) -> Any:
    """Adafactor over complex numbers."""
    if p is lrtorch:
        return p.Adafactor({"w": torch.nn.Parameter(torch.ones(2, 2, dtype=torch.complex64))})
    return p.Adafactor().init({"w": jnp.ones((2, 2), jnp.complex64)})


def added(p: Any, scheduler: Any) -> Any:
    """A group added beside a scheduler."""
    a, b = torch.nn.Parameter(torch.ones(2)), torch.nn.Parameter(torch.ones(2))
    if p is lrtorch:
        return p.add_param_group(p.SGD({"a": a}, scheduler=by_hand(scheduler)), {"a": a, "b": b}, {"params": "b"})
    state = p.SGD(scheduler=by_hand(scheduler)).init({"a": jnp.ones(2)})
    return p.add_param_group(state, {"a": jnp.ones(2), "b": jnp.ones(2)}, {"params": "b"})


def decayed(p: Any, names: str) -> Any:
    """Layer-wise rates of parameters of these names."""
    if p is lrtorch:
        return p.layer_decay({name: torch.nn.Parameter(torch.ones(2)) for name in names.split()}, lr=1.0)
    return p.layer_decay({name.replace(".", "/"): jnp.ones(2) for name in names.split()}, lr=1.0)


def momentum(p: Any, name: str) -> Any:
    """Momentum set by hand in an optimizer made without."""
    made = build(p, name=name)
    return p.set_hyper(made if p is lrtorch else made[1], "momentum", 0.9)


def clip(p: Any, value: float) -> Any:
    """A clip to a norm."""
    return p.clip_grad_norm_([] if p is lrtorch else {}, value)


Action = Callable[[Any], Any]
# The first words of a line -> what is refused.
REFUSED: dict[str, list[Action]] = {
    "StepLR(step_size=0)": [
        *(lambda p: p.StepLR(0), lambda p: p.CosineAnnealingLR(0)),
        *(lambda p: p.CyclicLR(0.1, 0.2, 0), lambda p: p.ConstantLR(0)),
    ],
    "OneCycleLR with pct_start * total_steps == 1": [lambda p: p.OneCycleLR(0.1, 10, pct_start=0.1)],
    "LinearLR, PolynomialLR with total_iters=0": [
        *(lambda p: p.LinearLR(total_iters=0), lambda p: p.PolynomialLR(total_iters=0)),
    ],
    "unsorted or repeated milestones": [
        *(lambda p: p.SequentialLR([p.StepLR(1)] * 3, [5, 2]), lambda p: p.SequentialLR([p.StepLR(1)] * 3, [5, 5])),
    ],
    "a composite that is not first": [
        lambda p: p.SequentialLR([p.StepLR(1), p.ChainedScheduler([p.StepLR(1)])], [3]),
    ],
    "negative, NaN or infinite arguments": [
        *(lambda p: p.StepLR(1, gamma=-0.1), lambda p: p.MultiStepLR([1], gamma=-1), lambda p: p.ExponentialLR(-1)),
        *(lambda p: p.PolynomialLR(power=-1), lambda p: p.StepDecay(1, gamma=-1), lambda p: p.SWALR(-0.1)),
        *(lambda p: p.CosineAnnealingLR(9, eta_min=-1), lambda p: p.CosineAnnealingWarmRestarts(9, eta_min=-1)),
        *(lambda p: p.ReduceLROnPlateau(factor=-0.1), lambda p: p.ReduceLROnPlateau(min_lr=-0.1)),
        *(lambda p: p.ReduceLROnPlateau(eps=-1), lambda p: p.ReduceLROnPlateau(threshold=NAN)),
        *(lambda p: p.CyclicLR(-0.1, 0.1), lambda p: p.CyclicLR(0.1, -0.1), lambda p: p.CyclicLR(0.1, 0.1, gamma=-1)),
        *(lambda p: p.OneCycleLR(-1, 9), lambda p: p.OneCycleLR(1, 9, div_factor=-1), lambda p: p.StepLR(2.5)),
        *(lambda p: p.OneCycleLR(1, 9, base_momentum=-1), lambda p: p.CyclicLR(0.1, 0.2, max_momentum=-1)),
        *(lambda p: p.OneCycleLR(1, 9, final_div_factor=-1), lambda p: p.ExponentialLR(math.inf)),
    ],
    "numbers and texts for `cycle_momentum`": [
        *(lambda p: p.CyclicLR(0.1, 0.2, cycle_momentum="no"), lambda p: p.OneCycleLR(0.1, 9, three_phase=1)),
        lambda p: build(p, name="Adam", scheduler=by_hand(p.OneCycleLR(0.1, 9, max_momentum=1.0))),
    ],
    "OneCycleLR whose last phase has no length": [
        lambda p: p.simulate(p.OneCycleLR(0.1, 9, pct_start=1.0), 0.1, 10),
    ],
    "step counts of 2**31 and more": [lambda p: p.StepLR(2**31), lambda p: p.CosineAnnealingLR(2**30)],
    "OneCycleLR stepped past its end": [lambda p: p.simulate(p.OneCycleLR(0.1, 9), 0.1, 11)],
    "momentum switched on by hand": [lambda p: momentum(p, "SGD"), lambda p: momentum(p, "RMSprop")],
    "`initial_accumulator_value` in a group": [lambda p: group(p, "Adagrad", initial_accumulator_value=0.1)],
    "an unknown option in a group": [lambda p: group(p, rate=0.1)],
    "a rate or option that is a tensor": [
        *(lambda p: build(p, lr=torch.tensor(0.1)), lambda p: group(p, weight_decay=torch.tensor(0.1))),
    ],
    "rates and options that are NaN, infinite": [
        *(lambda p: build(p, lr=NAN), lambda p: build(p, momentum=math.inf), lambda p: group(p, weight_decay=NAN)),
        *(lambda p: clip(p, -1.0), lambda p: clip(p, NAN), lambda p: p.clip_grad_value_([], -1.0)),
    ],
    "Muon's `ns_steps` from 100": [
        *(lambda p: matrix(p, ns_steps=100), lambda p: matrix(p, ns_steps=-1)),
        lambda p: matrix(p, ns_coefficients=(1.0, 2.0)),
    ],
    "a group added beside": [
        *(lambda p: added(p, p.CosineAnnealingLR(9)), lambda p: added(p, p.LambdaLR(abs))),
        lambda p: added(p, p.SWALR(0.1)),
    ],
    "layer decay with gaps": [
        *(lambda p: decayed(p, "blocks.0.w blocks.2.w"), lambda p: decayed(p, "head.w")),
        lambda p: decayed(p, "a.layers.0.w b.layers.0.w"),
    ],
    "fastai's `slice(0, b)`": [lambda p: p.discriminative(["a", "b"], slice(0, 0.1))],
    "TableLR past its end": [lambda p: p.simulate(p.TableLR([[3, 0.1]]), 0.1, 4)],
}
# Lines of the same tables that refuse nothing, or what one package alone can be given; and where they are tested.
ELSEWHERE = {
    'CyclicLR("triangular2")': "test_ranges.py",
    "`last_epoch=L`": "schedulers/test_state.py",
    "loading a state dict with other arguments": "schedulers/test_state.py: compiled in, in lrjax alone",
    "float64 rates below 2e-308": "no refusal",
    "rates in an optimizer's state": "no refusal",
    "a rate of -0": "test_small_differences.py",
    "the derivative of a step at a zero gradient": "no refusal: optimizers/test_derivatives.py",
    "ASGD where 1 + lambd": "test_small_differences.py",
    "momentum of RMSprop that a scheduler raises": "test_small_differences.py",
    "a rate so near float32's largest number": "test_small_differences.py",
    "a gradient of -0 and betas[0]": "test_small_differences.py",
    "NAdam, ASGD in half precision": "test_small_differences.py",
    "an average of complex parameters": "averages/test_refused.py",
    "bools in an equal average": "averages/test_refused.py",
    "`update_bn` without a batch": "averages/test_batch_norm.py",
    "clip_grad_value_ without any gradient": "test_small_differences.py",
    "clip_grad_norm_ with norm_type=inf": "test_small_differences.py",
    "a rate or option of lrjax that is a JAX array": "control/test_traced.py",
    "complex parameters": "below: RuntimeError, as torch",
}
# Not the same in both: torch's own SGD starts a buffer, and lrtorch's optimizers are torch's own.
JAX_ALONE = {"momentum switched on by hand"}


def lines() -> list[str]:
    """The first cells of the tables of deliberate differences."""
    tables = PAGE.read_text().split("### Deliberate differences")[1:]
    rows = [row for table in tables for row in table.split("\n## ")[0].split("\n") if row.startswith("| ")]
    cells = [row[2:].split(" | ")[0] for row in rows]
    return [cell for cell in cells if cell not in ("what", "---")]


def test_every_line_has_its_calls() -> None:
    """One key for each line, and none that the page has not."""
    for line in lines():
        assert len([key for key in (*REFUSED, *ELSEWHERE) if line.startswith(key)]) == 1, line
    for key in (*REFUSED, *ELSEWHERE):
        assert any(line.startswith(key) for line in lines()), key


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused(what: str) -> None:
    for action in REFUSED[what]:
        ours = message(lambda action=action: action(lrjax))
        assert what in JAX_ALONE or message(lambda action=action: action(lrtorch)) == ours


def test_complex_parameters() -> None:
    texts = set()
    for package in (lrjax, lrtorch):
        with pytest.raises(RuntimeError) as caught:
            complex_(package)
        texts.add(str(caught.value))
    assert texts == {"Adafactor: params must be real, got 'an array of complex64'"}
    with pytest.raises(RuntimeError, match="must be real"):
        lrjax.SGD().init({"w": jnp.ones(2, jnp.complex64)})


def test_what_is_negative_and_taken() -> None:
    for package in (lrjax, lrtorch):
        package.simulate(package.ReduceLROnPlateau(threshold=-0.1), 0.1, 2, metrics=[1.0, 1.0])
        package.simulate(package.TableLR([[2, -0.1]]), 0.1, 2)
