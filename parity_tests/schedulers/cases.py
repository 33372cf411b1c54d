"""The table of scheduler cases: one row each.

A spec is (class name, arguments); the schedulers inside a composite are specs again, so one row
makes the lrjax scheduler and its lrtorch mirror alike.
"""

from typing import Any

from .composite_cases import COMPOSITES
from .greedy_cases import GREEDY
from .rule_cases import PERIODS as PERIODS
from .rule_cases import RULES, Case, Spec

BASE_LRS = [0.1, 3e-3, 1.7]
CASES: tuple[Case, ...] = (*RULES, *GREEDY, *COMPOSITES)
FROM_METRIC = ("ReduceLROnPlateau", "GreedyLR")
HALF = 12  # steps before a save and after it
NAMES = sorted({case.spec[0] for case in CASES})


def make(package: Any, spec: Spec) -> Any:
    """The scheduler of ``spec`` in ``package`` (lrjax or lrtorch)."""
    name, arguments = spec
    arguments = dict(arguments)
    if "schedulers" in arguments:
        arguments["schedulers"] = [make(package, inner) for inner in arguments["schedulers"]]
    return getattr(package, name)(**arguments)
