"""torch's own optimizers, made from groups by pattern."""

from .adam import AdamW as AdamW
from .sgd import SGD as SGD
