"""The CUDA oracle's arithmetic against exact rational numbers, and torch's optimizers on it."""

import itertools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

from parity_tests.cuda_oracle import STAND_INS, CudaArithmetic, fma32, fma64
from parity_tests.optimizer_cases import CASES, Case, differing, gradients, run_torch, start
from parity_tests.oracle import CorrectSqrt

# Type -> digits of the significand, exponent of the smallest subnormal number, of the first number out of range.
FORMATS = {
    "float32": (24, -149, 128),
    "float64": (53, -1074, 1024),
    "bfloat16": (8, -133, 128),
    "float16": (11, -24, 16),
}
SPECIAL = [0.0, 1.0, 1.5, np.inf, np.nan]
SPECIAL = SPECIAL + [-x for x in SPECIAL]
FORM: dict[str, Any] = {"foreach": True}
tch: Any = torch  # its functions on lists are not declared


def nearest(x: Fraction, name: str = "float32") -> Fraction:
    """The number of a format that is nearest to ``x``, ties to even; out of range it stays out of range."""
    digits, lowest, _ = FORMATS[name]
    if not x:
        return x
    exponent = abs(x.numerator).bit_length() - x.denominator.bit_length()
    exponent -= abs(x) < Fraction(2) ** exponent
    unit = Fraction(2) ** max(exponent - digits + 1, lowest)
    return round(x / unit) * unit


def as_float(x: Fraction, name: str) -> float:
    """The number, or infinity."""
    if abs(x) < Fraction(2) ** FORMATS[name][2]:
        return float(x)
    return math.inf if x > 0 else -math.inf


def fused(a: float, b: float, c: float, name: str) -> float:
    """What IEEE 754 says of a fused multiply-add."""
    if not (math.isfinite(a) and math.isfinite(b)):
        return float(np.float64(a) * np.float64(b) + np.float64(c))
    if not math.isfinite(c):
        return c
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    if exact:
        size = as_float(nearest(abs(exact), name), name)
        return size if exact > 0 else -size
    if a and b:
        return 0.0  # the product cancels c
    signs = math.copysign(1, a) * math.copysign(1, b), math.copysign(1, c)
    return -0.0 if signs == (-1, -1) else 0.0


def f32(values: list[float]) -> np.ndarray:
    """An array of float32."""
    return np.array(values, np.float32)


def assert_same(ours: Any, expected: Any) -> None:
    """Equal in every bit, but for those of a NaN."""
    ours, expected = np.asarray(ours), np.asarray(expected)
    assert ours.dtype == expected.dtype
    np.testing.assert_array_equal(ours, expected)
    np.testing.assert_array_equal(np.signbit(ours)[~np.isnan(ours)], np.signbit(expected)[~np.isnan(expected)])


