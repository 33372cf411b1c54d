"""The curves of tensor2tensor (``tensor2tensor/utils/learning_rate.py``, 1.15.7): products of named factors."""

import math
from collections.abc import Callable
from typing import Any

from ... import check
from ..curve import Curve, formula
from ..named import named
from ..numbers import Number, Numbers

Hparams = dict[str, Any]
_FACTORS: dict[str, Callable[[Numbers, Number, Hparams], Number]] = {
    "constant": lambda m, t, h: h["learning_rate_constant"] + 0.0 * t,
    "linear_warmup": lambda m, t, h: m.minimum(1.0, t / h["learning_rate_warmup_steps"]),
    "linear_decay": lambda m, t, h: m.minimum(
        1.0, m.maximum(0.0, (h["train_steps"] - t) / h["learning_rate_decay_steps"])
    ),
    "cosdecay": lambda m, t, h: m.where(
        t <= h["learning_rate_warmup_steps"],
        lambda: 1.0 + 0.0 * t,
        lambda: 0.5 * (1 + m.cos(math.pi * t / h["learning_rate_decay_steps"])),
    ),
    "single_cycle_cos_decay": lambda m, t, h: (
        m.cos(_past(m, t, h) * math.pi / (h["train_steps"] - h["learning_rate_warmup_steps"])) / 2.0 + 0.5
    ),
    "multi_cycle_cos_decay": lambda m, t, h: (
        m.cos(_past(m, t, h) * math.pi / h["learning_rate_decay_steps"]) / 2.0 + 0.5
    ),
    "rsqrt_decay": lambda m, t, h: 1 / m.sqrt(m.maximum(t, h["learning_rate_warmup_steps"])),
    "rsqrt_normalized_decay": lambda m, t, h: (
        h["learning_rate_warmup_steps"] ** 0.5 * (1 / m.sqrt(m.maximum(t, h["learning_rate_warmup_steps"])))
    ),
    "exp_decay": lambda m, t, h: h["learning_rate_decay_rate"] ** _decays(m, t, h),
    "rsqrt_hidden_size": lambda m, t, h: h["hidden_size"] ** -0.5 + 0.0 * t,
}
_NEEDS = {
    "linear_warmup": ("learning_rate_warmup_steps",),
    "linear_decay": ("train_steps", "learning_rate_decay_steps"),
    "cosdecay": ("learning_rate_warmup_steps", "learning_rate_decay_steps"),
    "single_cycle_cos_decay": ("learning_rate_warmup_steps", "train_steps"),
    "multi_cycle_cos_decay": ("learning_rate_warmup_steps", "learning_rate_decay_steps"),
    "rsqrt_decay": ("learning_rate_warmup_steps",),
    "rsqrt_normalized_decay": ("learning_rate_warmup_steps",),
    "exp_decay": ("learning_rate_warmup_steps", "learning_rate_decay_steps"),
    "rsqrt_hidden_size": ("hidden_size",),
}


def _past(m: Numbers, t: Number, h: Hparams) -> Number:
    """How far after the warm-up."""
    return m.maximum(t, h["learning_rate_warmup_steps"]) - h["learning_rate_warmup_steps"]


def _decays(m: Numbers, t: Number, h: Hparams) -> Number:
    p = m.maximum((t - h["learning_rate_warmup_steps"]) / h["learning_rate_decay_steps"], 0.0)
    return m.floor(p) if h["learning_rate_decay_staircase"] else p


