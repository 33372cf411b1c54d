"""Averages of the weights: planted pairs as users write them, the file between two environments, and misuse."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

import lrjax
import lrparity
from lrparity.port.averages import in_jax, in_torch
from lrparity.port.averages.convention import Convention, named, same
from lrspec.averages import DiffusersDecay, TimmDecay

from .average_pairs import DECAY, PAIRS, Pair, copied_at, jax_ema, torch_ema

UPDATES = 300


def compare(pair: Pair, **more: Any) -> Any:
    model = torch.nn.Linear(3, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    params = {"kernel": jnp.zeros((3, 2)), "bias": jnp.zeros(2)}
    average = None if pair.torch is None else pair.torch(model)
    options = {"names": model, "steps": 3, "rate_steps": UPDATES, **pair.loop, **more}
    return lrparity.compare(
        optimizer, None, optax.sgd(0.1), params, averaged_model=average, average=pair.jax, **options
    )


@pytest.mark.parametrize("name", PAIRS)
def test_a_planted_pair(name: str) -> None:
    pair = PAIRS[name]
    result = compare(pair)
    assert {cause.convention for cause in result.causes} == pair.causes, [c.sentence for c in result.causes]
    assert result.equal == (not pair.causes)
    row = next(row for row in result.rows if row.what == "average")
    assert row.differs == bool(pair.causes)
    if pair.causes:
        assert result.first.quantity == "average"
        assert result.sentence.startswith("Your port makes the same updates, but it averages the weights differently.")
    for show in (str, lambda result: result.markdown(), lambda result: result.html()):
        assert "average" in show(result)


def test_the_line_that_mends_it_mends_it() -> None:
    """Each line that makes torch's average is typed in, and both are equal then."""
    typed = 0
    for name in (
        "another decay",
        "optax.ema",
        "no copies at first",
        "SWA that counts the start",
        "no growth",
        "SWA for EMA",
        "none in JAX",
    ):
        pair = PAIRS[name]
        for cause in compare(pair).causes:
            space: dict[str, Any] = {"lrjax": lrjax, "optax": optax}
            exec(cause.mend, space)
            assert compare(pair._replace(jax=space["average"])).equal, cause.mend
            typed += 1
    assert typed == 7


def test_the_mixed_up_step_size_is_said() -> None:
    sentences = [cause.sentence for cause in compare(PAIRS["mixed-up decay and step_size"]).causes]
    assert any("decay and step_size, which is 1 - decay, are mixed up" in sentence for sentence in sentences)


