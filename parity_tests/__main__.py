"""``python -m parity_tests``: the same as ``python -m lrparity``."""

import sys

from lrparity.__main__ import main

if __name__ == "__main__":
    sys.exit(main(prog="python -m parity_tests"))
