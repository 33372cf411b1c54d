"""``lrparity.compare``: other ways to call it."""

import copy
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch
from torch.optim.lr_scheduler import CosineAnnealingLR, OneCycleLR, ReduceLROnPlateau, StepLR

import lrjax
import lrparity
import lrtorch
from lrparity.port.sides import load

from .calls import GOOD, adamw, compare
from .pair import Net, both, params


def test_nothing_of_the_users_is_changed() -> None:
    net = Net()
    optimizer = adamw(net)
    scheduler = CosineAnnealingLR(optimizer, 50)
    for p in net.parameters():
        p.grad = torch.ones_like(p)
    optimizer.step()
    before = copy.deepcopy((net.state_dict(), optimizer.state_dict(), scheduler.state_dict()))
    grads = [p.grad for p in net.parameters()]
    result = compare(optimizer, schedulers=scheduler, names=net)
    assert str(before) == str((net.state_dict(), optimizer.state_dict(), scheduler.state_dict()))
    assert all(p.grad is g for p, g in zip(net.parameters(), grads, strict=True))
    assert any("already stepped" in note for note in result.notes)
    optimizer.step()  # the scheduler's wrapper still steps the user's own


def test_recorded_gradients_are_compared_in_full_size() -> None:
    net, rng = Net(), np.random.default_rng(0)
    grads = [{n: rng.normal(size=p.shape) * 1e-2 for n, p in net.named_parameters()} for _ in range(12)]
    assert compare(adamw(net), names=net, grads=grads).equal
    wrong = compare(adamw(net), optax.adamw(1e-3), names=net, grads=grads)
    assert [c.convention for c in wrong.causes] == ["weight_decay"] and wrong.distance.shape == (12, 6)
    grads[5]["head.bias"][0] = np.nan
    cut = compare(adamw(net), names=net, grads=grads)
    assert cut.equal and len(cut.distance) == 5 and "not finite from step 5" in cut.notes[0]


def test_large_recorded_gradients_are_cut() -> None:
    """They would not fit into memory in all the copies that two runs keep."""
    layer, rng = torch.nn.Linear(1500, 900), np.random.default_rng(0)
    grads = [{n: rng.normal(size=p.shape).astype(np.float32) for n, p in layer.named_parameters()} for _ in range(6)]
    tree = {"kernel": jax.ShapeDtypeStruct((1500, 900), "float32"), "bias": jax.ShapeDtypeStruct((900,), "float32")}
    result = compare(
        torch.optim.Adam(layer.parameters(), lr=1e-3), optax.adam(1e-3), tree=tree, names=layer, grads=grads
    )
    assert result.equal and "cut to 512 elements an axis" in result.notes[0]


def test_a_saved_state_dict_is_enough() -> None:
    net = Net()
    optimizer = adamw(net)
    fresh = compare(optimizer.state_dict(), optax.adamw(1e-3), names=[n for n, _ in net.named_parameters()])
    for p in net.parameters():
        p.grad = torch.ones_like(p)
    optimizer.step()
    used = compare(optimizer.state_dict(), optax.adamw(1e-3), names=net)
    assert [c.convention for c in fresh.causes] == [c.convention for c in used.causes] == ["weight_decay"]


def test_trees_that_do_not_match_are_compared_as_far_as_they_do() -> None:
    tree = params()
    del tree["head"]
    tree["extra"] = {"kernel": jax.ShapeDtypeStruct((3, 3), "float32")}
    net = Net()
    result = compare(adamw(net), optax.adamw(1e-3), tree=tree, names=net)
    assert not result.equal and result.unmatched_torch == ["head.weight", "head.bias"]
    assert result.unmatched_jax == ["extra/kernel"] and [c.convention for c in result.causes] == ["weight_decay"]


def test_what_needs_a_metric_is_said_and_the_rest_compared() -> None:
    net = Net()
    optimizer = adamw(net)
    result = compare(optimizer, schedulers=ReduceLROnPlateau(optimizer), names=net)
    assert result.equal and "needs a metric" in result.notes[0]


def momentum_cycles(net: Net) -> Any:
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
    return optimizer, OneCycleLR(optimizer, 0.1, total_steps=100)


