"""Pairs written while the tool was written: conventions one by one, and in pairs."""

from .before_double import DOUBLE as DOUBLE
from .before_double import EQUAL as EQUAL
from .before_loops import SINGLE_LOOPS
from .before_rules import SINGLE_RULES

SINGLE = [*SINGLE_RULES, *SINGLE_LOOPS]
PAIRS = [*EQUAL, *SINGLE, *DOUBLE]
