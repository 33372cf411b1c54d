"""What people who know torch or optax type first: each works, or one line says what to type instead."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import optax
import pytest
import torch

import lrjax
import lrtorch

TREE = {"backbone": {"kernel": jnp.ones((3, 4)), "bias": jnp.ones(4)}, "head": {"kernel": jnp.ones((4, 2))}}
NESTED = {"params": TREE}
jax_any: Any = lrjax  # what is wrong on purpose is not the type checker's business
torch_any: Any = lrtorch
curves_any: Any = lrjax.curves
CURVE = lrjax.curves.cosine(9)


def net() -> torch.nn.Module:
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Linear(4, 2))


def sgd() -> torch.optim.Optimizer:
    return torch.optim.SGD(net().parameters(), lr=0.1)


def running(**options: Any) -> tuple[Any, Any]:
    tx = jax_any.AdamW(**options)
    return tx, tx.init(TREE)


def adamw(*arguments: Any, **options: Any) -> Callable[[], Any]:
    return lambda: jax_any.AdamW(*arguments, **options).init(TREE)


def through_optax() -> Any:
    tx = optax.adamw(jax_any.StepLR(3))
    return tx.update(TREE, tx.init(TREE), TREE)


def going_on() -> Any:
    tx = optax.chain(lrjax.AdamW(), optax.scale(0.5))
    return lrjax.step(tx, TREE, tx.init(TREE), TREE)


WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "a rate first": (adamw(1e-3), "got 0.001; a rate is given by name: lr=0.001"),
    "the parameters first": (adamw(TREE), "the parameters are given to tx.init(params) in lrjax"),
    "rates by group": (adamw({"backbone": 1e-4, "head": 1e-3}), "write [{'params': 'backbone', 'lr': 0.0001}, ...]"),
    "learning_rate": (adamw(learning_rate=1e-3), "unexpected keyword argument 'learning_rate'"),
    "a schedule as lr": (
        adamw(lr=optax.cosine_decay_schedule(0.1, 10)),
        "a schedule goes into scheduler=TableLR(lrjax.tabulate(schedule, num_steps), every=1)",
    ),
    "a scheduler as lr": (adamw(lr=lrjax.StepLR(3)), "a scheduler is given by name: scheduler=..., and lr is the rate"),
    "rates as lr": (adamw(lr=[0.1, 0.2]), "rates of several groups stand in the groups: [{'params': pattern, 'lr'"),
    "a scheduler without every": (
        adamw(scheduler=lrjax.StepLR(3)),
        "scheduler must say when it steps: every=1 (after each update), every=<updates per epoch>, or every=None (you",
    ),
    "a scheduler of lrtorch without every": (
        lambda: lrtorch.AdamW(net(), scheduler=lrtorch.StepLR(3)),
        "scheduler must say when it steps: every=1 (after each update)",
    ),
    "a schedule as scheduler": (
        adamw(scheduler=optax.constant_schedule(0.1)),
        "a schedule of optax goes on as TableLR(lrjax.tabulate(schedule, num_steps), every=1)",
    ),
    "torch's scheduler": (
        lambda: jax_any.AdamW(scheduler=torch.optim.lr_scheduler.StepLR(sgd(), 3)),
        "a live torch scheduler goes on as TableLR(lrtorch.tabulate(scheduler, num_steps), every=1)",
    ),
    "lrtorch's scheduler": (adamw(scheduler=lrtorch.StepLR(3, every=1)), "; it is the other package's"),
    "the class": (adamw(scheduler=lrjax.StepLR), "; give an object: StepLR(step_size=30, every=1)"),
    "its name": (adamw(scheduler="StepLR"), "; give an object: StepLR(step_size=30, every=1)"),
    "optimizer first": (lambda: jax_any.StepLR(lrjax.AdamW(), 30), "the optimizer is given the scheduler, scheduler="),
    "optimizer first, then by name": (
        lambda: jax_any.SequentialLR(lrjax.AdamW(), [lrjax.StepLR(3)], milestones=[]),
        "SequentialLR: the first argument must not be an optimizer: the optimizer is given the scheduler, scheduler=",
    ),
    "torch's optimizer first": (
        lambda: torch_any.CosineAnnealingLR(sgd(), T_max=3),
        "CosineAnnealingLR: the first argument must not be an optimizer: the optimizer is given the scheduler",
    ),
    "a scheduler in optax": (
        through_optax,
        "is no function of the count, its schedule is: StepLR(...).schedule(lr)",
    ),
    "scheduler.step()": (
        lambda: jax_any.StepLR(3).step(),
        "it steps by itself with every=1 (or the updates per",
    ),
    "get_last_lr": (lambda: jax_any.StepLR(3).get_last_lr(), "use get_lr(opt_state)"),
    "scheduler.state_dict()": (lambda: torch_any.StepLR(3).state_dict(), "use scheduler_state_dict(opt_state)"),
    "optimizer.step()": (lambda: jax_any.AdamW().step(), "use lrjax.step(tx, grads, opt_state, params)"),
    "zero_grad": (
        lambda: jax_any.AdamW().zero_grad(),
        "nothing to zero, for jax.grad makes new gradients at each",
    ),
    "param_groups": (lambda: jax_any.AdamW().param_groups, "use lrjax.get_lr(opt_state), lrjax.set_lr(opt_state, lr)"),
    "param_groups of the state": (lambda: running()[1].param_groups, "use lrjax.get_lr(opt_state)"),
    "optimizer.state_dict()": (lambda: jax_any.AdamW().state_dict(), "use lrjax.state_dict(opt_state)"),
    "a pattern below params": (
        lambda: jax_any.AdamW([{"params": "backbone"}, {"params": "head"}]).init(NESTED),
        "got 'backbone'; did you mean 'params/backbone'?",
    ),
    "a pattern with params": (
        adamw([{"params": "params/backbone"}, {"params": "head"}]),
        "got 'params/backbone'; did you mean 'backbone'?",
    ),
    "a pattern misspelt": (adamw([{"params": "bacbone"}, {"params": "**"}]), "got 'bacbone'; did you mean 'backbone'?"),
    "an option misspelt": (adamw([{"params": "**", "weight_deacy": 0.1}]), "; did you mean 'weight_decay'?"),
    "learning_rate in a group": (adamw([{"params": "**", "learning_rate": 0.1}]), "; did you mean 'lr'?"),
    "a group misspelt": (
        lambda: lrjax.set_lr(running(groups=[{"params": "backbone"}, {"params": "head"}])[1], {"haed": 0.1}),
        "group must be one of 'backbone', 'head', got 'haed'; did you mean 'head'?",
    ),
    "a mode misspelt": (lambda: jax_any.ReduceLROnPlateau(mode="mni"), "got 'mni'; did you mean 'min'?"),
    "a convention in capitals": (
        lambda: jax_any.layer_decay(TREE, lr=0.1, convention="BEIT"),
        "got 'BEIT'; did you mean 'beit'?",
    ),
    "a curve as a scheduler": (adamw(scheduler=CURVE), "; a curve becomes one as CurveLR(curve, every=1)"),
    "a curve as a rate": (
        adamw(lr=CURVE),
        "; a curve is given as scheduler=CurveLR(curve, every=1), and lr is the rate",
    ),
    "transformers' function": (
        lambda: jax_any.get_cosine_schedule_with_warmup,
        "use CurveLR(curves.transformers.cosine(...))",
    ),
    "optax's function": (
        lambda: torch_any.warmup_cosine_decay_schedule,
        "use CurveLR(curves.optax.warmup_cosine_decay",
    ),
    "a library that is not there": (lambda: curves_any.timn, "has no attribute 'timn'; did you mean 'timm'?"),
    "an optimizer misspelt": (lambda: jax_any.Adamw, "module 'lrjax' has no attribute 'Adamw'; did you mean 'AdamW'?"),
    "a scheduler misspelt": (lambda: torch_any.CosineAnealingLR, "; did you mean 'CosineAnnealingLR'?"),
    "LBFGS": (lambda: jax_any.LBFGS, "use optax.lbfgs with scheduler.schedule(lr)"),
    "get_lr of the optimizer": (
        lambda: lrjax.get_lr(lrjax.AdamW()),
        "get_lr: opt_state must hold the state of an lrjax optimizer, got 'Optimizer'; the state is what init gave",
    ),
    "no params": (
        lambda: lrjax.AdamW().update(TREE, running()[1]),
        "AdamW.update: params must be given (torch's rules read them), got None",
    ),
    "arguments of step in another order": (
        lambda: jax_any.step(lrjax.AdamW(), TREE, TREE, running()[1]),
        "AdamW.update: state must be what init gave, got 'dict'",
    ),
    "a chain that goes on": (
        going_on,
        "step: tx must be an lrjax optimizer, or optax around one that ends in it",
    ),
    "step_scheduler beside every": (
        lambda: lrjax.step_scheduler(*running(scheduler=lrjax.StepLR(3, every=1))),
        "all schedulers step by themselves, by their every= (with every=None you step them)",
    ),
    "torch's parameters": (
        lambda: lrjax.AdamW().init(dict(net().named_parameters())),
        "torch's become JAX's by lrjax.params_from_torch(state_dict, params)",
    ),
    "torch's groups": (
        lambda: torch_any.AdamW([{"params": net().parameters(), "lr": 1e-3}]),
        "groups come second: AdamW(model, [{'params': 'head'}, ...])",
    ),
    "torch's optimizer for its state": (
        lambda: jax_any.from_torch(sgd(), None, TREE),
        "optimizer_state must be what optimizer.state_dict() gave, got 'SGD'",
    ),
    "a table for groups that differ": (
        lambda: lrjax.simulate(lrjax.EpochTable([[3, 0.1], [2, 0.01]]), [0.1, 0.2], 5),
        "mode must be given where groups' rates differ: 'rate' (the table's for all) or 'factor' (of each group's)",
    ),
}


@pytest.mark.parametrize(("call", "expected"), WRONG.values(), ids=WRONG)
def test_a_line_says_what_to_type(call: Callable[[], Any], expected: str) -> None:
    with pytest.raises((TypeError, ValueError, AttributeError)) as caught:
        call()
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_parameters_alone_are_a_group() -> None:
    model = net()
    optimizer = lrtorch.AdamW(model.parameters(), lr=1e-3)
    assert lrtorch.get_lr(optimizer) == {"**": 1e-3}
    assert [p for group in optimizer.param_groups for p in group["params"]] == list(model.parameters())
    by_place = lrtorch.SGD(model.parameters(), [{"params": ["0", "1"], "name": "first"}, {"params": "**"}])
    assert [len(group["params"]) for group in by_place.param_groups] == [2, 2]


def test_what_is_asked_for_quietly_is_not_there() -> None:
    """``hasattr``, ``copy`` and ``pickle`` look for names that are not there, and must find none."""
    tx, state = running(scheduler=lrjax.StepLR(3, every=1))
    for one in (tx, state, lrjax.StepLR(3), lrtorch.StepLR(3)):
        assert not hasattr(one, "param_groups") and not hasattr(one, "__nothing__")
