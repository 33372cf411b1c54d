"""Names and layouts: the networks that come out compute what torch's compute."""

from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch
from flax import nnx

import lrjax

torch.manual_seed(3)
RNG = np.random.default_rng(4)


def image(*shape: int) -> np.ndarray:
    return RNG.normal(size=shape).astype(np.float32)


def last(x: np.ndarray) -> np.ndarray:
    """Channels last."""
    return np.moveaxis(x, 1, -1)


def same(x: np.ndarray) -> np.ndarray:
    return x


INDICES = np.array([3, 0, 3])
# torch's layer, flax's layer, torch's input, what flax's input and output are to it.
LAYERS: dict[str, tuple[Any, Any, np.ndarray, Any]] = {
    "Linear": (torch.nn.Linear(4, 3), nn.Dense(3), image(2, 4), same),
    "square Linear": (torch.nn.Linear(4, 4), nn.Dense(4), image(2, 4), same),
    "Conv1d": (torch.nn.Conv1d(2, 3, 4), nn.Conv(3, (4,), padding="VALID"), image(2, 2, 9), last),
    "Conv2d": (torch.nn.Conv2d(2, 3, (3, 4)), nn.Conv(3, (3, 4), padding="VALID"), image(2, 2, 8, 9), last),
    "Conv3d": (torch.nn.Conv3d(2, 3, 2), nn.Conv(3, (2, 2, 2), padding="VALID"), image(1, 2, 4, 5, 6), last),
    "grouped Conv2d": (
        torch.nn.Conv2d(4, 6, 3, groups=2),
        nn.Conv(6, (3, 3), padding="VALID", feature_group_count=2),
        image(1, 4, 5, 5),
        last,
    ),
    "Embedding": (torch.nn.Embedding(5, 3), nn.Embed(5, 3), INDICES, same),
    "LayerNorm": (torch.nn.LayerNorm(4), nn.LayerNorm(epsilon=1e-5), image(3, 4), same),
    "BatchNorm": (
        torch.nn.BatchNorm2d(3),
        nn.BatchNorm(use_running_average=True),
        image(2, 3, 4, 4),
        last,
    ),
}


