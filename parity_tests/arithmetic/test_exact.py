"""The operations that round once, against exact rational arithmetic; the zero that no compiler knows."""

import itertools
import os
import subprocess
import sys
import warnings
from types import SimpleNamespace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import lrjax
from lrjax.arithmetic import platforms
from lrjax.arithmetic.exact import Exact, runtime_zero, unprovable_zero
from lrjax.arithmetic.kernels import Kernels
from lrparity.oracle.fma import fma32, fma64

from .same import assert_same

SPECIAL = [0.0, -0.0, 1.0, -1.5, 2.0**-120, 2.0**100, -(2.0**127), np.inf, -np.inf, np.nan]
TINY = {"float32": 2.0**-126, "float64": 2.0**-900}  # below, XLA on a CPU flushes, and parts of a product underflow


def triples(dtype: str, count: int = 200_000) -> list[np.ndarray]:
    """Random triples; products next to middles between two numbers; cancellation; far exponents; special values."""
    rng, digits = np.random.default_rng(0), {"float32": 24, "float64": 53}[dtype]
    a, b = rng.normal(size=(2, count)) * 2.0 ** rng.integers(-20, 20, (2, count))
    c = rng.normal(size=count) * 2.0 ** rng.integers(-60, 60, count)
    a[:1000], b[:1000] = 1 + 2.0 ** (1 - digits) * rng.integers(0, 1 << 12, (2, 1000))
    c[:1000] = rng.choice([-1, 1], 1000) * 2.0 ** rng.integers(-digits - 10, digits + 10, 1000)
    a, b, c = (x.astype(dtype) for x in (a, b, c))
    c[1000:50_000] = -(a * b)[1000:50_000]
    c[50_000:90_000] = (a * b)[50_000:90_000] * np.float64(2.0 ** -(digits + 1)) * rng.choice([-1, 1], 40_000)
    middle, sign = (digits + 1) // 2, rng.choice([-1, 1], (2, 10_000))
    a[90_000:100_000] = rng.integers(1 << middle - 1, 1 << middle, 10_000) | 1  # odd times odd, one digit too many:
    b[90_000:100_000] = rng.integers(1 << digits - middle, 1 << digits - middle + 1, 10_000) | 1
    c[90_000:100_000] = sign[0] * 2.0**-60  # in the middle or near it, and what float64 loses decides
    a[100_000:110_000] = (1 + 2.0 ** -(digits - 4)) * 2.0**-digits * sign[0]
    b[100_000:110_000] = 1 - 2.0 ** -(digits - 4)  # just below half a digit of c
    c[100_000:110_000] = 1 + 2.0 ** (1 - digits) * rng.integers(0, 1 << 20, 10_000)
    special = np.array(list(itertools.product(SPECIAL, repeat=3)), dtype).T
    return [np.concatenate([x, y]) for x, y in zip((a, b, c), special, strict=True)]


def computed(operation: str, *args: Any, correct_division: bool = True) -> np.ndarray:
    with jax.enable_x64(True):
        run = jax.jit(lambda zero, *args: getattr(Exact(zero, correct_division=correct_division), operation)(*args))
        return np.asarray(run(jnp.int32(0), *args))


def assert_same_but_tiny(ours: np.ndarray, expected: np.ndarray) -> None:
    """What is subnormal, or nearly so, is another matter."""
    normal = ~(np.abs(expected) < TINY[ours.dtype.name]) | (expected == 0)
    assert_same(ours[normal], expected[normal])
    assert normal.mean() > 0.9


@pytest.mark.parametrize(("dtype", "fma"), [("float32", fma32), ("float64", fma64)])
@pytest.mark.filterwarnings("ignore:invalid value|overflow")
def test_a_multiply_add_rounds_once(dtype: str, fma: Any) -> None:
    a, b, c = triples(dtype)
    expected = fma(a, b, c)
    assert_same_but_tiny(computed("fma", a, b, c), expected)
    with np.errstate(all="ignore"):
        assert np.sum((a * b + c != expected) & np.isfinite(expected)) > 10_000  # two roundings are not one


@pytest.mark.filterwarnings("ignore:invalid value|divide by zero|overflow")
@pytest.mark.parametrize("correct_division", [True, False])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_quotient_and_root_are_rounded_correctly(dtype: str, correct_division: bool) -> None:
    a, b, _ = triples(dtype)
    assert_same_but_tiny(computed("div", a, b, correct_division=correct_division), a / b)
    assert_same_but_tiny(computed("sqrt", a, correct_division=correct_division), np.sqrt(a))


