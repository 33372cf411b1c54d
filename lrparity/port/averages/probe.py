"""The parameters that are averaged."""

import numpy as np

NUMBERS = 8  # of the parameter


def probe(updates: int) -> np.ndarray:
    """The parameter at the start and after each update, shape=(updates + 1, NUMBERS), of the size of 1."""
    return np.random.RandomState(0).standard_normal((updates + 1, NUMBERS))  # its numbers are fixed for good
