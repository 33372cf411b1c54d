"""Curves under the names that libraries have for them."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from .. import check
from .curve import Curve, Named

Arguments = ParamSpec("Arguments")


def named(owner: str) -> Callable[[Callable[Arguments, Curve]], Callable[Arguments, Curve]]:
    """Let the curve that a function makes print, compare and hash by the owner, the function's name and its arguments.

    Args:
        owner: the library, which is also the module of ``curves`` that the function stands in.
    """

    def under_its_name(make: Callable[Arguments, Curve]) -> Callable[Arguments, Curve]:
        signature = inspect.signature(make)

        @wraps(make)
        def made(*args: Arguments.args, **options: Arguments.kwargs) -> Curve:
            bound = signature.bind(*map(check.plain, args), **{k: check.plain(v) for k, v in options.items()})
            given: dict[str, Any] = bound.arguments
            default = {name: p.default for name, p in signature.parameters.items()}
            shown = tuple((k, _kept(v)) for k, v in given.items() if v is not default[k] and v != default[k])
            return Named(f"{owner}.{make.__name__}", shown, make(*bound.args, **bound.kwargs))  # type: ignore[arg-type]

        return made

    return under_its_name


def _kept(value: Any) -> Any:
    """An argument that can be hashed; of a dictionary its pairs, which the functions that take one accept, too."""
    if isinstance(value, dict):
        return tuple((key, _kept(one)) for key, one in value.items())
    return tuple(map(_kept, value)) if isinstance(value, list | tuple) else value
