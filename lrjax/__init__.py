"""PyTorch's learning-rate practice in JAX, bit for bit.

::

    tx = lrjax.AdamW(                                         # an optax.GradientTransformation
        [{"params": "backbone", "lr": 1e-5}, {"params": "head"}],
        lr=1e-3,
        scheduler=lrjax.CosineAnnealingLR(T_max=100, every=steps_per_epoch),
    )
    opt_state = tx.init(params)
    params, opt_state = lrjax.step(tx, grads, opt_state, params)  # in jit, scan, vmap
    print(lrjax.describe(opt_state, params))

Optimizers       SGD, Adam, AdamW, NAdam, RAdam, Adamax, Adagrad, Adadelta, RMSprop, Rprop, ASGD, Adafactor, Muon
Schedulers       all of torch.optim.lr_scheduler; StepDecay and EpochTable (the tutorials'); CurveLR for all else
Training         step, step_scheduler, clip_grad_norm_, clip_grad_value_, ClipGradNorm, ClipGradValue
By hand          get_lr, set_lr, scale_lr, get_hyper, set_hyper, monitor_lr (for a logger)
Averages         AveragedModel, get_ema_multi_avg_fn, get_swa_multi_avg_fn, TimmDecay, DiffusersDecay, update_bn
Groups           describe, layer_decay, discriminative, mup_groups, freeze, thaw, trainable, add_param_group
Curves           curves: what CurveLR makes a scheduler of
To look at       simulate, plot, tabulate; ``python -m lrjax --help``
Finding a rate   lr_find
Files            state_dict, load_state_dict, scheduler_state_dict, load_scheduler_state_dict
From PyTorch     from_torch, to_torch, params_from_torch, params_to_torch, load_checkpoint, save_checkpoint, match_names
Types            ParamGroup, Optimizer, OptState, LRScheduler, NameMap, Tabulated
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:  # what editors and type checkers read
    from lrspec import curves as curves

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
    from .checkpoint import load_state_dict as load_state_dict
    from .checkpoint import scheduler_state_dict as scheduler_state_dict
    from .checkpoint import state_dict as state_dict
    from .clip_grad import ClipGradNorm as ClipGradNorm
    from .clip_grad import ClipGradValue as ClipGradValue
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
    from .lr_scheduler import Tabulated as Tabulated
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
    from .optim import Optimizer as Optimizer
    from .optim import OptState as OptState
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
    from .regroup import trainable as trainable
    from .simulation import simulate as simulate
    from .stepping import step as step
    from .stepping import step_scheduler as step_scheduler
    from .tabulation import tabulate as tabulate
    from .transfer import NameMap as NameMap
    from .transfer import average_from_torch as average_from_torch
    from .transfer import average_to_torch as average_to_torch
    from .transfer import from_torch as from_torch
    from .transfer import load_checkpoint as load_checkpoint
    from .transfer import match_names as match_names
    from .transfer import params_from_torch as params_from_torch
    from .transfer import params_to_torch as params_to_torch
    from .transfer import save_checkpoint as save_checkpoint
    from .transfer import to_torch as to_torch
else:  # a name is loaded when it is first used, so that ``import lrjax`` costs nothing
    _HOMES = {
        "averages": "AveragedModel DiffusersDecay get_ema_avg_fn get_ema_multi_avg_fn get_swa_avg_fn "
        "get_swa_multi_avg_fn TimmDecay update_bn",
        "checkpoint": "load_scheduler_state_dict load_state_dict scheduler_state_dict state_dict",
        "clip_grad": "clip_grad_norm_ clip_grad_value_ ClipGradNorm ClipGradValue",
        "control": "get_hyper get_lr scale_lr set_hyper set_lr",
        "layer_rates": "discriminative layer_decay mup_groups",
        "lr_scheduler": "ChainedScheduler ConstantLR CosineAnnealingLR CosineAnnealingWarmRestarts CurveLR CyclicLR "
        "ExponentialLR GreedyLR LambdaLR LinearLR LRScheduler MultiplicativeLR MultiStepLR OneCycleLR PolynomialLR "
        "ReduceLROnPlateau SequentialLR StepLR SWALR TableLR Tabulated",
        "manual": "EpochTable StepDecay",
        "monitoring": "monitor_lr",
        "optim": "Adadelta Adafactor Adagrad Adam Adamax AdamW ASGD Muon NAdam Optimizer OptState RAdam RMSprop Rprop "
        "SGD",
        "param_groups": "describe ParamGroup",
        "plotting": "plot",
        "range_test": "lr_find",
        "regroup": "add_param_group freeze thaw trainable",
        "simulation": "simulate",
        "stepping": "step step_scheduler",
        "tabulation": "tabulate",
        "transfer": "average_from_torch average_to_torch from_torch load_checkpoint match_names NameMap "
        "params_from_torch params_to_torch save_checkpoint to_torch",
    }
    _MODULES = ("curves", "lr_scheduler", "manual", "optim", "param_groups")
    __all__ = [name for names in _HOMES.values() for name in names.split()]

    def __getattr__(name: str) -> Any:
        """A public name, from the module that it stands in."""
        if name == "curves":
            return globals().setdefault(name, import_module("lrspec.curves"))
        for home, names in _HOMES.items():
            if name == home or name in names.split():
                module = import_module(f".{home}", __name__)
                return globals().setdefault(name, module if name == home else getattr(module, name))
        habits = import_module("lrspec.habits")
        habits.no_attribute(f"module {__name__!r}", name, habits.NOT_HERE, __all__)

    def __dir__() -> list[str]:
        """The public names, loaded or not."""
        return sorted([*__all__, *_MODULES, "__version__"])
