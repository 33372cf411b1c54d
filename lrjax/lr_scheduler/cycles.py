"""CyclicLR and OneCycleLR: up and down, with the momentum (or beta1) against the rate."""

import math
from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

from lrspec import check
from lrspec import scheduler_arguments as arguments

from ..arithmetic.kernels import Kernels
from ._base import Hyper, LRScheduler, SchedulerState, Stepped
from ._functions import PerGroup, Tabulated, call, per_group, power


def _set_momentum(hyper: Hyper, momentum: jax.Array) -> Hyper:
    """Write the momentum where the optimizer reads it: the first of ``betas``, or ``momentum``."""
    if "betas" in hyper:
        return {**hyper, "betas": hyper["betas"].at[:, 0].set(momentum)}
    return {**hyper, "momentum": momentum}


def _init_momentum(hyper: Hyper, max_momentum: PerGroup, base_momentum: PerGroup) -> Hyper:
    """What torch's constructors write into the groups when they cycle the momentum."""
    top, bottom = per_group(max_momentum, hyper["lr"]), per_group(base_momentum, hyper["lr"])
    return _set_momentum({**hyper, "max_momentum": top, "base_momentum": bottom}, top)


class CyclicLR(arguments.CyclicLR, LRScheduler):
    """Cycle between two rates, linearly up and down, the peaks scaled by cycle or by step.

    With x the place in the cycle, s = x / ratio going up and (x - 1) / (ratio - 1) coming down::

        lr = base_lr + (max_lr - base_lr) * s * scale
        momentum = max_momentum - (max_momentum - base_momentum) * s * scale

    scale is 1 ("triangular"), 1 / 2**(cycle - 1) ("triangular2"), gamma**step ("exp_range"), or
    ``scale_fn(cycle or step)``, which compiled code calls on the host.

    Equal to ``torch.optim.lr_scheduler.CyclicLR``; a rate set by hand lasts until the next scheduler step.

    >>> schedule = CyclicLR(base_lr=1.0, max_lr=2.0, step_size_up=2).schedule(1.0)
    >>> [float(schedule(count)) for count in range(5)]
    [1.0, 1.5, 2.0, 1.5, 1.0]
    """

    def init(self, ops: Kernels, hyper: Hyper) -> Stepped:
        """torch's constructor. Its own first step still uses an ``initial_lr`` that was there before."""
        base_lrs = per_group(self.base_lr, hyper["lr"])
        hyper = {**hyper, "lr": base_lrs}
        if self.cycle_momentum:
            hyper = _init_momentum(hyper, self.max_momentum, self.base_momentum)
        hyper, state = super().init(ops, hyper)
        return hyper, {**state, "base_lrs": base_lrs}

    def get_lr(self, ops: Kernels, e: jax.Array, hyper: Hyper, state: SchedulerState, *, initial: bool) -> jax.Array:
        """base_lr + (max_lr - base_lr) * s * scale."""
        return self._rate(ops, state["base_lrs"], per_group(self.max_lr, hyper["lr"]), e)

    def _rate(self, ops: Kernels, base_lr: jax.Array, max_lr: jax.Array, e: jax.Array) -> jax.Array:
        s, scale = self._place(ops, e)
        return base_lr + ops.mul(ops.mul(max_lr - base_lr, s), scale)

    def update_hyper(self, ops: Kernels, e: jax.Array, hyper: Hyper) -> Hyper:
        """max_momentum - (max_momentum - base_momentum) * s * scale."""
        if not self.cycle_momentum:
            return hyper
        top, bottom = per_group(self.max_momentum, hyper["lr"]), per_group(self.base_momentum, hyper["lr"])
        s, scale = self._place(ops, e)
        return _set_momentum(hyper, top - ops.mul(ops.mul(top - bottom, s), scale))

    def by_step(self) -> Callable[[int], float]:
        """``scale_fn`` as a function of the step, also where it is one of the cycle, as torch's floats count it."""
        assert self.scale_fn is not None
        if self.scale_mode == "iterations":
            return self.scale_fn
        return partial(_of_cycle, self.scale_fn, self._sizes()[1])

    def _sizes(self) -> tuple[float, float]:
        """Steps going up, and steps of the whole cycle."""
        up = float(self.step_size_up)
        return up, up + (up if self.step_size_down is None else float(self.step_size_down))

    def _place(self, ops: Kernels, e: jax.Array) -> tuple[jax.Array, jax.Array]:
        """The height within the cycle, 0 to 1, and the scale of this cycle or step."""
        up, total = self._sizes()
        ratio = up / total
        turns = ops.div(e.astype(jnp.float64), total)
        cycle = jnp.floor(1 + turns)
        x = 1.0 + turns - cycle
        s = jnp.where(x <= ratio, ops.div(x, ratio), ops.div(x - 1, ratio - 1) if ratio != 1 else 0.0)
        return s, self._scale(cycle, e)

    def _scale(self, cycle: jax.Array, e: jax.Array) -> jax.Array:
        if isinstance(self.scale_fn, Tabulated) and self.scale_mode == "cycle":
            return call([self.scale_fn], jnp.minimum(cycle, check.MOST).astype(jnp.int32))[..., 0]
        if self.scale_fn is not None:
            return call([self.by_step()], e)[..., 0]
        if self.mode == "triangular2":
            return 1 / power(2.0, cycle - 1)
        return power(self.gamma, e) if self.mode == "exp_range" else jnp.ones((), jnp.float64)

    @property
    def has_schedule(self) -> bool:
        """The rate follows from the count; lists belong to groups, which a schedule has not."""
        return not isinstance(self.base_lr, tuple) and not isinstance(self.max_lr, tuple)

    def closed_form(self, ops: Kernels, base_lr: jax.Array, e: jax.Array) -> jax.Array:
        """The same, from the arguments: CyclicLR replaces the base rate."""
        return self._rate(ops, per_group(self.base_lr, base_lr), per_group(self.max_lr, base_lr), e)


