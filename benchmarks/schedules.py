"""A curve of rates as long as a large run: closed form, chain, optax, and torch's loop; with each one's error."""

import time
import warnings
from typing import Any

import numpy as np

from .machinery.measurement import Case, Contender, Results, Run, Target, ratio, run_of

TITLE = "Schedules"
QUESTION = (
    "All rates of a run, one after the other. `error` is the largest distance from torch's own float64 rates, relative "
    "to the largest rate, and in units of the last place of float32 at the rate itself."
)
COLUMNS = {"error": "error", "ulp": "error (float32 ulp)"}
BASE = 0.1


def arguments(name: str, steps: int) -> dict[str, Any]:
    """The scheduler's arguments for a curve of that length."""
    return {
        "CosineAnnealingLR": {"T_max": steps},
        "StepLR": {"step_size": 997, "gamma": 0.99},
        "ExponentialLR": {"gamma": 1 - 10 / steps},
    }[name]


def cases(short: bool, device: str) -> list[Case]:
    """Three schedulers over a million steps."""
    del device
    steps = 2_000 if short else 1_000_000
    names = ("StepLR",) if short else ("CosineAnnealingLR", "StepLR", "ExponentialLR")
    return [_case(name, steps) for name in names]


def _case(name: str, steps: int) -> Case:
    contenders = [
        Contender("torch, scheduler.step()", "torch"),
        Contender("lrjax closed form", "jax", 1e-8),  # float32 of rates up to 0.1; torch's chain itself drifts less
        Contender("lrjax chain (simulate)", "jax", 1e-12),
        Contender("optax", "jax", None),
    ]
    settings = {"scheduler": name, "steps": steps}
    return Case(f"{name}, {steps:,} steps", settings, contenders, rounds=2, seconds=0.0, unit="curve")


def make(contender: str, settings: dict[str, Any], device: str) -> Run:
    """A contender in its process."""
    name, steps = settings["scheduler"], settings["steps"]
    on_torch = contender.startswith("torch")
    call = (lambda: torch_curve(name, steps)) if on_torch else _on_jax(contender, name, steps)
    return run_of(call, time.perf_counter())


def torch_curve(name: str, steps: int) -> np.ndarray:
    """What torch has without training: the scheduler stepped in a Python loop."""
    import torch

    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(()))], lr=BASE)
    scheduler = getattr(torch.optim.lr_scheduler, name)(optimizer, **arguments(name, steps))
    rates = np.empty(steps)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "step of the optimizer was not called": there is nothing to optimize
        for t in range(steps):
            rates[t] = optimizer.param_groups[0]["lr"]
            scheduler.step()
    return rates


def _on_jax(contender: str, name: str, steps: int) -> Any:
    import jax
    import jax.numpy as jnp

    import lrjax

    scheduler = getattr(lrjax, name)(**arguments(name, steps))
    if contender == "lrjax chain (simulate)":
        return lambda: lrjax.simulate(scheduler, BASE, steps)[:, 0]
    schedule = scheduler.schedule(BASE) if contender == "lrjax closed form" else _optax(name, steps)
    curve, counts = jax.jit(schedule), jnp.arange(steps)
    return lambda: jax.block_until_ready(curve(counts))


def _optax(name: str, steps: int) -> Any:
    import optax

    return {
        "CosineAnnealingLR": lambda: optax.cosine_decay_schedule(BASE, steps),
        "StepLR": lambda: optax.exponential_decay(BASE, 997, 0.99, staircase=True),
        "ExponentialLR": lambda: optax.exponential_decay(BASE, 1, 1 - 10 / steps),
    }[name]()


def add_facts(settings: dict[str, Any], outcomes: dict[str, Any], answers: dict[str, Any]) -> None:
    """Each contender's error against the first, torch."""
    del settings
    reference, *_ = answers.values()
    ulp = np.spacing(np.abs(reference).astype(np.float32)).astype(np.float64)
    for name, answer in answers.items():
        distance = np.abs(answer - reference)
        error = {"error": f"{distance.max() / reference.max():.2g}", "ulp": f"{(distance / ulp).max():.3g}"}
        outcomes[name].facts.update(error)


def targets(results: Results) -> list[Target]:
    """A hundred times faster than torch's loop."""
    rival, forms = "torch, scheduler.step()", ("lrjax closed form", "lrjax chain (simulate)")
    return [
        Target(f"{case}: {rival} over {form}", ratio(results, case, rival, form), 100.0, True)
        for case in results
        for form in forms
    ]
