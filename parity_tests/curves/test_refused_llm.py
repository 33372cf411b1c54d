"""What the curves of the LLM trainers refuse, where the originals fail late or go on with nonsense."""

from collections.abc import Callable
from typing import Any

import pytest

from lrspec.curves import (
    CURRENT,
    Curve,
    epfml,
    fairseq,
    linear,
    megatron,
    minicpm,
    nanochat,
    nanogpt,
    olmo,
    olmo_core,
    papers,
    tensor2tensor,
    torchtitan,
    warmup_scheduler,
)

titan, multiplier = torchtitan.linear_warmup_stable_decay, nanochat.get_lr_multiplier
get_lr, get_wd, t2t = megatron.get_lr, megatron.get_wd, tensor2tensor.learning_rate_schedule
gradual, infinite = warmup_scheduler.gradual_warmup_scheduler, papers.infinite
drop, exp, wsd, wsds = minicpm.warmup_stable_drop, minicpm.warmup_stable_exp, olmo_core.wsd, olmo_core.wsds
either = linear(2, CURRENT, 1.0)

WRONG: list[tuple[Callable[..., Curve], tuple[Any, ...], dict[str, Any], str]] = [
    (titan, (11,), {"total_steps": 10}, "warmup_steps must be at most total_steps, 10 (the original cuts it)"),
    (titan, (-1,), {"total_steps": 10}, "warmup_steps must be an integer, at least 0"),
    (titan, (2.5,), {"total_steps": 10}, "warmup_steps must be an integer, at least 0"),
    (titan, (5,), {"total_steps": 10, "decay_ratio": 0.7}, "decay_ratio must leave room for the warm-up: 5 + 7 of 10"),
    (titan, (5,), {"total_steps": 10, "decay_ratio": 1.5}, "decay_ratio must be in [0.0, 1.0]"),
    (titan, (5,), {"total_steps": 10, "decay_type": "exp"}, "decay_type must be one of 'linear', 'sqrt', 'cosine'"),
    (titan, (5,), {"total_steps": 10, "min_lr_factor": 2.0}, "min_lr_factor must be in [0.0, 1.0]"),
    (nanogpt.get_lr, (10, 10), {}, "warmup_iters must be below lr_decay_iters, 10"),
    (nanogpt.get_lr, (1, 10, -1e-5), {}, "min_lr "),
    (nanogpt.get_lr, (1, 10.5), {}, "lr_decay_iters must be an integer"),
    (multiplier, (100, 40, 0.7), {}, "warmup_steps must leave 70 of 100 iterations to the warm-down"),
    (multiplier, (0,), {}, "num_iterations must be an integer, at least 1"),
    (multiplier, (100, 1, -0.1), {}, "warmdown_ratio must be in [0.0, 1.0]"),
    (multiplier, (100, 1, 0.1, 1.1), {}, "final_lr_frac must be in [0.0, 1.0]"),
    (nanochat.get_muon_momentum, (100.0,), {}, "num_iterations must be an integer"),
    (nanochat.get_weight_decay, (0,), {}, "num_iterations must be an integer, at least 1"),
    (get_lr, (0.0, 1.0, 2.0, 1, 9, "linear"), {}, "min_lr must be at most max_lr, 1.0"),
    (get_lr, (2.0, 1.0, 0.0, 1, 9, "linear"), {}, "init_lr must be at most max_lr, 1.0"),
    (get_lr, (0.0, 1.0, 0.0, 9, 9, "linear"), {}, "lr_warmup_steps must be below lr_decay_steps, 9"),
    (get_lr, (0.0, 1.0, 0.0, 1, 9, "square"), {}, "lr_decay_style must be one of 'constant', 'linear'"),
    (get_lr, (0.0, 1.0, 0.0, 1, 9, "WSD"), {}, "wsd_decay_steps must be an integer from 1 to lr_decay_steps"),
    (get_lr, (0.0, 1.0, 0.0, 1, 9, "WSD", 9, "linear"), {}, "wsd_decay_steps must be an integer from 1 to"),
    (get_lr, (0.0, 1.0, 0.0, 1, 9, "WSD", 3), {}, "lr_wsd_decay_style must be one of 'linear', 'cosine'"),
    (get_lr, (0.0, 1.0, 0.0, 1, 9, "cosine", 3), {}, "wsd_decay_steps and lr_wsd_decay_style must be left out"),
    (get_lr, (0.0, None, 0.1, 1, 9, "linear"), {"min_lr_ratio": 0.1}, "min_lr must be 0.0 with min_lr_ratio"),
    (get_wd, (0.2, 0.1, 5, "linear"), {}, "end_wd must be at least start_wd, 0.2"),
    (get_wd, (0.1, 0.2, 5, "constant"), {}, 'end_wd must be start_wd, 0.1, with "constant"'),
    (get_wd, (0.1, 0.2, 0, "linear"), {}, "wd_incr_steps must be an integer, at least 1"),
    (fairseq.inverse_sqrt, (0,), {}, "warmup_updates must be an integer, at least 1"),
    (fairseq.inverse_sqrt, (5, -0.5), {}, "warmup_init_lr "),
    (fairseq.polynomial_decay, (5,), {"total_num_update": 5}, "warmup_updates must be below total_num_update, 5"),
    (fairseq.polynomial_decay, (), {"total_num_update": 5, "power": 0}, "power must be a finite number above 0"),
    (fairseq.cosine, (), {}, "max_update must be given where lr_period_updates is not, and only there"),
    (fairseq.cosine, (), {"max_update": 9, "lr_period_updates": 3}, "max_update must be given where"),
    (fairseq.cosine, (9,), {"max_update": 9}, "warmup_updates must be below max_update, 9"),
    (fairseq.cosine, (), {"max_update": 9, "t_mult": 0.5}, "t_mult must be a finite number, at least 1"),
    (fairseq.cosine, (), {"max_update": 9, "t_mult": 1.0001}, "t_mult must be 1 or at least 1.001"),
    (fairseq.triangular, (1.0, 1), {}, "lr_period_updates must be an integer, at least 2"),
    (fairseq.tri_stage, (1, 1, 0), {}, "decay_steps must be an integer, at least 1"),
    (fairseq.tri_stage, (), {"phase_ratio": (0.1, 0.4, 0.4), "max_update": 9}, "phase_ratio must add up to 1, not 0.9"),
    (fairseq.tri_stage, (1,), {"phase_ratio": (0.1, 0.4, 0.5)}, "phase_ratio must be left out with warmup_steps"),
    (fairseq.tri_stage, (1, 1, 1), {"max_update": 9}, "max_update must be left out without phase_ratio"),
    (fairseq.tri_stage, (1, 1, 1), {"final_lr_scale": 0}, "final_lr_scale must be a finite number above 0"),
    (olmo.cosine_with_warmup, (9,), {"t_max": 9}, "warmup_steps must be below t_max, 9"),
    (olmo.linear_with_warmup, (1, 1.5), {"t_max": 9}, "alpha_f must be in [0.0, 1.0]"),
    (olmo.inverse_sqrt_with_warmup, (0,), {}, "warmup_steps must be an integer, at least 1"),
    (olmo.max_scheduler, (0,), {"t_max": 9}, "warmup_steps must be an integer, at least 1"),
    (olmo.bolt_on_warmup, (linear(9, 1.0, 0.0), 5, 5), {}, "warmup_end must be an integer, at least 6"),
    (olmo.bolt_on_warmup, (either, 0, 5), {}, "inner must not start from CURRENT"),
    (wsd, (1, 0.1), {"t_max": 9}, "warmup must be given where warmup_fraction is not, and only there"),
    (wsd, (1,), {"decay": 3, "t_max": 9}, "decay must be given where decay_fraction is not, and only there (then type"),
    (wsd, (5,), {"decay": 5, "decay_fraction": None, "t_max": 9}, "t_max must be at least 5 + 5, warm-up and decay"),
    (wsd, (0,), {"t_max": 9}, "warmup must be an integer, at least 1"),
    (olmo_core.power_lr, (0.5, 1), {"t_max": 99}, "b must be below 0"),
    (olmo_core.cos_with_warmup, (9,), {"t_max": 9}, "warmup must be below t_max, 9"),
    (olmo_core.constant_with_warmup, (), {"warmup_fraction": 0.1}, "t_max must be given with warmup_fraction"),
    (wsds, ([],), {"warmup": 1, "decay": 1}, "period_lengths must have at least one"),
    (wsds, ([5, 2],), {"warmup": 1, "decay": 3}, "decay must be at most t_max, 2"),
    (wsds, ([5, 6],), {"warmup": 3, "decay": 3}, "period_lengths[0] must leave 3 counts to its decay"),
    (wsds, ([5], [1.0, 2.0]), {"warmup": 1, "decay": 3}, "period_lr_multipliers must be 1, one for each period"),
    (exp, (5, 4, 3), {}, "drop_begin must be an integer, at least 5"),
    (exp, (5, 9, 3, 1.5), {}, "drop_rate must be in (0.0, 1.0]"),
    (drop, (5, 9, 5), {}, "drop_iter must be at most end_iter - warmup_iter, 4"),
    (minicpm.cosine, (5, 5), {}, "end_iter must be an integer, at least 6"),
    (epfml.wsd_schedule, (100, 0.0, 95), {}, "n_warmup must leave 10 of 100 iterations to the cool-down"),
    (epfml.wsd_schedule, (100, 0.0, 5, 9, 0.1, "exp"), {}, 'final_lr_factor must be above 0 with "exp"'),
    (epfml.wsd_schedule, (100, 0.0, 5, 0.5), {}, "init_div_factor must be a finite number, at least 1"),
    (epfml.cos_inf_schedule, (10, 5, 9, 9, 5), {}, "n_warmup must leave a cosine: 10 iterations, of which 5 have"),
    (papers.noam, (0,), {}, "d_model must be an integer, at least 1"),
    (papers.deepseek_multi_step, (10, 9), {}, "warmup_steps must be at most 8, where the rate drops"),
    (infinite, (1, 1, 0.1, 5), {}, "constant_steps must be given together with annealing_steps and min_lr"),
    (infinite, (1, 1, 0.1, 5, 5, 0.2), {}, "min_lr must be at most constant_lr, 0.1"),
    (infinite, (1, 1, 0.1), {"cooldown": "linear"}, "cooldown must be one of 'cosine', 'inverse_sqrt'"),
    (t2t, (), {}, "learning_rate_warmup_steps must be given with 'linear_warmup'"),
    (t2t, ("constant*cosine",), {}, "learning_rate_schedule must be one of 'constant', 'linear_warmup'"),
    (
        t2t,
        ("single_cycle_cos_decay",),
        {"train_steps": 5, "learning_rate_warmup_steps": 5},
        "train_steps must be above learning_rate_warmup_steps, 5",
    ),
    (gradual, (0.5, 10), {}, "multiplier must be a finite number, at least 1"),
    (gradual, (2.0, 0), {}, "total_epoch must be an integer, at least 1"),
    (gradual, (2.0, 1, either), {}, "curve must not start from CURRENT"),
]


