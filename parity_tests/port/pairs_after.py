"""Pairs written without the tool in sight: 6 that are equal, 22 with one difference, 16 with two."""

from .pair import Pair
from .pairs_after_double import DOUBLE
from .pairs_after_equal import EQUAL
from .pairs_after_single import DECAY, GRADIENTS, MOMENTS
from .pairs_after_single_rates import RATES

SINGLE = DECAY + MOMENTS + GRADIENTS + RATES
PAIRS: list[Pair] = EQUAL + SINGLE + DOUBLE
