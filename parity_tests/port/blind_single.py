"""Blind pairs with one convention different, in the moments of the optimizer."""

import optax
from torch.optim import SGD, Adagrad, Adam, AdamW, NAdam, RAdam, RMSprop
from torch.optim.lr_scheduler import (
    CosineAnnealingLR,
    CosineAnnealingWarmRestarts,
    CyclicLR,
    MultiplicativeLR,
    OneCycleLR,
    StepLR,
)

from .blind_recipes import NORM_AS_HEAD, of_count, one_cycle, ramp, scale_by_plain_adagrad, triangle, warm_restarts
from .pair import LABELS, Pair, both
from .pairs_after_recipes import hugging_face, scheduled

MOMENTS = [
    Pair(
        id="blind: NAdam, whose momentum stays fixed in optax",
        source="MLCommons algorithmic-efficiency before it had its own NAdamW; threads 11 and 12 for the shape of it",
        torch=lambda net: NAdam(net.parameters(), lr=2e-3),
        jax=lambda: optax.nadam(2e-3),
        causes=("rule",),
        first=0,
    ),
    Pair(
        id="blind: OneCycleLR, whose cycled beta1 nobody saw",
        source="fastai-like recipe: Adam under torch's OneCycleLR at its defaults",
        torch=lambda net: scheduled(
            Adam(net.parameters(), lr=1e-3), lambda o: OneCycleLR(o, max_lr=3e-3, total_steps=1500)
        ),
        jax=lambda: optax.adam(one_cycle(3e-3, 1500)),
        causes=("betas",),
        first=0,  # of the moment; stated as 1 at first, where Adam's correction lets the parameters differ
        parted=1,
    ),
    Pair(
        id="blind: CyclicLR, whose cycled momentum nobody saw",
        source="Smith's cyclical rates, torch's CyclicLR at its defaults (base_momentum 0.8, max_momentum 0.9)",
        torch=lambda net: scheduled(
            SGD(net.parameters(), lr=0.01, momentum=0.9),
            lambda o: CyclicLR(o, base_lr=0.01, max_lr=0.1, step_size_up=50),
        ),
        jax=lambda: optax.sgd(triangle(0.01, 0.1, 50), momentum=0.9),
        causes=("momentum",),
        first=1,
    ),
    Pair(
        id="blind: RoBERTa's eps of 1e-6 lost under a polynomial decay",
        source="fairseq RoBERTa: --adam-eps 1e-6, betas (0.9, 0.98), polynomial_decay",
        torch=lambda net: scheduled(
            AdamW(net.parameters(), lr=6e-4, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.01),
            hugging_face("get_polynomial_decay_schedule_with_warmup", 0, 1200, lr_end=0.0),
        ),
        jax=lambda: optax.adamw(ramp(6e-4, 0.0, 1200), b2=0.98, weight_decay=0.01),
        causes=("eps",),
        first=0,
    ),
    Pair(
        id="blind: RAdam, whose eps torch adds before the correction",
        source="threads 5 and 8: audits of where eps is added",
        torch=lambda net: scheduled(RAdam(net.parameters(), lr=1e-3, eps=1e-5), lambda o: StepLR(o, 120, gamma=0.5)),
        jax=lambda: optax.radam(of_count(lambda count: 1e-3 * 0.5 ** (count // 120)), eps=1e-5),
        causes=("eps_place",),
        first=5,
    ),
    Pair(
        id="blind: RMSprop with Adam's bias correction",
        source="optax.rmsprop(bias_correction=True), taken for what torch does",
        torch=lambda net: RMSprop(net.parameters(), lr=1e-3, alpha=0.9),
        jax=lambda: optax.rmsprop(1e-3, decay=0.9, eps_in_sqrt=False, bias_correction=True),
        causes=("bias_correction",),
        first=0,
    ),
    Pair(
        id="blind: AMSGrad through optax.amsgrad, whose maximum is of corrected moments",
        source="Adam(amsgrad=True) of a regression recipe (SchNetPack), cosine",
        torch=lambda net: scheduled(
            Adam(net.parameters(), lr=5e-4, amsgrad=True), lambda o: CosineAnnealingLR(o, T_max=1500)
        ),
        jax=lambda: optax.amsgrad(optax.cosine_decay_schedule(5e-4, 1500)),
        causes=("amsgrad",),
        first=1,
    ),
    Pair(
        id="blind: nesterov=True in optax only, under warm restarts",
        source="SGDR for WideResNet: CosineAnnealingWarmRestarts(T_0, T_mult=2)",
        torch=lambda net: scheduled(
            SGD(net.parameters(), lr=0.05, momentum=0.9),
            lambda o: CosineAnnealingWarmRestarts(o, T_0=100, T_mult=2),
        ),
        jax=lambda: optax.sgd(warm_restarts(0.05, 100, 2, 4), momentum=0.9, nesterov=True),
        causes=("nesterov",),
        first=0,
    ),
    Pair(
        id="blind: a dampening of a half that trace has not",
        source="video recipe (PySlowFast's SGD with SOLVER.DAMPENING)",
        torch=lambda net: SGD(both(net, lr=0.1), momentum=0.9, dampening=0.5, weight_decay=1e-4),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(1e-4),
            optax.trace(0.9),
            optax.multi_transform({"body": optax.scale(-0.01), "head": optax.scale(-0.1)}, LABELS),
        ),
        causes=("dampening",),
        first=1,
    ),
    Pair(
        id="blind: a moving average that starts at nought instead of the first gradient",
        source="SGD with dampening equal to the momentum, ported as optax.ema",
        torch=lambda net: scheduled(
            SGD(net.parameters(), lr=0.1, momentum=0.9, dampening=0.9),
            lambda o: MultiplicativeLR(o, lambda epoch: 0.995),
        ),
        jax=lambda: optax.chain(
            optax.ema(0.9, debias=False), optax.scale_by_learning_rate(of_count(lambda count: 0.1 * 0.995**count))
        ),
        causes=("first_moment",),
        first=0,
    ),
    Pair(
        id="blind: the Nature DQN's RMSprop without centering",
        source="DQN (Nature): centered RMSprop, alpha 0.95, eps 0.01",
        torch=lambda net: RMSprop(net.parameters(), lr=2.5e-4, alpha=0.95, eps=0.01, centered=True),
        jax=lambda: optax.rmsprop(2.5e-4, decay=0.95, eps=0.01, eps_in_sqrt=False),
        causes=("centered",),
        first=0,
    ),
    Pair(
        id="blind: Adagrad with TensorFlow's first accumulator",
        source="wide and deep recommender, TensorFlow's Adagrad against torch's",
        torch=lambda net: Adagrad(net.parameters(), lr=0.01),
        jax=lambda: optax.chain(scale_by_plain_adagrad(initial=0.1), optax.scale(-0.01)),
        causes=("initial_accumulator",),
        first=0,
    ),
    Pair(
        id="blind: Caffe's momentum, with the rate inside",
        source="old Caffe and Keras recipes: v = m v - lr g, StepLR",
        torch=lambda net: scheduled(SGD(net.parameters(), lr=0.1, momentum=0.9), lambda o: StepLR(o, 50, gamma=0.5)),
        jax=lambda: optax.chain(
            optax.scale_by_learning_rate(of_count(lambda count: 0.1 * 0.5 ** (count // 50))), optax.trace(0.9)
        ),
        causes=("rate_inside",),
        first=50,
    ),
]

GROUPS = [
    Pair(
        id="blind: the norm labelled as a part of the head",
        source="two-rate fine-tuning: everything behind the backbone called the head",
        torch=lambda net: Adam(both(net, lr=1e-3)),
        jax=lambda: optax.multi_transform({"body": optax.adam(1e-4), "head": optax.adam(1e-3)}, NORM_AS_HEAD),
        causes=("groups",),
        first=0,
        group="body",
    ),
]
