"""Groups by pattern: what each pattern matches and which group wins."""

import re
from typing import Any

import jax.numpy as jnp
import pytest
import torch

import lrjax
import lrtorch
from parity_tests.trees import nested

PATTERNS: list[tuple[Any, str, bool]] = [
    ("a", "a", True),
    ("a", "a/b", True),
    ("a", "ab", False),
    ("a/b", "a/b/c", True),
    ("b", "a/b", False),
    ("a.b", "a/b/c", True),
    ("a/b", "a.b.weight", True),
    ("**", "a/b/c", True),
    ("a/**", "a", True),
    ("a/**", "a/b/c", True),
    ("a/*", "a/b", True),
    ("a/*", "a/b/c", False),
    ("**/bias", "bias", True),
    ("**/bias", "a/b/bias", True),
    ("**/bias", "a/bias/b", False),
    ("a/**/d", "a/b/c/d", True),
    ("a/**/d", "a/d", True),
    ("layers/[0-3]/*", "layers/2/w", True),
    ("layers/[0-3]/*", "layers/4/w", False),
    ("layers/?/w", "layers/10/w", False),
    ("x[!a]y", "xby", True),
    ("x[!a]y", "x/y", False),
    ("w[[]0]", "w[0]", True),
    ("a[", "a[", True),
    ("re:.*(bias|scale)", "a/b/scale", True),
    ("re:.*(bias|scale)", "a/b/scales", False),
    ("re:a/b", "a.b", True),
    (lambda path: path.endswith("/w"), "a.b.w", True),
    (re.compile("a").match, "b", False),
]


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    PATTERNS,
    ids=[f"{p if isinstance(p, str) else 'a function'} on {q}" for p, q, _ in PATTERNS],
)
def test_patterns(pattern: Any, path: str, expected: bool) -> None:
    from lrspec.patterns import matches

    assert matches(pattern, path) is expected


def test_the_first_match_wins_and_labels_agree() -> None:
    groups = [
        {"params": "**/bias", "name": "biases"},
        {"params": "backbone"},
        {"params": ["head", "nothing*/**", "**"]},
    ]
    model = torch.nn.ModuleDict({"backbone": torch.nn.Linear(2, 2), "head": torch.nn.Linear(2, 2)})
    theirs = lrtorch.param_groups.labels([*groups[:2], {"params": "head"}])(model)
    assert theirs == {
        "backbone.weight": "backbone",
        "backbone.bias": "biases",
        "head.weight": "head",
        "head.bias": "biases",
    }
    ours = lrjax.param_groups.labels([*groups[:2], {"params": "head"}])(
        nested(dict.fromkeys(["backbone/kernel", "backbone/bias", "head/kernel"], jnp.ones(2)))
    )
    assert ours == {"backbone": {"kernel": "backbone", "bias": "biases"}, "head": {"kernel": "head"}}
