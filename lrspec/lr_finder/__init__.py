"""The learning rate range test ("LR finder"): what fastai, Lightning and torch_lr_finder compute, as pure functions.

==============  ======================================================================================================
``grids``       which rates are tried: each library's grid, exponential or linear
``smoothing``   how each library smooths the losses
``stops``       when each library says that the loss has diverged
``suggestions`` which rate each library suggests: functions of (lrs, losses)
``methods``     a library's four choices under its name, and the checked arguments of ``lr_find``
``batches``     the batches in their order, and the random states as they were
``result``      what ``lr_find`` gives: the curves, the suggestions, a table
``figure``      its picture
``arguments``   the texts of the docstrings
==============  ======================================================================================================

The originals, read in these versions: fastai 2.8.12 (``callback/schedule.py``), Lightning 2.6.6
(``pytorch/tuner/lr_finder.py``), torch-lr-finder 0.2.2 (``lr_finder.py``). ``parity_tests/lr_find`` runs all three.
"""
