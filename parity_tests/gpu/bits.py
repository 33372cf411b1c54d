"""Bits against torch, on a GPU: ``python -m parity_tests.gpu.bits --device gpu --out FOLDER``.

Every optimizer takes the same steps in a plain compiled loop, ``jax.jit(lambda p, s, g: lrjax.step(tx, g, s, p))``,
and in each of torch's forms; parameters and states are compared after every step. The table counts what differs at the
end, and names the first step at which anything did. Written anew after each row, so that nothing is lost when the time
is up. On a CPU torch's single-tensor form with a correctly rounded root stands in for torch on CUDA.
"""

import argparse
import inspect
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from lrparity.runs.bits import bits, differing

STEPS = 60
FORMS: dict[str, dict[str, Any]] = {"default": {}, "single": {"foreach": False}, "fused": {"fused": True}}
Trace = dict[str, list[np.ndarray]]  # "parameters a", "exp_avg a" -> its value after each step

PREAMBLE = """\
{steps} steps with the same gradients, lrjax in a plain compiled loop beside {oracle}. `differ` counts the values that
are not equal in every bit after the last step, `first step` is the first after which any value of the row was not.
Adafactor and Muon add numbers in an order that no two implementations share; their rows named `exact` leave no sum to
decide anything. Each tensor by itself, with an example of the first value that differed, is in bits.json."""


class Row(NamedTuple):
    """An optimizer, its options and the tensors it is run on."""

    case: Any  # optimizers.cases.Case
    tensors: Any  # steps -> parameters, gradients
    summed: bool = False  # whether the order of a sum decides bits


def rows() -> list[Row]:
    """The default of each of the 13 optimizers, then the exact rows of those that sum, then every other option."""
    from parity_tests.optimizers import matrix_cases
    from parity_tests.optimizers.cases import CASES, gradients, start

    def of_matrix(name: str, exact: bool) -> Any:
        make = matrix_cases.exact_tensors if exact else lambda name, steps: matrix_cases.tensors(name, 0, steps)
        return lambda steps: make(name, steps)

    plain = [Row(case, lambda steps: (start(0), gradients(0, steps))) for case in CASES]
    summed = [Row(case, of_matrix(case.name, False), True) for case in matrix_cases.CASES]
    exact = [Row(case._replace(id=f"{case.id}, exact"), of_matrix(case.name, True)) for case in matrix_cases.EXACT]
    every = [*plain, *summed]
    first = {row.case.name: row for row in reversed(every)}
    chosen = [first[name] for name in dict.fromkeys(row.case.name for row in every)]
    taken = {row.case.id for row in chosen}
    return [*chosen, *exact, *(row for row in every if row.case.id not in taken)]


def forms(name: str, device: str) -> list[str]:
    """torch's forms to compare with; on a CPU the single-tensor form stands for all."""
    import torch

    if device == "cpu":
        return ["single"]
    takes = inspect.signature(getattr(torch.optim, name)).parameters
    return [form for form, options in FORMS.items() if all(option in takes for option in options)]


def trace_jax(case: Any, params: Any, grads: Any) -> Trace:
    """Parameters and slots after each step of the plain loop."""
    import jax
    import jax.numpy as jnp

    import lrjax
    from parity_tests.optimizers.cases import GROUP_TABLES

    tx = getattr(lrjax, case.name)(GROUP_TABLES[case.groups], **case.options)
    step = jax.jit(lambda p, s, g: lrjax.step(tx, g, s, p))
    params = jax.tree.map(jnp.asarray, params)
    state, trace = tx.init(params), {}
    for t in range(_steps(grads)):
        params, state = step(params, state, {name: jnp.asarray(g[t]) for name, g in grads.items()})
        for what, tree in {"parameters": params, **state.slots}.items():
            _record(trace, what, {name: np.asarray(value) for name, value in tree.items()})
    return trace


