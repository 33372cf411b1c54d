"""The optimizer's step alone: lrjax against optax's counterpart and torch's four forms."""

from typing import Any

from .machinery.measurement import Case, Contender, Results, Run, Target, ratio
from .machinery.optimizer_table import OPTIMIZERS, OTHER_ROUNDING, sizes

TITLE = "Optimizer step"
QUESTION = (
    "One step with given gradients, buffers donated. `GB/s` counts the bytes a step must move, read and written, over "
    "its time; `fraction of copy bandwidth` is that over the bandwidth of a copy measured in the same turns, the "
    "faster of torch's and, on a GPU, JAX's (it may pass 1: a processor reads the lines a copy writes to before it "
    "writes them, a step has read them anyway)."
)
COLUMNS = {
    "GB/s": "GB/s",
    "of floor": "fraction of copy bandwidth",
    "temporaries": "temporaries (x parameters)",
}
COPIES = ("a copy", "a copy, JAX")

NOTES = """\
Where lrjax is behind torch's fused form on a CPU: that form is one kernel that reads and writes every number once,
20 bytes a parameter for SGD with momentum and 28 for Adam. XLA makes a kernel for each result there: those of the
moments store them, that of the parameter reads them again, 24 and 40 bytes, and its bandwidth is 0.85 to 0.95 of
torch's (`x + 1` in place, 50M). optax pays the same. Tried, on 2 cores:

- the moments stored before they are read (`Kernels.stored`): AdamW at 5M from 26 ms to 5.7 ms, as XLA made copies
  of parameter and moment before. Kept. Rprop and Adadelta each lost one more temporary in the same way.
- XLA's multi-output fusion for CPUs, `XLA_FLAGS=--xla_backend_extra_options=xla_cpu_use_multi_output_fusion`: AdamW
  at 50M from 54 to 44 ms, but SGD from 31 to 205 ms, which then copies both its tensors. Not set: it holds for the
  whole process.
- huge pages, `GLIBC_TUNABLES=glibc.malloc.hugetlb=1`: no difference (SGD at 50M, 28.3 ms against 28.7).
- a loop over blocks that fit the cache was not tried: in a compiled step over sharded arrays its slices would
  become exchanges between devices."""

MILLION = 1_000_000
FIRST = ("SGD", "Adam", "AdamW")


def cases(short: bool, device: str) -> list[Case]:
    """Every optimizer as one tensor at 1M and 10M; the three first at 50M (GPU: all at 100M) and as a tree of 300."""
    if short:
        return [_case("SGD", "tensor", 20_000, "gpu"), _case("Adafactor", "matrix", 20_000, "gpu")]
    every = tuple(OPTIMIZERS)
    top, others = (50, FIRST) if device == "cpu" else (100, every)
    made = [(name, OPTIMIZERS[name].layout, size) for name in every for size in sizes(name, device, (1, 10))]
    made += [(name, OPTIMIZERS[name].layout, top) for name in others]
    made += [(name, "tree", 10) for name in others if OPTIMIZERS[name].layout == "tensor"]
    return [_case(name, layout, size * MILLION, device) for name, layout, size in made]


def _case(name: str, layout: str, size: int, device: str) -> Case:
    row, tree = OPTIMIZERS[name], layout == "tree"
    contenders = [Contender(f"torch {form}", "torch", row.rounding) for form in row.forms]
    if name in FIRST and not tree and size > MILLION:  # 300 tensors take it minutes to compile
        contenders += [Contender("torch compiled", "torch", row.rounding, optional=True)]
    contenders += [Contender("lrjax step", "jax", row.rounding)]
    contenders += [Contender("lrjax update", "jax", row.rounding)] * (not tree)
    if row.counterpart:
        contenders += [Contender("optax", "jax", OTHER_ROUNDING if row.same_rule else None)]
    contenders += [Contender(COPIES[0], "torch", None), *[Contender(COPIES[1], "jax", None)] * (device == "gpu")]
    shown = f"{name}, {size / MILLION:g}M as " + ("300 tensors" if tree else f"one {layout}")
    settings = {"optimizer": name, "layout": layout, "size": size}
    return Case(shown, settings, contenders, rounds=2 if row.heavy else 5)


def make(contender: str, settings: dict[str, Any], device: str, shared: Any = None) -> Run:
    """A contender in its process; ``shared``: see ``optimizers_on_jax.optimizer_run``."""
    del device
    name = settings["optimizer"]
    row = OPTIMIZERS[name]
    if contender == COPIES[0]:
        return _copy(settings)
    if contender.startswith("torch"):
        from .machinery import optimizers_on_torch

        return optimizers_on_torch.optimizer_run(name, contender.removeprefix("torch "), None, row.options, settings)
    import optax

    import lrjax

    from .machinery import optimizers_on_jax

    if contender == COPIES[1]:
        return optimizers_on_jax.copy_run(settings)
    if contender == "optax":
        assert row.counterpart is not None
        return optimizers_on_jax.optimizer_run(row.counterpart(optax), "update", settings)
    tx = getattr(lrjax, name)(**row.options)
    return optimizers_on_jax.optimizer_run(tx, contender.removeprefix("lrjax "), settings, shared)


def _copy(settings: dict[str, Any]) -> Run:
    """What memory gives: one tensor of the same size copied to another, both there already."""
    import torch

    from .machinery import optimizers_on_torch

    source = torch.cat(
        [p.detach().ravel() for p in optimizers_on_torch.parameters("tensor", settings["size"]).values()]
    )
    to = torch.empty_like(source)

    def call() -> None:
        to.copy_(source)
        optimizers_on_torch.wait()

    call()
    return Run(call, optimizers_on_torch.answer(optimizers_on_torch.parameters(settings["layout"], settings["size"])))


def add_facts(settings: dict[str, Any], outcomes: dict[str, Any], answers: dict[str, Any]) -> None:
    """Add to each contender the bytes it moves in a second, and what share of a copy's that is."""
    del answers
    moved = {name: 2 if name in COPIES else OPTIMIZERS[settings["optimizer"]].traffic for name in outcomes}
    rates = {
        name: 4e-9 * settings["size"] * moved[name] / outcome.quartiles()[1]
        for name, outcome in outcomes.items()
        if outcome.samples
    }
    copy = max((rates[name] for name in COPIES if name in rates), default=None)
    for name, rate in rates.items():
        outcomes[name].facts["GB/s"] = float(f"{rate:.3g}")
        if copy is not None and name not in COPIES:
            outcomes[name].facts["of floor"] = round(rate / copy, 2)


def targets(results: Results) -> list[Target]:
    """No slower than torch fused for the first three, faster than its other form for all others."""
    made = []
    for case in results:
        name = case.partition(",")[0]
        rival = "torch fused" if name in FIRST else f"torch {OPTIMIZERS[name].forms[:2][-1]}"
        value = ratio(results, case, "lrjax step", rival)
        made.append(Target(f"{case}: lrjax step over {rival}", value, 1.0, at_least=False))
    return made