def test_a_scheduler_that_moves_momentum_too() -> None:
    net = Net()
    optimizer, scheduler = momentum_cycles(net)
    ours = lrjax.SGD("**", lr=0.1, momentum=0.9, scheduler=lrjax.OneCycleLR(0.1, total_steps=100, every=1))
    assert compare(optimizer, ours, scheduler, names=net).equal
    theirs = optax.sgd(optax.cosine_onecycle_schedule(100, 0.1), momentum=0.9)
    assert {c.convention for c in compare(optimizer, theirs, scheduler, names=net).causes} == {
        "momentum",
        "warmup_length",
    }


class Lion(torch.optim.Optimizer):
    """A user's own optimizer."""

    def __init__(self, params: Any, lr: float = 1e-4, betas: Any = (0.9, 0.99), weight_decay: float = 0.1) -> None:
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Any = None) -> None:  # type: ignore[override]
        """Lion's update."""
        for group in self.param_groups:
            b1, b2 = group["betas"]
            for p in group["params"]:
                m = self.state[p].setdefault("exp_avg", torch.zeros_like(p))
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(torch.sign(m * b1 + p.grad * (1 - b1)), alpha=-group["lr"])
                m.lerp_(p.grad, 1 - b2)


def test_an_optimizer_of_the_users_own_is_probed() -> None:
    net = Net()
    assert compare(Lion(net.parameters()), optax.lion(1e-4, weight_decay=0.1), names=net).equal
    wrong = compare(Lion(net.parameters()), optax.lion(1e-4, b2=0.95, weight_decay=0.1), names=net)
    assert [(c.convention, c.torch, c.jax) for c in wrong.causes] == [("betas", "0.99", "0.95")]


STRANGE = [
    ("lamb", optax.lamb(1e-3), {"rule", "eps", "weight_decay"}),
    ("adaptive clipping", optax.chain(optax.adaptive_grad_clip(0.01), GOOD), {"clip_kind"}),
    ("noise", optax.chain(GOOD, optax.add_noise(1e-3, 0.5, 0)), {"rule"}),
    ("schedule-free", optax.contrib.schedule_free_adamw(1e-3), {"rule"}),
]


@pytest.mark.parametrize(("tx", "causes"), [row[1:] for row in STRANGE], ids=[row[0] for row in STRANGE])
def test_what_no_convention_explains_is_not_called_equal(tx: Any, causes: set[str]) -> None:
    net = Net()
    result = compare(adamw(net), tx, names=net)
    assert not result.equal and {c.convention for c in result.causes} == causes
    assert all(c.confidence != "proven" for c in result.causes)


@pytest.mark.parametrize(
    ("make", "tx"),
    [
        (torch.optim.Rprop, lrjax.Rprop("**")),
        (torch.optim.ASGD, lrjax.ASGD("**")),
        (torch.optim.Adafactor, lrjax.Adafactor("**")),
        (torch.optim.RAdam, lrjax.RAdam("**")),
        (torch.optim.NAdam, lrjax.NAdam("**")),
    ],
    ids=["Rprop", "ASGD", "Adafactor", "RAdam", "NAdam"],
)
def test_lrjax_is_equal_where_the_rules_have_no_model_here(make: Any, tx: Any) -> None:
    net = Net()
    result = compare(make(net.parameters()), tx, names=net)
    assert result.equal and not result.causes


def test_a_schedule_in_float32_is_told_from_another_schedule() -> None:
    net = Net()
    optimizer = adamw(net)
    scheduler = torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.9999)
    tx = optax.adamw(optax.exponential_decay(1e-3, 1, 0.9999), weight_decay=1e-2)
    result = compare(optimizer, tx, scheduler, names=net, rate_steps=3000)
    assert [c.convention for c in result.causes] == ["float32_schedule"]


def test_what_never_moves_is_equal() -> None:
    net = Net()
    still = torch.optim.SGD(net.parameters(), lr=0.0)
    assert compare(still, optax.sgd(0.0), names=net).equal
    assert [c.convention for c in compare(still, optax.sgd(0.1), names=net).causes] == ["lr"]


def test_a_rate_that_is_a_tensor_has_float32s_rounding() -> None:
    net = Net()
    assert compare(torch.optim.Adam(net.parameters(), lr=torch.tensor(1e-3)), optax.adam(1e-3), names=net).equal


