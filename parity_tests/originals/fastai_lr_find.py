"""fastai's ``learn.lr_find``, as it is, with losses that are given.

Request: for each run {"losses": a list, "num_iter": int}; answer for each: the rates, the smoothed losses, and of
each suggestion its rate and the rate of its point on the curve, or None where fastai fails.
"""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false
import functools
from itertools import repeat
from typing import Any

from parity_tests.originals import serve


def answer(request: list[dict[str, Any]]) -> list[Any]:
    """Each run."""
    return [_run(**one) for one in request]


def _run(losses: list[float], num_iter: int) -> dict[str, Any]:
    import torch
    from fastai.callback.schedule import minimum, slide, steep, valley
    from fastai.data.core import DataLoaders
    from fastai.data.load import DataLoader
    from fastai.learner import Learner

    data = DataLoader(list(repeat((torch.ones(1), torch.ones(1)), 7)), bs=1)
    given = iter(losses)
    loss = lambda out, _: out.sum() * 0 + next(given)  # noqa: E731
    learner = Learner(DataLoaders(data, data), torch.nn.Linear(1, 1), loss_func=loss)
    found: dict[str, Any] = {}
    with learner.no_bar():
        suggest = [_noted(one, found) for one in (valley, slide, minimum, steep)]
        learner.lr_find(num_it=num_iter, show_plot=False, suggest_funcs=suggest)
    recorder = learner.recorder
    return {"lrs": list(recorder.lrs), "smoothed": [float(x) for x in recorder.losses], **found}


def _noted(function: Any, found: dict[str, Any]) -> Any:
    """fastai's suggestion; what it gives is noted, and a failure does not end the others."""

    @functools.wraps(function)
    def noted(*args: Any) -> Any:
        try:
            lr, point = function(*args)
            found[function.__name__] = float(lr), float(point[0])
        except (IndexError, RuntimeError, ValueError):
            found[function.__name__], lr, point = None, None, None
        return lr, point

    return noted


if __name__ == "__main__":
    serve(answer)
