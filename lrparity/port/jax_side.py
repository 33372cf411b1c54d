"""An optax transformation as a machine: gradients go in, updates come out, in any dtype, for many runs at once."""

from collections.abc import Iterator, Mapping
from functools import cached_property, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.tree_util import tree_flatten_with_path

import lrjax
from lrjax._tree_paths import paths
from lrjax.arithmetic.float64 import on_host
from lrjax.optim._nested_states import states_of
from lrjax.transfer.layouts import permuted
from lrjax.transfer.names import NameMap
from lrspec import check

from .machine import RUNS, Arrays, Ran
from .rule import Rule, of_torch

WHERE = "compare"
_MOMENTS = {
    **dict.fromkeys(("mu", "exp_avg", "momentum_buffer", "trace", "ema"), "first moment"),
    **dict.fromkeys(("nu", "exp_avg_sq", "square_avg", "sum", "sum_of_squares", "exp_inf", "e_g"), "second moment"),
}


class Read(NamedTuple):
    """What the state of an lrjax optimizer shows, by torch's names of the parameters; T updates."""

    rules: dict[str, Rule]
    rates: Arrays  # shape=(T,)
    schedules: dict[str, Arrays]  # field of the rule that changes -> shape=(T,)


def _option(name: str, value: np.ndarray) -> Any:
    """A number or two; Adafactor's default epsilon, None in torch, is a negative number in the state."""
    if not np.ndim(value):
        return float(value)
    return tuple(None if one < 0 and name == "eps" else one for one in value.tolist())


