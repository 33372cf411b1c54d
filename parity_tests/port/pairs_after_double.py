"""Ports with two conventions different."""

import optax
from torch.optim import SGD, Adadelta, Adagrad, Adam, AdamW, RMSprop
from torch.optim.lr_scheduler import MultiStepLR, StepLR

import lrjax

from .pair import LABELS, Pair, both
from .pairs_after_recipes import (
    epoch_factor,
    factor,
    hugging_face,
    matrices,
    scale_by_bert_adam,
    scheduled,
    spd_factor,
    torchvision_warmup_cosine,
)

DEFAULTS = [  # what optax does when nobody asks
    Pair(
        id="RMSprop at the defaults of each side",
        source="thread 7",
        torch=lambda net: RMSprop(net.parameters(), lr=1e-2),
        jax=lambda: optax.rmsprop(1e-2),
        causes=("alpha", "eps_place"),
        first=0,
    ),
    Pair(
        id="Adagrad at optax's defaults",
        source="recommender recipe",
        torch=lambda net: Adagrad(net.parameters(), lr=0.01, eps=1e-7),
        jax=lambda: optax.adagrad(0.01),
        causes=("initial_accumulator", "eps_place"),
        first=0,
    ),
    Pair(
        id="clip and adamw at optax's defaults",
        source="threads 2 and 10",
        torch=lambda net: AdamW(net.parameters(), lr=3e-4),
        jax=lambda: optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(3e-4)),
        causes=("clip_eps", "weight_decay"),
        first=0,
        loop={"clip_grad_norm": 1.0},
    ),
    Pair(
        id="Adadelta at Keras's defaults",
        source="Keras example ported by way of torch",
        torch=lambda net: Adadelta(net.parameters()),
        jax=lambda: optax.adadelta(1e-3, rho=0.95),
        causes=("rho", "lr"),
        first=0,
    ),
]

MOMENTS = [
    Pair(
        id="BERT's first Adam, without the correction and without decay of vectors",
        source="thread 5; google-research/bert, optimization.py",
        torch=lambda net: AdamW(net.parameters(), lr=1e-4, weight_decay=0.01),
        jax=lambda: optax.chain(
            scale_by_bert_adam(), optax.add_decayed_weights(0.01, mask=matrices), optax.scale_by_learning_rate(1e-4)
        ),
        causes=("bias_correction", "decay_mask"),
        first=0,
    ),
    Pair(
        id="AMSGrad lost, and its eps with it",
        source="Adam(amsgrad=True) of a graph-network recipe",
        torch=lambda net: Adam(net.parameters(), lr=1e-3, eps=1e-6, amsgrad=True),
        jax=lambda: optax.adam(1e-3),
        causes=("amsgrad", "eps"),
        first=0,
    ),
    Pair(
        id="YOLO's SGD with a plain momentum",
        source="YOLO recipe, SGD(momentum=0.937, nesterov=True)",
        torch=lambda net: scheduled(
            SGD(net.parameters(), lr=0.01, momentum=0.937, weight_decay=5e-4, nesterov=True),
            lambda o: MultiStepLR(o, [600, 900]),
        ),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(5e-4),
            optax.sgd(optax.piecewise_constant_schedule(0.01, {600: 0.1, 900: 0.1}), momentum=0.9),
        ),
        causes=("momentum", "nesterov"),
        first=0,
    ),
    Pair(
        id="DQN's centered RMSprop, uncentered and with another momentum",
        source="DQN, RMSProp(momentum=0.95, eps=0.01, centered)",
        torch=lambda net: RMSprop(net.parameters(), lr=2.5e-4, alpha=0.95, eps=0.01, momentum=0.95, centered=True),
        jax=lambda: optax.chain(
            optax.scale_by_rms(decay=0.95, eps=0.01, eps_in_sqrt=False),
            optax.trace(0.9),
            optax.scale_by_learning_rate(2.5e-4),
        ),
        causes=("centered", "momentum"),
        first=0,
    ),
    Pair(
        id="one side still at SGD, and another factor in the steps",
        source="thread 17",
        torch=lambda net: scheduled(Adam(net.parameters(), lr=1e-2), lambda o: StepLR(o, 200, gamma=0.1)),
        jax=lambda: optax.sgd(optax.exponential_decay(1e-2, 200, 0.5, staircase=True)),
        causes=("rule", "schedule"),
        first=0,
    ),
]

