"""Where the axes of ``vmap`` may be in a state: in front of every array; for what is set by hand, of its own alone."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import numpy as np
import pytest

import lrjax

from .runs import adamw, begun, parameters


def test_axes_that_are_not_in_front() -> None:
    tx, front = adamw(), "must have the axes of vmap in front of every array"
    alone, state = tx.init(parameters(())), begun("alone", (4,))
    behind = jax.vmap(lambda p: tx.init(p).hyper, out_axes=-1)(parameters((4,)))
    calls: list[Callable[[Any], Any]] = [
        lrjax.get_lr,
        lrjax.state_dict,
        lambda state: lrjax.set_lr(state, 0.1),
        lambda state: lrjax.step_scheduler(tx, state, index=0),
    ]
    for wrong in (replace(state, hyper=behind), replace(alone, hyper=behind)):
        for call in calls:
            with pytest.raises(ValueError, match=f"opt_state {front}"):
                call(wrong)
    partly = replace(alone, hyper=state.hyper)  # what may be different in each run is, and nothing else
    assert lrjax.get_lr(lrjax.set_lr(partly, np.arange(4.0)))["a"].tolist() == [0.0, 1.0, 2.0, 3.0]
    with pytest.raises(
        ValueError, match=rf"state_dict: opt_state {front} \(out_axes=0\): \w+ has \(4,\), the count others, got \(\)"
    ):
        lrjax.state_dict(partly)
