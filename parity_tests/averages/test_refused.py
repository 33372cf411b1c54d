"""What an average refuses, in one line."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
import lrtorch

from .cases import module

PARAMS = {"a": jnp.ones(2), "b": {"c": jnp.ones((2, 3))}}
STATE = lrjax.AveragedModel().init(PARAMS)


def update(state: Any, params: Any) -> Any:
    return lrjax.AveragedModel().update(state, params)


def init(params: Any, **arguments: Any) -> Any:
    return lrjax.AveragedModel(**arguments).init(params)


REFUSED: dict[str, tuple[Any, type[Exception], str]] = {
    "a leaf missing": (
        lambda: update(STATE, {"a": 1.0}),
        ValueError,
        "AveragedModel.update: params must have the structure of the average (missing: b/c; beside it: none), got {'a'",
    ),
    "a leaf beside": (
        lambda: update(STATE, {**PARAMS, "d": 1.0}),
        ValueError,
        "AveragedModel.update: params must have the structure of the average (missing: none; beside it: d), got {'a'",
    ),
    "another shape": (
        lambda: update(STATE, {**PARAMS, "a": jnp.ones(3)}),
        ValueError,
        "AveragedModel.update: params must be like the average (a: float32 of shape (2,)), got 'float32 of shape (3,)'",
    ),
    "another dtype": (
        lambda: update(STATE, {**PARAMS, "a": jnp.ones(2, jnp.bfloat16)}),
        ValueError,
        "AveragedModel.update: params must be like the average (a: float32 of shape (2,)), got 'bfloat16 of shape",
    ),
    "no buffers": (
        lambda: update(lrjax.AveragedModel().init(PARAMS, PARAMS), PARAMS),
        ValueError,
        "AveragedModel.update: buffers must have the structure of the average (missing: a, b/c; beside it: none), got",
    ),
    "a function that returns nothing": (
        lambda: lrjax.AveragedModel(multi_avg_fn=lambda *_: None).update(STATE, PARAMS),
        TypeError,
        "AveragedModel.update: multi_avg_fn must return the new average of each parameter, as a list (it cannot change",
    ),
    "no state": (
        lambda: update({}, PARAMS),
        TypeError,
        "AveragedModel.update: state must be what AveragedModel.init gave, got 'dict'",
    ),
    "several runs": (
        lambda: lrjax.AveragedModel().params(STATE._replace(n_averaged=jnp.zeros(4, jnp.int32))),
        ValueError,
        "AveragedModel.params: state must be the state of one run: call it under jax.vmap, got '(4,) of them'",
    ),
    "nothing": (lambda: init({}), ValueError, "AveragedModel.init: params must have at least one array, got {}"),
    "complex": (
        lambda: init({"a": jnp.ones(2, jnp.complex64)}),
        TypeError,
        "AveragedModel.init: params must be floats of 16, 32 or 64 bits, integers or bools (a is not), got",
    ),
    "integers in lists": (
        lambda: init({"a": jnp.ones(2, int)}, multi_avg_fn=lrjax.get_swa_multi_avg_fn()),
        TypeError,
        "AveragedModel.init: params must be floats for get_swa_multi_avg_fn (a is not, and torch cannot average it so)",
    ),
    "a vector of decays": (
        lambda: jax.jit(lrjax.get_ema_avg_fn)(jnp.ones(2)),
        ValueError,
        "get_ema_avg_fn: decay must be one number, got ",
    ),
    "no count": (
        lambda: lrjax.average_from_torch({"module.a": np.ones(2)}, PARAMS),
        ValueError,
        "average_from_torch: state_dict must have n_averaged, as torch's AveragedModel has, got ['module.a']",
    ),
    "missing names": (
        lambda: lrjax.average_from_torch({"n_averaged": 2, "module.a": np.ones(2)}, PARAMS),
        ValueError,
        "match_names: names must match one to one",
    ),
}


@pytest.mark.parametrize("label", REFUSED)
def test_refused_in_one_line(label: str) -> None:
    call, kind, text = REFUSED[label]
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value).startswith(text)
    assert len(str(caught.value).splitlines()) == 1


def of_bools(package: Any) -> Any:
    if package is lrjax:
        return package.AveragedModel().init({"w": jnp.ones(2, bool)})
    return package.AveragedModel(module({"w": np.ones(2, bool)}))


def made(package: Any, **arguments: Any) -> Any:
    return package.AveragedModel(*([torch.nn.Linear(2, 2)] if package is lrtorch else []), **arguments)


BOTH: dict[str, tuple[Any, str]] = {
    "a large decay": (lambda p: p.get_ema_avg_fn(1.1), "get_ema_avg_fn: decay must be in [0.0, 1.0], got 1.1"),
    "a negative decay": (
        lambda p: p.get_ema_multi_avg_fn(-0.1),
        "get_ema_multi_avg_fn: decay must be in [0.0, 1.0], got -0.1",
    ),
    "no decay": (lambda p: p.get_ema_avg_fn("0.9"), "get_ema_avg_fn: decay must be in [0.0, 1.0], got '0.9'"),
    "timm's": (lambda p: p.TimmDecay(decay=2), "TimmDecay: decay must be in [0.0, 1.0], got 2"),
    "timm's gamma": (
        lambda p: p.TimmDecay(warmup_gamma=0),
        "TimmDecay: warmup_gamma must be a finite number above 0.0, got 0",
    ),
    "diffusers'": (
        lambda p: p.DiffusersDecay(use_ema_warmup=1),
        "DiffusersDecay: use_ema_warmup must be True or False, got 1",
    ),
    "update 0": (lambda p: p.DiffusersDecay()(0), "DiffusersDecay: step must be an integer, at least 1, got 0"),
    "both": (
        lambda p: made(p, avg_fn=p.get_swa_avg_fn(), multi_avg_fn=p.get_swa_multi_avg_fn()),
        "AveragedModel: multi_avg_fn must be None where avg_fn is given, got get_swa_multi_avg_fn()",
    ),
    "the other": (
        lambda p: made(p, avg_fn=p.get_ema_multi_avg_fn()),
        "AveragedModel: avg_fn must be another function (this one is for multi_avg_fn=), "
        "got get_ema_multi_avg_fn(decay=0.999)",
    ),
    "a number": (
        lambda p: made(p, multi_avg_fn=0.9),
        "AveragedModel: multi_avg_fn must be a function, such as get_ema_multi_avg_fn gives, got 0.9",
    ),
    "a decay as a function": (
        lambda p: made(p, avg_fn=p.TimmDecay()),
        "AveragedModel: avg_fn must be a function, such as get_ema_multi_avg_fn gives, got a TimmDecay",
    ),
    "a switch": (lambda p: made(p, use_buffers=1), "AveragedModel: use_buffers must be True or False, got 1"),
    "bools": (
        of_bools,
        "AveragedModel.init: params must be floats for get_swa_avg_fn (w is not, and torch cannot average it so), "
        "got 'an array of bool'",
    ),
}


@pytest.mark.parametrize("label", BOTH)
def test_refused_alike_in_both_packages(label: str) -> None:
    call, text = BOTH[label]
    for package in (lrjax, lrtorch):
        with pytest.raises((ValueError, TypeError)) as caught:
            call(package)
        assert str(caught.value) == text


def test_a_function_in_the_place_of_the_device() -> None:
    """As torch's own documentation has it."""
    with pytest.raises(TypeError, match=r"AveragedModel: device must be a device \(functions are avg_fn= or multi_"):
        lrtorch.AveragedModel(torch.nn.Linear(2, 2), lrtorch.get_ema_multi_avg_fn(0.9))  # type: ignore[arg-type]


@pytest.mark.skipif(torch.cuda.is_available(), reason="has CUDA")
@pytest.mark.parametrize("device", ["cuda", 0, "nosuch"])
def test_a_device_that_is_not_there(device: Any) -> None:
    with pytest.raises(ValueError, match="AveragedModel: device must be a device that torch can use here, got "):
        lrtorch.AveragedModel(torch.nn.Linear(2, 2), device=device)
