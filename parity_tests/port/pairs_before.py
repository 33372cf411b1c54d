"""Pairs written while the tool was written: conventions one by one, and in pairs."""

from . import before_double
from .before_loops import SINGLE_LOOPS
from .before_relatives import DOUBLE_RELATIVES, EQUAL_RELATIVES, SINGLE_RELATIVES
from .before_rules import SINGLE_RULES

EQUAL = [*before_double.EQUAL, *EQUAL_RELATIVES]
SINGLE = [*SINGLE_RULES, *SINGLE_LOOPS, *SINGLE_RELATIVES]
DOUBLE = [*before_double.DOUBLE, *DOUBLE_RELATIVES]
PAIRS = [*EQUAL, *SINGLE, *DOUBLE]
