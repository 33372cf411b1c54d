"""How many errors say the function, the argument, the rule and the value: all of them, in both packages alike.

The inputs are the rows of ``malformed_cases``, and the 124 error inputs of torch's own database.
"""

import re
from collections import Counter
from typing import Any

import jax.numpy as jnp
import pytest
import torch

import lrjax
import lrtorch
from lrspec.brief import brief
from parity_tests.optimizers import test_torch_errors as database

from .calls import calls
from .malformed_cases import ROWS

RULE = re.compile(r"\b(must|needs|may|matches none|has no|is for)\b")
CALLS = {package: calls(package) for package in (lrjax, lrtorch)}


def refusal(action: Any) -> tuple[str, str]:
    """The type and the text of an error, or what it is instead."""
    try:
        action()
    except (ValueError, TypeError, RuntimeError) as error:
        return type(error).__name__, str(error)
    except Exception as error:
        return type(error).__name__, ""
    return "nothing", ""


def missing(text: str, function: str, argument: str, value: Any = None) -> list[str]:
    """What a message does not say. A value is shown whole or, of a list, the entry that is wrong."""
    head, _, got = text.partition(", got ")
    shown = brief(value)
    said = {
        "the function": head.startswith(f"{function}:") or (function.isidentifier() and head.startswith(function)),
        "the argument": argument in head,
        "the rule": RULE.search(head) is not None,
        "the value": got != "" and (value is None or got in shown or shown.strip("[](),") in got),
        "one line": text.isprintable() and len(text) <= 300,
    }
    return [what for what, is_said in said.items() if not is_said]


def counted(faults: dict[str, list[str]], total: int) -> str:
    """The table: how many say each thing."""
    lost = Counter(what for whats in faults.values() for what in whats)
    columns = ("refused", "the same", "the function", "the argument", "the rule", "the value", "one line")
    return "\n".join(f"{what:14}{total - lost[what]:4} of {total}" for what in columns)


def test_every_malformed_input() -> None:
    faults: dict[str, list[str]] = {}
    for name, argument, value in ROWS:
        texts = []
        for package_calls in CALLS.values():
            function, arguments = package_calls[name]
            texts.append(refusal(lambda f=function, a={**arguments, argument: value}: f(**a)))
        short = name.removeprefix("a group of ")
        found = missing(texts[0][1], short, SAID.get((name, argument), argument), value)
        found += ["refused"] * (texts[0][0] not in ("ValueError", "TypeError"))
        found += ["the same"] * (texts[0] != texts[1] and (name, argument) not in BY_PATH)
        if found:
            faults[f"{name}({argument}={brief(value, 40)}): {texts}"] = found
    table = counted(faults, len(ROWS))
    print(table)
    assert len(ROWS) >= 150
    assert not faults, f"{table}\n" + "\n".join(f"{what} {case}" for case, what in faults.items())


# An unknown group is called so, wherever it stands.
SAID = dict.fromkeys(
    [("scale_lr", "factor"), ("set_hyper", "value"), ("freeze", "groups"), ("thaw", "groups")], "group"
)
BY_PATH = {("layer_decay", "embeddings")}  # it lists the parameters, which JAX sorts


def test_every_error_input_of_torch() -> None:
    """Those without a counterpart in JAX are about torch's list of tensors: lrtorch's alone."""
    faults: dict[str, list[str]] = {}
    total = 0
    for name, desc, options, _ in database.rows():
        if name in database.NOT_HERE:
            continue
        total += 1
        ours = {k: v for k, v in options.items() if k != "foreach"}
        argument = "model" if desc in database.NO_COUNTERPART else "params" if desc in database.PARAMETERS else ""
        texts = [refusal(lambda: database_call(lrtorch, name, desc, ours))]  # noqa: B023
        if desc not in database.NO_COUNTERPART:
            texts.append(refusal(lambda: database_call(lrjax, name, desc, ours)))  # noqa: B023
        arguments = [argument] if argument else [k for k in ours if f": {k}" in texts[0][1]] or ["?"]
        found = missing(texts[0][1], name, arguments[0])
        found += ["refused"] * (texts[0][0] not in ("ValueError", "TypeError", "RuntimeError"))
        found += ["the same"] * (len(set(texts)) > 1)
        if found:
            faults[f"{name} {desc} {options}: {texts}"] = found
    table = counted(faults, total)
    print(table)
    assert total == 124 - 16
    assert not faults, f"{table}\n" + "\n".join(f"{what} {case}" for case, what in faults.items())


def database_call(package: Any, name: str, desc: str, options: dict[str, Any]) -> Any:
    """The row's call, on parameters that have what is wrong with them."""
    if desc in database.NO_COUNTERPART:
        a, b = torch.nn.Parameter(torch.ones(2, 2)), torch.nn.Parameter(torch.ones(2, 2))
        return getattr(package, name)(database.model_of(desc, a, b), None)
    shape, dtype = database.PARAMETERS.get(desc, (2, 2)), "complex64" if "complex" in desc else "float32"
    if package is lrtorch:
        tensor = torch.nn.Parameter(torch.ones(shape, dtype=getattr(torch, dtype)))
        return getattr(package, name)({"w": tensor}, **options)
    return getattr(package, name)(**options).init({"w": jnp.ones(shape, dtype)})


@pytest.mark.parametrize(
    "text", ["", "no rule, got 3", "StepLR: gamma must be\nlow, got 3", "StepLR: gamma must be low"]
)
def test_the_measure_finds_what_is_missing(text: str) -> None:
    assert missing(text, "StepLR", "gamma", 3)
