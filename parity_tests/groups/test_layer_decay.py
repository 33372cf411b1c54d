"""Layer-wise rate decay by four libraries' conventions, in both packages."""

from typing import Any

import jax
import jax.numpy as jnp
import pytest
from flax import nnx

import lrjax
import lrtorch
from lrjax.param_groups import paths

from .conventions import CONVENTIONS, PRINTED, STYLES, TABLE
from .error_cases import LAYER_DECAY
from .parameters import named

PACKAGES = [lrjax, lrtorch]


def rates(groups: Any) -> dict[str, float]:
    return {path: group["lr"] for group in groups for path in group["params"]}


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("column", range(4), ids=CONVENTIONS)
def test_every_cell_of_the_table(package: Any, style: str, column: int) -> None:
    at = {path: STYLES[style](path).replace(".", "/") for path in TABLE}
    params = named(package, dict.fromkeys(at.values(), (2, 2)))
    for decay, printed in PRINTED.items():
        groups = package.layer_decay(params, decay, lr=1.0, convention=CONVENTIONS[column])
        scales = rates(groups)
        assert scales == {at[p]: decay ** (13 - ids[column]) for p, ids in TABLE.items()}
        for path, ids in TABLE.items():
            assert f"{scales[at[path]]:.6f}" == f"{float(printed.split()[ids[column]]):.6f}"
        for group in groups:
            assert {f"layer_{TABLE[p][column]}_decay" for p in TABLE if at[p] in group["params"]} == {group["name"]}


BLOCK = {"norm1.weight": (4,), "norm1.bias": (4,), "attn.qkv.weight": (12, 4), "attn.qkv.bias": (12,)}
VIT = {
    "cls_token": (1, 1, 4),
    "pos_embed": (1, 5, 4),
    "patch_embed.proj.weight": (4, 3, 2, 2),
    "patch_embed.proj.bias": (4,),
    **{f"blocks.{k}.{name}": shape for k in range(12) for name, shape in BLOCK.items()},
    "norm.weight": (4,),
    "norm.bias": (4,),
    "head.weight": (3, 4),
    "head.bias": (3,),
}


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_both_packages_give_equal_groups_that_cover_everything(convention: str) -> None:
    ours, theirs = (p.layer_decay(named(p, VIT), lr=1e-3, convention=convention, weight_decay=0.05) for p in PACKAGES)
    assert ours == theirs
    assert str(ours) == str(theirs)
    covered = [path for group in ours for path in group["params"]]
    assert sorted(covered) == sorted(path.replace(".", "/") for path in VIT)
    assert set(ours[0]) == {"params", "name", "lr", "weight_decay"}


def layer_of(path: str, convention: str) -> int:
    """The layer id by hand of a parameter of VIT."""
    if path.startswith("blocks"):
        return int(path.split(".")[1]) + 1
    return next(ids[CONVENTIONS.index(convention)] for p, ids in TABLE.items() if p.split(".")[0] == path.split(".")[0])


@pytest.mark.parametrize("convention", CONVENTIONS)
def test_the_optimizers_take_the_groups_with_the_same_rates(convention: str) -> None:
    options: Any = dict(lr=1e-3, convention=convention, weight_decay=0.05)
    expected = {path: 1e-3 * 0.75 ** (13 - layer_of(path, convention)) for path in VIT}
    tree, model = named(lrjax, VIT), named(lrtorch, VIT)
    groups = lrjax.layer_decay(tree, **options)
    got = lrjax.get_lr(lrjax.AdamW(groups, lr=1e-3).init(tree))
    optimizer = lrtorch.AdamW(model, lrtorch.layer_decay(model, **options), lr=1e-3)
    assert got == lrtorch.get_lr(optimizer)
    labels = lrjax.param_groups.labels(groups)(tree)
    assert {path: got[label] for path, label in zip(paths(labels), jax.tree.leaves(labels), strict=True)} == {
        path.replace(".", "/"): rate for path, rate in expected.items()
    }
    path_of = {id(parameter): path for path, parameter in model.items()}
    assert {path_of[id(p)]: group["lr"] for group in optimizer.param_groups for p in group["params"]} == expected
    decays = {group["weight_decay"] for group in optimizer.param_groups}
    assert decays == ({0.05} if convention == "vitdet" else {0.0, 0.05})


def test_timm_without_a_head_moves_every_scale_up() -> None:
    trunk = {path: shape for path, shape in VIT.items() if not path.startswith("head")}
    for package in PACKAGES:
        scales = rates(package.layer_decay(named(package, trunk), lr=1.0))
        assert (scales["norm/weight"], scales["blocks/11/norm1/bias"], scales["pos_embed"]) == (1.0, 1.0, 0.75**12)
        assert rates(package.layer_decay(named(package, trunk), lr=1.0, convention="beit"))["pos_embed"] == 0.75**13


