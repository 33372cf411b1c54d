"""How far apart: ``python -m docs.make_differences`` measures every optimizer and writes docs/differences.md.

Four questions, each a table: lrjax's ``step`` against the oracle; against torch as it comes, in each of its forms,
beside the distance between those forms; ``update`` with ``apply_updates`` against ``step``; half precision.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import jax
import torch

from parity_tests.optimizers.cases import start
from parity_tests.optimizers.torch_database import DATABASE

from .distances import HALF_STEPS, NAMES, Distance, Measured, measure

PAGE = Path(__file__).parent / "differences.md"
SQRT = "torch's square root"
# optimizer and torch's form -> why lrjax differs from it, where it is not the square root alone
CAUSES = {
    ("Adam", "fused"): "the last elements of each tensor, which torch rounds otherwise",
    ("AdamW", "fused"): "the last elements of each tensor, which torch rounds otherwise",
    (
        "ASGD",
        "foreach",
    ): "p - eta (g + lambd p) for p (1 - lambd eta) - eta g: the factor next to 1 is rounded to float32, "
    "an error that is the same at every step and adds up",
    ("NAdam", "foreach"): SQRT + "; sqrt(v) / sqrt(c) for sqrt(v / c)",
    ("RAdam", "foreach"): SQRT + "; scalars multiplied together before they meet a tensor",
    ("Adafactor", "single"): "means and norms: the order of a sum",
    ("Adafactor", "foreach"): "means and norms: the order of a sum",
    ("Muon", "single"): "products of bfloat16 matrices: the order of a sum",
}
TAIL = "torch's last n % 32 elements of a tensor: lr * g is rounded there before it is added"
HALF_CAUSES = {
    "SGD": TAIL,
    "ASGD": TAIL,
    "Adadelta": TAIL,
    "Adafactor": "means and norms: the order of a sum",
    "Muon": "products of matrices: the order of a sum",
}

PAGE_TEXT = """# Differences, measured

Written by `python -m docs.make_differences` ({versions}, CPU). Two groups with their own rates,
torch's defaults otherwise; {values} values from 1e-6 to 1e3, gradients from 1e-6 to 1e2 and zeros; 1,000 steps, Muon
100 (and of the tensors the matrices only).

- **bits equal**: the share of values with the same bits.
- **ulp**: the largest difference of one value, in units in the last place of the largest of its start and its two ends.
  A small weight that travelled far and came back makes this large.
- **of the way**: the norm of a tensor's difference, in norms of its displacement from the start; the worst tensor.

## `step` against the oracle

The oracle is torch's single-tensor form with a correctly rounded square root.

{oracle}

## `step` against torch as it comes

The last two columns are torch's own spread: this form of torch against its single-tensor form. torch's square root on
the CPU is an ulp off for 0.6 % of inputs; in the fused forms, where there are any, it is correct.

{forms}

## `update` and `apply_updates` against `step`

`update` gives new - p, rounded; adding it to p in the same compiled function rounds once more. Both roundings are exact
where a step is small against its weight.

{update}

## Half precision against torch

Parameters, gradients and states in bfloat16 or float16, rates and other hyperparameters in 64 bits; {half_steps} steps,
torch's single-tensor form as it comes. Two NaN count as equal.

{halves}

float16 and torch's default eps do not go together: 1e-8 is zero in float16, and so is the square of a small gradient;
the step is then 0 / 0 or infinite, for most optimizers from the first one on, in torch and here alike. An eps of 1e-4
cures it. Squares of gradients above 256 overflow in float16. bfloat16 has the range of float32 and no such trouble.

## torch's database of configurations

