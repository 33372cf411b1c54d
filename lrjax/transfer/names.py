"""Which torch parameter is which JAX parameter, and how its axes lie.

=====================================  ============================================  =====================
torch                                  JAX                                           axes
=====================================  ============================================  =====================
``encoder.layers.0.linear1.weight``    ``encoder/layers_0/linear1/kernel``           (out, in) -> (in, out)
``conv.weight``                        ``conv/kernel``                               OIHW -> HWIO, 1 to 3 d
``embed.weight``                       ``embed/embedding``                           the same
``norm.weight``                        ``norm/scale``                                the same
``norm.running_mean``                  ``norm/mean``                                 the same
``mlp.0.weight``                       ``mlp/layers/0/weight`` (equinox)             the same
``mlp.linear_0.weight``                ``mlp/~/linear_0/w`` (haiku)                  as ``kernel``
=====================================  ============================================  =====================
"""

import re
from collections.abc import KeysView, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import jax

from lrspec import check
from lrspec.patterns import matches

from .._tree_paths import paths
from ._arrays import shape_of
from .layouts import Axes, Fit, Link, Shape, fit, last_word, permuted

# What a parameter is called: the last segment of its path -> torch's word.
_WORDS = {
    **dict.fromkeys(("kernel", "embedding", "embeddings", "scale", "w"), "weight"),
    **dict.fromkeys(("b", "offset"), "bias"),
    "mean": "running_mean",
    "var": "running_var",
}
_WRAPPERS = ("module", "_orig_mod", "params", "batch_stats", "~")  # of DDP, torch.compile, linen, haiku


@dataclass(frozen=True)
class NameMap:
    """Which torch parameter is which JAX parameter: what ``match_names`` found. It prints as a table."""

    links: tuple[Link, ...]

    def __str__(self) -> str:
        width = max((len(link.name) for link in self.links), default=0)
        return "\n".join(f"{link.name.ljust(width)}  {link.path}  {_shown(link.axes)}".rstrip() for link in self.links)

    def by_name(self) -> dict[str, Link]:
        """torch's name -> link."""
        return {link.name: link for link in self.links}

    def by_path(self) -> dict[str, Link]:
        """JAX's path -> link."""
        return {link.path: link for link in self.links}


def _shown(axes: Axes) -> str:
    if axes is None:
        return "axes unknown"
    return "" if axes == tuple(range(len(axes))) else f"axes {axes}"


def match_names(
    weights: Any, params: Any, mapping: Mapping[str, Any] | None = None, *, ignore: Sequence[str] = ()
) -> NameMap:
    """Find which torch parameter is which JAX parameter, by name and shape.

    Names match where their modules have the same path (``layers.0`` and ``layers_0`` alike, the wrappers
    ``module.``, ``_orig_mod.``, ``params/``, ``batch_stats/`` left out) and the last word means the same
    (``weight`` and ``kernel``, ...). Axes follow the last word, where the shapes allow it.

    Args:
        weights: torch's ``model.state_dict()``, live or loaded, or a dict from name to shape, or the names alone.
        params: the JAX parameters; arrays or ``jax.ShapeDtypeStruct``.
        mapping: what the names do not say: torch name -> path, or torch module -> path of the module, or torch
            name -> (path, axes), where the JAX array is ``numpy.transpose(torch's, axes)``.
        ignore: patterns of torch names to leave out (``num_batches_tracked`` always is).

    Returns:
        The map, which every function of this package that carries arrays across takes as ``mapping``.

    Raises:
        ValueError: names without a counterpart, several candidates, shapes that fit neither way, or axes that
            the shapes leave open (square matrices whose neighbours are not as their name says).

    >>> params = {"fc": {"kernel": jax.numpy.ones((3, 2)), "bias": jax.numpy.ones(2)}}
    >>> print(match_names({"fc.weight": (2, 3), "fc.bias": (2,)}, params))
    fc.weight  fc/kernel  axes (1, 0)
    fc.bias    fc/bias
    """
    _require_names("weights", weights, "must be a state dict, or a list of names")
    shapes = {name: shape_of(weights[name]) if isinstance(weights, Mapping) else None for name in weights}
    _require_names("ignore", ignore, "must be a list of patterns")
    ignore = (*ignore, "**/num_batches_tracked")
    shapes = {name: shape for name, shape in shapes.items() if not any(matches(p, name) for p in ignore)}
    leaves = {path: shape_of(leaf) for path, leaf in zip(paths(params), jax.tree.leaves(params), strict=True)}
    return match("match_names", shapes, leaves, mapping)


