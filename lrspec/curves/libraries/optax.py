"""The schedules of optax (``optax/schedules/_schedule.py`` and ``_join.py``, 0.2.8).

There a schedule gives the rate itself, so every level is absolute and the same for all groups. optax computes in
float32 unless ``jax_enable_x64`` is set; these are its formulas in float64, to every bit of what it computes then. A
warm-up starts at ``init_value`` at count 0, and the length of a decay after it includes it. What optax repairs in
silence (a length of 0 makes a constant, a negative begin becomes 0) is refused here.
"""

from ._optax import constant_schedule as constant_schedule
from ._optax import cosine_decay_schedule as cosine_decay_schedule
from ._optax import exponential_decay as exponential_decay
from ._optax import linear_schedule as linear_schedule
from ._optax import piecewise_constant_schedule as piecewise_constant_schedule
from ._optax import polynomial_schedule as polynomial_schedule
from ._optax_interpolated import cosine_onecycle_schedule as cosine_onecycle_schedule
from ._optax_interpolated import linear_onecycle_schedule as linear_onecycle_schedule
from ._optax_interpolated import piecewise_interpolate_schedule as piecewise_interpolate_schedule
from ._optax_joined import join_schedules as join_schedules
from ._optax_joined import sgdr_schedule as sgdr_schedule
from ._optax_joined import warmup_constant_schedule as warmup_constant_schedule
from ._optax_joined import warmup_cosine_decay_schedule as warmup_cosine_decay_schedule
from ._optax_joined import warmup_exponential_decay_schedule as warmup_exponential_decay_schedule
