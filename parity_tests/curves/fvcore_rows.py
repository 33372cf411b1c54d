"""fvcore's schedulers beside fvcore itself, and detectron2's, which are made of them."""

from typing import Any

from lrspec.curves import Curve, detectron2, fvcore

from .rows import Row

COSINE = ("CosineParamScheduler", {"start_value": 0.7, "end_value": 0.001})
LINE = ("LinearParamScheduler", {"start_value": 0.01, "end_value": 0.7})
STEPS = ("MultiStepParamScheduler", {"values": [1.0, 0.1, 0.07], "num_updates": 977, "milestones": [500, 900]})
CONSTANT = ("ConstantParamScheduler", {"value": 0.7})
THIRDS = [0.1, 0.2, 0.7]
ARGUMENTS: list[tuple[str, dict[str, Any], int]] = [
    *(("ConstantParamScheduler", {"value": v}, 2000) for v in (1.0, 0.3, 0.0, 1e-7)),
    *(("CosineParamScheduler", {"start_value": a, "end_value": b}, n)
      for a, b, n in ((1.0, 0.0, 2000), (0.3, 0.01, 2003), (0.0, 0.7, 1500), (0.1, 0.1, 977))),
    *(("ExponentialParamScheduler", {"start_value": a, "decay": b}, n)
      for a, b, n in ((1.0, 0.02, 2000), (0.3, 0.9, 2003), (2.0, 1.0, 1500), (0.1, 1e-7, 977))),
    *(("LinearParamScheduler", {"start_value": a, "end_value": b}, n)
      for a, b, n in ((1.0, 0.0, 2000), (0.3, 0.01, 2003), (0.0, 0.7, 1999), (0.1, 0.1, 3000))),
    *(("PolynomialDecayParamScheduler", {"base_value": a, "power": b}, n)
      for a, b, n in ((1.0, 1.0, 2000), (0.3, 0.9, 2003), (0.7, 2.5, 1999), (0.1, 0.5, 3000))),
    ("MultiStepParamScheduler", {"values": [0.1, 0.01, 0.001], "num_updates": 2000}, 2000),
    ("MultiStepParamScheduler", {"values": [0.1, 0.01, 0.001], "milestones": [30, 60, 90]}, 2000),
    ("MultiStepParamScheduler", {"values": [1, 0.1, 0.3], "num_updates": 2003, "milestones": [1, 1999]}, 2003),
    ("MultiStepParamScheduler", {"values": [1, 0.1], "num_updates": 1_500_000, "milestones": [700_000]}, 2000),
    *(("StepParamScheduler", {"num_updates": n, "values": v}, n)
      for n, v in ((2000, [0.1, 0.01, 0.001]), (2003, [0.3]), (2001, [1.0, 0.7] * 7), (5000, [0.3, 0.1, 0.7, 0.9]))),
    *(("StepWithFixedGammaParamScheduler", {"base_value": b, "num_decays": d, "gamma": g, "num_updates": n}, n)
      for b, d, g, n in ((0.1, 3, 0.1, 2000), (0.3, 1, 0.7, 2003), (1.0, 29, 0.9, 2001), (0.7, 6, 1.1, 5000))),
    *(("CompositeParamScheduler", {"schedulers": s, "lengths": p, "interval_scaling": i}, n)
      for s, p, i, n in (
          ([CONSTANT, COSINE], [0.3, 0.7], ["rescaled", "rescaled"], 2000),
          ([LINE, COSINE], [0.05, 0.95], ["rescaled", "fixed"], 2003),
          ([LINE, STEPS, COSINE], THIRDS, ["rescaled", "fixed", "rescaled"], 2000),
          ([COSINE], [1.0], ["fixed"], 2001),
          ([LINE, CONSTANT, COSINE], [1 / 3, 1 / 3, 1 / 3], ["fixed", "fixed", "rescaled"], 2001),
      )),
]  # fmt: skip
WARM_UPS: list[tuple[Any, float, float, str, int]] = [
    (COSINE, 0.001, 0.05, "linear", 2000),
    (COSINE, 0.001, 100 / 2003, "constant", 2003),
    (STEPS, 0.1, 977 / 2000, "linear", 2000),
    (CONSTANT, 0.0, 1 / 2001, "linear", 2001),
]
MULTI_STEPS: list[tuple[int, list[int], float, tuple[float, int, str]]] = [
    (2000, [1300, 1800], 0.1, (0.001, 100, "linear")),
    (2003, [977], 0.7, (0.1, 49, "constant")),
    (2001, [500, 501, 1999], 0.3, (0.0, 1000, "linear")),
    (90_000, [60_000, 80_000], 0.1, (0.001, 1000, "linear")),
    (2000, [], 0.1, (0.3, 0, "linear")),
]
COSINES: list[tuple[int, float, float, tuple[float, int, str]]] = [
    (2000, 0.001, 0.0, (0.001, 100, "linear")),
    (2003, 0.3, 0.01, (0.1, 49, "constant")),
    (2001, 0.7, 0.7, (0.0, 1000, "linear")),
    (90_000, 0.02, 0.0001, (0.001, 1999, "linear")),
    (2000, 0.1, 0.0, (0.3, 0, "linear")),
]


