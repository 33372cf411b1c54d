"""Whole runs recorded in both frameworks: where they part is named, and rounding is told from a fault."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
import lrparity

STEPS = 120


class Net(torch.nn.Module):
    """Two layers."""

    def __init__(self) -> None:
        super().__init__()
        self.first = torch.nn.Linear(6, 16)
        self.second = torch.nn.Linear(16, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits."""
        return self.second(torch.tanh(self.first(x)))


def batches() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(STEPS, 32, 6)).astype(np.float32)
    return x, np.argmax(x[..., :3] + x[..., 3:] ** 2, axis=-1).astype(np.int32)


def fresh() -> Net:
    torch.manual_seed(0)
    return Net()


def torch_run(path: Path, steps: int = STEPS, fault: Callable[[int, Any, Any], Any] | None = None) -> Any:
    """A run of AdamW; ``fault(step, x, net)`` may change both."""
    net, recorder = fresh(), lrparity.TorchRecorder(path)
    optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3)
    for t, (x, y) in enumerate(zip(*batches(), strict=True)):
        if t == steps:
            break
        x = x if fault is None else fault(t, x, net)
        loss = torch.nn.functional.cross_entropy(net(torch.tensor(x)), torch.tensor(y, dtype=torch.int64))
        optimizer.zero_grad()
        loss.backward()
        recorder.record(loss, net, {"x": x, "y": y})
        optimizer.step()
    return recorder.save()


def start() -> Any:
    net = fresh()
    return {
        name: {
            "kernel": jnp.asarray(getattr(net, name).weight.detach().numpy().T),
            "bias": jnp.asarray(getattr(net, name).bias.detach().numpy()),
        }
        for name in ("first", "second")
    }


def jax_run(path: Path, params: Any = None, tx: Any = None, twist: Any = None, scale: float = 1.0) -> Any:
    """The same run as one scan; ``twist`` changes gradients, ``scale`` the loss."""
    tx = lrjax.AdamW("**", lr=3e-3) if tx is None else tx
    params = start() if params is None else params

    def loss_of(p: Any, x: Any, y: Any) -> Any:
        h = jnp.tanh(x @ p["first"]["kernel"] + p["first"]["bias"])
        logits = h @ p["second"]["kernel"] + p["second"]["bias"]
        return -scale * jnp.mean(jax.nn.log_softmax(logits)[jnp.arange(len(y)), y])

    def step(carry: Any, batch: Any) -> Any:
        p, state = carry
        loss, grads = jax.value_and_grad(loss_of)(p, *batch)
        grads = grads if twist is None else twist(grads)
        seen = lrparity.fingerprint(loss, p, grads, {"x": batch[0], "y": batch[1]})
        updates, state = tx.update(grads, state, p)
        return (jax.tree.map(jnp.add, p, updates), state), seen

    recorder = lrparity.JaxRecorder(path, params)
    _, seen = jax.jit(lambda p: jax.lax.scan(step, (p, tx.init(p)), batches()))(params)
    recorder.record(seen)
    return recorder.save()


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any, Any]:
    folder = tmp_path_factory.mktemp("traces")
    twin = jax_run(folder / "twin.npz", lrparity.perturbed(start()))
    return torch_run(folder / "torch.npz"), jax_run(folder / "jax.npz"), twin


def test_equal_runs_are_the_same_but_for_rounding(runs: Any) -> None:
    result = lrparity.compare_traces(*runs)
    assert result.explained and result.sentence.startswith("The runs are the same but for rounding")
    assert lrparity.compare_traces(*runs[:2]).first is None
    assert all(len(line) <= 120 for line in str(result).splitlines()[2:])


def swapped(t: int, x: np.ndarray, net: Net) -> np.ndarray:
    return x[::-1].copy() if t == 37 else x


def moved(t: int, x: np.ndarray, net: Net) -> np.ndarray:
    if t == 20:
        with torch.no_grad():
            net.second.weight[0, 0] += 0.01
    return x


@pytest.mark.parametrize(("fault", "first"), [(swapped, (37, "batch", "")), (moved, (19, "update", "second.weight"))])
def test_a_fault_on_torchs_side(runs: Any, tmp_path: Path, fault: Any, first: Any) -> None:
    result = lrparity.compare_traces(torch_run(tmp_path / "a.npz", fault=fault), *runs[1:])
    assert result.first == first and not result.explained


def another_start() -> Any:
    params = start()
    params["first"]["bias"] = params["first"]["bias"] + 1e-3
    return params


def louder(grads: Any) -> Any:
    return {**grads, "first": {**grads["first"], "kernel": grads["first"]["kernel"] * 1.001}}


@pytest.mark.parametrize(
    ("options", "first"),
    [
        ({"params": another_start()}, (0, "parameters", "first.bias")),
        ({"scale": 1.01}, (0, "loss", "")),
        ({"twist": louder}, (0, "gradient", "first.weight")),
        ({"tx": lrjax.AdamW("**", lr=3e-3, weight_decay=0.1)}, (0, "update", "")),
        ({"tx": lrjax.AdamW("**", lr=3e-3, eps=1e-4)}, (0, "update", "")),
        ({"tx": lrjax.AdamW("**", lr=3.1e-3)}, (0, "update", "")),
    ],
    ids=["start", "loss", "gradient", "decay", "eps", "rate"],
)
def test_a_fault_on_jaxs_side(runs: Any, tmp_path: Path, options: Any, first: Any) -> None:
    ours = jax_run(tmp_path / "b.npz", **options)
    twin = jax_run(tmp_path / "c.npz", **{**options, "params": lrparity.perturbed(options.get("params", start()))})
    result = lrparity.compare_traces(runs[0], ours, twin)
    assert result.first is not None and result.first[:2] == first[:2] and not result.explained
    assert not first[2] or result.first[2] == first[2]