def test_a_parameter_without_elements() -> None:
    pair = [torch.nn.Parameter(torch.zeros(0)), torch.nn.Parameter(torch.zeros(2))]
    tree = {"a": jnp.zeros(0), "b": jnp.zeros(2)}
    assert compare(torch.optim.SGD(pair, lr=0.1), optax.sgd(0.1), tree=tree, names=["a", "b"]).equal


def test_a_clipping_that_cannot_be_measured_is_not_called_none() -> None:
    net = Net()
    tx = optax.chain(optax.clip_by_global_norm(1e-5), GOOD)
    result = compare(adamw(net), tx, names=net, clip_grad_norm=1e-5)
    assert not result.equal and "clip" not in {c.convention for c in result.causes}


def by_group(net: Net) -> torch.optim.Optimizer:
    return torch.optim.AdamW(both(net, lr=1e-3), betas=(0.9, 0.95))


def ascent(net: Net) -> torch.optim.Optimizer:
    return torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9, nesterov=True, maximize=True)


def decoupled(net: Net) -> torch.optim.Optimizer:
    return torch.optim.NAdam(net.parameters(), weight_decay=0.1, decoupled_weight_decay=True)


CODE: list[tuple[str, Any, Any, dict[str, Any]]] = [
    ("groups, clipping, cosine", by_group, lambda o: CosineAnnealingLR(o, 40), {"clip_grad_norm": 1.0}),
    ("ascent by epochs", ascent, lambda o: StepLR(o, 2), {"scheduler_every": 7}),
    ("decoupled, accumulated", decoupled, lambda o: None, {"accumulate": 2, "clip_grad_value": 0.5}),
]


@pytest.mark.parametrize(("make", "scheduler", "loop"), [row[1:] for row in CODE], ids=[row[0] for row in CODE])
def test_the_code_in_the_report_reproduces_torch(make: Any, scheduler: Any, loop: Any) -> None:
    net = Net()
    optimizer = make(net)
    its = scheduler(optimizer)
    wrong = compare(optimizer, optax.sgd(1.0), its, names=net, **loop)
    names = {"lrjax": lrjax, "optax": optax, "table": None if its is None else lrtorch.tabulate(its, 100)}
    exec(wrong.code, names)
    right = compare(optimizer, names["tx"], its, names=net, **loop)
    assert right.equal, right.sentence


def test_bfloat16_parameters() -> None:
    net = Net().bfloat16()
    result = compare(adamw(net), names=net)
    assert result.equal and result.dtype == "bfloat16"


def test_a_record_travels_through_a_file(tmp_path: Path) -> None:
    net = Net()
    optimizer = adamw(net)
    path = tmp_path / "torch.npz"
    lrparity.record(optimizer, StepLR(optimizer, 5), names=net, steps=20, rate_steps=40, clip_grad_norm=1.0, path=path)
    live = compare(
        optimizer,
        schedulers=StepLR(adamw_of(net, optimizer), 5),
        names=net,
        steps=20,
        rate_steps=40,
        clip_grad_norm=1.0,
    )
    filed = lrparity.compare(path, None, GOOD, params())
    assert [c.sentence for c in filed.causes] == [c.sentence for c in live.causes] and filed.first == live.first
    assert {c.convention for c in filed.causes} == {"clip", "schedule"}
    raw = path.read_bytes()
    for cut in (0, 10, len(raw) // 2, len(raw) - 30):
        path.write_bytes(raw[:cut])
        with pytest.raises(ValueError, match=r"must be a file that lrparity\.record wrote"):
            load(path)


def adamw_of(net: Net, optimizer: torch.optim.Optimizer) -> torch.optim.Optimizer:
    """The optimizer itself, its rates as at the start."""
    del net
    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"]
    return optimizer


def test_a_file_of_another_version_is_refused(tmp_path: Path) -> None:
    net = Net()
    record = lrparity.record(adamw(net), names=net, steps=2, rate_steps=2)
    record.save(tmp_path / "torch.npz")
    with np.load(tmp_path / "torch.npz") as file:
        arrays = {key: file[key] for key in file.files}
    head = arrays["head"].tobytes().replace(b'"version": 2', b'"version": 9')
    np.savez(tmp_path / "torch.npz", **{**arrays, "head": np.frombuffer(head, np.uint8)})  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="must be a file of version 2"):
        load(tmp_path / "torch.npz")
