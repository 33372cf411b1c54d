"""A state of several runs, as ``vmap`` makes it: every function does to each run what it does to that run alone."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import lrjax
from parity_tests.by_hand import by_hand

from .runs import BATCHES, GROUPS, NESTINGS, adamw, begun, each, for_runs, one, parameters, same

# By name: what is set, for a batch; the numbers of a run are one(value, its place).
VALUES: dict[str, tuple[str, Callable[[tuple[int, ...]], Any]]] = {
    "a rate for each run": ("lr", lambda batch: _different(batch)),
    "the same of JAX": ("lr", lambda batch: jnp.asarray(_different(batch), jnp.float32)),
    "a decay for each run": ("weight_decay", lambda batch: _different(batch)),
    "betas for each run": ("betas", lambda batch: (_different(batch), _different(batch) / 3)),
}


def _different(batch: tuple[int, ...]) -> np.ndarray:
    return 0.1 + np.arange(np.prod(batch)).reshape(batch) / 7


@pytest.mark.parametrize("batch", BATCHES, ids=str)
@pytest.mark.parametrize("nesting", NESTINGS)
def test_rates_are_each_runs_own(nesting: str, batch: tuple[int, ...]) -> None:
    state, different = begun(nesting, batch), _different(batch)
    groups = list(lrjax.get_lr(one(state, (0,) * len(batch))))
    assert list(lrjax.get_lr(state)) == groups
    for value in (0.3, different, {groups[-1]: different}, {groups[0]: 1 / 3}):
        new = lrjax.set_lr(state, value)
        scaled = lrjax.scale_lr(new, value)
        assert jax.tree.map(jax.typeof, new) == jax.tree.map(jax.typeof, state) == jax.tree.map(jax.typeof, scaled)
        for place in each(batch):
            alone = lrjax.set_lr(one(state, place), _of_run(value, place))
            same(one(new, place), alone)
            same(one(scaled, place), lrjax.scale_lr(alone, _of_run(value, place)))
            assert {name: rates[place] for name, rates in lrjax.get_lr(new).items()} == lrjax.get_lr(alone)
    assert lrjax.get_lr(new)[groups[0]].shape == batch


def _of_run(value: Any, place: tuple[int, ...]) -> Any:
    """One run's numbers, of a value that may have one number for all."""
    return jax.tree.map(lambda x: x[place] if np.ndim(x) else x, value)


@pytest.mark.parametrize("batch", BATCHES, ids=str)
@pytest.mark.parametrize("case", VALUES)
def test_hyperparameters_are_each_runs_own(case: str, batch: tuple[int, ...]) -> None:
    name, make = VALUES[case]
    state, value = begun("alone", batch), make(batch)
    for given in (value, {"b": value}):
        new = lrjax.set_hyper(state, name, given)
        read = lrjax.get_hyper(new, name)
        same(lrjax.set_hyper(state, name, read), new)  # what is read can be set
        for place in each(batch):
            alone = lrjax.set_hyper(one(state, place), name, _of_run(given, place))
            same(one(new, place), alone)
            assert {group: _of_run(x, place) for group, x in read.items()} == lrjax.get_hyper(alone, name)


def test_betas_as_one_array_and_lists_of_rates() -> None:
    state = begun("alone", (2,))
    array = np.array([[0.5, 0.75], [0.25, 0.625]])
    same(lrjax.set_hyper(state, "betas", array), lrjax.set_hyper(state, "betas", (array[:, 0], array[:, 1])))
    same(lrjax.set_hyper(state, "betas", [0.5, 0.75]), lrjax.set_hyper(state, "betas", (0.5, 0.75)))  # two numbers
    same(lrjax.set_lr(state, [0.5, 0.75]), lrjax.set_lr(state, np.array([0.5, 0.75])))  # two runs
    adafactor = jax.vmap(lrjax.Adafactor().init)(parameters((2,)))
    assert lrjax.get_hyper(adafactor, "eps")["**"][0] is None
    same(lrjax.set_hyper(adafactor, "eps", lrjax.get_hyper(adafactor, "eps")), adafactor)


