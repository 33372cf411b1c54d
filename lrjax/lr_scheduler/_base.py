"""What every scheduler shares: torch's step, as a pure function of a state.

A scheduler's memory is a dict with the names torch uses in ``state_dict``; the rates it changes are
float64 vectors over the groups, in ``hyper``. All arithmetic here runs under
``jax.enable_x64(True)``; the callers see to that.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from .. import _check as check
from ..arithmetic.float64 import Float64, from_host, unpack
from ..arithmetic.kernels import Kernels
from ._arguments import Arguments, LambdaLR, MultiplicativeLR

Hyper = dict[str, Any]  # name -> float64, shape=(G,) or (G, 2) for betas
Memory = dict[str, Any]  # torch's attribute name -> int32 scalar or float64, shape=(G,)


class LRScheduler(Arguments):
    """The base of the schedulers, as ``torch.optim.lr_scheduler.LRScheduler`` is.

    A subclass writes ``get_lr`` (the chain form) and, where torch has one, ``closed_form``.
    """

    closed: ClassVar[bool] = False  # whether torch has a closed form: SequentialLR starts a phase with it

    def get_lr(self, k: Kernels, e: Any, hyper: Hyper, memory: Memory, *, initial: bool) -> Any:
        """Chain form: the next rates from the current ones, in torch's order of operations.

        Args:
            k: kernels that round as torch's Python floats do.
            e: last_epoch, int32 scalar.
            hyper: the groups' numbers; ``hyper["lr"]`` are the current rates.
            memory: the scheduler's own, "base_lrs" among it.
            initial: whether this is the step torch's constructor takes.
        """
        raise NotImplementedError

    def closed_form(self, k: Kernels, base_lr: Any, e: Any) -> Any:
        """The rate after e steps from the base rate alone: float64, the shape of base_lr and e together."""
        raise NotImplementedError

    def cycle(self, k: Kernels, e: Any, hyper: Hyper) -> Hyper:
        """The hyperparameters beside lr that the scheduler changes: none, but for CyclicLR and OneCycleLR."""
        del k, e
        return hyper

    def init(self, k: Kernels, hyper: Hyper) -> tuple[Hyper, Memory]:
        """torch's constructor: remember ``initial_lr`` and take the first step."""
        hyper = {"initial_lr": hyper["lr"], **hyper}
        memory = {
            "base_lrs": hyper["initial_lr"],
            "last_epoch": jnp.full((), -1, jnp.int32),
            "_step_count": jnp.zeros((), jnp.int32),
            "_last_lr": hyper["lr"],
            **self.own_memory(),
        }
        return self.initial_step(k, hyper, memory)

    def own_memory(self) -> Memory:
        """What the class remembers beside that, before its first step."""
        return {}

    def for_steps(self, num_steps: int) -> "LRScheduler":
        """The same scheduler, for at most so many steps: where that is faster, with a table."""
        del num_steps
        return self

    def begin(self, k: Kernels, hyper: Hyper) -> tuple[Hyper, Memory]:
        """``init``, then the steps that ``last_epoch`` says have been taken."""
        state = self.init(k, hyper)
        if self.last_epoch == -1:
            return state
        return jax.lax.fori_loop(
            0,
            self.last_epoch + 1,
            lambda _, state: self.step(k, *state),
            state,
        )

    def initial_step(self, k: Kernels, hyper: Hyper, memory: Memory) -> tuple[Hyper, Memory]:
        """torch's ``_initial_step``."""
        memory = {**memory, "_step_count": jnp.ones((), jnp.int32)}
        return self.update_lr(k, hyper, memory, initial=True)

    def step(self, k: Kernels, hyper: Hyper, memory: Memory, metric: Any = None) -> tuple[Hyper, Memory]:
        """torch's ``step()``."""
        del metric
        memory = {**memory, "_step_count": memory["_step_count"] + 1}
        return self.update_lr(k, hyper, memory)

    def update_lr(
        self, k: Kernels, hyper: Hyper, memory: Memory, *, initial: bool = False, restart: bool = False
    ) -> tuple[Hyper, Memory]:
        """torch's ``_update_lr``: ``restart`` is its ``epoch=0``, which prefers the closed form."""
        e = jnp.zeros((), jnp.int32) if restart else memory["last_epoch"] + 1
        if restart and self.closed:
            lr = self.closed_form(k, memory["base_lrs"], e)
        else:
            lr = self.get_lr(k, e, hyper, memory, initial=initial)
        hyper = {**self.cycle(k, e, hyper), "lr": lr}
        return hyper, {**memory, "last_epoch": e, "_last_lr": lr}

    def undo(self, memory: Memory) -> Memory:
        """What SequentialLR does to its schedulers first: take back the count of their constructor's step."""
        return {**memory, "last_epoch": memory["last_epoch"] - 1}

    @property
    def has_schedule(self) -> bool:
        """Whether ``schedule`` works without a table."""
        return self.closed

    def schedule(self, base_lr: float, num_steps: int | None = None) -> Callable[[Any], jax.Array]:
        """The rates as an optax schedule, a pure function of the count.

        Args:
            base_lr: the group's rate before the scheduler is attached (torch's ``initial_lr``).
            num_steps: None: the closed form. A number: a table of so many rates made with the chain form,
                for schedulers without a closed form; NaN from count ``num_steps`` on.

        Returns:
            ``count -> rate``: an integer (shape s) to float32 (shape s), computed in float64 and rounded once.

        Raises:
            ValueError: a negative or non-finite rate; no closed form and no ``num_steps``.
        """
        where = f"{self._name}.schedule"
        base_lr = check.rate(where, base_lr, "base_lr")
        if num_steps is not None:
            return self._table(base_lr, check.integer(where, "num_steps", num_steps, 1))
        if not self.has_schedule:
            check.fail(where, "num_steps", "must be given (there is no closed form, so a table is made)", None)

        def rate(count: Any) -> jax.Array:
            count = jnp.asarray(count, jnp.int32) + (self.last_epoch + 1)
            with jax.enable_x64(True):
                base = jnp.full(count.shape, base_lr, jnp.float64)
                return self.closed_form(Kernels(jnp.minimum(count, 0)), base, count).astype(jnp.float32)

        return rate

    def _table(self, base_lr: float, num_steps: int) -> Callable[[Any], jax.Array]:
        from ..simulation import simulate

        rates = np.append(simulate(self, [base_lr], num_steps)[:, 0].astype(np.float32), np.float32(np.nan))
        return lambda count: jnp.asarray(rates)[jnp.minimum(jnp.asarray(count, jnp.int32), num_steps)]


