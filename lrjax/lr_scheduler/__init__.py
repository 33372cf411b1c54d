"""Learning-rate schedulers with the names, arguments and numbers of ``torch.optim.lr_scheduler``."""

from ._base import LRScheduler as LRScheduler
from .constant import ConstantLR as ConstantLR
from .exponential import ExponentialLR as ExponentialLR
from .step import MultiStepLR as MultiStepLR
from .step import StepLR as StepLR
