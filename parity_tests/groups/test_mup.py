"""muP's groups beside mup itself."""

from typing import Any

import jax.numpy as jnp
import pytest

import lrjax
import lrtorch
from parity_tests.originals import ask

from .parameters import named

PACKAGES = [lrjax, lrtorch]
Shapes = dict[str, tuple[int, ...]]


def transformer(d: int, heads: int, vocab: int = 97) -> Shapes:
    """A block in torch's layout, with a convolution."""
    return {
        "embed": (vocab, d),
        "norm": (d,),
        "qkv": (3 * heads * 16, d),
        "out": (d, heads * 16),
        "up": (4 * d, d),
        "up_bias": (4 * d,),
        "down": (d, 4 * d),
        "conv": (2 * d, d, 3, 3),
        "scale": (),
        "fixed": (5, 7),
        "head": (vocab, d),
    }


MODELS: dict[str, tuple[Shapes, Shapes, Shapes | None]] = {
    "four times as wide": (transformer(256, 4), transformer(64, 1), None),
    "by a third, heads by another factor": (transformer(100, 6), transformer(75, 2), None),
    "narrower": (transformer(48, 2), transformer(64, 3), None),
    "the base itself": (transformer(64, 2), transformer(64, 2), None),
    "the base's heads, with a delta": (transformer(192, 2), transformer(64, 2), transformer(128, 4)),
    "a delta, and another vocabulary": (transformer(192, 3, 101), transformer(64, 2), transformer(65, 3)),
}
OPTIMIZERS = {"MuAdam": "adam", "MuAdamW": "adam", "MuSGD": "sgd"}


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("name", MODELS)
def test_equals_mup(name: str, optimizer: str) -> None:
    options = {"lr": 3e-3, "weight_decay": 0.07}
    rows = [
        {"target": t, "base": b, "delta": d, "optimizer": o, **options}
        for t, b, d in MODELS.values()
        for o in OPTIMIZERS
    ]
    at = list(MODELS).index(name) * len(OPTIMIZERS) + list(OPTIMIZERS).index(optimizer)
    theirs = ask("mup", rows)[at]
    target, base, delta = MODELS[name]
    for package, more in ((lrtorch, {}), (lrjax, {"fan_in": "last"})):
        groups = package.mup_groups(
            named(package, target), base, delta=delta, optimizer=OPTIMIZERS[optimizer], **options, **more
        )
        assert sorted([g["params"], g["lr"], g["weight_decay"]] for g in groups) == sorted(theirs)


def test_the_layout_of_flax_has_its_fan_in_first() -> None:
    target, base = (({"kernel": (d, 3 * d), "wide": (d, heads, 8)}) for d, heads in ((128, 4), (32, 2)))
    turned = [{"kernel": shape["kernel"][::-1]} for shape in (target, base)]
    ours: Any = lrjax.mup_groups(named(lrjax, target), named(lrjax, base), lr=1.0)
    assert [(g["params"], g["lr"]) for g in ours] == [(["kernel", "wide"], 0.25)]
    theirs: Any = lrtorch.mup_groups(named(lrtorch, turned[0]), named(lrtorch, turned[1]), lr=1.0)
    assert theirs[0]["lr"] == 0.25
    by_sgd: Any = lrjax.mup_groups(named(lrjax, target), base, lr=1.0, optimizer="sgd")
    assert [(g["name"], g["lr"]) for g in by_sgd] == [("matrix_1", 1.0), ("matrix_2", 0.5)]


@pytest.mark.parametrize("package", PACKAGES)
def test_an_optimizer_takes_them(package: Any) -> None:
    target, base = transformer(128, 2), transformer(32, 1)
    params = named(package, target)
    groups = package.mup_groups(params, base, lr=0.5, weight_decay=0.25, optimizer="sgd")
    if package is lrtorch:
        rates = {g["name"]: g["lr"] for g in lrtorch.SGD(params, groups, lr=1.0).param_groups}
    else:
        rates = lrjax.get_lr(lrjax.SGD(groups, lr=1.0).init(params))
    assert rates == {g["name"]: g["lr"] for g in groups}
    assert len(rates) > 3


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a negative rate": ({"lr": -1.0}, "mup_groups: lr "),
    "no such optimizer": ({"optimizer": "adamw"}, "mup_groups: optimizer must be one of 'adam', 'sgd'"),
    "a negative decay": ({"weight_decay": -0.1}, "mup_groups: weight_decay must be a finite number, at least 0"),
    "another base": ({"base": {"other": (2, 2)}}, "mup_groups: base must have the same parameters"),
    "fewer dimensions": ({"base": {"w": (2,)}}, "mup_groups: base must have w with 2 dimensions"),
    "a width of 0": ({"base": {"w": (0, 4)}}, "mup_groups: base must have no width of 0, as in w"),
    "another delta": ({"delta": {"other": (2, 2)}}, "mup_groups: delta must have the same parameters"),
    "three widths": (
        {"model": {"w": (4, 4, 4)}, "base": {"w": (2, 2, 2)}},
        "mup_groups: base must leave w at most two widths, of (4, 4, 4)",
    ),
}


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("name", WRONG)
def test_what_is_refused(package: Any, name: str) -> None:
    given, message = WRONG[name]
    arguments = {"model": {"w": (4, 4)}, "base": {"w": (2, 2)}, "lr": 1.0, **given}
    model = named(package, arguments.pop("model"))
    with pytest.raises(ValueError) as error:
        package.mup_groups(model, arguments.pop("base"), **arguments)
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_no_such_layout() -> None:
    with pytest.raises(ValueError, match="mup_groups: fan_in must be one of 'first', 'last'"):
        lrjax.mup_groups({"w": jnp.zeros((2, 2))}, {"w": (1, 1)}, lr=1.0, fan_in="second")  # type: ignore[arg-type]
