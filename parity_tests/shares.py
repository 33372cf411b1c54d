"""Which share of the slowest families ``make test`` runs; ``make slow`` runs all, and so does a path or ``-k``.

A family is the rows of one test function. Of these every n-th is run, always the same ones; where it begins differs
from family to family, so that optimizers and schedulers take turns.
"""

import os
from collections import defaultdict
from collections.abc import Iterable
from zlib import crc32

import pytest

EVERY = {  # file -> n
    "parity_tests/averages/test_bits.py": 4,
    "parity_tests/control/test_batched.py": 2,
    "parity_tests/control/test_checkpoint.py": 2,
    "parity_tests/control/test_traced.py": 4,
    "parity_tests/errors/test_hostile_arguments.py": 2,
    "parity_tests/gradients/test_by_hand.py": 4,
    "parity_tests/gradients/test_schedules.py": 3,
    "parity_tests/gradients/test_steps.py": 3,
    "parity_tests/optimizers/test_elementwise.py": 3,
    "parity_tests/optimizers/test_half.py": 2,
    "parity_tests/optimizers/test_matrix.py": 2,
    "parity_tests/optimizers/test_shapes.py": 4,
    "parity_tests/optimizers/test_uses.py": 6,
    "parity_tests/port/test_compare.py": 3,
    "parity_tests/port/test_pairs.py": 12,
    "parity_tests/port/test_traces.py": 2,
    "parity_tests/lr_find/test_curves.py": 2,
    "parity_tests/run/test_finetune.py": 2,
    "parity_tests/schedulers/test_greedy.py": 3,
    "parity_tests/schedulers/test_rates.py": 2,
}


def applies(config: pytest.Config) -> bool:
    """Whether the whole suite is asked for, and not ``make slow``."""
    whole = config.args_source == pytest.Config.ArgsSource.TESTPATHS and not config.option.keyword
    return whole and not os.environ.get("LRJAX_SLOW")


def left_out(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """The rows that are not run."""
    families: dict[tuple[str, str], list[pytest.Item]] = defaultdict(list)
    for item in items:
        file, _, rest = item.nodeid.partition("::")
        if file in EVERY and isinstance(item, pytest.Function) and hasattr(item, "callspec"):
            families[file, rest.partition("[")[0]].append(item)
    return [
        item
        for (file, function), rows in families.items()
        for i, item in enumerate(rows)
        if len(rows) > EVERY[file] and i % EVERY[file] != crc32(function.encode()) % EVERY[file]
    ]
