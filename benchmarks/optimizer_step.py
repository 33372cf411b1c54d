"""The optimizer's step alone: lrjax against optax's counterpart and torch's four forms."""

from typing import Any

from .optimizers import OPTIMIZERS
from .plan import Case, Contender, Results, Run, Target, ratio

TITLE = "Optimizer step"
QUESTION = (
    "One step with given gradients, buffers donated. `floor` is the time that the bytes a step must move take at the "
    "bandwidth of a copy measured in the same turns; `of floor` is the floor over the contender's time."
)
COLUMNS = {"of floor": "of floor", "temporaries": "temporaries (x parameters)"}

ROUNDING = 1e-6  # the parameters are normal, the step 1e-3: the roots' last bits move theirs by one at most
OTHER_ROUNDING = 1e-5
MILLION = 1_000_000
FIRST = ("SGD", "Adam", "AdamW")


def cases(short: bool, device: str) -> list[Case]:
    """Every optimizer as one tensor at 1M and 10M; the three first at 50M (GPU: all at 100M) and as a tree of 300."""
    if short:
        return [_case("SGD", "tensor", 20_000, True)]
    top = (50 * MILLION, FIRST) if device == "cpu" else (100 * MILLION, tuple(OPTIMIZERS))
    made = [_case(name, "tensor", size * MILLION, False) for size in (1, 10) for name in OPTIMIZERS]
    made += [_case(name, "tensor", top[0], False) for name in top[1]]
    made += [_case(name, "tree", 10 * MILLION, False) for name in (OPTIMIZERS if device == "gpu" else FIRST)]
    return made


def _case(name: str, layout: str, size: int, short: bool) -> Case:
    row, tensor = OPTIMIZERS[name], layout == "tensor"
    contenders = [Contender("torch single", "torch"), Contender("torch foreach", "torch", ROUNDING)]
    contenders += [Contender("torch fused", "torch", ROUNDING)] * row.fused
    if name in FIRST and tensor and size > MILLION:  # 300 tensors take it minutes to compile
        contenders += [Contender("torch compiled", "torch", ROUNDING, optional=True)]
    contenders += [Contender("lrjax step", "jax", ROUNDING)]
    contenders += [Contender("lrjax update", "jax", ROUNDING)] * tensor
    if row.counterpart:
        contenders += [Contender("optax", "jax", OTHER_ROUNDING if row.same_rule else None)]
    contenders += [Contender("a copy", "torch", None)]
    shown = f"{name}, {size / MILLION:g}M as " + ("one tensor" if tensor else "300 tensors")
    settings = {"optimizer": name, "layout": layout, "size": size}
    return Case(shown, settings, contenders, rounds=1 if short else 5, seconds=0.0 if short else 0.03)


def make(contender: str, settings: dict[str, Any], device: str) -> Run:
    """A contender in its process."""
    del device
    name = settings["optimizer"]
    row = OPTIMIZERS[name]
    if contender == "a copy":
        return _copy(settings)
    if contender.startswith("torch"):
        from . import on_torch

        return on_torch.optimizer_run(name, contender.removeprefix("torch "), None, row.options, settings)
    import optax

    import lrjax

    from . import on_jax

    if contender == "optax":
        assert row.counterpart is not None
        return on_jax.optimizer_run(row.counterpart(optax), "update", settings)
    tx = getattr(lrjax, name)(**row.options)
    return on_jax.optimizer_run(tx, contender.removeprefix("lrjax "), settings)


def _copy(settings: dict[str, Any]) -> Run:
    """What memory gives: one tensor of the same size copied to another, both there already."""
    import torch

    from . import on_torch

    source = torch.cat([p.detach().ravel() for p in on_torch.parameters("tensor", settings["size"]).values()])
    to = torch.empty_like(source)

    def call() -> None:
        to.copy_(source)
        on_torch.wait()

    call()
    return Run(call, on_torch.answer(on_torch.parameters(settings["layout"], settings["size"])))


def add_facts(settings: dict[str, Any], outcomes: dict[str, Any], answers: dict[str, Any]) -> None:
    """Add to each contender its share of what memory allows: the floor over its time."""
    del answers
    copy = outcomes["a copy"].quartiles()[1] / 2  # seconds per number: read once, written once
    floor = copy * OPTIMIZERS[settings["optimizer"]].traffic
    for name, outcome in outcomes.items():
        if name != "a copy" and outcome.samples:
            outcome.facts["of floor"] = round(floor / outcome.quartiles()[1], 2)


def targets(results: Results) -> list[Target]:
    """No slower than torch fused for the first three, faster than foreach for all others."""
    made = []
    for case in results:
        name = case.partition(",")[0]
        rival = "torch fused" if name in FIRST else "torch foreach"
        value = ratio(results, case, "lrjax step", rival)
        made.append(Target(f"{case}: lrjax step over {rival}", value, 1.0, at_least=False))
    return made
