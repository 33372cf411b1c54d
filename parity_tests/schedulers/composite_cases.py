"""The rows of SequentialLR and ChainedScheduler."""

import torch

from .rule_cases import Case, Spec, inverse_sqrt, slowly

# torch before 2.13 takes the first rate from schedulers[0] even where its milestone is 0.
_OLD = tuple(map(int, torch.__version__.split(".")[:2])) < (2, 13)
LATE_START = "torch before 2.13 starts SequentialLR with schedulers[0] where a milestone is 0" if _OLD else ""

_WARM_UP: Spec = ("LinearLR", dict(start_factor=0.1, total_iters=500))
_COSINE: Spec = ("CosineAnnealingLR", dict(T_max=2000, eta_min=1e-5))
_DECAY: Spec = ("ExponentialLR", dict(gamma=0.999))
_STEPS: Spec = ("StepLR", dict(step_size=97, gamma=0.9))
_TABLE: Spec = (
    "TableLR",
    dict(table={"lr": [[9, [0.1, 0.2, 0.3]], [9991, [0.3, 0.1, 0.2]]], "momentum": [[50, 0.9], [9950, 0.8]]}),
)
_HALF: Spec = ("ConstantLR", dict(factor=0.5, total_iters=300))


def _sequential(label: str, schedulers: list[Spec], milestones: list[int], exact: bool = False) -> Case:
    spec = ("SequentialLR", dict(schedulers=schedulers, milestones=milestones))
    return Case(f"SequentialLR {label}", spec, exact, skip=LATE_START if 0 in milestones else "")


def _chained(label: str, schedulers: list[Spec], exact: bool = False, steps: int | None = None) -> Case:
    return Case(f"ChainedScheduler {label}", ("ChainedScheduler", dict(schedulers=schedulers)), exact, steps)


COMPOSITES: list[Case] = [
    _sequential("warm-up then cosine", [_WARM_UP, _COSINE], [500]),
    _sequential("constant then exponential", [_HALF, _DECAY], [300], exact=True),
    _sequential("cut short", [_HALF, _DECAY], [3], exact=True),
    _sequential("three phases", [_WARM_UP, _STEPS, _DECAY], [500, 5000], exact=True),
    _sequential("starting with the second", [_HALF, _DECAY], [0], exact=True),
    _sequential("alone", [_STEPS], [], exact=True),
    _sequential("restarts later", [_WARM_UP, ("CosineAnnealingWarmRestarts", dict(T_0=50, T_mult=2))], [100]),
    _sequential("function later", [_WARM_UP, ("LambdaLR", dict(lr_lambda=inverse_sqrt))], [100], exact=True),
    _sequential("multiplying later", [_WARM_UP, ("MultiplicativeLR", dict(lr_lambda=slowly))], [100], exact=True),
    _sequential("averaging later", [_STEPS, ("SWALR", dict(swa_lr=0.05))], [1000]),
    _sequential("one cycle later", [_WARM_UP, ("OneCycleLR", dict(max_lr=0.3, total_steps=9990))], [100]),
    _sequential("cycles later", [_WARM_UP, ("CyclicLR", dict(base_lr=0.01, max_lr=0.3, step_size_up=50))], [100], True),
    _sequential("cycles first", [("CyclicLR", dict(base_lr=0.01, max_lr=0.3, step_size_up=50)), _DECAY], [100], True),
    _sequential("restarts first", [("CosineAnnealingWarmRestarts", dict(T_0=41)), _DECAY], [100]),
    _sequential("polynomial later", [_WARM_UP, ("PolynomialLR", dict(total_iters=900))], [100], exact=True),
    _sequential("milestones later", [_HALF, ("MultiStepLR", dict(milestones=[0, 9, 41]))], [100], exact=True),
    _sequential("chain first", [("ChainedScheduler", dict(schedulers=[_DECAY, _STEPS])), _COSINE], [100]),
    _sequential("sequence first", [("SequentialLR", dict(schedulers=[_HALF, _DECAY], milestones=[7])), _STEPS], [50]),
    _sequential("table later", [_WARM_UP, _TABLE], [100]),
    _sequential("table first", [_TABLE, _COSINE], [100]),
    _chained("two decays", [_DECAY, _STEPS], exact=True),
    _chained("warm-up and decay", [_WARM_UP, _DECAY], exact=True),
    _chained("warm-up and cosine", [_HALF, ("CosineAnnealingLR", dict(T_max=97))]),
    _chained("cosine with a floor and constant", [("CosineAnnealingLR", dict(T_max=4, eta_min=0.1)), _HALF], steps=200),
    _chained("function last", [_DECAY, ("LambdaLR", dict(lr_lambda=inverse_sqrt))], exact=True),
    _chained("function first", [("LambdaLR", dict(lr_lambda=inverse_sqrt)), ("ExponentialLR", dict(gamma=0.5))], True),
    _chained("table last", [_DECAY, _TABLE], exact=True),
    _chained("table first", [_TABLE, _DECAY], exact=True),
    _chained("alone", [_STEPS], exact=True),
    _chained("sequence within", [("SequentialLR", dict(schedulers=[_HALF, _DECAY], milestones=[7])), _STEPS], True),
    _chained("chain within", [("ChainedScheduler", dict(schedulers=[_DECAY, _STEPS])), _WARM_UP], exact=True),
    _chained("restarts and decay", [("CosineAnnealingWarmRestarts", dict(T_0=41, T_mult=2)), _DECAY]),
]
