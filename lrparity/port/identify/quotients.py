"""Updates over directions: how well a rule fits what came out of a machine."""

from dataclasses import replace

import numpy as np

from ..program import Accumulation, Arrays
from ..rule import Rule, begin, step

SURE, LIKELY = 3e-11, 1e-4  # a rule fits; it fits as well as float32 inside the machine allows


def directions(rule: Rule, grads: np.ndarray) -> np.ndarray:
    """The update of rate 1 of each step, shape=(steps, elements); the rate inside the buffer being left out."""
    state, out = begin(rule, grads[0]), []
    for g in grads:
        out.append(step(rule, state, -g if rule.maximize else g, 1.0))
    return np.array(out)


def quotients(rule: Rule, grads: np.ndarray, updates: np.ndarray) -> np.ndarray:
    """Update over direction, shape=(steps, elements): of the right rule, the rate in each column."""
    with np.errstate(all="ignore"):
        if rule.rate_inside and rule.momentum:
            inner = replace(rule, momentum=0.0, rate_inside=False, nesterov=False)
            return _entering(rule, -updates) / directions(inner, grads)
        return -updates / directions(rule, grads)


def _entering(rule: Rule, taken: np.ndarray) -> np.ndarray:
    """What entered the momentum buffer at each step, where the buffer's sum is what was taken."""
    out, buffer = [], np.zeros_like(taken[0])
    for u in taken:
        entering = (
            (u - rule.momentum**2 * buffer) / (1 + rule.momentum) if rule.nesterov else u - rule.momentum * buffer
        )
        buffer = rule.momentum * buffer + entering
        out.append(entering)
    return np.array(out)


def spread(rule: Rule, grads: np.ndarray, updates: np.ndarray) -> np.ndarray:
    """How far the quotients are from the same number at each step: log, shape=(moving steps * elements,)."""
    moving = np.any(updates != 0, axis=1)
    ratio = quotients(rule, grads, updates)[moving]
    if not len(ratio):
        return np.zeros(1)
    with np.errstate(all="ignore"):
        logs = np.log(ratio)
    finite = np.isfinite(logs)
    count = np.maximum(finite.sum(axis=1, keepdims=True), 1)
    center = np.sum(np.where(finite, logs, 0.0), axis=1, keepdims=True) / count
    return np.where(finite, np.clip(logs - center, -_WORST, _WORST), _WORST).ravel()


_WORST = 30.0  # where there is no logarithm: another sign, or no finite quotient


def error_of(rule: Rule, grads: np.ndarray, updates: np.ndarray) -> float:
    """The largest deviation."""
    return float(np.max(np.abs(spread(rule, grads, updates))))


def windows(grads: np.ndarray, how: Accumulation) -> np.ndarray:
    """The gradients that updates see: micro-steps, shape=(M, ...), to updates, shape=(M // k, ...)."""
    k = how.steps
    cut = grads[: len(grads) // k * k].reshape(len(grads) // k, k, *grads.shape[1:])
    return cut.mean(axis=1) if how.mean else cut.sum(axis=1)


def taken(micro_steps: np.ndarray, how: Accumulation) -> np.ndarray:
    """What came out at the micro-steps that updated, shape=(M // k, ...)."""
    return micro_steps[how.steps - 1 :: how.steps]


def first_moving(rates: Arrays) -> int:
    """The first update at which every parameter that ever has a rate has one."""
    return max((int(np.argmax(r > 0)) for r in rates.values() if np.any(r > 0)), default=0)


def flat(array: np.ndarray) -> np.ndarray:
    """One row a step."""
    return array.reshape(len(array), int(np.prod(array.shape[1:])))
