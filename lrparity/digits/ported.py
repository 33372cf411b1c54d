"""The digits run put before ``lrparity.compare``: the page that users get for their own programs."""

from typing import Any

import numpy as np
import torch

import lrjax
import lrtorch

from ..port.compare import compare
from ..port.result import Result
from ..port.sides import Say
from .choices import Settings, make
from .layout import DENSE
from .run import STEPS


def ported(settings: Settings, start: dict[str, np.ndarray], say: Say = lambda text: None) -> Result:
    """Compare the run's optimizers with their schedulers.

    Args:
        settings: of the run.
        start: the first weights of fine-tuning, in Flax's layout.
        say: called before each stage.
    """
    model = {name: torch.nn.Parameter(torch.as_tensor(w)) for name, w in DENSE.to_torch(start).items()}
    optimizer = make(lrtorch, settings.rule, settings.optimizer, settings.epochs, STEPS).build(model)
    tx: Any = make(lrjax, settings.rule, settings.optimizer, settings.epochs, STEPS).build()
    by_id = {id(p): name for name, p in model.items()}
    names = [by_id[id(p)] for group in optimizer.param_groups for p in group["params"]]
    return compare(optimizer, None, tx, start, names=names, rate_steps=settings.epochs * STEPS, say=say)
