"""What the run prints, and the folder it leaves: written whole or not at all."""

import os
import platform
import shutil
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

import jax
import numpy as np

from ..runs.bounds import ADAMW_BOUND, FLOAT64_BOUND, SGD_BOUND
from ..runs.records import Record
from ..runs.verdict import Line, sentence
from . import claims_report, figures
from .choices import OPTIMIZERS, Settings, make
from .claims import PerLayer, Swing
from .evidence import Evidence
from .run import FRAMEWORKS, STEPS

Claims = tuple[Swing, list[PerLayer]]


def epoch_lines(epoch: int, records: Mapping[str, Record]) -> list[str]:
    """A line per framework in the tutorials' form: the epoch from 1, each group's rate, loss and test accuracy."""
    lines = []
    for framework, record in records.items():
        rates = "  ".join(f"Lr:{lr[0]:.2E} {group}" for group, lr in record.lr[epoch].items())
        accuracy = 100 * record.test[epoch][1]
        loss = record.loss[epoch].mean()
        lines.append(f"{framework:7s}  Epoch:{epoch + 1}  {rates}  loss {loss:.4f}  test accuracy {accuracy:.1f} %")
    return lines


def heading(settings: Settings) -> list[str]:
    """What is going to run, both sides by their own description."""
    epochs = f"{settings.epochs} epoch" + "s" * (settings.epochs > 1)
    lines = [f"Fine-tuning on digits 5-9 after pretraining on digits 0-4: {epochs} of {STEPS} steps"]
    for framework, side in FRAMEWORKS.items():
        made = make(side.package, settings.rule, settings.optimizer, settings.epochs, STEPS)
        options = ", ".join(f"{name}={value!r}" for name, value in made.options.items())
        lines.append(f"{framework:7s}  {side.package.__name__}.{OPTIMIZERS[settings.optimizer].cls}({options})")
    return lines


def verdict_lines(lines: Sequence[Line]) -> list[str]:
    """The verdict as text, a section at a time."""
    text = []
    for section in dict.fromkeys(line.section for line in lines):
        text.append(f"{section}:")
        for line in (line for line in lines if line.section == section):
            mark = "ok  " if line.holds else "FAIL"
            text.append(f"  {mark} {line.subject}: {line.measured} (bound: {line.bound})")
            if line.aside:
                text.append(f"         {line.aside}")
    return text


def environment(settings: Settings) -> dict[str, str]:
    """What the numbers were measured on."""
    packages = ("jax", "flax", "optax", "torch", "numpy", "scikit-learn")
    return {
        "device": f"{settings.device} ({jax.devices(settings.device)[0].device_kind}, {platform.machine()})",
        "Python": platform.python_version(),
        **{name: version(name) for name in packages},
    }


def markdown(settings: Settings, lines: Sequence[Line], log: Sequence[str], claims: Sequence[str]) -> str:
    """The summary: verdict, comparisons, figures, what was printed, claims."""
    made = "".join(f"| {name} | {value} |\n" for name, value in (vars(settings) | environment(settings)).items())
    rows = "".join(
        f"| {line.section} | {line.subject} | {line.measured} | {line.bound} | {'yes' if line.holds else '**NO**'} "
        f"| {line.aside} |\n"
        for line in lines
    )
    parts = [
        f"# JAX against PyTorch\n\n**{sentence(lines)}**\n",
        "## Comparisons\n\n| what | of | measured | bound | holds | beside it |\n|---|---|---|---|---|---|\n" + rows,
        BOUNDS,
        f"## Settings\n\n| name | value |\n|---|---|\n{made}",
        "## Figures\n\n![learning rates](rates.png)\n\n![losses](losses.png)\n\n![differences](differences.png)\n",
        "## The run\n\n```text\n" + "\n".join(log) + "\n```\n",
    ]
    if claims:
        parts.append("## Two claims\n\n![claims](claims.png)\n\n```text\n" + "\n".join(claims) + "\n```\n")
    return "\n".join(parts)


