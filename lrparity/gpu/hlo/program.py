"""A program evaluated in NumPy: every operation rounds once, in its own type."""

from typing import Any

import numpy as np

from .instructions import Computation, Function, Instruction, Shape
from .operations import bind
from .parse import parse


class Program:
    """A program that NumPy runs: ``Program(text)(*arrays)`` gives what the entry computation returns.

    Args:
        text: the optimised program.
    """

    def __init__(self, text: str) -> None:
        self.module = parse(text)
        self._made: dict[tuple[str, bool], Function] = {}
        self._run = self.function(self.module.entry.name)

    def __call__(self, *arrays: Any) -> Any:
        """Evaluate; a result of several arrays is a tuple."""
        with np.errstate(all="ignore"):
            return self._run(*map(np.asarray, arrays))

    def function(self, name: str, check: bool = True) -> Function:
        """A computation as a function of arrays; ``check`` that each value has the shape that the text says."""
        if (name, check) not in self._made:
            self._made[name, check] = self._function(self.module.computations[name], check)
        return self._made[name, check]

    def _function(self, computation: Computation, check: bool) -> Function:
        place = {one.name: i for i, one in enumerate(computation.instructions)}
        steps = []
        for one in computation.instructions:
            inputs = [place[operand] for operand in one.operands]
            operation = bind(one, [computation[operand].shape for operand in one.operands], self.function)
            steps.append((one, operation, inputs))
        last, parameters = place[computation.root], [place[one.name] for one in computation.parameters()]

        def run(*arrays: Any) -> Any:
            values: list[Any] = [None] * len(steps)
            for where, array in zip(parameters, arrays, strict=True):
                values[where] = array
            for i, (one, operation, inputs) in enumerate(steps):
                if operation is not None:
                    value = operation(*[values[j] for j in inputs])
                    values[i] = _checked(one, value) if check else value
            return values[last]

        return run


def _checked(instruction: Instruction, value: Any) -> Any:
    """The value, if it has the type and the dimensions that the program says."""
    if isinstance(instruction.shape, Shape):
        value = np.asarray(value)
        if value.shape != instruction.shape.dims or value.dtype != instruction.shape.dtype:
            raise TypeError(f"evaluated as {value.dtype}{value.shape}: {instruction.line}")
    return value