{database}
"""


def page(measured: Mapping[str, Measured]) -> str:
    """The page for these optimizers."""
    versions = f"torch {torch.__version__.split('+')[0]}, jax {jax.__version__}"
    return PAGE_TEXT.format(
        versions=versions,
        values=f"{sum(p.size for p in start(0).values()):,}",
        oracle=_oracle_table(measured),
        forms=_forms_table(measured),
        update=_table(
            ["optimizer", "bits equal", "ulp", "of the way"],
            [[name, *_cells(m.update)] for name, m in measured.items()],
        ),
        half_steps=HALF_STEPS,
        halves=_halves_table(measured),
        database=_database(),
    )


def _oracle_table(measured: Mapping[str, Measured]) -> str:
    rows = []
    for name, m in measured.items():
        far = [what for what, d in m.oracle.items() if d.equal < 1 and what != "parameters"]
        states = ", ".join(f"{what} {_percent(m.oracle[what].equal)}" for what in far) or "100 %"
        rows.append([name, *_cells(m.oracle["parameters"]), states, CAUSES.get((name, "single"), "")])
    return _table(["optimizer", "bits equal", "ulp", "of the way", "states", "cause"], rows)


def _forms_table(measured: Mapping[str, Measured]) -> str:
    rows = []
    for name, m in measured.items():
        for form, (ours, own) in m.forms.items():
            cause = CAUSES.get((name, form), SQRT) if ours.equal < 1 else ""
            spread = ["", ""] if form == "single" else [_percent(own.equal), f"{own.moved:.1g}"]
            rows.append([name, form, *_cells(ours), cause, *spread])
    head = ["optimizer", "torch's form", "bits equal", "ulp", "of the way", "cause"]
    return _table([*head, "torch: bits equal", "torch: of the way"], rows)


def _halves_table(measured: Mapping[str, Measured]) -> str:
    rows = []
    for name, m in measured.items():
        for dtype, (far, nan) in m.halves.items():
            rows.append([name, dtype, *_cells(far), _percent(nan), HALF_CAUSES.get(name, "") if far.equal < 1 else ""])
    return _table(["optimizer", "type", "bits equal", "ulp", "of the way", "NaN in torch", "cause"], rows)


def _database() -> str:
    infos = {info.optim_cls.__name__: info for info in DATABASE}
    cpu = {name: len(infos[name].optim_inputs_func(device="cpu")) for name in NAMES}
    gpu = sum(len(infos[name].optim_inputs_func(device="cuda")) for name in NAMES) - sum(cpu.values())
    table = _table(
        ["optimizer", "rows", "run"], [*([n, k, k] for n, k in cpu.items()), ["all", *[sum(cpu.values())] * 2]]
    )
    return f"""{table}

Three rows give the rate as a tensor (Adagrad, Muon, SGD); they run with its number, as torch's single-tensor form reads
it. No row of the CPU sets `foreach`, `fused`, `capturable` or `differentiable`; torch's tests add these one by one, and
for a GPU {gpu} rows more with `capturable` (some with tensors for rates and betas). They choose an implementation: here
everything is compiled and takes its rates from the state. Not here: LBFGS (5 rows), SparseAdam (4)."""


def _cells(d: Distance) -> list[str]:
    return [_percent(d.equal), *(["", ""] if d.equal == 1 else [f"{d.ulp:,.3g}", f"{d.moved:.1g}"])]


def _percent(share: float) -> str:
    """Never rounded to 100 or to 0."""
    return f"{100 * share:.0f} %" if share in (0, 1) else f"{min(max(100 * share, 0.01), 99.99):.2f} %"


def _table(head: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and write the page; some optimizers only: print it."""
    parser = argparse.ArgumentParser(prog="python -m docs.make_differences", description=__doc__)
    parser.add_argument(
        "--only", nargs="+", choices=NAMES, metavar="NAME", help="these optimizers; printed, not written"
    )
    parser.add_argument("--steps", type=int, help="instead of 1,000 (Muon: 100)")
    chosen = parser.parse_args(arguments)
    measured = {}
    for name in chosen.only or NAMES:
        print(f"measuring {name} ...", flush=True)
        measured[name] = measure(name, chosen.steps)
    text = page(measured)
    if chosen.only or chosen.steps:
        print(text)
    else:
        PAGE.write_text(text)
        print(f"wrote {PAGE}")


if __name__ == "__main__":
    torch.set_num_threads(1)  # the tensors are small: threads would wait for each other
    main()
