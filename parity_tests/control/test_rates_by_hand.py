"""Rates by hand: found in any nesting, never compiled anew, sharded or not."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

import lrjax
import lrtorch
from parity_tests.by_hand import by_hand

PARAMS = {"backbone": {"kernel": jnp.ones((4, 20)), "bias": jnp.ones(20)}, "head": {"kernel": jnp.ones((20, 3))}}
GROUPS: Any = [{"params": "backbone/**", "lr": 1e-5, "name": "backbone"}, {"params": "head", "name": "head"}]


def nestings() -> dict[str, Any]:
    inner = lrjax.SGD(GROUPS, lr=0.1, momentum=0.9)
    labels = lrjax.param_groups.labels(GROUPS)
    parts: dict[Any, Any] = {
        n: lrjax.SGD([{"params": "**", "name": n}], lr=lr) for n, lr in (("backbone", 1e-5), ("head", 0.1))
    }
    return {
        "alone": inner,
        "chain": optax.chain(optax.clip_by_global_norm(1.0), inner),
        "MultiSteps": optax.MultiSteps(inner, 2).gradient_transformation(),
        "apply_if_finite": optax.apply_if_finite(inner, 3),
        "multi_transform": optax.multi_transform(parts, labels),
    }


@pytest.mark.parametrize("nesting", nestings())
def test_rates_are_found_and_set_in(nesting: str) -> None:
    tx = nestings()[nesting]
    state = tx.init(PARAMS)
    assert lrjax.get_lr(state) == {"backbone": 1e-5, "head": 0.1}
    changed = lrjax.set_lr(state, {"head": 0.3})
    assert lrjax.get_lr(changed) == {"backbone": 1e-5, "head": 0.3}
    assert lrjax.get_lr(state) == {"backbone": 1e-5, "head": 0.1}
    assert jax.tree.structure(changed) == jax.tree.structure(state)
    updates, _ = tx.update(PARAMS, changed, PARAMS)
    assert jax.tree.structure(updates) == jax.tree.structure(PARAMS)


def test_names_that_occur_twice_get_their_place() -> None:
    parts: dict[Any, Any] = {n: lrjax.SGD(lr=lr) for n, lr in (("backbone", 1e-5), ("head", 0.1))}
    state = optax.multi_transform(parts, lrjax.param_groups.labels(GROUPS)).init(PARAMS)
    rates = lrjax.get_lr(state)
    assert list(rates.values()) == [1e-5, 0.1]
    assert all("**" in name and place in name for name, place in zip(rates, ("backbone", "head"), strict=True))


def test_multi_transform_gives_the_same_bits_as_one_pass() -> None:
    rng = np.random.default_rng(0)
    one, many = (
        nestings()["alone"],
        optax.multi_transform(
            {
                n: lrjax.SGD([{"params": "**", "name": n}], lr=lr, momentum=0.9)
                for n, lr in (("backbone", 1e-5), ("head", 0.1))
            },
            lrjax.param_groups.labels(GROUPS),
        ),
    )
    a, b = (PARAMS, one.init(PARAMS)), (PARAMS, many.init(PARAMS))
    for _ in range(5):
        grads = jax.tree.map(lambda p: jnp.asarray(rng.normal(size=p.shape), jnp.float32), PARAMS)
        a, b = lrjax.step(one, grads, a[1], a[0]), lrjax.step(many, grads, b[1], b[0])
    jax.tree.map(lambda x, y: np.testing.assert_array_equal(np.asarray(x), np.asarray(y)), a[0], b[0])


def test_step_refuses_a_transformation_after_the_optimizer() -> None:
    tx = optax.chain(lrjax.SGD(lr=0.1), optax.scale(0.5))
    with pytest.raises(TypeError):
        lrjax.step(tx, PARAMS, tx.init(PARAMS), PARAMS)
    with pytest.raises(TypeError, match="step: tx must be an lrjax optimizer"):
        lrjax.step(optax.sgd(0.1), PARAMS, optax.sgd(0.1).init(PARAMS), PARAMS)


def test_a_thousand_rates_compile_nothing() -> None:
    traces = []
    tx = lrjax.SGD(GROUPS, lr=0.1, scheduler=by_hand(lrjax.StepLR(7)))

    def counted(state: Any, params: Any) -> Any:
        traces.append(1)
        return lrjax.step(tx, params, state, params)

    step: Any = jax.jit(counted)

    state, params = tx.init(PARAMS), PARAMS
    params, state = step(state, params)
    types: Any = (float, np.float32, np.float64, int, np.int64)
    for i in range(1000):
        value = types[i % 5](i % 3)
        state = lrjax.set_lr(state, value if i % 2 else {"head": value})
        if i % 10 == 0:
            state = lrjax.step_scheduler(tx, state)
            state = lrjax.load_scheduler_state_dict(state, lrjax.scheduler_state_dict(state))
        params, state = step(state, params)
    assert (len(traces), step._cache_size()) == (1, 1)


def test_a_rate_has_all_64_bits() -> None:
    state = lrjax.SGD(lr=0.1).init(PARAMS)
    for value in (0.1, 1 / 3, 1e-30, 123456.789, 0.0, 5e-324 * 0):
        assert lrjax.get_lr(lrjax.set_lr(state, value)) == {"**": value}


def test_a_rate_survives_arithmetic_outside() -> None:
    state = lrjax.set_lr(lrjax.SGD(lr=0.1).init(PARAMS), 1 / 3)
    same = jax.jit(lambda s: jax.tree.map(lambda x: x * 1, s))(jax.tree.map(lambda x: x + 0, state))
    assert lrjax.get_lr(same) == {"**": 1 / 3}
    edited = jax.tree_util.tree_map_with_path(lambda k, x: x * 0 + 0.5 if _is_lr_value(k) else x, state)
    assert lrjax.get_lr(edited) == {"**": 0.5}


def _is_lr_value(keys: Any) -> bool:
    path = jax.tree_util.keystr(keys)
    return "'lr'" in path and path.endswith(".value")


def test_describe_is_the_same_table() -> None:
    model = torch.nn.ModuleDict({"backbone": torch.nn.Linear(4, 20), "head": torch.nn.Linear(20, 3, bias=False)})
    ours = lrjax.describe(lrjax.SGD(GROUPS, lr=0.1).init(PARAMS), PARAMS)
    assert ours == lrtorch.describe(lrtorch.SGD(model, GROUPS, lr=0.1))
    assert (ours[0]["parameters"], ours[0]["lr"], ours[0]["patterns"]) == (100, 1e-5, ("backbone/**",))
    heading, line, _ = str(ours).splitlines()
    assert heading.split()[:6] == ["group", "tensors", "parameters", "dtype", "frozen", "lr"]
    assert line.split()[:6] == ["backbone", "2", "100", "float32", "no", "1e-05"]


def test_the_scheduler_steps_every_k_updates_in_both() -> None:
    model = torch.nn.ModuleDict({"backbone": torch.nn.Linear(4, 20), "head": torch.nn.Linear(20, 3, bias=False)})
    optimizer = lrtorch.SGD(model, GROUPS, lr=0.1, scheduler=lrtorch.StepLR(2, every=3))
    tx = lrjax.SGD(GROUPS, lr=0.1, scheduler=lrjax.StepLR(2, every=3))
    state, params = tx.init(PARAMS), PARAMS
    for _ in range(14):
        assert lrjax.get_lr(state) == lrtorch.get_lr(optimizer)
        optimizer.step()
        params, state = lrjax.step(tx, params, state, params)


def test_cycled_momentum_reaches_the_update() -> None:
    """OneCycleLR over SGD without momentum of its own: torch switches it on, and so does lrjax."""
    rng = np.random.default_rng(0)
    p = torch.nn.Parameter(torch.ones(20))
    rows: list[tuple[dict[str, Any], str, dict[str, Any]]] = [
        (dict(max_lr=0.1, total_steps=40), "SGD", {}),
        (dict(max_lr=0.1, total_steps=40), "AdamW", dict(weight_decay=0.0)),
    ]
    for package_scheduler, name, options in rows:
        optimizer = getattr(lrtorch, name)(
            [("w", p)], scheduler=lrtorch.OneCycleLR(every=1, **package_scheduler), foreach=False, **options
        )
        tx = getattr(lrjax, name)(scheduler=lrjax.OneCycleLR(every=1, **package_scheduler), **options)
        params = {"w": jnp.asarray(p.detach().numpy().copy())}
        state = tx.init(params)
        for _ in range(20):
            g = rng.normal(size=20).astype(np.float32)
            p.grad = torch.from_numpy(g)
            optimizer.step()
            params, state = lrjax.step(tx, {"w": g}, state, params)
        np.testing.assert_allclose(np.asarray(params["w"]), p.detach().numpy(), rtol=2e-6)  # plain sqrt: a few ulp


def test_a_compiled_step_returns_its_rates() -> None:
    """For a log: float32 in compiled code, in scan and vmap, too, of every hyperparameter."""
    tx = lrjax.AdamW([{"params": "a", "lr": 0.1}, {"params": "b"}], lr=0.5, scheduler=lrjax.StepLR(1, every=1))
    params = {"a": jnp.ones(2), "b": jnp.ones(3)}

    def one(carry: Any, _: Any) -> Any:
        params, state = carry
        return lrjax.step(tx, params, state, params), (lrjax.get_lr(state), lrjax.get_hyper(state, "betas"))

    _, (rates, betas) = jax.jit(lambda carry: jax.lax.scan(one, carry, length=3))((params, tx.init(params)))
    expected = lrjax.simulate(lrjax.StepLR(1), [0.1, 0.5], 3).astype(np.float32)
    for column, group in enumerate(("a", "b")):
        np.testing.assert_array_equal(rates[group], expected[:, column])
        np.testing.assert_array_equal(betas[group], np.array([[0.9, 0.999]] * 3, np.float32))
    states = jax.vmap(tx.init)(jax.tree.map(lambda x: jnp.stack([x, x]), params))
    np.testing.assert_array_equal(jax.jit(lrjax.get_lr)(states)["a"], np.array([0.1, 0.1], np.float32))


@pytest.mark.parametrize("kind", [np.float32, np.asarray, jnp.float32, jnp.asarray])
def test_scalars_of_numpy_and_jax_are_numbers(kind: Any) -> None:
    tx = lrjax.AdamW([{"params": "a"}, {"params": "b"}], lr=0.5)
    state = tx.init({"a": jnp.ones(2), "b": jnp.ones(2)})
    quarter, eighth = kind(0.25), kind(0.125)
    assert lrjax.get_lr(lrjax.set_lr(state, quarter)) == {"a": 0.25, "b": 0.25}
    assert lrjax.get_lr(lrjax.scale_lr(state, {"b": quarter})) == {"a": 0.5, "b": 0.125}
    changed = lrjax.set_hyper(state, "betas", {"a": (quarter, eighth)})
    assert lrjax.get_hyper(changed, "betas") == {"a": (0.25, 0.125), "b": (0.9, 0.999)}
    with pytest.raises(ValueError, match=r"set_lr: lr of group 'a' must be a finite number, at least 0.0, got .*-0.25"):
        lrjax.set_lr(state, -quarter)