def power(base: float, exponent: Any) -> Any:
    """``base ** exponent`` in float64 for an integer array, as Python computes it."""
    return jnp.power(jnp.float64(base), exponent.astype(jnp.float64))


def per_group(value: Any, like: Any) -> Any:
    """An argument that is a number, or a tuple with one per group, as float64 in the shape of ``like``."""
    return jnp.broadcast_to(jnp.asarray(np.asarray(value, np.float64)), like.shape)


class Tabulated:
    """A function of an int, as a table of its first values: compiled code then looks them up.

    A Python function inside a compiled step costs a call to the host every time. Wrapped as
    ``LambdaLR(Tabulated(f, 10_000))`` it costs nothing; past the table it is NaN.

    Args:
        function: ``int -> float``; where it has no value at 0 (torch never asks MultiplicativeLR's for it) that is NaN.
        num_steps: how many values, an integer, at least 1.

    >>> Tabulated(lambda e: 0.5**e, 3).values.tolist()
    [1.0, 0.5, 0.25]
    """

    def __init__(self, function: Callable[[int], float], num_steps: int) -> None:
        num_steps = check.integer("Tabulated", "num_steps", num_steps, 1)
        try:
            first = float(function(0))
        except (ArithmeticError, ValueError, LookupError):
            first = math.nan
        self.values = np.array([first, *(float(function(n)) for n in range(1, num_steps))])

    def __call__(self, n: int) -> float:
        return float(self.values[n])

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Tabulated) and self.values.tobytes() == other.values.tobytes()

    def __hash__(self) -> int:
        return hash(self.values.tobytes())


def tabulated(scheduler: Any, num_steps: int) -> Any:
    """The scheduler with its Python functions, and what else it wants, as tables that hold for ``num_steps`` steps."""
    scheduler = scheduler.for_steps(num_steps)
    table = partial(Tabulated, num_steps=num_steps + 1)
    changed: dict[str, Any] = {}
    for f in fields(scheduler):
        value = getattr(scheduler, f.name)
        if f.name == "schedulers":
            changed[f.name] = tuple(tabulated(inner, num_steps) for inner in value)
        elif f.name in ("lr_lambda", "scale_fn") and value is not None:
            if isinstance(scheduler, LambdaLR) and not isinstance(scheduler, MultiplicativeLR):
                _ = [function(0) for function in (value if isinstance(value, tuple) else (value,))]  # torch asks it
            changed[f.name] = tuple(map(table, value)) if isinstance(value, tuple) else table(value)
    return replace(scheduler, **changed) if changed else scheduler


def call(functions: Sequence[Callable[[int], float]], e: Any) -> Any:
    """Python functions of an integer: float64, e.shape + (functions,).

    ``Tabulated`` functions are looked up. Others are evaluated on the host by Python itself; their
    values travel as float32 parts, for callbacks do not carry float64 without the global flag.
    """
    if all(isinstance(f, Tabulated) for f in functions):
        tables = [np.append(f.values, np.nan) for f in functions if isinstance(f, Tabulated)]
        return jnp.stack([jnp.asarray(table)[jnp.minimum(e, len(table) - 1)] for table in tables], axis=-1)
    shape = (*jnp.shape(e), len(functions))

    def on_host(e: Any) -> Float64:
        return from_host(np.array([[float(f(n)) for f in functions] for n in np.ravel(e).tolist()]).reshape(shape))

    parts = Float64(jax.ShapeDtypeStruct(shape, jnp.float32), jax.ShapeDtypeStruct((*shape, 3), jnp.float32))
    return unpack(jax.pure_callback(on_host, parts, e, vmap_method="sequential"))
