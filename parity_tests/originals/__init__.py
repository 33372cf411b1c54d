"""Foreign libraries run as they are, beside this project's code: what they compute is what the tests compare with.

``make .originals/tried`` installs them, pinned in requirements.txt, into ``.originals/wheels`` (a folder of its own, so
that they change nothing of the environment). They are imported only in a process of their own: a module of this folder
for each library, with a function of JSON to JSON; floats keep their bits. A test asks with ``ask``::

    answer = ask("fastai", {"losses": [2.0, 1.5]})      # runs python -m parity_tests.originals.fastai, once

and is skipped, with the reason, where the libraries are not there or cannot be imported. A new library is its line
in requirements.txt and a module that ends in ``serve(answer)``::

    # pyright: reportMissingImports=false, reportAttributeAccessIssue=false
    def answer(request):
        from keras.callbacks import ReduceLROnPlateau  # not at the top: the libraries are found only now
        ...

    if __name__ == "__main__":
        serve(answer)
"""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from typing import Any
from unittest.mock import patch

import pytest

from parity_tests import ROOT

WHEELS = ROOT / ".originals" / "wheels"
_CANNOT = "cannot"
_LIMIT = 600  # seconds of one answer


def ask(library: str, request: Any) -> Any:
    """What the module of this folder answers; asked once for each request. The test is skipped where it cannot."""
    if not WHEELS.is_dir():
        pytest.skip("the original libraries are not installed: make .originals/tried")
    found = _answer(library, to_json(request))
    if isinstance(found, dict) and _CANNOT in found:
        pytest.skip(f"the original cannot be imported: {found[_CANNOT]}")
    return found


@cache
def _answer(library: str, request: str) -> Any:
    """Read once, too: an answer may hold a million numbers."""
    command = [sys.executable, "-m", f"{__name__}.{library}"]
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    with tempfile.TemporaryDirectory() as folder:  # some write where they stand
        options = {"cwd": folder, "env": {**os.environ, "PYTHONPATH": path}, "capture_output": True, "text": True}
        run = subprocess.run(command, input=request, timeout=_LIMIT, **options)  # type: ignore[call-overload]
    if run.returncode:
        raise RuntimeError(f"parity_tests.originals.{library} failed:\n{run.stderr[-4000:]}")
    return from_json(run.stdout)


def serve(answer: Callable[[Any], Any]) -> None:
    """Answer the request on stdin; what the library prints goes to stderr."""
    request = from_json(sys.stdin.read())
    try:
        with contextlib.redirect_stdout(sys.stderr), originals():
            found = answer(request)
    except ImportError as error:
        found = {_CANNOT: f"{type(error).__name__}: {error}"}
    print(to_json(found))


@contextlib.contextmanager
def originals() -> Any:
    """The libraries can be imported. They come after the environment's own, which they cannot replace.

    torchvision, where it was built for another torch, registers shapes of operators that are not there: left out.
    """
    from torch import library

    if str(WHEELS) not in sys.path:
        sys.path.append(str(WHEELS))
    with patch.object(library, "register_fake", lambda *_, **__: lambda function: function):
        yield


def to_json(value: Any) -> str:
    """JSON in which floats are hexadecimal, so that every bit arrives; NaN and infinities, too."""
    return json.dumps(_hexed(value))


def _hexed(value: Any) -> Any:
    if isinstance(value, float):
        return {"float": value.hex()}
    if isinstance(value, dict):
        return {key: _hexed(one) for key, one in value.items()}
    return [_hexed(one) for one in value] if isinstance(value, list | tuple) else value


def from_json(text: str) -> Any:
    """What ``to_json`` wrote."""
    return json.loads(text, object_hook=lambda d: float.fromhex(d["float"]) if d.keys() == {"float"} else d)
