"""``python -m lrjax`` and ``python -m lrtorch``: draw or print the rates of a scheduler of the package."""

import argparse
import inspect
import io
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import MISSING, Field, fields
from functools import partial
from pathlib import Path
from typing import Any, Literal, NoReturn, get_args, get_origin

from .expressions import curve, expression
from .scheduler_arguments import OneCycleLR, TableLR

FROM_METRIC = ("ReduceLROnPlateau", "GreedyLR")
COMPOSITES = ("ChainedScheduler", "SequentialLR")  # their arguments are schedulers
FUNCTIONS = {"lr_lambda": "epoch", "scale_fn": "x"}  # argument -> the variable of its expression
FORMATS = (".png", ".svg", ".pdf")
METAVARS = {int: "INT", float: "NUMBER", str: "NAME"}

DESCRIPTION = "Draw or print the learning rates a scheduler would set, step by step, as PyTorch would set them."
EXAMPLES = """\
examples:
  {prog} list
  {prog} plot StepLR --step-size 30 --base-lrs 0.1 --num-steps 100 --out curve.png
  {prog} plot OneCycleLR --max-lr 0.1 --total-steps 200 --three-phase --out cycle.svg
  {prog} print MultiStepLR --milestones 3 6 --base-lrs 0.1 0.01 --num-steps 10
  {prog} print LambdaLR --lr-lambda "0.95 ** epoch" --num-steps 5
  {prog} plot CurveLR --curve "transformers.linear(10, 100)" --out curve.png
  {prog} plot --help             the schedulers
  {prog} plot StepLR --help      the arguments of one

exit status: 0 done, 2 a bad argument."""


class Parser(argparse.ArgumentParser):
    """A bad argument is one line, without the usage."""

    def __init__(self, **options: Any) -> None:
        formatter = argparse.RawDescriptionHelpFormatter
        super().__init__(**{"allow_abbrev": False, "formatter_class": formatter, **options})
        # Before Python 3.14 argparse takes -1e-3 for an option.
        self._negative_number_matcher = re.compile(r"-\.?\d|-(inf|nan)$")

    def error(self, message: str) -> NoReturn:
        """Print the line and leave with status 2."""
        self.exit(2, f"{self.prog}: {_one_line(message)}\n")


def _one_line(message: Any) -> str:
    return " ".join(str(message).split())


def schedulers(package: Any) -> dict[str, Any]:
    """Every scheduler of lrjax or lrtorch by its name."""
    named = vars(package.lr_scheduler) | vars(package.manual)
    classes = {n: c for n, c in named.items() if isinstance(c, type) and issubclass(c, package.LRScheduler)}
    return {name: classes[name] for name in sorted(classes, key=str.lower) if name != "LRScheduler"}


def summary(cls: Any) -> str:
    """The first line of its docstring."""
    return (inspect.getdoc(cls) or "").partition("\n")[0].replace("``", "")


def parser(package: Any) -> Parser:
    """The commands, each with the schedulers, each with its arguments."""
    prog = f"python -m {package.__name__}"
    made = Parser(prog=prog, description=DESCRIPTION, epilog=EXAMPLES.format(prog=prog))
    commands = made.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, text in (
        ("plot", "write a figure of the rates (and of the momentum, where it is cycled)"),
        ("print", "print a table of the rates, a row per step and a column per group"),
    ):
        command = commands.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        each = command.add_subparsers(dest="scheduler", metavar="SCHEDULER", required=True)
        for scheduler, cls in schedulers(package).items():
            _add_scheduler(each, name, scheduler, cls)
    commands.add_parser("list", help="list the schedulers", description="List the schedulers.")
    return made


