"""The fine-tuning run: both frameworks agree, and the verdict notices when one side is broken."""

import subprocess
import sys
from dataclasses import replace
from functools import partial
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch
from flax import nnx

import lrjax
import lrtorch
from lrjax import finetune as jax_finetune
from lrjax.optim import adam
from lrparity import __main__, devices
from lrparity.digits import choices, evidence, layout, report, run, task
from lrparity.digits.choices import OPTIMIZERS, RULES, Settings, make
from lrparity.oracle.cpu import CorrectSqrt
from lrparity.runs.replay import Replay, replay_jax, replay_torch
from lrparity.runs.verdict import Record, compare_updates, rate_line, run_lines, sentence, ulps, update_line
from lrtorch import finetune as torch_finetune

SETTINGS = Settings(epochs=3)


@pytest.fixture(scope="module")
def recorded() -> dict[str, dict[str, Record]]:
    """A short run in both dtypes."""
    with devices.on_device("cpu"):
        return {dtype: run.fine_tune(SETTINGS, dtype, lambda *_: None) for dtype in ("float32", "float64")}


def replays(recorded: Any, rule: str, optimizer: str) -> tuple[Replay, Replay]:
    """The run's gradients through lrjax and through PyTorch with the oracle."""
    record = recorded["float32"]["PyTorch"]
    made = make(lrjax, rule, optimizer, SETTINGS.epochs, run.STEPS)
    theirs = make(lrtorch, rule, optimizer, SETTINGS.epochs, run.STEPS)
    return (
        replay_jax(made.build(), record.start, record.grads, {}),
        replay_torch(theirs.build, record.start, record.grads, {}, layout=layout.DENSE, oracle=True),
    )


def test_importing_lrjax_loads_neither_flax_nor_torch():
    code = "import sys, lrjax; sys.exit(int(bool({'flax', 'torch', 'sklearn'} & set(sys.modules))))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_weights_survive_the_way_to_torch_and_back():
    weights = task.first_weights(np.random.default_rng(0))
    back = layout.to_jax(layout.to_torch(weights))
    assert list(back) == list(weights)
    assert all(np.array_equal(back[path], w) for path, w in weights.items())


def test_both_networks_compute_the_same_function():
    weights = task.first_weights(np.random.default_rng(0), "float64")
    images = np.random.default_rng(1).uniform(size=(7, task.PIXELS))
    with jax.enable_x64(True):
        graph, params = jax_finetune.network(weights)
        ours = np.asarray(nnx.merge(graph, params)(images))
    theirs = torch_finetune.network(layout.to_torch(weights))(torch.as_tensor(images)).numpy(force=True)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-15)  # 64 products of float64 numbers below 1


@pytest.mark.parametrize("finetune", [jax_finetune, torch_finetune], ids=["in lrjax", "in lrtorch"])
def test_a_missing_weight_is_named(finetune: Any):
    with pytest.raises(ValueError, match=r"network: weights must have exactly the names .*head.*, got"):
        finetune.network({"head": np.zeros(3)})


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_whole_run_agrees(recorded: Any, dtype: str):
    lines = run_lines(dtype, recorded[dtype], choices.SGD_BOUND)
    assert all(line.holds for line in lines), lines


def test_the_run_learns(recorded: Any):
    for record in recorded["float32"].values():
        assert record.pretrained > 0.9
        assert record.test[-1][1] > record.test[0][1] > 0.2  # five digits


def test_the_rates_of_the_run_agree(recorded: Any):
    ours, theirs = recorded["float32"]["JAX"].rates(), recorded["float32"]["PyTorch"].rates()
    assert rate_line("run", ours, theirs).holds
    assert len(set(theirs["head"])) == 3


@pytest.mark.parametrize("optimizer", ["sgd-maximize", "adamw"])
def test_updates_agree_in_every_bit(recorded: Any, optimizer: str):
    ours, theirs = replays(recorded, "step", optimizer)
    assert rate_line("step", ours.rates, theirs.rates).holds
    updates = compare_updates(ours.weights, theirs.weights)
    assert updates.equal == updates.values