@pytest.mark.parametrize("batch", BATCHES, ids=str)
def test_compiled(batch: tuple[int, ...]) -> None:
    """The same bits, of float32 numbers, which are all that compiled code can be given."""
    state, rates = begun("alone", batch), jnp.asarray(_different(batch), jnp.float32)
    calls: list[Callable[[Any, Any], Any]] = [
        lrjax.set_lr,
        lrjax.scale_lr,
        lambda state, x: lrjax.set_lr(state, {"b": x}),
        lambda state, x: lrjax.scale_lr(state, {"a": x, "c": 0.1}),
        lambda state, x: lrjax.set_hyper(state, "betas", (0.3, x)),
        lambda state, x: lrjax.set_hyper(state, "weight_decay", {"c": x}),
    ]
    for call in calls:
        same(jax.jit(call)(state, rates), call(state, rates))
        same(for_runs(call, batch)(state, rates), call(state, rates))
    for group, rate in jax.jit(lrjax.get_lr)(state).items():
        np.testing.assert_array_equal(rate, lrjax.get_lr(state)[group].astype(np.float32))


def test_a_sweep_over_rates_begins_from_one_state() -> None:
    """Each run ends where it ends alone, with the rate set by hand."""
    tx, params, rates = adamw(), parameters(()), jnp.asarray([0.5, 0.25, 0.1], jnp.float32)

    def train(state: Any) -> Any:
        return jax.lax.scan(lambda c, _: (lrjax.step(tx, c[0], c[1], c[0]), None), (params, state), length=5)[0]

    states = jax.vmap(lambda lr: lrjax.set_lr(tx.init(params), lr))(rates)
    same(states, jax.vmap(lambda lr: lrjax.set_lr(tx.init(params), {"a": lr, "b": lr, "c": lr}))(rates))
    done = jax.jit(jax.vmap(train))(states)
    for i, rate in enumerate(rates.tolist()):
        same(one(done, (i,)), jax.jit(train)(lrjax.set_lr(tx.init(params), rate)))


@pytest.mark.parametrize("batch", BATCHES, ids=str)
def test_describe(batch: tuple[int, ...]) -> None:
    state = lrjax.set_lr(begun("alone", batch), {"a": _different(batch)})
    table = lrjax.describe(state, parameters(batch))
    alone = lrjax.describe(one(state, (0,) * len(batch)), parameters(()))
    for ours, theirs in zip(table, alone, strict=True):
        first = {key: _of_run(value, (0,) * len(batch)) if key in HYPER else value for key, value in ours.items()}
        assert first == theirs
    same(str(table), str(lrjax.describe(state, parameters(()))))  # the parameters of one run will do
    lines = str(table).splitlines()
    rates = f"0.1 to {0.1 + (np.prod(batch) - 1) / 7:.4g}" if batch != (1,) else "0.1 "
    assert rates in lines[1] and "0.9, 0.999" in lines[1] and " to " not in lines[2] + lines[3]
    assert lines[-1] == f"a batch of {' x '.join(map(str, batch))} runs"


HYPER = ("lr", "betas", "eps", "weight_decay", "initial_lr")


def _numbers(saved: Any) -> Any:
    """A state_dict without what is compiled in, which is the same for all runs."""
    if isinstance(saved, list):
        return [_numbers(value) for value in saved]
    if not isinstance(saved, dict):
        return saved
    return {key: _numbers(value) for key, value in saved.items() if key not in ("arguments", "frozen")}


@pytest.mark.parametrize("nesting", ["alone", "one group", "chain"])
@pytest.mark.parametrize("batch", BATCHES, ids=str)
def test_state_dicts_by_name(batch: tuple[int, ...], nesting: str) -> None:
    tx = NESTINGS[nesting]()
    state = lrjax.set_lr(begun(nesting, batch), _different(batch))
    saved = lrjax.state_dict(state)
    for place in each(batch):
        same(one(_numbers(saved), place), _numbers(lrjax.state_dict(one(state, place))))
    fresh = for_runs(tx.init, batch)(parameters(batch))
    same(lrjax.load_state_dict(fresh, saved), state)
    with pytest.raises(ValueError, match=r"load_state_dict: betas of group .* must have the shape \(2,\), got \("):
        lrjax.load_state_dict(tx.init(parameters(())), saved)
    with pytest.raises(
        ValueError, match=r"load_state_dict: betas of group .* must have the shape \(.+, 2\), got \(2,\)"
    ):
        lrjax.load_state_dict(fresh, lrjax.state_dict(tx.init(parameters(()))))


