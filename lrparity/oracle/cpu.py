"""PyTorch with a correctly rounded square root: what lrjax must equal in every bit.

torch's own square root on the CPU (vector code of MKL) is one unit in the last place off for some
0.6 % of inputs; NumPy's is correctly rounded, as IEEE 754 asks. Nothing else is replaced.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode


class CorrectSqrt(TorchDispatchMode):
    """``with CorrectSqrt():`` - every square root of a CPU tensor of float32 or float64 rounds correctly.

    Halves keep torch's own, and so do tensors on a GPU: these are correctly rounded.
    """

    def __torch_dispatch__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Replace ``aten.sqrt`` and ``aten.sqrt_``."""
        del types
        if func is torch.ops.aten.sqrt.default and _is_off(args[0]):
            return torch.from_numpy(np.asarray(np.sqrt(args[0].numpy())))
        if func is torch.ops.aten.sqrt_.default and _is_off(args[0]):
            return args[0].copy_(torch.from_numpy(np.asarray(np.sqrt(args[0].numpy()))))
        return func(*args, **(kwargs or {}))


def _is_off(x: torch.Tensor) -> bool:
    return x.device.type == "cpu" and x.dtype in (torch.float32, torch.float64)
