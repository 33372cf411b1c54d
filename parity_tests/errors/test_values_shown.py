"""How errors show a value: on one line, cut, quickly, whatever it is."""

import time
from collections import namedtuple
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
import lrtorch
from lrspec.brief import MOST, brief, listed
from lrspec.check import message


class Raising:
    """It cannot be shown."""

    def __repr__(self) -> str:
        raise RuntimeError("never\nshown")


class Lines:
    """It is shown on three lines."""

    def __repr__(self) -> str:
        return "a\nb\u2028\x1b"


Pair = namedtuple("Pair", "a b")
SHOWN: dict[str, tuple[Any, str]] = {
    "an array": (np.ones((3, 2), np.float32), "a float32 array of shape (3, 2)"),
    "JAX's": (jnp.ones((3, 2), jnp.bfloat16), "a bfloat16 array of shape (3, 2)"),
    "a tensor": (torch.ones(3, dtype=torch.int32), "an int32 array of shape (3,)"),
    "a tree": ({"a": {"w": np.ones(2)}}, "{'a': {'w': a float64 array of shape (2,)}}"),
    "a number of NumPy": (np.float64(0.5), "np.float64(0.5)"),
    "a large integer": (10**400, "an integer of 1329 bits"),
    "a named tuple": (Pair(np.ones(9), 1), "a Pair of length 2"),
    "a repr that raises": (Raising(), "a Raising whose repr raises RuntimeError"),
    "several lines": (Lines(), r"a\nb\u2028\x1b"),
    "a long list": (list(range(100)), "[0, 1, 2, 3, 4, 5, 6, 7, ... 92 more]"),
    "a list of one": ((1,), "(1,)"),
    "empty": ([(), set(), {}, frozenset()], "[(), set(), {}, frozenset()]"),
}


@pytest.mark.parametrize("what", SHOWN)
def test_brief(what: str) -> None:
    value, text = SHOWN[what]
    assert brief(value) == text


@pytest.mark.parametrize(
    "value",
    [b"x" * 10**8, "\n" * 10**7, list(range(10**6)), dict.fromkeys(range(10**6)), [[list(range(10**5))] * 10**5]],
    ids=["bytes", "text", "list", "dict", "nested"],
)
def test_large_values_take_no_time(value: Any) -> None:
    start = time.perf_counter()
    text = brief(value)
    assert time.perf_counter() - start < 0.05
    assert text.isprintable()
    assert len(text) <= MOST


def test_a_message_is_one_short_line() -> None:
    text = message("f" * 1000, "a\nb", "must be so", {"x" * 1000: np.ones(3)})
    assert text.isprintable()
    assert len(text) <= 300
    assert listed(["n"] * 9) == "n, n, n, n, n, n, n, n and 1 more"
    assert listed(["n" * 100] * 50) == f"{'n' * 57}... and 49 more"


def test_parameters_given_for_groups_or_rate() -> None:
    """The mistake of a newcomer: the whole tree used to be printed."""
    params = {f"layer_{i}": {"w": jnp.ones((50, 50))} for i in range(100)}
    wrong: Any = params
    for make in (lambda: lrjax.SGD(wrong), lambda: lrjax.SGD(lr=wrong)):
        with pytest.raises((ValueError, TypeError)) as caught:
            make()
        assert len(str(caught.value)) <= 300
        assert "a float32 array of shape (50, 50)" in str(caught.value)
    model: Any = torch.nn.Linear(2, 2)
    with pytest.raises(ValueError, match=r"^SGD: lr must be a finite number, at least 0.0, got Linear\(in_features"):
        lrtorch.SGD(model, lr=model)