def _require_names(argument: str, names: Any, rule: str) -> None:
    """Raise where it is no collection of strings."""
    known = isinstance(names, list | tuple | set | frozenset | KeysView | Mapping)
    for name in names if known else [None]:
        if not isinstance(name, str):
            check.fail("match_names", argument, rule, name if known else names, TypeError)


def match(where: str, shapes: Mapping[str, Shape], leaves: Mapping[str, Shape], mapping: Any = None) -> NameMap:
    """``match_names`` of names and paths with their shapes; a ``NameMap`` as mapping is checked and cut to them."""
    if isinstance(mapping, NameMap):
        known = mapping.by_name()
        paired = {name: known[name].path for name in shapes if name in known}
        given = {name: known[name].axes for name in paired}
    elif not isinstance(mapping, Mapping | None):
        check.fail(where, "mapping", "must be a NameMap, or a dict from torch names to paths", mapping, TypeError)
    else:
        paired, given = _pair(where, shapes, leaves, dict(mapping or {}))
    _require_one_to_one(where, shapes, leaves, paired)
    axes = {name: fit(shapes[name], path, leaves[path]) for name, path in paired.items() if given.get(name) is None}
    _require_axes(where, shapes, leaves, paired, axes)
    links = []
    for name, path in paired.items():
        chosen = axes[name].chosen if given.get(name) is None else given[name]
        shape, wanted = shapes[name], leaves[path]
        if chosen is not None and None not in (shape, wanted) and permuted(shape, chosen) != wanted:  # type: ignore[arg-type]
            rule = f"must have the shape of {path}, which is {wanted}, with its axes in the order {chosen}"
            check.fail(where, name, rule, shape)
        links.append(Link(name, path, chosen))
    return NameMap(tuple(links))


def _pair(
    where: str, shapes: Mapping[str, Shape], leaves: Mapping[str, Shape], mapping: dict[str, Any]
) -> tuple[dict[str, str], dict[str, Axes]]:
    """torch name -> path, by what the user says and by the words; and the axes that the user gives."""
    _require_known(where, shapes, leaves, mapping)
    paired, given = {}, {}
    for name, target in mapping.items():
        if name in shapes:
            paired[name] = target if isinstance(target, str) else target[0]
            given[name] = None if isinstance(target, str) else tuple(target[1])
    prefixes = {key: target for key, target in mapping.items() if key not in shapes}
    ours, theirs = (
        _by_key({p: p for p in leaves if p not in paired.values()}),
        _by_key({name: _renamed(name, prefixes) for name in shapes if name not in paired}),
    )
    ambiguous = []
    for key in ours.keys() & theirs.keys():
        found = _by_shape(theirs[key], ours[key], shapes, leaves)
        if found is None:
            ambiguous.append((theirs[key], ours[key]))
        else:
            paired |= found
    if ambiguous:
        rule = "must leave no doubt: give mapping={torch name: JAX path} for these names and their candidates"
        check.fail(where, "names", rule, ambiguous)
    return {name: paired[name] for name in shapes if name in paired}, given


def _require_known(where: str, shapes: Any, leaves: Any, mapping: Mapping[str, Any]) -> None:
    for key, target in mapping.items():
        if not (isinstance(key, str) and (isinstance(target, str) or _is_place(target))):
            rule = "must map a torch name to a JAX path, or to (path, axes)"
            check.fail(where, "mapping", rule, {key: target}, TypeError)
        if key not in shapes and not any(name.startswith(f"{key}." if key else "") for name in shapes):
            check.fail(where, "mapping", f"must name torch parameters or modules among {sorted(shapes)}", key)
        path = target if isinstance(target, str) else target[0]
        if key in shapes and path not in leaves:
            check.fail(where, f"mapping[{key!r}]", f"must be a JAX path among {sorted(leaves)}", path)


