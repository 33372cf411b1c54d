"""The texts of ``lr_find`` that both packages show."""

ARGUMENTS = {
    "batches": "the batches: a list of them, a loader, or anything that can be gone through again, which is restarted "
    "where it has fewer than are needed; or one tuple, dict or array, stacked along the first axis: a batch at "
    "each index. Nothing that can be gone through only once.",
    "method": "whose grid, smoothing, stop and suggestion: 'fastai', 'lightning' or 'torch_lr_finder' (davidtvs's).",
    "start_lr": "the first rate, above 0; None: 1e-7 (fastai), 1e-8 (Lightning), the group's own (torch_lr_finder).",
    "end_lr": "the last rate, above start_lr; None: 10, 1, 10. fastai's grid ends one step before it.",
    "num_iter": "how many rates, at least 2.",
    "grid": "whose grid, if not the method's.",
    "mode": "'exponential' or 'linear': how the rates grow.",
    "smooth": "whose smoothing, if not the method's; 'none': the losses as they are, as ``parallel`` has them.",
    "stop": "whose rule for a loss that has diverged, if not the method's; 'none': go on to the last rate.",
    "threshold": "the loss has diverged at so many times the best one; None: 4, 4, 5.",
    "suggest": "the suggestion that is shown and used: 'valley', 'slide', 'minimum', 'steep' (fastai's), 'lightning' "
    "or 'torch_lr_finder'; None: the method's, of fastai 'valley'; with ``parallel`` 'steep', for 'valley' on a curve "
    "without noise is the middle of where it falls.",
    "group": "whose rate is on the axis, by name; None: the last group's, as in fastai, or the first one's, as in the "
    "others, frozen groups left out. The other groups keep their ratio to it.",
    "parallel": "a number k: every rate by itself, k updates at that rate from the start; its loss is that of the "
    "batch after these. None: one run, the rate growing from update to update.",
}
RETURNS = (
    "the curve: ``lrs``, ``losses``, ``smoothed``, ``stopped_at``; ``lr``, the suggested rate, and ``rates``, that of "
    "every group, for ``set_lr``; ``suggestion(name)`` for another one; ``plot()``. It prints as a table."
)
RAISES = {
    "TypeError": "batches that are none, or can be gone through only once; a loss that gives no number.",
    "ValueError": "an argument out of its range, an unknown name, no batch.",
}
