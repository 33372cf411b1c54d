"""Blind pairs: ports that are the same training, though little in them looks alike."""

import jax.numpy as jnp
import optax
from torch.optim import SGD, Adadelta, Adam, Adamax, AdamW, NAdam, RMSprop
from torch.optim.lr_scheduler import ExponentialLR, MultiStepLR, OneCycleLR, PolynomialLR, StepLR

from .blind_recipes import (
    by_size,
    every,
    named_decay_groups,
    norm_groups,
    of_count,
    one_cycle,
    ramp,
    scale_by_torch_nadam,
    scale_by_torch_rmsprop,
    torch_clip,
)
from .pair import LABELS, Pair, both
from .pairs_after_recipes import factor, hugging_face, scheduled, torchvision_warmup_cosine


def _resnet_rate(epoch: jnp.ndarray) -> jnp.ndarray:
    up = 0.5 * (0.01 + 0.99 * epoch / 5)
    down = 0.25 * (1 + jnp.cos(jnp.pi * (epoch - 5) / 295))
    return jnp.where(epoch < 5, up, down)


EQUAL = [
    Pair(
        id="blind: DETR, its clip and its two rates written by hand",
        source="DETR's main.py and engine.py: lr_backbone, lr_drop, clip_max_norm 0.1",
        torch=lambda net: scheduled(AdamW(both(net, lr=1e-4), weight_decay=1e-4), lambda o: StepLR(o, 200)),
        jax=lambda: optax.chain(
            torch_clip(0.1),
            optax.scale_by_adam(),
            optax.add_decayed_weights(1e-4),
            optax.multi_transform({"body": optax.scale(0.1), "head": optax.identity()}, LABELS),
            optax.scale_by_schedule(of_count(lambda count: -1e-4 * 0.1 ** (count // 200))),
        ),
        causes=(),
        loop={"clip_grad_norm": 0.1},
    ),
    Pair(
        id="blind: CleanRL's PPO, annealed by iterations of 16 minibatches, through inject_hyperparams",
        source="CleanRL ppo_atari.py and ppo_atari_envpool_xla_jax.py",
        torch=lambda net: scheduled(Adam(net.parameters(), lr=2.5e-4, eps=1e-5), factor(lambda i: 1.0 - i / 100)),
        jax=lambda: optax.chain(
            torch_clip(0.5),
            optax.inject_hyperparams(optax.adam)(
                learning_rate=of_count(lambda count: 2.5e-4 * (1.0 - 0.01 * (count // 16))), eps=1e-5
            ),
        ),
        causes=(),
        loop={"clip_grad_norm": 0.5, "scheduler_every": 16},
    ),
    Pair(
        id="blind: torchbeast's RMSprop, rewritten with eps outside the root",
        source="torchbeast monobeast.py (IMPALA): alpha 0.99, eps 0.01, grad_norm_clipping 40, linear decay",
        torch=lambda net: scheduled(
            RMSprop(net.parameters(), lr=4.8e-4, alpha=0.99, eps=0.01, momentum=0),
            factor(lambda step: 1 - min(step, 5000) / 5000),
        ),
        jax=lambda: optax.chain(
            torch_clip(40.0),
            scale_by_torch_rmsprop(0.99, 0.01),
            optax.scale_by_learning_rate(of_count(lambda count: 4.8e-4 * (1.0 - 2e-4 * jnp.minimum(count, 5000)))),
        ),
        causes=(),
        loop={"clip_grad_norm": 40.0},
    ),
    Pair(
        id="blind: torchvision's ResNet with norm weight decay 0, by epochs, decay before a nesterov trace",
        source="torchvision references/classification: --norm-weight-decay 0, --lr-warmup-epochs 5, cosine",
        torch=lambda net: scheduled(
            SGD(norm_groups(net, 1e-4), lr=0.5, momentum=0.9, nesterov=True), torchvision_warmup_cosine(5, 300, 0.01)
        ),
        jax=lambda: optax.chain(
            optax.masked(optax.add_decayed_weights(1e-4), {"backbone": True, "norm": False, "head": True}),
            optax.trace(0.9, nesterov=True),
            optax.scale_by_schedule(every(4, _resnet_rate)),
            optax.scale(-1.0),
        ),
        causes=(),
        loop={"scheduler_every": 4},
    ),
    Pair(
        id="blind: BERT's two groups under a warm-up and cosine, as two adamw by number of axes",
        source="transformers run_glue with lr_scheduler_type cosine",
        torch=lambda net: scheduled(
            AdamW(named_decay_groups(net, 0.01), lr=5e-5), hugging_face("get_cosine_schedule_with_warmup", 100, 1200)
        ),
        jax=lambda: optax.multi_transform(
            {
                name: optax.adamw(
                    optax.join_schedules([ramp(0.0, 5e-5, 100), optax.cosine_decay_schedule(5e-5, 1100)], [100]),
                    weight_decay=decay,
                )
                for name, decay in {"decay": 0.01, "no_decay": 0.0}.items()
            },
            by_size,
        ),
        causes=(),
    ),
    Pair(
        id="blind: plain SGD over four micro-steps by apply_every, where it is the same",
        source="thread 20, without what makes apply_every wrong there: no moments, the rate behind it",
        torch=lambda net: scheduled(
            SGD(net.parameters(), lr=0.05), lambda o: PolynomialLR(o, total_iters=2000, power=0.9)
        ),
        jax=lambda: optax.chain(
            optax.scale(1 / 4),
            optax.apply_every(4),
            optax.scale_by_learning_rate(every(4, lambda update: 0.05 * (1.0 - 5e-4 * update) ** 0.9)),
        ),
        causes=(),
        loop={"accumulate": 4},
    ),
    Pair(
        id="blind: Adamax whose exponential decay is a power of the count",
        source="Tacotron-like text-to-speech recipe with Adamax and ExponentialLR",
        torch=lambda net: scheduled(Adamax(net.parameters()), lambda o: ExponentialLR(o, gamma=0.999)),
        jax=lambda: optax.chain(
            optax.scale_by_adamax(),
            optax.scale_by_learning_rate(of_count(lambda count: 2e-3 * 0.999**count)),
        ),
        causes=(),
    ),
    Pair(
        id="blind: torch's NAdam written out, decay before it, two milestones",
        source="MLCommons algorithmic-efficiency: NAdamW of the JAX and the PyTorch submission",
        torch=lambda net: scheduled(
            NAdam(net.parameters(), lr=2e-3, weight_decay=1e-4), lambda o: MultiStepLR(o, [60, 120], gamma=0.2)
        ),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(1e-4),
            scale_by_torch_nadam(),
            optax.scale_by_learning_rate(optax.piecewise_constant_schedule(2e-3, {60: 0.2, 120: 0.2})),
        ),
        causes=(),
    ),
    Pair(
        id="blind: the MNIST example's Adadelta, by epochs of twenty updates",
        source="pytorch/examples mnist/main.py: Adadelta, StepLR(1, gamma=0.7)",
        torch=lambda net: scheduled(Adadelta(net.parameters(), lr=1.0), lambda o: StepLR(o, step_size=1, gamma=0.7)),
        jax=lambda: optax.chain(
            optax.scale_by_adadelta(rho=0.9, eps=1e-6),
            optax.scale_by_schedule(of_count(lambda count: -(0.7 ** (count // 20)))),
        ),
        causes=(),
        loop={"scheduler_every": 20},
    ),
    Pair(
        id="blind: OneCycleLR with a peak for each group, by its formula",
        source="fastai's fit_one_cycle with slice(lr / 10, lr), on torch's OneCycleLR",
        torch=lambda net: scheduled(
            Adam(both(net, lr=3e-3), betas=(0.9, 0.99)),
            lambda o: OneCycleLR(o, max_lr=[3e-4, 3e-3], total_steps=1500, cycle_momentum=False),
        ),
        jax=lambda: optax.chain(
            optax.scale_by_adam(b2=0.99),
            optax.multi_transform(
                {
                    "body": optax.scale_by_learning_rate(one_cycle(3e-4, 1500)),
                    "head": optax.scale_by_learning_rate(one_cycle(3e-3, 1500)),
                },
                LABELS,
            ),
        ),
        causes=(),
    ),
]