def test_runs_of_unequal_length(runs: Any, tmp_path: Path) -> None:
    result = lrparity.compare_traces(torch_run(tmp_path / "a.npz", steps=30), *runs[1:])
    assert result.explained and len(result.distance) == 30 and "first 30 are compared" in result.notes[0]


def test_gradients_that_are_not_numbers(runs: Any, tmp_path: Path) -> None:
    broken = jax_run(tmp_path / "b.npz", twist=lambda g: jax.tree.map(lambda x: x * jnp.nan, g))
    result = lrparity.compare_traces(runs[0], broken, broken)
    assert result.first is not None and result.first[:2] == (0, "gradient") and not result.explained


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64"])
def test_bits_are_the_same_in_another_layout(tmp_path: Path, dtype: str) -> None:
    w = np.random.default_rng(0).normal(size=(5, 7))
    p = torch.nn.Parameter(torch.tensor(w).to(getattr(torch, dtype)))
    ours, theirs = lrparity.JaxRecorder(tmp_path / "a", {"w": w.T}), lrparity.TorchRecorder(tmp_path / "b")
    theirs.record(0.0, {"w": p})
    with jax.enable_x64(dtype == "float64"):
        tree = {"w": jnp.asarray(p.detach().double().numpy().T, dtype)}
        ours.record(lrparity.fingerprint(jnp.float32(0), tree, tree))
    a, b = ours.save(), theirs.save()
    assert a.parameters["bits"] == b.parameters["bits"]
    np.testing.assert_allclose(a.parameters["norm"], b.parameters["norm"], rtol=1e-6)


def test_a_batch_in_another_order_is_another_batch(tmp_path: Path) -> None:
    sums = []
    for x in (np.arange(6.0), np.arange(6.0)[::-1], np.arange(6)):
        recorder = lrparity.TorchRecorder(tmp_path / "a")
        recorder.record(0.0, {"w": torch.nn.Parameter(torch.ones(1))}, x)
        sums.append(recorder.save().batch[0, 0])
    assert len(set(sums)) == 3


def recorded(path: Path, net: Any, batch: Any = ()) -> Any:
    recorder = lrparity.TorchRecorder(path)
    recorder.record(0.0, net, batch)
    return recorder.save()


def test_a_shuffled_batch_of_zeros_and_ones_is_another(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    w = {"w": torch.nn.Parameter(torch.ones(1))}
    for dtype in (np.float32, np.int64, np.uint8, np.bool_):
        x = rng.integers(0, 2, (8, 6)).astype(dtype)
        orders = {rng.permutation(8).tobytes(): None for _ in range(200)}
        made = [x[np.frombuffer(order, np.int64)] for order in orders]
        sums = {one.tobytes(): recorded(tmp_path / "a", w, one).batch[0, 0] for one in made}
        assert len(set(sums.values())) == len(sums)


def test_units_of_the_last_place_do_not_cancel(tmp_path: Path) -> None:
    w = torch.linspace(1.0, 1.5, 8)
    moved = w.clone()
    moved[0], moved[1] = torch.nextafter(w[0], torch.tensor(2.0)), torch.nextafter(w[1], torch.tensor(0.0))
    a, b = (recorded(tmp_path / "a", {"w": torch.nn.Parameter(x)}).parameters["bits"] for x in (w, moved))
    assert a != b


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "int64", "int32", "uint8", "bool", "complex64"])
def test_both_sides_see_the_same_batch(tmp_path: Path, dtype: str) -> None:
    x = torch.tensor(np.random.default_rng(0).integers(0, 2, (5, 7))).to(getattr(torch, dtype))
    there = recorded(tmp_path / "a", {"w": torch.nn.Parameter(torch.ones(1))}, x)
    plain = jnp.asarray(x.float().numpy()).astype(dtype if dtype != "int64" else "int32") if dtype != "complex64" else x
    seen = lrparity.fingerprint(0.0, {"w": jnp.ones(1)}, {"w": jnp.ones(1)}, jnp.asarray(plain))
    assert there.batch[0].tolist() == seen["batch"].tolist()


def test_a_flipped_gradient_is_the_gradients_fault(runs: Any, tmp_path: Path) -> None:
    flipped = jax_run(tmp_path / "b.npz", twist=lambda g: {**g, "second": jax.tree.map(jnp.negative, g["second"])})
    result = lrparity.compare_traces(runs[0], flipped)
    assert result.first is not None and result.first[:2] == (0, "gradient") and result.first[2].startswith("second")


def test_a_frozen_tensor_has_no_gradient_to_compare(runs: Any, tmp_path: Path) -> None:
    def frozen(t: int, x: np.ndarray, net: Net) -> np.ndarray:
        net.first.requires_grad_(False)
        return x

    theirs = torch_run(tmp_path / "a.npz", fault=frozen)
    stop = lrjax.AdamW([{"params": "first", "frozen": True}, {"params": "second"}], lr=3e-3)
    assert lrparity.compare_traces(theirs, jax_run(tmp_path / "b.npz", tx=stop)).first is None
    result = lrparity.compare_traces(theirs, runs[1])
    assert result.first is not None and result.first[1] == "update" and result.first[2].startswith("first")


def test_damaged_files_are_refused_in_one_line(tmp_path: Path, runs: Any) -> None:
    path = tmp_path / "a.npz"
    runs[0].save(path)
    raw = path.read_bytes()
    for content in (b"", b"hello", raw[: len(raw) // 2], raw[:-30]):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"load_trace: path must be a trace") as refused:
            lrparity.load_trace(path)
        assert "\n" not in str(refused.value)
    with pytest.raises(ValueError, match="must have recorded a step"):
        lrparity.TorchRecorder(path).save()
