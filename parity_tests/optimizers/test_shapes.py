"""No shape, no way of compiling and no processor changes a bit."""

import os
import subprocess
import sys

import pytest

from parity_tests import ROOT

from .shape_cases import ALL, IN_A_PROCESS_OF_ITS_OWN, OPTIONS, WAYS, differing, some

SLOW = bool(os.environ.get("LRJAX_SLOW"))
PIECE = 50  # shapes in one program; compiling it takes half a minute
PIECES = [(name, i * PIECE) for i in range(-(-len(ALL) // PIECE)) for name in list(OPTIONS)[i % 5 :: 5]]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", OPTIONS)
def test_every_bit_however_it_is_compiled(name: str, way: str) -> None:
    seed = 100 * list(OPTIONS).index(name) + list(WAYS).index(way)
    shapes = some(seed, 15, 20) if SLOW else some(seed, 8 if way == "plain" else 3, 2)
    assert differing(name, way, shapes, seed) == {}


@pytest.mark.skipif(not SLOW, reason="all 1,458 shapes, each with two or three of the optimizers: make slow")
@pytest.mark.parametrize(("name", "begin"), PIECES)
def test_every_shape(name: str, begin: int) -> None:
    assert differing(name, "plain", ALL[begin : begin + PIECE]) == {}


FLAGS = {
    "AVX2": "--xla_cpu_max_isa=AVX2",
    "SSE4.2, which has no fused multiply-add": "--xla_cpu_max_isa=SSE4_2",
    "four devices": "--xla_force_host_platform_device_count=4",
}


@pytest.mark.parametrize("what", FLAGS)
def test_every_bit_in_a_process_with_flags(what: str) -> None:
    ways = [way for way in IN_A_PROCESS_OF_ITS_OWN if way == what] or ["plain"]
    environment = {**os.environ, "XLA_FLAGS": FLAGS[what], "JAX_PLATFORMS": "cpu"}
    command = [sys.executable, "-m", "parity_tests.optimizers.shape_cases", *ways]
    run = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT)
    assert run.returncode == 0, run.stdout + run.stderr
    assert run.stdout.count("equal") == len(OPTIONS)