@pytest.mark.parametrize("batch", BATCHES, ids=str)
def test_schedulers_step_with_a_metric_for_each_run(batch: tuple[int, ...]) -> None:
    schedulers = [lrjax.ReduceLROnPlateau(patience=0, factor=0.1), lrjax.ExponentialLR(0.5)]
    tx = lrjax.AdamW(GROUPS, lr=0.1, scheduler=by_hand(schedulers))
    start = for_runs(tx.init, batch)(parameters(batch))
    rng, metrics = np.random.default_rng(0), []
    for _ in range(6):
        metrics.append(1 + 1e-9 * rng.integers(-2, 2, size=batch))
    indices: list[Any] = [None, 0, np.int64(1)]
    for index in indices:
        state, states = start, [one(start, place) for place in each(batch)]
        for metric in metrics:
            state = lrjax.step_scheduler(tx, state, metric if metric[(0,) * len(batch)] > 1 else metric.tolist(), index)
            states = [
                lrjax.step_scheduler(tx, s, metric[place], index) for s, place in zip(states, each(batch), strict=True)
            ]
            for s, place in zip(states, each(batch), strict=True):
                same(one(state, place), s)
    same(lrjax.step_scheduler(tx, start, 0.5), lrjax.step_scheduler(tx, start, np.full(batch, 0.5)))
    metric = jnp.asarray(_different(batch), jnp.float32)
    step = lambda state, metric: lrjax.step_scheduler(tx, state, metric)  # noqa: E731
    same(jax.jit(step)(start, metric), step(start, metric))
    same(for_runs(step, batch)(start, metric), step(start, metric))


@pytest.mark.parametrize("batch", BATCHES, ids=str)
def test_groups_change_in_each_run(batch: tuple[int, ...]) -> None:
    tx = lrjax.AdamW([{"params": "a"}, {"params": "b", "frozen": True}], lr=0.1, scheduler=by_hand(lrjax.StepLR(1)))
    params, more = parameters(batch, "ab"), parameters(batch)

    def begin(params: Any) -> Any:
        state = tx.init(params)
        return lrjax.step(tx, params, state, params)

    params, state = for_runs(begin, batch)(params)
    state = lrjax.set_lr(state, _different(batch))
    thawed = lrjax.thaw(state, params, "b", lr=_different(batch) / 2)
    added = lrjax.add_param_group(thawed, more, {"params": "c", "name": "new", "lr": 0.75})
    frozen = lrjax.freeze(added, ["a", "new"])
    for place in each(batch):
        of_one = lrjax.thaw(one(state, place), one(params, place), "b", lr=_different(batch)[place] / 2)
        same(one(thawed, place), of_one)
        of_one = lrjax.add_param_group(of_one, one(more, place), {"params": "c", "name": "new", "lr": 0.75})
        same(one(added, place), of_one)
        same(one(frozen, place), lrjax.freeze(of_one, ["a", "new"]))
    if batch != (3,):  # which the parameters of one run have in front, too
        with pytest.raises(ValueError, match=r"thaw: params must have the axes .* of the vmapped state in front \(a "):
            lrjax.thaw(state, parameters((), "ab"), "b")


