"""PyTorch's learning-rate practice on PyTorch itself: the mirror of lrjax."""

try:
    import torch  # noqa: F401
except ModuleNotFoundError as error:
    if error.name != "torch":
        raise
    raise ImportError("lrtorch: torch is not installed; type: pip install lrjax[torch]") from error

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
from .lr_scheduler import SWALR as SWALR
from .lr_scheduler import ChainedScheduler as ChainedScheduler
from .lr_scheduler import ConstantLR as ConstantLR
from .lr_scheduler import CosineAnnealingLR as CosineAnnealingLR
from .lr_scheduler import CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts
from .lr_scheduler import CyclicLR as CyclicLR
from .lr_scheduler import ExponentialLR as ExponentialLR
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
from .param_groups import describe as describe
from .plotting import plot as plot
from .regroup import add_param_group as add_param_group
from .regroup import freeze as freeze
from .regroup import thaw as thaw
from .simulation import simulate as simulate
from .stepping import step_scheduler as step_scheduler
from .tabulation import tabulate as tabulate

__version__ = "0.1.0"
