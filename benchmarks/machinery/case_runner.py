"""Running a case: make every contender, check the answers, then let them take turns."""

import random
from collections.abc import Callable
from types import ModuleType

import numpy as np

from .measurement import Case, Contender, Outcome
from .worker_process import Failed, Worker


class Workers:
    """The processes, one per side, started when first needed."""

    def __init__(self, device: str, *, short: bool = False) -> None:
        self.device, self.short = device, short
        self._running: dict[str, Worker] = {}

    def __getitem__(self, side: str) -> Worker:
        if side not in self._running:
            self._running[side] = Worker(side, self.device, short=self.short)
        return self._running[side]

    def drop(self) -> None:
        """Free what the last case used."""
        for worker in self._running.values():
            worker.ask("drop")

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def close(self) -> None:
        """End all processes."""
        for worker in self._running.values():
            worker.close()
        self._running.clear()


def run_case(module: ModuleType, case: Case, processes: Workers, on_turn: Callable[[], object]) -> dict[str, Outcome]:
    """All contenders of a case, interleaved: A B C, C A B, ... in an order drawn anew each time.

    (torch's threads keep a processor busy for a while after a step, at the cost of whoever comes next.)

    Args:
        module: the measurement.
        case: what to compare.
        processes: where to run it.
        on_turn: called after each turn, for the progress bar.

    Raises:
        Failed: a contender that must run did not, or its answer is wrong.
    """
    outcomes = {c.name: Outcome(c.side) for c in case.contenders}
    answers: dict[str, np.ndarray] = {}
    for contender in case.contenders:
        _make(module.__name__, case, contender, processes, outcomes[contender.name], answers)
    _check(case, outcomes, answers)
    fit = [c for c in case.contenders if outcomes[c.name].error is None]
    order = random.Random(case.name)
    for turn in range(case.turns):
        for contender in order.sample(fit, len(fit)):
            counts = turn >= case.turns - case.rounds
            seconds = processes[contender.side].ask("turn", contender.name, case.seconds if counts else 0.0)
            outcomes[contender.name].samples += [seconds] if counts else []
            on_turn()
    for contender in fit:
        outcomes[contender.name].facts.update(processes[contender.side].ask("facts", contender.name))
    if hasattr(module, "add_facts"):
        module.add_facts(case.settings, outcomes, answers)
    processes.drop()
    return outcomes


def _make(
    measurement: str,
    case: Case,
    contender: Contender,
    processes: Workers,
    outcome: Outcome,
    answers: dict[str, np.ndarray],
) -> None:
    try:
        made = processes[contender.side].ask("make", measurement, contender.name, case.settings)
    except Failed as error:
        if not contender.optional:
            raise Failed(f"{measurement.rpartition('.')[2]}, {case.name}, {contender.name}: {error}") from None
        outcome.error = str(error).strip().splitlines()[-1][:200]
        return
    answers[contender.name], outcome.first_call, outcome.facts = made


def _check(case: Case, outcomes: dict[str, Outcome], answers: dict[str, np.ndarray]) -> None:
    """No time is taken of a wrong answer."""
    reference = answers[case.contenders[0].name]
    for contender in case.contenders:
        if contender.name not in answers:
            continue
        answer = answers[contender.name]
        if answer.shape != reference.shape or not np.isfinite(answer).all():
            raise Failed(f"{case.name}, {contender.name}: an answer of shape {answer.shape}, or not finite")
        difference = float(np.max(np.abs(answer - reference), initial=0.0))
        outcomes[contender.name].difference = difference
        if contender.tolerance is not None and difference > contender.tolerance:
            raise Failed(
                f"{case.name}, {contender.name}: its answer is {difference:.2g} from that of "
                f"{case.contenders[0].name}, more than {contender.tolerance:.2g}"
            )
