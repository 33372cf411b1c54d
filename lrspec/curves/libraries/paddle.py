"""The schedules of Paddle (``python/paddle/optimizer/lr.py``, 3.3.1).

There ``learning_rate`` is the scheduler's own, so every level is absolute and the same for all groups; counts (epochs,
there) start at 0. ReduceOnPlateau, which follows a metric, and MultiplicativeDecay, a product of all counts, are no
curves: ``ReduceLROnPlateau`` and ``MultiplicativeLR`` are their schedulers.
"""

from ._paddle import exponential_decay as exponential_decay
from ._paddle import inverse_time_decay as inverse_time_decay
from ._paddle import lambda_decay as lambda_decay
from ._paddle import linear_lr as linear_lr
from ._paddle import multi_step_decay as multi_step_decay
from ._paddle import natural_exp_decay as natural_exp_decay
from ._paddle import noam_decay as noam_decay
from ._paddle import piecewise_decay as piecewise_decay
from ._paddle import polynomial_decay as polynomial_decay
from ._paddle import step_decay as step_decay
from ._paddle_cycles import cosine_annealing_decay as cosine_annealing_decay
from ._paddle_cycles import cosine_annealing_warm_restarts as cosine_annealing_warm_restarts
from ._paddle_cycles import cyclic_lr as cyclic_lr
from ._paddle_cycles import linear_warmup as linear_warmup
from ._paddle_cycles import one_cycle_lr as one_cycle_lr
