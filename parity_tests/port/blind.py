"""The blind pairs: ports written without a look at how the comparison works."""

from .blind_double import GRADIENTS, OPTIMIZER
from .blind_double_rates import RATES_TOO
from .blind_equal import EQUAL
from .blind_single import GROUPS, MOMENTS
from .blind_single_gradients import ACCUMULATION, CLIPPING, DECAY
from .blind_single_rates import RATES

SINGLE = [*RATES, *MOMENTS, *GROUPS, *DECAY, *CLIPPING, *ACCUMULATION]
DOUBLE = [*OPTIMIZER, *GRADIENTS, *RATES_TOO]
PAIRS = (EQUAL, SINGLE, DOUBLE)
