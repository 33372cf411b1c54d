"""Relatives of the third blind set that are equal: gathered gradients, and parameters that never move."""

from typing import Any

import jax
import jax.numpy as jnp
import optax
from torch.optim import SGD, Adadelta, Adagrad, Adam, AdamW, RMSprop
from torch.optim.lr_scheduler import CosineAnnealingLR

import lrjax

from .pair import LABELS, Net, Pair
from .third_recipes import clip_as_torch, two, under

SHORT = {"steps": 80, "rate_steps": 160}


def frozen(net: Net) -> Net:
    """The net whose backbone is asked for no gradients."""
    net.backbone.requires_grad_(False)
    return net


def probe(net: Net) -> list[Any]:
    """What linear probing trains: all but the backbone."""
    return [p for p in frozen(net).parameters() if p.requires_grad]


def backbone(tree: Any) -> Any:
    """A mask of the backbone."""
    return {key: jax.tree.map(lambda _, key=key: key == "backbone", part) for key, part in tree.items()}


PROBED = {"backbone": "body", "norm": "head", "head": "head"}


def gathered(tx: optax.GradientTransformation, k: int, *, mean: bool = True) -> optax.GradientTransformation:
    """The transformation after so many micro-steps."""
    return optax.MultiSteps(tx, k, use_grad_mean=mean).gradient_transformation()


def summed(k: int, **more: Any) -> dict[str, Any]:
    """A loop that forgets loss / accumulate."""
    return {"accumulate": k, "accumulate_by": "sum", **SHORT, **more}


GATHERED = [
    Pair(
        id="MultiSteps that sums, decay and momentum behind it",
        source="relative: what the tool offers for accumulation_mean",
        torch=lambda net: SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=3e-4),
        jax=lambda: gathered(
            optax.chain(optax.add_decayed_weights(3e-4), optax.sgd(0.01, momentum=0.9)), 6, mean=False
        ),
        causes=(),
        loop=summed(6),
    ),
    Pair(
        id="a mean in torch, a sum at a sixth of the rate with six times the decay",
        source="relative: lr / k beside use_grad_mean=False",
        torch=lambda net: SGD(net.parameters(), lr=0.06, momentum=0.9, weight_decay=1e-3),
        jax=lambda: gathered(
            optax.chain(optax.add_decayed_weights(6e-3), optax.sgd(0.01, momentum=0.9)), 6, mean=False
        ),
        causes=(),
        loop={"accumulate": 6, **SHORT},
    ),
    Pair(
        id="a summed loss clipped, as a mean times four",
        source="relative: clip_grad_norm_ of the sum",
        torch=lambda net: SGD(net.parameters(), lr=0.05, momentum=0.8),
        jax=lambda: gathered(optax.chain(optax.scale(4.0), clip_as_torch(0.5), optax.sgd(0.05, momentum=0.8)), 4),
        causes=(),
        loop=summed(4, clip_grad_norm=0.5),
    ),
    Pair(
        id="Adam's L2 decay beside a summed loss",
        source="relative: Adam is blind to the scale, its decay and eps are not",
        torch=lambda net: Adam(net.parameters(), lr=1e-3, eps=1e-6, weight_decay=0.02),
        jax=lambda: gathered(
            optax.chain(optax.scale(4.0), optax.add_decayed_weights(0.02), optax.adam(1e-3, eps=1e-6)), 4
        ),
        causes=(),
        loop=summed(4),
    ),
    Pair(
        id="Adadelta of a summed loss",
        source="relative: its eps stands twice",
        torch=lambda net: Adadelta(net.parameters(), lr=1.0),
        jax=lambda: gathered(optax.adadelta(1.0), 3, mean=False),
        causes=(),
        loop=summed(3),
    ),
    Pair(
        id="Adagrad of a summed loss, from an accumulator of a half",
        source="relative: the accumulator grows with the square of the sum",
        torch=lambda net: Adagrad(net.parameters(), lr=0.05, initial_accumulator_value=0.5, eps=1e-6),
        jax=lambda: gathered(lrjax.Adagrad("**", lr=0.05, initial_accumulator_value=0.5, eps=1e-6), 3, mean=False),
        causes=(),
        loop=summed(3),
    ),
    Pair(
        id="each micro-step times their number, before MultiSteps",
        source="relative: optax.scale outside",
        torch=lambda net: SGD(net.parameters(), lr=0.02, weight_decay=1e-3, nesterov=True, momentum=0.9),
        jax=lambda: optax.chain(
            optax.scale(4.0),
            gathered(optax.chain(optax.add_decayed_weights(1e-3), optax.sgd(0.02, 0.9, nesterov=True)), 4),
        ),
        causes=(),
        loop=summed(4),
    ),
    Pair(
        id="lrjax's SGD in a MultiSteps that sums, two groups",
        source="relative: the code that the report writes",
        torch=lambda net: SGD(two(net, {"lr": 0.01}, {"lr": 0.1}), momentum=0.9, weight_decay=1e-3),
        jax=lambda: gathered(
            lrjax.SGD(
                [{"params": ["backbone/**", "norm/**"], "lr": 0.01}, {"params": ["head/**"], "lr": 0.1}],
                momentum=0.9,
                weight_decay=1e-3,
            ),
            5,
            mean=False,
        ),
        causes=(),
        loop=summed(5),
    ),
    Pair(
        id="AdamW after four micro-steps under a cosine, the clip inside",
        source="relative: the mean, as nanoGPT takes it",
        torch=lambda net: under(AdamW(net.parameters(), lr=1e-3), lambda o: CosineAnnealingLR(o, 200)),
        jax=lambda: gathered(
            optax.chain(clip_as_torch(1.0), optax.adamw(optax.cosine_decay_schedule(1e-3, 200), weight_decay=1e-2)), 4
        ),
        causes=(),
        loop={"accumulate": 4, "clip_grad_norm": 1.0, **SHORT},
    ),
    Pair(
        id="the mean of three clipped by value, RMSprop behind",
        source="relative: clip_grad_value_ once",
        torch=lambda net: RMSprop(net.parameters(), lr=1e-3),
        jax=lambda: gathered(optax.chain(optax.clip(0.2), optax.rmsprop(1e-3, 0.99, eps_in_sqrt=False)), 3),
        causes=(),
        loop={"accumulate": 3, "clip_grad_value": 0.2, **SHORT},
    ),
    Pair(
        id="a summed loss clipped by value, the sum in JAX as well",
        source="relative: the limit is of the sum",
        torch=lambda net: SGD(net.parameters(), lr=0.1, weight_decay=0.01),
        jax=lambda: gathered(
            optax.chain(optax.clip(0.2), optax.add_decayed_weights(0.01), optax.sgd(0.1)), 3, mean=False
        ),
        causes=(),
        loop=summed(3, clip_grad_value=0.2),
    ),
]

