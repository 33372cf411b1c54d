"""A process per framework that stays alive and takes its turn when asked.

Peers that take turns see the same machine: when it is slow, it is slow for all, and their ratio holds.
"""

import importlib
import multiprocessing
import os
import sys
import time
import traceback
from multiprocessing.connection import Connection
from typing import Any

from .measurement import Run


class Failed(Exception):
    """What went wrong in a worker, as text."""


class Worker:
    """The near end.

    Args:
        side: which framework it is for, see ``measurement.Contender``.
        device: "cpu" or "gpu".
        short: keep to one thread; the figures are not judged, and threads that wait for each other on a busy machine
            take a hundred times as long.
    """

    def __init__(self, side: str, device: str, *, short: bool = False) -> None:
        context = multiprocessing.get_context("spawn")  # a forked copy would share threads and caches
        self.pipe, far = context.Pipe()
        self.process = context.Process(target=_serve, args=(far, side, device, short), daemon=True)
        self.process.start()
        far.close()

    def ask(self, *message: Any) -> Any:
        """Send a request and wait for its answer.

        Raises:
            Failed: the worker raised, or died.
        """
        try:
            self.pipe.send(message)
            fine, answer = self.pipe.recv()
        except (EOFError, OSError) as error:
            raise Failed(f"the worker died ({type(error).__name__})") from None
        if not fine:
            raise Failed(answer)
        return answer

    def close(self) -> None:
        """End the process."""
        self.pipe.close()
        self.process.join(timeout=10)
        self.process.terminate()


def _serve(pipe: Connection, side: str, device: str, short: bool) -> None:
    """The far end: answer requests until the near end hangs up."""
    try:
        prepare(side, device, short=short)
    except Exception:
        pipe.send((False, traceback.format_exc(limit=-4)))
        return
    runs: dict[str, Run] = {}
    while True:
        try:
            request, *arguments = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send((True, _REQUESTS[request](runs, device, *arguments)))
        except Exception:  # any failure is the near end's to judge
            pipe.send((False, traceback.format_exc(limit=-4)))


def prepare(side: str, device: str, *, short: bool) -> None:
    """Put the framework of ``side`` on the device, with full float32 matrix products."""
    if side.startswith("jax"):
        os.environ["JAX_PLATFORMS"] = "cpu" if device == "cpu" else "cuda"
        os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")  # other processes share the GPU's memory
        import jax

        jax.config.update("jax_default_matmul_precision", "highest")
    if side.startswith("torch"):
        import torch

        from . import optimizers_on_torch

        optimizers_on_torch.DEVICE = torch.device("cuda" if device == "gpu" else "cpu")
        torch.set_float32_matmul_precision("highest")
        if short:
            torch.set_num_threads(1)


def _ready(runs: dict[str, Run], device: str) -> None:
    """Touch the device: raises where there is none."""
    del runs, device
    if "jax" in sys.modules:
        sys.modules["jax"].devices()
    if "torch" in sys.modules:
        from . import optimizers_on_torch

        sys.modules["torch"].zeros(1, device=optimizers_on_torch.DEVICE)


def _make(runs: dict[str, Run], device: str, measurement: str, contender: str, settings: dict[str, Any]) -> Any:
    run = runs[contender] = importlib.import_module(measurement).make(contender, settings, device)
    return run.answer, run.first_call, run.facts


def _turn(runs: dict[str, Run], device: str, contender: str, seconds: float) -> float:
    """Call until ``seconds`` are over; seconds per unit.

    A turn of several calls begins with one that does not count: it finds the caches full of the contender before.
    """
    del device
    run = runs[contender]
    if run.sample is not None:
        return run.sample()
    if seconds:
        run.call()
    calls, start = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - start) < seconds or not calls:
        run.call()
        calls += 1
    return elapsed / (calls * run.units)


def _facts(runs: dict[str, Run], device: str, contender: str) -> dict[str, Any]:
    del device
    after = runs[contender].after
    return after() if after else {}


def _drop(runs: dict[str, Run], device: str) -> None:
    """Forget all runs: the next case needs their memory."""
    del device
    runs.clear()


_REQUESTS = {"ready": _ready, "make": _make, "turn": _turn, "facts": _facts, "drop": _drop}
