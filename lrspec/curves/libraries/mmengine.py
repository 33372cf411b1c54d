"""The schedulers of MMEngine (``mmengine/optim/scheduler/param_scheduler.py``, 0.10.7).

Each is at work from count begin up to, but without, end: before it the rate is the group's own, after it its last one.
Within, it counts from 0; a line or a polynomial gets to its end at the last count, end - begin - 1. Counts are epochs
or iterations (``by_epoch``): step CurveLR every epoch or every update. For the momentum and the other numbers there is
``CurveLR(..., target=)``. Most of MMEngine's make each rate of the one before, so that one that is set by hand is kept
and two can be at work on one rate, and roundings add up; these are the formulas that they follow, to 1e-12 of the rate.
Where several are at work on one rate, take their ``product``.
"""

from ._mmengine import constant_lr as constant_lr
from ._mmengine import exponential_lr as exponential_lr
from ._mmengine import linear_lr as linear_lr
from ._mmengine import multi_step_lr as multi_step_lr
from ._mmengine import poly_lr as poly_lr
from ._mmengine import step_lr as step_lr
from ._mmengine_cycles import cosine_annealing_lr as cosine_annealing_lr
from ._mmengine_cycles import cosine_restart_lr as cosine_restart_lr
from ._mmengine_cycles import one_cycle_lr as one_cycle_lr
