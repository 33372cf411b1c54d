"""Averages of the weights (EMA, SWA): measured on both sides, named, and compared.

Both sides average the same probe: a parameter of a few numbers that are others at every update. An average is linear in
the parameters that it has seen, so what comes out tells the weight of each, however the program is written.

==============  =====================================================================
``probe``       the numbers that are averaged, the same on every machine
``in_torch``    torch's ``AveragedModel``, timm's and diffusers' averages, a function
``in_jax``      ``lrjax.AveragedModel``, ``optax.ema``, a function
``convention``  what a measured average is: decay, start, correction, when it is updated
``compared``    two of them: the causes, the row of the report
==============  =====================================================================
"""