@pytest.mark.parametrize("correct_division", [True, False])
def test_one_divisor_for_many_is_divided_by(correct_division: bool) -> None:
    a = triples("float32")[0][:20_000]
    for divisor in np.array([0.1, 3.0, 7.0, 0.999, 1e-8], np.float32):
        assert_same_but_tiny(computed("div", a, divisor, correct_division=correct_division), a / divisor)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_dividend_that_is_one_for_many_is_divided(dtype: str) -> None:
    """A program's array of one number a row, over a number or another such array: XLA multiplies by a reciprocal."""
    a, b, _ = (np.asarray(x[:20_000], dtype) for x in triples(dtype))

    def run(zero: Any, a: Any, b: Any) -> Any:
        spread = lambda x: jnp.broadcast_to(x[:, None], (len(a), 3))  # noqa: E731
        exact = Exact(zero)
        return exact.div(spread(a), jnp.asarray(7.0, dtype)), exact.div(spread(a), spread(b))

    with jax.enable_x64(True):
        by_seven, by_b = jax.jit(run)(jnp.int32(0), a, b)
    assert_same_but_tiny(np.asarray(by_seven), np.repeat(a / np.asarray(7.0, dtype), 3).reshape(-1, 3))
    assert_same_but_tiny(np.asarray(by_b), np.repeat(a / b, 3).reshape(-1, 3))


def test_a_power_of_a_half_is_pythons() -> None:
    """The C library's power, which torch's bias corrections take, is not always the root."""
    x = np.random.default_rng(0).random(100_000)
    expected = np.array([float(one) ** 0.5 for one in x])
    with jax.enable_x64(True):
        ours = jax.jit(lambda zero, x: Kernels(zero).half_power(x))(jnp.int32(0), x)
    np.testing.assert_array_equal(ours, expected)


def test_a_derivative_goes_through() -> None:
    with jax.enable_x64(True):
        exact, a, b, c = Exact(jnp.int32(0)), *map(jnp.float32, (2.0, 3.0, 4.0))
        assert jax.grad(exact.fma, (0, 1, 2))(a, b, c) == (3.0, 2.0, 1.0)
        assert jax.grad(lambda a, b: exact.div(a, b), (0, 1))(a, b) == (pytest.approx(1 / 3), pytest.approx(-2 / 9))


def test_the_zero_is_zero_and_no_constant() -> None:
    assert runtime_zero() == 0
    assert unprovable_zero(jnp.float32(np.random.default_rng(0).normal(size=100_000))) == 0
    compiled = jax.jit(lambda: runtime_zero()).lower().compile()
    assert "rng" in str(compiled.as_text())
    assert compiled() == 0
    states = jax.jit(jax.vmap(lambda x: lrjax.SGD().init({"w": x})))(jnp.ones((3, 2)))
    assert states.count.tolist() == [0, 0, 0]


def test_a_plain_program_does_not_ask_the_generator() -> None:
    """The state's counter is an argument there; the generator would be a kernel more in every step on a GPU."""
    tx, params = lrjax.AdamW(), {"w": jnp.ones(3)}
    step = jax.jit(lambda p, s, g: lrjax.step(tx, g, s, p))
    assert "rng" not in step.lower(params, tx.init(params), params).as_text()


def test_an_unknown_platform_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jax, "default_backend", lambda: "metal")
    monkeypatch.setattr(platforms, "_warned", set())
    tx, params = lrjax.SGD(), {"w": jnp.ones(3)}
    with pytest.warns(UserWarning, match="lrjax: on platform 'metal' .* equal bits are not promised"):
        lrjax.step(tx, params, tx.init(params), params)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lrjax.step(lrjax.SGD(momentum=0.5), params, lrjax.SGD(momentum=0.5).init(params), params)


@pytest.mark.parametrize(("version", "told"), [("cuda 12090", False), ("rocm 60300", True)])
def test_gpus_of_another_make_are_unknown(monkeypatch: pytest.MonkeyPatch, version: str, told: bool) -> None:
    device = SimpleNamespace(client=SimpleNamespace(platform_version=version))
    monkeypatch.setattr(jax, "default_backend", lambda: "gpu")
    monkeypatch.setattr(jax, "devices", lambda: [device])
    monkeypatch.setattr(platforms, "_warned", set())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        platforms._warn_of_unknown_platforms()
    assert ["'rocm'" in str(one.message) for one in caught] == [True] * told


def test_a_program_for_a_tpu_has_the_cpus_arithmetic() -> None:
    """Lowered only: there is no TPU here."""
    tx, params = lrjax.AdamW(), {"w": jnp.ones((4, 4))}
    step = jax.jit(lambda p, s, g: lrjax.step(tx, g, s, p)).trace(params, tx.init(params), params)
    texts = {platform: step.lower(lowering_platforms=(platform,)).as_text() for platform in ("cpu", "tpu", "cuda")}
    divisions = {platform: text.count("stablehlo.divide %") for platform, text in texts.items()}
    assert divisions["tpu"] == divisions["cpu"]
    wide = {platform: text.count("tensor<4x4xf64>") for platform, text in texts.items()}
    assert wide["cuda"] > wide["cpu"]


def test_under_older_processors_too() -> None:
    """The multiply-add where the hardware has none."""
    environment = {**os.environ, "XLA_FLAGS": "--xla_cpu_max_isa=SSE4_2", "JAX_PLATFORMS": "cpu"}
    script = (
        "from parity_tests.arithmetic.test_exact import *\n"
        "a, b, c = triples('float32')\n"
        "with np.errstate(all='ignore'): assert_same_but_tiny(computed('fma', a, b, c), fma32(a, b, c))\n"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
    assert run.returncode == 0, run.stderr
