"""The third blind set: ports written, as the blind ones, without a look at how the comparison works."""

from .third_double import OPTIMIZER
from .third_double_rates import RATES_TOO
from .third_equal import EQUAL
from .third_single import RATES
from .third_single_2 import DECAY, MOMENTS
from .third_single_3 import GRADIENTS

SINGLE = [*RATES, *MOMENTS, *DECAY, *GRADIENTS]
DOUBLE = [*OPTIMIZER, *RATES_TOO]
PAIRS = (EQUAL, SINGLE, DOUBLE)
