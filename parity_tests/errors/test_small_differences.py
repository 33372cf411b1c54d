"""Lines of docs/parity.md that refuse nothing: each side does what the page says."""

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
import lrtorch
from parity_tests.by_hand import by_hand


def one(size: int = 1, dtype: Any = torch.float32) -> torch.nn.Parameter:
    return torch.nn.Parameter(torch.ones(size, dtype=dtype))


def test_a_rate_of_minus_zero() -> None:
    optimizer = torch.optim.SGD([one()], lr=0.0)
    torch.optim.lr_scheduler.LambdaLR(optimizer, lambda _: -1.0)
    assert math.copysign(1, optimizer.param_groups[0]["lr"]) == -1
    tx = lrjax.SGD("**", lr=0.0, scheduler=by_hand(lrjax.LambdaLR(lambda _: -1.0)))
    (rate,) = lrjax.get_lr(tx.init({"w": jnp.ones(1)})).values()
    assert rate == 0 and math.copysign(1, rate) == 1


def test_a_gradient_of_minus_zero() -> None:
    """Adam with betas[0] of 0: torch's vector kernel keeps the sign, its scalar one for the rest does not."""
    p = one(20)
    optimizer = torch.optim.Adam([p], betas=(0.0, 0.9))
    p.grad = torch.full((20,), -0.0)
    optimizer.step()
    signs = torch.signbit(optimizer.state[p]["exp_avg"])
    assert not signs[16:].any()
    tx = lrjax.Adam("**", betas=(0.0, 0.9))
    params = {"w": jnp.ones(20)}
    state: Any = tx.update({"w": jnp.full(20, -0.0)}, tx.init(params), params)[1]
    assert np.signbit(np.asarray(state.slots["exp_avg"]["w"])).all()


def test_momentum_that_a_scheduler_raises_from_zero() -> None:
    p = one()
    optimizer = torch.optim.RMSprop([p], momentum=0.0)
    scheduler = torch.optim.lr_scheduler.CyclicLR(optimizer, 0.1, 0.2, 2, base_momentum=0.0, max_momentum=0.5)
    optimizer.param_groups[0]["momentum"] = 0.0
    p.grad = torch.ones(1)
    optimizer.step()
    scheduler.step()
    optimizer.param_groups[0]["momentum"] = 0.5
    with pytest.raises(KeyError):
        optimizer.step()
    ours = lrjax.CyclicLR(0.1, 0.2, 2, base_momentum=0.0, max_momentum=0.5, every=1)
    tx = lrjax.RMSprop("**", momentum=0.0, scheduler=by_hand(ours))
    state: Any = tx.init({"w": jnp.ones(1)})
    assert "momentum_buffer" in state.slots


@pytest.mark.filterwarnings("ignore:Casting complex values")
def test_asgd_at_a_rate_far_below_zero() -> None:
    p = one()
    optimizer = torch.optim.ASGD([p], lr=1.0, lambd=0.4)
    tx = lrjax.ASGD("**", lr=1.0, lambd=0.4, scheduler=by_hand(lrjax.LambdaLR(lambda _: -1.0)))
    optimizer.param_groups[0]["lr"] = -1.0
    params: Any = {"w": jnp.ones(1)}
    state: Any = tx.init(params)
    for _ in range(5):
        p.grad = torch.ones(1)
        optimizer.step()
        params, state = lrjax.step(tx, {"w": jnp.ones(1)}, state, params)
    assert torch.isfinite(p).all() and np.isnan(params["w"]).all()


@pytest.mark.parametrize(("name", "number"), [("NAdam", "mu_product"), ("ASGD", "eta")])
def test_numbers_of_a_loaded_state_in_half_precision(name: str, number: str) -> None:
    p = one(dtype=torch.bfloat16)
    optimizer = getattr(torch.optim, name)([p])
    p.grad = torch.ones_like(p)
    optimizer.step()
    assert optimizer.state[p][number].dtype == torch.float32
    optimizer.load_state_dict(optimizer.state_dict())
    assert optimizer.state[p][number].dtype == torch.bfloat16
    tx = getattr(lrjax, name)("**")
    params = {"w": jnp.ones(1, jnp.bfloat16)}
    state: Any = lrjax.load_state_dict(tx.init(params), lrjax.state_dict(tx.init(params)))
    assert all(x.dtype != jnp.bfloat16 for x in jax.tree.leaves(state.memory))


def test_clipping_nothing() -> None:
    with pytest.raises(RuntimeError):
        torch.nn.utils.clip_grad_value_([one()], 1.0)
    assert lrjax.clip_grad_value_({"w": None}, 1.0) == {"w": None}
    empty = torch.nn.Parameter(torch.ones(0))
    empty.grad = torch.ones(0)
    with pytest.raises(RuntimeError):
        lrtorch.clip_grad_norm_([empty], 1.0, math.inf)
    assert float(lrjax.clip_grad_norm_({"w": jnp.ones(0)}, 1.0, math.inf)[1]) == 0


@pytest.mark.parametrize("name", ["Adam", "Muon"])
def test_a_step_whose_factor_is_beyond_float32(name: str) -> None:
    p = torch.nn.Parameter(torch.ones(9, 1))
    optimizer = getattr(torch.optim, name)([p], lr=3.2e38)
    p.grad = torch.ones(9, 1)
    with pytest.raises(RuntimeError, match="without overflow"):
        optimizer.step()
    tx, params = getattr(lrjax, name)("**", lr=3.2e38), {"w": jnp.ones((9, 1))}
    assert np.isneginf(lrjax.step(tx, params, tx.init(params), params)[0]["w"]).all()
