"""``python -m lrjax``: draw or print the rates of a scheduler."""

import sys
from collections.abc import Sequence

import lrjax
from lrspec import command


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    return command.main(lrjax, arguments)


if __name__ == "__main__":
    sys.exit(main())
