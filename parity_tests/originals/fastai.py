"""fastai's own schedules: a list of names, arguments and lengths of a run -> for each the rates, [count][group]."""

from importlib import import_module
from typing import Any
from unittest.mock import MagicMock

from parity_tests.originals import serve


def answer(request: dict[str, Any]) -> list[list[list[float]]]:
    """Request: ``rows`` of (name, arguments, length), and the ``base_lrs`` and ``steps`` of all of them."""
    import numpy as np

    base_lrs, found = np.array(request["base_lrs"]), []
    for name, arguments, length in request["rows"]:
        schedule = _schedule(name, arguments, base_lrs)
        values = [schedule(min(step / length, 1.0)) for step in range(request["steps"])]
        found.append([[float(one) for one in np.broadcast_to(value, base_lrs.shape)] for value in values])
    return found


def _schedule(name: str, arguments: list[Any], base_lrs: Any) -> Any:
    """A function of fastai, or the schedule of the rate that a method of its Learner makes."""
    fastai = import_module("fastai.callback.schedule")

    if name == "combine_scheds":
        pcts, scheds = arguments
        return fastai.combine_scheds(pcts, [_schedule(*one, base_lrs=base_lrs) for one in scheds])
    if not name.startswith("fit_"):
        return getattr(fastai, name)(*arguments)
    return _fitted(name, arguments, base_lrs)


def _fitted(name: str, arguments: list[Any], base_lrs: Any) -> Any:
    methods = import_module("fastai.learner").Learner
    learner: Any = MagicMock()
    learner.opt.hypers = [{"lr": lr} for lr in base_lrs]
    learner.moms = (0.95, 0.85, 0.95)
    keys = {"fit_one_cycle": ("div", "div_final", "pct_start"), "fit_flat_cos": ("div_final", "pct_start")}
    if name == "fit_sgdr":
        n_cycles, cycle_len, cycle_mult = arguments
        methods.fit_sgdr(learner, n_cycles, cycle_len, cycle_mult=cycle_mult)
    else:
        getattr(methods, name)(learner, 1, **dict(zip(keys[name], arguments, strict=True)))
    callbacks = learner.fit.call_args.kwargs["cbs"]
    return callbacks[0].scheds["lr"]


if __name__ == "__main__":
    serve(answer)