@pytest.mark.parametrize("name", LAYERS)
def test_a_flax_layer_computes_what_torchs_does(name: str) -> None:
    theirs, ours, x, view = LAYERS[name]
    for tensor in theirs.state_dict().values():
        if tensor.is_floating_point():
            tensor.uniform_(0.5, 1.5)
    variables = jax.eval_shape(ours.init, jax.random.key(0), view(x))
    loaded = lrjax.params_from_torch(theirs.eval().state_dict(), variables)
    expected = theirs(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(ours.apply(loaded, view(x)), view(expected), rtol=1e-5, atol=1e-5)
    back = lrjax.params_to_torch(loaded, lrjax.match_names(theirs.state_dict(), variables))
    for key, array in back.items():
        np.testing.assert_array_equal(array, theirs.state_dict()[key])


class TorchNet(torch.nn.Module):
    """Embedding, a list of blocks, a Sequential."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = torch.nn.Embedding(5, 4)
        self.layers = torch.nn.ModuleList([torch.nn.Linear(4, 4), torch.nn.Linear(4, 6)])
        self.norm = torch.nn.LayerNorm(6)
        self.head = torch.nn.Sequential(torch.nn.Linear(6, 6), torch.nn.ReLU(), torch.nn.Linear(6, 2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Indices to logits."""
        x = self.embed(x)
        for layer in self.layers:
            x = torch.relu(layer(x))
        return self.head(self.norm(x))


TORCH = TorchNet()
OUT = TORCH(torch.from_numpy(INDICES)).detach().numpy()


class LinenNet(nn.Module):
    """The same in linen, which names the parts of the Sequential as it likes."""

    @nn.compact
    def __call__(self, x: Any) -> Any:
        """Indices to logits."""
        x = nn.Embed(5, 4, name="embed")(x)
        for i, size in enumerate((4, 6)):
            x = nn.relu(nn.Dense(size, name=f"layers_{i}")(x))
        x = nn.LayerNorm(epsilon=1e-5, name="norm")(x)
        return nn.Sequential([nn.Dense(6), nn.relu, nn.Dense(2)], name="head")(x)


class NnxNet(nnx.Module):
    """The same in nnx."""

    def __init__(self, rngs: nnx.Rngs) -> None:
        self.embed = nnx.Embed(5, 4, rngs=rngs)
        self.layers = nnx.List([nnx.Linear(4, 4, rngs=rngs), nnx.Linear(4, 6, rngs=rngs)])
        self.norm = nnx.LayerNorm(6, epsilon=1e-5, rngs=rngs)
        self.head = nnx.Sequential(nnx.Linear(6, 6, rngs=rngs), nnx.relu, nnx.Linear(6, 2, rngs=rngs))

    def __call__(self, x: Any) -> Any:
        """Indices to logits."""
        x = self.embed(x)
        for layer in self.layers:
            x = nnx.relu(layer(x))
        return self.head(self.norm(x))


def test_linen() -> None:
    params = LinenNet().init(jax.random.key(0), INDICES)
    with pytest.raises(ValueError, match=r"in torch only.*head.0.weight \(6, 6\).*params/Dense_0/kernel \(6, 6\)"):
        lrjax.match_names(TORCH.state_dict(), params)
    head = {"head.0": "params/Dense_0", "head.2": "params/Dense_1"}
    loaded = lrjax.params_from_torch(TORCH.state_dict(), params, head)
    out: Any = LinenNet().apply(loaded, INDICES)
    np.testing.assert_allclose(out, OUT, rtol=1e-5, atol=1e-6)


def test_nnx() -> None:
    graph, params = nnx.split(NnxNet(nnx.Rngs(0)), nnx.Param)
    loaded = lrjax.params_from_torch(TORCH.state_dict(), params)
    np.testing.assert_allclose(nnx.merge(graph, loaded)(INDICES), OUT, rtol=1e-5, atol=1e-6)


def test_equinox() -> None:
    eqx = pytest.importorskip("equinox")

    class EqxNet(eqx.Module):
        """The same, whose layers lie as torch's."""

        embed: Any
        layers: list[Any]
        norm: Any
        head: Any

        def __init__(self) -> None:
            key = jax.random.key(0)
            self.embed = eqx.nn.Embedding(5, 4, key=key)
            self.layers = [eqx.nn.Linear(4, 4, key=key), eqx.nn.Linear(4, 6, key=key)]
            self.norm = eqx.nn.LayerNorm(6)
            parts = [eqx.nn.Linear(6, 6, key=key), eqx.nn.Lambda(jax.nn.relu), eqx.nn.Linear(6, 2, key=key)]
            self.head = eqx.nn.Sequential(parts)

        def __call__(self, x: Any) -> Any:
            """Indices to logits."""
            x = self.embed(x)
            for layer in self.layers:
                x = jax.nn.relu(layer(x))
            return self.head(self.norm(x))

    params, static = eqx.partition(EqxNet(), eqx.is_array)
    loaded = lrjax.params_from_torch(TORCH.state_dict(), params)
    out = jax.vmap(eqx.combine(loaded, static))(INDICES)
    np.testing.assert_allclose(out, OUT, rtol=1e-5, atol=1e-6)


def test_haiku() -> None:
    """haiku's parameters are plain dicts with slashes in their keys."""
    shapes = {"mlp.linear_0.weight": (2, 3), "mlp.linear_0.bias": (2,), "norm.weight": (2,), "norm.bias": (2,)}
    linear = {"w": jnp.ones((3, 2)), "b": jnp.ones(2)}
    params = {"mlp/~/linear_0": linear, "norm": {"scale": jnp.ones(2), "offset": jnp.ones(2)}}
    links = lrjax.match_names({**shapes, "embed.weight": (5, 4)}, {**params, "embed": {"embeddings": jnp.ones((5, 4))}})
    assert {link.name: (link.path, link.axes) for link in links.links} == {
        "mlp.linear_0.weight": ("mlp/~/linear_0/w", (1, 0)),
        "mlp.linear_0.bias": ("mlp/~/linear_0/b", (0,)),
        "norm.weight": ("norm/scale", (0,)),
        "norm.bias": ("norm/offset", (0,)),
        "embed.weight": ("embed/embeddings", (0, 1)),
    }


def test_plain_dicts_and_a_mapping() -> None:
    """Names of one's own: modules by mapping, axes by shape, the square matrix by the user."""
    shapes = {"fc.weight": (2, 3), "fc.bias": (2,), "mix.weight": (3, 3)}
    params = {"out": {"W": jnp.ones((3, 2)), "b": jnp.ones(2)}, "mix": {"weight": jnp.ones((3, 3))}}
    mapping = {"fc.weight": "out/W", "fc": "out", "mix.weight": ("mix/weight", (1, 0))}
    links = lrjax.match_names(shapes, params, mapping).links
    assert [tuple(link) for link in links] == [
        ("fc.weight", "out/W", (1, 0)),
        ("fc.bias", "out/b", (0,)),
        ("mix.weight", "mix/weight", (1, 0)),
    ]
    assert str(lrjax.match_names(["a.bias"], {"a": {"bias": jnp.ones(2)}})) == "a.bias  a/bias"


def test_wrappers_and_left_out_names() -> None:
    shapes = {"module._orig_mod.fc.weight": (2, 3), "bn.num_batches_tracked": (), "tied.weight": (2, 3)}
    params = {"params": {"fc": {"kernel": jnp.ones((3, 2))}}}
    (link,) = lrjax.match_names(shapes, params, ignore=["tied"]).links
    assert tuple(link) == ("module._orig_mod.fc.weight", "params/fc/kernel", (1, 0))


def test_bfloat16_and_every_dtype() -> None:
    for dtype in ("bfloat16", "float16", "float32", "int32"):
        tensor = torch.arange(6).reshape(2, 3).to(getattr(torch, dtype))
        params = {"w": jnp.zeros((3, 2), dtype)}
        loaded = lrjax.params_from_torch({"w": tensor}, params)
        np.testing.assert_array_equal(np.asarray(loaded["w"], np.float32), tensor.float().numpy().T)


ONE, TWO = jnp.ones((2, 2)), jnp.ones((3, 2))
REFUSED: list[tuple[str, Any, Any, Any, str]] = [
    ("a missing parameter", {"a.weight": (2, 3)}, {"a": {"kernel": TWO, "bias": ONE}}, None, "in JAX only.*a/bias"),
    ("an extra one", {"a.weight": (2, 3), "b.weight": (4,)}, {"a": {"kernel": TWO}}, None, r"in torch only.*b.weight"),
    ("other names", {"fc.weight": (2, 3)}, {"out": {"kernel": TWO}}, None, r"fc.weight \(2, 3\).*out/kernel \(3, 2\)"),
    ("two candidates", {"a.weight": (2, 2)}, {"a": {"kernel": ONE, "w": ONE}}, None, r"a.weight.*a/kernel.*a/w"),
    ("another shape", {"a.weight": (2, 4)}, {"a": {"kernel": TWO}}, None, r"a.weight \(2, 4\) and a/kernel \(3, 2\)"),
    (
        "a square that might lie either way",
        {"a.weight": (2, 3), "b.weight": (2, 2)},
        {"a": {"weight": TWO}, "b": {"weight": ONE}},
        None,
        r"show how the axes lie.*b.weight \(2, 2\)",
    ),
    ("a mapping from nowhere", {"a.weight": (2, 2)}, {"a": {"kernel": ONE}}, {"b": "a"}, "must name torch parameters"),
    ("a mapping to nowhere", {"a.weight": (2, 2)}, {"a": {"kernel": ONE}}, {"a.weight": "b"}, "must be a JAX path"),
    (
        "axes that do not fit",
        {"a.weight": (2, 3)},
        {"a": {"W": TWO}},
        {"a.weight": ("a/W", (0, 1))},
        "must have the shape",
    ),
]


@pytest.mark.parametrize(
    ("shapes", "params", "mapping", "expected"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_what_does_not_match_is_refused_with_both_sides(shapes: Any, params: Any, mapping: Any, expected: str) -> None:
    with pytest.raises(ValueError, match=f"match_names: .*{expected}"):
        lrjax.match_names(shapes, params, mapping)


def test_values_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="must have the dtype of the JAX parameter, float32"):
        lrjax.params_from_torch({"w": torch.ones(2, dtype=torch.float64)}, {"w": jnp.ones(2)})
    names = lrjax.match_names({"w": (2,)}, {"w": jnp.ones(2)})
    with pytest.raises(ValueError, match="must have the parameter of w"):
        lrjax.params_from_torch({}, {"w": jnp.ones(2)}, names)
    with pytest.raises(TypeError, match="mapping must be what match_names gave"):
        lrjax.params_to_torch({"w": jnp.ones(2)}, {"w": "w"})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="must name exactly the parameters"):
        lrjax.params_to_torch({"v": jnp.ones(2)}, names)
