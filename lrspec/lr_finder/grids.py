"""The rates of a range test. Each library puts its n rates at other places between the first and the last."""

from collections.abc import Callable

# Library -> where iteration i of n stands between start (0) and end (1).
PLACES: dict[str, Callable[[int, int], float]] = {
    "fastai": lambda i, n: i / n,  # never reaches the end
    "lightning": lambda i, n: (i + 1) / n if i else 0.0,  # leaves out 1 / n
    "torch_lr_finder": lambda i, n: i / (n - 1),
}
SHAPES: dict[str, Callable[[float, float, float], float]] = {
    "exponential": lambda start, end, place: start * (end / start) ** place,
    "linear": lambda start, end, place: start + place * (end - start),
}


def rates(grid: str, mode: str, start: float, end: float, count: int) -> list[float]:
    """``count`` rates in the libraries' float64 arithmetic.

    >>> rates("torch_lr_finder", "exponential", 0.25, 4.0, 5)
    [0.25, 0.5, 1.0, 2.0, 4.0]
    >>> rates("fastai", "exponential", 0.25, 4.0, 4)
    [0.25, 0.5, 1.0, 2.0]
    >>> rates("lightning", "exponential", 0.25, 4.0, 4)
    [0.25, 1.0, 2.0, 4.0]
    """
    return [SHAPES[mode](start, end, PLACES[grid](i, count)) for i in range(count)]