class JaxSide:
    """The user's transformation over the user's parameters.

    Args:
        tx: an ``optax.GradientTransformation``, ``optax.MultiSteps`` or ``nnx.Optimizer``.
        params: the tree of parameters; arrays or ``jax.ShapeDtypeStruct``.
        links: which parameter is which on torch's side.
    """

    def __init__(self, tx: Any, params: Any, links: NameMap) -> None:
        self.tx = getattr(tx, "tx", tx)
        if not (callable(getattr(self.tx, "init", None)) and callable(getattr(self.tx, "update", None))):
            rule = "must have init and update, as an optax.GradientTransformation"
            check.fail(WHERE, "tx", rule, type(tx).__name__, TypeError)
        self.links = {link.path: link for link in links.links}
        leaves, self.treedef = jax.tree.flatten(params)
        self.paths = paths(params)
        self.keys = [keys for keys, _ in tree_flatten_with_path(params)[0]]
        self.shapes = [tuple(np.shape(leaf)) for leaf in leaves]
        self.shown: list[tuple[str, str]] = []
        self.names = [self.links[path].name for path in self.paths if path in self.links]
        self._chunks: dict[bool, Any] = {}  # compiled once for 64 bits, once for 32
        self._inits: dict[bool, Any] = {}
        self.moving: set[str] = set()  # paths without a partner that moved in a run
        self.faint = 1e-9  # their gradients: no clipping sees them

    @cached_property
    def words(self) -> set[str]:
        """The names of the classes of the state: "ScaleByAdamState", "TraceState", ..."""
        with jax.enable_x64(False):
            leaves = [jax.ShapeDtypeStruct(tuple(min(n, 2) for n in shape), "float32") for shape in self.shapes]
            tree = jax.tree.unflatten(self.treedef, leaves)
            return set(_class_names(_traceable(lambda: jax.eval_shape(self.tx.init, tree))))

    def read(self, updates: int, micro_steps: int) -> Read | None:
        """The program of an lrjax optimizer, which its state shows; None for any other transformation.

        Args:
            updates: how many.
            micro_steps: per update.
        """
        if "OptState" not in self.words:
            return None
        leaves = [jnp.zeros(tuple(min(n, 2) for n in shape)) for shape in self.shapes]
        params = jax.tree.unflatten(self.treedef, leaves)
        first = self.tx.init(params)
        states = states_of(first, WHERE)
        if len(states) > 1:
            return None

        def one(state: Any, _: None) -> Any:
            return self.one_step(params, state, params)[1], states_of(state, WHERE)[0].hyper

        numbers = jax.tree.map(np.asarray, jax.jit(partial(jax.lax.scan, one, length=updates * micro_steps))(first)[1])
        numbers = {name: on_host(value)[::micro_steps] for name, value in numbers.items()}
        return self._read(states[0].layout, numbers)

    def _read(self, layout: Any, numbers: dict[str, np.ndarray]) -> Read:
        """The numbers of the groups, shape=(updates, groups) or (updates, groups, 2), by parameter."""
        rules, rates, schedules = {}, {}, {}
        for path, group in zip(layout.paths, layout.group_of, strict=True):
            if path not in self.links or isinstance(group, tuple):
                continue
            name = self.links[path].name
            own = {key: value[:, group] for key, value in numbers.items()}
            options = {
                **dict(layout.defaults),
                **{k: _option(k, v[0]) for k, v in own.items()},
                **dict(layout.flags[group]),
            }
            rule = Rule("frozen") if layout.frozen[group] else of_torch(layout.optimizer, options)
            rules[name] = rule
            rates[name] = np.zeros_like(own["lr"]) if layout.frozen[group] else own["lr"]
            for field, key in (("momentum", "momentum"), ("weight_decay", "weight_decay"), ("b1", "betas")):
                if key in own:
                    values = own[key] if field != "b1" else own[key][:, 0]
                    if np.ptp(values):
                        schedules.setdefault(field, {})[name] = values
        return Read(rules, rates, schedules)

    def run(self, start: Arrays, grads: Arrays, dtype: str, *, hold: bool) -> Ran:
        """See ``Machine``; ``start`` and ``grads`` by torch's names in torch's layout."""
        runs = len(next(iter(start.values())))
        start = {name: _padded(w, RUNS, 0) for name, w in start.items()}
        with jax.enable_x64(dtype == "float64"):
            first = self._tree(start, dtype, 1)
            begin = self._inits.setdefault(dtype == "float64", jax.jit(jax.vmap(self.tx.init)))
            carry = (first, _traceable(partial(begin, first)))
            micro_steps = len(next(iter(grads.values())))
            outs = []
            for t in range(0, micro_steps, _CHUNK):
                chunk = {name: _padded(_padded(g[t : t + _CHUNK], _CHUNK, 0), RUNS, 1) for name, g in grads.items()}
                fed = self._tree(chunk, dtype, 2)
                carry, out = _traceable(partial(self._chunk(dtype == "float64"), carry, fed, first, hold))
                outs.append(jax.tree.map(lambda x: np.asarray(x)[:, :runs], out))
        after, moved, state = jax.tree.map(lambda *parts: np.concatenate(parts)[:micro_steps], *outs)
        others = zip(self.paths, jax.tree.leaves(moved), strict=True)
        self.moving |= {path for path, leaf in others if path not in self.links and leaf.any()}
        return Ran(self._arrays(after), self._arrays(moved), self._moments(state))

    def _chunk(self, wide: bool) -> Any:
        """The compiled steps, ``_CHUNK`` at a time, of many runs."""
        if wide not in self._chunks:

            def run(carry: Any, grads: Any, first: Any, hold: Any) -> Any:
                def one(carry: Any, g: Any) -> Any:
                    params, state = carry
                    new, state, updates = jax.vmap(self.one_step)(g, state, params)
                    kept = jax.tree.map(lambda old, now: jnp.where(hold, old, now), first, new)
                    return (kept, state), (new, updates, self._shown(state))

                return jax.lax.scan(one, carry, grads)

            self._chunks[wide] = jax.jit(run)
        return self._chunks[wide]

    def hears(self, fed: tuple[Arrays, Arrays]) -> bool:
        """Whether updates depend on the gradients of parameters without a partner, as by a clipping of all."""
        start, grads = ({n: part[n] for n in self.names} for part in fed)
        few = {name: g[:_CHUNK] for name, g in grads.items()}
        quiet = self.run(start, few, "float64", hold=False).params
        self.faint, usual = 1e3, self.faint
        loud = self.run(start, few, "float64", hold=False).params
        self.faint = usual
        return any(not np.allclose(loud[n], quiet[n], rtol=1e-12, atol=0.0) for n in self.names)

    def one_step(self, grads: Any, state: Any, params: Any) -> tuple[Any, Any, Any]:
        """New parameters, new state, updates; by ``lrjax.step`` where the optimizer is lrjax's, which is exact."""
        if has_lrjax(state):
            try:
                new, state = lrjax.step(self.tx, grads, state, params)
            except TypeError:  # optax.MultiSteps, and what goes on after the optimizer
                pass
            else:
                return new, state, jax.tree.map(jnp.subtract, new, params)
        try:
            updates, state = self.tx.update(grads, state, params)
        except TypeError as error:
            if "required" not in str(error) and "missing" not in str(error):
                raise
            rule = "must update from gradients, state and parameters alone"
            raise ValueError(f"{WHERE}: tx {rule}, got one that says: {str(error).splitlines()[0]}") from None
        return optax.apply_updates(params, updates), state, updates

    def _tree(self, arrays: Mapping[str, np.ndarray], dtype: str, batch: int) -> Any:
        """Arrays by torch's name in torch's layout as the tree; those without a partner and their gradients: small."""
        runs = next(iter(arrays.values())).shape[:batch]
        leaves = []
        for path, shape in zip(self.paths, self.shapes, strict=True):
            if path not in self.links:
                size = self.faint if batch == 2 else 1e-3
                leaves.append(np.full((*runs, *[min(n, 2) for n in shape]), size, dtype))
                continue
            link = self.links[path]
            axes = tuple(range(batch)) + tuple(batch + a for a in link.axes or range(len(shape)))
            leaves.append(jnp.asarray(np.transpose(arrays[link.name], axes).astype(jnp.dtype(dtype))))
        return jax.tree.unflatten(self.treedef, leaves)

    def _arrays(self, tree: Any) -> Arrays:
        out = {}
        for path, leaf in zip(self.paths, jax.tree.leaves(tree), strict=True):
            if path in self.links:
                out[self.links[path].name] = self._back(path, np.asarray(leaf, np.float64))
        return out

    def _back(self, path: str, array: np.ndarray) -> np.ndarray:
        """torch's layout; the first two axes are the steps and the runs."""
        axes = self.links[path].axes
        return array if axes is None else np.transpose(array, (0, 1, *(2 + np.argsort(axes)).tolist()))

    def _shown(self, state: Any) -> list[Any]:
        """What the state keeps per parameter under a name that is known, as ``self.shown`` lists it."""
        owners = {keys: path for keys, path in zip(self.keys, self.paths, strict=True) if path in self.links}
        self.shown, out = [], []
        for keys, leaf in tree_flatten_with_path(state)[0]:
            for i, key in enumerate(keys):
                what = _MOMENTS.get(str(getattr(key, "name", getattr(key, "key", ""))))
                path = owners.get(keys[i + 1 :])
                if what and path and np.ndim(leaf) == 1 + len(self.shapes[self.paths.index(path)]):
                    self.shown.append((what, path))
                    out.append(leaf)
        return out

    def _moments(self, shown: list[Any]) -> dict[str, Arrays]:
        found: dict[str, Arrays] = {}
        for (what, path), leaf in zip(self.shown, shown, strict=True):
            found.setdefault(what, {})[self.links[path].name] = self._back(path, np.asarray(leaf, np.float64))
        return found

    def torch_shapes(self) -> dict[str, tuple[int, ...]]:
        """The shapes by torch's names, in torch's layout."""
        out = {}
        for path, shape in zip(self.paths, self.shapes, strict=True):
            if path in self.links:
                axes = self.links[path].axes
                out[self.links[path].name] = (
                    shape if axes is None else permuted(shape, tuple(np.argsort(axes).tolist()))
                )
        return out


