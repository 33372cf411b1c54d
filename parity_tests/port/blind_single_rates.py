"""Blind pairs with one convention different, in the schedule."""

import optax
from torch.optim import SGD, Adamax, AdamW
from torch.optim.lr_scheduler import CosineAnnealingLR, LinearLR, MultiStepLR, PolynomialLR

from .blind_recipes import accumulated, float32_cosine, named_decay_groups, of_count, ramp
from .pair import LABELS, Pair, both
from .pairs_after_recipes import hugging_face, linear_warmup_decay, matrices, scheduled

RATES = [
    Pair(
        id="blind: DeepLab's polynomial decay without its power",
        source="DeepLab / mmsegmentation: poly with power 0.9, SGD 0.01, momentum 0.9",
        torch=lambda net: scheduled(
            SGD(net.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4),
            lambda o: PolynomialLR(o, total_iters=300, power=0.9),
        ),
        jax=lambda: optax.chain(optax.add_decayed_weights(5e-4), optax.sgd(ramp(0.01, 0.0, 300), momentum=0.9)),
        causes=("schedule",),
        first=1,
    ),
    Pair(
        id="blind: milestones that fire one update late, by a comparison with >",
        source="thread 27, off by one in a hand-written rate; CIFAR ResNet recipe with three drops",
        torch=lambda net: scheduled(
            SGD(net.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4),
            lambda o: MultiStepLR(o, milestones=[60, 110, 160], gamma=0.2),
        ),
        jax=lambda: optax.chain(
            optax.add_decayed_weights(1e-4),
            optax.trace(0.9),
            optax.scale_by_schedule(
                of_count(lambda count: -0.1 * 0.2 ** (0 + (count > 60) + (count > 110) + (count > 160)))
            ),
        ),
        causes=("rate_shift",),
        first=60,
    ),
    Pair(
        id="blind: LinearLR left at its start of a third, ported as a start of a tenth",
        source="torch.optim.lr_scheduler.LinearLR's default against mmengine's warmup_ratio 0.1",
        torch=lambda net: scheduled(
            AdamW(net.parameters(), lr=6e-5, weight_decay=0.01), lambda o: LinearLR(o, total_iters=40)
        ),
        jax=lambda: optax.adamw(optax.linear_schedule(6e-6, 6e-5, 40), weight_decay=0.01),
        causes=("warmup_start",),
        first=0,
    ),
    Pair(
        id="blind: a constant rate with another number of warm-up steps",
        source="transformers run_qa with lr_scheduler_type constant_with_warmup; warmup_ratio read as steps",
        torch=lambda net: scheduled(
            AdamW(named_decay_groups(net, 0.01), lr=3e-5), hugging_face("get_constant_schedule_with_warmup", 60)
        ),
        jax=lambda: optax.adamw(
            ramp(0.0, 3e-5, 100),
            weight_decay=0.01,
            mask=matrices,
        ),
        causes=("warmup_length",),
        first=1,
    ),
    Pair(
        id="blind: BERT's linear decay over all steps, begun behind the warm-up",
        source="BERT fine-tuning: num_training_steps passed to a decay that starts at num_warmup_steps",
        torch=lambda net: scheduled(
            AdamW(net.parameters(), lr=5e-5, weight_decay=0.01),
            hugging_face("get_linear_schedule_with_warmup", 40, 640),
        ),
        jax=lambda: optax.adamw(
            optax.join_schedules([ramp(0.0, 5e-5, 40), ramp(5e-5, 0.0, 640)], [40]), weight_decay=0.01
        ),
        causes=("decay_length",),
        first=41,
    ),
    Pair(
        id="blind: fine-tuning on beyond num_training_steps, where the cosine of transformers rises",
        source="transformers get_cosine_schedule_with_warmup; a miscount of epochs, as in thread 22",
        torch=lambda net: scheduled(
            AdamW(both(net, lr=1e-3), weight_decay=0.05), hugging_face("get_cosine_schedule_with_warmup", 20, 120)
        ),
        jax=lambda: optax.chain(
            optax.scale_by_adam(),
            optax.add_decayed_weights(0.05),
            optax.scale_by_schedule(
                optax.join_schedules([ramp(0.0, 1.0, 20), optax.cosine_decay_schedule(1.0, 100)], [20])
            ),
            optax.multi_transform(
                {"body": optax.scale(-1e-4), "head": optax.scale(-1e-3)},
                LABELS,
            ),
        ),
        causes=("after_end",),
        first=121,
    ),
    Pair(
        id="blind: Adamax down to a hundredth where torch ends at a tenth",
        source="text-to-speech recipe with Adamax and LinearLR(1, 0.1)",
        torch=lambda net: scheduled(
            Adamax(net.parameters(), lr=2e-3),
            lambda o: LinearLR(o, start_factor=1.0, end_factor=0.1, total_iters=150),
        ),
        jax=lambda: optax.adamax(ramp(2e-3, 2e-5, 150)),
        causes=("floor",),
        first=1,
    ),
    Pair(
        id="blind: torch's scheduler stepped with every micro-step, optax's with every update",
        source="thread 22 (SpecForge): the scheduler steps on micro-steps",
        torch=lambda net: scheduled(
            AdamW(net.parameters(), lr=1e-4, weight_decay=0.01),
            hugging_face("get_linear_schedule_with_warmup", 80, 2000),
        ),
        jax=lambda: accumulated(optax.adamw(linear_warmup_decay(1e-4, 80, 2000), weight_decay=0.01), 4),
        causes=("schedule_unit",),
        first=0,
        loop={"accumulate": 4, "scheduler_every": "micro-step"},
    ),
    Pair(
        id="blind: a cosine that casts its count to float32",
        source="big_vision and Scenic: schedules of jnp.float32 numbers; MAE pre-training",
        torch=lambda net: scheduled(
            AdamW(net.parameters(), lr=1.5e-4, betas=(0.9, 0.95), weight_decay=0.05),
            lambda o: CosineAnnealingLR(o, T_max=1600),
        ),
        jax=lambda: optax.adamw(float32_cosine(1.5e-4, 1600), b2=0.95, weight_decay=0.05),
        causes=(),  # stated as "float32_schedule" at first; optax's own schedules round as this one does in float32
        note="JAX computes the schedule in float32",
    ),
]
