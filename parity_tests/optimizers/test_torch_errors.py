"""torch's own database of bad optimizer arguments: what torch rejects, both packages reject, with the same type."""

import re
from collections import Counter
from typing import Any

import jax.numpy as jnp
import pytest
import torch

import lrjax
import lrtorch

from .cases import CASES
from .matrix_cases import CASES as MATRIX_CASES
from .torch_database import DATABASE

NOT_HERE = {"LBFGS", "SparseAdam"}  # not among lrjax's optimizers

# torch's description of a row -> why nothing here could take or reject the like.
NO_COUNTERPART = {
    "invalid param type": "a tree that is one array is a tree to JAX",
    "a param group cannot have duplicate parameters": "arrays are values: two equal ones are not one parameter",
    "duplicate parameters should not occur across param groups either": "the same; patterns: the first match wins",
    "all optimizer params should be with/without names": "every leaf of a tree has a path",
    "all optimizer param groups should be with/without names.": "every leaf of a tree has a path",
}
PARAMETERS = {  # rows about the parameters themselves, not the arguments
    "only support 2D parameters": (2, 3, 4),
    "does not support complex parameters": (2, 3),
}
Row = tuple[str, str, dict[str, Any], type[Exception]]


def rows() -> list[Row]:
    """optimizer, description, keyword arguments, torch's exception."""
    return [
        (info.optim_cls.__name__, e.optimizer_error_input.desc, e.optimizer_error_input.kwargs, e.error_type)
        for info in DATABASE
        for e in info.optim_error_inputs_func(device="cpu", dtype=torch.float32)
    ]


ROWS = [row for row in rows() if row[0] not in NOT_HERE and row[1] not in NO_COUNTERPART]
ARGUMENTS = [row for row in ROWS if row[1] not in PARAMETERS]


def message(action: Any, error: type[Exception]) -> str:
    with pytest.raises(error) as caught:
        action()
    assert caught.type is error
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "desc", "options", "error"), ARGUMENTS, ids=[f"{r[0]} {r[1]} {r[2]}" for r in ARGUMENTS]
)
def test_rejected_as_torch_rejects_it(name: str, desc: str, options: dict[str, Any], error: type[Exception]) -> None:
    del desc
    message(lambda: getattr(torch.optim, name)([torch.nn.Parameter(torch.ones(2, 2))], **options), error)
    # A number that changes with an implementation is one of torch's; here a tensor is no number at all.
    ours = {k: v for k, v in options.items() if k != "foreach"}
    texts = {
        message(lambda: getattr(lrjax, name)(**ours), error),
        message(lambda: getattr(lrtorch, name)({"w": torch.nn.Parameter(torch.ones(2, 2))}, **options), error),
    }
    (text,) = texts
    wrong = "|".join(k for k in ours if text.startswith(f"{name}: {k}"))
    assert re.fullmatch(rf"{name}: ({wrong})\S* .*, got .*", text, re.DOTALL)


@pytest.mark.parametrize("name", sorted({row[0] for row in ROWS if row[1] in PARAMETERS}))
def test_parameters_that_torch_rejects(name: str) -> None:
    for row_name, desc, options, error in ROWS:
        if row_name != name or desc not in PARAMETERS:
            continue
        dtype = "complex64" if "complex" in desc else "float32"
        array = jnp.ones(PARAMETERS[desc], dtype)
        tensor = torch.nn.Parameter(torch.ones(PARAMETERS[desc], dtype=getattr(torch, dtype)))

        def ours(options: Any = options, array: Any = array) -> None:
            tx = getattr(lrjax, name)(**options)
            lrjax.step(tx, {"w": array}, tx.init({"w": array}), {"w": array})

        def theirs(options: Any = options, tensor: Any = tensor) -> None:
            tensor.grad = torch.ones_like(tensor)
            getattr(lrtorch, name)({"w": tensor}, **options).step()

        assert message(ours, error).startswith(f"{name}")
        message(theirs, error)


def test_the_whole_database_is_walked() -> None:
    """Every row is tested above, or stands in the list of those without a counterpart, or has no optimizer here."""
    names = {info.optim_cls.__name__ for info in DATABASE}
    assert set(NO_COUNTERPART) <= {row[1] for row in rows()}
    assert set(PARAMETERS) <= {row[1] for row in ROWS}
    assert {row[0] for row in ROWS} == names - NOT_HERE
    counted = Counter(row[0] for row in ARGUMENTS)
    assert (len(rows()), len(ROWS), len(ARGUMENTS)) == (124, 124 - 16 - 13 * 5, 40)
    assert counted["Adam"] == counted["AdamW"] == 7


def model_of(desc: str, a: Any, b: Any) -> Any:
    """What torch's five rules for its list of parameters refuse, as lrtorch's ``model``."""
    models: dict[str, Any] = {
        "invalid param type": a,
        "a param group cannot have duplicate parameters": [("a", a), ("b", a)],
        "duplicate parameters should not occur across param groups either": [("a", a), ("b", a)],
        "all optimizer params should be with/without names": [("a", a), b],
        "all optimizer param groups should be with/without names.": [a, ("b", b)],
    }
    return models[desc]


@pytest.mark.parametrize("desc", NO_COUNTERPART)
def test_lrtorch_rejects_what_only_torch_has(desc: str) -> None:
    """Tensors are objects, and lrtorch is given names."""
    a, b = torch.nn.Parameter(torch.ones(1, 1)), torch.nn.Parameter(torch.ones(1, 1))
    groups: Any = [{"params": "a"}, {"params": "b"}] if "across" in desc else None
    with pytest.raises((TypeError, ValueError), match=r"^SGD: model must "):
        lrtorch.SGD(model_of(desc, a, b), groups)


def test_how_many_configurations_are_run() -> None:
    """82 rows without LBFGS and SparseAdam, each a case; three have a tensor for a rate, which is read as a number."""
    database = {
        f"{info.optim_cls.__name__} {row.desc}": row.kwargs
        for info in DATABASE
        if info.optim_cls.__name__ not in NOT_HERE
        for row in info.optim_inputs_func(device="cpu")
    }
    tensors = [name for name, kwargs in database.items() if any(isinstance(v, torch.Tensor) for v in kwargs.values())]
    assert len(database) == 82
    assert sorted(tensors) == ["Adagrad Tensor lr", "Muon Tensor lr", "SGD tensor lr"]
    assert not any({"foreach", "fused", "capturable", "differentiable"} & set(kwargs) for kwargs in database.values())
    assert set(database) <= {case.id for case in (*CASES, *MATRIX_CASES)}