@named("tensor2tensor")
def learning_rate_schedule(
    learning_rate_schedule: str = "constant*linear_warmup*rsqrt_decay*rsqrt_hidden_size",
    *,
    learning_rate_constant: float = 1.0,
    learning_rate_warmup_steps: int | None = None,
    learning_rate_decay_steps: int | None = None,
    learning_rate_decay_rate: float = 1.0,
    learning_rate_decay_staircase: bool = False,
    train_steps: int | None = None,
    hidden_size: int | None = None,
) -> Curve:
    """``learning_rate_schedule``: a product of factors; the default is Noam's, with a first rate of 0.

    With W = learning_rate_warmup_steps, D = learning_rate_decay_steps, N = train_steps, r = max(t, W) - W::

        constant                    learning_rate_constant
        linear_warmup               min(1, t / W)
        linear_decay                min(1, max(0, (N - t) / D))
        cosdecay                    1 for t <= W, then 0.5 * (1 + cos(pi * t / D)): it steps down at W
        single_cycle_cos_decay      cos(r * pi / (N - W)) / 2 + 0.5
        multi_cycle_cos_decay       cos(r * pi / D) / 2 + 0.5
        rsqrt_decay                 1 / sqrt(max(t, W))
        rsqrt_normalized_decay      sqrt(W) / sqrt(max(t, W))
        exp_decay                   learning_rate_decay_rate ** (max(0, t - W) / D), the exponent rounded down with
                                    learning_rate_decay_staircase
        rsqrt_hidden_size           hidden_size ** -0.5

    They multiply the group's rate: give lr=1.0 for the original's. It computes in float32, this in float64, in its
    order of operations. Its cosines go on past their end, and so do these.

    Args:
        learning_rate_schedule: the factors, joined by "*".
        learning_rate_constant: the factor "constant", not negative.
        learning_rate_warmup_steps: W, an integer, at least 1.
        learning_rate_decay_steps: D, an integer, at least 1.
        learning_rate_decay_rate: above 0.
        learning_rate_decay_staircase: see above.
        train_steps: N, an integer, above W with "single_cycle_cos_decay".
        hidden_size: the width of the model, an integer, at least 1.

    Raises:
        TypeError: a schedule that is no text; a staircase that is neither True nor False.
        ValueError: a factor that is none, or one without the number that it needs; a number out of its range.

    >>> curve = learning_rate_schedule(learning_rate_warmup_steps=4, hidden_size=16)
    >>> [curve(count) for count in (0, 1, 4, 16)]
    [0.0, 0.03125, 0.125, 0.0625]
    """
    where = "tensor2tensor.learning_rate_schedule"
    if not isinstance(learning_rate_schedule, str):
        rule = 'must be factors joined by "*"'
        check.fail(where, "learning_rate_schedule", rule, learning_rate_schedule, TypeError)
    names = [name.strip() for name in learning_rate_schedule.split("*")]
    for name in names:
        check.one_of(where, "learning_rate_schedule", name, tuple(_FACTORS))
    lengths = {
        "learning_rate_warmup_steps": learning_rate_warmup_steps,
        "learning_rate_decay_steps": learning_rate_decay_steps,
        "train_steps": train_steps,
        "hidden_size": hidden_size,
    }
    for name, value in lengths.items():
        users = [user for user in names if name in _NEEDS.get(user, ())]
        if value is None and users:
            check.fail(where, name, f"must be given with {users[0]!r}", value)
        if value is not None:
            check.integer(where, name, value, 1)
    h = {
        **lengths,
        "learning_rate_constant": check.at_least(where, "learning_rate_constant", learning_rate_constant, 0),
        "learning_rate_decay_rate": check.above(where, "learning_rate_decay_rate", learning_rate_decay_rate, 0),
        "learning_rate_decay_staircase": check.flag(
            where, "learning_rate_decay_staircase", learning_rate_decay_staircase
        ),
    }
    if "single_cycle_cos_decay" in names and h["train_steps"] <= h["learning_rate_warmup_steps"]:
        rule = f"must be above learning_rate_warmup_steps, {learning_rate_warmup_steps}"
        check.fail(where, "train_steps", rule, train_steps)

    def product(m: Numbers, t: Number) -> Number:
        value = _FACTORS[names[0]](m, t, h)
        for name in names[1:]:
            value = value * _FACTORS[name](m, t, h)
        return value

    return formula(product)