def _add_scheduler(commands: Any, command: str, name: str, cls: Any) -> None:
    if name in COMPOSITES:
        commands.add_parser(name, help=f"{summary(cls)} (in Python only)")
        return
    made = commands.add_parser(name, help=summary(cls), description=summary(cls))
    own, texts = made.add_argument_group(f"arguments of {name}"), argument_texts(cls)
    for f in fields(cls):
        if f.name not in ("every", "last_epoch"):  # a row is a scheduler step, and the first is the start
            _add_argument(own, f, texts.get(f.name, ""))
    add = made.add_argument_group("what to show").add_argument
    add(
        "--base-lrs",
        nargs="+",
        type=literal,
        default=[0.1],
        metavar="RATE",
        help="base rate of each group (default: 0.1)",
    )
    length = {"OneCycleLR": "the cycle", **dict.fromkeys(FROM_METRIC, "one per metric"), "TableLR": "the table"}.get(
        name, "100"
    )
    add("--num-steps", type=literal, metavar="INT", help=f"number of scheduler steps (default: {length})")
    if name in FROM_METRIC:
        add("--metrics", nargs="+", metavar="NUMBER", help="the metric after each step; or one file of numbers")
    if command == "plot":
        add("--labels", nargs="+", metavar="TEXT", help="name of each group in the legend")
        add("--out", type=_picture, required=True, metavar="FILE", help="the figure: .png, .svg or .pdf (required)")


def argument_texts(cls: Any) -> dict[str, str]:
    """Argument -> its description in the docstring."""
    block = re.search(r"^Args:\n((?: +.*\n?)+)", inspect.getdoc(cls) or "", re.MULTILINE)
    entries = re.findall(r"^ {4}(\w+): (.*(?:\n {5,}.*)*)", block[1] if block else "", re.MULTILINE)
    return {name: _one_line(text).replace("``", "").rstrip(".") for name, text in entries}


def _add_argument(group: Any, f: Field[Any], text: str) -> None:
    """The option of one dataclass field; what is left out is left to the scheduler's default."""
    if f.name == "curve":
        text = "a Python expression of curves: sequence(linear(10, 0, 1), cosine(90))"
    if f.name in FUNCTIONS:
        text = f"a Python expression of {FUNCTIONS[f.name]}, with the names of the math module, abs, min and max"
    default = f"{f.default:.4g}" if isinstance(f.default, float) else str(f.default)
    ending = "required" if f.default is MISSING else f"default: {default.lower()}"
    option = f"--{f.name.replace('_', '-')}"
    group.add_argument(
        *dict.fromkeys((option, option.lower())),
        dest=f.name,
        default=argparse.SUPPRESS,
        required=f.default is MISSING,
        help=f"{text} ({ending})".replace("%", "%%"),
        **_reading(f),
    )


def _reading(f: Field[Any]) -> dict[str, Any]:
    """How the words of the command line become the argument."""
    if f.type is bool:
        return {"action": argparse.BooleanOptionalAction}
    if f.name == "table":
        return {"type": _row, "nargs": "+", "metavar": "EPOCHS:RATE"}
    if f.name == "curve":
        return {"type": curve, "metavar": "CURVE"}
    if f.name == "units_per_step":
        return {"type": _row_or_number, "nargs": "+", "metavar": "NUMBER"}
    if f.name in FUNCTIONS:
        reading = {"type": partial(expression, FUNCTIONS[f.name]), "metavar": "EXPRESSION"}
    else:
        reading = {"type": literal, "metavar": METAVARS[_first(f.type)]}
    return {**reading, **({"nargs": "*" if get_origin(f.type) is Sequence else "+"} if _takes_list(f) else {})}


def _takes_list(f: Field[Any]) -> bool:
    return Sequence in (get_origin(f.type), *map(get_origin, get_args(f.type)))


def _first(annotation: Any) -> Any:
    inner = get_args(annotation)
    if get_origin(annotation) is Literal:
        return type(inner[0])
    return _first(inner[0]) if inner else annotation


