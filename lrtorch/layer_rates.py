"""Layer-wise rate decay, discriminative rates and muP: groups for the optimizers, from names and shapes."""

from collections.abc import Mapping
from typing import Any, Literal

from lrspec.discriminative import discriminative as discriminative
from lrspec.documentation import documented
from lrspec.layer_decay import Groups, LayerDecay, Patterns
from lrspec.layer_decay_text import ARGUMENTS, DESCRIPTION, RAISES, RETURNS
from lrspec.mup import ARGUMENTS as MUP_ARGUMENTS
from lrspec.mup import DESCRIPTION as MUP_DESCRIPTION
from lrspec.mup import RAISES as MUP_RAISES
from lrspec.mup import RETURNS as MUP_RETURNS
from lrspec.mup import MuP, Shapes, shapes_of
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


@documented(MUP_ARGUMENTS, description=MUP_DESCRIPTION, returns=MUP_RETURNS, raises=MUP_RAISES)
def mup_groups(
    model: Any,
    base: Any,
    *,
    lr: float,
    optimizer: Literal["adam", "sgd"] = "adam",
    weight_decay: float = 0.0,
    delta: Any = None,
) -> Groups:
    """muP: groups with the rates and weight decays that let those of a narrow model be used for a wide one.

    >>> import torch
    >>> of = lambda d: torch.nn.Sequential(torch.nn.Embedding(100, d), torch.nn.Linear(d, 4 * d, bias=False))
    >>> print(mup_groups(of(1024), of(256), lr=0.5, weight_decay=0.25))
    group     lr     weight_decay  params
    matrix_4  0.125  1.0           1/weight
    other     0.5    0.25          0/weight
    """
    third = None if delta is None else _shapes("delta", delta)
    rule = MuP(lr, optimizer, weight_decay, "last")
    return rule.groups(_shapes("model", model), _shapes("base", base), third)


def _shapes(name: str, model: Any) -> Shapes:
    """Path -> shape, of a model, or of what is that already."""
    if isinstance(model, Mapping) and all(type(shape) is tuple for shape in model.values()) and model:
        return shapes_of(name, [*model.items()])
    return shapes_of(name, [(path, tuple(p.shape)) for path, p in named_parameters("mup_groups", model)])
