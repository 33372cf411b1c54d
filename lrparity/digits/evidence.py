"""What the verdict rests on: the run in both dtypes, every rule's rates, every optimizer's updates."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

import lrjax
import lrtorch
from lrjax.finetune import per_layer

from ..runs.records import Record, Weights
from ..runs.replay import Replay, replay_jax, replay_torch
from ..runs.verdict import Line, Updates, compare_updates, rate_line, run_lines, update_line
from .choices import OPTIMIZERS, RULES, Settings, float32_bound, make, rates_by_hand
from .layout import DENSE
from .run import STEPS, fine_tune

Rates = dict[str, np.ndarray]
WITNESSES = ("backbone/dense1/bias", "head/bias")  # a parameter per group: enough for a scheduler to be driven by


class Evidence(NamedTuple):
    """Everything that was measured."""

    settings: Settings
    runs: dict[str, dict[str, Record]]  # dtype -> framework -> what it did
    rates: dict[str, dict[str, Rates]]  # rule -> framework -> group -> rate of every step
    updates: dict[str, tuple[Updates, Updates]]  # optimizer -> against the oracle, against plain PyTorch

    @property
    def printed(self) -> dict[str, Record]:
        """The run that was printed."""
        return self.runs[self.settings.dtype]


def collect(settings: Settings, printed: dict[str, Record], bar: Callable[[Iterable[Any]], Iterable[Any]]) -> Evidence:
    """Compare everything there is to compare, beginning with the run that was printed.

    Args:
        settings: the options of the run.
        printed: its records.
        bar: wraps the list of tasks, to show progress.
    """
    evidence = Evidence(settings, {settings.dtype: printed}, {}, {})
    tasks = [(_other_run, "float32" if settings.dtype == "float64" else "float64")]
    tasks += [(_rates, rule) for rule in RULES]
    tasks += [(_updates, optimizer) for optimizer in OPTIMIZERS]
    tasks += [(_routes, settings.optimizer)]
    for task, argument in bar(tasks):
        task(evidence, argument)
    return evidence


def _other_run(evidence: Evidence, dtype: str) -> None:
    """The same run in the other dtype."""
    evidence.runs[dtype] = fine_tune(evidence.settings, dtype, on_epoch=lambda *_: None)


def _rates(evidence: Evidence, rule: str) -> None:
    """Every step's rates under ``rule``, by way of ``optax.multi_transform``."""
    optimizer = evidence.settings.optimizer
    ours = _ours(evidence, rule, optimizer, _multi_transform, WITNESSES)
    theirs = _theirs(evidence, rule, optimizer, WITNESSES, oracle=False)
    evidence.rates[rule] = {"JAX": ours.rates, "PyTorch": theirs.rates}


def _updates(evidence: Evidence, optimizer: str) -> None:
    """Every step's parameters with ``optimizer`` under the run's rule, in one pass over all groups."""
    _compare(evidence, optimizer, optimizer, _one_pass)


def _routes(evidence: Evidence, optimizer: str) -> None:
    """The run's own optimizer once more, by way of ``optax.multi_transform``."""
    _compare(evidence, f"{optimizer}, optax.multi_transform", optimizer, _multi_transform)


def _compare(evidence: Evidence, subject: str, optimizer: str, route: Callable[..., Any]) -> None:
    rule = evidence.settings.rule
    parameters = tuple(evidence.runs["float32"]["PyTorch"].start)
    ours = _ours(evidence, rule, optimizer, route, parameters)
    oracle, plain = (_theirs(evidence, rule, optimizer, parameters, oracle=oracle) for oracle in (True, False))
    evidence.updates[subject] = (
        compare_updates(ours.weights, oracle.weights),
        compare_updates(ours.weights, plain.weights),
    )


def _one_pass(groups: Any, optimizer: Callable[..., Any], **options: Any) -> Any:
    return optimizer(groups, **options)


def _multi_transform(groups: Any, optimizer: Callable[..., Any], **options: Any) -> Any:
    return per_layer(groups, optimizer, **options)


def _ours(
    evidence: Evidence, rule: str, optimizer: str, route: Callable[..., Any], parameters: Sequence[str]
) -> Replay:
    epochs = evidence.settings.epochs
    made = make(lrjax, rule, optimizer, epochs, STEPS)
    tx = route(made.groups, made.optimizer, **made.options)
    return replay_jax(tx, *_given(evidence, parameters), rates_by_hand(rule, optimizer, epochs))


def _theirs(evidence: Evidence, rule: str, optimizer: str, parameters: Sequence[str], *, oracle: bool) -> Replay:
    epochs = evidence.settings.epochs
    made = make(lrtorch, rule, optimizer, epochs, STEPS)
    by_hand = rates_by_hand(rule, optimizer, epochs)
    return replay_torch(made.build, *_given(evidence, parameters), by_hand, layout=DENSE, oracle=oracle)


def _given(evidence: Evidence, parameters: Sequence[str]) -> tuple[Weights, list[Weights]]:
    """First weights and gradients, for both sides: PyTorch's of the float32 run."""
    record = evidence.runs["float32"]["PyTorch"]
    return {path: record.start[path] for path in parameters}, record.grads


def lines_of(evidence: Evidence) -> list[Line]:
    """Every comparison as a line of the verdict."""
    printed = evidence.printed
    rates = {f"the run ({evidence.settings.rule})": {name: r.rates() for name, r in printed.items()}, **evidence.rates}
    lines = [rate_line(subject, both["JAX"], both["PyTorch"]) for subject, both in rates.items()]
    lines += [update_line(subject, *both) for subject, both in evidence.updates.items()]
    for dtype in ("float64", "float32"):
        lines += run_lines(dtype, evidence.runs[dtype], float32_bound(evidence.settings.optimizer))
    return lines
