"""The sections that the docstrings of all optimizers have in common."""

from lrspec import documentation
from lrspec.documentation import Decorator
from lrspec.optimizer_options import TEXTS, Options

_COMMON = {
    "model": "a Module, or named parameters.",
    "groups": "patterns and per-group options, see ``lrtorch.param_groups``; None: one group of all parameters.",
    "scheduler": "an ``lrtorch.lr_scheduler`` scheduler, a list of them, or None.",
    "foreach": "torch's implementation over lists of tensors; None: torch chooses.",
    "fused": "torch's fused implementation; None: torch chooses.",
    "momentum": "not negative.",
}
_RAISES = "an argument out of its range, or groups that do not fit the parameters."


def documented(options: Options, raises: str = _RAISES) -> Decorator:
    """Complete the docstring of an optimizer with these options."""
    texts = {**TEXTS, **_COMMON, **options.texts}
    returns = f"A real ``torch.optim.{options.name}``."
    return documentation.documented(texts, returns=returns, raises={"ValueError": raises})
