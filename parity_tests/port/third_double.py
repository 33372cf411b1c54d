"""The third blind set: two conventions, in the optimizer."""

import optax
from torch.optim import SGD, Adadelta, Adagrad, Adam, AdamW, NAdam, RMSprop
from torch.optim.lr_scheduler import ExponentialLR

from .pair import LABELS, Pair
from .third_recipes import EACH, adam_uncorrected, clip_as_torch, nadam_as_torch, three, two, under

OPTIMIZER = [
    Pair(
        id="third: adamw left at two defaults",
        source="fairseq RoBERTa: eps=1e-6, torch's decay of 1e-2",
        torch=lambda net: AdamW(net.parameters(), lr=6e-4, eps=1e-6),
        jax=lambda: optax.adamw(6e-4),
        causes=("weight_decay", "eps"),
        first=0,
        parted=0,
    ),
    Pair(
        id="third: Adadelta at half the rate, with another rho",
        source="Zeiler's 0.95 in torch, optax's 0.9",
        torch=lambda net: Adadelta(net.parameters(), lr=1.0, rho=0.95),
        jax=lambda: optax.adadelta(0.5),
        causes=("lr", "rho"),
        first=0,
        parted=0,
    ),
    Pair(
        id="third: the body's rate and the head's momentum",
        source="two groups, one mistake in each",
        torch=lambda net: SGD(two(net, {"lr": 0.01}, {"lr": 0.1}), momentum=0.9),
        jax=lambda: optax.multi_transform(
            {"body": optax.sgd(0.1, momentum=0.9), "head": optax.sgd(0.1, momentum=0.8)}, LABELS
        ),
        causes=("lr", "momentum"),
        first=0,
        group="body",
        parted=0,
    ),
    Pair(
        id="third: neither maximised nor Nesterov's",
        source="SGD(maximize=True, nesterov=True) ported as optax.sgd",
        torch=lambda net: SGD(net.parameters(), lr=0.02, momentum=0.9, nesterov=True, maximize=True),
        jax=lambda: optax.sgd(0.02, momentum=0.9),
        causes=("maximize", "nesterov"),
        first=0,
        parted=0,
    ),
    Pair(
        id="third: optax.rmsprop as it is",
        source="thread 7: decay=0.9, eps in the root",
        torch=lambda net: RMSprop(net.parameters(), lr=1e-2),
        jax=lambda: optax.rmsprop(1e-2),
        causes=("alpha", "eps_place"),
        first=0,
        parted=0,
    ),
    Pair(
        id="third: optax.adagrad as it is, but for eps",
        source="an accumulator of 0.1, eps in the root",
        torch=lambda net: Adagrad(net.parameters(), lr=0.05, eps=1e-4),
        jax=lambda: optax.adagrad(0.05, eps=1e-4),
        causes=("initial_accumulator", "eps_place"),
        first=0,
        parted=0,
    ),
    Pair(
        id="third: NAdam at Adam's rate, its decay in the gradient",
        source="NAdam(decoupled_weight_decay=True), ported as L2 at 1e-3",
        torch=lambda net: NAdam(net.parameters(), weight_decay=0.01, decoupled_weight_decay=True),
        jax=lambda: optax.chain(optax.add_decayed_weights(0.01), nadam_as_torch(), optax.scale_by_learning_rate(1e-3)),
        causes=("decay_form", "lr"),
        first=0,
        parted=0,
    ),
    Pair(
        id="third: BertAdam for torch's AdamW",
        source="google-research/bert optimization.py: no correction, eps=1e-6",
        torch=lambda net: AdamW(net.parameters(), lr=5e-5, weight_decay=0.01),
        jax=lambda: optax.chain(
            adam_uncorrected(eps=1e-6), optax.add_decayed_weights(0.01), optax.scale_by_learning_rate(5e-5)
        ),
        causes=("bias_correction", "eps"),
        first=0,
        parted=0,
    ),
    Pair(
        id="third: DQN's RMSprop, neither centered nor with momentum",
        source="Mnih et al.: centered, momentum 0.95, eps 0.01",
        torch=lambda net: RMSprop(net.parameters(), lr=2.5e-4, alpha=0.95, eps=0.01, centered=True, momentum=0.95),
        jax=lambda: optax.rmsprop(2.5e-4, decay=0.95, eps=0.01, eps_in_sqrt=False),
        causes=("centered", "momentum"),
        first=0,
        parted=0,
    ),
    Pair(
        id="third: EfficientNet's RMSprop through optax.rmsprop",
        source="timm: eps=1e-3, momentum 0.9, a rate that falls by the epoch",
        torch=lambda net: under(
            RMSprop(net.parameters(), lr=0.016, alpha=0.9, eps=1e-3, momentum=0.9), lambda o: ExponentialLR(o, 0.97)
        ),
        jax=lambda: optax.rmsprop(
            optax.exponential_decay(0.016, 60, 0.97, staircase=True), decay=0.9, eps=1e-3, momentum=0.9
        ),
        causes=("eps_place", "rate_inside"),
        first=0,
        loop={"scheduler_every": 60},
        parted=0,
    ),
    Pair(
        id="third: the backbone's decay and the norm's beta2",
        source="three groups, a mistake in two of them",
        torch=lambda net: AdamW(
            three(net, backbone={"weight_decay": 0.05}, norm={"betas": (0.9, 0.99)}, head={"lr": 2e-3}),
            lr=5e-4,
            weight_decay=0.01,
        ),
        jax=lambda: optax.multi_transform(
            {
                "backbone": optax.adamw(5e-4, weight_decay=0.1),
                "norm": optax.adamw(5e-4, weight_decay=0.01),
                "head": optax.adamw(2e-3, weight_decay=0.01),
            },
            EACH,
        ),
        causes=("weight_decay", "betas"),
        first=0,
        group="norm",
        parted=0,
    ),
    Pair(
        id="third: summed micro-steps averaged, and optax's clip",
        source="a loop that forgets loss / accumulate; thread 2",
        torch=lambda net: SGD(net.parameters(), lr=0.03, momentum=0.9, weight_decay=5e-4),
        jax=lambda: optax.MultiSteps(
            optax.chain(optax.clip_by_global_norm(0.1), optax.add_decayed_weights(5e-4), optax.sgd(0.03, momentum=0.9)),
            4,
        ).gradient_transformation(),
        causes=("accumulation_mean", "clip_eps"),
        first=0,
        loop={"clip_grad_norm": 0.1, "accumulate": 4, "accumulate_by": "sum"},
    ),
    Pair(
        id="third: clipped by value, and no dampening",
        source="optax.clip taken for clip_grad_norm_",
        torch=lambda net: SGD(net.parameters(), lr=0.02, momentum=0.9, dampening=0.1),
        jax=lambda: optax.chain(optax.clip(1.0), optax.sgd(0.02, momentum=0.9)),
        causes=("clip_kind", "dampening"),
        first=0,
        loop={"clip_grad_norm": 1.0},
    ),
    Pair(
        id="third: the clip behind the L2 decay, and eps inside the root of Adam",
        source="eps_root for eps; a chain in the wrong order",
        torch=lambda net: Adam(net.parameters(), lr=1e-3, eps=1e-4, weight_decay=0.1),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(0.1), clip_as_torch(0.5), optax.adam(1e-3, eps=0.0, eps_root=1e-4)
        ),
        causes=("clip_order", "eps_place"),
        first=0,
        loop={"clip_grad_norm": 0.5},
        parted=0,
    ),
]