def literal(text: str) -> Any:
    """A number or None where it reads as one, else the text: what is wrong with it the scheduler says best."""
    if text in ("None", "none"):
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def _row(text: str) -> list[Any]:
    return [literal(part) for part in text.split(":")]


def _row_or_number(text: str) -> Any:
    return _row(text) if ":" in text else literal(text)


def _picture(text: str) -> Path:
    if Path(text).suffix.lower() not in FORMATS:
        raise argparse.ArgumentTypeError(f"must end in .png, .svg or .pdf, got {text!r}")
    return Path(text)


def _scheduler(package: Any, options: argparse.Namespace) -> Any:
    """The scheduler with the arguments that were given."""
    cls = schedulers(package)[options.scheduler]
    given = {f.name: getattr(options, f.name) for f in fields(cls) if hasattr(options, f.name)}
    for f in fields(cls):  # one value where a number or a list is taken is the number
        if f.name in given and get_origin(f.type) is not Sequence and _takes_list(f) and len(given[f.name]) == 1:
            given[f.name] = given[f.name][0]
    return cls(**given)


def _metrics(options: argparse.Namespace) -> list[float] | None:
    words = getattr(options, "metrics", None)
    if words is None:
        return None
    if len(words) == 1 and isinstance(literal(words[0]), str):
        words = Path(words[0]).read_text().split()
    bad = next((word for word in words if not isinstance(literal(word), int | float)), None)
    if bad is not None:
        raise ValueError(f"argument --metrics: must be numbers, or one file of numbers, got {bad!r}")
    return [float(word) for word in words]


def _steps(options: argparse.Namespace, scheduler: Any, metrics: list[float] | None) -> Any:
    if options.num_steps is not None or metrics is not None:
        return len(metrics or ()) if options.num_steps is None else options.num_steps
    if isinstance(scheduler, OneCycleLR | TableLR):
        return scheduler.steps()
    last = scheduler.last_step()
    return 100 if last is None else min(100, last - scheduler.last_epoch)


def _show(package: Any, options: argparse.Namespace) -> None:
    """The commands plot and print."""
    scheduler, metrics = _scheduler(package, options), _metrics(options)
    steps = _steps(options, scheduler, metrics)
    if options.command == "print":
        print("\n".join(_table(package.simulate(scheduler, options.base_lrs, steps, metrics=metrics))))
        return
    figure, picture = (
        package.plot(scheduler, options.base_lrs, steps, metrics=metrics, labels=options.labels),
        io.BytesIO(),
    )
    figure.savefig(picture, format=options.out.suffix[1:].lower(), dpi=150)
    options.out.write_bytes(picture.getvalue())  # only now: what cannot be drawn leaves no file


def _table(rates: Any) -> list[str]:
    """Rows of step and rates, every digit of the float64 shown."""
    rows = [["step", *(f"group{i}" for i in range(rates.shape[1]))]]
    rows += [[str(t), *map(repr, row)] for t, row in enumerate(rates.tolist())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(word.rjust(width) for word, width in zip(row, widths, strict=True)) for row in rows]


def main(package: Any, arguments: Sequence[str] | None = None) -> int:
    """Run the command of lrjax or lrtorch; returns its exit status."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    made = parser(package)
    if arguments[:1] in (["plot"], ["print"]) and arguments[1:2] and arguments[1] in COMPOSITES:
        function = f"{package.__name__}.{arguments[0].replace('print', 'simulate')}"
        made.error(f"{arguments[1]} is made of schedulers: use {function} in Python")
    options = made.parse_args(arguments)
    try:
        if options.command == "list":
            print("\n".join(f"{name:29s}{summary(cls)}" for name, cls in schedulers(package).items()))
        else:
            _show(package, options)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has seen enough (`| head`); Python would complain once more at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (ValueError, TypeError, ArithmeticError, OSError, ImportError, MemoryError) as error:
        print(f"{made.prog}: {_one_line(error)}", file=sys.stderr)
        return 2
    return 0
