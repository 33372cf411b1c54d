"""What the curves of optax, Keras, Paddle, fvcore, detectron2, fastai, ignite and MMEngine refuse, and how."""

from collections.abc import Callable
from typing import Any

import pytest

from lrspec.curves import Curve, absolute, const, detectron2, fastai, fvcore, ignite, keras, mmengine, optax, paddle

ONE = const(1.0)
ROWS: list[tuple[Callable[..., Curve], dict[str, Any], type[Exception], str]] = [
    (optax.constant_schedule, {"value": -1.0}, ValueError, "optax.constant_schedule: value must be"),
    (optax.polynomial_schedule, {"init_value": 1, "end_value": 0, "power": 0, "transition_steps": 3}, ValueError,
     "power must be a finite number above 0, got 0"),
    (optax.linear_schedule, {"init_value": 1, "end_value": 0, "transition_steps": 0}, ValueError,
     "transition_steps must be an integer, at least 1, got 0"),
    (optax.linear_schedule, {"init_value": 1, "end_value": 0, "transition_steps": 2.5}, ValueError,
     "transition_steps must be an integer, at least 1, got 2.5"),
    (optax.linear_schedule, {"init_value": 1, "end_value": 0, "transition_steps": 3, "transition_begin": -1},
     ValueError, "transition_begin must be an integer, at least 0, got -1"),
    (optax.piecewise_constant_schedule, {"init_value": 1, "boundaries_and_scales": {3: -1}}, ValueError,
     "boundaries_and_scales[3] must be a finite number, at least 0"),
    (optax.piecewise_constant_schedule, {"init_value": 1, "boundaries_and_scales": 3}, TypeError,
     "boundaries_and_scales must be a dictionary, got 3"),
    (optax.exponential_decay, {"init_value": 1, "transition_steps": 3, "decay_rate": 0}, ValueError,
     "decay_rate must be a finite number above 0, got 0"),
    (optax.exponential_decay, {"init_value": 1, "transition_steps": 3, "decay_rate": 0.5, "end_value": 2}, ValueError,
     "end_value must be at most init_value, 1.0, got 2"),
    (optax.cosine_decay_schedule, {"init_value": 1, "decay_steps": 3, "alpha": 2}, ValueError,
     "alpha must be in [0, 1]"),
    (optax.piecewise_interpolate_schedule, {"interpolate_type": "cos", "init_value": 1}, ValueError,
     "interpolate_type must be one of 'linear', 'cosine'"),
    (optax.linear_onecycle_schedule, {"transition_steps": 1, "peak_value": 1}, ValueError,
     "pct_final must lie between pct_start and 1: the lines end at (0, 0, 1)"),
    (optax.cosine_onecycle_schedule, {"transition_steps": 3, "peak_value": 1, "pct_start": 1.0}, ValueError,
     "pct_start must be below 1"),
    (optax.warmup_constant_schedule, {"init_value": 1, "peak_value": 0.5, "warmup_steps": 3}, ValueError,
     "init_value must be at most peak_value, 0.5, got 1"),
    (optax.warmup_cosine_decay_schedule, {"init_value": 0, "peak_value": 1, "warmup_steps": 3, "decay_steps": 3},
     ValueError, "decay_steps must be above warmup_steps, 3, for it is the length of both together, got 3"),
    (optax.warmup_exponential_decay_schedule, {"init_value": 0, "peak_value": 1, "warmup_steps": -1,
     "transition_steps": 3, "decay_rate": 0.5}, ValueError, "warmup_steps must be an integer, at least 0, got -1"),
    (optax.sgdr_schedule, {"cosine_kwargs": []}, TypeError, "cosine_kwargs must be a list of dictionaries"),
    (optax.join_schedules, {"schedules": [ONE, ONE, ONE], "boundaries": [3]}, ValueError,
     "boundaries must be one fewer than the 3 schedules, got [3]"),
    (optax.join_schedules, {"schedules": [ONE, ONE, ONE], "boundaries": [3, 3]}, ValueError, "must be increasing"),
    (keras.exponential_decay, {"initial_learning_rate": 1, "decay_steps": 0, "decay_rate": 0.5}, ValueError,
     "decay_steps must be an integer, at least 1, got 0"),
    (keras.piecewise_constant_decay, {"boundaries": [3], "values": [1.0]}, ValueError,
     "boundaries must be one at least, one fewer than the 1 values"),
    (keras.polynomial_decay, {"initial_learning_rate": 1e-5, "decay_steps": 3}, ValueError,
     "end_learning_rate must be at most initial_learning_rate, 1e-05, got 0.0001"),
    (keras.inverse_time_decay, {"initial_learning_rate": 1, "decay_steps": 3, "decay_rate": -1}, ValueError,
     "decay_rate must be"),
    (keras.cosine_decay, {"initial_learning_rate": 1, "decay_steps": 3, "warmup_steps": 2}, ValueError,
     "warmup_steps must be 0 without warmup_target"),
    (keras.cosine_decay, {"initial_learning_rate": 1, "decay_steps": 3, "warmup_target": 0.5, "warmup_steps": 2},
     ValueError, "initial_learning_rate must be at most warmup_target, 0.5"),
    (keras.cosine_decay_restarts, {"initial_learning_rate": 1, "first_decay_steps": 3, "t_mul": 0.5}, ValueError,
     "t_mul must be a finite number, at least 1, got 0.5"),
    (paddle.noam_decay, {"d_model": 0, "warmup_steps": 3}, ValueError, "d_model must be a finite number above 0"),
    (paddle.piecewise_decay, {"boundaries": [], "values": [1.0]}, ValueError, "boundaries must be one at least"),
    (paddle.natural_exp_decay, {"learning_rate": 1, "gamma": 0}, ValueError, "gamma must be a finite number above 0"),
    (paddle.inverse_time_decay, {"learning_rate": 1, "gamma": -1}, ValueError, "gamma must be"),
    (paddle.polynomial_decay, {"learning_rate": 1, "decay_steps": 3, "end_lr": 2}, ValueError,
     "end_lr must be at most learning_rate, 1.0, got 2"),
    (paddle.exponential_decay, {"learning_rate": 1, "gamma": 1.0}, ValueError, "gamma must be in (0, 1)"),
    (paddle.multi_step_decay, {"learning_rate": 1, "milestones": [3, 2]}, ValueError, "milestones must be increasing"),
    (paddle.step_decay, {"learning_rate": 1, "step_size": 0}, ValueError, "step_size must be an integer, at least 1"),
    (paddle.lambda_decay, {"learning_rate": 1, "lr_lambda": 0.5}, TypeError, "lr_lambda must be a function"),
    (paddle.linear_lr, {"learning_rate": 1, "total_steps": 3, "start_factor": 0}, ValueError, "must be in (0, 1]"),
    (paddle.linear_warmup, {"learning_rate": "a", "warmup_steps": 3, "start_lr": 0, "end_lr": 1}, TypeError,
     "must be a curve"),
    (paddle.linear_warmup, {"learning_rate": 1, "warmup_steps": 3, "start_lr": 1, "end_lr": 1}, ValueError,
     "end_lr must be a finite number above 1"),
    (paddle.cosine_annealing_decay, {"learning_rate": 1, "T_max": 3, "eta_min": 2}, ValueError,
     "eta_min must be at most learning_rate, 1.0, got 2"),
    (paddle.cosine_annealing_warm_restarts, {"learning_rate": 1, "T_0": 3, "T_mult": 1.5}, ValueError,
     "T_mult must be an integer, at least 1, got 1.5"),
    (paddle.one_cycle_lr, {"max_learning_rate": 1, "total_steps": 3}, ValueError, "total_steps must be larger"),
    (paddle.one_cycle_lr, {"max_learning_rate": 1, "total_steps": 30, "phase_pct": 0.5, "three_phase": True},
     ValueError, "phase_pct must be in (0, 0.5)"),
    (paddle.cyclic_lr, {"base_learning_rate": 2, "max_learning_rate": 1, "step_size_up": 3}, ValueError,
     "base_learning_rate must be at most max_learning_rate, 1.0"),
    (fvcore.constant_param_scheduler, {"value": -1}, ValueError, "value must be"),
    (fvcore.multi_step_param_scheduler, {"values": [1.0, 0.1]}, ValueError, "milestones must be given"),
    (fvcore.multi_step_param_scheduler, {"values": [1.0, 0.1], "num_updates": 9, "milestones": [9]}, ValueError,
     "num_updates must be above the milestones, [9]"),
    (fvcore.multi_step_param_scheduler, {"values": [1.0, 0.1], "num_updates": 9, "milestones": [3, 6]}, ValueError,
     "milestones must be 1 for 2 values"),
    (fvcore.step_param_scheduler, {"num_updates": 3, "values": []}, ValueError, "values must be one at least"),
    (fvcore.composite_param_scheduler, {"schedulers": [ONE, ONE], "lengths": [0.5, 0.4995],
     "interval_scaling": ["fixed", "fixed"]}, ValueError, "lengths must add up to 1, not 0.9995"),
    (fvcore.composite_param_scheduler, {"schedulers": [ONE], "lengths": [1.0], "interval_scaling": ["scaled"]},
     ValueError, "interval_scaling[0] must be one of 'rescaled', 'fixed'"),
    (fvcore.composite_param_scheduler, {"schedulers": [const(absolute(1.0))], "lengths": [1.0],
     "interval_scaling": ["fixed"]}, ValueError, "schedulers[0] must be multiples of the group's rate"),
    (detectron2.warmup_param_scheduler, {"scheduler": ONE, "warmup_factor": 0.1, "warmup_length": 1.0}, ValueError,
     "warmup_length must be in (0, 1)"),
    (detectron2.warmup_multi_step_lr, {"max_iter": 900, "steps": [600]}, ValueError,
     "warmup_iters must be below max_iter, 900, got 1000"),
    (detectron2.warmup_cosine_lr, {"max_iter": 9000, "base_lr": 0.1, "base_lr_end": 0.2}, ValueError,
     "base_lr_end must be at most base_lr, 0.1, got 0.2"),
    (fastai.sched_exp, {"start": 0, "end": 1}, ValueError, "start must be a finite number above 0"),
    (fastai.combine_scheds, {"pcts": [0.5, 0.4], "scheds": [ONE, ONE]}, ValueError, "pcts must add up to 1, not 0.9"),
    (fastai.combine_scheds, {"pcts": [1.0], "scheds": [ONE, ONE]}, ValueError, "must be as many as the scheds, 2"),
    (fastai.combined_cos, {"pct": 1.0, "start": 1, "middle": 2, "end": 0}, ValueError, "pct must be in (0, 1)"),
    (fastai.fit_one_cycle, {"div": 0}, ValueError, "div must be a finite number above 0"),
    (fastai.fit_sgdr, {"n_cycles": 2, "cycle_len": 1, "cycle_mult": 1}, ValueError, "cycle_mult must be an integer"),
    (ignite.linear_cyclical_scheduler, {"start_value": 1, "end_value": 0, "cycle_size": 1}, ValueError,
     "cycle_size must be an integer, at least 2, got 1"),
    (ignite.linear_cyclical_scheduler, {"start_value": 1, "end_value": 0, "cycle_size": 4, "warmup_duration": 2},
     ValueError, "warmup_duration must be 0 unless monotonic"),
    (ignite.cosine_annealing_scheduler, {"start_value": 1, "end_value": 0, "cycle_size": 4, "cycle_mult": 0.5},
     ValueError, "cycle_mult must be a finite number, at least 1"),
    (ignite.piecewise_linear, {"milestones_values": [(3, 1.0), (2, 0.5)]}, ValueError, "must have counts that do not"),
    (ignite.piecewise_linear, {"milestones_values": [3, 2]}, TypeError, "milestones_values[0] must be a pair"),
    (ignite.concat_scheduler, {"schedulers": [ONE], "durations": []}, ValueError, "must be 2 curves at least"),
    (ignite.concat_scheduler, {"schedulers": [ONE, ONE], "durations": [1, 2]}, ValueError, "one fewer than the 2"),
    (ignite.create_lr_scheduler_with_warmup, {"lr_scheduler": ONE, "warmup_start_value": 0, "warmup_duration": 1},
     ValueError, "warmup_duration must be an integer, at least 2"),
    (mmengine.step_lr, {"step_size": 3, "begin": 5, "end": 5}, ValueError, "end must be an integer, at least 6"),
    (mmengine.multi_step_lr, {"milestones": 3}, TypeError, "milestones must be a list"),
    (mmengine.constant_lr, {"factor": 0}, ValueError, "factor must be in (0, 1]"),
    (mmengine.linear_lr, {"start_factor": 0.5, "begin": 3, "end": 4}, ValueError, "end must be at least 5"),
    (mmengine.poly_lr, {"power": 0, "end": 9}, ValueError, "power must be a finite number above 0"),
    (mmengine.cosine_annealing_lr, {"eta_min": 0.1, "eta_min_ratio": 0.1}, ValueError,
     "eta_min_ratio must be left out"),
    (mmengine.cosine_restart_lr, {"periods": [3]}, ValueError, "eta_min or eta_min_ratio must be given"),
    (mmengine.cosine_restart_lr, {"periods": [3, 4], "eta_min": 0}, ValueError, "as many as the 1 restart_weights"),
    (mmengine.one_cycle_lr, {"eta_max": 1, "total_steps": 3}, ValueError, "total_steps must be larger"),
]  # fmt: skip


@pytest.mark.parametrize(("make", "arguments", "error", "text"), ROWS, ids=[f"{r[0].__name__} {r[3]}" for r in ROWS])
def test_refused(make: Callable[..., Curve], arguments: dict[str, Any], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        make(**arguments)
    assert text in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "curve",
    [
        optax.piecewise_constant_schedule(1.0, {3: 0.5, 7: 0.5}),
        optax.sgdr_schedule([{"init_value": 0.0, "peak_value": 1.0, "warmup_steps": 1, "decay_steps": 3}]),
    ],
)
def test_dictionaries_can_be_hashed(curve: Curve) -> None:
    again = eval(repr(curve), {"optax": optax})
    assert hash(again) == hash(curve)
    assert again == curve
    assert [again(count) for count in range(9)] == [curve(count) for count in range(9)]