GRADIENTS = [
    Pair(
        id="clipping by value and decoupled decay in place of torch's",
        source="thread 9",
        torch=lambda net: Adam(net.parameters(), lr=1e-3, weight_decay=1e-2),
        jax=lambda: optax.chain(optax.clip(1.0), optax.adamw(1e-3, weight_decay=1e-2)),
        causes=("clip_kind", "decay_form"),
        first=0,
        loop={"clip_grad_norm": 1.0},
    ),
    Pair(
        id="half the micro-steps at half the rate",
        source="threads 20 and 21",
        torch=lambda net: AdamW(net.parameters(), lr=6e-4, weight_decay=0.1),
        jax=lambda: optax.MultiSteps(optax.adamw(3e-4, weight_decay=0.1), every_k_schedule=4).gradient_transformation(),
        causes=("accumulation", "lr"),
        first=0,
        loop={"accumulate": 8},
    ),
    Pair(
        id="the body frozen in JAX, where nothing is clipped",
        source="detection recipe: backbone at a tenth of the rate, clip_max_norm 0.1 (DETR)",
        torch=lambda net: SGD(both(net, lr=0.01), momentum=0.9),
        jax=lambda: optax.multi_transform({"body": optax.set_to_zero(), "head": optax.sgd(0.01, momentum=0.9)}, LABELS),
        causes=("groups", "clip"),
        first=0,
        loop={"clip_grad_norm": 0.1},
    ),
]

RATES = [
    Pair(
        id="torchvision's warm-up and cosine: from zero, and held at the end",
        source="thread 26; torchvision references/classification",
        torch=lambda net: scheduled(
            SGD(net.parameters(), lr=0.5, momentum=0.9), torchvision_warmup_cosine(50, 500, 0.01)
        ),
        jax=lambda: optax.sgd(optax.warmup_cosine_decay_schedule(0.0, 0.5, 50, 500), momentum=0.9),
        causes=("warmup_start", "after_end"),
        first=0,
    ),
    Pair(
        id="a cosine of another length without its floor",
        source="thread 1",
        torch=lambda net: scheduled(
            AdamW(net.parameters(), lr=1e-3, weight_decay=0.01), factor(lambda step: spd_factor(step, floor=0.1))
        ),
        jax=lambda: optax.chain(
            lrjax.ClipGradNorm(1.0), optax.adamw(optax.cosine_decay_schedule(1e-3, 1000), weight_decay=0.01)
        ),
        causes=("decay_length", "floor"),
        first=1,
        loop={"clip_grad_norm": 1.0},
    ),
    Pair(
        id="RoBERTa with another warm-up and adamw's own b2",
        source="transformers, constant_with_warmup; RoBERTa's betas",
        torch=lambda net: scheduled(
            AdamW(net.parameters(), lr=1e-4, betas=(0.9, 0.98), weight_decay=0.01),
            hugging_face("get_constant_schedule_with_warmup", 60),
        ),
        jax=lambda: optax.adamw(optax.warmup_constant_schedule(0.0, 1e-4, 100), weight_decay=0.01),
        causes=("warmup_length", "betas"),
        first=0,
    ),
    Pair(
        id="a cosine by epochs ported to one by updates, at another momentum",
        source="timm recipe, sched cosine, t_in_epochs",
        torch=lambda net: scheduled(SGD(net.parameters(), lr=0.1, momentum=0.9), factor(epoch_factor)),
        jax=lambda: optax.sgd(optax.cosine_decay_schedule(0.1, 1000), momentum=0.95),
        causes=("schedule_unit", "momentum"),
        first=1,
    ),
]

DOUBLE = DEFAULTS + MOMENTS + GRADIENTS + RATES
