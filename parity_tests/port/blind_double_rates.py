"""Blind pairs with two conventions different at once, one of them in the schedule."""

import optax
from torch.optim import SGD, Adadelta, Adam, AdamW, RAdam, RMSprop
from torch.optim.lr_scheduler import ChainedScheduler, CosineAnnealingLR, ExponentialLR, LinearLR, StepLR

from .blind_recipes import of_count, ramp, scale_by_uncorrected_adam, timm_cosine
from .pair import LABELS, Pair, both
from .pairs_after_recipes import factor, hugging_face, scheduled

RATES_TOO = [
    Pair(
        id="blind: the MNIST example with a smooth decay and Zeiler's rho",
        source="pytorch/examples mnist/main.py against optax.exponential_decay without its staircase",
        torch=lambda net: scheduled(Adadelta(net.parameters(), lr=1.0), lambda o: StepLR(o, 40, gamma=0.7)),
        jax=lambda: optax.adadelta(of_count(lambda count: 0.7 ** (count * 0.025)), rho=0.95, eps=1e-6),
        causes=("rho", "schedule"),
        first=0,
    ),
    Pair(
        id="blind: a chained warm-up begun at zero, and the decay of the body lost to a default",
        source="ChainedScheduler([LinearLR, ExponentialLR]); optax.adamw's 1e-4 in the body's group",
        torch=lambda net: scheduled(
            AdamW(both(net, lr=1e-3), weight_decay=0.05),
            lambda o: ChainedScheduler([LinearLR(o, start_factor=0.2, total_iters=40), ExponentialLR(o, 0.999)]),
        ),
        jax=lambda: optax.multi_transform(
            {
                "body": optax.adamw(of_count(lambda count: ramp(0.0, 1e-4, 40)(count) * 0.999**count)),
                "head": optax.adamw(
                    of_count(lambda count: ramp(0.0, 1e-3, 40)(count) * 0.999**count), weight_decay=0.05
                ),
            },
            LABELS,
        ),
        causes=("weight_decay", "warmup_start"),
        first=0,
    ),
    Pair(
        id="blind: RMSprop uncentered, its rate read one update ahead",
        source="thread 27: the count raised before the schedule is read; a DQN-like centered RMSprop",
        torch=lambda net: scheduled(
            RMSprop(net.parameters(), lr=1e-3, alpha=0.95, eps=1e-2, centered=True),
            hugging_face("get_linear_schedule_with_warmup", 40, 1200),
        ),
        jax=lambda: optax.rmsprop(
            of_count(lambda count: optax.join_schedules([ramp(0.0, 1e-3, 40), ramp(1e-3, 0.0, 1160)], [40])(count + 1)),
            decay=0.95,
            eps=1e-2,
            eps_in_sqrt=False,
        ),
        causes=("centered", "rate_shift"),
        first=0,
    ),
    Pair(
        id="blind: EfficientNet's RMSprop with eps in the root, decayed with every update instead of every epoch",
        source="timm's EfficientNet recipe (thread 19), without momentum: eps 1e-3, decay by epochs",
        torch=lambda net: scheduled(
            RMSprop(net.parameters(), lr=0.01, alpha=0.9, eps=1e-3), lambda o: ExponentialLR(o, gamma=0.99)
        ),
        jax=lambda: optax.rmsprop(of_count(lambda count: 0.01 * 0.99**count), decay=0.9, eps=1e-3),
        causes=("eps_place", "schedule_unit"),
        first=0,
        loop={"scheduler_every": 10},
    ),
    Pair(
        id="blind: Adam without its correction, trained on beyond its cosine",
        source="hand-written Adam (thread 11) with cosine_decay_schedule for CosineAnnealingLR",
        torch=lambda net: scheduled(Adam(net.parameters(), lr=1e-3), lambda o: CosineAnnealingLR(o, T_max=150)),
        jax=lambda: optax.chain(
            scale_by_uncorrected_adam(), optax.scale_by_learning_rate(optax.cosine_decay_schedule(1e-3, 150))
        ),
        causes=("bias_correction", "after_end"),
        first=0,
    ),
    Pair(
        id="blind: AMSGrad lost, and timm's lr_min taken for alpha",
        source="timm's CosineLRScheduler(lr_min=1e-5) against cosine_decay_schedule(alpha=1e-5)",
        torch=lambda net: scheduled(
            Adam(net.parameters(), lr=1e-3, amsgrad=True), factor(lambda step: timm_cosine(step, 150, 1e-2))
        ),
        jax=lambda: optax.adam(optax.cosine_decay_schedule(1e-3, 150, alpha=1e-5)),
        causes=("amsgrad", "floor"),
        first=1,
    ),
    Pair(
        id="blind: a dampening lost, and a warm-up twice as long",
        source="video recipe (PySlowFast's SGD with SOLVER.DAMPENING) with a warm-up",
        torch=lambda net: scheduled(
            SGD(net.parameters(), lr=0.1, momentum=0.9, dampening=0.1),
            hugging_face("get_constant_schedule_with_warmup", 50),
        ),
        jax=lambda: optax.sgd(ramp(0.0, 0.1, 100), momentum=0.9),
        causes=("dampening", "warmup_length"),
        first=1,
    ),
    Pair(
        id="blind: RAdam ported to Adam, its decay counted from the end of the warm-up",
        source="translation recipe: RAdam with transformers' linear schedule, total steps of the decay alone",
        torch=lambda net: scheduled(
            RAdam(net.parameters(), lr=1e-3), hugging_face("get_linear_schedule_with_warmup", 30, 330)
        ),
        jax=lambda: optax.adam(optax.join_schedules([ramp(0.0, 1e-3, 30), ramp(1e-3, 0.0, 330)], [30])),
        causes=("rule", "decay_length"),
        first=0,  # of the denominator; stated as 1 at first, where the rate is no longer 0
        parted=1,
    ),
]