def test_in_nnx() -> None:
    """``nnx.Optimizer`` wraps every number in a variable."""

    @nnx.split_rngs(splits=3)
    @nnx.vmap
    def make(rngs: nnx.Rngs) -> Any:
        model = nnx.Linear(2, 3, rngs=rngs)
        tx = lrjax.SGD(
            [{"params": "kernel"}, {"params": "bias"}], lr=0.1, scheduler=lrjax.ReduceLROnPlateau(patience=0)
        )
        return model, nnx.Optimizer(model, tx, wrt=nnx.Param)

    model, trainer = make(nnx.Rngs(0))
    rates, metric = np.array([0.1, 0.2, 0.3]), np.array([1.0, 0.0, 1.0])
    state = lrjax.set_lr(trainer.opt_state, {"bias": rates})
    state = lrjax.step_scheduler(trainer.tx, lrjax.step_scheduler(trainer.tx, state, np.full(3, 0.5)), metric)
    state = lrjax.scale_lr(state, rates)
    assert jax.tree.structure(state) == jax.tree.structure(trainer.opt_state)
    by_hand = {
        "kernel": np.array([0.1 * 0.1, 0.1, 0.1 * 0.1]) * rates,
        "bias": rates * np.array([0.1, 1.0, 0.1]) * rates,
    }
    for group, expected in by_hand.items():
        np.testing.assert_allclose(lrjax.get_lr(state)[group], expected, rtol=1e-15)
    assert "0.1 to 0.3" in str(lrjax.describe(lrjax.set_lr(state, {"bias": rates}), nnx.state(model, nnx.Param)))
    fresh = make(nnx.Rngs(0))[1].opt_state
    same(lrjax.load_state_dict(fresh, lrjax.state_dict(state)), state)
    alone = one(state, (1,))
    taken = lrjax.scheduler_state_dict(alone)
    assert type(taken["last_epoch"]) is int or np.ndim(taken["last_epoch"]) == 0
    assert lrjax.get_lr(lrjax.load_scheduler_state_dict(alone, taken)) == lrjax.get_lr(alone)


TAKE_ONE = (
    "opt_state must be the state of one run (take one: jax.tree.map(lambda x: x[i], opt_state)), got '(3,) of them'"
)
FOR_EACH = "must be one number, or an array of shape (3,): one for each run, got"
# The message, and the call that raises it.
MISTAKES: list[tuple[str, Callable[[Any, Any], Any]]] = [
    (f"set_lr: lr of group 'a' {FOR_EACH} (2,)", lambda tx, state: lrjax.set_lr(state, np.ones(2))),
    (f"scale_lr: factor of group 'a' {FOR_EACH} (3, 1)", lambda tx, state: lrjax.scale_lr(state, np.ones((3, 1)))),
    (
        "set_lr: lr of group 'b' must be a finite number, at least 0.0, got -0.5",
        lambda tx, state: lrjax.set_lr(state, {"b": np.array([0.1, -0.5, 0.1])}),
    ),
    (
        "scale_lr: factor of group 'b' must be a finite number, at least 0.0, got nan",
        lambda tx, state: lrjax.scale_lr(state, {"b": np.array([0.1, np.nan, 0.1])}),
    ),
    (
        "set_lr: lr of group 'a' must be real numbers, got 'bool'",
        lambda tx, state: lrjax.set_lr(state, np.ones(3, bool)),
    ),
    (
        "set_hyper: group 'a': betas[1] must be in [0.0, 1.0), got 1.0",
        lambda tx, state: lrjax.set_hyper(state, "betas", (0.5, np.array([0.5, 1.0, 0.5]))),
    ),
    (
        "set_hyper: group 'a': betas must be two numbers, got a float64 array of shape (3,)",
        lambda tx, state: lrjax.set_hyper(state, "betas", np.ones(3)),
    ),
    (
        f"step_scheduler: metric {FOR_EACH} a float64 array of shape (2,)",
        lambda tx, state: lrjax.step_scheduler(tx, state, np.ones(2), 0),
    ),
    (f"scheduler_state_dict: {TAKE_ONE}", lambda tx, state: lrjax.scheduler_state_dict(state)),
    (f"load_scheduler_state_dict: {TAKE_ONE}", lambda tx, state: lrjax.load_scheduler_state_dict(state, {})),
    (f"to_torch: {TAKE_ONE}", lambda tx, state: lrjax.to_torch(state, names=["a", "b", "c"])),
    (
        "AdamW.update: state must be the state of one run: call update under jax.vmap, as init was, got '(3,) of them'",
        lambda tx, state: tx.update(parameters((3,)), state, parameters((3,))),
    ),
]


@pytest.mark.parametrize(("message", "call"), MISTAKES, ids=[message.split(" must")[0] for message, _ in MISTAKES])
def test_mistakes(message: str, call: Callable[[Any, Any], Any]) -> None:
    """Among them an update that would take the runs for the groups, for there are three of each."""
    tx = adamw()
    with pytest.raises(ValueError) as caught:
        call(tx, begun("alone", (3,)))
    assert str(caught.value) == message
