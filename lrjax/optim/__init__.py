"""Optimizers with the names, arguments, defaults and numbers of ``torch.optim``."""

from ._optimizer import Optimizer as Optimizer
from ._optimizer import OptState as OptState
from .adam import AdamW as AdamW
from .sgd import SGD as SGD