def test_a_rate_set_by_hand_between_epochs_does_not_compile_again():
    weights = task.first_weights(np.random.default_rng(0))
    tuner = jax_finetune.FineTuner(weights, [{"params": "**", "name": "all", "lr": 0.1}], lrjax.SGD)
    images, labels, batches = np.zeros((4, 64), np.float32), np.zeros(4, np.int32), np.arange(4).reshape(2, 2)
    compiled = cast(Any, jax_finetune.train_epoch)._cache_size
    tuner.epoch(images, labels, batches)
    before = compiled()
    tuner.set_lr({"all": 0.05})
    assert np.array_equal(tuner.epoch(images, labels, batches).lr["all"], [0.05, 0.05])
    assert compiled() == before


# Negative controls: one side is broken, and the verdict must say so.


def one_step_late(step_size: int, gamma: float, *, every: int) -> Any:
    """StepLR whose drops come one update too late."""
    milestones = [n * step_size * every + 1 for n in range(1, 1 + SETTINGS.epochs)]
    return lrjax.MultiStepLR(milestones, gamma, every=1)


def buffer_from_zeros(sgd: Any, groups: Any, **options: Any) -> Any:
    """SGD whose momentum buffer begins as momentum * 0 + (1 - dampening) * g, not as g."""
    tx = sgd(groups, **options)

    def init(params: Any) -> Any:
        state = tx.init(params)
        return replace(state, memory={"has_buffer": jnp.ones_like(state.memory["has_buffer"])})

    return optax.GradientTransformationExtraArgs(init, tx.update)


def eps_inside_the_root(ops: Any, param: Any, grad: Any, slots: Any, scalars: Any, flags: Any) -> Any:
    """AdamW with sqrt(v + eps) where torch has sqrt(v) + eps."""
    del flags
    param = ops.mul(param, scalars["decay"])
    m = ops.lerp(slots["exp_avg"], grad, scalars["one_less_beta1"])
    v = ops.addcmul(ops.mul(slots["exp_avg_sq"], scalars["beta2"]), grad, grad, value=scalars["one_less_beta2"])
    denom = ops.div(ops.sqrt(ops.add(v, scalars["eps"])), scalars["bias_correction2_sqrt"])
    return ops.addcdiv(param, m, denom, value=-scalars["step_size"]), {"exp_avg": m, "exp_avg_sq": v}


def break_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lrjax, "StepLR", one_step_late)


def break_buffer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lrjax, "SGD", partial(buffer_from_zeros, lrjax.SGD))


def break_eps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adam, "_ADAMW", adam._ADAMW._replace(update=eps_inside_the_root))


BROKEN = {
    "a rate one step late": (break_rate, "sgd-momentum", "rates of step"),
    "a momentum buffer that begins with zeros": (break_buffer, "sgd-dampening", "updates of sgd-dampening"),
    "an epsilon inside the root": (break_eps, "adamw", "updates of adamw"),
}


