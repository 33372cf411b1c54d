"""How the numbers of programs are drawn: ordinary ones, the ends of their ranges, and now and then a wrong one."""

import math
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

Draw = Callable[[Random], Any]
WRONG = (-1.0, math.nan, math.inf, 1e39, "0.1", None, True)


def one_of(*values: Any) -> Draw:
    """One of the values; a function among them is drawn from."""

    def draw(rng: Random) -> Any:
        value = rng.choice(values)
        return value(rng) if callable(value) else value

    return draw


def uniform(low: float, high: float) -> Draw:
    """A float with all its bits."""
    return lambda rng: rng.uniform(low, high)


def magnitude(low: float, high: float) -> Draw:
    """A power of ten between two."""
    return lambda rng: 10.0 ** rng.uniform(low, high)


def pair(first: Draw, second: Draw) -> Draw:
    """Two numbers."""
    return lambda rng: [first(rng), second(rng)]


def per_group(draw: Draw, groups: int) -> Draw:
    """One number for all groups, or one for each; once in fifty times, one too many."""

    def drawn(rng: Random) -> Any:
        if rng.random() < 0.6:
            return draw(rng)
        return [draw(rng) for _ in range(groups + (rng.random() < 0.02))]

    return drawn


def now_and_then(rng: Random, value: Any, others: Sequence[Any] = WRONG, share: float = 0.003) -> Any:
    """The value, or rarely one of the others, which is wrong."""
    return rng.choice(others) if rng.random() < share else value


rate = one_of(0.1, 1e-3, 1 / 3, 0.0, 1.7, magnitude(-6, 0), magnitude(-4, -1), magnitude(-3, 1), uniform(0, 1), 1)
factor = one_of(0.1, 0.5, 0.97, 1.0, uniform(0.1, 1.0), uniform(0.1, 1.0))
gamma = one_of(factor, factor, factor, 0.0, 1.3, uniform(1, 3), -0.5)
momentum = one_of(0.0, 0.5, 0.9, 0.99, 1.0, uniform(0, 1))
count = lambda rng: rng.randint(1, 20)  # noqa: E731
