"""Averages of weights over a run, with torch's arithmetic: ``torch.optim.swa_utils`` but for SWALR, a scheduler."""

from lrspec.averages import DiffusersDecay as DiffusersDecay
from lrspec.averages import TimmDecay as TimmDecay

from .batch_norm import update_bn as update_bn
from .functions import AveragingFunction as AveragingFunction
from .functions import get_ema_avg_fn as get_ema_avg_fn
from .functions import get_ema_multi_avg_fn as get_ema_multi_avg_fn
from .functions import get_swa_avg_fn as get_swa_avg_fn
from .functions import get_swa_multi_avg_fn as get_swa_multi_avg_fn
from .model import AveragedModel as AveragedModel
from .model import AveragedState as AveragedState
