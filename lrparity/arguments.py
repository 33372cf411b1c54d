"""What the commands' arguments have in common: one line for a bad one, and the packages that a command needs."""

import argparse
import importlib.util
from collections.abc import Callable
from typing import NoReturn

# What the installation of lrjax alone does not bring: distribution -> the module to import.
NEEDS = {"torch": "torch", "flax": "flax", "scikit-learn": "sklearn", "matplotlib": "matplotlib"}


class Parser(argparse.ArgumentParser):
    """A bad argument is one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """Print the line and leave with status 2."""
        self.exit(2, f"{self.prog}: {message}\n")


def one_of(*names: str) -> Callable[[str], str]:
    """A reader that takes only these words."""

    def read(text: str) -> str:
        if text not in names:
            raise argparse.ArgumentTypeError(f"must be one of {', '.join(names)}, got {text!r}")
        return text

    return read


def at_least(low: int) -> Callable[[str], int]:
    """A reader that takes only integers from ``low`` on."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and int(text) >= low):
            raise argparse.ArgumentTypeError(f"must be an integer, at least {low}, got {text!r}")
        return int(text)

    return read


def absent() -> str | None:
    """What is said where a package is not installed; None where all are."""
    names = [name for name, module in NEEDS.items() if importlib.util.find_spec(module) is None]
    return f"{' and '.join(names)} must be installed: pip install lrjax[parity]" if names else None