STILL = [
    Pair(
        id="a backbone without gradients in torch's optimizer, set_to_zero in JAX",
        source="relative: requires_grad=False under Adam(model.parameters())",
        torch=lambda net: Adam(frozen(net).parameters(), lr=1e-3),
        jax=lambda: optax.multi_transform({"body": optax.set_to_zero(), "head": optax.adam(1e-3)}, PROBED),
        causes=(),
        loop=SHORT,
        note="backbone/kernel",
    ),
    Pair(
        id="updates of the backbone masked to zero behind AdamW",
        source="relative: optax.masked(set_to_zero) at the end of the chain",
        torch=lambda net: AdamW(probe(net), lr=1e-3),
        jax=lambda: optax.chain(optax.adamw(1e-3, weight_decay=1e-2), optax.masked(optax.set_to_zero(), backbone)),
        causes=(),
        loop=SHORT,
        note="never moved",
    ),
    Pair(
        id="optax.transforms.freeze for requires_grad_(False)",
        source="relative: what optax has for freezing",
        torch=lambda net: SGD(probe(net), lr=0.1, momentum=0.9),
        jax=lambda: optax.chain(optax.sgd(0.1, momentum=0.9), optax.transforms.freeze(backbone(TREE))),
        causes=(),
        loop=SHORT,
        note="never moved",
    ),
    Pair(
        id="an lrjax group that is frozen, and a backbone that torch's optimizer has not",
        source="relative: frozen=True in a group",
        torch=lambda net: SGD(probe(net), lr=0.1, momentum=0.9),
        jax=lambda: lrjax.SGD(
            [{"params": ["backbone/**"], "frozen": True}, {"params": ["**"], "lr": 0.1}], momentum=0.9
        ),
        causes=(),
        loop=SHORT,
        note="never moved",
    ),
    Pair(
        id="a clip that only the trained label sees, as torch's sees what has gradients",
        source="relative: linear probing with clip_grad_norm_",
        torch=lambda net: SGD(frozen(net).parameters(), lr=0.1),
        jax=lambda: optax.multi_transform(
            {"body": optax.set_to_zero(), "head": optax.chain(clip_as_torch(0.5), optax.sgd(0.1))}, PROBED
        ),
        causes=(),
        loop={"clip_grad_norm": 0.5, **SHORT},
    ),
    Pair(
        id="the backbone's gradients set to zero before the clip",
        source="relative: what stop_gradient does, as a link of the chain",
        torch=lambda net: Adam(frozen(net).parameters(), lr=1e-3),
        jax=lambda: optax.chain(optax.masked(optax.set_to_zero(), backbone), clip_as_torch(0.5), optax.adam(1e-3)),
        causes=(),
        loop={"clip_grad_norm": 0.5, **SHORT},
    ),
    Pair(
        id="a clip of all gradients, of which torch's optimizer has a part",
        source="relative: clip_grad_norm_(model.parameters()) sees what no group has",
        torch=lambda net: SGD([*net.norm.parameters(), *net.head.parameters()], lr=0.1),
        jax=lambda: optax.chain(
            clip_as_torch(0.5), optax.multi_transform({"body": optax.set_to_zero(), "head": optax.sgd(0.1)}, PROBED)
        ),
        causes=(),
        loop={"clip_grad_norm": 0.5, **SHORT},
        note="so must torch's clip_grad_norm_",
    ),
    Pair(
        id="a body at a rate of zero, and set_to_zero",
        source="relative: a group that waits",
        torch=lambda net: AdamW(two(net, {"lr": 0.0}, {"lr": 1e-3})),
        jax=lambda: optax.multi_transform(
            {"body": optax.set_to_zero(), "head": optax.adamw(1e-3, weight_decay=1e-2)}, LABELS
        ),
        causes=(),
        loop=SHORT,
    ),
]

TREE: dict[str, Any] = {
    "backbone": {"kernel": jnp.zeros((5, 6)), "bias": jnp.zeros(6)},
    "norm": {"scale": jnp.zeros(6), "bias": jnp.zeros(6)},
    "head": {"kernel": jnp.zeros((6, 3)), "bias": jnp.zeros(3)},
}
EQUAL = [*GATHERED, *STILL]
