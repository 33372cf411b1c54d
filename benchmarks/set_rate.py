"""A rate set by hand before every step: what that costs, and how often it makes a compiler start again."""

from typing import Any

import numpy as np

from .machinery.measurement import Case, Contender, Results, Run, Target, ratio
from .machinery.optimizer_table import OPTIMIZERS, OTHER_ROUNDING

TITLE = "A rate set by hand every step"
QUESTION = (
    "AdamW; before every step a new rate, a Python float. `set` and `step` together, beside the same contender's steps "
    "without setting."
)
COLUMNS = {"compilations": "compilations"}
NOTES = """\
`lrjax.set_lr` checks the rate, finds the state inside what it is given and makes the new leaves on the device, with
the sharding of the old: some 0.2 ms. With `inject_hyperparams` a number is put in the state's dictionary by hand.
Tried: `device_put` in place of the small compiled function (slower, 0.33 ms); NumPy leaves, which are as fast as
optax's way, but no longer the arrays that a state holds, and a second entry in the compiled step's cache."""

STEPS = 20  # per call
START = 1e-3
ROUNDING = OPTIMIZERS["AdamW"].rounding


def cases(short: bool, device: str) -> list[Case]:
    """A small network's tree, where the setter counts, and a tensor of 1M."""
    del device
    if short:
        return [Case("20k as one tensor", {"layout": "tensor", "size": 20_000}, _contenders(compiled=False))]
    tensor, tree = ({"layout": layout, "size": 1_000_000} for layout in ("tensor", "tree"))
    return [
        Case("1M as one tensor", tensor, _contenders(compiled=True)),
        Case("1M as 300 tensors", tree, _contenders(compiled=False)),
    ]


def _contenders(*, compiled: bool) -> list[Contender]:
    made = [Contender("torch", "torch"), Contender("torch, not setting", "torch", None)]
    if compiled:  # on one tensor only: with 300, each of torch's recompilations takes minutes
        made += [Contender(f"torch compiled, {kind} rate", "torch", ROUNDING, True) for kind in ("float", "tensor")]
    made += [Contender("lrjax", "jax", ROUNDING), Contender("lrjax, not setting", "jax", None)]
    return [*made, Contender("optax inject_hyperparams", "jax", OTHER_ROUNDING)]


def rate(step: int) -> float:
    """A rate that never was before."""
    return START / (1 + 0.001 * step)


def make(contender: str, settings: dict[str, Any], device: str) -> Run:
    """A contender in its process."""
    del device
    return _torch(contender, settings) if contender.startswith("torch") else _jax(contender, settings)


def _torch(contender: str, settings: dict[str, Any]) -> Run:
    import torch

    import lrtorch

    from .machinery import optimizers_on_torch

    named = optimizers_on_torch.parameters(settings["layout"], settings["size"])
    tensor = contender.endswith("tensor rate")
    optimizer = lrtorch.AdamW(named.items(), lr=START)
    (group,) = optimizer.param_groups
    group["lr"] = torch.tensor(START, device=optimizers_on_torch.DEVICE) if tensor else START
    compiles = "compiled" in contender
    step = optimizers_on_torch.compiled(optimizer.step) if compiles else optimizer.step

    def set_rate(count: int) -> None:
        if tensor:
            group["lr"].fill_(rate(count))
        else:
            group["lr"] = rate(count)

    def one() -> None:
        step()
        optimizers_on_torch.wait()

    after = _torch_compilations if compiles else None
    return _run(contender, set_rate, one, lambda: optimizers_on_torch.answer(named), after)


def _torch_compilations() -> dict[str, Any]:
    import torch._dynamo.utils as dynamo

    return {"compilations": dynamo.counters["stats"]["unique_graphs"]}


def _jax(contender: str, settings: dict[str, Any]) -> Run:
    import jax
    import optax

    import lrjax

    from .machinery import optimizers_on_jax

    ours = contender.startswith("lrjax")
    tx: Any = lrjax.AdamW(lr=START) if ours else optax.inject_hyperparams(optax.adamw)(START, weight_decay=0.01)
    params = optimizers_on_jax.tensors(settings["layout"], settings["size"], 0)
    grads = optimizers_on_jax.tensors(settings["layout"], settings["size"], 1)
    step = jax.jit(optimizers_on_jax.step_of(tx, "step" if ours else "update"), donate_argnums=(0, 2))
    now = [params, tx.init(params)]

    def set_rate(count: int) -> None:
        if ours:
            now[1] = lrjax.set_lr(now[1], rate(count))
        else:
            now[1].hyperparams["learning_rate"] = np.float32(rate(count))

    def one() -> None:
        now[:] = step(now[0], grads, now[1])
        jax.block_until_ready(now)

    def compilations() -> dict[str, Any]:
        return {"compilations": getattr(step, "_cache_size")()}  # noqa: B009 (private, but jax's own tests count with it)

    return _run(contender, set_rate, one, lambda: optimizers_on_jax.answer(now[0]), compilations)


def _run(contender: str, set_rate: Any, step: Any, answer: Any, after: Any) -> Run:
    """Steps with ``set_rate(count)`` before each, unless the contender does not set."""
    count, sets = 0, "not setting" not in contender

    def call() -> None:
        nonlocal count
        for _ in range(STEPS):
            if sets:
                set_rate(count)
            step()
            count += 1

    call()
    return Run(call, answer(), units=STEPS, after=after)


def targets(results: Results) -> list[Target]:
    """Nothing compiles again; setting costs less than optax's way of it."""
    made = []
    for case, outcomes in results.items():
        compilations = outcomes["lrjax"].facts.get("compilations")
        made.append(Target(f"{case}: compilations of lrjax", compilations, 1, False))
        value = ratio(results, case, "lrjax", "optax inject_hyperparams")
        made.append(Target(f"{case}: lrjax over inject_hyperparams", value, 1.0, False))
    return made
