"""The fourth blind set: ports written, as the ones before, without a look at how the comparison works."""

from .fourth_double import DOUBLE
from .fourth_equal import EQUAL
from .fourth_single import SINGLE

PAIRS = (EQUAL, SINGLE, DOUBLE)
