"""Blind pairs with one convention different, in decay, clipping or accumulation."""

import jax.numpy as jnp
import optax
from torch.optim import SGD, AdamW
from torch.optim.lr_scheduler import ConstantLR, ExponentialLR
from torch.optim.swa_utils import SWALR

import lrjax

from .blind_recipes import accumulated, named_decay_groups, not_biases, of_count, torch_clip
from .pair import LABELS, Pair, both
from .pairs_after_recipes import hugging_face, scheduled

DECAY = [
    Pair(
        id="blind: SGD whose decay came out decoupled",
        source="thread 9 for SGD: weight decay behind the trace, as in SGDW; SWALR at the end of training",
        torch=lambda net: scheduled(
            SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4),
            lambda o: SWALR(o, swa_lr=0.02, anneal_epochs=50, anneal_strategy="linear"),
        ),
        jax=lambda: optax.chain(
            optax.trace(0.9),
            optax.add_decayed_weights(5e-4),
            optax.scale_by_learning_rate(of_count(lambda count: 0.02 + 0.08 * (1 - jnp.minimum(count * 0.02, 1.0)))),
        ),
        causes=("decay_form",),
        first=0,  # of the gradient with decay; stated as 1 at first, where the parameters differ
        parted=1,
    ),
    Pair(
        id="blind: a mask by the name bias, which lets the norm's scale decay",
        source="Hugging Face's no_decay list, of which the port took biases only; WSD schedule (MiniCPM)",
        torch=lambda net: scheduled(
            AdamW(named_decay_groups(net, 0.1), lr=1e-3, betas=(0.9, 0.95)),
            hugging_face("get_wsd_schedule", 0, 200, num_stable_steps=100, min_lr_ratio=0.1),
        ),
        jax=lambda: optax.adamw(
            optax.join_schedules(
                [optax.constant_schedule(1e-3), optax.cosine_decay_schedule(1e-3, 200, alpha=0.1)], [100]
            ),
            b2=0.95,
            weight_decay=0.1,
            mask=not_biases,
        ),
        causes=("decay_mask",),
        first=0,
        group="no_decay",
    ),
]

CLIPPING = [
    Pair(
        id="blind: the LSTM language model's clip without torch's 1e-6",
        source="pytorch/examples word_language_model: lr 20, clip 0.25; thread 2",
        torch=lambda net: SGD(net.parameters(), lr=20.0),
        jax=lambda: optax.chain(optax.clip_by_global_norm(0.25), optax.sgd(20.0)),
        causes=("clip_eps",),
        first=0,
        loop={"clip_grad_norm": 0.25},
    ),
    Pair(
        id="blind: each group clipped by its own norm",
        source="two-rate fine-tuning with the clip inside multi_transform; thread 21's per-layer rates",
        torch=lambda net: scheduled(
            SGD(both(net, lr=0.02), momentum=0.9), lambda o: ConstantLR(o, factor=0.1, total_iters=20)
        ),
        jax=lambda: optax.multi_transform(
            {
                name: optax.chain(
                    torch_clip(1.0),
                    optax.sgd(of_count(lambda count, lr=lr: jnp.where(count < 20, 0.1 * lr, lr)), momentum=0.9),
                )
                for name, lr in {"body": 0.002, "head": 0.02}.items()
            },
            LABELS,
        ),
        causes=("clip_kind",),
        first=0,
        loop={"clip_grad_norm": 1.0},
    ),
    Pair(
        id="blind: clipping behind the weight decay",
        source="fairseq translation recipe: --clip-norm, L2 decay; a chain in another order",
        torch=lambda net: scheduled(
            SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-2), lambda o: ExponentialLR(o, 0.999)
        ),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(1e-2),
            lrjax.ClipGradNorm(1.0),
            optax.sgd(of_count(lambda count: 0.1 * 0.999**count), momentum=0.9),
        ),
        causes=("clip_order",),
        first=0,
        loop={"clip_grad_norm": 1.0},
    ),
]

ACCUMULATION = [
    Pair(
        id="blind: four micro-steps in torch and eight in optax",
        source="nanoGPT-like recipe on another number of devices: gradient_accumulation_steps not divided",
        torch=lambda net: AdamW(net.parameters(), lr=6e-4, betas=(0.9, 0.95), weight_decay=0.1),
        jax=lambda: accumulated(optax.adamw(6e-4, b2=0.95, weight_decay=0.1), 8),
        causes=("accumulation",),
        first=0,
        loop={"accumulate": 4},
    ),
    Pair(
        id="blind: a loss that torch does not divide",
        source="gradient accumulation without loss / accum_iter (MAE divides it); L2 decay tells it apart",
        torch=lambda net: SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=1e-2),
        jax=lambda: accumulated(optax.chain(optax.add_decayed_weights(1e-2), optax.sgd(0.01, momentum=0.9)), 4),
        causes=("accumulation_mean",),
        first=0,
        loop={"accumulate": 4, "accumulate_by": "sum"},
    ),
]
