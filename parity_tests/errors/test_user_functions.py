"""Functions of the user's: predicates that raise, that answer no yes or no, callables without a hash."""

import re
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
import lrtorch

from .messages import build, message

PACKAGES: list[Any] = [lrjax, lrtorch]


def raising(path: str) -> bool:
    raise KeyError(path)


def an_array(path: str) -> Any:
    return np.ones(2, bool)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_predicate_that_raises_is_named_with_the_path(package: Any) -> None:
    with pytest.raises(ValueError, match="must answer for each path") as caught:
        build(package, [{"params": raising, "name": "mine"}])
    assert isinstance(caught.value.__cause__, KeyError)
    assert str(caught.value).startswith("SGD: pattern of group 'mine' must answer for each path (it raised KeyError('")
    assert "got <function raising" in str(caught.value)


@pytest.mark.parametrize("package", PACKAGES)
def test_a_predicate_answers_yes_or_no(package: Any) -> None:
    error, text = message(lambda: build(package, [{"params": an_array}]))
    assert error is ValueError
    assert text.startswith("SGD: pattern of group 'an_array' must answer True or False for each path ('")
    assert text.endswith("got a bool array of shape (2,)")
    build(package, lambda path: re.search("a", path) or path == "head/weight")  # a match is an answer


@pytest.mark.parametrize("pattern", ["[z-a]", "layer[9-0]/*", "re:[z-a]", "re:(", "re:a{9999999999999}"])
def test_patterns_that_are_none(pattern: str) -> None:
    ours, theirs = (message(lambda p=p: build(p, [{"params": pattern}])) for p in PACKAGES)
    assert ours == theirs
    kind = "regular expression" if pattern.startswith("re:") else "pattern"
    assert ours[1].startswith(f"SGD: groups[0]['params'] must be a valid {kind} (")
    assert ours[1].endswith(f"got {pattern!r}")


class Halving:
    """It compares, and so Python gives it no hash; a mutable one at that."""

    def __init__(self) -> None:
        self.factor = 0.5

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Halving) and other.factor == self.factor

    __hash__ = None  # type: ignore[assignment]

    def __call__(self, e: float) -> float:
        """The factor of an epoch."""
        return self.factor**e


@pytest.mark.parametrize("name", ["LambdaLR", "CyclicLR"])
def test_callables_without_a_hash(name: str) -> None:
    """They count by identity: another one, though equal, may come to differ."""
    one, rates = Halving(), []

    def made(package: Any, function: Any, **more: Any) -> Any:
        if name == "LambdaLR":
            return package.LambdaLR(function, **more)
        return package.CyclicLR(0.1, 0.2, step_size_up=3, scale_fn=function, cycle_momentum=False, **more)

    assert made(lrjax, one) == made(lrjax, one)
    assert hash(made(lrjax, one)) == hash(made(lrjax, one))
    assert made(lrjax, one) != made(lrjax, Halving())
    tx = lrjax.SGD(lr=1.0, scheduler=made(lrjax, one, every=1))
    optimizer = lrtorch.SGD({"w": torch.nn.Parameter(torch.ones(2))}, lr=1.0, scheduler=made(lrtorch, one, every=1))
    params = {"w": jnp.ones(2)}
    state, update = tx.init(params), jax.jit(tx.update)
    for _ in range(4):
        rates.append((lrjax.get_lr(state)["**"], lrtorch.get_lr(optimizer)["**"]))
        state = update(params, state, params)[1]
        optimizer.step()
    assert [ours for ours, _ in rates] == [theirs for _, theirs in rates]
    np.testing.assert_array_equal(
        lrjax.simulate(made(lrjax, one), 1.0, 4), lrtorch.simulate(made(lrtorch, one), 1.0, 4)
    )


def test_a_group_without_new_parameters() -> None:
    params = {"w": jnp.ones(2)}
    state = lrjax.SGD().init(params)
    model = {"w": torch.nn.Parameter(torch.ones(2))}
    optimizer = lrtorch.SGD(model)
    assert message(lambda: lrjax.add_param_group(state, params, {"params": "w"}))[1] == (
        "add_param_group: params must hold parameters that the state does not know, got ['w']"
    )
    assert message(lambda: lrtorch.add_param_group(optimizer, model, {"params": "w"}))[1] == (
        "add_param_group: model must hold parameters that the optimizer does not know, got ['w']"
    )
