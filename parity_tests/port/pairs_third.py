"""Relatives of what the third blind set showed, most of them equal: a false alarm is the worst that can be said."""

from .pairs_third_different import GATHERED, NUMBERS, RATES, STILL
from .pairs_third_equal import EQUAL as GATHERED_OR_STILL
from .pairs_third_rates import RATES as EQUAL_RATES
from .pairs_third_spelled import CHAINS

EQUAL = [*GATHERED_OR_STILL, *CHAINS, *EQUAL_RATES]
SINGLE = [pair for part in (GATHERED, STILL, RATES, NUMBERS) for pair in part if len(pair.causes) == 1]
DOUBLE = [pair for part in (RATES, NUMBERS) for pair in part if len(pair.causes) == 2]
PAIRS = [*EQUAL, *SINGLE, *DOUBLE]