def _of_cycle(scale_fn: Callable[[float], float], total: float, e: int) -> float:
    return scale_fn(math.floor(1 + e / total))


class OneCycleLR(arguments.OneCycleLR, LRScheduler):
    """One cycle: up from ``max_lr / div_factor`` to ``max_lr``, then down to a fraction of the start.

    Each phase anneals between two rates as p goes from 0 to 1: end + (start - end) / 2 * (cos(pi * p) + 1),
    or (end - start) * p + start. Two phases end at the steps pct_start * total_steps - 1 and
    total_steps - 1; three at pct_start * total_steps - 1, 2 * pct_start * total_steps - 2 and
    total_steps - 1. The momentum goes the other way. Equal to ``torch.optim.lr_scheduler.OneCycleLR``,
    its extra step included: step ``total_steps`` lies past the end, where the rate rises again (cos) or
    turns negative (linear). One step more is an error, in ``step_scheduler``, too; compiled
    code, which cannot raise, holds the rate and momentum at which the cycle ends.

    A rate set by hand lasts until the next scheduler step; ``max_lr``, ``min_lr`` and ``initial_lr`` in
    the state are read at every step, as in torch's groups.

    >>> schedule = OneCycleLR(max_lr=1.0, total_steps=9, pct_start=1 / 3, div_factor=4.0).schedule(1.0)
    >>> [round(float(schedule(count)), 6) for count in (0, 1, 2, 8)]
    [0.25, 0.625, 1.0, 2.5e-05]
    """

    def init(self, ops: Kernels, hyper: Hyper) -> Stepped:
        """torch's constructor: it overwrites ``initial_lr`` and writes ``max_lr`` and ``min_lr``."""
        hyper = {**hyper, **self._rates(per_group(self.max_lr, hyper["lr"]))}
        if self.cycle_momentum:
            hyper = _init_momentum(hyper, self.max_momentum, self.base_momentum)
        return super().init(ops, hyper)

    def _rates(self, max_lr: jax.Array) -> Hyper:
        initial_lr = max_lr / jnp.full_like(max_lr, self.div_factor)
        return {"initial_lr": initial_lr, "max_lr": max_lr, "min_lr": initial_lr / self._full(max_lr)}

    def _full(self, template: jax.Array) -> jax.Array:
        return jnp.full_like(template, self.final_div_factor)

    def get_lr(self, ops: Kernels, e: jax.Array, hyper: Hyper, state: SchedulerState, *, initial: bool) -> jax.Array:
        """Anneal between the two rates of the phase."""
        names = [("initial_lr", "max_lr"), ("max_lr", "initial_lr"), ("initial_lr", "min_lr")]
        return self._anneal(ops, e, hyper, names if self.three_phase else [names[0], ("max_lr", "min_lr")])

    def update_hyper(self, ops: Kernels, e: jax.Array, hyper: Hyper) -> Hyper:
        """Anneal between the two momenta of the phase."""
        if not self.cycle_momentum:
            return hyper
        names = [("max_momentum", "base_momentum"), ("base_momentum", "max_momentum"), ("max_momentum", "max_momentum")]
        return _set_momentum(hyper, self._anneal(ops, e, hyper, names if self.three_phase else names[:2]))

    def _anneal(self, ops: Kernels, e: jax.Array, hyper: Hyper, names: list[tuple[str, str]]) -> jax.Array:
        """The phase that e lies in, from the last to the first so that the first that fits wins."""
        ends = self.phase_ends()
        starts = [0.0, *ends]
        step = jnp.where(e > self.last_step(), self.steps() - 1, e).astype(jnp.float64)  # past its end: held
        out = jnp.float64(np.nan)
        for (start_name, end_name), start_step, end_step in reversed(list(zip(names, starts, ends, strict=False))):
            p = ops.div(step - start_step, end_step - start_step) if end_step != start_step else step * np.nan
            value = self._between(ops, hyper[start_name], hyper[end_name], p)
            last = end_step == ends[-1] and start_step == starts[len(ends) - 1]
            out = value if last else jnp.where(step <= end_step, value, out)
        return out

    def _between(self, ops: Kernels, start: jax.Array, end: jax.Array, p: jax.Array) -> jax.Array:
        if self.anneal_strategy == "linear":
            return ops.mul(end - start, p) + start
        return end + ops.mul((start - end) / 2.0, jnp.cos(ops.mul(p, math.pi)) + 1)

    @property
    def has_schedule(self) -> bool:
        """The rate follows from the count; a list belongs to groups, which a schedule has not."""
        return not isinstance(self.max_lr, tuple)

    def closed_form(self, ops: Kernels, base_lr: jax.Array, e: jax.Array) -> jax.Array:
        """The same, from the arguments: OneCycleLR does not use the base rate."""
        return self.get_lr(ops, e, self._rates(per_group(self.max_lr, base_lr)), {}, initial=False)