def triples(name: str, count: int) -> np.ndarray:
    """Triples for a fused multiply-add: shape=(3, any)."""
    dtype = np.dtype(name)
    digits, lowest, top = FORMATS[name]
    rng = np.random.default_rng(0)
    whole: dict[str, Any] = {"float32": np.uint32, "float64": np.uint64}

    def scaled(low: float, high: float) -> np.ndarray:
        """Random significands with exponents between two."""
        x = rng.integers(2 ** (digits - 1), 2**digits, count) * rng.choice([-1.0, 1.0], count)
        return np.ldexp(x, rng.integers(int(low), int(high) + 1, count) - digits).astype(dtype)

    with np.errstate(all="ignore"):
        any_bits = rng.integers(0, np.iinfo(whole[name]).max, (3, count), whole[name], endpoint=True).view(dtype)
        near = [scaled(-9, 9), scaled(-9, 9), scaled(-30, 30)]
        # A product halfway between two numbers, and something small, or nothing, or a number that keeps it halfway.
        half = digits // 2
        a = (rng.integers(2 ** (half - 1), 2**half, count) * 2 + 1).astype(dtype)
        b = (rng.integers(2 ** (digits - half - 1), 2 ** (digits - half), count) | 1).astype(dtype)
        small = scaled(lowest + digits, -1) * rng.choice([0, 1, 1, 1], count).astype(dtype)
        a *= rng.choice([-1, 1], count).astype(dtype)
        ties = [a, b, np.where(rng.random(count) < 0.3, np.sign(small) * dtype.type(2.0) ** digits, small)]
        # The rounded product taken away, or one of its neighbours.
        a, b = scaled(-9, 9), scaled(-9, 9)
        c = -(a * b)
        cancelled = [a, b, np.where(rng.random(count) < 0.5, c, np.nextafter(c, dtype.type(rng.choice([-1e9, 1e9]))))]
        # Results among the subnormal numbers, and around the largest.
        below = [scaled(lowest // 2 - 2, lowest // 2 + 30), scaled(lowest // 2 - 2, 0 + lowest // 2)]
        below = [*below, scaled(lowest + 1, lowest + digits + 2)]
        # One factor among the smallest numbers, and often nothing to add.
        uneven = [scaled(lowest + digits, lowest + 2 * digits), scaled(-40, 40)]
        uneven = [*uneven, scaled(lowest + digits, lowest + 2 * digits) * rng.choice([0, 1], count).astype(dtype)]
        above = [scaled(top // 2 - 2, top // 2), scaled(top // 2 - 1, top // 2 + 1), scaled(top - 3, top)]
        # Far apart.
        apart = [scaled(-9, 9), scaled(-9, 9), scaled(lowest + digits, lowest + digits + 40)]
        wide = [scaled(-40, -30), scaled(-40, -30), scaled(60, 90)]
    special = np.array(list(itertools.product([*SPECIAL, *2.0 ** np.array([lowest, top - 1])], repeat=3)), dtype).T
    return np.concatenate([any_bits, near, ties, cancelled, below, uneven, above, apart, wide, special], 1).astype(
        dtype
    )


@pytest.mark.parametrize(("name", "fma", "count"), [("float32", fma32, 13_000), ("float64", fma64, 3_000)])
def test_fma_rounds_once(name: str, fma: Callable[..., np.ndarray], count: int) -> None:
    values = triples(name, count)
    with np.errstate(all="ignore"):
        expected = np.array([fused(float(a), float(b), float(c), name) for a, b, c in values.T], np.dtype(name))
        twice = values[0] * values[1] + values[2]
        ours = fma(*values)
    assert_same(ours, expected)
    usual = np.isfinite(expected)
    assert np.mean(twice[usual] != expected[usual]) > 0.1  # the values tell a fused from another
    smallest_normal = np.finfo(name).smallest_normal
    assert np.sum((np.abs(expected) < smallest_normal) & (expected != 0)) > count / 4


def test_fma_of_float32_is_more_than_float64_can() -> None:
    """The product is halfway between two float32 numbers; float64 loses the addend that decides."""
    a, b, c = np.float32(1 + 2**-23), np.float32(1.5), np.float32(-(2.0**-80))
    assert fma32(a, b, c) == np.float32(1.5 + 2**-23)
    assert np.float32(np.float64(a) * np.float64(b) + np.float64(c)) != fma32(a, b, c)


def test_fma_keeps_shapes() -> None:
    for fma, dtype in ((fma32, np.float32), (fma64, np.float64)):
        x = np.arange(6, dtype=dtype).reshape(2, 3)
        assert fma(x, dtype(2), x[:1]).shape == (2, 3)
        assert fma(dtype(2), dtype(3), dtype(4)).shape == ()
        assert fma(dtype(2), dtype(3), dtype(4)) == 10
        tiny = np.finfo(dtype).smallest_subnormal
        assert fma(tiny, dtype(0.75), dtype(0)) == tiny
        assert fma(dtype(1e-3) * tiny, tiny, -tiny) == -tiny


NUMBERS = [0.1, -0.3, 0.4999999, 0.5, 0.9, 1.0, 1.0000001, -1.0, 3.0, 1e-9, 1 - 0.999]
R = nearest
Exact = Callable[..., Fraction]
HALF = Fraction(1, 2)
# Operation -> tensors that it takes, the exact formula of its CUDA kernel: of tensors, then of the number.
FORMULAS: dict[str, tuple[int, Exact]] = {
    "add alpha": (2, lambda a, b, s: R(s * b + a)),
    "sub alpha": (2, lambda a, b, s: R(a - s * b)),
    "add number": (1, lambda a, s: R(a + s)),
    "sub number": (1, lambda a, s: R(a - s)),
    "mul number": (1, lambda a, s: R(a * s)),
    "add": (2, lambda a, b, s: R(a + b)),
    "sub": (2, lambda a, b, s: R(a - b)),
    "mul": (2, lambda a, b, s: R(a * b)),
    "div": (2, lambda a, b, s: R(a / b)),
    "div numbers": (1, lambda a, s: R(a / s)),
    "reciprocal": (1, lambda a, s: R(1 / a)),
    "neg": (1, lambda a, s: -a),
    "abs": (1, lambda a, s: abs(a)),
    "sign": (1, lambda a, s: Fraction((a > 0) - (a < 0))),
    "sqrt": (1, lambda a, s: R(root(a))),
    "addcmul": (3, lambda a, b, c, s: R(b * c + a) if s == 1 else R(s * R(b * c) + a)),
    "addcdiv": (3, lambda a, b, c, s: R(a + R(b / c)) if s == 1 else R(s * R(b / c) + a)),
    "lerp": (2, lambda a, b, s: R(s * R(b - a) + a) if abs(s) < HALF else R(b - R(b - a) * R(1 - s))),
    "maximum": (2, lambda a, b, s: max(a, b)),
    "clamp_min": (1, lambda a, s: max(a, s)),
    "copy": (2, lambda a, b, s: b),
}
# The call on lists: of tensors, then the number.
ON_LISTS: dict[str, Callable[..., Any]] = {
    "add alpha": lambda a, b, s: tch._foreach_add(a, b, alpha=s),
    "sub alpha": lambda a, b, s: tch._foreach_sub(a, b, alpha=s),
    "add number": lambda a, s: tch._foreach_add(a, s),
    "sub number": lambda a, s: tch._foreach_sub(a, s),
    "mul number": lambda a, s: tch._foreach_mul(a, s),
    "add": lambda a, b, s: tch._foreach_add(a, b),
    "sub": lambda a, b, s: tch._foreach_sub(a, b),
    "mul": lambda a, b, s: tch._foreach_mul(a, b),
    "div": lambda a, b, s: tch._foreach_div(a, b),
    "div numbers": lambda a, s: tch._foreach_div(a, [s] * len(a)),
    "reciprocal": lambda a, s: tch._foreach_reciprocal(a),
    "neg": lambda a, s: tch._foreach_neg(a),
    "abs": lambda a, s: tch._foreach_abs(a),
    "sign": lambda a, s: tch._foreach_sign(a),
    "sqrt": lambda a, s: tch._foreach_sqrt(a),
    "addcmul": lambda a, b, c, s: tch._foreach_addcmul(a, b, c, value=s),
    "addcdiv": lambda a, b, c, s: tch._foreach_addcdiv(a, b, c, [s] * len(a)),
    "lerp": lambda a, b, s: tch._foreach_lerp(a, b, s),
    "maximum": lambda a, b, s: tch._foreach_maximum(a, b),
    "clamp_min": lambda a, s: tch._foreach_clamp_min(a, s),
    "copy": lambda a, b, s: _copied(a, b),
}
# The call on single tensors, where it is another function than torch's of the same name.
ON_TENSORS: dict[str, Callable[..., Any]] = {
    "add alpha": lambda a, b, s: torch.add(a, b, alpha=s),
    "sub alpha": lambda a, b, s: torch.sub(a, b, alpha=s),
    "add number": lambda a, s: a + s,
    "sub number": lambda a, s: a - s,
    "mul number": lambda a, s: a * s,
    "addcmul": lambda a, b, c, s: a.clone().addcmul_(b, c, value=s),
    "addcdiv": lambda a, b, c, s: torch.addcdiv(a, b, c, value=s),
    "lerp": lambda a, b, s: torch.lerp(a, b, s),
    "clamp_min": lambda a, s: torch.clamp(a, min=s),
    "copy": lambda a, b, s: a.clone().copy_(b),
}
ONE_ON_LISTS_ONLY = {"div numbers"}


def _copied(a: list[torch.Tensor], b: list[torch.Tensor]) -> list[torch.Tensor]:
    result = [x.clone() for x in a]
    tch._foreach_copy_(result, b)
    return result


def root(x: Fraction) -> Fraction:
    """A square root to 80 digits, with one more that says whether it is exact."""
    shift = 2 * (160 - (x.numerator.bit_length() - x.denominator.bit_length()) // 2) if x else 0
    scaled = x * Fraction(2) ** shift
    floor = math.isqrt(math.floor(scaled))
    return Fraction(2 * floor + (floor * floor != scaled), 2) / Fraction(2) ** (shift // 2)


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


def run(case: Case, steps: int, stand_ins: tuple[str, ...] = (), dtype: Any = np.float32, **form: Any) -> Any:
    """torch on the CUDA arithmetic. SGD's foreach form with Nesterov momentum overwrites gradients: it gets copies."""
    grads = {name: g.copy() for name, g in gradients(0, steps, dtype).items()}
    with CudaArithmetic(stand_ins):
        return run_torch(case, "constant", start(0, dtype), grads, **form)


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_every_optimizer_runs(case: Case) -> None:
    stand_ins = ("pow",) if case.name == "ASGD" else ()
    result = run(case, 3, stand_ins, **FORM)
    begin = start(0)
    for name, p in result.params.items():
        assert np.isfinite(p).all()
        if name in "adbc" and case.name != "ASGD":  # the groups with a rate
            assert not np.array_equal(p, begin[name])


@pytest.mark.parametrize("foreach", [True, False])
def test_adafactor_and_muon_run_with_stand_ins(foreach: bool) -> None:
    for name in ("Adafactor",) if foreach else ("Adafactor", "Muon"):
        p = torch.nn.Parameter(torch.randn(4, 6))
        p.grad = torch.randn(4, 6)
        make: Any = getattr(torch.optim, name)
        optimizer = make([p], **({"foreach": foreach} if name == "Adafactor" else {}))
        with CudaArithmetic(), pytest.raises(NotImplementedError, match="linalg_vector_norm"):
            optimizer.step()
        with CudaArithmetic(STAND_INS):
            optimizer.step()
        assert torch.isfinite(p).all()


def test_float64_runs() -> None:
    for name in ("AdamW", "RMSprop"):
        case = next(case for case in CASES if case.id == f"{name} default")
        with CorrectSqrt():
            plain = run_torch(case, "constant", start(0, np.float64), gradients(0, 3, np.float64), foreach=False)
        wide = run(case, 3, dtype=np.float64, **FORM)
        for n, p in wide.params.items():
            np.testing.assert_allclose(p, plain.params[n], rtol=1e-12, atol=1e-15)
        assert differing(wide.params, plain.params)


@pytest.mark.parametrize("name", ["Adam", "NAdam", "RMSprop", "ASGD"])
def test_the_devices_differ(name: str) -> None:
    """The CPU oracle's bits are others, and in torch's two forms on CUDA, too; all agree to some digits."""
    case = Case("", name, {}, "two rates")
    stand_ins = ("pow",) if name == "ASGD" else ()
    foreach, single = run(case, 5, stand_ins, **FORM), run(case, 5, stand_ins, foreach=False)
    with CorrectSqrt():
        cpu = run_torch(case, "constant", start(0), gradients(0, 5), foreach=False)
    far = differing(foreach.params, cpu.params)
    assert sum(far.values()) > 100
    if name != "RMSprop":  # one sequence of kernels in both forms, without a division by a number
        assert sum(differing(foreach.params, single.params).values()) > 100
    else:
        assert differing(foreach.params, single.params) == {}
    for n, p in foreach.params.items():
        np.testing.assert_allclose(p, cpu.params[n], rtol=1e-4, atol=1e-6)
