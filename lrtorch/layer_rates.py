"""Layer-wise rate decay, and discriminative rates: groups for the optimizers, from the names of the parameters."""

from typing import Any

from lrspec.discriminative import discriminative as discriminative
from lrspec.documentation import documented
from lrspec.layer_decay import Groups, LayerDecay, Patterns
from lrspec.layer_decay_text import ARGUMENTS, DESCRIPTION, RAISES, RETURNS
from lrspec.types import Blocks, Convention, Exemption

from ._named_parameters import named_parameters


@documented(ARGUMENTS, description=DESCRIPTION, returns=RETURNS, raises=RAISES)
def layer_decay(
    model: Any,
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
) -> Groups:
    """Layer-wise rate decay: ``lr * decay ** (last - id)``, with the layer ids of a library for transformers."""
    rule = LayerDecay(**{name: value for name, value in locals().items() if name != "model"})
    return rule.groups([(name, tuple(p.shape)) for name, p in named_parameters("layer_decay", model)])
