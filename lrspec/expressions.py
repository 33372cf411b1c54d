"""Python expressions on the command line: functions of one variable, and curves."""

import argparse
import math
from collections.abc import Callable

from . import curves
from .curves import Curve

NAMES = {n: getattr(math, n) for n in dir(math) if n[0] != "_"} | {"abs": abs, "min": min, "max": max, "math": math}


def expression(variable: str, text: str) -> Callable[[float], float]:
    """A function of one variable from its Python expression."""
    try:
        code = compile(text.strip(), "expression", "eval")
    except (SyntaxError, ValueError):
        raise argparse.ArgumentTypeError(f"must be a Python expression of {variable}, got {text!r}") from None

    def function(x: float) -> float:
        try:
            return float(eval(code, {"__builtins__": {}, **NAMES, variable: x}))
        except Exception as error:
            raise ValueError(f"{text!r} with {variable}={x}: {error}") from error

    function.__name__ = text  # the title of the figure
    return function


def curve(text: str) -> Curve:
    """A curve from its Python expression, with the names of ``curves``."""
    names = {name: getattr(curves, name) for name in dir(curves)}
    try:
        made = eval(text.strip(), {"__builtins__": {}, **NAMES, **names})
    except Exception as error:
        problem = " ".join(str(error).split()) or type(error).__name__
        raise argparse.ArgumentTypeError(f"must be an expression of curves, got {text!r} ({problem})") from None
    if not isinstance(made, Curve):
        raise argparse.ArgumentTypeError(f"must be an expression that gives a curve, got {text!r}")
    return made