def test_vitdet_lifts_residual_convolutions_and_timm_sinks_norm_pre() -> None:
    for package in PACKAGES:
        params = named(package, {f"blocks.{k}.residual.conv.weight": (2,) for k in range(2)} | {"norm_pre.bias": (2,)})
        assert set(rates(package.layer_decay(params, 0.5, lr=1.0, convention="vitdet")).values()) == {1.0}
        timm = {"norm_pre/bias": 0.25, "blocks/0/residual/conv/weight": 0.5, "blocks/1/residual/conv/weight": 1.0}
        assert rates(package.layer_decay(params, 0.5, lr=1.0)) == timm


SHAPES = {
    "blocks.0.w": (2, 2),
    "blocks.0.scale": (2,),
    "blocks.0.norm.t": (),
    "blocks.0.key.bias": (2, 3),
    "bias": (2, 2),
}
# What each library's rule spares of SHAPES: one dimension, none, a two-dimensional bias inside, and at the root.
SPARED = {
    "none": "",
    "mae": "blocks.0.scale",
    "timm": "blocks.0.scale blocks.0.norm.t",
    "timm_plain": "blocks.0.scale blocks.0.norm.t blocks.0.key.bias",
    "beit": "blocks.0.scale blocks.0.key.bias",
    "hf": "blocks.0.norm.t blocks.0.key.bias bias",
}


@pytest.mark.parametrize("rule", SPARED)
def test_what_weight_decay_spares(rule: str) -> None:
    for package in PACKAGES:
        params = named(package, SHAPES)
        groups = package.layer_decay(params, lr=1.0, no_weight_decay=rule)
        spared = {p for group in groups if group.get("weight_decay") == 0.0 for p in group["params"]}
        assert spared == set(SPARED[rule].replace(".", "/").split())
        assert all(("weight_decay" in group) == group["name"].endswith("_no_decay") for group in groups)
        more = package.layer_decay(params, lr=1.0, no_weight_decay=rule, no_weight_decay_list=["**/w"])
        assert {p for group in more if group.get("weight_decay") == 0.0 for p in group["params"]} - spared == {
            "blocks/0/w"
        }


def test_the_convention_brings_its_own_rule() -> None:
    for convention, rule in zip(CONVENTIONS, ["timm", "beit", "mae", "none"], strict=True):
        for package in PACKAGES:
            own = package.layer_decay(named(package, SHAPES), lr=1.0, convention=convention)
            assert own == package.layer_decay(
                named(package, SHAPES), lr=1.0, convention=convention, no_weight_decay=rule
            )


def test_min_scale_and_no_opt_scale() -> None:
    for package in PACKAGES:
        groups = package.layer_decay(named(package, VIT), 0.65, lr=2.0, min_scale=0.1, no_opt_scale=0.11)
        by_layer = {group["name"].split("_")[1]: group for group in groups}
        assert [by_layer[str(i)]["lr"] for i in range(14)] == [2.0 * max(0.1, 0.65 ** (13 - i)) for i in range(14)]
        assert [i for i in range(14) if by_layer[str(i)].get("frozen")] == list(range(8))  # 0.65**5 is 0.116
        assert all("frozen" not in by_layer[str(i)] for i in range(8, 14))
        assert "layer_7_decay      frozen" in str(groups)
        if package is lrjax:
            lrjax.AdamW(groups).init(named(lrjax, VIT))
        else:
            lrtorch.AdamW(named(lrtorch, VIT), groups)


def test_names_by_hand() -> None:
    for package in PACKAGES:
        params = named(package, {f"net.{p}": (2, 2) for p in ("a1.w", "a2.w", "in.w", "out.w", "last.w")})

        def number(path: str) -> int | None:
            return int(path[5]) - 1 if path.startswith("net/a") else None

        scales = rates(package.layer_decay(params, 0.5, lr=1.0, blocks=number, embeddings="net/in", norm=["**/last/*"]))
        assert scales == {"net/in/w": 0.125, "net/a1/w": 0.25, "net/a2/w": 0.5, "net/last/w": 0.5, "net/out/w": 1.0}
        scales = rates(package.layer_decay(params, 0.5, lr=1.0, blocks=number, head="net/a1"))
        assert (scales["net/a1/w"], scales["net/a2/w"], scales["net/in/w"]) == (1.0, 0.5, 1.0)


