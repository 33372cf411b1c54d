"""Schedulers under the names and arguments of ``torch.optim.lr_scheduler``, as descriptions that build torch's own."""

from lrspec.scheduler_arguments import explained

from ._base import LRScheduler as LRScheduler
from .curve import CurveLR as CurveLR
from .greedy import GreedyLR as GreedyLR
from .schedulers import SWALR as SWALR
from .schedulers import ChainedScheduler as ChainedScheduler
from .schedulers import ConstantLR as ConstantLR
from .schedulers import CosineAnnealingLR as CosineAnnealingLR
from .schedulers import CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts
from .schedulers import CyclicLR as CyclicLR
from .schedulers import ExponentialLR as ExponentialLR
from .schedulers import LambdaLR as LambdaLR
from .schedulers import LinearLR as LinearLR
from .schedulers import MultiplicativeLR as MultiplicativeLR
from .schedulers import MultiStepLR as MultiStepLR
from .schedulers import OneCycleLR as OneCycleLR
from .schedulers import PolynomialLR as PolynomialLR
from .schedulers import ReduceLROnPlateau as ReduceLROnPlateau
from .schedulers import SequentialLR as SequentialLR
from .schedulers import StepLR as StepLR
from .table import TableLR as TableLR

explained(*LRScheduler.__subclasses__(), SequentialLR, ChainedScheduler)
