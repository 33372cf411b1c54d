"""The suite runs on the CPU, on all cores where pytest-xdist is installed and in one process where it is not."""

import os

import pytest

os.environ.setdefault("JAX_PLATFORMS", "cpu")  # with a GPU, too: what the suite compares with is torch on the CPU

MOST_SECONDS = 900  # a test that hangs fails, and the suite goes on


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """``-n auto`` where nobody said ``-n``: in ``addopts`` pytest would not start without the plugin."""
    alone = "PYTEST_XDIST_WORKER" in os.environ or not config.pluginmanager.hasplugin("xdist")
    if not alone and config.option.numprocesses is None and config.option.dist == "no":
        config.option.numprocesses = "auto"
    if config.pluginmanager.hasplugin("timeout") and config.option.timeout is None and not os.environ.get("LRJAX_SLOW"):
        config.option.timeout = MOST_SECONDS
