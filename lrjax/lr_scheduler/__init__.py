"""Learning-rate schedulers with the names, arguments and numbers of ``torch.optim.lr_scheduler``."""

from lrspec.scheduler_arguments import explained

from ._base import LRScheduler as LRScheduler
from ._functions import Tabulated as Tabulated
from .composites import ChainedScheduler as ChainedScheduler
from .composites import SequentialLR as SequentialLR
from .cosine import CosineAnnealingLR as CosineAnnealingLR
from .cosine import CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts
from .curve import CurveLR as CurveLR
from .cycles import CyclicLR as CyclicLR
from .cycles import OneCycleLR as OneCycleLR
from .factors import ConstantLR as ConstantLR
from .factors import ExponentialLR as ExponentialLR
from .factors import LinearLR as LinearLR
from .factors import PolynomialLR as PolynomialLR
from .greedy import GreedyLR as GreedyLR
from .lambdas import LambdaLR as LambdaLR
from .lambdas import MultiplicativeLR as MultiplicativeLR
from .plateau import ReduceLROnPlateau as ReduceLROnPlateau
from .steps import MultiStepLR as MultiStepLR
from .steps import StepLR as StepLR
from .swa import SWALR as SWALR
from .table import TableLR as TableLR

explained(*LRScheduler.__subclasses__(), SequentialLR, ChainedScheduler)
