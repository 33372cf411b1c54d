"""Layer-wise rate decay, and discriminative rates: groups for the optimizers, from the names of the parameters."""

from typing import Any

import jax
import numpy as np

from lrspec.discriminative import discriminative as discriminative
from lrspec.documentation import documented
from lrspec.layer_decay import Groups, LayerDecay, Patterns
from lrspec.layer_decay_text import ARGUMENTS, DESCRIPTION, RAISES_STACKED, RETURNS_STACKED
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
