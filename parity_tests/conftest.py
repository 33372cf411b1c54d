"""Settings of the whole suite."""

import os
from collections.abc import Iterator

import jax
import pytest
import torch

from . import shares

if "PYTEST_XDIST_WORKER" in os.environ:
    # The workers share the cores, and torch's threads wait for each other longer than these small tensors take.
    torch.set_num_threads(1)


@pytest.fixture(scope="module", autouse=True)
def without_the_programs_of_other_files() -> Iterator[None]:
    """Forget what a file compiled: each program takes some memory maps, of which Linux allows a process 65,530."""
    yield
    jax.clear_caches()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what ``shares`` says; skip the rows that say why they must be (``schedulers.rule_cases.Case.skip``)."""
    if shares.applies(config):
        left_out = shares.left_out(items)
        config.hook.pytest_deselected(items=left_out)
        unwanted = set(map(id, left_out))
        items[:] = [item for item in items if id(item) not in unwanted]
    for item in items:
        values = (
            item.callspec.params.values() if isinstance(item, pytest.Function) and hasattr(item, "callspec") else ()
        )
        for reason in filter(None, (getattr(value, "skip", "") for value in values)):
            item.add_marker(pytest.mark.skip(reason=reason))
