"""The third blind set: one convention, in the moments and in the weight decay."""

import optax
from torch.optim import SGD, Adagrad, Adam, Adamax, AdamW, NAdam, RMSprop
from torch.optim.lr_scheduler import ExponentialLR, MultiStepLR

from .pair import LABELS, Pair
from .third_recipes import (
    NORM_WITH_HEAD,
    adamax_uncorrected,
    by_decay,
    nadam_as_torch,
    no_biases,
    two,
    under,
)

MOMENTS = [
    Pair(
        id="third: DCGAN's beta1 of a half lost",
        source="pytorch/examples dcgan: betas=(0.5, 0.999)",
        torch=lambda net: Adam(net.parameters(), lr=2e-4, betas=(0.5, 0.999)),
        jax=lambda: optax.adam(2e-4),
        causes=("betas",),
        first=0,  # of the first moment, which the correction hides from the first update
        parted=1,
    ),
    Pair(
        id="third: the head's own momentum lost",
        source="groups with options of their own, ported as one sgd",
        torch=lambda net: SGD(two(net, {"lr": 0.01}, {"lr": 0.05, "momentum": 0.95}), momentum=0.9),
        jax=lambda: optax.chain(
            optax.trace(0.9), optax.multi_transform({"body": optax.scale(-0.01), "head": optax.scale(-0.05)}, LABELS)
        ),
        causes=("momentum",),
        first=1,
        group="head",
        parted=1,
    ),
    Pair(
        id="third: optax's decay of 0.9 for torch's alpha of 0.99",
        source="thread 7, once the place of eps was mended",
        torch=lambda net: RMSprop(net.parameters(), lr=7e-4, eps=1e-5),
        jax=lambda: optax.rmsprop(7e-4, eps=1e-5, eps_in_sqrt=False),
        causes=("alpha",),
        first=0,
        parted=0,
    ),
    Pair(
        id="third: Keras' eps of 1e-7 in torch's NAdam",
        source="NAdam written anew from a Keras recipe",
        torch=lambda net: NAdam(net.parameters(), lr=2e-3),
        jax=lambda: optax.chain(nadam_as_torch(eps=1e-7), optax.scale_by_learning_rate(2e-3)),
        causes=("eps",),
        first=0,
        parted=0,
    ),
    Pair(
        id="third: Adagrad's eps in the root",
        source="optax.adagrad with torch's accumulator of 0",
        torch=lambda net: Adagrad(net.parameters(), lr=0.02, eps=1e-5),
        jax=lambda: optax.adagrad(0.02, initial_accumulator_value=0.0, eps=1e-5),
        causes=("eps_place",),
        first=0,
        parted=0,
    ),
    Pair(
        id="third: Adamax without its correction",
        source="hand-written Adamax that forgets 1 - beta1^t",
        torch=lambda net: under(Adamax(net.parameters(), lr=2e-3), lambda o: ExponentialLR(o, 0.995)),
        jax=lambda: optax.chain(
            adamax_uncorrected(), optax.scale_by_learning_rate(optax.exponential_decay(2e-3, 1, 0.995))
        ),
        causes=("bias_correction",),
        first=0,
        parted=0,
    ),
    Pair(
        id="third: WGAN-GP with AMSGrad in torch only",
        source="WGAN-GP: betas=(0, 0.9); a coming gradient below a third of the last lets v fall at once",
        torch=lambda net: Adam(net.parameters(), lr=1e-4, betas=(0.0, 0.9), amsgrad=True),
        jax=lambda: optax.adam(1e-4, b1=0.0, b2=0.9),
        causes=("amsgrad",),
        first=1,
        parted=1,
    ),
    Pair(
        id="third: a moving average of gradients for a dampened momentum",
        source="torch starts the buffer with the whole first gradient, optax.ema at 0",
        torch=lambda net: SGD(net.parameters(), lr=0.3, momentum=0.9, dampening=0.9),
        jax=lambda: optax.chain(optax.ema(0.9, debias=False), optax.scale_by_learning_rate(0.3)),
        causes=("first_moment",),
        first=0,
        parted=0,
    ),
    Pair(
        id="third: optax.rmsprop keeps the old rate in its momentum",
        source="RMSprop with momentum, the rate falls at 100",
        torch=lambda net: under(
            RMSprop(net.parameters(), lr=1e-3, momentum=0.9), lambda o: MultiStepLR(o, [100], gamma=0.1)
        ),
        jax=lambda: optax.rmsprop(
            optax.piecewise_constant_schedule(1e-3, {100: 0.1}), decay=0.99, eps_in_sqrt=False, momentum=0.9
        ),
        causes=("rate_inside",),
        first=100,
        parted=100,
    ),
]

DECAY = [
    Pair(
        id="third: adamaxw for an Adamax with L2",
        source="threads 9 and 10, for Adamax: optax has only the decoupled one",
        torch=lambda net: Adamax(net.parameters(), lr=1e-3, weight_decay=0.04),
        jax=lambda: optax.adamaxw(1e-3, weight_decay=0.04),
        causes=("decay_form",),
        first=0,
        parted=0,
    ),
    Pair(
        id="third: a mask by name that lets the norm's scale decay",
        source="minGPT's groups, ported as a mask of what is not called bias",
        torch=lambda net: AdamW(by_decay(net, 0.1), lr=3e-4),
        jax=lambda: optax.adamw(3e-4, weight_decay=0.1, mask=no_biases),
        causes=("decay_mask",),
        first=0,
        group="no_decay",
        parted=0,
    ),
    Pair(
        id="third: the head's own decay lost",
        source="two groups whose decay differs, ported with one add_decayed_weights",
        torch=lambda net: SGD(
            two(net, {"weight_decay": 1e-4}, {"weight_decay": 5e-4}), lr=0.08, momentum=0.9, nesterov=True
        ),
        jax=lambda: optax.chain(optax.add_decayed_weights(1e-4), optax.sgd(0.08, momentum=0.9, nesterov=True)),
        causes=("weight_decay",),
        first=0,
        group="head",
        parted=0,
    ),
    Pair(
        id="third: the norm goes with the head",
        source="labels by a prefix that catches too much",
        torch=lambda net: AdamW(two(net, {"lr": 5e-5}, {"lr": 5e-4}), weight_decay=0.01),
        jax=lambda: optax.multi_transform(
            {"body": optax.adamw(5e-5, weight_decay=0.01), "head": optax.adamw(5e-4, weight_decay=0.01)},
            NORM_WITH_HEAD,
        ),
        causes=("groups",),
        first=0,
        group="body",
        parted=0,
    ),
]
