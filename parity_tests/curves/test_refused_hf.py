"""What transformers' and timm's curves refuse, each in one line that names the function and the argument."""

from collections.abc import Callable
from typing import Any

import pytest

from lrspec.curves import timm, transformers
from lrspec.curves.libraries.transformers import NAMES

T, W = transformers, timm
get, create = T.get_scheduler, W.create_scheduler
REFUSED: list[tuple[Callable[[], Any], str]] = [
    (lambda: T.linear(9, 9), "transformers.linear: num_warmup_steps must be below num_training_steps, 9 (the original"),
    (lambda: T.linear(-1, 9), "transformers.linear: num_warmup_steps must be an integer, at least 0, got -1"),
    (lambda: T.linear(2.5, 9), "transformers.linear: num_warmup_steps must be an integer, at least 0, got 2.5"),  # type: ignore[arg-type]
    (lambda: T.linear(0, 0), "transformers.linear: num_training_steps must be an integer, at least 1, got 0"),
    (lambda: T.constant_with_warmup(-1), "transformers.constant_with_warmup: num_warmup_steps must be an integer"),
    (lambda: T.cosine(10, 5), "transformers.cosine: num_warmup_steps must be below num_training_steps, 5"),
    (lambda: T.cosine(0, 5, 0), "transformers.cosine: num_cycles must be a finite number above 0, got 0"),
    (lambda: T.cosine_with_restarts(0, 5, 1.5), "transformers.cosine_with_restarts: num_cycles must be an integer"),  # type: ignore[arg-type]
    (lambda: T.inverse_sqrt(1, 0), "transformers.inverse_sqrt: timescale must be a finite number above 0, got 0"),
    (lambda: T.polynomial(0, 5, -1e-7), "transformers.polynomial: lr_end must be a finite number, at least 0"),
    (lambda: T.polynomial(0, 5, power=0), "transformers.polynomial: power must be a finite number above 0, got 0"),
    (lambda: T.polynomial(0, 5, 0.1, lr_init=0.1), "transformers.polynomial: lr_end must be below lr_init, 0.1"),
    (lambda: T.cosine_with_min_lr(0, 5), "transformers.cosine_with_min_lr: min_lr or min_lr_rate must be given, and"),
    (lambda: T.cosine_with_min_lr(0, 5, 0.5, 0.1, 0.1), "transformers.cosine_with_min_lr: min_lr or min_lr_rate must"),
    (lambda: T.cosine_with_min_lr(0, 5, min_lr_rate=1.1), "transformers.cosine_with_min_lr: min_lr_rate must be in [0"),
    (
        lambda: T.cosine_with_min_lr(0, 5, min_lr=1, lr_init=0.5),
        "transformers.cosine_with_min_lr: min_lr must be below",
    ),
    (
        lambda: T.cosine_with_min_lr(0, 5, min_lr_rate=0.1, lr_init=1),
        "transformers.cosine_with_min_lr: lr_init must be",
    ),
    (
        lambda: T.cosine_warmup_with_min_lr(2, 5, min_lr_rate=0.1, warmup_lr_rate=-0.1),
        "transformers.cosine_warmup_with_min_lr: warmup_lr_rate must be in [0, 1], got -0.1",
    ),
    (lambda: T.warmup_stable_decay(1, 2), "transformers.warmup_stable_decay: num_training_steps or num_stable_steps"),
    (
        lambda: T.warmup_stable_decay(1, 2, 9, 5),
        "transformers.warmup_stable_decay: num_training_steps must be 8, what the lengths [1, 5, 2] add up to, got 9",
    ),
    (
        lambda: T.warmup_stable_decay(5, 5, 9),
        "transformers.warmup_stable_decay: num_training_steps must be at least 10, warm-up and decay together",
    ),
    (
        lambda: T.warmup_stable_decay(1, 2, 9, decay_type="sqrt"),  # type: ignore[arg-type]
        "transformers.warmup_stable_decay: decay_type must be one of 'linear', 'cosine', '1-sqrt', got 'sqrt'; did you",
    ),
    (lambda: T.warmup_stable_decay(1, 2, 9, min_lr_ratio=2), "transformers.warmup_stable_decay: min_lr_ratio must be"),
    (lambda: get("cosin"), "transformers.get_scheduler: name must be one of linear, cosine, cosine_with_restarts"),
    (lambda: get("greedy"), "transformers.get_scheduler: name must be the name of a curve, and this one follows a met"),
    (lambda: get(3), "transformers.get_scheduler: name must be one of linear"),  # type: ignore[arg-type]
    (lambda: get("cosine", None, 9), "transformers.get_scheduler: num_warmup_steps must be given for 'cosine'"),
    (lambda: get("cosine", 9), "transformers.get_scheduler: num_training_steps must be given for 'cosine'"),
    (
        lambda: get("cosine", 1, 9, {"num_cycle": 1}),
        "transformers.get_scheduler: scheduler_specific_kwargs must be arguments of 'cosine' (num_cycles), got",
    ),
    (
        lambda: get("constant", 1, 9, {"a": 1}),
        "transformers.get_scheduler: scheduler_specific_kwargs must be arguments",
    ),
    (lambda: get("cosine", 1, 9, [1]), "transformers.get_scheduler: scheduler_specific_kwargs must be a dict or None"),  # type: ignore[arg-type]
    (lambda: W.cosine(0), "timm.cosine: t_initial must be an integer, at least 1, got 0"),
    (lambda: W.cosine(9.5), "timm.cosine: t_initial must be an integer, at least 1, got 9.5"),  # type: ignore[arg-type]
    (lambda: W.cosine(9, -0.1), "timm.cosine: lr_min must be a finite number, at least 0"),
    (lambda: W.cosine(9, cycle_mul=0.5), "timm.cosine: cycle_mul must be at least 1 (cycles that shrink have an end"),
    (lambda: W.cosine(9, cycle_limit=0), "timm.cosine: cycle_limit must be an integer, at least 1, got 0"),
    (lambda: W.cosine(9, cycle_decay=-1), "timm.cosine: cycle_decay must be a finite number, at least 0"),
    (lambda: W.cosine(9, k_decay=0), "timm.cosine: k_decay must be a finite number above 0, got 0"),
    (lambda: W.cosine(9, warmup_t=9), "timm.cosine: warmup_t must be below 9, the length of the schedule, or a prefix"),
    (
        lambda: W.cosine(9, cycle_limit=2, warmup_t=18),
        "timm.cosine: warmup_t must be below 18, the length of the sched",
    ),
    (lambda: W.cosine(9, warmup_lr_init=-1), "timm.cosine: warmup_lr_init must be a finite number, at least 0"),
    (lambda: W.cosine(9, warmup_prefix=1), "timm.cosine: warmup_prefix must be True or False, got 1"),  # type: ignore[arg-type]
    (
        lambda: W.cosine(9, noise_range_t=5),
        "timm.cosine: noise_range_t must be left out: torch's random numbers are no",
    ),  # type: ignore[arg-type]
    (lambda: W.tanh(9, 3, -7), "timm.tanh: lb must be below ub, -7, got 3"),
    (lambda: W.poly(9, 0), "timm.poly: power must be a finite number above 0, got 0"),
    (lambda: W.step(0), "timm.step: decay_t must be a finite number above 0, got 0"),
    (lambda: W.step(9, 1.1), "timm.step: decay_rate must be in [0, 1], got 1.1"),
    (lambda: W.multistep(9), "timm.multistep: decay_t must be a list of integers, got 9"),  # type: ignore[arg-type]
    (lambda: W.multistep([9, 3]), "timm.multistep: decay_t must be one count at least, and none before the one"),
    (lambda: W.multistep([]), "timm.multistep: decay_t must be one count at least"),
    (lambda: W.multistep([0]), "timm.multistep: decay_t[0] must be an integer, at least 1, got 0"),
    (lambda: W.constant(-1), "timm.constant: warmup_t must be an integer, at least 0, got -1"),
    (lambda: W.wsd(9, 10), "timm.wsd: decay_t must be at most t_initial, 9, got 10"),
    (lambda: W.wsd(9, 0), "timm.wsd: decay_t must be an integer, at least 1, got 0"),
    (
        lambda: W.wsd(9, 3, stable_fn="rsqr"),
        "timm.wsd: stable_fn must be one of 'constant', 'rsqrt', 'power', got 'rsq",
    ),  # type: ignore[arg-type]
    (lambda: W.wsd(9, 3, decay_fn=abs), "timm.wsd: decay_fn must be one of 'linear', '1-sqrt', 'cosine'"),  # type: ignore[arg-type]
    (lambda: W.wsd(9, 3, decay_ratio=1), "timm.wsd: decay_ratio must be in (0, 1), got 1"),
    (lambda: W.wsd(9, 3, stable_fn="rsqrt"), "timm.wsd: stable_timescale must be given where there is no warm-up"),
    (lambda: W.rsqrt(9, 3, stable_timescale=-1), "timm.wsd: stable_timescale must be a finite number above 0, got -1"),
    (lambda: create("cosin"), "timm.create_scheduler: sched must be one of cosine, tanh, step"),
    (lambda: create("plateau"), "timm.create_scheduler: sched must be the name of a curve, and this one follows a met"),
    (lambda: create("none"), "timm.create_scheduler: sched must be the name of a curve; without one the optimizer"),
    (lambda: create(noise=0.5), "timm.create_scheduler: noise must be left out: torch's random numbers are no curve, "),  # type: ignore[arg-type]
    (lambda: create(step_on_epochs=False), "timm.create_scheduler: updates_per_epoch must be an integer, at least 1"),
    (lambda: create("wsd", 9, warmup_epochs=9), "timm.create_scheduler: warmup_epochs must be below num_epochs, 9, or"),
    (lambda: create("wsd", 9, decay_epochs=10), "timm.wsd: decay_t must be at most t_initial, 9, got 10"),
]


