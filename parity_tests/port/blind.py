"""The blind pairs: ports written without a look at how the comparison works."""

from .blind_equal import EQUAL
from .blind_single import GROUPS, MOMENTS
from .blind_single_gradients import ACCUMULATION, CLIPPING, DECAY
from .blind_single_rates import RATES

SINGLE = [*RATES, *MOMENTS, *GROUPS, *DECAY, *CLIPPING, *ACCUMULATION]
PAIRS = (EQUAL, SINGLE)
