"""torch's own database of optimizer configurations, ``optim_db``, also where expecttest is not installed.

torch keeps it in its testing package, which imports expecttest for the class its tests derive from. Nothing here
needs that class, so that a stand-in takes its place while the database is imported.
"""

import importlib.util
import sys
import unittest
import warnings
from types import ModuleType
from typing import Any


def _load() -> Any:
    missing = sys.modules.get("expecttest") is None and importlib.util.find_spec("expecttest") is None
    if missing:
        stand_in: Any = ModuleType("expecttest")
        stand_in.TestCase = unittest.TestCase
        sys.modules["expecttest"] = stand_in
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ImportWarning)  # it says so where hypothesis is not installed either
            from torch.testing._internal.common_optimizers import optim_db
    finally:
        if missing:
            del sys.modules["expecttest"]
    return optim_db


DATABASE: Any = _load()
