"""The one place where the two frameworks' layouts meet.

A dense layer is ``y = x @ kernel + bias`` in Flax and ``y = x @ weight.T + bias`` in PyTorch:

=========================  ===============  ==========================  ===============
Flax                       shape            PyTorch                     shape
=========================  ===============  ==========================  ===============
``backbone/dense1/kernel``  (in, out)        ``backbone.dense1.weight``  (out, in)
``backbone/dense1/bias``    (out,)           ``backbone.dense1.bias``    (out,)
=========================  ===============  ==========================  ===============

Arrays may have leading axes (steps, seeds); only the last two of a kernel are swapped. The copies are
contiguous, so that both frameworks see plain arrays.
"""

from collections.abc import Mapping

import numpy as np

from ..runs.records import Layout, Weights


def to_torch(weights: Mapping[str, np.ndarray]) -> Weights:
    """Flax names and layout -> PyTorch's.

    >>> {name: w.shape for name, w in to_torch({"head/kernel": np.zeros((3, 2)), "head/bias": np.zeros(2)}).items()}
    {'head.weight': (2, 3), 'head.bias': (2,)}
    """
    return {_rename(path, "/kernel", ".weight").replace("/", "."): _swap(path, w) for path, w in weights.items()}


def to_jax(weights: Mapping[str, np.ndarray]) -> Weights:
    """PyTorch's names and layout -> Flax's; ``to_jax(to_torch(w))`` is w.

    >>> {path: w.shape for path, w in to_jax({"head.weight": np.zeros((2, 3)), "head.bias": np.zeros(2)}).items()}
    {'head/kernel': (3, 2), 'head/bias': (2,)}
    """
    return {_rename(name, ".weight", "/kernel").replace(".", "/"): _swap(name, w) for name, w in weights.items()}


def _rename(name: str, old: str, new: str) -> str:
    return name.removesuffix(old) + new if name.endswith(old) else name


def _swap(name: str, w: np.ndarray) -> np.ndarray:
    is_matrix = name.endswith(("/kernel", ".weight"))
    return np.array(np.swapaxes(w, -1, -2) if is_matrix else w, order="C")


DENSE = Layout(to_torch, to_jax)
