"""The bits of every average, in every dtype, against torch's, however the update is compiled."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from torch.optim import swa_utils

import lrjax
import lrtorch
from lrjax.arithmetic.cuda_kernels import CudaKernels
from lrjax.arithmetic.exact import runtime_zero
from lrjax.averages.functions import _by_kernels, split
from lrjax.averages.model import _updated
from lrparity.oracle.cuda import CudaArithmetic
from lrparity.runs.bits import differing
from parity_tests.optimizers.halves import to_numpy, to_torch

from .cases import CASES, DTYPES, GROWING_CASES, SHAPES, Case, draw, fill, module, run_torch

STEPS = 8
LEAVES = [(7,), (33,), (16, 5), ()] * 12


def arrays(tree: Any) -> dict[str, np.ndarray]:
    return jax.tree.map(np.asarray, tree)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_every_form_in_every_dtype(case: Case, dtype: str) -> None:
    """One update eager, the next compiled, in turn."""
    averaged = lrjax.AveragedModel(**case.of(lrjax))
    with jax.enable_x64(dtype == "float64"):
        state, compiled = averaged.init(draw(99, dtype)), jax.jit(averaged.update)
        for t, theirs in enumerate(run_torch(case.of(swa_utils), dtype, STEPS)):
            state = (compiled if t % 2 else averaged.update)(state, draw(t, dtype))
            assert differing(arrays(averaged.params(state)), theirs) == {}, t
            assert int(state.n_averaged) == t + 1


@pytest.mark.parametrize("case", GROWING_CASES, ids=[case.id for case in GROWING_CASES])
def test_growing_decays(case: Case) -> None:
    """In float64, where the decay shows with all its bits, and in float32."""
    averaged = lrjax.AveragedModel(**case.of(lrjax))
    for dtype in ("float64", "float32"):
        with jax.enable_x64(dtype == "float64"):
            state, compiled = averaged.init(draw(0, dtype)), jax.jit(averaged.update)
            for t, theirs in enumerate(run_torch(case.of(lrtorch), dtype, STEPS, lrtorch.AveragedModel)):
                state = compiled(state, draw(t, dtype))
                assert differing(arrays(state.params), theirs) == {}, t


@pytest.mark.parametrize("case", [CASES[0], CASES[2], GROWING_CASES[4]], ids=lambda case: case.id)
def test_many_leaves_in_one_program(case: Case) -> None:
    """Of few shapes, each of which is traced once, and of three dtypes in one tree."""

    def models(t: int) -> dict[str, np.ndarray]:
        return {
            f"{dtype}/{n}": x for dtype in ("float32", "bfloat16", "float16") for n, x in draw(t, dtype, LEAVES).items()
        }

    averaged, names = lrjax.AveragedModel(**case.of(lrjax)), {name: name.replace("/", "_") for name in models(0)}
    model = module({names[name]: x for name, x in models(0).items()})
    state, theirs = averaged.init(models(0)), lrtorch.AveragedModel(model, **case.of(lrtorch))
    compiled = jax.jit(averaged.update)
    for t in range(4):
        fill(model, {names[name]: x for name, x in models(t).items()})
        theirs.update_parameters(model)
        state = compiled(state, models(t))
    found = {names[name]: np.asarray(x) for name, x in state.params.items()}
    assert differing(found, {name: to_numpy(p) for name, p in theirs.module.named_parameters()}) == {}


def test_a_plain_average_is_another() -> None:
    """Negative control: the formula in jax.numpy, left to the compiler, has other bits."""
    plain = jax.jit(lambda a, p: jax.tree.map(lambda a, p: 0.3 * a + (1 - 0.3) * p, a, p))
    case = Case("", "multi_avg_fn", "get_ema_multi_avg_fn", 0.3)
    mine, (*_, theirs) = draw(0, "float32"), run_torch(case.of(swa_utils), "float32", 3)
    for t in (1, 2):
        mine = arrays(plain(mine, draw(t, "float32")))
    assert sum(differing(mine, theirs).values()) > 300


@pytest.mark.parametrize("case", [CASES[0], CASES[1], CASES[2], *GROWING_CASES[4:]], ids=lambda case: case.id)
def test_scanned_and_donated(case: Case) -> None:
    averaged = lrjax.AveragedModel(**case.of(lrjax))
    *_, theirs = run_torch(case.of(lrtorch), "float32", STEPS, lrtorch.AveragedModel)
    models = [draw(t, "float32") for t in range(STEPS)]
    stacked = jax.tree.map(lambda *x: np.stack(x), *models)
    start = averaged.init(models[0])

    @jax.jit
    def whole(params: Any) -> Any:  # init inside of the program: its count is a constant there
        return jax.lax.scan(lambda s, p: (averaged.update(s, p), None), averaged.init(models[0]), params)[0]

    assert differing(arrays(whole(stacked).params), theirs) == {}
    donated, state = jax.jit(averaged.update, donate_argnums=0), start
    for params in models:
        state = donated(state, params)
    assert differing(arrays(state.params), theirs) == {}
    assert start.params["p09"].is_deleted()


def test_nothing_is_shared_with_the_model() -> None:
    """A state may be donated while the model lives, and the other way round."""
    averaged, donate = lrjax.AveragedModel(), jax.jit(lambda s: jax.tree.map(lambda x: x + 1, s), donate_argnums=0)
    for update in (None, averaged.update, jax.jit(averaged.update), jax.jit(averaged.update, donate_argnums=0)):
        params, buffers = {"w": jnp.ones(3000)}, {"mean": jnp.ones(3000)}
        state = averaged.init(params, buffers)
        state = update(state, params, buffers) if update else state
        donate(state)
        assert state.params["w"].is_deleted() and state.buffers["mean"].is_deleted()
        assert not (params["w"].is_deleted() or buffers["mean"].is_deleted())


def test_vmap_is_one_run_each() -> None:
    """Runs of other lengths so far, decays of their own; a decay that is mapped over is the float32 it is."""
    decays = np.array([0.3, 0.999, 0.0], np.float32)
    models = [draw(10 + t, "float32") for t in range(4)]
    stacked = jax.tree.map(lambda *x: np.stack(x), *models[:3])

    def start(decay: Any, params: Any, n: Any) -> Any:
        averaged = lrjax.AveragedModel(multi_avg_fn=lrjax.get_ema_multi_avg_fn(decay))
        return averaged.update(averaged.init(params)._replace(n_averaged=n), models[3])

    mapped = jax.jit(jax.vmap(start))(decays, stacked, np.array([0, 1, 5], np.int32))
    for i, n in enumerate((0, 1, 5)):
        alone = lrjax.AveragedModel(multi_avg_fn=lrjax.get_ema_multi_avg_fn(float(decays[i])))
        one = alone.update(alone.init(models[i])._replace(n_averaged=jnp.int32(n)), models[3])
        assert differing(arrays(jax.tree.map(lambda x, i=i: x[i], mapped.params)), arrays(one.params)) == {}
    assert mapped.n_averaged.tolist() == [1, 2, 6]


def test_a_decay_of_python_has_53_bits_and_compiles_nothing_anew() -> None:
    with jax.enable_x64(True):
        x, ones = torch.zeros(3).double(), torch.ones(3).double()
        sizes = []
        for decay in (0.1, 0.123456789012345678, 0.999999999):
            averaged = lrjax.AveragedModel(multi_avg_fn=lrjax.get_ema_multi_avg_fn(decay))
            state = averaged.init({"w": jnp.zeros(3, jnp.float64)})._replace(n_averaged=jnp.int32(1))
            state = averaged.update(state, {"w": jnp.ones(3, jnp.float64)})
            sizes.append(_updated._cache_size())  # type: ignore[attr-defined]
            assert state.params["w"].tolist() == x.lerp(ones, 1 - decay).tolist()
        assert sizes[0] == sizes[2]


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16"])
@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_on_cuda_it_is_torchs_cuda_arithmetic(case: Case, dtype: str) -> None:
    """Without a GPU: torch's own functions with the arithmetic of CUDA's kernels, and lrjax's with its CUDA table.

    torch's choice on CUDA is the function of lists. The oracle has no integers: the count is a float32.
    """
    fn = lrjax.AveragedModel(**case.of(lrjax))._function
    static, decay = split(fn)
    (a, p), made = [list(draw(i, dtype, SHAPES[3:]).values()) for i in (1, 2)], torch_function(case)
    run = jax.jit(lambda zero, *args: _by_kernels(static, CudaKernels(zero), *args))
    for n in (1, 2, 300):
        with jax.enable_x64(True):
            ours = run(runtime_zero(), list(map(jnp.asarray, a)), list(map(jnp.asarray, p)), jnp.int32(n + 1), decay)
        averaged, count = [to_torch(x).clone() for x in a], torch.tensor(float(n))
        with CudaArithmetic():
            if case.argument == "avg_fn":
                averaged = [made(x, to_torch(y), count) for x, y in zip(averaged, p, strict=True)]
            else:
                made(averaged, list(map(to_torch, p)), count)
        theirs = {str(i): to_numpy(x) for i, x in enumerate(averaged)}
        assert differing({str(i): np.asarray(x) for i, x in enumerate(ours)}, theirs) == {}, n


def torch_function(case: Case) -> Any:
    """torch's own; of its choice that on CUDA."""
    return (case.of(swa_utils) or {"": swa_utils.get_swa_multi_avg_fn()})[case.argument]
