"""Results that no program has given, for the tests of the report."""

import numpy as np

from lrparity.port.result import Cause, First, Result, Row

NASTY = (
    "<script>alert(1)</script>",
    "a|b",
    "`tick`",
    "**bold**",
    "[x](y)",
    "\x1b[31mred",
    "two\nlines",
    "重み",
    "_$\\frac$",
)


def equal() -> Result:
    """Two groups with the same numbers."""
    rates = np.linspace(0.1, 0.0, 20)[:, None] * np.array([1.0, 0.1])
    return Result(
        equal=True,
        sentence="Both programs are AdamW with the same numbers in all 2 groups.",
        first=None,
        causes=[],
        rows=[Row(group, "weight_decay", "0.01", "0.01", False, "torch") for group in ("head", "body")],
        groups=["head", "body"],
        rates_torch=rates,
        rates_jax=rates.copy(),
        names=["head.weight", "body.weight"],
        group_of=[0, 1],
        distance=np.zeros((20, 2)),
        ulps=np.zeros(20),
        equal_bits=1.0,
        code="optimizer = lrjax.AdamW(lr=0.1)\nstate = optimizer.init(params)",
    )


def two_causes(updates: int = 200, parameters: int = 12) -> Result:
    """A default that nobody wrote and a schedule one step early."""
    steps = np.arange(updates + 1)
    rates = np.minimum((steps + 1) / 20, 0.5 * (1 + np.cos(np.pi * steps / (updates + 1))))[:, None] * [3e-4, 3e-3]
    growth = np.cumsum(np.abs(np.random.default_rng(0).normal(size=(updates, parameters))), axis=0)
    return Result(
        equal=False,
        sentence="The JAX program decays a hundredth as much as the torch program, and its schedule is one step early.",
        first=First(0, "head", "rate", "1.5e-05", "3e-05"),
        causes=[_decay_cause(), _shift_cause()],
        rows=_rows(["head", "body"]),
        groups=["head", "body"],
        rates_torch=rates[:-1].copy(),
        rates_jax=rates[1:].copy(),
        names=[f"layer{i}.attention.output.projection.weight" for i in range(parameters)],
        group_of=[i % 2 for i in range(parameters)],
        distance=growth * np.logspace(-7, -3, parameters),
        ulps=np.floor(growth.max(axis=1)),
        equal_bits=0.25,
        unmatched_jax=["head.extra"],
        notes=["Weight averaging was not compared, because only torch's program has it."],
    )


def _decay_cause() -> Cause:
    return Cause(
        convention="weight_decay",
        group="all",
        torch="0.01",
        jax="0.0001",
        sentence="The JAX program decays the weights by 0.0001, the torch program by 0.01.",
        mend="optax.adamw(schedule, b1=0.9, b2=0.999, eps=1e-8, weight_decay=0.01, mask=lambda params: "
        "jax.tree.map(lambda leaf: leaf.ndim > 1, params))",
        confidence="proven",
        share=0.734,
        default="torch, jax",
    )


def _shift_cause() -> Cause:
    return Cause(
        convention="rate_shift",
        group="head",
        torch="schedule(count)",
        jax="schedule(count + 1)",
        sentence="The JAX program uses each rate one update earlier.",
        mend="schedule = lambda count: old_schedule(count)\ntx = optax.adamw(schedule)",
        confidence="measured",
        share=0.004,
    )


def _rows(groups: list[str]) -> list[Row]:
    rows = []
    for number, group in enumerate(groups):
        rate = f"{3e-4 * (1 + number):.6g}"
        rows += [
            Row(group, "rule", "AdamW", "AdamW", False),
            Row(group, "lr at step 0", rate, f"{6e-4 * (1 + number):.6g}", True),
            Row(group, "weight_decay", "0.01", "0.0001", True, "torch, jax"),
            Row(group, "eps", "1e-08", "1e-08", False, "jax"),
        ]
    return rows


def hundred_groups() -> Result:
    """A rate of its own for each of a hundred groups; half of them differ."""
    groups = [f"layer {i}" for i in range(100)]
    rates = np.ones((30, 1)) * np.logspace(-5, -2, 100)
    other = rates.copy()
    other[:, 50:] *= 1 + np.linspace(0.01, 0.5, 50)
    result = two_causes()
    result.rows, result.groups, result.rates_torch, result.rates_jax = _rows(groups), groups, rates, other
    result.names, result.group_of = [f"layer{i}.kernel" for i in range(100)], list(range(100))
    result.distance = np.abs(np.random.default_rng(1).normal(size=(30, 100))) * np.logspace(-8, 0, 100)
    return result


def nasty() -> Result:
    """Names, values and code that are markup, or meant to be."""
    both = "\n".join(NASTY)
    result = two_causes(updates=10, parameters=len(NASTY))
    result.sentence, result.notes, result.unmatched_torch = f"They differ in {both}.", list(NASTY), list(NASTY)
    result.groups, result.names, result.dtype, result.code = (
        [NASTY[0], NASTY[-1]],
        list(NASTY),
        "<b>$\\frac$|",
        f"```\n{both}\n```",
    )
    result.first = First(3, *NASTY[:4])
    result.causes = [Cause(word, word, word, word, word, f"```{word}", word, float("nan"), word) for word in NASTY]
    result.rows = [Row(word, word, word * 40, word, True, "torch, jax") for word in NASTY]
    return result


def broken_numbers() -> Result:
    """Rates and distances that are no numbers from some update on; a parameter without any."""
    result = two_causes(updates=30)
    result.rates_jax[12:, 0] = np.nan
    result.rates_torch[5, 1] = np.inf
    result.distance[15:18, 2], result.distance[:, 3], result.ulps[20:] = np.nan, np.nan, np.inf
    return result


def unread_rates() -> Result:
    """JAX's rates could not be read in one group, and end early."""
    result = two_causes(updates=30)
    result.rates_jax = result.rates_jax[:25]
    result.rates_jax[:, 0] = np.nan
    result.distance[0] = np.inf
    return result


def one_update() -> Result:
    """A run of a single update."""
    return two_causes(updates=1, parameters=1)


def empty() -> Result:
    """Only a verdict."""
    return Result(equal=False, sentence="The programs could not be run.", first=None, causes=[])


def long_run() -> Result:
    """Many updates, many parameters."""
    return two_causes(updates=5000, parameters=150)


ALL = (equal, two_causes, hundred_groups, nasty, broken_numbers, unread_rates, one_update, empty, long_run)
