"""The recorder of a PyTorch loop."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from .trace import Trace, collected


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
        step: dict[str, Any] = {key: {} for key in ("norm", "sum", "largest", "bits", "grad_norm")}
        for name, p in named.items():
            wide = p.detach().double()
            step["norm"][name] = float(torch.linalg.vector_norm(wide))
            step["sum"][name] = float(wide.sum())
            step["largest"][name] = float(wide.abs().max()) if wide.numel() else 0.0
            step["bits"][name] = _bits_sum(p.detach())
            gradient = p.grad
            step["grad_norm"][name] = 0.0 if gradient is None else float(torch.linalg.vector_norm(gradient.double()))
        leaves = [_checksum(leaf) for leaf in _leaves(batch)]
        value = loss.detach() if isinstance(loss, torch.Tensor) else loss
        self.steps.append({**step, "loss": float(value), "batch": leaves})

    def save(self) -> Trace:
        """Write the file; returns the trace."""
        trace = collected("torch", self.names, self.shapes, self.steps)
        trace.save(self.path)
        return trace


def _leaves(nest: Any) -> Iterator[np.ndarray]:
    """The arrays of a nest; of a dict in the order of its sorted keys, as JAX has them."""
    if isinstance(nest, Mapping):
        for key in sorted(nest):
            yield from _leaves(nest[key])
    elif isinstance(nest, list | tuple):
        for one in nest:
            yield from _leaves(one)
    elif nest is not None:
        yield nest.detach().cpu().numpy() if isinstance(nest, torch.Tensor) else np.asarray(nest)


def _words(array: np.ndarray) -> np.ndarray:
    """The bits of an array as 32-bit words; doubles and 64-bit integers are narrowed first, as JAX keeps them."""
    narrow = {"f8": np.float32, "i8": np.int32, "u8": np.uint32}.get(array.dtype.str[1:])
    array = np.ascontiguousarray(array if narrow is None else array.astype(narrow))
    return array.view(f"u{array.dtype.itemsize}").ravel().astype(np.uint32)


def _checksum(array: np.ndarray) -> int:
    """A sum of words times odd weights, modulo 2 ** 32: it depends on their order."""
    words = _words(array)
    weights = np.arange(len(words), dtype=np.uint32) * np.uint32(2) + np.uint32(1)
    return int(np.sum(words * weights, dtype=np.uint32))


def _bits_sum(p: torch.Tensor) -> int:
    """The sum of the bits, modulo 2 ** 32, which a transposed layout does not change."""
    kinds = {2: torch.int16, 4: torch.int32, 8: torch.int64}
    words = p.contiguous().view(kinds[p.element_size()]).cpu().numpy().ravel()
    return int(np.sum(words.astype(np.int64).astype(np.uint64) & np.uint64(2**32 - 1), dtype=np.uint64) % 2**32)


def perturbed_torch(model: Any, seed: int = 0) -> None:
    """Move every float of a model by one unit of the last place, up or down at random: the start of a twin run."""
    made = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in model.parameters():
            up = torch.randint(0, 2, p.shape, generator=made).bool().to(p.device)
            ends = [torch.full_like(p, end) for end in (float("inf"), -float("inf"))]
            p.copy_(torch.where(up, torch.nextafter(p, ends[0]), torch.nextafter(p, ends[1])))
