"""Malformed inputs: the function, its argument, and a value that it refuses; the rest of the call is in ``calls``."""

import math
from typing import Any

import numpy as np

NAN, INF, HUGE = math.nan, math.inf, 10**400
RATES = [-0.1, NAN, INF, "0.1", None, True, 1e39, HUGE, [0.1]]
SIZES = [-0.1, NAN, "x"]  # what must not be negative
COUNTS = [0, -1, 2.5, True, HUGE]  # what must be a positive integer
LATER = [-1, 2.5, "3"]  # an integer, 0 among them
PAIRS = [(0.9,), 0.9, (0.9, 1.0), (-0.1, 0.9), "ab"]
SWITCH = ["False", 1, [True], None]

MALFORMED: dict[str, dict[str, list[Any]]] = {
    "SGD": {"lr": RATES, "momentum": SIZES, "dampening": [NAN, "x"], "weight_decay": SIZES, "nesterov": SWITCH},
    "Adam": {"betas": PAIRS, "eps": SIZES, "amsgrad": SWITCH, "decoupled_weight_decay": ["no"]},
    "AdamW": {"lr": [np.zeros((3, 2)), {"w": np.zeros((3, 2))}], "maximize": SWITCH, "weight_decay": [1e39, 1j]},
    "NAdam": {"momentum_decay": SIZES},
    "RAdam": {"betas": [(0.9, NAN)]},
    "Adamax": {"eps": [-1.0]},
    "Adagrad": {"lr_decay": SIZES, "initial_accumulator_value": SIZES},
    "Adadelta": {"rho": [1.1, -0.1, NAN]},
    "RMSprop": {"alpha": SIZES, "centered": SWITCH},
    "Rprop": {"etas": [(1.0, 0.5), (0.5,), 0.5], "step_sizes": [(1.0, 0.5), (-1.0, 2.0), None]},
    "ASGD": {"lambd": [NAN, HUGE], "alpha": ["x"], "t0": [INF]},
    "Adafactor": {"beta2_decay": [0.1, NAN], "eps": [(None,), (-1.0, 1e-3)], "d": [0.5]},
    "Muon": {"ns_coefficients": [(1.0, 2.0)], "ns_steps": [100, -1, 2.5], "adjust_lr_fn": ["x", 3]},
    "a group of SGD": {"lr": [-0.1, "x", HUGE], "momentum": [-1], "nesterov": ["yes"], "params": ["[z-a]", "re:(", ""]},
    "StepLR": {"step_size": COUNTS, "gamma": SIZES, "every": COUNTS, "last_epoch": [-2, 0.5]},
    "MultiStepLR": {"milestones": [3, [-1], [1.5], ["x"]], "gamma": [-1]},
    "ConstantLR": {"factor": [0, -1, 1.5], "total_iters": LATER},
    "LinearLR": {"start_factor": [0, 2], "end_factor": [-0.1, 1.1], "total_iters": COUNTS},
    "ExponentialLR": {"gamma": [-0.9, NAN, None]},
    "PolynomialLR": {"total_iters": [0], "power": [-1, INF]},
    "CosineAnnealingLR": {"T_max": [0, -3, NAN, 2**30], "eta_min": RATES},
    "CosineAnnealingWarmRestarts": {"T_0": COUNTS, "T_mult": [0, 1.5], "eta_min": [-0.1]},
    "CyclicLR": {
        **{"base_lr": [-0.1, [-0.1], None], "max_lr": [-0.1, NAN], "step_size_up": [0, -1, NAN], "gamma": [-1]},
        **{"step_size_down": [-1, "x"], "mode": ["x", None], "scale_fn": [3], "scale_mode": ["x"]},
        **{"cycle_momentum": ["x", 1], "base_momentum": [-0.1], "max_momentum": [NAN]},
    },
    "OneCycleLR": {
        **{"max_lr": [-0.1, "x"], "total_steps": COUNTS, "pct_start": [1, 1.1, -0.1, NAN], "anneal_strategy": ["x"]},
        **{"cycle_momentum": [0], "base_momentum": [-0.1], "max_momentum": ["x"], "div_factor": [0, -1, INF]},
        **{"final_div_factor": [0, -1], "three_phase": ["no"]},
    },
    "ReduceLROnPlateau": {
        **{"mode": ["up"], "factor": [1.0, -0.1, NAN], "patience": LATER, "threshold": [NAN], "threshold_mode": ["x"]},
        **{"cooldown": [-1], "min_lr": [-0.1, [-0.1]], "eps": [-1e-8], "every": [1], "last_epoch": [3]},
    },
    "GreedyLR": {
        **{"mode": ["up"], "factor": [1.0, 0.0, NAN], "patience": LATER, "threshold": [NAN], "threshold_mode": ["x"]},
        **{"cooldown": [-1], "warmup": [-1], "min_lr": [-0.1, 2.0], "max_lr": [-0.1], "eps": [-1e-8]},
        **{"smooth": [1], "window_size": COUNTS, "reset_start": COUNTS, "every": [1], "last_epoch": [3]},
    },
    "SWALR": {"swa_lr": [-0.1, NAN], "anneal_epochs": LATER, "anneal_strategy": ["x"]},
    "StepDecay": {"lr_decay": COUNTS, "gamma": [-1], "mode": ["x"], "lr0": [None, -1]},
    "EpochTable": {"table": [3, [], b"ab", [[0, 0.1]], [[1, -0.1]], [1, 2]], "mode": ["x"]},
    "TableLR": {"table": [3, [], {}, {1: [[1, 0.1]]}, [[0, 0.1]], [[1, NAN]], [[1, 1e39]], [[1]]]},
    "SequentialLR": {"schedulers": [3, [], [3]], "milestones": [3, [-1], [1, 2]]},
    "ChainedScheduler": {"schedulers": [3, [], ["StepLR"]]},
    "simulate": {
        **{"scheduler": [None, "StepLR"], "base_lrs": [[], [-1], "x", None], "num_steps": COUNTS},
        **{"edits": [[1], {9: 0.1}, {1: {7: 0.1}}, {1: -1}, {1.5: 0.1}], "metrics": [[1.0, 1.0]], "momentum": ["x"]},
    },
    "plot": {"labels": [["a"], "ab", 3]},
    "discriminative": {"groups": ["head", [], [3]], "lr": [-0.1, slice(1, 2), None], "factor": [0, -1, NAN, "x"]},
    "layer_decay": {
        **{"decay": [0, 1.5, "a"], "lr": [-1], "convention": ["swin"], "weight_decay": [-1], "no_weight_decay": ["x"]},
        **{"min_scale": [2], "no_opt_scale": [-1], "blocks": [3], "embeddings": ["stem"], "norm": [3], "head": [None]},
    },
    "set_lr": {"lr": [{"nose": 0.1}, {"head/**": -1}, "x", None, NAN, {"head/**": 1e39}]},
    "scale_lr": {"factor": [-1, NAN, {"nose": 1.0}, "x"]},
    "get_hyper": {"name": ["beta", 3, []]},
    "set_hyper": {"name": ["beta", None], "value": [-1, "x", {"nose": 1}]},
    "freeze": {"groups": ["nose", 3, [3], ["head/**", "nose"]]},
    "thaw": {"groups": ["nose", None], "lr": [-1]},
    "scheduler_state_dict": {"index": [1, -1, "0", None]},
    "load_scheduler_state_dict": {"state_dict": [3, None], "index": [7]},
    "step_scheduler": {"index": [7, -1, "x"]},
    "clip_grad_norm_": {"max_norm": SIZES, "norm_type": ["two", NAN, None], "error_if_nonfinite": ["x"]},
    "clip_grad_value_": {"clip_value": [-1, NAN, 1e39]},
    "tabulate": {"num_steps": COUNTS},
}
ROWS = [(name, argument, value) for name, of in MALFORMED.items() for argument, vs in of.items() for value in vs]
