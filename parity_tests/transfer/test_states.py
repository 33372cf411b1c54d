"""States as runs leave them: half begun, within a schedule, by name; and every scheduler's arguments read back."""

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import orbax.checkpoint
import pytest
import torch

import lrjax
import lrtorch
from lrjax.lr_scheduler._state_dict import _config
from lrjax.transfer.schedulers import from_state
from parity_tests.by_hand import by_hand
from parity_tests.schedulers import cases
from parity_tests.schedulers.cases import make

from .small import GROUPS, NAMES, PARAMS, Run, go_on


def test_before_the_first_update_and_parameters_that_join_later() -> None:
    """torch makes states at a parameter's first gradient: b has none at the handover, and counts from there."""
    for begun in (0, 2):
        run = Run("SGD", momentum=0.9)
        for t in range(begun):
            run.step(t, only="a")
        tx, state = lrjax.from_torch(run.optimizer.state_dict(), None, PARAMS)
        np.testing.assert_array_equal(state.memory["has_buffer"], [begun > 0, begun > 0, False])
        back, none = lrjax.to_torch(state, like=run.optimizer.state_dict(), tensor=torch.from_numpy)
        assert none is None
        assert list(back["state"]) == list(run.optimizer.state_dict()["state"])
        go_on(run, tx, state, range(2, 4), only="a")
        tx, state = lrjax.from_torch(run.optimizer.state_dict(), None, PARAMS)
        go_on(run, tx, state, range(4, 6))


def test_step_counts_differ_by_parameter() -> None:
    run = Run("Rprop").step(0).step(1, only="a").step(2, only="a")
    tx, state = lrjax.from_torch(run.optimizer.state_dict(), None, PARAMS)
    np.testing.assert_array_equal(state.memory["step"], [3, 3, 1])
    go_on(run, tx, state, range(3, 5))


def test_names_can_be_given_and_classes_named() -> None:
    for names in (NAMES, [name for each in NAMES for name in each]):
        run = Run("Adamax", named=False).step(0)
        tx, state = lrjax.from_torch(run.optimizer.state_dict(), None, PARAMS, names=names, optimizer="Adamax")
        assert repr(tx).startswith("Adamax([{'lr': 0.1, ")
        assert lrjax.get_lr(state) == {"0": 0.1, "1": 0.01}
        go_on(run, tx, state, range(1, 2))
    old = Run("AdamW").step(0).optimizer.state_dict()
    for group in old["param_groups"]:
        del group["decoupled_weight_decay"]  # as older versions of torch wrote it
    with pytest.raises(ValueError, match="optimizer must be given, one of Adam, AdamW"):
        lrjax.from_torch(old, None, PARAMS)
    assert repr(lrjax.from_torch(old, None, PARAMS, optimizer=torch.optim.AdamW)[0]).startswith("AdamW(")


def test_a_transformation_of_ones_own() -> None:
    """Patterns, names and what stands around the optimizer are the user's; numbers are torch's."""
    run = Run("Adam", scheduler=lambda o: torch.optim.lr_scheduler.StepLR(o, 2)).step(0)
    run.optimizer.param_groups[1]["lr"] = 0.5
    adam = lrjax.Adam(GROUPS, scheduler=lrjax.StepLR(2, every=1))
    assert run.scheduler is not None
    tx, state = lrjax.from_torch(
        run.optimizer.state_dict(), run.scheduler.state_dict(), PARAMS, tx=optax.chain(optax.identity(), adam)
    )
    assert lrjax.get_lr(state) == {"a/**": 0.1, "b/**": 0.5}
    _, state = go_on(run, tx, state, range(1, 4))
    assert list(lrjax.get_lr(state).values()) == [group["lr"] for group in run.optimizer.param_groups]


