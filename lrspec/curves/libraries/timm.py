"""The schedules of timm (``timm/scheduler``, 1.0.31), under its own names.

There each is a function of the epoch or of the number of updates, and so is the curve's count: step it once an epoch,
or at each update. ``lr_min`` and ``warmup_lr_init`` are absolute rates. A rate set by hand lasts until the next step.
``create_scheduler`` makes one by its name, with the arguments of timm's command line. timm's noise, drawn from torch's
random numbers, is no curve; its "plateau", which follows a metric, is ReduceLROnPlateau.
"""

from ._timm_cycles import cosine as cosine
from ._timm_cycles import poly as poly
from ._timm_cycles import tanh as tanh
from ._timm_names import create_scheduler as create_scheduler
from ._timm_steps import constant as constant
from ._timm_steps import multistep as multistep
from ._timm_steps import rsqrt as rsqrt
from ._timm_steps import step as step
from ._timm_steps import wsd as wsd
