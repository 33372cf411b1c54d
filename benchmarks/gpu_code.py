"""What XLA makes of an optimizer for a GPU: kernels, bytes moved and temporaries, read from the compiled program.

These are figures of the compiler. No GPU is needed for them, and none of them is a time on a GPU.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from lrparity.gpu import target

from .machinery.measurement import Case, Contender, Outcome, Results, Run, Target
from .machinery.optimizer_table import OPTIMIZERS
from .machinery.parameter_trees import shapes
from .machinery.rate_groups import multi_transform, pattern_groups

TITLE = "Compiled for a GPU"
BASELINE = ("optax",)
QUESTION = (
    "A step compiled for an H200 on a machine without a GPU, its buffers donated. These are figures of the compiler, "
    "not times on a GPU: `time` is the compiler's own, `first call` adds tracing. Kernels are launches per step (in "
    "the digits epoch, with forward and backward pass), bytes are what they read and write per parameter; temporaries "
    "are memory beside the parameters, gradients and states, without the work space of matrix products. The table is "
    "empty where `make gpu-code` could not install the compiler."
)
COLUMNS = {
    "kernels": "kernels",
    "bytes": "bytes per parameter",
    "floor": "least bytes",
    "temporaries": "temporaries (KB)",
}
NOTES = """\
Torch's arithmetic, each rounding computed exactly, is three to four times as many operations for XLA to work through,
so a program with many large tensors takes longer to compile than optax's. Tensors of up to 16,384 values are put side
by side by shape and updated as one array. That saves their kernels and nearly all of their compile time, and moves each
of their bytes four times, which is less than the time it takes to launch kernels; in a model of 100M values they are a
few thousandths. Adafactor's temporary is its update, which it reads twice, first for its norm; optax computes it twice.
Tried: a place in the table of numbers that the compiler knows (32 kernels for 300 tensors of 100M, 30 s to compile)."""
EPOCH = "digits epoch"
SEVERAL_PASSES = (EPOCH, "Adafactor", "Muon")  # whose least number of bytes is no matter of counting arrays
STEPS = 32  # of the epoch
HUNDRED_MILLION = 100_000_000
TREES = {
    "300 tensors, 1M in all": ("tree", 1_000_000),
    "300 tensors, 100M in all": ("tree", HUNDRED_MILLION),
    "3,000 tensors, 10M in all": ("large tree", 10_000_000),
}


def cases(short: bool, device: str) -> list[Case]:
    """Every optimizer on one tensor, AdamW on many in 1 and 100 groups, and the epoch of the fine-tuning task."""
    del device
    if target.missing():
        return []
    if short:
        return [_case("SGD, 0.1M", {"optimizer": "SGD", "layout": "tensor", "size": 100_000, "groups": 1}, ["optax"])]
    made = []
    for name, row in OPTIMIZERS.items():
        settings = {"optimizer": name, "layout": row.layout, "size": HUNDRED_MILLION, "groups": 1}
        made.append(_case(f"{name}, one tensor of 100M", settings, ["optax"] * bool(row.counterpart)))
    for shown, (layout, size) in TREES.items():
        for groups in (1, 100):
            settings = {"optimizer": "AdamW", "layout": layout, "size": size, "groups": groups}
            other = "optax" if groups == 1 else "optax multi_transform"
            made.append(_case(f"AdamW, {shown}, {groups} group{'s' * (groups > 1)}", settings, [other]))
    return [*made, _case(EPOCH, {"optimizer": EPOCH, "layout": "", "size": 0, "groups": 2}, ["optax multi_transform"])]


def _case(name: str, settings: dict[str, Any], others: list[str]) -> Case:
    return Case(name, settings, [Contender(one, "compiler", None) for one in ("lrjax", *others)], 1, 0.0, "compilation")


def make(contender: str, settings: dict[str, Any], device: str) -> Run:
    """A contender, compiled in a process of its own."""
    del device
    name = json.dumps({"contender": contender, **settings})
    ((_, program),) = target.compile_all("benchmarks.gpu_code:source", [name])
    if isinstance(program, str):
        raise RuntimeError(program)
    turns = STEPS if settings["optimizer"] == EPOCH else 1
    moved = sum(one.times * (one.read + one.written) for one in program.launches)
    facts = {
        "kernels": round(sum(one.times for one in program.launches) / turns),
        "bytes": round(moved / turns / _parameters(settings), 1),
        "floor": "" if settings["optimizer"] in SEVERAL_PASSES else 4 * OPTIMIZERS[settings["optimizer"]].traffic,
        "temporaries": round((program.temporaries - program.workspace) / 1024, 1),
    }
    seconds = program.seconds
    return Run(lambda: None, np.zeros(0), 1, program.lowering + seconds, facts, sample=lambda: seconds)


def _parameters(settings: Mapping[str, Any]) -> int:
    if settings["optimizer"] == EPOCH:
        from lrparity.digits.task import CLASSES, HIDDEN, PIXELS

        return (PIXELS + 1) * HIDDEN + (HIDDEN + 1) * HIDDEN + (HIDDEN + 1) * CLASSES
    return sum(int(np.prod(shape)) for shape in shapes(settings["layout"], settings["size"]).values())


def add_facts(settings: Mapping[str, Any], outcomes: Mapping[str, Outcome], answers: Mapping[str, Any]) -> None:
    """Nothing is computed here, so nothing differs."""
    del settings, answers
    for outcome in outcomes.values():
        outcome.difference = None


def source(name: str) -> target.Source:
    """The step of a contender, for the process that compiles."""
    settings = json.loads(name)
    contender = settings.pop("contender")
    if settings["optimizer"] == EPOCH:
        return _epoch(contender)
    import jax
    import jax.numpy as jnp

    from .machinery.optimizers_on_jax import step_of

    wanted = shapes(settings["layout"], settings["size"])
    params = {path: jax.ShapeDtypeStruct(shape, jnp.float32) for path, shape in wanted.items()}
    tx, form = _transformation(contender, settings)
    state = jax.eval_shape(tx.init, params)
    return target.Source(step_of(tx, form), (params, params, state), (0, 2))


def _transformation(contender: str, settings: dict[str, Any]) -> tuple[Any, str]:
    import optax

    import lrjax

    row = OPTIMIZERS[settings["optimizer"]]
    groups = pattern_groups(settings) if settings["groups"] > 1 else None
    if contender == "lrjax":
        return getattr(lrjax, settings["optimizer"])(groups, **row.options), "step"
    if groups is None:
        assert row.counterpart is not None
        return row.counterpart(optax), "update"
    return multi_transform(settings), "update"


def _epoch(contender: str) -> target.Source:
    """The epoch of the digits task, or the same with optax."""
    import jax
    import optax

    from lrjax import finetune, param_groups
    from lrparity.digits import gpu_epoch, task

    ours = gpu_epoch.source()
    params, _, images, labels, batches = ours.arguments
    if contender == "lrjax":
        return ours
    graph, _ = finetune.network(task.first_weights(np.random.default_rng(0)))
    each: Any = {"backbone": optax.adamw(5e-4, weight_decay=0.01), "head": optax.adamw(5e-3, weight_decay=0.01)}
    tx = optax.multi_transform(each, param_groups.labels([{"params": f"{name}/**", "name": name} for name in each]))

    def epoch(params: Any, state: Any, images: Any, labels: Any, batches: Any) -> Any:
        def one(carry: Any, batch: Any) -> Any:
            params, state = carry
            loss, grads = jax.value_and_grad(finetune.mean_loss)(params, graph, images[batch], labels[batch])
            updates, state = tx.update(grads, state, params)
            return (optax.apply_updates(params, updates), state), (loss, grads)

        with jax.default_matmul_precision("highest"):
            return jax.lax.scan(one, (params, state), batches)

    return target.Source(epoch, (params, tx.init(params), images, labels, batches), (0, 1))


def targets(results: Results) -> list[Target]:
    """A first call no longer than optax's, and no more bytes than there must be."""
    made = []
    for case, outcomes in results.items():
        ours = outcomes["lrjax"]
        for name, other in outcomes.items():
            if name != "lrjax" and ours.first_call and other.first_call:
                made.append(Target(f"{case}: first call over {name}", ours.first_call / other.first_call, 1.0, False))
        if ours.facts.get("floor"):
            made.append(Target(f"{case}: bytes over least", ours.facts["bytes"] / ours.facts["floor"], 1.01, False))
    return made