@pytest.mark.parametrize("composite", [False, True])
def test_groups_in_another_order(composite: bool) -> None:
    def made(o: Any) -> Any:
        rules = torch.optim.lr_scheduler
        return rules.SequentialLR(o, [rules.LinearLR(o), rules.StepLR(o, 2)], [1]) if composite else rules.StepLR(o, 2)

    run = Run("Adam", scheduler=made).step(0).step(1)
    assert run.scheduler is not None
    lrs = {"b/**": run.optimizer.param_groups[1]["lr"], "a/**": run.optimizer.param_groups[0]["lr"]}
    ours = lrjax.StepLR(2, every=1)
    if composite:
        ours = lrjax.SequentialLR([lrjax.LinearLR(), lrjax.StepLR(2)], [1], every=1)
    tx = lrjax.Adam(GROUPS[::-1], scheduler=ours)
    tx, state = lrjax.from_torch(run.optimizer.state_dict(), run.scheduler.state_dict(), PARAMS, tx=tx)
    assert list(lrjax.get_lr(state).items()) == list(lrs.items())
    _, state = go_on(run, tx, state, range(2, 5))
    assert list(lrjax.get_lr(state).values()) == [group["lr"] for group in run.optimizer.param_groups][::-1]


def test_several_schedulers_and_the_count() -> None:
    def both(optimizer: Any) -> Any:
        one, two = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9), torch.optim.lr_scheduler.StepLR(optimizer, 5)
        return type("Both", (), {"step": lambda self: one.step(), "states": [one, two]})()

    run = Run("SGD", scheduler=both)
    states = [scheduler.state_dict() for scheduler in run.scheduler.states]  # type: ignore[union-attr]
    schedulers = [lrjax.ExponentialLR(0.9, every=None), lrjax.StepLR(5, every=3)]
    with pytest.raises(ValueError, match=r"count must be given: the updates taken, for every=3"):
        lrjax.from_torch(run.optimizer.state_dict(), states, PARAMS, scheduler=schedulers)
    _, state = lrjax.from_torch(run.optimizer.state_dict(), states, PARAMS, scheduler=schedulers, count=2)
    assert int(state.count) == 2
    back = lrjax.to_torch(state, like=run.optimizer.state_dict())[1]
    assert back == states
    adam = Run("Adam", scheduler=lambda o: torch.optim.lr_scheduler.StepLR(o, 2)).step(0).step(1)
    taken = (adam.optimizer.state_dict(), adam.scheduler.state_dict())  # type: ignore[union-attr]
    with pytest.raises(ValueError, match=r"count must be given: .* every=2 .* has taken 2 steps.*got 2"):
        lrjax.from_torch(*taken, PARAMS, every=2)
    assert int(lrjax.from_torch(*taken, PARAMS, every=1)[1].count) == 2


class Zigzag(torch.optim.lr_scheduler.LRScheduler):
    """A scheduler that lrjax has no class for."""

    def get_lr(self) -> list[float | torch.Tensor]:
        """Up and down around the first rate."""
        return [base * (1.5 if self.last_epoch % 3 else 0.1) for base in self.base_lrs]


def test_a_scheduler_that_torch_has_not_goes_on_as_a_table() -> None:
    run = Run("NAdam", scheduler=Zigzag).step(0).step(1)
    foreign = run.scheduler.state_dict()  # type: ignore[union-attr]
    with pytest.raises(ValueError, match="from_torch: scheduler_state must be a scheduler that lrjax has"):
        lrjax.from_torch(run.optimizer.state_dict(), foreign, PARAMS)
    table = lrjax.TableLR(lrtorch.tabulate(run.scheduler, 9), every=1)
    tx, state = lrjax.from_torch(run.optimizer.state_dict(), None, PARAMS, scheduler=table)
    _, state = go_on(run, tx, state, range(2, 8))
    assert list(lrjax.get_lr(state).values()) == [group["lr"] for group in run.optimizer.param_groups]


def test_names_instead_of_numbers() -> None:
    """torch.distributed.checkpoint keeps optimizer states by the parameters' names."""
    run = Run("RAdam", named=False).step(0)
    state = run.optimizer.state_dict()
    flat = [name for each in NAMES for name in each]
    by_name = {
        "state": {flat[i]: kept for i, kept in state["state"].items()},
        "param_groups": [{**g, "params": names} for g, names in zip(state["param_groups"], NAMES, strict=True)],
    }
    _, ours = lrjax.from_torch(by_name, None, PARAMS)
    again = lrjax.to_torch(ours, like=by_name)[0]
    assert list(again["state"]) == flat
    assert [group["params"] for group in again["param_groups"]] == NAMES


