"""The recorder of a PyTorch loop."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .checksum import folded, terms
from .trace import NOT_ASKED, QUANTITIES, Trace, collected


class TorchRecorder:
    """Writes a few numbers of every step down.

    ::

        recorder = lrparity.TorchRecorder("torch.npz")
        for batch in batches:
            loss = ...
            loss.backward()
            recorder.record(loss, model, batch)  # after backward(), before optimizer.step()
            optimizer.step()
        recorder.save()

    Args:
        path: the ``.npz`` file that ``save`` writes.
    """

    def __init__(self, path: str | Path) -> None:
        self.path, self.steps = path, []
        self.names: list[str] = []
        self.shapes: dict[str, tuple[int, ...]] = {}

    def record(self, loss: Any, model: Any, batch: Any = ()) -> None:
        """Take a step down.

        Args:
            loss: a number or a tensor of one.
            model: the module, or a dict from name to parameter; its gradients are those of this step.
            batch: any nest of tensors, arrays and numbers.
        """
        named = dict(model.named_parameters()) if isinstance(model, torch.nn.Module) else dict(model)
        if not self.names:
            self.names, self.shapes = list(named), {name: tuple(p.shape) for name, p in named.items()}
        step: dict[str, Any] = {key: {} for key in QUANTITIES}
        for name, p in named.items():
            wide = p.detach().double()
            step["norm"][name] = float(torch.linalg.vector_norm(wide))
            step["sum"][name] = float(wide.sum())
            step["largest"][name] = float(wide.abs().max()) if wide.numel() else 0.0
            step["bits"][name] = _bits_sum(p.detach())
            for key, value in zip(("grad_norm", "grad_most", "grad_least"), _of_gradient(p), strict=True):
                step[key][name] = value
        leaves = [_checksum(leaf) for leaf in _leaves(batch)]
        value = loss.detach() if isinstance(loss, torch.Tensor) else loss
        self.steps.append({**step, "loss": float(value), "batch": leaves})

    def save(self) -> Trace:
        """Write the file; returns the trace."""
        trace = collected("torch", self.names, self.shapes, self.steps)
        trace.save(self.path)
        return trace


def _of_gradient(p: torch.Tensor) -> tuple[float, float, float]:
    """Norm, largest and smallest value: 0 where there is no gradient, ``NOT_ASKED`` where none is wanted."""
    if p.grad is None or not p.numel():
        value = 0.0 if p.requires_grad else NOT_ASKED
        return value, value, value
    wide = p.grad.double()
    return float(torch.linalg.vector_norm(wide)), float(wide.max()), float(wide.min())


def _leaves(nest: Any) -> Iterator[np.ndarray]:
    """The arrays of a nest; of a dict in the order of its sorted keys, as JAX has them."""
    if isinstance(nest, Mapping):
        for key in sorted(nest):
            yield from _leaves(nest[key])
    elif isinstance(nest, list | tuple):
        for one in nest:
            yield from _leaves(one)
    elif nest is not None:
        yield _plain(nest) if isinstance(nest, torch.Tensor) else np.asarray(nest)


def _plain(tensor: torch.Tensor) -> np.ndarray:
    """As NumPy has it; what NumPy has not (bfloat16, float8) as the integers of its bits."""
    tensor = tensor.detach().cpu().contiguous()
    kept = tensor.dtype not in (torch.bfloat16, *(t for t in vars(torch).values() if "float8" in str(t)))
    return tensor.numpy() if kept else tensor.view({1: torch.uint8, 2: torch.int16}[tensor.element_size()]).numpy()


def _words(array: np.ndarray) -> np.ndarray:
    """The bits of an array as 32-bit words."""
    words = np.ascontiguousarray(array).view(f"u{array.dtype.itemsize}").ravel()
    if array.dtype.itemsize == 8:
        return folded(words.astype(np.uint32), (words >> np.uint64(32)).astype(np.uint32))
    return words.astype(np.uint32)


def _checksum(array: np.ndarray) -> int:
    """Of a batch's array, in its order; numbers of 64 bits are narrowed first, as JAX keeps them."""
    narrow = {"f8": np.float32, "i8": np.int32, "u8": np.uint32, "c16": np.complex64}.get(array.dtype.str[1:])
    array = array if narrow is None else array.astype(narrow)
    words = _words(array.view(np.float32) if array.dtype.kind == "c" else array)
    return int(np.sum(terms(words, np.arange(len(words), dtype=np.uint32)), dtype=np.uint32))


def _bits_sum(p: torch.Tensor) -> int:
    """Of a parameter; a transposed layout has the same."""
    return int(np.sum(terms(_words(_plain(p))), dtype=np.uint32))


def perturbed_torch(model: Any, seed: int = 0) -> None:
    """Move every float of a model by one unit of the last place, up or down at random: the start of a twin run."""
    made = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in model.parameters():
            up = torch.randint(0, 2, p.shape, generator=made).bool().to(p.device)
            ends = [torch.full_like(p, end) for end in (float("inf"), -float("inf"))]
            p.copy_(torch.where(up, torch.nextafter(p, ends[0]), torch.nextafter(p, ends[1])))