def test_updates_that_differ_come_first() -> None:
    model = torch.nn.Linear(3, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    params = {"kernel": jnp.zeros((3, 2)), "bias": jnp.zeros(2)}
    ours = {"averaged_model": AveragedModel(model), "average": jax_ema(0.9), "names": model, "steps": 3}
    result = lrparity.compare(optimizer, None, optax.sgd(0.2), params, **ours)
    assert [cause.convention for cause in result.causes] == ["lr", "average_decay"]
    assert result.first is not None and result.first.quantity == "rate"
    assert "2 reasons" in result.sentence


def test_through_a_file(tmp_path: Path) -> None:
    model = torch.nn.Linear(3, 2)
    average = torch_ema(0.99)(model)
    path = tmp_path / "torch.npz"
    made = {"names": model, "steps": 3, "rate_steps": 40, "averaged_model": average, "average_every": 2}
    lrparity.record(torch.optim.SGD(model.parameters(), lr=0.1), path=path, **made)
    params = {"kernel": jnp.zeros((3, 2)), "bias": jnp.zeros(2)}
    assert lrparity.compare(path, None, optax.sgd(0.1), params, average=copied_at(2, 2, 0.99)).equal
    wrong = lrparity.compare(path, None, optax.sgd(0.1), params, average=copied_at(2, 2, 0.9))
    assert [cause.convention for cause in wrong.causes] == [DECAY]
    assert int(average.n_averaged) == 0


def test_nothing_of_the_users_changes() -> None:
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    average = AveragedModel(model, multi_avg_fn=get_ema_multi_avg_fn(0.9), use_buffers=True)
    before = {name: value.clone() for name, value in average.state_dict().items()}
    in_torch.measured(average, 20, 1, 1)
    assert all(torch.equal(value, before[name]) for name, value in average.state_dict().items())


@pytest.mark.parametrize(
    "convention",
    [
        *(Convention(start=start, decay=0.97) for start in ("copy", "parameters", "zeros")),
        *(Convention(first=7, every=3), Convention(start="zeros", corrected=True, decay=0.9)),
        *(Convention(decay=0.9, growth=TimmDecay(0.9, use_warmup=True), later=later) for later in (0, 1, -1)),
        Convention(start="parameters", decay=0.9999, growth=DiffusersDecay(0.9999), later=1, every=5, first=5),
    ],
    ids=str,
)
def test_a_convention_is_named(convention: Convention) -> None:
    found = named(convention.run(200))
    assert found is not None and same(found.run(200), convention.run(200))
    assert (found.start, found.first, found.every) == (convention.start, convention.first, convention.every)


@pytest.mark.parametrize("numbered", [True, False])
def test_timms_and_diffusers_averages_are_known_by_their_form(numbered: bool) -> None:
    """As ModelEmaV2 and V3 (``update`` and ``module``) and EMAModel (``shadow_params`` and ``step``) have it."""

    class OfTimm(torch.nn.Module):
        def __init__(self, model: Any) -> None:
            super().__init__()
            self.module, self.decay = model, 0.9

        def blended(self, model: Any, decay: float) -> None:
            for mine, theirs in zip(self.module.parameters(), model.parameters(), strict=True):
                mine.data.copy_(decay * mine + (1 - decay) * theirs)

    class V2(OfTimm):
        def update(self, model: Any) -> None:
            self.blended(model, self.decay)

    class V3(OfTimm):
        def update(self, model: Any, step: int | None = None) -> None:
            self.blended(model, 0.0 if step == 1 else self.decay)

    class OfDiffusers:
        def __init__(self, parameters: Any) -> None:
            self.shadow_params = [p.clone().detach() for p in parameters]
            self.optimization_step = 0

        def step(self, parameters: Any) -> None:
            self.optimization_step += 1
            decay = DiffusersDecay(0.95)(self.optimization_step)
            for mine, theirs in zip(self.shadow_params, parameters, strict=True):
                mine.sub_((1 - decay) * (mine - theirs))

    model = torch.nn.Linear(2, 2)
    of_timm = named(in_torch.measured((V3 if numbered else V2)(model), 60, 1, 1))
    assert of_timm is not None and of_timm.decay == pytest.approx(0.9)
    assert of_timm.start == ("copy" if numbered else "parameters")
    found = named(in_torch.measured(OfDiffusers(model.parameters()), 400, 1, 1))
    assert found is not None and str(found).startswith(
        "EMA with decay (1 + n) / (10 + n), at most 0.95, the first a copy"
    )


MISUSE: dict[str, tuple[Callable[[], Any], str]] = {
    "updated before": (
        lambda: compare(Pair(partial(_updated, 3), jax_ema(0.9))),
        "compare: averaged_model must not have been updated yet, got 'n_averaged 3'",
    ),
    "no average": (
        lambda: compare(Pair(lambda m: 3, None)),
        "compare: averaged_model must be an AveragedModel, timm's or diffusers' average, or a function",
    ),
    "a function that raises": (
        lambda: compare(Pair(lambda m: lambda a, p: a, None)),
        "compare: averaged_model must average a parameter (",
    ),
    "a module of another kind": (
        lambda: compare(Pair(lambda m: m, None)),
        "compare: averaged_model must be an AveragedModel",
    ),
    "no average in JAX": (lambda: compare(Pair(None, 3)), "compare: average must be an lrjax.AveragedModel, optax.ema"),
    "another shape": (
        lambda: compare(Pair(None, lambda a, p, t: jax.tree.map(lambda x: x[:1], p))),
        "compare: average must ",
    ),
    "another tree": (lambda: compare(Pair(None, lambda a, p, t: p["w"])), "compare: average must average the param"),
    "NaN": (
        lambda: compare(Pair(None, lambda a, p, t: jax.tree.map(lambda x: x * jnp.nan, p))),
        "compare: average must give finite numbers of the parameters' shapes",
    ),
    "a function that raises in JAX": (
        lambda: compare(Pair(None, lambda a, p, t: a["none"])),
        "compare: average must average the parameters (KeyError: 'none')",
    ),
    "every without an average": (
        lambda: compare(Pair(None, None, loop={"average_every": 10})),
        "compare: averaged_model must be given with average_every or average_from",
    ),
    "every 0": (
        lambda: compare(Pair(torch_ema(0.9), None, loop={"average_every": 0})),
        "compare: average_every must be an integer, at least 1, got 0",
    ),
}


def _updated(times: int, model: Any) -> Any:
    average = AveragedModel(model)
    for _ in range(times):
        average.update_parameters(model)
    return average


@pytest.mark.parametrize("name", MISUSE)
def test_misuse_is_one_line(name: str) -> None:
    call, said = MISUSE[name]
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    assert str(caught.value).startswith(said) and "\n" not in str(caught.value), str(caught.value)


def test_a_function_that_looks_at_its_numbers() -> None:
    """``if count % 10 == 0`` cannot be compiled; it is run step by step."""

    def update(average: Any, params: Any, count: Any) -> Any:
        return optax.incremental_update(params, average, 0.1) if int(count) % 10 == 0 else average

    found = named(in_jax.measured(update, 60))
    assert found is not None and (found.first, found.every, found.start) == (10, 10, "parameters")


def test_the_probe_is_the_same_everywhere() -> None:
    """A file that was written with another NumPy is compared with it."""
    from lrparity.port.averages.probe import probe

    np.testing.assert_allclose(
        probe(1)[:, :2], [[1.764052345967664, 0.4001572083672233], [-0.10321885179355784, 0.41059850193837233]]
    )