def test_orbax_keeps_the_state(tmp_path: Path) -> None:
    run = Run("AdamW", scheduler=lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, 9)).step(0).step(1)
    tx, state = lrjax.from_torch(run.optimizer.state_dict(), run.scheduler.state_dict(), PARAMS, every=1)  # type: ignore[union-attr]
    with orbax.checkpoint.StandardCheckpointer() as checkpointer:
        checkpointer.save(tmp_path / "state", state)
        checkpointer.wait_until_finished()
        restored = checkpointer.restore(tmp_path / "state", tx.init(PARAMS))
    for ours, theirs in zip(jax.tree.leaves(restored), jax.tree.leaves(state), strict=True):
        assert np.asarray(ours).tobytes() == np.asarray(theirs).tobytes()
    go_on(run, tx, restored, range(2, 4))


def test_a_transposed_adafactor_swaps_its_factors() -> None:
    run = Run("Adafactor").step(0)
    theirs = run.optimizer.state_dict()["state"][0]
    _, state = lrjax.from_torch(run.optimizer.state_dict(), None, PARAMS)
    np.testing.assert_array_equal(state.slots["row_var"]["a"]["kernel"], theirs["col_var"].T)
    np.testing.assert_array_equal(state.slots["col_var"]["a"]["kernel"], theirs["row_var"].T)
    conv = torch.nn.Parameter(torch.ones(2, 3, 4, 4))
    optimizer = torch.optim.Adafactor([("conv.weight", conv)])
    conv.grad = torch.ones_like(conv)
    optimizer.step()
    with pytest.raises(ValueError, match="Adafactor's state of conv/kernel is made of means over them"):
        lrjax.from_torch(optimizer.state_dict(), None, {"conv": {"kernel": jnp.ones((4, 4, 3, 2))}})


def test_a_transposed_muon_would_take_other_steps() -> None:
    weight = torch.nn.Parameter(torch.ones(4, 2))
    optimizer = torch.optim.Muon([("a.weight", weight)])
    weight.grad = torch.ones_like(weight)
    optimizer.step()
    with pytest.raises(ValueError, match=r"layout of a/kernel must be as in torch \(out, in\)"):
        lrjax.from_torch(optimizer.state_dict(), None, {"a": {"kernel": jnp.ones((2, 4))}})
    lrjax.from_torch(optimizer.state_dict(), None, {"a": {"weight": jnp.ones((4, 2))}})


LAMBDAS = ("LambdaLR", "MultiplicativeLR")


def has_function(spec: Any) -> bool:
    inner = spec[1].get("schedulers", [])
    return spec[0] in LAMBDAS or spec[1].get("scale_fn") is not None or any(has_function(one) for one in inner)


ALL = [case for case in cases.CASES if case.spec[0] not in LAMBDAS]


@pytest.mark.parametrize("case", ALL, ids=[case.id for case in ALL])
def test_every_schedulers_arguments_come_back(case: Any) -> None:
    named = [(str(i), torch.nn.Parameter(torch.ones(2))) for i in range(3)]
    groups: Any = [{"params": str(i), "lr": lr} for i, lr in enumerate(cases.BASE_LRS)]
    optimizer = lrtorch.SGD(named, groups, momentum=0.5, scheduler=by_hand(make(lrtorch, case.spec)))
    optimizer.step()
    for _ in range(3):
        lrtorch.step_scheduler(optimizer, 1.0)
    state = lrtorch.scheduler_state_dict(optimizer)
    if has_function(case.spec):
        with pytest.raises(ValueError, match="must be given"):
            from_state("from_torch", state, optimizer.param_groups)
        return
    made, meant = from_state("from_torch", state, optimizer.param_groups), make(lrjax, case.spec)
    assert config(made) == config(meant)


def config(scheduler: Any) -> Any:
    """The class and the arguments as torch keeps them."""
    inner = [config(one) for one in getattr(scheduler, "schedulers", [])]
    own = {} if inner else _config(scheduler, 3, False)
    return type(scheduler).__name__, own, inner, getattr(scheduler, "milestones", None) if inner else None