def trace_torch(case: Any, params: Any, grads: Any, device: str, form: str) -> Trace:
    """The same of torch's optimizer."""
    import torch

    import lrtorch
    from lrparity.oracle.cpu import CorrectSqrt
    from parity_tests.optimizers.cases import GROUP_TABLES, NUMBERS

    to = "cuda" if device == "gpu" else "cpu"
    model = {name: torch.nn.Parameter(torch.tensor(p, device=to)) for name, p in params.items()}
    optimizer = getattr(lrtorch, case.name)(model, GROUP_TABLES[case.groups], **case.options, **_form(case, form))
    trace: Trace = {}
    with CorrectSqrt() if device == "cpu" else nullcontext():
        for t in range(_steps(grads)):
            for name, p in model.items():
                p.grad = torch.tensor(grads[name][t], device=to)
            optimizer.step()
            _record(trace, "parameters", {name: p.numpy(force=True).copy() for name, p in model.items()})
            for name, p in model.items():
                for slot, value in optimizer.state[p].items():
                    if isinstance(value, torch.Tensor) and slot not in NUMBERS:
                        _record(trace, slot, {name: value.numpy(force=True).copy()})
    return trace


def _form(case: Any, form: str) -> dict[str, Any]:
    import torch

    takes = inspect.signature(getattr(torch.optim, case.name)).parameters
    return {option: value for option, value in FORMS[form].items() if option in takes}


def _record(trace: Trace, what: str, values: Mapping[str, np.ndarray]) -> None:
    for name, value in values.items():
        trace.setdefault(f"{what} {name}", []).append(value)


def _steps(grads: Mapping[str, np.ndarray]) -> int:
    return len(next(iter(grads.values())))


def compare(ours: Trace, theirs: Trace) -> dict[str, dict[str, Any]]:
    """Per tensor: its values, how many differ at the end, and where the first did."""
    from lrparity.runs.verdict import ulps

    found: dict[str, dict[str, Any]] = {}
    for what, values in theirs.items():
        steps = list(zip(ours[what], values, strict=True))
        counts = [differing({"": np.asarray(a)}, {"": np.asarray(b)}).get("", 0) for a, b in steps]
        found[what] = {
            "values": values[-1].size,
            "differ": counts[-1],
            "ulp": float(np.max(ulps(*steps[-1]), initial=0)),
        }
        if any(counts):
            t = next(t for t, count in enumerate(counts) if count)
            found[what]["first"] = {"step": t + 1, "differ": counts[t], **_example(*steps[t])}
    return found


def _example(a: np.ndarray, b: np.ndarray) -> dict[str, Any]:
    """The first of two arrays' values that are not equal, as hexadecimal floats."""
    at = int(np.flatnonzero(bits(np.ravel(a)) != bits(np.ravel(b)))[0])
    return {"index": at, "ours": float(np.ravel(a)[at]).hex(), "theirs": float(np.ravel(b)[at]).hex()}


def measure(row: Row, steps: int, device: str) -> Iterator[dict[str, Any]]:
    """The row beside each of torch's forms."""
    began = time.perf_counter()
    params, grads = row.tensors(steps)
    ours: Any = None
    for form in forms(row.case.name, device):
        one = {"case": row.case.id, "form": form, "summed": row.summed}
        try:
            ours = ours or trace_jax(row.case, params, grads)
            one["tensors"] = compare(ours, trace_torch(row.case, params, grads, device, form))
        except Exception as error:  # a form that a version lacks, a kernel that a device lacks: said, the others go on
            one["error"] = f"{type(error).__name__}: {error}".splitlines()[0][:160]
        yield {**one, "seconds": round(time.perf_counter() - began, 2)}


def totals(one: Mapping[str, Any], parameters: bool) -> tuple[int, int]:
    """How many values differ, of how many: of the parameters, or of the states."""
    chosen = [x for what, x in one["tensors"].items() if what.startswith("parameters ") == parameters]
    return sum(x["differ"] for x in chosen), sum(x["values"] for x in chosen)


def first_step(one: Mapping[str, Any]) -> int | None:
    """The first step after which any bit differed."""
    return min((x["first"]["step"] for x in one["tensors"].values() if "first" in x), default=None)


