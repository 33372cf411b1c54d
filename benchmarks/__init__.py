"""What lrjax costs beside optax and PyTorch, every answer checked before it is timed: ``python -m benchmarks``.

Each module here is one measurement, and ``machinery`` is what runs and reports them.

===================  ===========================================================================
``finetune``         a step of the digits task, by batch size
``optimizer_step``   every optimizer's step, beside optax and torch's forms
``exact_rounding``   what it costs to round as torch does, against rounding left to the compiler
``groups``           1 to 300 parameter groups
``set_rate``         a rate set by hand before every step
``schedules``        the rates of a million steps
``curves``           composed schedules beside tables of their rates
``sweep``            the digits task from 64 initial rates
``lr_find``          the learning rate range test, beside fastai's own
``startup``          imports, and the first step of a fresh process
``gpu_code``         what the compiler makes of a step for a GPU
===================  ===========================================================================
"""

# The name in results.json, in the figure's file name and behind --only -> the module. The order is the report's.
MEASUREMENTS = {
    "finetune": "finetune",
    "optimizer_step": "optimizer_step",
    "fences": "exact_rounding",  # its old name, under which results are stored
    "groups": "groups",
    "set_rate": "set_rate",
    "schedules": "schedules",
    "curves": "curves",
    "sweep": "sweep",
    "lr_find": "lr_find",
    "startup": "startup",
    "gpu_code": "gpu_code",
}
