"""Layer-wise rate decay, discriminative rates and muP: groups for the optimizers, from names and shapes."""

from collections.abc import Mapping
from typing import Any, Literal

import jax
import numpy as np

from lrspec.discriminative import discriminative as discriminative
from lrspec.documentation import documented
from lrspec.layer_decay import Groups, LayerDecay, Patterns
from lrspec.layer_decay_text import ARGUMENTS, DESCRIPTION, RAISES_STACKED, RETURNS_STACKED
from lrspec.mup import ARGUMENTS as MUP_ARGUMENTS
from lrspec.mup import DESCRIPTION as MUP_DESCRIPTION
from lrspec.mup import RAISES as MUP_RAISES
from lrspec.mup import RETURNS as MUP_RETURNS
from lrspec.mup import FanIn, MuP, Shapes, shapes_of
from lrspec.types import Blocks, Convention, Exemption

from ._tree_paths import paths


@documented(ARGUMENTS, description=DESCRIPTION, returns=RETURNS_STACKED, raises=RAISES_STACKED)
def layer_decay(
    params: Any,
    decay: float = 0.75,
    *,
    lr: float,
    convention: Convention = "timm",
    weight_decay: float | None = None,
    no_weight_decay: Exemption | None = None,
    no_weight_decay_list: Patterns = (),
    min_scale: float = 0.0,
    no_opt_scale: float | None = None,
    blocks: Blocks | None = None,
    embeddings: Patterns = (),
    norm: Patterns = (),
    head: Patterns = (),
    stacked: Patterns = (),
) -> Groups:
    """Layer-wise rate decay: ``lr * decay ** (last - id)``, with the layer ids of a library for transformers.

    Biases may have two dimensions here (flax's attention), so check in the printed table that none decays.
    """
    rule = LayerDecay(**{name: value for name, value in locals().items() if name != "params"})
    return rule.groups([(path, np.shape(x)) for path, x in zip(paths(params), jax.tree.leaves(params), strict=True)])


@documented(MUP_ARGUMENTS, description=MUP_DESCRIPTION, returns=MUP_RETURNS, raises=MUP_RAISES)
def mup_groups(
    params: Any,
    base: Any,
    *,
    lr: float,
    optimizer: Literal["adam", "sgd"] = "adam",
    weight_decay: float = 0.0,
    delta: Any = None,
    fan_in: FanIn = "first",
) -> Groups:
    """muP: groups with the rates and weight decays that let those of a narrow model be used for a wide one.

    >>> from jax import ShapeDtypeStruct
    >>> of = lambda d: {name: ShapeDtypeStruct(shape, float) for name, shape in
    ...                 {"embed": (100, d), "hidden": (d, 4 * d), "head": (d, 100)}.items()}
    >>> print(mup_groups(of(1024), of(256), lr=0.5, weight_decay=0.25))
    group     lr     weight_decay  params
    matrix_4  0.125  1.0           hidden
    other     0.5    0.25          embed, head
    """
    third = None if delta is None else _shapes("delta", delta)
    rule = MuP(lr, optimizer, weight_decay, fan_in)
    return rule.groups(_shapes("params", params), _shapes("base", base), third)


def _shapes(name: str, tree: Any) -> Shapes:
    """Path -> shape, of a tree of arrays, or of what is that already."""
    if isinstance(tree, Mapping) and all(isinstance(shape, tuple) for shape in tree.values()) and tree:
        return shapes_of(name, [*tree.items()])
    return shapes_of(name, [(path, np.shape(x)) for path, x in zip(paths(tree), jax.tree.leaves(tree), strict=True)])
