"""The evaluator of XLA's programs: each operation beside jax on the CPU, and what a GPU's text says beyond that."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from lrparity.gpu.hlo.parse import parse
from lrparity.gpu.hlo.program import Program
from parity_tests.arithmetic.same import assert_same

SPECIAL = np.array([0.0, -0.0, 1.0, -1.5, np.inf, -np.inf, np.nan, 1e-3, -7e8, 2.5], np.float32)
A, B = (x.ravel() for x in np.meshgrid(SPECIAL, SPECIAL))
ROWS = np.arange(24, dtype=np.float32).reshape(2, 3, 4) / 7
INTEGERS = np.array([-9, -1, 0, 1, 7, 2**31 - 1, -(2**31)], np.int32)
LEFT, RIGHT = (x.ravel() for x in np.meshgrid(INTEGERS, INTEGERS))


def text_of(function: Callable[..., Any], *arrays: Any) -> str:
    """The unoptimised program: every operation stands in it as it was asked for."""
    return jax.jit(function, keep_unused=True).lower(*arrays).as_text("hlo")


ONE = [jnp.abs, jnp.negative, jnp.sign, jnp.sqrt, jnp.floor, jnp.ceil, jnp.round, jnp.isfinite, jnp.square]
TWO = [jnp.add, jnp.subtract, jnp.multiply, jnp.divide, jnp.maximum, jnp.minimum]
TWO += [jnp.equal, jnp.not_equal, jnp.less, jnp.less_equal, jnp.greater, jnp.greater_equal, lax.rem]
WHOLE = [jnp.add, jnp.multiply, jnp.maximum, jnp.bitwise_and, jnp.bitwise_or, jnp.bitwise_xor]
MOVES: dict[str, Callable[..., Any]] = {
    "transpose": lambda x: x.transpose(2, 0, 1),
    "reshape": lambda x: x.reshape(4, 6),
    "slice": lambda x: x[1:, ::2, 1:4],
    "reverse": lambda x: lax.rev(x, (0, 2)),
    "broadcast": lambda x: jnp.broadcast_to(x[:, :, None], (2, 3, 5, 4)),
    "concatenate": lambda x: jnp.concatenate([x, x[:, :1]], axis=1),
    "pad": lambda x: lax.pad(x, jnp.float32(9), [(1, 0, 0), (-1, 2, 0), (0, 1, 2)]),
    "iota": lambda x: x + lax.broadcasted_iota(jnp.float32, x.shape, 1),
    "clamp": lambda x: lax.clamp(jnp.float32(0.5), x, jnp.float32(2)),
    "select": lambda x: jnp.where(x > 1, x, -x),
    "dynamic slice": lambda x: lax.dynamic_slice(x, (1, 7, -3), (1, 2, 3)),
    "dynamic update": lambda x: lax.dynamic_update_slice(x, x[:1, :2, :2] * 2, (1, 1, 3)),
    "gather": lambda x: x[jnp.array([1, 0, 1]), :, jnp.array([3, 0, 2])],
    "take rows": lambda x: jnp.take(x, jnp.array([[0, 2], [1, 1]]), axis=1, mode="clip"),
    "take along": lambda x: jnp.take_along_axis(x, jnp.array([[[1], [0], [3]]] * 2), axis=2),
    "scatter numbers": lambda x: x.at[jnp.array([0, 0]), jnp.array([1, 1]), jnp.array([2, 2])].add(1.5),
    "scatter rows": lambda x: x.at[:, jnp.array([2, 0])].set(-1.0),
    "largest": lambda x: x.max(axis=(0, 2)),
    "where the largest is": lambda x: jnp.argmax(x, axis=1),
    "sum of exact numbers": lambda x: (x * 7).sum(axis=1),
    "all": lambda x: (x > 1).all(axis=2),
    "product": lambda x: jnp.einsum("bij,bkj->bik", x * 7, x * 7),
    "loop": lambda x: lax.fori_loop(0, 5, lambda i, y: y * 0.5 + i, x),
    "scan": lambda x: lax.scan(lambda c, y: (c + y, c * y), x[0], x),
    "branches": lambda x: lax.switch(7, [lambda y: y + 1, lambda y: y * 3], x),
}


@pytest.mark.parametrize("function", ONE, ids=lambda f: f.__name__)
def test_operations_on_one_array(function: Callable[..., Any]) -> None:
    assert_same(Program(text_of(function, SPECIAL))(SPECIAL), function(SPECIAL))


@pytest.mark.parametrize("function", TWO, ids=lambda f: f.__name__)
def test_operations_on_two_arrays(function: Callable[..., Any]) -> None:
    assert_same(Program(text_of(function, A, B))(A, B), function(A, B))


@pytest.mark.parametrize("function", [*WHOLE, lax.div, lax.rem, lax.shift_right_logical], ids=lambda f: f.__name__)
def test_operations_on_integers(function: Callable[..., Any]) -> None:
    second = np.abs(RIGHT % 32) if function is lax.shift_right_logical else RIGHT
    assert_same(Program(text_of(function, LEFT, second))(LEFT, second), function(LEFT, second))


@pytest.mark.parametrize("name", MOVES)
def test_operations_on_places(name: str) -> None:
    ours = Program(text_of(MOVES[name], ROWS))(ROWS)
    theirs = jax.tree.leaves(MOVES[name](jnp.asarray(ROWS)))
    for a, b in zip(ours if isinstance(ours, tuple) else (ours,), theirs, strict=True):
        assert_same(a, b)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16", "int8", "int32", "bool"])
def test_conversions(dtype: str) -> None:
    numbers = np.array([0.0, -0.0, 1.5, 2.5, -2.7, 300.7, 1e-7, 65519.0, 65520.0, 1e30, -1e30, np.nan], np.float32)
    there, back = (lambda x: x.astype(dtype)), (lambda x: x.astype(dtype).astype(np.float32))
    for function in (there, back):
        assert_same(Program(text_of(function, numbers))(numbers), function(jnp.asarray(numbers)))


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_halves_round_after_every_operation(dtype: str) -> None:
    x = np.linspace(0.1, 3, 50).astype(jnp.dtype(dtype))
    wide = x.astype(np.float32)
    rounded = ((wide * wide).astype(x.dtype).astype(np.float32) + wide).astype(x.dtype)
    assert_same(Program(text_of(lambda x: x * x + x, x))(x), rounded)


def test_subnormal_numbers_are_kept() -> None:
    x = np.float32(1e-30)
    assert Program(text_of(lambda x: x * 1e-10, x))(x) == np.float32(1e-30) * np.float32(1e-10) != 0


def test_a_product_and_a_sum_round_one_after_the_other() -> None:
    a, c = np.float32(1 + 2**-12), np.float32(-1)
    assert Program(text_of(lambda a, c: a * a + c, a, c))(a, c) == 2**-11  # merged, it were 2**-11 + 2**-24


def test_library_functions_are_correct_to_rounding() -> None:
    x = np.linspace(0.1, 3, 7).astype(np.float32)
    for function in (jnp.exp, jnp.log, jnp.cos, jnp.sin, jnp.tanh, jnp.expm1, jnp.log1p):
        np.testing.assert_allclose(Program(text_of(function, x))(x), function(x), rtol=1e-6)
    with jax.enable_x64(True):
        base, exponent = np.array([0.9, 0.0, -2.0, 10.0]), np.array([17.0, -1.0, 3.0, 400.0])
        power = Program(text_of(jnp.power, base, exponent))(base, exponent)
    np.testing.assert_array_equal(power, [0.9**17, np.inf, -8.0, np.inf])


def entry(line: str, parameter: str = "f32[2,3]{1,0}") -> str:
    return f"HloModule m\n\nENTRY e {{\n  p = {parameter} parameter(0)\n  ROOT r = {line}\n}}"


def test_a_bitcast_follows_the_layouts() -> None:
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.testing.assert_array_equal(Program(entry("f32[3,2]{0,1} bitcast(p)"))(x), x.T)
    np.testing.assert_array_equal(Program(entry("f32[3,2]{1,0} bitcast(p)"))(x), x.reshape(3, 2))
    np.testing.assert_array_equal(Program(entry("s32[6]{0} bitcast(p)"))(x), x.view(np.int32).ravel())


def test_precision_is_reduced() -> None:
    x = np.array([1 + 2**-30, 1e-40, -3.0])
    line = "f64[3]{0} reduce-precision(p), exponent_bits=8, mantissa_bits=23"
    np.testing.assert_array_equal(Program(entry(line, "f64[3]{0}"))(x), [1, 0, -3])


def test_a_matrix_product_of_the_library() -> None:
    config = (
        '{"gemm_backend_config":{"alpha_real":2,"alpha_imag":0,"beta":1,"dot_dimension_numbers":{'
        '"lhs_contracting_dimensions":["1"],"rhs_contracting_dimensions":["1"],"lhs_batch_dimensions":[]},'
        '"epilogue":"DEFAULT"}}'
    )
    call = f'custom-call(p, p, q), custom_call_target="__cublas$lt$matmul", backend_config={config}'
    text = entry(f"(f32[2,2]{{1,0}}, s8[64]{{0}}) {call}").replace("  ROOT", "  q = f32[2,2] parameter(1)\n  ROOT")
    x, more = np.arange(6, dtype=np.float32).reshape(2, 3), np.ones((2, 2), np.float32)
    np.testing.assert_array_equal(Program(text)(x, more)[0], 2 * x @ x.T + 1)


@pytest.mark.parametrize(
    "line",
    [
        "f32[2,3]{1,0} cholesky(p)",
        'f32[2,3]{1,0} custom-call(p), custom_call_target="other"',
        "pred[2,3]{1,0} compare(p, p), direction=LT, type=TOTALORDER",
        "f32[2,3]{1,0} constant({...})",
        "f32[2,3]{1,0} reduce-precision(p), exponent_bits=4, mantissa_bits=3",
    ],
)
def test_an_unknown_line_is_named(line: str) -> None:
    with pytest.raises(NotImplementedError) as error:
        Program(entry(line))
    assert line in str(error.value)


def test_a_wrong_shape_is_found() -> None:
    with pytest.raises(TypeError, match="evaluated as float32"):
        Program(entry("f32[3,2]{1,0} add(p, p)"))(np.zeros((2, 3), np.float32))
    with pytest.raises(ValueError, match="ENTRY"):
        parse("HloModule m")