def _is_place(target: Any) -> bool:
    """Whether it is a path with its axes."""
    if not (isinstance(target, list | tuple) and len(target) == 2 and isinstance(target[0], str)):
        return False
    return isinstance(target[1], list | tuple) and all(isinstance(axis, int) for axis in target[1])


def _renamed(name: str, prefixes: Mapping[str, str]) -> str:
    """``name`` with its longest mapped module replaced."""
    for key in sorted(prefixes, key=len, reverse=True):
        if key == "" or name.startswith(f"{key}."):
            return f"{prefixes[key]}.{name.removeprefix(key).removeprefix('.')}"
    return name


def _by_key(names: Mapping[str, str]) -> dict[tuple[str, ...], list[str]]:
    keys: dict[tuple[str, ...], list[str]] = {}
    for name, spelled in names.items():
        keys.setdefault(_key(spelled), []).append(name)
    return keys


def _key(name: str) -> tuple[str, ...]:
    """What must be equal on both sides: the module's segments and the word of the parameter."""
    *module, last = re.split(r"[./]", name)
    segments = [part for segment in module for part in re.split(r"_(?=\d+$)", segment) if part not in _WRAPPERS]
    # nnx.Sequential and equinox keep their parts in "layers"; torch.nn.Sequential has none such.
    kept = [s for s, then in pairwise([*segments, ""]) if not (s == "layers" and then.isdigit())]
    return (*[s for s in kept if s], _WORDS.get(last, last))


def _by_shape(
    names: list[str], candidates: list[str], shapes: Mapping[str, Shape], leaves: Mapping[str, Shape]
) -> dict[str, str] | None:
    """The one way in which the names fit the candidates; None where there is more than one or none."""
    if len(names) == len(candidates) == 1:
        return {names[0]: candidates[0]}
    fitting = {name: [p for p in candidates if fit(shapes[name], p, leaves[p]).fits] for name in names}
    unique = {name: found[0] for name, found in fitting.items() if len(found) == 1}
    return unique if len(unique) == len(names) == len(set(unique.values())) == len(candidates) else None


def _require_one_to_one(where: str, shapes: Any, leaves: Any, paired: Mapping[str, str]) -> None:
    torch_only = [f"{name} {shapes[name] or ''}".strip() for name in shapes if name not in paired]
    jax_only = [f"{path} {leaves[path] or ''}".strip() for path in leaves if path not in paired.values()]
    missing = sorted(path for path in paired.values() if path not in leaves)
    if torch_only or jax_only or missing or len(set(paired.values())) < len(paired):
        sides = {"in torch only": torch_only, "in JAX only": jax_only + missing}
        rule = "must match one to one (mapping={'torch.module': 'jax/module'} says which is which)"
        check.fail(where, "names", rule, sides)


def _require_axes(where: str, shapes: Any, leaves: Any, paired: Mapping[str, str], axes: Mapping[str, Fit]) -> None:
    wrong = [f"{n} {shapes[n]} and {paired[n]} {leaves[paired[n]]}" for n, a in axes.items() if not a.fits]
    if wrong:
        rule = "must be equal, or those of a Linear or Conv layer (mapping={name: (path, axes)} gives another order)"
        check.fail(where, "shapes", rule, wrong)
    word = {name: last_word(path) for name, path in paired.items()}
    odd = {word[name] for name, a in axes.items() if not a.conventional}
    open_ = [
        f"{name} {shapes[name]} and {paired[name]}" for name, a in axes.items() if a.doubtful and word[name] in odd
    ]
    if open_:
        rule = "must show how the axes lie; give mapping={name: (path, axes)} for these, which fit both ways"
        check.fail(where, "shapes", rule, open_)