def _traceable(call: Any) -> Any:
    """The call; one line where the transformation looks at values that compiled code does not have yet."""
    try:
        return call()
    except (jax.errors.JAXTypeError, jax.errors.JAXIndexError) as error:
        rule = "must work in compiled code"
        raise ValueError(f"{WHERE}: tx {rule}, got one that says: {str(error).splitlines()[0]}") from None


_CHUNK = 20  # steps of a compiled call


def _padded(array: np.ndarray, length: int, axis: int) -> np.ndarray:
    """Filled up with its last entry, so that every call has the same shapes and one program serves them all."""
    missing = length - array.shape[axis]
    last = np.take(array, [-1], axis)
    return array if missing == 0 else np.concatenate([array, np.repeat(last, missing, axis)], axis)


def has_lrjax(state: Any) -> bool:
    """Whether an lrjax optimizer is somewhere in the state."""
    return any(name == "OptState" for name in _class_names(state))


def _class_names(state: Any) -> Iterator[str]:
    if type(state).__module__.startswith("lrjax") and hasattr(state, "layout"):
        yield "OptState"
        return
    if isinstance(state, Mapping):
        for value in state.values():
            yield from _class_names(value)
    elif isinstance(state, tuple | list):
        if hasattr(state, "_fields"):
            yield type(state).__name__
        for value in state:
            yield from _class_names(value)
    elif hasattr(state, "__dataclass_fields__"):
        yield type(state).__name__
        for name in state.__dataclass_fields__:
            yield from _class_names(getattr(state, name))
