"""The README's first example runs as printed, and its links lead somewhere."""

import re

import jax.numpy as jnp

from parity_tests import ROOT

from .blocks import blocks_of


def test_the_first_example_runs() -> None:
    params = {"backbone": {"kernel": jnp.ones((3, 2))}, "head": {"kernel": jnp.ones((2, 2))}}
    names = {"params": params, "grads": params, "steps_per_epoch": 10}
    exec(blocks_of(ROOT / "README.md")[0], names)
    assert str(names["table"].shape) == "(100, 2)"  # type: ignore[attr-defined]
    assert names["lrjax"].get_lr(names["opt_state"]) == {"backbone/**": 1e-05, "head/**": 3e-4}  # type: ignore[attr-defined]


def test_links_lead_somewhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\((?!http)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
