"""muP: parameter groups whose rates and weight decays transfer from a narrow model to a wide one.

As in microsoft/mup (``mup/optim.py``, ``mup/infshape.py``, 1.0.0), in Python floats.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from glob import escape
from typing import Literal

from . import check
from .brief import listed
from .layer_decay import Groups
from .types import ParamGroup

Shapes = Mapping[str, tuple[int, ...]]  # by path
FanIn = Literal["first", "last"]
_WHERE = "mup_groups"  # how errors begin

DESCRIPTION = """\
A dimension in which the target's shape is not the base's is a width, m = target / base its multiplier. A tensor has
at most two widths; of two, one is the fan-in and one the fan-out:

=================  ===========================  =================================
widths             ``optimizer="adam"``         ``optimizer="sgd"``
=================  ===========================  =================================
none               lr                           lr
one                lr                           lr * m
two                lr / m of the fan-in         lr / (m of fan-in / m of fan-out)
=================  ===========================  =================================

Weight decay is multiplied by what the rate is divided by. "adam" is for all optimizers that normalize each entry of
the gradient (Adam, AdamW, RMSprop, Adagrad), "sgd" for the others. Equal to the groups of mup's ``MuAdam``, ``MuAdamW``
and ``MuSGD``. The groups are the smaller part of muP: the initialization, the division of the output by its width
multiplier (mup's ``MuReadout``) and attention's 1 / d are the model's.
"""
ARGUMENTS = {
    "params": "the parameters of the model to train, any tree that the optimizers take; only paths and shapes are "
    "read.",
    "model": "the model to train, a Module, or named parameters; only names and shapes are read.",
    "base": "the same model at the width where the rate was tuned, in the same form, or path -> shape.",
    "lr": "the rate that was tuned there, not negative.",
    "optimizer": '"adam" or "sgd".',
    "weight_decay": "the weight decay that was tuned there, not negative.",
    "delta": "the model at a third width, where the first has the base's in some dimensions: what differs between "
    "delta and base is a width, whatever the first has there.",
    "fan_in": 'of two widths, which is the fan-in: "first", as in the kernels of flax, or "last", as in the weights of '
    "PyTorch.",
}
RETURNS = (
    "The groups for an optimizer, a list of dicts with lr and weight_decay, named by the kind of their tensors and "
    "what their rate is divided by (``matrix_4``; for vectors multiplied by), every parameter by its path (with /); "
    "``print`` shows a table."
)
RAISES = {
    "TypeError": "a model of a wrong type.",
    "ValueError": "an argument out of its range; models whose parameters have not the same names and numbers of "
    "dimensions; a tensor with more than two widths.",
}


@dataclass(frozen=True)
class MuP:
    """The arguments of ``mup_groups``, which documents them."""

    lr: float
    optimizer: str
    weight_decay: float
    fan_in: str

    def __post_init__(self) -> None:
        check.rate(_WHERE, self.lr)
        check.one_of(_WHERE, "optimizer", self.optimizer, ("adam", "sgd"))
        check.at_least(_WHERE, "weight_decay", self.weight_decay, 0.0)
        check.one_of(_WHERE, "fan_in", self.fan_in, ("first", "last"))

    def groups(self, target: Shapes, base: Shapes, delta: Shapes | None) -> Groups:
        """The groups of the parameters of ``target``: matrices first, as in mup, each in the order of its first."""
        for name, other in (("base", base), ("delta", delta)):
            if other is not None:
                _check_alike(name, other, target)
        members: dict[tuple[int, float], list[str]] = {}
        for path, shape in target.items():
            widths = _widths(path, shape, base[path], shape if delta is None else delta[path])
            members.setdefault((self._order(widths), self._divisor(widths)), []).append(path)
        return Groups(self._group(*key, members[key]) for key in sorted(members, key=lambda key: key[0]))

    def _order(self, widths: Sequence[float]) -> int:
        """Matrices, vectors, the rest; for Adam the last two are one."""
        return 2 - len(widths) if self.optimizer == "sgd" else int(len(widths) != 2)

    def _divisor(self, widths: Sequence[float]) -> float:
        """What the rate is divided by."""
        if len(widths) == 2:
            fan_in, fan_out = widths if self.fan_in == "first" else reversed(widths)
            return fan_in if self.optimizer == "adam" else fan_in / fan_out
        return -widths[0] if widths and self.optimizer == "sgd" else 1.0

    def _group(self, order: int, divisor: float, paths: list[str]) -> ParamGroup:
        """One group; a divisor below 0 is a factor."""
        lr, decay, by = float(self.lr), float(self.weight_decay), abs(divisor)
        lr, decay = (lr * by, decay / by) if divisor < 0 else (lr / by, decay * by)
        kind = (("matrix", "vector", "fixed") if self.optimizer == "sgd" else ("matrix", "other"))[order]
        name = kind if kind in ("fixed", "other") else f"{kind}_{by:.12g}"
        return ParamGroup(params=[escape(path) for path in sorted(paths)], name=name, lr=lr, weight_decay=decay)


def shapes_of(name: str, named: Sequence[tuple[str, tuple[int, ...]]]) -> Shapes:
    """Path -> shape."""
    shapes = {path.replace(".", "/"): tuple(shape) for path, shape in named}
    if not shapes or len(shapes) < len(named):
        check.fail(_WHERE, name, "must hold parameters, each of another path", [path for path, _ in named])
    return shapes


def _check_alike(name: str, other: Shapes, target: Shapes) -> None:
    if odd := sorted(other.keys() ^ target.keys()):
        check.fail(_WHERE, name, "must have the same parameters", listed(odd))
    for path, shape in target.items():
        if len(other[path]) != len(shape):
            check.fail(_WHERE, name, f"must have {path} with {len(shape)} dimensions", other[path])


def _widths(path: str, shape: tuple[int, ...], base: tuple[int, ...], other: tuple[int, ...]) -> tuple[float, ...]:
    """The multipliers of the dimensions that are widths, in their order: those that base and the other differ in."""
    pairs = [(n, b) for n, b, o in zip(shape, base, other, strict=True) if b != o]
    if len(pairs) > 2:
        check.fail(_WHERE, "base", f"must leave {path} at most two widths, of {shape}", base)
    if any(b == 0 for _, b in pairs):
        check.fail(_WHERE, "base", f"must have no width of 0, as in {path}", base)
    return tuple(n / b for n, b in pairs)
