"""What both sides look like from outside: gradients go in, updates come out. And the gradients that are fed."""

import zlib
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, Protocol

import numpy as np

from .program import Arrays

RUNS = 12  # independent runs of a probe; one compiled program serves all probes that have no more


class Ran(NamedTuple):
    """What a machine did. M micro-steps, S independent runs; arrays by torch's name, shape=(M, S, *shape)."""

    params: Arrays  # after each micro-step
    updates: Arrays  # of each micro-step: new - old
    moments: dict[str, Arrays]  # "first moment", "second moment": as far as the optimizer shows them


class Machine(Protocol):
    """One side, ready to run from the beginning with any parameters and gradients."""

    names: list[str]

    def read(self, updates: int, micro_steps: int) -> Any:
        """What the machine shows of itself, where it does."""
        ...

    def run(self, start: Arrays, grads: Arrays, dtype: str, *, hold: bool) -> Ran:
        """Run from a fresh state.

        Args:
            start: parameters, shape=(S, *shape), float64.
            grads: shape=(M, S, *shape), float64.
            dtype: of the run: "float32", "float64", ...
            hold: give the same parameters at every step, whatever the updates.
        """
        ...


def flat_names(names: Iterable[Any]) -> list[str]:
    """A list of names, or of a list of them for each group, as one list."""
    return [str(name) for entry in names for name in ([entry] if isinstance(entry, str) else entry)]


def small(shapes: Mapping[str, tuple[int, ...]], most: int = 3) -> dict[str, tuple[int, ...]]:
    """The shapes cut to a few elements an axis, which is enough for rules that work element by element."""
    return {name: tuple(min(n, most) for n in shape) for name, shape in shapes.items()}


def generator(*words: Any) -> np.random.Generator:
    """Random numbers that depend on the words alone, the same on every machine."""
    return np.random.Generator(np.random.Philox(zlib.crc32(" ".join(map(str, words)).encode())))


def short(values: np.ndarray) -> np.ndarray:
    """Numbers of 12 bits, whose sums are exact in float32 too, which is how ``optax.MultiSteps`` sums."""
    mantissa, exponent = np.frexp(values)
    return np.ldexp(np.round(mantissa * 4096) / 4096, exponent)


def quiet(shapes: Mapping[str, tuple[int, ...]], steps: int, runs: int, loudest: float = 1e-4) -> Arrays:
    """Gradients whose elements lie between 1e-8 of ``loudest`` and ``loudest``, so that clipping does not see them.

    Each element has a size of its own, which shows epsilon in some element whatever its value, and changes by a
    factor of e or so from step to step.
    """
    made = {}
    for name, shape in shapes.items():
        rng = generator("quiet", name)
        size = loudest * 10.0 ** rng.uniform(-8, 0, (1, runs, *shape))
        noise = np.exp(rng.normal(0, 0.7, (steps, runs, *shape))) * rng.choice([-1.0, 1.0], (steps, runs, *shape))
        pause = np.where(rng.random((steps, runs, *shape)) < 0.2, 1e-4, 1.0)  # shows what remembers a maximum
        made[name] = short(size * np.clip(noise, -4, 4) * pause)
    return made


def constant(shapes: Mapping[str, tuple[int, ...]], steps: int, runs: int, size: float = 1e-5) -> Arrays:
    """The same gradient at every step, its elements around ``size``."""
    made = {}
    for name, shape in shapes.items():
        rng = generator("constant", name)
        one = size * rng.uniform(0.5, 2.0, (1, runs, *shape)) * rng.choice([-1.0, 1.0], (1, runs, *shape))
        made[name] = np.repeat(short(one), steps, axis=0)
    return made


def loud(shapes: Mapping[str, tuple[int, ...]], steps: int, runs: int) -> Arrays:
    """Gradients of every size from 1e-4 to 1e4, another at each step and in each run, the same for all tensors."""
    sizes = 10.0 ** generator("sizes").uniform(-4, 4, (steps, runs))
    made = {}
    for name, shape in shapes.items():
        rng = generator("loud", name)
        made[name] = short(rng.normal(size=(steps, runs, *shape)) * sizes.reshape(steps, runs, *[1] * len(shape)))
    return made


def ordinary(
    shapes: Mapping[str, tuple[int, ...]], steps: int, dtype: str = "float64", limit: float = 1.0, loud_ones: int = 1
) -> Arrays:
    """Gradients as training has them, for one run: above ``limit`` at first, then most below it, and some far above.

    Args:
        shapes: by name.
        steps: how many.
        dtype: of the arrays.
        limit: that of the clipping, of the norm of all tensors together.
        loud_ones: the steps of the first update, whose mean is above the limit.
    """
    sizes = limit * 10.0 ** generator("ordinary").uniform(-2.5, 1.0, steps)
    sizes[:loud_ones] = 3 * limit * np.sqrt(loud_ones)
    made = {}
    for name, shape in shapes.items():
        rng = generator("ordinary", name)
        own = 10.0 ** rng.uniform(-3, 0)
        made[name] = own * rng.normal(size=(steps, 1, *shape)) * 10.0 ** rng.uniform(-2, 0, (1, 1, *shape))
    norms = np.sqrt(sum(np.sum(g.reshape(steps, -1) ** 2, axis=1) for g in made.values()))
    factors = short(sizes / np.maximum(norms, 1e-300))  # of few bits: the same however a machine sums
    return {name: (g * factors.reshape(steps, *[1] * (g.ndim - 1))).astype(dtype) for name, g in made.items()}


def weights(shapes: Mapping[str, tuple[int, ...]], runs: int, size: float = 1.0) -> Arrays:
    """Parameters of that size, none near zero."""
    made = {}
    for name, shape in shapes.items():
        rng = generator("weights", name)
        made[name] = size * rng.uniform(0.3, 2.0, (runs, *shape)) * rng.choice([-1.0, 1.0], (runs, *shape))
    return made


def zeros(shapes: Mapping[str, tuple[int, ...]], runs: int) -> Arrays:
    """Parameters of zero, which no decay moves."""
    return {name: np.zeros((runs, *shape)) for name, shape in shapes.items()}
