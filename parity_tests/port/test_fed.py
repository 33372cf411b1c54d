"""What both sides are fed and the rates that torch's loop takes; what is said of rounding and of a late parting."""

import dataclasses
from typing import Any

import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch
from torch.optim.lr_scheduler import ExponentialLR, LinearLR

import lrjax
import lrparity

from .calls import adamw, compare
from .pair import Net


def test_torchs_clipping_leaves_the_gradients_that_both_sides_are_fed() -> None:
    net = Net()
    record = lrparity.record(adamw(net), names=net, steps=30, rate_steps=30, clip_grad_norm=0.5)
    _, fed = record.fed
    _, again = dataclasses.replace(record).fed
    assert all(np.array_equal(fed[name], again[name]) for name in fed)
    norms = np.sqrt(sum(np.sum(g.astype(np.float64).reshape(30, -1) ** 2, axis=1) for g in fed.values()))
    assert norms[0] == pytest.approx(1.5, rel=1e-3)  # the first update is clipped
    assert 0.1 < np.mean(norms > 0.5) < 0.6


@pytest.mark.filterwarnings("ignore:Detected call of")  # torch sees that the scheduler steps before the optimizer
@pytest.mark.parametrize(("accumulate", "every"), [(4, "micro-step"), (4, 2), (1, 3), (3, 1)])
def test_the_rates_are_those_of_the_loop_as_people_write_it(accumulate: int, every: int | str) -> None:
    net = Net()

    def scheduled() -> tuple[Any, Any]:
        optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
        return optimizer, ExponentialLR(optimizer, 0.9)

    optimizer, scheduler = scheduled()
    used: list[float] = []
    for i in range(10 * accumulate):
        updates = (i + 1) % accumulate == 0
        if updates:
            used.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
        if every == "micro-step" or (updates and len(used) % int(every) == 0):
            scheduler.step()
    record = lrparity.record(
        *scheduled(), names=net, steps=10, rate_steps=10, accumulate=accumulate, scheduler_every=every
    )
    np.testing.assert_array_equal(record.program.rates[:, 0], used)


def test_a_decay_in_the_chain_before_lrjax_is_seen() -> None:
    net = Net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-2)
    sgd = lrjax.SGD("**", lr=0.1, momentum=0.9)
    assert compare(optimizer, optax.chain(optax.add_decayed_weights(1e-2), sgd), names=net).equal
    assert [c.convention for c in compare(optimizer, sgd, names=net).causes] == ["weight_decay"]


def test_a_schedule_of_float32_is_a_note_where_it_is_rounding() -> None:
    net = Net()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    scheduler = LinearLR(optimizer, 1.0, 0.1, total_iters=50)
    narrow = optax.adam(lambda count: jnp.float32(1e-3) * (1 - jnp.float32(0.9 / 50) * jnp.minimum(count, 50)))
    result = compare(optimizer, narrow, schedulers=scheduler, names=net)
    assert result.equal and any("computes the schedule in float32" in note for note in result.notes)


def test_the_parameters_part_after_the_first_difference() -> None:
    """Adam's correction makes its first update the same for every beta1; the moment is another at once."""
    net = Net()
    result = compare(torch.optim.Adam(net.parameters(), lr=1e-3), optax.adam(1e-3, b1=0.5), names=net)
    assert result.first is not None and (result.first.step, result.parted) == (0, 1)
    assert "The parameters differ from update 1 on." in str(result)
