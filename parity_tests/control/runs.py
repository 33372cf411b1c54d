"""States of several runs in one, as ``vmap`` makes them, and each run alone."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

import lrjax

BATCHES = [(1,), (3,), (2, 3)]  # three is also the number of groups
SHAPES = {"a": (3, 2), "b": (3,), "c": (2, 2)}
GROUPS: Any = [{"params": "a", "lr": 1e-5}, {"params": "b", "weight_decay": 0.25}, {"params": "c"}]


def adamw(groups: Any = None, **options: Any) -> Any:
    """With a scheduler that steps by itself."""
    return lrjax.AdamW(groups or GROUPS, lr=0.1, scheduler=lrjax.StepLR(2, every=2), **options)


def parameters(batch: tuple[int, ...], names: str = "abc") -> dict[str, jax.Array]:
    """Other numbers in each run."""
    rng = np.random.default_rng(0)
    return {name: jnp.asarray(rng.normal(size=(*batch, *SHAPES[name])), jnp.float32) for name in names}


def for_runs(function: Callable[..., Any], batch: tuple[int, ...]) -> Callable[..., Any]:
    """The function of one run, mapped over all."""
    for _ in batch:
        function = jax.vmap(function)
    return function


@cache
def begun(nesting: str, batch: tuple[int, ...]) -> Any:
    """A state after an update, of gradients that are the parameters."""
    tx = NESTINGS[nesting]()
    return jax.jit(for_runs(lambda params: tx.update(params, tx.init(params), params)[1], batch))(parameters(batch))


def each(batch: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The place of each run."""
    return np.ndindex(*batch)


def one(tree: Any, place: tuple[int, ...]) -> Any:
    """One run's part: of a state, and of numbers."""
    return jax.tree.map(lambda x: x[place], tree)


def same(ours: Any, theirs: Any) -> None:
    """Equal trees, bit for bit."""
    assert jax.tree.structure(ours) == jax.tree.structure(theirs)
    for a, b in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        np.testing.assert_array_equal(np.asarray(a), np.asarray(b))
        assert np.asarray(a).dtype == np.asarray(b).dtype


_PARTS: dict[Any, Any] = {name: lrjax.AdamW([{"params": "**", "name": name}], lr=0.5) for name in "ab"}
_PARTS["c"] = lrjax.Adafactor()
NESTINGS: dict[str, Callable[[], Any]] = {
    "alone": adamw,
    "one group": lambda: adamw("**"),
    "chain": lambda: optax.chain(optax.clip_by_global_norm(1.0), adamw()),
    "multi_transform": lambda: optax.multi_transform(_PARTS, lambda params: {name: name for name in params}),
}
