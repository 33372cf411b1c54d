"""How the number of parameter groups is paid for: AdamW on 300 tensors, each group with its own rate."""

from typing import Any

from .machinery.measurement import Case, Contender, Results, Run, Target, ratio
from .machinery.optimizer_table import OPTIMIZERS, OTHER_ROUNDING
from .machinery.rate_groups import RATE, labels, multi_transform, pattern_groups, rates

TITLE = "Number of groups"
QUESTION = (
    "AdamW on a tree of 300 tensors (1M parameters), split into groups that differ in their rate. `first call` is from "
    "the bare arguments to the end of the first step, compilation included; `host memory` is what the process grew by "
    "at its highest, in a process of its own."
)
COLUMNS = {"leaves": "state leaves", "host memory": "host memory (MB)"}
NOTES = """\
The chain of masked scales is ahead of lrjax because its rates are constants of the compiled step: nothing can be
set by hand, and every change compiles anew. lrjax's first call takes longer than optax's because torch's arithmetic,
with each rounding computed exactly, is some four times as many operations for XLA to work through. Tensors of one shape
share their kernels: each reads its numbers from one table, at a place that is a number in memory, too. (At a place
the compiler knows, every tensor has kernels of its own: 15 s against 2.5 s for 100 tensors.) Small tensors of one shape
are updated as one array, so that hundreds of biases and scales cost what a few do."""

XLABEL = "groups"

ROUNDING = OPTIMIZERS["AdamW"].rounding
COUNTS = (1, 10, 100, 300)
# What one pass per group costs to compile grows with groups x tensors: minutes at 300.
PER_GROUP = ("multi_transform", "inject_hyperparams in multi_transform", "masked chain")
MOST_PER_GROUP = 100
ONE = "lrjax, 1 group"


def cases(short: bool, device: str) -> list[Case]:
    """1, 10, 100 and 300 groups; the routes that make one pass per group up to 100."""
    del device
    return [_case(2, True)] if short else [_case(count, False) for count in COUNTS]


def _case(count: int, short: bool) -> Case:
    def own(name: str, side: str, tolerance: float | None) -> Contender:
        return Contender(name, side if short else f"{side}, {name}", tolerance)  # own process: its memory is measured

    contenders = [own("torch foreach", "torch", 0.0), own("torch fused", "torch", ROUNDING)]
    contenders += [own("lrjax", "jax", ROUNDING)]
    if count == MOST_PER_GROUP:  # beside it in the same turns, for the ratio; its rates are others
        contenders += [own(ONE, "jax", None)]
    if count == 1:
        contenders += [own("optax, one optimizer", "jax", OTHER_ROUNDING)]
    elif count <= MOST_PER_GROUP and not short:
        contenders += [own(name, "jax", OTHER_ROUNDING) for name in PER_GROUP]
    layout, size = ("small tree", 4_000) if short else ("tree", 1_000_000)
    settings = {"layout": layout, "size": size, "groups": count}
    shown = f"{count} group" + "s" * (count > 1)
    return Case(shown, settings, contenders, rounds=9, seconds=0.1, x=count)


def make(contender: str, settings: dict[str, Any], device: str) -> Run:
    """A contender in its process, with the memory it took."""
    del device
    if contender.startswith("torch"):
        from .machinery import optimizers_on_torch

        options = OPTIMIZERS["AdamW"].options
        form = contender.removeprefix("torch ")
        return _with_memory(
            lambda: optimizers_on_torch.optimizer_run("AdamW", form, pattern_groups(settings), options, settings)
        )
    from .machinery import optimizers_on_jax

    if contender == ONE:
        contender, settings = "lrjax", {**settings, "groups": 1}
    tx, form = _transformation(contender, settings)
    return _with_memory(lambda: optimizers_on_jax.optimizer_run(tx, form, settings))


def _with_memory(run: Any) -> Run:
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    made = run()
    made.facts["host memory"] = round((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
    return made


def _transformation(contender: str, settings: dict[str, Any]) -> tuple[Any, str]:
    """The optax transformation, and the form of its step."""
    import optax

    import lrjax

    if contender == "lrjax":
        return lrjax.AdamW(pattern_groups(settings), **OPTIMIZERS["AdamW"].options), "step"
    if contender == "optax, one optimizer":
        return optax.adamw(RATE, weight_decay=0.01), "update"
    if contender == "masked chain":
        return _masked_chain(settings), "update"
    return multi_transform(settings, inject=contender.startswith("inject")), "update"


def _masked_chain(settings: dict[str, Any]) -> Any:
    """One Adam, then a scale per group behind its mask, as big_vision sets rates per layer."""
    import optax

    label_of = labels(settings)
    scales = [
        optax.masked(optax.scale(-rate), {path: label == f"{k}" for path, label in label_of.items()})
        for k, rate in enumerate(rates(settings["groups"]))
    ]
    return optax.chain(optax.scale_by_adam(), optax.add_decayed_weights(0.01), *scales)


def targets(results: Results) -> list[Target]:
    """A hundred groups within 1.1 of one, in step and first call."""
    one, hundred = (results.get("100 groups", {}).get(name) for name in (ONE, "lrjax"))
    if one is None or hundred is None:
        return []
    step = ratio(results, "100 groups", "lrjax", ONE)
    first = hundred.first_call / one.first_call if hundred.first_call and one.first_call else None
    made = [Target("lrjax, 100 groups over 1: step", step, 1.1, False)]
    made += [Target("lrjax, 100 groups over 1: first call", first, 1.1, False)]
    for name in ("torch foreach", *PER_GROUP):
        made += [Target(f"100 groups: lrjax over {name}", ratio(results, "100 groups", "lrjax", name), 1.0, False)]
    return made
