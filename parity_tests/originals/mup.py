"""mup's own optimizers: what they make of models given as name -> shape.

Request: a list of {"target", "base", "delta" or None: shapes, "lr", "weight_decay", "optimizer"} -> for each the
groups, [[names, lr, weight_decay]].
"""

from importlib import import_module
from typing import Any

from parity_tests.originals import serve


def answer(request: list[dict[str, Any]]) -> list[list[Any]]:
    """The groups of each."""
    return [_groups(row) for row in request]


def _groups(row: dict[str, Any]) -> list[Any]:
    import torch

    mup: Any = import_module("mup")

    def model(shapes: dict[str, list[int]]) -> torch.nn.Module:
        made = torch.nn.Module()
        for name, shape in shapes.items():
            made.register_parameter(name, torch.nn.Parameter(torch.zeros(shape)))
        return made

    target = model(row["target"])
    delta = None if row["delta"] is None else model(row["delta"])
    mup.set_base_shapes(target, model(row["base"]), rescale_params=False, delta=delta)
    names = {id(p): name for name, p in target.named_parameters()}
    make = getattr(mup, row["optimizer"])
    made = make(target.parameters(), lr=row["lr"], weight_decay=row["weight_decay"])
    groups = [g for g in made.param_groups if g["params"]]
    return [[sorted(names[id(p)] for p in g["params"]), g["lr"], g["weight_decay"]] for g in groups]


if __name__ == "__main__":
    serve(answer)
