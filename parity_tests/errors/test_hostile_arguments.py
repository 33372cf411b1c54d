"""Every argument of every public function is given what nobody should: it works, or one line says what is wrong.

Nothing but ValueError and TypeError may come out, of one line that names the value; both packages take the same, and
say the same of what they refuse.
"""

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
import lrtorch

from .calls import Call, calls

HOSTILE: dict[str, Any] = {
    **{"None": None, "text": "x", "bytes": b"x", "True": True, "-1": -1, "0": 0, "nan": math.nan, "inf": math.inf},
    **{"-inf": -math.inf, "10**400": 10**400, "1e39": 1e39, "[]": [], "{}": {}, "()": (), "an object": object()},
    **{"a function": lambda: 0, "a class": int, "a vector": np.zeros(2), "JAX's vector": jnp.zeros(2), "1j": 1j},
    **{"a long text": "y" * 100_000, "two lines": "a\nb", "a long list": ["x"] * 100_000, "[[[1]]]": [[[1]]]},
    **{"Fraction": Fraction(1, 3), "Decimal": Decimal("0.1"), "np.str_": np.str_("x"), "np.bool_": np.bool_(True)},
    **{"[True]": [True], "{1: 1}": {1: 1}, "{1}": {1}, "0-d": np.array(0.1), "JAX's 0-d": jnp.array(0.1)},
    "a tensor": torch.tensor(0.1),
}
FUNCTIONS = {"a function", "a class"}
SCALARS = {"0-d", "JAX's 0-d", "a tensor"}  # numbers to the framework that they are of
# Where the user's own function is called, what it raises comes through as it is.
CALLED = {"lr_lambda", "scale_fn", "function", "step", "tensor", "loss"}
ITS_OWN = {"model", "params", "optimizer", "opt_state", "scheduler", "grads", "parameters"}  # another in each package
FREER_IN_TORCH = {("load_scheduler_state_dict", "state_dict"), ("lr_find", "batches")}  # a batch of text, too
NAMES = sorted({*calls(lrjax), *calls(lrtorch)})


def outcome(call: Call, argument: str, value: Any) -> tuple[str, str]:
    """What comes of the call: "works", or the type and the text of its error."""
    function, arguments = call
    try:
        function(**{**arguments, argument: value})
    except (ValueError, TypeError) as error:
        if type(error) not in (ValueError, TypeError):
            raise
        return type(error).__name__, str(error)
    except OSError:
        if argument != "file":
            raise
    return "works", ""


def values_for(name: str, argument: str) -> list[str]:
    """Which of the hostile values are such for the argument."""
    called = argument in CALLED or (name == "tabulate" and argument == "scheduler")
    return [label for label in HOSTILE if not (called and label in FUNCTIONS)]


@pytest.mark.filterwarnings("ignore:Detected call of `lr_scheduler.step:UserWarning")  # torch's
@pytest.mark.parametrize("name", NAMES)
def test_it_works_or_says_why_not(name: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = [call for package in (lrjax, lrtorch) if (call := calls(package).get(name))]
    for function, arguments in found:
        function(**arguments)  # as they stand they are valid
    for argument in {key: None for _, arguments in found for key in arguments}:
        for label in values_for(name, argument):
            outcomes = [outcome(call, argument, HOSTILE[label]) for call in found if argument in call[1]]
            for kind, text in outcomes:
                said = f"{name}, {argument}={label}: {text}"
                assert kind == "works" or (text.isprintable() and "got " in text and len(text) <= 300), said
            compare(name, argument, label, outcomes)


def compare(name: str, argument: str, label: str, outcomes: list[tuple[str, str]]) -> None:
    """Both packages take it, or both refuse it in the same words."""
    if len(outcomes) < 2 or label in SCALARS or (name, argument) in FREER_IN_TORCH:
        return
    ours, theirs = outcomes
    by_path = argument in ITS_OWN or (name == "layer_decay" and label in FUNCTIONS)  # the first path: JAX sorts them
    assert (ours[0] == "works") == (theirs[0] == "works"), (name, argument, label, outcomes)
    assert by_path or ours == theirs, (name, argument, label)
