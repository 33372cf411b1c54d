"""How measurements are run, checked and reported.

========================  =========================================================================
``measurement``           what a measurement is made of: cases, contenders, runs, outcomes, targets
``case_runner``           makes a case's contenders, checks their answers, lets them take turns
``worker_process``        the process of a framework, and the requests it answers
``report``                results.json and report.md
``figures``               bars or lines of a measurement
``provenance``            the hardware, versions and commit that figures were taken on
``parameter_trees``       parameters and gradients in NumPy, the same for all contenders
``optimizer_table``       the optimizers that are timed: arguments, counterparts, traffic
``optimizers_on_jax``     an optimizer's step in JAX, compiled
``optimizers_on_torch``   an optimizer's step in torch, and the device
``rate_groups``           parameter groups that differ in their rate
``digits_task``           the fine-tuning task: weights, images, batches, groups
``digits_on_jax``         that task's network, optimizer and step in JAX
``digits_on_torch``       the same in torch
========================  =========================================================================
"""
