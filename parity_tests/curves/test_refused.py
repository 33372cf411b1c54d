"""What the algebra refuses: one line each, the same in both packages."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import lrjax
import lrtorch
from lrspec import curves as c
from lrspec.curves import Curve

LINE = c.linear(10, 0.0, 1.0)


def wrong() -> Any:
    return 0.1


ROWS: list[tuple[Callable[[], Any], type[Exception], str]] = [
    (lambda: c.linear(0, 0.0, 1.0), ValueError, "linear: steps must be a finite number above 0, got 0"),
    (lambda: c.linear(-3, 0.0, 1.0), ValueError, "linear: steps must be a finite number above 0, got -3"),
    (lambda: c.cosine(2.5, grid="(0,1]"), ValueError, "cosine: steps must be an integer on the grid '(0,1]', got 2.5"),
    (lambda: c.linear(1, 0.0, 1.0, grid="[0,1]"), ValueError, "linear: steps must be at least 2 on the grid '[0,1]', "),
    (lambda: c.linear(9, 0.0, 1.0, grid="[0,1"), ValueError, "linear: grid must be one of '[0,1)', '(0,1]', '(0,1)', "),  # type: ignore[arg-type]
    (lambda: c.linear(9, "a", 1.0), ValueError, "linear: start must be a finite number, got 'a'"),  # type: ignore[arg-type]
    (lambda: c.linear(9, 0.0, c.CURRENT), TypeError, "linear: end must be a number or absolute(...), got CURRENT"),
    (lambda: c.cosine(9, float("nan")), ValueError, "cosine: start must be a finite number, got nan"),
    (lambda: c.power(9, power=0), ValueError, "power: power must be a finite number above 0, got 0"),
    (lambda: c.exponential(9, 1.0, 0.0), ValueError, "exponential: end must be above 0, got 0.0"),
    (lambda: c.exponential(9, c.absolute(-1), 1.0), ValueError, "exponential: start must be above 0, got -1.0"),
    (lambda: c.linear(9, 0.0, 1.0, warp=-1), ValueError, "linear: warp must be a finite number above 0, got -1"),
    (lambda: c.absolute("a"), ValueError, "absolute: value must be a finite number, got 'a'"),  # type: ignore[arg-type]
    (lambda: c.const(1.0, 0), ValueError, "const: steps must be a finite number above 0, got 0"),
    (lambda: c.pieces([1.0], [3]), ValueError, "pieces: bounds must be one fewer than the 1 values, got [3]"),
    (lambda: c.pieces([1.0, 2.0, 3.0], [3, 3]), ValueError, "pieces: bounds must be increasing, got [3, 3]"),
    (lambda: c.pieces(3, []), TypeError, "pieces: values must be a list of numbers, got 3"),  # type: ignore[arg-type]
    (lambda: c.staircase(0, 0.1, 3), ValueError, "staircase: step_size must be a finite number above 0, got 0"),
    (lambda: c.inverse_sqrt(0), ValueError, "inverse_sqrt: timescale must be a finite number above 0, got 0"),
    (c.sequence, ValueError, "sequence: curves must be one at least, got ()"),
    (lambda: c.sequence(c.const(1.0), LINE), ValueError, "sequence: curves[0] must have an end (steps), for another "),
    (
        lambda: c.sequence(LINE, LINE, total=30),
        ValueError,
        "sequence: total must be 20, what the lengths [10, 10] add ",
    ),
    (lambda: c.sequence(LINE, c.const(1.0), total=30), ValueError, "sequence: total must be left out, for the last "),
    (
        lambda: c.sequence(LINE, wrong()),
        TypeError,
        "sequence: curves[1] must be a curve, as linear(...) gives one, got 0.1",
    ),  # type: ignore[arg-type]
    (lambda: c.maximum(LINE, "a"), TypeError, "maximum: curves[1] must be a curve, as linear(...) gives one, got 'a'"),  # type: ignore[arg-type]
    (lambda: c.clip(LINE, 0.5, 0.1), ValueError, "clip: low must be at most high, 0.1, got 0.5"),
    (
        lambda: c.product(LINE, c.const(c.absolute(1))),
        ValueError,
        "product: curves[1] must be relative: rates cannot be ",
    ),
    (lambda: c.shift(LINE, 10), ValueError, "shift: by must be below 10, the length of the curve, got 10"),
    (
        lambda: c.shift(c.linear(3, c.CURRENT, 0.0), 1),
        ValueError,
        "shift: curve must not start from CURRENT, got linear(",
    ),
    (lambda: c.window(LINE, 5, 5), ValueError, "window: end must be an integer, at least 6, got 5"),
    (lambda: c.repeat(c.const(1.0)), ValueError, "repeat: curve must have an end (steps), got const(1.0)"),
    (lambda: c.repeat(LINE, 0), ValueError, "repeat: times must be an integer, at least 1, got 0"),
    (lambda: c.repeat(LINE, stretch=0.5), ValueError, "repeat: stretch must be a finite number, at least 1, got 0.5"),
    (lambda: c.formula(3), TypeError, "formula: function must be a function (m, t) -> number, got 3"),  # type: ignore[arg-type]
    (lambda: c.linear(3, c.CURRENT, 0.0)(1), ValueError, "Curve: count is not enough for a segment that starts from "),
]
OF_A_SCHEDULER: list[tuple[Callable[[Any], Any], type[Exception], str]] = [
    (lambda p: p.CurveLR(3), TypeError, "CurveLR: curve must be a curve, as curves.linear(...) gives one, got 3"),
    (lambda p: p.CurveLR(p.StepLR(3)), TypeError, "got StepLR(step_size=3); a scheduler needs no CurveLR"),
    (
        lambda p: p.CurveLR(LINE, target=3),
        TypeError,
        "CurveLR: target must be the name of a number of the groups, got 3",
    ),
    (
        lambda p: p.CurveLR(LINE, units_per_step=0),
        ValueError,
        "CurveLR: units_per_step must be a finite number above 0",
    ),
    (
        lambda p: p.CurveLR(LINE, units_per_step=[]),
        ValueError,
        "CurveLR: units_per_step must have at least one [steps, ",
    ),
    (
        lambda p: p.CurveLR(LINE, units_per_step=[3]),
        TypeError,
        "CurveLR: units_per_step[0] must be a pair [steps, units]",
    ),
    (
        lambda p: p.CurveLR(LINE, units_per_step=[[0, 1]]),
        ValueError,
        "units_per_step[0][0] must be an integer, at least 1",
    ),
    (
        lambda p: p.CurveLR(LINE, steps_per_unit=1.5),
        ValueError,
        "CurveLR: steps_per_unit must be an integer, at least 1",
    ),
    (
        lambda p: p.simulate(p.CurveLR(LINE, target="decay"), 0.1, 3),
        ValueError,
        "target must be the name of a number of ",
    ),
]


@pytest.mark.parametrize(("make", "error", "text"), ROWS, ids=[text[:45] for _, _, text in ROWS])
def test_a_curve_is_refused(make: Callable[[], Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        make()
    assert type(raised.value) is error
    assert text in str(raised.value) and "\n" not in str(raised.value)


@pytest.mark.parametrize(("make", "error", "text"), OF_A_SCHEDULER, ids=[text[:45] for _, _, text in OF_A_SCHEDULER])
def test_a_scheduler_is_refused(make: Callable[[Any], Any], error: type[Exception], text: str) -> None:
    messages = []
    for package in (lrjax, lrtorch):
        with pytest.raises(error) as raised:
            make(package)
        messages.append(str(raised.value))
    assert text in messages[0]
    assert messages[0] == messages[1]


def test_what_would_fill_the_memory_is_refused() -> None:
    for make, text in (
        (lambda: c.repeat(LINE, stretch=1 + 1e-9), "repeat: stretch must be 1, or make at most 100000 cycles in 2"),
        (lambda: c.repeat(LINE, 2_000, stretch=2), "repeat: times must be at most 28, which last 2"),
        (lambda: c.staircase(1, 0.5, 10**9), "staircase: times must be at most 1000000, got 1000000000"),
    ):
        with pytest.raises(ValueError) as raised:
            make()
        assert text in str(raised.value)
    assert c.repeat(LINE, 10**9).length() == 10**10


def test_a_thousand_segments() -> None:
    many = c.sequence(*(c.linear(2, 1 / i, 1 / (i + 1)) for i in range(1, 2_001)))
    rates = lrjax.simulate(lrjax.CurveLR(many), 0.1, 4_001)
    np.testing.assert_array_equal(rates, lrtorch.simulate(lrtorch.CurveLR(many), 0.1, 4_001))
    nested = LINE
    for _ in range(50):
        nested = c.sequence(LINE, c.maximum(nested, 0.1))
    assert nested(1_000) == 1.0


def test_a_misspelt_curve_is_answered() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'cosin'; did you mean 'cosine'"):
        _ = c.cosin  # type: ignore[attr-defined]


def test_curves_compare_print_and_hash() -> None:
    one: Curve = c.sequence(c.linear(3, 0.0, 1.0), c.cosine(5, 1.0, c.absolute(0.1)), closed=True)
    same = eval(repr(one), {name: getattr(c, name) for name in dir(c)})
    assert same == one and hash(same) == hash(one)
    assert c.transformers.linear(1, 9) == c.transformers.linear(1, 9) != c.transformers.linear(2, 9)
    assert lrjax.CurveLR(one) == lrjax.CurveLR(same) != lrjax.CurveLR(one, target="weight_decay")
