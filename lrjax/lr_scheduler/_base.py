"""What every scheduler shares: torch's step, as a pure function of a state.

A scheduler is a frozen dataclass with torch's arguments. Its memory is a dict with the names torch
uses in ``state_dict``; the rates it changes are float64 vectors over the groups, in ``hyper``.
All arithmetic here runs under ``jax.enable_x64(True)``; the callers see to that.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

import jax
import jax.numpy as jnp

from .. import _check as check
from ..kernels import Kernels

Hyper = dict[str, Any]
Memory = dict[str, Any]


@dataclass(frozen=True)
class LRScheduler:
    """The base of the schedulers, as ``torch.optim.lr_scheduler.LRScheduler`` is.

    Args:
        every: step the scheduler after every so many updates (steps per epoch, say). None: the loop
            calls ``lrjax.step_scheduler``.
    """

    every: int | None = field(default=None, kw_only=True)
    closed: ClassVar[bool] = True  # whether closed_form exists

    def __post_init__(self) -> None:
        """Check the arguments; subclasses extend it."""
        if self.every is not None:
            check.integer(type(self).__name__, "every", self.every, 1)

    def check_groups(self, groups: Sequence[Mapping[str, Any]]) -> None:
        """Raise where the scheduler does not fit the optimizer's groups."""

    def get_lr(self, k: Kernels, e: Any, lr: Any, memory: Memory, *, initial: bool) -> Any:
        """Chain form: the next rates from the current ones, in torch's order of operations.

        Args:
            k: kernels that round as torch's float64 does.
            e: last_epoch, int32 scalar.
            lr: current rates, float64, shape=(G,).
            memory: the scheduler's own, "base_lrs" among it.
            initial: whether this is the step torch's constructor takes.
        """
        raise NotImplementedError

    def closed_form(self, k: Kernels, base_lr: Any, e: Any) -> Any:
        """Closed form: the rate after e steps from the base rate alone, float64."""
        raise NotImplementedError

    def init(self, k: Kernels, hyper: Hyper) -> tuple[Hyper, Memory]:
        """torch's constructor: remember ``initial_lr`` and take the first step."""
        hyper = {"initial_lr": hyper["lr"], **hyper}
        memory = {
            "base_lrs": hyper["initial_lr"],
            "last_epoch": jnp.full((), -1, jnp.int32),
            "_step_count": jnp.zeros((), jnp.int32),
            "_last_lr": hyper["lr"],
        }
        return self.step(k, hyper, memory, initial=True)

    def step(
        self, k: Kernels, hyper: Hyper, memory: Memory, metric: Any = None, *, initial: bool = False
    ) -> tuple[Hyper, Memory]:
        """torch's ``step()``."""
        del metric
        memory = {**memory, "_step_count": memory["_step_count"] + 1}
        return self.update_lr(k, hyper, memory, initial=initial)

    def update_lr(
        self, k: Kernels, hyper: Hyper, memory: Memory, *, initial: bool = False, restart: bool = False
    ) -> tuple[Hyper, Memory]:
        """torch's ``_update_lr``: ``restart`` is its ``epoch=0``, which prefers the closed form."""
        e = jnp.zeros((), jnp.int32) if restart else memory["last_epoch"] + 1
        if restart and self.closed:
            lr = self.closed_form(k, memory["base_lrs"], e)
        else:
            lr = self.get_lr(k, e, hyper["lr"], memory, initial=initial)
        return {**hyper, "lr": lr}, {**memory, "last_epoch": e, "_last_lr": lr}

    def schedule(self, base_lr: float) -> Callable[[Any], jax.Array]:
        """The closed form as an optax schedule.

        Args:
            base_lr: the rate that the scheduler starts from (torch's ``initial_lr``).

        Returns:
            ``count -> rate``: an integer (shape s) to float32 (shape s), computed in float64 and rounded once.

        Raises:
            ValueError: a negative or non-finite rate.
        """
        base_lr = check.rate(f"{type(self).__name__}.schedule", base_lr, "base_lr")

        def rate(count: Any) -> jax.Array:
            count = jnp.asarray(count, jnp.int32)
            with jax.enable_x64(True):
                k = Kernels(jnp.minimum(count, 0))
                return self.closed_form(k, jnp.full(count.shape, base_lr, jnp.float64), count).astype(jnp.float32)

        return rate

    def __repr__(self) -> str:
        """The arguments that differ from their default, as one would type them."""
        shown = (f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if getattr(self, f.name) != f.default)
        return f"{type(self).__name__}({', '.join(shown)})"