@pytest.mark.parametrize(("action", "expected"), REFUSED, ids=[text[:70] for _, text in REFUSED])
def test_is_refused(action: Callable[[], Any], expected: str) -> None:
    with pytest.raises((ValueError, TypeError)) as error:
        action()
    text = str(error.value)
    assert text.startswith(expected)
    assert "\n" not in text and len(text) <= 420


def test_hints() -> None:
    for action, hint in (
        (lambda: get("cosin"), "; did you mean 'cosine'?"),
        (lambda: get("reduce_lr_on_plateau"), "; use ReduceLROnPlateau(...)"),
        (lambda: get("gredy"), "; did you mean 'greedy'?"),
        (lambda: get("cosine", 1, 9, {"num_cycle": 1}), "; did you mean 'num_cycles'?"),
        (lambda: create("cosin"), "; did you mean 'cosine'?"),
        (lambda: create("plateau"), "; use ReduceLROnPlateau('max', factor=0.1, patience=10, min_lr=0.0)"),
    ):
        with pytest.raises((ValueError, TypeError)) as error:
            action()
        assert str(error.value).endswith(hint)
    with pytest.raises(ValueError, match="tabulate makes a table of them"):
        create(noise=[0.1, 0.9])  # type: ignore[arg-type]


def test_names_are_the_originals() -> None:
    """All of SchedulerType is a curve, or follows a metric; its members are names, too."""
    kinds = pytest.importorskip("transformers.trainer_utils").SchedulerType
    assert {kind.value for kind in kinds} - {"reduce_lr_on_plateau", "greedy"} == set(NAMES)
    assert get(kinds.COSINE, 1, 9) == T.cosine(1, 9)


def test_a_group_at_rest_stays_there() -> None:
    """A rate of 0 is not divided by."""
    for curve in (T.polynomial(2, 9, 1e-3), T.cosine_with_min_lr(2, 9, min_lr=1e-3)):
        assert [curve(count, base=0.0) for count in range(12)] == [0.0] * 12
