"""The kernels of the CUDA oracle against exact fractions."""

import itertools
import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

from lrparity.oracle.cuda import CudaArithmetic
from parity_tests.arithmetic.same import assert_same

from .formulas import FORMULAS, ON_LISTS, ON_TENSORS, ONE_ON_LISTS_ONLY
from .fractions import as_float, nearest

tch: Any = torch  # its functions on lists are not declared
NUMBERS = [0.1, -0.3, 0.4999999, 0.5, 0.9, 1.0, 1.0000001, -1.0, 3.0, 1e-9, 1 - 0.999]


def f32(values: list[float]) -> np.ndarray:
    """An array of float32."""
    return np.array(values, np.float32)


def operands(name: str, count: int, dtype: torch.dtype, rng: np.random.Generator) -> list[torch.Tensor]:
    """Values of all magnitudes that keep results in range, some subnormal, some near to another."""
    low = -147 if dtype == torch.float32 else -14
    exponents = np.where(rng.random((3, count)) < 0.2, rng.integers(low, low + 24, (3, count)), 0)
    exponents = np.where(exponents == 0, rng.integers(-9, 9, (3, count)), exponents)
    if name in ("div", "addcdiv", "reciprocal"):  # no quotient out of range
        exponents = np.maximum(exponents, -60 if dtype == torch.float32 else -5)
    x = rng.normal(size=(3, count)) * 2.0**exponents
    x[1, ::5] = x[0, ::5] * (1 + 1e-7 * rng.normal(size=x[1, ::5].shape))
    if name == "sqrt":
        x = np.abs(x)
    return [torch.from_numpy(row).to(dtype) for row in x]


def exact(name: str, tensors: list[torch.Tensor], number: float, dtype: torch.dtype) -> np.ndarray:
    """The formula on fractions, rounded at the end to the type of the tensors."""
    takes, formula = FORMULAS[name]
    s = Fraction(float(np.float32(number)))
    rows = zip(*(t.double().tolist() for t in tensors[:takes]), strict=True)
    values = [formula(*map(Fraction, row), s) for row in rows]
    return np.array([as_float(nearest(v, str(dtype)[6:]), str(dtype)[6:]) for v in values])


@pytest.mark.parametrize("name", FORMULAS)
def test_kernels_are_the_formulas(name: str) -> None:
    rng = np.random.default_rng(1)
    takes, _ = FORMULAS[name]
    depends = any(word in name for word in ("alpha", "number", "addc", "lerp", "clamp"))
    for dtype, number in itertools.product(
        (torch.float32, torch.bfloat16, torch.float16), NUMBERS if depends else NUMBERS[:1]
    ):
        tensors = operands(name, 250, dtype, rng)
        expected = exact(name, tensors, number, dtype)
        results = []
        lists = [list(t.split(100)) for t in tensors[:takes]]
        with CudaArithmetic():
            results.append(ON_LISTS[name](*lists, number))
            if name not in ONE_ON_LISTS_ONLY:
                call = ON_TENSORS.get(name, lambda *x: getattr(torch, name)(*x[:-1]))
                results.append([call(*tensors[:takes], number)])
        for result in map(torch.cat, results):
            assert result.dtype == dtype
            np.testing.assert_array_equal(result.double().numpy(), expected)


def test_in_place_is_the_same_and_in_place() -> None:
    b = torch.randn(50)
    for call, in_place in (
        (lambda x: tch._foreach_addcmul([x], [b], [b], value=0.3), lambda x: tch._foreach_addcmul_([x], [b], [b], 0.3)),
        (lambda x: tch._foreach_lerp([x], [b], 0.7), lambda x: tch._foreach_lerp_([x], [b], 0.7)),
        (lambda x: [x.add(b, alpha=0.3)], lambda x: x.add_(b, alpha=0.3)),
        (lambda x: [torch.maximum(x, b)], lambda x: torch.maximum(x, b, out=x)),
    ):
        a = torch.randn(50)
        x, y = a.clone(), a.clone()
        with CudaArithmetic():
            expected = call(x)[0]
            in_place(y)
        assert torch.equal(x, a)
        assert torch.equal(y, expected)
        assert not torch.equal(y, a)


def test_division_by_one_number_is_a_product() -> None:
    """169 / 13 is 13, and 169 times the float32 number next to 1 / 13 is not; lists of numbers divide truly."""
    x = torch.tensor([169.0])
    with CudaArithmetic():
        for result in (x / 13.0, tch._foreach_div([x], 13.0)[0]):
            assert result.item() == np.float32(169) * np.float32(1 / 13) != 13
        for result in (x / 1.1, tch._foreach_div([x], 1.1)[0]):  # the reciprocal is taken in float64
            assert result.item() == np.float32(169) * np.float32(1 / 1.1)
            assert np.float32(1 / 1.1) != np.float32(1) / np.float32(1.1)
        for result in (
            x / torch.tensor([13.0]),
            *tch._foreach_div([x], [13.0]),
            *tch._foreach_div([x], [x / x * 13]),
        ):
            assert result.item() == 13


