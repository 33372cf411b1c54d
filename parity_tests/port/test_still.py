"""Parameters that one side leaves out: equal where neither side moves them, a difference where one does."""

from pathlib import Path
from typing import Any

import jax
import optax
import torch

import lrjax
import lrparity

from .calls import compare
from .pair import Net, params
from .pairs_third_equal import PROBED, probe

PROBE = optax.multi_transform({"body": optax.set_to_zero(), "head": optax.sgd(0.1)}, PROBED)


def test_a_record_keeps_what_torch_never_moves(tmp_path: Path) -> None:
    net = Net()
    path = tmp_path / "torch.npz"
    lrparity.record(torch.optim.SGD(probe(net), lr=0.1), names=net, steps=30, rate_steps=60, path=path)
    result = lrparity.compare(path, None, PROBE, params())
    assert result.equal and "backbone/kernel" in result.notes[0]
    assert [cause.convention for cause in lrparity.compare(path, None, optax.sgd(0.1), params()).causes] == ["groups"]


def test_the_code_in_the_report_freezes_what_torch_leaves_out() -> None:
    net = Net()
    optimizer = torch.optim.SGD(probe(net), lr=0.1, momentum=0.9)
    names: dict[str, Any] = {"lrjax": lrjax, "optax": optax}
    exec(compare(optimizer, optax.sgd(1.0), names=net).code, names)
    assert compare(optimizer, names["tx"], names=net).equal


def test_what_only_one_side_has_counts_where_it_moves() -> None:
    net = Net()
    groups = [{"params": [*net.backbone.parameters(), *net.norm.parameters()]}, {"params": net.head.parameters()}]
    groups[1]["lr"] = 0.0
    tree = params()
    del tree["head"]
    rest = compare(torch.optim.SGD(groups, lr=0.1), optax.sgd(0.1), tree=tree, names=net)
    assert rest.equal and not rest.unmatched_torch and "head.weight" in rest.notes[0]
    tree["extra"] = {"kernel": jax.ShapeDtypeStruct((3, 3), "float32")}
    more = compare(torch.optim.SGD(groups, lr=0.1), optax.sgd(0.1), tree=tree, names=net)
    assert not more.equal and more.unmatched_jax == ["extra/kernel"]


def test_tensors_that_were_never_to_be_trained_are_compared_all_the_same() -> None:
    optimizer = torch.optim.SGD([torch.ones(3)], lr=0.1)
    tree = {"w": jax.ShapeDtypeStruct((3,), "float32")}
    assert compare(optimizer, optax.sgd(0.1), tree=tree, names=["w"]).equal
