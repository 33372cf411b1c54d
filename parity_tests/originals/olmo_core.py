"""OLMo-core's own schedulers: a list of {"name": its class, its fields} -> for each the rates, [count][group].

Its module is loaded by itself, beside stand-ins for what its imports need (the package wants a cluster's software).
"""

import dataclasses
import enum
import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from parity_tests.originals import serve


class _Registrable:
    """A class that may be registered under a name."""

    @classmethod
    def register(cls, name: str) -> Any:
        """Leave it as it is."""
        del name
        return lambda registered: registered


def answer(request: dict[str, Any]) -> list[list[list[float]]]:
    """Request: ``rows``, and the ``base_lrs`` and ``steps`` of all of them; t_max is the run's, where a row has one."""
    folder = next(iter(importlib.import_module("olmo_core").__path__))
    stand_ins = {
        "olmo_core.config": {"Config": type("Config", (), {}), "Registrable": _Registrable, "StrEnum": enum.StrEnum},
        "olmo_core.distributed": {},
        "olmo_core.distributed.utils": {"get_rank": lambda: 0},
        "olmo_core.exceptions": {"OLMoConfigurationError": ValueError},
        "olmo_core.optim": {"__path__": [str(Path(folder) / "optim")]},
        "olmo_core.optim.config": {"INITIAL_LR_FIELD": "initial_lr", "LR_FIELD": "lr"},
    }
    for name, contents in stand_ins.items():
        sys.modules[name] = ModuleType(name)
        vars(sys.modules[name]).update(contents)
    module = importlib.import_module("olmo_core.optim.scheduler")
    return [_rates(module, dict(row), request["base_lrs"], request["steps"]) for row in request["rows"]]


def _rates(module: Any, row: dict[str, Any], base_lrs: list[float], steps: int) -> list[list[float]]:
    scheduler, t_max = getattr(module, row.pop("name")), row.pop("t_max", 10**9)
    fields = {field.name for field in dataclasses.fields(scheduler)}
    made = scheduler(**{name: value for name, value in row.items() if name in fields})
    return [[float(made.get_lr(base, count, t_max)) for base in base_lrs] for count in range(steps)]


if __name__ == "__main__":
    serve(answer)