def _curve(name: str, arguments: dict[str, Any]) -> Curve:
    makes = {make.__name__.replace("_", ""): make for make in vars(fvcore).values() if hasattr(make, "__wrapped__")}
    if name == "CompositeParamScheduler":
        arguments = {**arguments, "schedulers": [_curve(*one) for one in arguments["schedulers"]]}
    return makes[name.lower()](**arguments)


def _warm(inner: Any, n: int, factor: float, iters: int, method: str) -> Any:
    arguments = {"inner": inner, "factor": factor, "length": iters / n, "method": method}
    return ["WarmupParamScheduler", arguments, n] if iters else [*inner, n]


def _multi_step(n: int, steps: list[int], gamma: float) -> Any:
    values = [gamma**k for k in range(len(steps) + 1)]
    return "MultiStepParamScheduler", {"values": values, "num_updates": n, "milestones": steps}


def _cosine(rate: float, end: float) -> Any:
    return "CosineParamScheduler", {"start_value": 1, "end_value": end / rate}


ROWS = [
    Row(f"{name} {i}", _curve(name, arguments), [name, arguments, n], steps_per_unit=n)
    for i, (name, arguments, n) in enumerate(ARGUMENTS, 1)
    if not (name.startswith("Constant") and n < 2000)
]
SOURCE = "detectron2/solver/build.py and lr_scheduler.py, 0.6, with fvcore run live"
DETECTRON2_ROWS = [
    *(
        Row(
            f"WarmupParamScheduler {i}",
            detectron2.warmup_param_scheduler(_curve(*inner), factor, length, method),
            ["WarmupParamScheduler", {"inner": inner, "factor": factor, "length": length, "method": method}, n],
            SOURCE,
            steps_per_unit=n,
        )
        for i, (inner, factor, length, method, n) in enumerate(WARM_UPS, 1)
    ),
    *(
        Row(
            f"WarmupMultiStepLR {i}",
            detectron2.warmup_multi_step_lr(n, steps, gamma, *warm_up),
            _warm(_multi_step(n, steps, gamma), n, *warm_up),
            SOURCE,
        )
        for i, (n, steps, gamma, warm_up) in enumerate(MULTI_STEPS, 1)
    ),
    *(
        Row(
            f"WarmupCosineLR {i}",
            detectron2.warmup_cosine_lr(n, rate, end, *warm_up),
            _warm(_cosine(rate, end), n, *warm_up),
            SOURCE,
        )
        for i, (n, rate, end, warm_up) in enumerate(COSINES, 1)
    ),
]
ROWS += DETECTRON2_ROWS
