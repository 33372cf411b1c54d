"""Docstrings as the site shows them: those of the running program, with their examples and formulas as code blocks.

Some docstrings are completed when their function is made (``lrspec.documentation``), and ``plot`` is a function that
another one returns, so reading the source alone would miss them. ``mkdocs.yml`` names the class here to mkdocstrings.
"""

import inspect
import re
from importlib import import_module
from typing import Any

griffe: Any = import_module("griffe")  # comes with mkdocstrings, in the extra "docs"

_DOCTEST = re.compile(r"(?:^>>> .*\n?(?:^.+\n?)*)+", re.MULTILINE)  # to the next empty line
_BLOCK = re.compile(r"::\n\n((?: {4}.*\n|\n)*(?: {4}.*))")
_RETURNS = re.compile(r"^Returns:\n {4}(?=\S)", re.MULTILINE)
_CODE_OR_TAG = re.compile(r"```.*?```|``.*?``|<(\w[\w ]*)>", re.DOTALL)  # "lr/<group>" is no HTML
_TABLE = re.compile(r"^=+(?: +=+)+\n(?:.+\n)+?=+(?: +=+)+\n(?:.+\n)+?=+(?: +=+)+$", re.MULTILINE)


def as_markdown(docstring: str, returns: str = "") -> str:
    """A docstring in Markdown: examples, ``::`` blocks and tables are fenced, and the type that it returns is named."""
    text = _DOCTEST.sub(lambda match: f"```pycon\n{match[0].rstrip()}\n```\n", docstring)
    text = _BLOCK.sub(lambda match: f":\n\n```text\n{inspect.cleandoc(match[1])}\n```", text)
    if returns:  # mkdocstrings takes what stands before the first colon for the type
        text = _RETURNS.sub(lambda match: f"{match[0]}{returns}: ", text)
    text = _TABLE.sub(lambda match: f"```text\n{match[0]}\n```", text)
    return _CODE_OR_TAG.sub(lambda match: match[0] if match[1] is None else f"&lt;{match[1]}&gt;", text)


class AsMarkdown(griffe.Extension):
    """Give each function and class the docstring that Python's ``help`` shows."""

    def on_instance(self, *, obj: Any, **rest: Any) -> None:
        """Read it where the object stands."""
        del rest
        if obj.is_alias or not (obj.is_function or obj.is_class) or obj.docstring is None:
            return
        found = _running(obj)
        if found is not None:
            returns = str(obj.returns) if obj.is_function and obj.returns is not None else ""
            obj.docstring.value = as_markdown(inspect.cleandoc(found.__doc__ or obj.docstring.value), returns)

    def on_module_members(self, *, mod: Any, **rest: Any) -> None:
        """Put a function in the place of a name that holds one."""
        del rest
        for name, member in list(mod.members.items()):
            if member.is_alias or not member.is_attribute or not inspect.isfunction(function := _running(member)):
                continue
            mod.set_member(name, _described(name, function))


def _described(name: str, function: Any) -> Any:
    """A running function as griffe would have read it."""
    signature = inspect.signature(function)
    parameters = [
        griffe.Parameter(
            one.name,
            annotation=inspect.formatannotation(one.annotation),
            kind=griffe.ParameterKind(one.kind.description),
            default=None if one.default is one.empty else repr(one.default),
        )
        for one in signature.parameters.values()
    ]
    returns = str(signature.return_annotation)
    made = griffe.Function(name, parameters=griffe.Parameters(*parameters), returns=returns)
    made.docstring = griffe.Docstring(as_markdown(inspect.getdoc(function) or "", returns), parent=made)
    return made


def _running(obj: Any) -> Any:
    """The object of the running program, or None."""
    try:
        found: Any = import_module(obj.module.path)
        for name in obj.path.removeprefix(f"{obj.module.path}.").split("."):
            found = getattr(found, name)
    except (ImportError, AttributeError):
        return None
    return found
