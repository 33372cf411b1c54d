"""Blind pairs with two conventions different at once, none of them in the schedule."""

import jax.numpy as jnp
import optax
from torch.optim import SGD, Adadelta, Adagrad, Adam, AdamW, RMSprop
from torch.optim.lr_scheduler import StepLR

import lrjax

from .blind_recipes import NORM_AS_HEAD, accumulated, every, of_count, scale_by_plain_adagrad, torch_clip
from .pair import LABELS, Pair, both
from .pairs_after_recipes import decay_groups, factor, scheduled

OPTIMIZER = [
    Pair(
        id="blind: the head's rate halved, the body's decay doubled",
        source="Swin fine-tuning, a body at a tenth of the rate",
        torch=lambda net: AdamW(both(net, lr=1e-3), weight_decay=0.05),
        jax=lambda: optax.multi_transform(
            {"body": optax.adamw(1e-4, weight_decay=0.1), "head": optax.adamw(5e-4, weight_decay=0.05)}, LABELS
        ),
        causes=("lr", "weight_decay"),
        first=0,
    ),
    Pair(
        id="blind: torch's Adadelta defaults against Zeiler's rho and a rate of a half",
        source="Kim's CNN for sentence classification: Adadelta with rho 0.95",
        torch=lambda net: Adadelta(net.parameters()),
        jax=lambda: optax.adadelta(0.5, rho=0.95, eps=1e-6),
        causes=("rho", "lr"),
        first=0,
    ),
    Pair(
        id="blind: REINFORCE that maximizes, ported with the loss's sign lost and Adam's own eps",
        source="thread 14 (eps not passed) in a REINFORCE agent with maximize=True",
        torch=lambda net: Adam(net.parameters(), lr=1e-3, eps=1e-5, maximize=True),
        jax=lambda: optax.adam(1e-3),
        causes=("maximize", "eps"),
        first=0,
    ),
    Pair(
        id="blind: evolution strategies whose chain goes up, at Hinton's first momentum",
        source="OpenAI-ES-like SGD with momentum; a chain that ends in a positive scale",
        torch=lambda net: scheduled(SGD(net.parameters(), lr=0.02, momentum=0.9), lambda o: StepLR(o, 80, gamma=0.5)),
        jax=lambda: optax.chain(
            optax.trace(0.5), optax.scale_by_schedule(of_count(lambda count: 0.02 * 0.5 ** (count // 80)))
        ),
        causes=("maximize", "momentum"),
        first=0,
    ),
    Pair(
        id="blind: TensorFlow's accumulator, and the norm taken for the head",
        source="DLRM-like recommender: Adagrad with two rates",
        torch=lambda net: Adagrad(both(net, lr=0.1)),
        jax=lambda: optax.chain(
            scale_by_plain_adagrad(initial=0.1),
            optax.multi_transform({"body": optax.scale(-0.01), "head": optax.scale(-0.1)}, NORM_AS_HEAD),
        ),
        causes=("initial_accumulator", "groups"),
        first=0,
    ),
    Pair(
        id="blind: a moving average from nought, and biases that decay",
        source="SGD with dampening equal to the momentum, vectors without decay; optax.ema and no mask",
        torch=lambda net: SGD(decay_groups(net, 1e-2), lr=0.1, momentum=0.9, dampening=0.9),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(1e-2), optax.ema(0.9, debias=False), optax.scale_by_learning_rate(0.1)
        ),
        causes=("first_moment", "decay_mask"),
        first=0,
    ),
]

GRADIENTS = [
    Pair(
        id="blind: a graph network's L2 decay decoupled, its clip forgotten",
        source="graph network recipe: Adam with weight_decay 5e-4 (GCN, thread 9) and a clip",
        torch=lambda net: Adam(net.parameters(), lr=0.01, weight_decay=5e-4),
        jax=lambda: optax.adamw(0.01, weight_decay=5e-4),
        causes=("decay_form", "clip"),
        first=0,
        loop={"clip_grad_norm": 2.0},
    ),
    Pair(
        id="blind: PPO clipped at 1 instead of 0.5, the head's beta1 a half",
        source="PPO agent: max_grad_norm 0.5, eps 1e-5; a critic's head with betas of its own in the port",
        torch=lambda net: scheduled(Adam(both(net, lr=3e-4), eps=1e-5), factor(lambda step: 1 - min(step / 4000, 1.0))),
        jax=lambda: optax.chain(
            torch_clip(1.0),
            optax.multi_transform(
                {"body": optax.scale_by_adam(eps=1e-5), "head": optax.scale_by_adam(b1=0.5, eps=1e-5)}, LABELS
            ),
            optax.multi_transform({"body": optax.scale(0.1), "head": optax.identity()}, LABELS),
            optax.scale_by_learning_rate(of_count(lambda count: 3e-4 * (1 - jnp.minimum(count * 2.5e-4, 1.0)))),
        ),
        causes=("clip", "betas"),
        first=0,
        loop={"clip_grad_norm": 0.5},
    ),
    Pair(
        id="blind: A2C clipped by value, with a faster RMSprop",
        source="Stable Baselines3 A2C: RMSprop alpha 0.99, eps 1e-5, max_grad_norm 0.5",
        torch=lambda net: RMSprop(net.parameters(), lr=7e-4, alpha=0.99, eps=1e-5),
        jax=lambda: optax.chain(optax.clip(0.5), optax.rmsprop(7e-4, decay=0.95, eps=1e-5, eps_in_sqrt=False)),
        causes=("alpha", "clip_kind"),
        first=0,
        loop={"clip_grad_norm": 0.5},
    ),
    Pair(
        id="blind: optax's global norm, and the falling rate inside the momentum",
        source="old Keras recipe: clipnorm, v = m v - lr g; thread 2",
        torch=lambda net: scheduled(SGD(net.parameters(), lr=0.1, momentum=0.9), lambda o: StepLR(o, 60, gamma=0.2)),
        jax=lambda: optax.chain(
            optax.clip_by_global_norm(1.0),
            optax.scale_by_learning_rate(every(60, lambda epoch: 0.1 * 0.2**epoch)),
            optax.trace(0.9),
        ),
        causes=("rate_inside", "clip_eps"),
        first=0,
        loop={"clip_grad_norm": 1.0},
    ),
    Pair(
        id="blind: every micro-step clipped, and twice as many of them",
        source="thread 20: nanoGPT clips once, after accumulation",
        torch=lambda net: SGD(net.parameters(), lr=0.05, momentum=0.9),
        jax=lambda: optax.chain(lrjax.ClipGradNorm(1.0), accumulated(optax.sgd(0.05, momentum=0.9), 8)),
        causes=("clip_order", "accumulation"),
        first=0,
        loop={"clip_grad_norm": 1.0, "accumulate": 4},
    ),
    Pair(
        id="blind: a summed loss, and a nesterov that was lost",
        source="YOLO-like detector: SGD with nesterov, gradients of 4 micro-steps summed",
        torch=lambda net: SGD(net.parameters(), lr=0.01, momentum=0.9, nesterov=True, weight_decay=1e-2),
        jax=lambda: accumulated(optax.chain(optax.add_decayed_weights(1e-2), optax.sgd(0.01, momentum=0.9)), 4),
        causes=("accumulation_mean", "nesterov"),
        first=0,
        loop={"accumulate": 4, "accumulate_by": "sum"},
    ),
]
