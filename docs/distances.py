"""How far an optimizer of lrjax is from torch's, measured; ``make_differences.py`` makes the tables."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from lrparity.oracle.cpu import CorrectSqrt
from parity_tests.optimizers.cases import NAMES as ELEMENTWISE
from parity_tests.optimizers.cases import Case, Run, gradients, run_jax, run_torch, start
from parity_tests.optimizers.halves import HALVES

NAMES = (*ELEMENTWISE, "Adafactor", "Muon")
FUSED = {"SGD", "Adam", "AdamW", "Adagrad"}  # what torch has a fused CPU form of
ONE_FORM = {"Muon"}  # torch has no foreach form of it
FORMS = {"single": dict(foreach=False), "foreach": dict(foreach=True), "fused": dict(fused=True)}
TENSORS = {"Muon": "abg"}  # matrices only
STEPS = {"Muon": 100}  # its matrix products are slow in torch
HALF_STEPS = 100


class Distance(NamedTuple):
    """How far apart two sets of tensors are."""

    equal: float  # the fraction of values with the same bits; two NaN are the same
    ulp: float  # the largest difference, in units in the last place of the largest of start and ends
    moved: float  # the largest norm of the difference, over tensors, in norms of the displacement from the start


class Measured(NamedTuple):
    """What is measured of one optimizer."""

    steps: int
    oracle: dict[str, Distance]  # "parameters" or torch's name of a state -> how far from the oracle
    forms: dict[str, tuple[Distance, Distance]]  # torch's form -> lrjax from it, and it from torch's single form
    update: Distance  # update with apply_updates, from step
    halves: dict[str, tuple[Distance, float]]  # type -> how far from torch, and the fraction of torch's that are NaN


def distance(a: Mapping[str, Any], b: Mapping[str, Any], begin: Mapping[str, Any] | None = None) -> Distance:
    """How far ``a`` is from ``b``, over the tensors of ``b``; both began at ``begin``, or at zero."""
    same, ulps, moved = [], [0.0], [0.0]
    for name, theirs in b.items():
        x, y = np.asarray(a[name]), np.asarray(theirs)
        p = np.asarray(np.zeros_like(y) if begin is None else begin[name])
        same.append(((x == y) & (np.signbit(x) == np.signbit(y)) | (np.isnan(x) & np.isnan(y))).ravel())
        finite = np.isfinite(x) & np.isfinite(y)
        x64, y64, p64 = (np.where(finite, z, 0).astype(np.float64) for z in (x, y, p))
        size = np.maximum(np.maximum(np.abs(x64), np.abs(y64)), np.abs(p64))
        ulps.append(float(np.max(np.abs(x64 - y64) / _ulp(size, x.dtype))))
        far, way = np.linalg.norm(x64 - y64), np.linalg.norm(y64 - p64)
        moved.append(float(far / way) if far else 0.0)
    return Distance(float(np.mean(np.concatenate(same))), max(ulps), max(moved))


def _ulp(size: np.ndarray, dtype: Any) -> np.ndarray:
    """The unit in the last place of ``size`` in ``dtype``."""
    info = jnp.finfo(dtype)
    exponent = np.floor(np.log2(np.maximum(size, float(info.tiny))))
    return np.exp2(exponent - info.nmant)


def measure(name: str, steps: int | None = None) -> Measured:
    """Everything about one optimizer; two groups with their own rates, torch's defaults, a constant rate."""
    steps = steps or STEPS.get(name, 1000)
    case = Case(name, name, {}, "two rates")
    begin, grads = _problem(name, steps, np.float32)
    ours, updated = (run_jax(case, "constant", begin, grads, route=route) for route in ("step", "update"))
    with CorrectSqrt():
        oracle = run_torch(case, "constant", begin, grads, **forms_of(name)["single"])
    runs = {n: run_torch(case, "constant", begin, grads, **form) for n, form in forms_of(name).items()}
    return Measured(
        steps=steps,
        oracle=_parameters_and_states(ours, oracle, begin),
        forms={
            n: (distance(ours.params, run.params, begin), distance(run.params, runs["single"].params, begin))
            for n, run in runs.items()
        },
        update=distance(updated.params, ours.params, begin),
        halves={dtype: measure_half(case, dtype) for dtype in HALVES},
    )


def forms_of(name: str) -> dict[str, dict[str, bool]]:
    """torch's implementations of an optimizer on the CPU -> how to ask for each."""
    if name in ONE_FORM:
        return {"single": {}}
    return {form: how for form, how in FORMS.items() if form != "fused" or name in FUSED}


def _problem(name: str, steps: int, dtype: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    begin, grads = start(0, dtype), gradients(0, steps, dtype)
    return {n: begin[n] for n in TENSORS.get(name, begin)}, {n: grads[n] for n in TENSORS.get(name, begin)}


def _parameters_and_states(ours: Run, theirs: Run, begin: Any) -> dict[str, Distance]:
    slots = {slot: distance(ours.slots[slot], theirs.slots[slot]) for slot in theirs.slots}
    return {"parameters": distance(ours.params, theirs.params, begin), **slots}


def measure_half(case: Case, dtype: str, steps: int = HALF_STEPS) -> tuple[Distance, float]:
    """lrjax from torch's single form in half precision, and the fraction of torch's parameters that are NaN."""
    begin, grads = _problem(case.name, steps, jnp.dtype(dtype))
    ours = run_jax(case, "constant", begin, grads)
    theirs = run_torch(case, "constant", begin, grads, **forms_of(case.name)["single"]).params
    nan = np.concatenate([np.isnan(p.astype(np.float32)).ravel() for p in theirs.values()])
    return distance(ours.params, theirs, begin), float(nan.mean())
