"""PyTorch's learning-rate practice on PyTorch itself: the mirror of lrjax.

::

    optimizer = lrtorch.AdamW(                                # torch.optim.AdamW
        model,
        [{"params": "backbone", "lr": 1e-5}, {"params": "head"}],
        lr=1e-3,
        scheduler=lrtorch.CosineAnnealingLR(T_max=100, every=steps_per_epoch),
    )
    optimizer.step()
    print(lrtorch.describe(optimizer))

Optimizers       SGD, Adam, AdamW, NAdam, RAdam, Adamax, Adagrad, Adadelta, RMSprop, Rprop, ASGD, Adafactor, Muon
Schedulers       all of torch.optim.lr_scheduler; StepDecay and EpochTable (the tutorials'); CurveLR for all else
Training         step_scheduler, clip_grad_norm_, clip_grad_value_
By hand          get_lr, set_lr, scale_lr, get_hyper, set_hyper, monitor_lr (for a logger)
Averages         AveragedModel, get_ema_multi_avg_fn, get_swa_multi_avg_fn, TimmDecay, DiffusersDecay, update_bn
Groups           describe, layer_decay, discriminative, mup_groups, freeze, thaw, add_param_group
Curves           curves: what CurveLR makes a scheduler of
To look at       simulate, plot, tabulate
Finding a rate   lr_find
Files            scheduler_state_dict, load_scheduler_state_dict
Types            ParamGroup, LRScheduler
"""

try:
    import torch  # noqa: F401
except ModuleNotFoundError as error:
    if error.name != "torch":
        raise
    raise ImportError("lrtorch: torch is not installed; type: pip install lrjax[torch]") from error

from typing import TYPE_CHECKING, Any

from lrspec import curves as curves
from lrspec import habits

from . import lr_scheduler as lr_scheduler
from . import manual as manual
from . import optim as optim
from . import param_groups as param_groups
from .averages import AveragedModel as AveragedModel
from .averages import DiffusersDecay as DiffusersDecay
from .averages import TimmDecay as TimmDecay
from .averages import get_ema_avg_fn as get_ema_avg_fn
from .averages import get_ema_multi_avg_fn as get_ema_multi_avg_fn
from .averages import get_swa_avg_fn as get_swa_avg_fn
from .averages import get_swa_multi_avg_fn as get_swa_multi_avg_fn
from .averages import update_bn as update_bn
from .checkpoint import load_scheduler_state_dict as load_scheduler_state_dict
from .checkpoint import scheduler_state_dict as scheduler_state_dict
from .clip_grad import clip_grad_norm_ as clip_grad_norm_
from .clip_grad import clip_grad_value_ as clip_grad_value_
from .control import get_hyper as get_hyper
from .control import get_lr as get_lr
from .control import scale_lr as scale_lr
from .control import set_hyper as set_hyper
from .control import set_lr as set_lr
from .layer_rates import discriminative as discriminative
from .layer_rates import layer_decay as layer_decay
from .layer_rates import mup_groups as mup_groups
from .lr_scheduler import SWALR as SWALR
from .lr_scheduler import ChainedScheduler as ChainedScheduler
from .lr_scheduler import ConstantLR as ConstantLR
from .lr_scheduler import CosineAnnealingLR as CosineAnnealingLR
from .lr_scheduler import CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts
from .lr_scheduler import CurveLR as CurveLR
from .lr_scheduler import CyclicLR as CyclicLR
from .lr_scheduler import ExponentialLR as ExponentialLR
from .lr_scheduler import GreedyLR as GreedyLR
from .lr_scheduler import LambdaLR as LambdaLR
from .lr_scheduler import LinearLR as LinearLR
from .lr_scheduler import LRScheduler as LRScheduler
from .lr_scheduler import MultiplicativeLR as MultiplicativeLR
from .lr_scheduler import MultiStepLR as MultiStepLR
from .lr_scheduler import OneCycleLR as OneCycleLR
from .lr_scheduler import PolynomialLR as PolynomialLR
from .lr_scheduler import ReduceLROnPlateau as ReduceLROnPlateau
from .lr_scheduler import SequentialLR as SequentialLR
from .lr_scheduler import StepLR as StepLR
from .lr_scheduler import TableLR as TableLR
from .manual import EpochTable as EpochTable
from .manual import StepDecay as StepDecay
from .monitoring import monitor_lr as monitor_lr
from .optim import ASGD as ASGD
from .optim import SGD as SGD
from .optim import Adadelta as Adadelta
from .optim import Adafactor as Adafactor
from .optim import Adagrad as Adagrad
from .optim import Adam as Adam
from .optim import Adamax as Adamax
from .optim import AdamW as AdamW
from .optim import Muon as Muon
from .optim import NAdam as NAdam
from .optim import RAdam as RAdam
from .optim import RMSprop as RMSprop
from .optim import Rprop as Rprop
from .param_groups import ParamGroup as ParamGroup
from .param_groups import describe as describe
from .plotting import plot as plot
from .range_test import lr_find as lr_find
from .regroup import add_param_group as add_param_group
from .regroup import freeze as freeze
from .regroup import thaw as thaw
from .simulation import simulate as simulate
from .stepping import step_scheduler as step_scheduler
from .tabulation import tabulate as tabulate

__version__ = "0.1.0"
_MODULES = ("curves", "lr_scheduler", "manual", "optim", "param_groups")
__all__ = [
    "ASGD",
    "SGD",
    "SWALR",
    "Adadelta",
    "Adafactor",
    "Adagrad",
    "Adam",
    "AdamW",
    "Adamax",
    "AveragedModel",
    "ChainedScheduler",
    "ConstantLR",
    "CosineAnnealingLR",
    "CosineAnnealingWarmRestarts",
    "CurveLR",
    "CyclicLR",
    "DiffusersDecay",
    "EpochTable",
    "ExponentialLR",
    "GreedyLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "MultiplicativeLR",
    "Muon",
    "NAdam",
    "OneCycleLR",
    "ParamGroup",
    "PolynomialLR",
    "RAdam",
    "RMSprop",
    "ReduceLROnPlateau",
    "Rprop",
    "SequentialLR",
    "StepDecay",
    "StepLR",
    "TableLR",
    "TimmDecay",
    "add_param_group",
    "clip_grad_norm_",
    "clip_grad_value_",
    "describe",
    "discriminative",
    "freeze",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_hyper",
    "get_lr",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "layer_decay",
    "load_scheduler_state_dict",
    "lr_find",
    "monitor_lr",
    "mup_groups",
    "plot",
    "scale_lr",
    "scheduler_state_dict",
    "set_hyper",
    "set_lr",
    "simulate",
    "step_scheduler",
    "tabulate",
    "thaw",
    "update_bn",
]

if not TYPE_CHECKING:  # a type checker would take any name for one of these

    def __getattr__(name: str) -> Any:
        """Nothing more: what was meant, where a name is like it."""
        habits.no_attribute(f"module {__name__!r}", name, habits.NOT_HERE, __all__)

    def __dir__() -> list[str]:
        """The public names."""
        return sorted([*__all__, *_MODULES, "__version__"])
