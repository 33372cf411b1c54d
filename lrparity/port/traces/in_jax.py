"""The recorder of a JAX loop, jitted or scanned."""

from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from lrjax._tree_paths import paths

from .checksum import folded, terms
from .trace import QUANTITIES, Trace, collected


def fingerprint(loss: Any, params: Any, grads: Any, batch: Any = ()) -> dict[str, Any]:
    """A few numbers of a step, for ``JaxRecorder.record``; a pure function, for inside ``jit`` and ``scan``.

    Args:
        loss: a scalar.
        params: the tree of parameters, before the update.
        grads: the tree of their gradients.
        batch: any tree of arrays.

    Returns:
        A dict of small arrays. Norms and sums are in float32 (float64 under x64), so they are good to 1e-6.
    """
    leaves = jax.tree.leaves(params)
    wide, slopes = ([jnp.asarray(x, _wide(x)) for x in xs] for xs in (leaves, jax.tree.leaves(grads)))
    return {
        "loss": jnp.asarray(loss),
        "norm": jnp.stack([jnp.sqrt(jnp.sum(p * p)) for p in wide]),
        "sum": jnp.stack([jnp.sum(p) for p in wide]),
        "largest": jnp.stack([jnp.max(jnp.abs(p), initial=0.0) for p in wide]),
        "bits": jnp.stack([_bits_sum(jnp.asarray(p)) for p in leaves]),
        "grad_norm": jnp.stack([jnp.sqrt(jnp.sum(g * g)) for g in slopes]),
        "grad_most": jnp.stack([jnp.max(g) if g.size else jnp.zeros((), g.dtype) for g in slopes]),
        "grad_least": jnp.stack([jnp.min(g) if g.size else jnp.zeros((), g.dtype) for g in slopes]),
        "batch": jnp.array([_checksum(jnp.asarray(x)) for x in jax.tree.leaves(batch)], jnp.uint32),
    }


def _wide(x: Any) -> Any:
    return jnp.promote_types(jnp.result_type(x), jnp.float32)


def _words(x: jax.Array) -> jax.Array:
    """The bits as 32-bit words."""
    kinds = {1: jnp.uint8, 2: jnp.uint16, 4: jnp.uint32, 8: jnp.uint32}
    x = x.astype(jnp.uint8) if x.dtype == jnp.bool_ else x
    words = jax.lax.bitcast_convert_type(x, kinds[x.dtype.itemsize])
    words = folded(words[..., 0], words[..., 1]) if x.dtype.itemsize == 8 else words
    return words.astype(jnp.uint32).ravel()


def _checksum(x: jax.Array) -> jax.Array:
    """Of a batch's array, in its order; numbers of 64 bits are narrowed first."""
    if x.dtype.kind == "c":
        x = jnp.stack([x.real, x.imag], axis=-1)
    if x.dtype.itemsize == 8:
        x = x.astype({"f": jnp.float32, "i": jnp.int32, "u": jnp.uint32}[x.dtype.kind])
    words = _words(x)
    return jnp.sum(terms(words, jnp.arange(words.size, dtype=jnp.uint32)), dtype=jnp.uint32)


def _bits_sum(p: jax.Array) -> jax.Array:
    """Of a parameter; a transposed layout has the same."""
    return jnp.sum(terms(_words(p)), dtype=jnp.uint32)


class JaxRecorder:
    """Writes down what ``fingerprint`` returned.

    ::

        recorder = lrparity.JaxRecorder("jax.npz", params)
        for batch in batches:
            params, opt_state, seen = step(params, opt_state, batch)  # seen = lrparity.fingerprint(...) inside
            recorder.record(seen)  # or once, with what a whole scan stacked
        recorder.save()

    Args:
        path: the ``.npz`` file that ``save`` writes.
        params: the tree of parameters, for their names.
    """

    def __init__(self, path: str | Path, params: Any) -> None:
        self.path, self.names = path, paths(params)
        leaves = jax.tree.leaves(params)
        self.shapes = {name: tuple(np.shape(p)) for name, p in zip(self.names, leaves, strict=True)}
        self.steps: list[Any] = []

    def record(self, seen: dict[str, Any]) -> None:
        """Take down one step's numbers, or those of many, stacked."""
        arrays = {key: np.asarray(value) for key, value in seen.items()}
        many = {key: value if arrays["loss"].ndim else value[None] for key, value in arrays.items()}
        for t in range(len(many["loss"])):
            step = {key: dict(zip(self.names, many[key][t].tolist(), strict=True)) for key in QUANTITIES}
            self.steps.append({**step, "loss": float(many["loss"][t]), "batch": many["batch"][t].tolist()})

    def save(self) -> Trace:
        """Write the file; returns the trace."""
        trace = collected("jax", self.names, self.shapes, self.steps)
        trace.save(self.path)
        return trace


def perturbed(params: Any, seed: int = 0) -> Any:
    """Every float moved by one unit of the last place, up or down at random: the start of a twin run."""
    leaves, treedef = jax.tree.flatten(params)
    rng = np.random.default_rng(seed)
    moved = []
    for leaf in leaves:
        x = jnp.asarray(leaf)
        up = jnp.asarray(rng.integers(0, 2, x.shape) > 0)
        moved.append(
            jnp.where(up, jnp.nextafter(x, jnp.full_like(x, jnp.inf)), jnp.nextafter(x, jnp.full_like(x, -jnp.inf)))
        )
    return jax.tree.unflatten(treedef, moved)
