"""davidtvs's ``LRFinder.range_test``, as it is, with losses that are given.

Request: for each run {"losses": a list, "num_iter": int, "mode": "exp" or "linear", "start_lr": the optimizer's
rate}; answer for each: the rates, the smoothed losses and the suggested rate, None where it refuses.
"""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false
from itertools import repeat
from typing import Any

from parity_tests.originals import serve


def answer(request: list[dict[str, Any]]) -> list[Any]:
    """Each run."""
    import matplotlib

    matplotlib.use("Agg")
    return [_run(**one) for one in request]


def _run(losses: list[float], num_iter: int, mode: str, start_lr: float) -> dict[str, Any]:
    import torch
    from torch_lr_finder import LRFinder

    model = torch.nn.Linear(1, 1)
    given = iter(losses)
    loss = lambda out, _: out.sum() * 0 + next(given)  # noqa: E731
    finder = LRFinder(model, torch.optim.SGD(model.parameters(), lr=start_lr), loss)
    examples: Any = list(repeat((torch.ones(1), torch.ones(1)), 7))
    data = torch.utils.data.DataLoader(examples)
    finder.range_test(data, num_iter=num_iter, step_mode=mode)
    try:
        lr = finder.plot()[1]
    except RuntimeError:
        lr = None
    return {"lrs": finder.history["lr"], "smoothed": finder.history["loss"], "suggestion": lr}


if __name__ == "__main__":
    serve(answer)