BOUNDS = f"""\
- Rates: every rate of every step and group, rounded to float32, is the same number.
- Updates: both optimizers get PyTorch's gradients of the float32 run; the parameters after every step have the same
  bits as PyTorch's default form (on a CPU the single-tensor one, on a GPU foreach) with a correctly rounded square
  root. Plain PyTorch, whose square root is not always correctly rounded on a CPU, is reported beside it.
- Whole run: each framework trains with its own gradients, pretraining included. In float64 the final parameters agree
  within {FLOAT64_BOUND:g} of the largest in their tensor: rounding is all that may differ. In float32 matrix products,
  exponentials and logarithms are summed in different orders, and training carries that along: the tensors agree within
  {SGD_BOUND:g} of the way they moved for SGD, {ADAMW_BOUND:g} for AdamW, which divides a gradient by its own size.
"""


def traces(evidence: Evidence, claims: Claims | None) -> dict[str, np.ndarray]:
    """All curves by name, for ``np.savez``."""
    arrays: dict[str, np.ndarray] = {}
    for dtype, records in evidence.runs.items():
        for framework, record in records.items():
            arrays |= {f"{dtype}/{framework}/{name}": value for name, value in _of_record(record).items()}
    for rule, both in evidence.rates.items():
        arrays |= {f"rates/{rule}/{name}/{group}": lr for name, rates in both.items() for group, lr in rates.items()}
    for optimizer, (oracle, plain) in evidence.updates.items():
        arrays |= {f"updates/{optimizer}/oracle": oracle.per_step, f"updates/{optimizer}/plain": plain.per_step}
    return arrays if claims is None else arrays | _of_claims(*claims)


def _of_record(record: Record) -> dict[str, np.ndarray]:
    arrays = {"loss": record.losses(), "test_loss_and_accuracy": np.array(record.test)}
    arrays |= {f"lr/{group}": lr for group, lr in record.rates().items()}
    arrays |= {f"start/{path}": w for path, w in record.start.items()}
    return arrays | {f"end/{path}": w for path, w in record.end.items()}


def _of_claims(swing: Swing, layers: Sequence[PerLayer]) -> dict[str, np.ndarray]:
    arrays = {f"claim1/{arm}/loss": loss for arm, loss in swing.loss.items()}
    arrays |= {f"claim1/{arm}/swing": values for arm, values in swing.swing.items()}
    for layer in layers:
        prefix = f"claim2/{layer.images}"
        arrays |= {f"{prefix}/{arm}/test_accuracy": values for arm, values in layer.accuracy.items()}
        arrays |= {f"{prefix}/{arm}/validation_accuracy": values for arm, values in layer.validation.items()}
    return arrays


def save(
    out: Path, evidence: Evidence, lines: Sequence[Line], log: Sequence[str], claims: Claims | None, page: str
) -> None:
    """Write the folder ``out``: into a sibling first, renamed when it is complete."""
    out.parent.mkdir(parents=True, exist_ok=True)
    unfinished, old = (out.with_name(f".{out.name}.{what}-{os.getpid()}") for what in ("unfinished", "old"))
    unfinished.mkdir()
    try:
        _write(unfinished, evidence, lines, log, claims)
        (unfinished / "report.html").write_text(page, encoding="utf-8")
        if out.exists():
            out.rename(old)
        unfinished.rename(out)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _write(folder: Path, evidence: Evidence, lines: Sequence[Line], log: Sequence[str], claims: Claims | None) -> None:
    text = [] if claims is None else claims_report.text(*claims)
    (folder / "summary.md").write_text(markdown(evidence.settings, lines, log, text), encoding="utf-8")
    np.savez_compressed(folder / "traces.npz", allow_pickle=False, **traces(evidence, claims))
    figures.save_all(folder, evidence)
    if claims is not None:
        claims_report.save_figure(folder, *claims)


FILES = {"summary.md", "report.html", "traces.npz", "rates.png", "losses.png", "differences.png", "claims.png"}


def refusal(out: Path) -> str | None:
    """Why ``out`` cannot be written, or None: only a new folder, or one that holds nothing but an earlier report."""
    if out.exists():
        if not out.is_dir() or {path.name for path in out.iterdir()} - FILES:
            return "must be a new folder, or one that holds nothing but an earlier report"
    ancestor = next(path for path in out.absolute().parents if path.exists())
    return None if ancestor.is_dir() and os.access(ancestor, os.W_OK) else "must be in a folder that can be written to"
