"""Lightning's ``Tuner.lr_find``, as it is, with losses that are given.

Request: for each run {"losses": a list, "num_iter": int, "mode": its name}; answer for each: the rates, the
smoothed losses, the suggested rate (None where there is none) and its index.
"""

# pyright: reportMissingImports=false, reportAttributeAccessIssue=false
import logging
import warnings
from itertools import repeat
from typing import Any

from parity_tests.originals import serve


def answer(request: list[dict[str, Any]]) -> list[Any]:
    """Each run."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    return [_run(**one) for one in request]


def _run(losses: list[float], num_iter: int, mode: str) -> dict[str, Any]:
    import torch
    from lightning.pytorch import LightningModule, Trainer
    from lightning.pytorch.tuner.tuning import Tuner

    given = iter(losses)

    class Model(LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.lr, self.layer = 1.0, torch.nn.Linear(1, 1)

        def training_step(self, batch: Any, index: int) -> Any:
            del index
            return self.layer(batch).sum() * 0 + next(given)

        def configure_optimizers(self) -> Any:
            return torch.optim.SGD(self.parameters(), lr=self.lr)

    quiet = dict.fromkeys(["logger", "enable_checkpointing", "enable_progress_bar", "enable_model_summary"], False)
    examples: Any = list(repeat(torch.ones(1), 7))
    data = torch.utils.data.DataLoader(examples)
    trainer = Trainer(accelerator="cpu", max_epochs=1000, **quiet)
    finder: Any = Tuner(trainer).lr_find(Model(), data, num_training=num_iter, mode=mode, update_attr=False)
    lr = finder.suggestion()
    found = {"suggestion": lr, "index": finder._optimal_idx}
    return {"lrs": [float(x) for x in finder.results["lr"]], "smoothed": finder.results["loss"], **found}


if __name__ == "__main__":
    serve(answer)