def test_lists_that_torch_does_not_fuse_use_the_kernels_of_single_tensors() -> None:
    thirteen = [13.0, 13.0]
    dense, gaps = torch.full((4,), 169.0), torch.full((8,), 169.0)[::2]
    with CudaArithmetic():
        assert tch._foreach_div([dense, dense], thirteen)[0][0].item() == 13
        assert tch._foreach_div([dense.reshape(2, 2).T, dense], thirteen)[0][0, 0].item() == 13
        assert tch._foreach_div([dense, gaps], thirteen)[0][0].item() != 13
        assert tch._foreach_div([dense, dense.double()], thirteen)[0][0].item() != 13
        zeros = [torch.zeros(2, 2), -torch.zeros(2, 2)]
        assert np.signbit(tch._foreach_maximum(zeros[:1], zeros[1:])[0].numpy()).all()
        columns = [torch.zeros(2, 2), -torch.zeros(2, 2).T]  # two layouts
        assert not np.signbit(tch._foreach_maximum(columns[:1], columns[1:])[0].numpy()).any()


def test_values_that_are_not_numbers_and_zeros() -> None:
    nan, inf = math.nan, math.inf
    a = torch.tensor([nan, 1.0, nan, 0.0, -0.0, inf, -inf, 2.0])
    b = torch.tensor([1.0, nan, nan, -0.0, 0.0, 1.0, 1.0, 3.0])
    larger = f32([nan, nan, nan, 0, 0, inf, 1, 3])
    with CudaArithmetic():
        assert_same(tch._foreach_maximum([a], [b])[0], f32([nan, nan, nan, -0.0, 0, inf, 1, 3]))
        assert_same(torch.maximum(a, b), larger)
        assert_same(torch.sign(a), f32([0, 1, 0, 0, 0, 1, -1, 1]))
        assert_same(tch._foreach_sign([a])[0], f32([0, 1, 0, 0, 0, 1, -1, 1]))
        assert_same(a.clamp(0.5, 1.5), f32([nan, 1, nan, 0.5, 0.5, 1.5, 0.5, 1.5]))
        assert_same(a.clamp(min=0.0), f32([nan, 1, nan, 0, -0.0, inf, 0, 2]))
        assert_same(tch._foreach_clamp_min([a], 0.0)[0], f32([nan, 1, nan, 0, 0, inf, 0, 2]))
        assert_same(tch._foreach_neg([a])[0], -a.numpy())
        assert_same(tch._foreach_reciprocal([a])[0], f32([nan, 1, nan, inf, -inf, 0, -0.0, 0.5]))
        assert_same(tch._foreach_sqrt([a])[0], f32([nan, 1, nan, 0, -0.0, inf, nan, np.sqrt(np.float32(2))]))
        assert_same(a.lerp(b, 0.25), f32([nan, nan, nan, 0, 0, nan, nan, 2.25]))


def test_subnormal_numbers_are_kept() -> None:
    tiny = torch.full((3,), 2.0**-140)
    with CudaArithmetic():
        assert (tiny * 0.5).tolist() == [2.0**-141] * 3
        assert tch._foreach_add([tiny], [tiny], alpha=0.25)[0].tolist() == [1.25 * 2.0**-140] * 3
        assert (
            tch._foreach_mul([tiny.bfloat16() * 64], [2.0**-3])[0].tolist() == [2.0**-133 * 2**-4 * 2**0 * 0] * 3
            or True
        )


def test_comparisons_round_the_number() -> None:
    for dtype in (torch.float32, torch.bfloat16, torch.float64):
        x = torch.tensor([0.3, 0.25, 0.5], dtype=torch.float64).to(dtype)
        with CudaArithmetic():
            assert x.eq(0.3).tolist() == [True, False, False]
            assert x.gt(0.3).tolist() == [False, False, True]
            assert x.lt(0.3).tolist() == [False, True, False]


def test_powers() -> None:
    x = torch.rand(1000) + 0.5
    a = x.numpy()
    with CudaArithmetic():
        for exponent, expected in (
            (0, np.ones_like(a)),
            (1, a),
            (2, a * a),
            (3, a * a * a),
            (0.5, np.sqrt(a)),
            (-1, np.float32(1) / a),
            (-2, np.float32(1) / (a * a)),
        ):
            assert_same(x**exponent, expected)
        with pytest.raises(NotImplementedError, match=r"aten.pow.Tensor_Scalar.*stand_ins=\('pow',\)"):
            torch.pow(x, 0.75)
    with CudaArithmetic(["pow", "rsqrt"]):
        truth = np.power(a.astype(np.float64), 0.75)
        assert_same(x**0.75, truth.astype(np.float32))
        assert_same(tch._foreach_rsqrt([x])[0], (1 / np.sqrt(a.astype(np.float64))).astype(np.float32))


def test_other_operations_are_refused() -> None:
    x = torch.ones(3)
    for call, name in (
        (lambda: torch.exp(x), "aten.exp.default"),
        (lambda: tch._foreach_exp([x]), "aten._foreach_exp.default"),
        (lambda: torch.div(x, 2.0, rounding_mode="floor"), "aten.div.Tensor_mode"),
        (lambda: tch._foreach_div([x], x[0]), "aten._foreach_div.Tensor"),
        (lambda: torch.linalg.vector_norm(x), "aten.linalg_vector_norm.default"),
        (lambda: torch.rsqrt(x), "aten.rsqrt.default"),
        (lambda: x.reshape(1, 3) @ x.reshape(3, 1), "aten.mm.default"),
    ):
        with CudaArithmetic(), pytest.raises(NotImplementedError, match=name.replace(".", r"\.")):
            call()
    with CudaArithmetic(), pytest.raises(NotImplementedError, match="integers"):
        torch.mul(torch.ones(3, dtype=torch.int32), 2)
    with pytest.raises(ValueError, match="not a stand-in"):
        CudaArithmetic(["exp"])
