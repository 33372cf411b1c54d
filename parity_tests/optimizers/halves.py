"""Arrays between NumPy and torch in every type; they have no bfloat16 in common, so halves go through float32."""

import jax.numpy as jnp
import numpy as np
import torch

HALVES = {"bfloat16": torch.bfloat16, "float16": torch.float16}
_NAMES = {dtype: name for name, dtype in HALVES.items()}


def to_torch(x: np.ndarray) -> torch.Tensor:
    """The array as a tensor: a half is a copy, another is the same memory."""
    half = HALVES.get(x.dtype.name)
    return torch.from_numpy(x.astype(np.float32)).to(half) if half else torch.from_numpy(x)


def to_numpy(x: torch.Tensor) -> np.ndarray:
    """The values of a tensor, in its own type."""
    x = x.detach()
    return x.float().numpy().astype(jnp.dtype(_NAMES[x.dtype])) if x.dtype in _NAMES else x.numpy()