def _id(row: Any) -> str:
    make, given, options, _ = row
    return f"{make.__name__}{given}{options or ''}"


@pytest.mark.parametrize(("make", "given", "options", "message"), WRONG, ids=map(_id, WRONG))
def test_refused(make: Callable[..., Curve], given: tuple[Any, ...], options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError) as error:
        make(*given, **options)
    owner, name = make.__module__.rsplit(".", 1)[1], make.__name__
    text = str(error.value)
    assert text.startswith(f"{owner.removeprefix('_').removesuffix('_wsd')}.{name}: {message}"), text
    assert "\n" not in text and len(text) <= 300


WRONG_TYPES: list[tuple[Callable[[], Curve], str]] = [
    (lambda: fairseq.tri_stage(phase_ratio=(0.5, 0.5), max_update=9), "phase_ratio must be three shares"),  # type: ignore[arg-type]
    (lambda: fairseq.triangular(1.0, shrink_min=1), "shrink_min must be True or False"),  # type: ignore[arg-type]
    (lambda: gradual(2.0, 5, 0.5), "curves[0] must be a curve"),  # type: ignore[arg-type]
    (lambda: olmo.bolt_on_warmup(0.5, 1, 2), "curves[0] must be a curve"),  # type: ignore[arg-type]
    (lambda: t2t(5), 'learning_rate_schedule must be factors joined by "*"'),  # type: ignore[arg-type]
    (lambda: wsds(5, warmup=1, decay=1), "period_lengths must be a list"),  # type: ignore[arg-type]
]


@pytest.mark.parametrize(("make", "message"), WRONG_TYPES, ids=[message for _, message in WRONG_TYPES])
def test_refused_types(make: Callable[[], Curve], message: str) -> None:
    with pytest.raises(TypeError) as error:
        make()
    assert f": {message}" in str(error.value)


def test_a_group_without_weight_decay_keeps_none() -> None:
    curve = get_wd(0.1, 0.3, 4, "linear")
    assert [curve(count, base=0.0) for count in range(6)] == [0.0] * 6
    assert curve(4, base=1.0) == curve(4, base=0.01) == 0.3


def test_floors_of_groups_in_one_scheduler() -> None:
    curve = get_lr(0.0, None, 0.0, 2, 8, "linear", min_lr_ratio=0.5)
    assert [curve(8, base=base) for base in (4.0, 1.0)] == [2.0, 0.5]
