"""fastai's schedules beside fastai itself."""

from typing import Any

from lrspec.curves import Curve, fastai

from .rows import Row

LINE, COSINE, FLAT = ("SchedLin", [0.01, 0.7]), ("SchedCos", [0.7, 0.001]), ("SchedNo", [0.7, 0.3])
ARGUMENTS: dict[str, list[tuple[list[Any], int]]] = {
    "SchedLin": [([1.0, 0.0], 2000), ([0.3, 0.01], 2003), ([0.0, 0.7], 1500), ([0.1, 0.1], 977)],
    "SchedCos": [([1.0, 0.0], 2000), ([0.3, 0.01], 2003), ([0.0, 0.7], 1500), ([0.1, 0.1], 977)],
    "SchedNo": [([1.0, 0.0], 2000), ([0.3, 0.01], 2003), ([0.0, 0.7], 1500), ([0.1, 0.1], 977)],
    "SchedExp": [([1.0, 0.1], 2000), ([0.3, 0.01], 2003), ([1e-7, 0.7], 1500), ([0.1, 0.1], 977)],
    "SchedPoly": [([1.0, 0.0, 2], 2000), ([0.3, 0.01, 0.9], 2003), ([0.0, 0.7, 3], 1500), ([0.1, 0.2, 0.5], 977)],
    "combine_scheds": [
        ([[0.25, 0.75], [LINE, COSINE]], 2000),
        ([[0.1, 0.2, 0.7], [LINE, FLAT, COSINE]], 2003),
        ([[1.0], [COSINE]], 1500),
        ([[0.7, 0.3], [("SchedExp", [0.1, 0.7]), ("SchedPoly", [0.7, 0.0, 1.5])]], 3001),
        ([[1 / 3, 1 / 3, 1 / 3], [LINE, FLAT, COSINE]], 1999),
    ],
    "combined_cos": [
        ([0.25, 0.95, 0.85, 0.95], 2000),
        ([0.3, 0.01, 0.7, 0.0], 2003),
        ([0.999, 0.1, 0.3, 0.2], 1500),
        ([0.013, 0.3, 0.3, 0.1], 977),
    ],
    "fit_one_cycle": [
        ([25.0, 1e5, 0.25], 2000),
        ([7.0, 3.0, 0.3], 2003),
        ([1.0, 1e9, 0.99], 1500),
        ([25.0, 1e5, 0.001], 977),
    ],
    "fit_flat_cos": [([1e5, 0.75], 2000), ([7.0, 0.3], 2003), ([1.0, 0.99], 1500), ([1e9, 0.001], 977)],
    "fit_sgdr": [([3, 1, 2], 2000), ([2, 3, 3], 2003), ([1, 7, 2], 1500), ([5, 2, 2], 977)],
}
NAMES = {
    "SchedLin": fastai.sched_lin,
    "SchedCos": fastai.sched_cos,
    "SchedNo": fastai.sched_no,
    "SchedExp": fastai.sched_exp,
    "SchedPoly": fastai.sched_poly,
}


def _curve(name: str, arguments: list[Any]) -> Curve:
    if name == "combine_scheds":
        return fastai.combine_scheds(arguments[0], [_curve(*one) for one in arguments[1]])
    return NAMES.get(name, getattr(fastai, name, None))(*arguments)  # type: ignore[misc]


ROWS = [
    Row(f"{name} {i}", _curve(name, arguments), [name, arguments, n], steps_per_unit=n)
    for name, rows in ARGUMENTS.items()
    for i, (arguments, n) in enumerate(rows, 1)
]