@pytest.fixture
def short_command(recorded: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """``main`` on the recorded run, with one rule and the given optimizers to compare."""

    def fine_tune(settings: Settings, dtype: str, on_epoch: Any) -> Any:
        for epoch in range(settings.epochs):
            on_epoch(epoch, recorded[dtype])
        return recorded[dtype]

    for module in (run, evidence):
        monkeypatch.setattr(module, "fine_tune", fine_tune)
    monkeypatch.setattr(evidence, "RULES", {"step": RULES["step"]})

    def main(out: Any, *optimizers: str) -> int:
        monkeypatch.setattr(evidence, "OPTIMIZERS", {name: OPTIMIZERS[name] for name in optimizers})
        return __main__.main([f"--epochs={SETTINGS.epochs}", "--no-claims", "--out", str(out)])

    return main


@pytest.mark.parametrize("name", BROKEN)
def test_the_verdict_and_the_exit_status_notice(
    name: str, short_command: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    breaks, optimizer, broken = BROKEN[name]
    breaks(monkeypatch)
    monkeypatch.setattr(report, "save", lambda *_: None)
    monkeypatch.setattr(evidence, "_routes", lambda *_: None)
    assert short_command(tmp_path / "out", optimizer) == 1
    assert f"JAX and PyTorch DISAGREE: out of bounds: {broken}" in capsys.readouterr().out


def test_the_command_prints_both_runs_and_writes_the_folder(
    short_command: Any, tmp_path: Any, capsys: pytest.CaptureFixture[str]
):
    out = tmp_path / "new" / "report"
    assert short_command(out, "sgd-momentum") == 0
    printed = capsys.readouterr().out
    assert "JAX      Epoch:3  Lr:4.50E-04 backbone  Lr:4.50E-03 head  loss" in printed
    assert "PyTorch  Epoch:3  Lr:4.50E-04 backbone  Lr:4.50E-03 head  loss" in printed
    assert "ok   sgd-momentum: 100 %" in printed
    assert "ok   sgd-momentum, optax.multi_transform: 100 %" in printed  # both routes, the same bits
    assert {path.name for path in out.iterdir()} == report.FILES - {"claims.png"}
    assert "agree: all" in (out / "summary.md").read_text(encoding="utf-8")
    with np.load(out / "traces.npz") as traces:
        assert traces["rates/step/JAX/head"].shape == (SETTINGS.epochs * run.STEPS,)
        assert ulps(traces["float32/JAX/lr/head"], traces["float32/PyTorch/lr/head"]).max() == 0


def test_an_error_while_writing_leaves_nothing_behind(
    short_command: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    def fails(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(report.figures, "save_all", fails)
    monkeypatch.setattr(evidence, "_routes", lambda *_: None)
    assert short_command(tmp_path / "out") == 2
    assert capsys.readouterr().err.startswith(
        "python -m lrparity: argument --out: must be a folder that can be written (No space left on device), got"
    )
    assert not list(tmp_path.iterdir())


# The instruments themselves.


def test_ulps_count_across_zero_and_see_nan():
    tiny = np.float32(1e-45)
    assert ulps(np.array([tiny, np.nan, 1.0]), np.array([-tiny, 1.0, np.inf])).tolist()[:2] == [2.0, np.inf]


def test_one_wrong_value_is_never_rounded_up_to_all():
    line = update_line("x", compare_updates({"w": np.zeros((10, 1000000))}, {"w": _one_off()}), _no_updates())
    assert not line.holds
    assert line.measured.startswith("99.9999 %")


def _one_off() -> np.ndarray:
    w = np.zeros((10, 1000000))
    w[0, 0] = 5e-324
    return w


def _no_updates() -> Any:
    return compare_updates({"w": np.zeros((1, 1))}, {"w": np.zeros((1, 1))})


def test_a_nan_in_the_run_is_out_of_bounds(recorded: Any):
    ours = replace(recorded["float64"]["JAX"])
    ours.end = {path: w * np.nan for path, w in ours.end.items()}
    lines = run_lines("float64", {"JAX": ours, "PyTorch": recorded["float64"]["PyTorch"]}, choices.SGD_BOUND)
    assert not any(line.holds for line in lines)
    assert "whole run of float64" in sentence(lines)


def test_the_oracle_rounds_every_root_correctly():
    x = np.random.default_rng(0).uniform(size=100_000).astype(np.float32)
    right = np.sqrt(x.astype(np.float64)).astype(np.float32)
    with CorrectSqrt():
        ours, in_place = torch.as_tensor(x).sqrt(), torch.as_tensor(x).clone().sqrt_()
    assert np.array_equal(ours.numpy(), right)
    assert np.array_equal(in_place.numpy(), right)


def test_every_choice_can_be_made_in_both_packages():
    for rule in choices.RULES:
        for optimizer in choices.OPTIMIZERS:
            ours, theirs = (make(package, rule, optimizer, epochs=1, every=2) for package in (lrjax, lrtorch))
            assert ours.groups == theirs.groups
            assert str(ours.options) == str(theirs.options)
