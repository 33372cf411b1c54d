"""fvcore's own schedulers: a list of names, arguments and lengths of a run -> for each the rates, [count][group]."""

from importlib import import_module
from typing import Any

from parity_tests.originals import serve


def answer(request: dict[str, Any]) -> list[list[list[float]]]:
    """Request: ``rows`` of (name, arguments, length), and the ``base_lrs`` and ``steps`` of all of them."""
    found = []
    for name, arguments, length in request["rows"]:
        value = scheduler(name, arguments)
        values = [value(step / length) for step in range(request["steps"])]
        found.append([[base * one for base in request["base_lrs"]] for one in values])
    return found


def scheduler(name: str, arguments: dict[str, Any]) -> Any:
    """One of fvcore's, or of detectron2's ``WarmupParamScheduler``, which it makes of them."""
    fvcore = import_module("fvcore.common.param_scheduler")
    arguments = dict(arguments)
    if name == "WarmupParamScheduler":
        return _warm_up(fvcore, **arguments)
    if name == "CompositeParamScheduler":
        arguments["schedulers"] = [scheduler(*one) for one in arguments["schedulers"]]
    return getattr(fvcore, name)(**arguments)


def _warm_up(fvcore: Any, inner: Any, factor: float, length: float, method: str) -> Any:
    after = scheduler(*inner)
    start, end = factor * after(0.0), after(length)
    constant = method == "constant"
    first = fvcore.ConstantParamScheduler(start) if constant else fvcore.LinearParamScheduler(start, end)
    return fvcore.CompositeParamScheduler([first, after], [length, 1 - length], ["rescaled", "fixed"])


if __name__ == "__main__":
    serve(answer)
