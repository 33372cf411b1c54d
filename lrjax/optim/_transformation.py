"""What the optimizers return: optax's transformation, with a text and with answers to torch's habits."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import optax

from lrspec.habits import no_attribute

from ._shown import INSTEAD, optimizer_text
from ._state import OptState, Params, Tree


class Optimizer(optax.GradientTransformationExtraArgs):
    """An ``optax.GradientTransformation`` that prints as what it is, and is pickled as what makes it."""

    made_by: tuple[Any, ...]  # the arguments of ``build``

    if TYPE_CHECKING:

        def init(self, params: Tree) -> OptState:  # pyright: ignore[reportIncompatibleVariableOverride]
            """A fresh state."""
            ...

        def update(  # pyright: ignore[reportIncompatibleVariableOverride]
            self, updates: Params, state: OptState, params: Tree = None, **extra: Any
        ) -> tuple[Params, OptState]:
            """The updates to add to the parameters, and the new state."""
            ...

    def __repr__(self) -> str:
        rule, groups, defaults, scheduler = self.made_by
        name = rule.options.name
        return optimizer_text(name, getattr(_module(""), name), groups, defaults, scheduler)

    if not TYPE_CHECKING:  # a type checker would take any name for an attribute

        def __getattr__(self, name: str) -> Any:
            no_attribute("an lrjax optimizer", name, INSTEAD)

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return _module("._engine").build, self.made_by


def _module(name: str) -> Any:
    """A module that itself needs this one."""
    return import_module(f"{__package__}{name}")
