"""What the commands of this package share."""

import argparse
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """A bad argument is one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """Print the line and leave with status 2."""
        self.exit(2, f"{self.prog}: {message}\n")