def test_one_series_among_several() -> None:
    shapes = {f"{part}.layers.{k}.w": (2, 2) for part in ("encoder", "decoder") for k in range(2)}
    for package in PACKAGES:
        scales = rates(package.layer_decay(named(package, shapes), 0.5, lr=1.0, blocks="encoder.layers"))
        assert list(scales.values()) == [0.25, 0.5, 1.0, 1.0]


def test_exact_paths_stay_exact() -> None:
    params = {"blocks": {"0": {"w[0]": jnp.ones(2), "w0": jnp.ones((2, 2))}}, "head": {"*": jnp.ones(2)}}
    groups = lrjax.layer_decay(params, lr=1.0, weight_decay=0.1)
    state = lrjax.AdamW(groups).init(params)
    assert lrjax.get_lr(state) == {"layer_1_decay": 0.75, "layer_1_no_decay": 0.75, "layer_2_no_decay": 1.0}


def test_blocks_stacked_along_the_first_axis_have_a_rate_each() -> None:
    class Block(nnx.Module):
        def __init__(self, rngs: nnx.Rngs) -> None:
            self.linear = nnx.Linear(4, 4, rngs=rngs)

    class Model(nnx.Module):
        def __init__(self) -> None:
            keys = jax.random.split(jax.random.key(0), 12)
            self.blocks = nnx.vmap(lambda key: Block(nnx.Rngs(key)), in_axes=0, out_axes=0)(keys)
            self.pos_embed = nnx.Param(jnp.ones((1, 4)))
            self.norm = nnx.LayerNorm(4, rngs=nnx.Rngs(0))
            self.head = nnx.Linear(4, 2, rngs=nnx.Rngs(0))

    params = nnx.state(Model(), nnx.Param)
    made: list[Any] = list(lrjax.layer_decay(params, lr=1e-3, weight_decay=0.05, stacked="blocks"))
    groups = {group["name"]: group for group in made}
    scales = [1e-3 * 0.75 ** (12 - k) for k in range(12)]
    common = {"lr": scales, "stacked": 12}
    assert groups["blocks_decay"] == common | {
        "params": ["blocks/linear/kernel"],
        "name": "blocks_decay",
        "weight_decay": 0.05,
    }
    assert groups["blocks_no_decay"] == common | {
        "params": ["blocks/linear/bias"],
        "name": "blocks_no_decay",
        "weight_decay": 0.0,
    }
    assert (groups["layer_0_decay"]["lr"], groups["layer_12_no_decay"]["lr"]) == (1e-3 * 0.75**13, 1e-3 * 0.75)
    state = lrjax.AdamW(list(groups.values())).init(params)
    assert [lrjax.get_lr(state)[f"blocks_decay[{k}]"] for k in range(12)] == scales


def test_stacked_blocks_must_be_equally_many() -> None:
    for shapes, found in (({"a": (3, 2), "b": (4,)}, "a (3, 2), b (4,)"), ({"a": (3, 2), "b": ()}, "a (3, 2), b ()")):
        with pytest.raises(ValueError, match="stacked must match parameters with the same first dimension") as caught:
            lrjax.layer_decay({name: jnp.ones(shape) for name, shape in shapes.items()}, lr=1.0, stacked=["a", "b"])
        assert str(caught.value).endswith(f"got '{found}'")


def test_the_table_is_readable() -> None:
    for package in PACKAGES:
        params = named(package, {"cls_token": (1, 1, 4), "blocks.0.w": (2, 2), "blocks.0.bias": (2,), "head.w": (2, 2)})
        assert str(package.layer_decay(params, 0.5, lr=1.0, weight_decay=0.05)).splitlines() == [
            "group             lr    weight_decay  params",
            "layer_0_decay     0.25  0.05          cls_token",
            "layer_1_decay     0.5   0.05          blocks/0/w",
            "layer_1_no_decay  0.5   0.0           blocks/0/bias",
            "layer_2_decay     1     0.05          head/w",
        ]


@pytest.mark.parametrize(
    ("params", "options", "error", "expected"), LAYER_DECAY, ids=[row[3][:70] for row in LAYER_DECAY]
)
def test_bad_layer_decay(params: str, options: dict[str, Any], error: type[Exception], expected: str) -> None:
    for package in PACKAGES if "stacked" not in options else [lrjax]:
        tree = named(package, {path: (3, 2) for path in params.split()})
        with pytest.raises(error) as caught:
            package.layer_decay(tree, **{"lr": 1.0, **options})
        assert type(caught.value) is error
        assert str(caught.value).startswith(expected)
