"""The arguments of every scheduler: names, defaults and checks; the arithmetic is elsewhere.

Names, order and defaults are those of ``torch.optim.lr_scheduler`` without ``optimizer``. What torch
rejects is rejected with its exception type; what torch accepts and fails on later is rejected here,
when it is made.
"""

from .base import UNSET as UNSET
from .base import Arguments as Arguments
from .base import Groups as Groups
from .base import by_hand as by_hand
from .base import check_new_group as check_new_group
from .base import each as each
from .base import explained as explained
from .base import is_period as is_period
from .base import read_schedulers as read_schedulers
from .composites import ChainedScheduler as ChainedScheduler
from .composites import Composite as Composite
from .composites import SequentialLR as SequentialLR
from .curve import CurveLR as CurveLR
from .cycles import CyclicLR as CyclicLR
from .cycles import OneCycleLR as OneCycleLR
from .manual import EpochTable as EpochTable
from .manual import StepDecay as StepDecay
from .metric import FromMetric as FromMetric
from .metric import GreedyLR as GreedyLR
from .metric import ReduceLROnPlateau as ReduceLROnPlateau
from .rules import SWALR as SWALR
from .rules import ConstantLR as ConstantLR
from .rules import CosineAnnealingLR as CosineAnnealingLR
from .rules import CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts
from .rules import ExponentialLR as ExponentialLR
from .rules import LambdaLR as LambdaLR
from .rules import LinearLR as LinearLR
from .rules import MultiplicativeLR as MultiplicativeLR
from .rules import MultiStepLR as MultiStepLR
from .rules import PolynomialLR as PolynomialLR
from .rules import StepLR as StepLR
from .table import Table as Table
from .table import TableLR as TableLR
