"""Schedules that end: held in compiled code, which cannot raise, and an error elsewhere."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
import lrtorch
from parity_tests.by_hand import by_hand


@pytest.mark.parametrize("three_phase", [False, True])
@pytest.mark.parametrize("anneal_strategy", ["cos", "linear"])
def test_one_cycle_past_its_end_is_held_in_compiled_code_and_an_error_elsewhere(
    three_phase: bool, anneal_strategy: Any
) -> None:
    """A run must not die of a schedule; torch raises, and so does what can."""
    one_cycle = lrjax.OneCycleLR(max_lr=0.1, total_steps=7, three_phase=three_phase, anneal_strategy=anneal_strategy)
    tx = lrjax.SGD(lr=0.1, momentum=0.9, scheduler=by_hand(one_cycle))
    state = tx.init({"w": jnp.ones(2)})
    step = jax.jit(lambda state: lrjax.step_scheduler(tx, state))
    for _ in range(6):
        state = lrjax.step_scheduler(tx, state)
    end = lrjax.get_lr(state), lrjax.get_hyper(state, "momentum")
    extra = lrjax.step_scheduler(tx, state)  # torch has it, too
    assert lrjax.get_lr(extra) != end[0]
    with pytest.raises(ValueError, match="opt_state must not be stepped past step 7, where the OneCycleLR ends, got 8"):
        lrjax.step_scheduler(tx, extra)
    held = extra
    for _ in range(3):
        held = step(held)
        assert (lrjax.get_lr(held), lrjax.get_hyper(held, "momentum")) == end
    with pytest.raises(ValueError, match="num_steps must be at most 8, where the OneCycleLR ends, got 9"):
        lrjax.simulate(one_cycle, 0.1, 9)
    assert one_cycle.schedule(0.1)(9) == np.float32(end[0]["**"])


@pytest.mark.parametrize(
    ("make", "last"),
    [
        (lambda p: p.ChainedScheduler([p.StepLR(2), p.OneCycleLR(0.1, total_steps=4), p.TableLR([[9, 1.0]])]), 4),
        (lambda p: p.SequentialLR([p.StepLR(2), p.OneCycleLR(0.1, total_steps=4)], [3]), 7),
        (lambda p: p.SequentialLR([p.TableLR([[4, 0.1]]), p.StepLR(2)], [3]), None),
        (lambda p: p.SequentialLR([p.TableLR([[4, 0.1]]), p.StepLR(2)], [5]), 3),
        (lambda p: p.SequentialLR([p.TableLR([[4, 0.1]]), p.StepLR(2)], [4]), None),
        (lambda p: p.SequentialLR([p.ChainedScheduler([p.OneCycleLR(0.1, total_steps=4)]), p.StepLR(2)], [9]), 4),
    ],
)
def test_composites_end_where_torch_raises(make: Any, last: int | None) -> None:
    packages: tuple[Any, ...] = (lrjax, lrtorch)
    assert [make(package).last_step() for package in packages] == [last, last]
    tx = lrjax.SGD(lr=0.1, momentum=0.9, scheduler=by_hand(make(lrjax)))
    state = tx.init({"w": jnp.ones(2)})
    optimizer = lrtorch.SGD(
        [("w", torch.nn.Parameter(torch.ones(2)))], lr=0.1, momentum=0.9, scheduler=by_hand(make(lrtorch))
    )
    optimizer.step()
    for _ in range(12 if last is None else last):
        lrtorch.step_scheduler(optimizer)
        state = lrjax.step_scheduler(tx, state)
        assert lrjax.get_lr(state)["**"] == lrtorch.get_lr(optimizer)["**"]
    for package in packages:
        package.simulate(make(package), 0.1, 13 if last is None else last + 1)
    if last is None:
        return
    for again in (lambda: lrtorch.step_scheduler(optimizer), lambda: lrjax.step_scheduler(tx, state)):
        with pytest.raises(ValueError, match=f"must not be stepped past step {last}, where the"):
            again()
    for package in packages:
        with pytest.raises(ValueError, match=f"must be at most {last + 1}, where"):
            package.simulate(make(package), 0.1, last + 2)
