"""Two programs for one task, one in JAX and one in PyTorch, run side by side and compared step by step.

``python -m lrparity`` fine-tunes a small network in both and says whether they agree.

- ``digits``: that task: its data, the run in both frameworks, what the verdict rests on, the report.
- ``transfer_map``: where a small rate for a pretrained backbone helps, over many tasks (``python -m lrparity map``).
- ``runs``: what serves the comparison of any two runs: records, replayed gradients, bounds and the verdict.
- ``oracle``: PyTorch with exact square roots, and PyTorch with the arithmetic of its CUDA kernels, both on the CPU.
- ``gpu``: JAX programs compiled for a GPU on a machine without one, their instructions checked, their bits computed.

The tests that use all of this are in ``parity_tests``, which is not installed.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .port.compare import compare as compare
    from .port.record import record as record
    from .port.result import Cause as Cause
    from .port.result import First as First
    from .port.result import Result as Result
    from .port.result import Row as Row
    from .port.traces.compared import TraceResult as TraceResult
    from .port.traces.compared import compare_traces as compare_traces
    from .port.traces.in_jax import JaxRecorder as JaxRecorder
    from .port.traces.in_jax import fingerprint as fingerprint
    from .port.traces.in_jax import perturbed as perturbed
    from .port.traces.in_torch import TorchRecorder as TorchRecorder
    from .port.traces.in_torch import perturbed_torch as perturbed_torch
    from .port.traces.trace import load_trace as load_trace
else:  # a name is loaded when it is first used: one side needs no torch, the other no JAX
    _HOMES = {
        "compare": "port.compare",
        "record": "port.record",
        **dict.fromkeys(("Cause", "First", "Result", "Row"), "port.result"),
        **dict.fromkeys(("TraceResult", "compare_traces"), "port.traces.compared"),
        **dict.fromkeys(("JaxRecorder", "fingerprint", "perturbed"), "port.traces.in_jax"),
        **dict.fromkeys(("TorchRecorder", "perturbed_torch"), "port.traces.in_torch"),
        "load_trace": "port.traces.trace",
    }
    __all__ = list(_HOMES)

    def __getattr__(name: str) -> Any:
        """A public name, from the module that it stands in."""
        if name in _HOMES:
            return globals().setdefault(name, getattr(import_module(f".{_HOMES[name]}", __name__), name))
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