def table(found: Sequence[Mapping[str, Any]]) -> list[str]:
    """One line per row and form."""
    lines = ["| optimizer | torch's form | parameters differ | states differ | first step |"]
    lines += ["| --- | --- | ---: | ---: | ---: |"]
    for one in found:
        if "error" in one:
            lines.append(f"| {one['case']} | {one['form']} | did not run: {one['error'].replace('|', '/')} | | |")
            continue
        cells = [f"{differ:,} of {of:,}" if of else "-" for differ, of in (totals(one, True), totals(one, False))]
        step = first_step(one)
        lines.append(
            f"| {one['case']} | {one['form']} | {cells[0]} | {cells[1]} | {'never' if step is None else step} |"
        )
    return lines


def sentence(found: Sequence[Mapping[str, Any]]) -> str:
    """How many rows are equal in every bit, per form; rows with a sum are not counted."""
    parts = []
    for form in dict.fromkeys(one["form"] for one in found):
        ran = [one for one in found if one["form"] == form and "error" not in one and not one["summed"]]
        equal = sum(first_step(one) is None for one in ran)
        parts.append(f"{form}: {equal} of {len(ran)} rows")
    failed = sum("error" in one for one in found)
    return f"Equal in every bit, {', '.join(parts)}" + (f"; {failed} did not run." if failed else ".")


def save(out: Path, found: Sequence[Mapping[str, Any]], device: str, steps: int) -> None:
    """Write bits.json and bits.md."""
    from benchmarks.machinery import provenance

    hardware, versions = provenance.hardware(device), provenance.versions()
    what = {"hardware": hardware, "versions": versions, "commit": provenance.commit(), "steps": steps, "rows": found}
    (out / "bits.json").write_text(json.dumps(what, indent=1) + "\n")
    oracle = "torch on the same GPU" if device == "gpu" else "torch with a correctly rounded square root"
    shown = ", ".join(f"{name} {version}" for name, version in versions.items())
    head = [f"# Bits against torch: {hardware}", "", f"{shown}.", "", PREAMBLE.format(steps=steps, oracle=oracle), ""]
    (out / "bits.md").write_text("\n".join([*head, sentence(found), "", *table(found)]) + "\n")


def parser() -> argparse.ArgumentParser:
    """The options."""
    made = argparse.ArgumentParser(prog="python -m parity_tests.gpu.bits", allow_abbrev=False)
    made.add_argument("--device", choices=("cpu", "gpu"), default="gpu", help="(default: gpu)")
    made.add_argument("--out", type=Path, default=Path("gpu_bits"), metavar="FOLDER", help="(default: gpu_bits)")
    made.add_argument("--only", action="append", metavar="NAME", help="an optimizer; may be repeated (default: all)")
    made.add_argument("--steps", type=int, default=STEPS, metavar="N", help=f"(default: {STEPS})")
    made.add_argument("--seconds", type=float, metavar="N", help="begin no row after this many (default: no limit)")
    return made


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; its exit status: 0 every row ran, 1 one did not, 2 no such device."""
    began, options = time.perf_counter(), parser().parse_args(arguments)
    import jax
    import torch

    from lrparity import devices

    if without := devices.missing(options.device):
        print(
            f"python -m parity_tests.gpu.bits: argument --device: {' and '.join(without)} found no GPU", file=sys.stderr
        )
        return 2
    known = list(dict.fromkeys(row.case.name for row in rows()))
    if unknown := set(options.only or ()) - set(known):
        parser().error(f"argument --only: must be one of {', '.join(known)}, got {', '.join(sorted(unknown))}")
    options.out.mkdir(parents=True, exist_ok=True)
    found: list[dict[str, Any]] = []
    # Not torch's default device: it would move the optimizers' step counts to the GPU, where a user's are not.
    torch.set_float32_matmul_precision("highest")  # no TF32
    with jax.default_device(jax.devices(options.device)[0]), jax.default_matmul_precision("highest"):
        for row in rows():
            late = options.seconds is not None and time.perf_counter() - began > options.seconds
            if late or (options.only and row.case.name not in options.only):
                continue
            for one in measure(row, options.steps, options.device):
                found.append(one)
                print(table([one])[-1], flush=True)
            save(options.out, found, options.device, options.steps)
    print(sentence(found))
    return 1 if any("error" in one for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
