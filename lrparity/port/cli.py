"""``python -m lrparity compare`` and ``python -m lrparity record``: the comparison from a shell, for scripts and CI."""

import argparse
import importlib
import importlib.util
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..arguments import Parser

COMPARE = """\
Say whether an optax program is the same training as a PyTorch one, and if not, what differs and what mends it.

TORCH is a file that `python -m lrparity record` wrote, or FILE.py:FUNCTION (or MODULE:FUNCTION). The function takes
no argument and returns the optimizer, or (optimizer, scheduler), or a dict of what `lrparity.record` takes:
{"optimizer": ..., "schedulers": ..., "names": model, "clip_grad_norm": 1.0}.
JAX is FILE.py:FUNCTION. The function returns (tx, params), or a dict {"tx": ..., "params": ..., "mapping": ...}."""
RECORD = """\
Write down a PyTorch training program, where torch is installed, for `python -m lrparity compare` where JAX is.

TORCH is FILE.py:FUNCTION (or MODULE:FUNCTION). The function takes no argument and returns the optimizer, or
(optimizer, scheduler), or a dict of what `lrparity.record` takes."""
EPILOG = "exit status: 0 the same training (record: written), 1 not the same, 2 a bad argument."


class Misuse(Exception):
    """What is wrong, in one line."""


def main(command: str, arguments: Sequence[str], prog: str) -> int:
    """Run ``compare`` or ``record``; returns the exit status."""
    parser = Parser(
        prog=f"{prog} {command}",
        description=COMPARE if command == "compare" else RECORD,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("torch", metavar="TORCH", help="see above")
    parser.add_argument("--steps", type=int, default=200, metavar="N", help="updates to compare (default: 200)")
    parser.add_argument(
        "--rate-steps", type=int, default=1000, metavar="N", help="updates whose rates are compared (default: 1000)"
    )
    if command == "compare":
        parser.add_argument("jax", metavar="JAX", help="see above")
        parser.add_argument("--out", type=Path, metavar="FOLDER", help="write report.md and report.html there")
    else:
        parser.add_argument("--out", type=Path, default=Path("torch.npz"), metavar="FILE", help="(default: torch.npz)")
    options = parser.parse_args(arguments)
    try:
        return _compare(options) if command == "compare" else _record(options)
    except (Misuse, ValueError, TypeError, ImportError, OSError) as error:
        print(f"{parser.prog}: {' '.join(str(error).split())}", file=sys.stderr)
        return 2


def _say(text: str) -> None:
    print(f"... {text}", file=sys.stderr, flush=True)


def _record(options: argparse.Namespace) -> int:
    from .record import record

    given = _torch_side(options)
    record(**given, path=options.out, say=_say)
    print(f"Written: {options.out}")
    return 0


def _compare(options: argparse.Namespace) -> int:
    from .compare import compare

    torch = {"optimizer": options.torch} if options.torch.endswith(".npz") else _torch_side(options)
    jax = _made(options.jax, ("tx", "params"), "(tx, params)")
    result = compare(**torch, **jax, say=_say)
    print(result)
    if options.out is not None:
        print("\nReport: " + " ".join(map(str, result.save(options.out))))
    return 0 if result.equal else 1


def _torch_side(options: argparse.Namespace) -> dict[str, Any]:
    given = _made(options.torch, ("optimizer", "schedulers"), "(optimizer, scheduler)")
    return {"steps": options.steps, "rate_steps": options.rate_steps, **given}


def _made(where: str, names: tuple[str, str], shape: str) -> dict[str, Any]:
    """What the user's function returns, by name."""
    value = _function(where)()
    if isinstance(value, Mapping) and names[0] in value:
        return dict(value)
    if isinstance(value, tuple) and len(value) == 2:
        return dict(zip(names, value, strict=True))
    if names[0] == "optimizer":
        return {"optimizer": value}
    raise Misuse(f"{where} must return {shape} or a dict with {names[0]!r}, got {type(value).__name__}")


def _function(where: str) -> Any:
    """The function that ``FILE.py:FUNCTION`` or ``MODULE:FUNCTION`` names."""
    home, colon, name = where.rpartition(":")
    if not colon or not home or not name:
        raise Misuse(f"must be FILE.py:FUNCTION or MODULE:FUNCTION, got {where!r}")
    module = _from_file(Path(home)) if home.endswith(".py") else importlib.import_module(home)
    if not callable(getattr(module, name, None)):
        raise Misuse(f"{home} has no function {name!r}")
    return getattr(module, name)


def _from_file(path: Path) -> Any:
    if not path.is_file():
        raise Misuse(f"no such file: {path}")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.parent.resolve()))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.pop(0)
    return module
