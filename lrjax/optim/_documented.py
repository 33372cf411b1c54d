"""The sections that the docstrings of all optimizers have in common."""

from lrspec import documentation
from lrspec.documentation import Decorator
from lrspec.optimizer_options import TEXTS, Options

_COMMON = {
    "groups": "patterns and per-group options, see ``lrjax.param_groups``; None: one group of all parameters.",
    "scheduler": "an ``lrjax.lr_scheduler`` scheduler, a list of them, or None.",
}
_RETURNS = "An ``optax.GradientTransformationExtraArgs``; its state is an ``OptState``."
_RAISES = "an argument out of its range; at ``init``, groups that do not fit the parameters."


def documented(options: Options, raises: str = _RAISES) -> Decorator:
    """Complete the docstring of an optimizer with these options."""
    texts = {**_COMMON, **TEXTS, **options.texts}
    return documentation.documented(texts, returns=_RETURNS, raises={"ValueError": raises})
