"""What came out, as text, JSON and figures; a measurement that was not run again keeps its old result."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from types import ModuleType
from typing import Any

from . import provenance
from .measurement import Case, Outcome, Results


def record(module: ModuleType, cases: list[Case], results: Results, command: str) -> dict[str, Any]:
    """One measurement, JSON-able, with what it was run on."""
    return {
        "title": module.TITLE,
        "command": command,
        "versions": provenance.versions(),
        "commit": provenance.commit(),
        "unit": {case.name: case.unit for case in cases},
        "x": {case.name: case.x for case in cases},
        "cases": {case: {name: asdict(o) for name, o in rows.items()} for case, rows in results.items()},
        "targets": [{**target._asdict(), "holds": target.holds} for target in module.targets(results)],
    }


def save(
    out: Path, hardware: str, records: Mapping[str, Any], modules: Mapping[str, ModuleType], *, draw: bool = True
) -> Path:
    """Write ``results.json``, ``report.md`` and, where ``draw``, the figures into ``out``; the report's path."""
    out.mkdir(parents=True, exist_ok=True)
    stored = out / "results.json"
    everything = json.loads(stored.read_text())["measurements"] if stored.exists() else {}
    everything.update(records)
    ordered = {name: everything[name] for name in modules if name in everything}
    stored.write_text(json.dumps({"hardware": hardware, "measurements": ordered}, indent=1) + "\n")
    for name in records if draw else ():
        from . import figures

        module = modules[name]
        more = getattr(module, "XLABEL", None), getattr(module, "BASELINE", ())
        figures.save(out / f"{name}.png", ordered[name], *more)
    text = [f"# Benchmarks: {hardware}", "", *_preface()]
    for name, one in ordered.items():
        text += ["", f"## {one['title']}", "", modules[name].QUESTION, "", *_stamp(one), "", *_targets(one)]
        text += ["", f"![{one['title']}]({name}.png)", "", *table(one, modules[name].COLUMNS)]
        text += ["", modules[name].NOTES] if hasattr(modules[name], "NOTES") else []
    report = out / "report.md"
    report.write_text("\n".join(text) + "\n")
    return report


def _preface() -> list[str]:
    return [
        "Every framework runs in a process of its own, and the contenders of a case take turns, in an order drawn anew",
        "in each round: what slows the machine down slows all of them. Each answer is compared with the first",
        "contender's before any time is taken (`differs by`: the largest absolute distance); the first turn is a",
        "warm-up, and so is the first call of a turn of several. Times are medians over the turns, quartiles in",
        "brackets; ratios are medians of the ratios within a round. What this does not show: other machines, other",
        "sizes, and how long data takes to load. A GPU has a report of its own (`make bench",
        "DEVICE=gpu`); where none stands beside this one, no figure of a GPU exists yet.",
    ]


def _stamp(one: Mapping[str, Any]) -> list[str]:
    versions = ", ".join(f"{name} {version}" for name, version in one["versions"].items())
    return [f"`{one['command']}`; commit {one['commit']}; {versions}."]


def target_line(target: Mapping[str, Any]) -> str:
    """One target, its figure and whether it holds."""
    verdict = {True: "holds", False: "MISSED", None: "not measured"}[target["holds"]]
    value = "-" if target["value"] is None else f"{target['value']:.3g}"
    return f"| {target['text']} | {value} | {'>=' if target['at_least'] else '<='} {target['bound']:g} | {verdict} |"


def _targets(one: Mapping[str, Any]) -> list[str]:
    if not one["targets"]:
        return []
    return ["| target | figure | bound | |", "| --- | ---: | ---: | --- |", *map(target_line, one["targets"])]


def table(one: Mapping[str, Any], columns: Mapping[str, str]) -> list[str]:
    """All cases and contenders as one markdown table."""
    used = [c for c in columns if any(c in o["facts"] for rows in one["cases"].values() for o in rows.values())]
    heading = ["case", "contender", "time", "first call", *(columns[c] for c in used), "differs by"]
    lines = ["| " + " | ".join(heading) + " |", "| --- | --- |" + " ---: |" * (len(heading) - 2)]
    for case, rows in one["cases"].items():
        for name, row in rows.items():
            lines.append("| " + " | ".join(_cells(case, one["unit"][case], name, Outcome(**row), used)) + " |")
    return lines


def _cells(case: str, unit: str, name: str, outcome: Outcome, used: list[str]) -> Iterator[str]:
    yield from (case, name)
    if outcome.error is not None:
        yield from (f"did not run: {outcome.error}", "", *("" for _ in used), "")
        return
    low, middle, high = outcome.quartiles()
    yield f"{seconds(middle)} [{seconds(low)}, {seconds(high)}] / {unit}"
    yield "" if outcome.first_call is None else seconds(outcome.first_call)
    yield from (str(outcome.facts.get(c, "")) for c in used)
    yield "" if outcome.difference is None else f"{outcome.difference:.2g}"


def seconds(value: float) -> str:
    """A time with three digits in the unit that suits it.

    >>> [seconds(t) for t in (2e-6, 0.0123, 4.5)]
    ['2.00 us', '12.3 ms', '4.50 s']
    """
    for scale, unit in ((1.0, "s"), (1e-3, "ms"), (1e-6, "us")):
        if value >= scale or unit == "us":
            scaled = value / scale
            return (
                f"{scaled:.2f} {unit}"
                if scaled < 10
                else f"{scaled:.1f} {unit}"
                if scaled < 100
                else f"{scaled:.0f} {unit}"
            )
    raise AssertionError
