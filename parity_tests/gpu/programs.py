"""The programs that are compiled for a GPU, and what they must compute: torch's optimizers on CUDA."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import torch

import lrjax
import lrjax.finetune
import lrtorch
from lrparity.digits import gpu_epoch
from lrparity.gpu.hlo.program import Program
from lrparity.gpu.target import GpuProgram, Source
from lrparity.oracle.cuda import STAND_INS, CudaArithmetic
from lrparity.oracle.states import states_by_name
from lrparity.runs.bits import unequal
from lrspec import optimizer_options
from parity_tests.by_hand import by_hand
from parity_tests.optimizers import matrix_cases
from parity_tests.optimizers.cases import CASES, GROUP_TABLES, NUMBERS, RATES, Case, Run, advance, gradients, start
from parity_tests.optimizers.halves import HALVES, to_numpy, to_torch
from parity_tests.trees import flat

DIGITS = "digits epoch"
NO_SUMS = ", no sums"  # where none decides anything, so that all bits are fixed


class Row(NamedTuple):
    """An optimizer and its options, and how it is run.

    Attributes:
        case: the optimizer.
        steps: how many are evaluated.
        rates: a key of ``optimizers.cases.RATES``.
        route: "step", or "update" with apply_updates.
        dtype: of parameters, gradients and states.
        has_bits: whether the results are compared; where sums decide, whose order is left open, they are not.
    """

    case: Case
    steps: int = 20
    rates: str = "constant"
    route: str = "step"
    dtype: str = "float32"
    has_bits: bool = True


def _rows() -> dict[str, Row]:
    rows = [Row(case) for case in CASES]
    rows += [Row(case._replace(id=f"{case.id}{NO_SUMS}")) for case in matrix_cases.EXACT]
    rows += [Row(case, has_bits=False) for case in matrix_cases.CASES]
    plain = {name: Case(name, name, {}) for name in ("SGD", "AdamW", "RMSprop")}
    rows += [Row(case._replace(id=f"{name}, scheduled"), 200, "scheduled") for name, case in plain.items()]
    for name in ("SGD", "AdamW"):
        rows += [Row(plain[name]._replace(id=f"{name}, update and apply_updates"), route="update")]
    for dtype in HALVES:
        rows += [Row(case._replace(id=f"{name}, {dtype}"), dtype=dtype) for name, case in plain.items()]
    return {row.case.id: row for row in rows}


ROWS = _rows()


def same_program(row: Row) -> Any:
    """Equal for rows that differ in numbers alone, which are arguments of the compiled program."""
    flags = getattr(optimizer_options, row.case.name.upper()).flags
    fixed = tuple((name, value) for name, value in row.case.options.items() if name in flags)
    tx, params, _ = _begin(row)
    leaves = jax.tree_util.tree_leaves_with_path((params, jax.eval_shape(tx.init, params)))
    shapes = tuple((jax.tree_util.keystr(path), leaf.shape, leaf.dtype.name) for path, leaf in leaves)
    return row.case.name, row.case.groups, fixed, row.rates, row.route, shapes


def source(name: str) -> Source:
    """A program by the name of its row."""
    if name == DIGITS:
        return gpu_epoch.source()
    row = ROWS[name]
    tx, params, state, grads = problem(row)
    first = {tensor: each[0] for tensor, each in grads.items()}
    return Source(
        lambda params, state, grads: advance(tx, (params, state), grads, row.route), (params, state, first), (0, 1)
    )


def problem(row: Row) -> tuple[Any, Any, Any, Any]:
    """The optimizer, parameters, first state and the gradients of all steps."""
    tx, params, grads = _begin(row)
    return tx, params, tx.init(jax.tree.map(jnp.asarray, params)), grads


def _begin(row: Row) -> tuple[Any, Any, Any]:
    case, dtype = row.case, jnp.dtype(row.dtype)
    if case.id.endswith(NO_SUMS):
        params, grads = matrix_cases.exact_tensors(case.name, row.steps)
    elif case.name in matrix_cases.TENSORS:
        params, grads = matrix_cases.tensors(case.name, 0, row.steps)
    else:
        params, grads = start(0, dtype), gradients(0, row.steps, dtype)
    tx = getattr(lrjax, case.name)(
        GROUP_TABLES[case.groups], scheduler=by_hand(RATES[row.rates][0](lrjax)), **case.options
    )
    return tx, params, grads


def evaluated(row: Row, program: GpuProgram) -> Run:
    """What the compiled program computes in all steps."""
    _, params, state, grads = problem(row)
    leaves, tree = jax.tree.flatten((params, state))
    run, leaves = Program(program.hlo), [np.asarray(leaf) for leaf in leaves]
    for t in range(row.steps):
        leaves = list(run(*leaves, *jax.tree.leaves({name: each[t] for name, each in grads.items()})))
    params, state = jax.tree.unflatten(tree, leaves)
    return Run(params, state.slots, state.memory, lrjax.get_lr(state))


def expected(row: Row) -> Run:
    """What torch computes on CUDA; sums, where they decide nothing, as NumPy adds up."""
    case = row.case
    _, params, _, grads = problem(row)
    options = {**case.options, "scheduler": by_hand(RATES[row.rates][0](lrtorch))}
    options |= {} if case.name == "Muon" else {"foreach": True}  # Muon has one form
    make = getattr(lrtorch, case.name)
    return on_torch(lambda model: make(model, GROUP_TABLES[case.groups], **options), params, grads, row.route)


def on_torch(make: Callable[[Any], Any], params: Any, grads: Any, route: str = "step") -> Run:
    """torch's optimizer with the arithmetic of its CUDA kernels.

    Args:
        make: a model, as a dict of its parameters -> the optimizer.
        params: name -> array.
        grads: name -> shape=(steps, ...).
        route: "update" adds new - old to the old parameter, both rounded, as ``optax.apply_updates`` does.
    """
    model = {name: torch.nn.Parameter(to_torch(np.array(p))) for name, p in params.items()}
    optimizer, each = make(model), {name: to_torch(np.array(g)) for name, g in grads.items()}
    for t in range(len(next(iter(grads.values())))):
        old = {name: p.detach().clone() for name, p in model.items()}
        for name, p in model.items():
            p.grad = each[name][t]
        with CudaArithmetic(stand_ins=STAND_INS):
            optimizer.step()
        if route == "update":
            for name, p in model.items():
                p.data.copy_(old[name] + (p.detach() - old[name]))
    slots = {s: {n: to_numpy(x) for n, x in each.items()} for s, each in states_by_name(optimizer, model).items()}
    memory = {slot: np.array(list(slots.pop(slot).values())) for slot in NUMBERS if slot in slots}
    return Run({name: to_numpy(p) for name, p in model.items()}, slots, memory, lrtorch.get_lr(optimizer))


def differing(ours: Run, theirs: Run) -> dict[str, int]:
    """How many values differ in any bit, by what they are; two NaN are equal. Equal ones are left out."""
    counts = {"parameters": sum(unequal(ours.params[name], p) for name, p in theirs.params.items())}
    for slot, each in theirs.slots.items():
        counts[slot] = sum(unequal(ours.slots[slot][name], value) for name, value in each.items())
    for name, value in theirs.memory.items():
        counts[name] = int(np.sum(np.asarray(ours.memory[name]) != value))
    counts["rates"] = sum(ours.rates[name] != rate for name, rate in theirs.rates.items())
    return {what: count for what, count in counts.items() if count}


def epoch_differs(program: GpuProgram) -> dict[str, int]:
    """The epoch's last parameters and states beside torch's, given the gradients that the program itself found."""
    task, made = gpu_epoch.source(), gpu_epoch.made_in(lrtorch)
    results = Program(program.hlo)(*map(np.asarray, jax.tree.leaves(task.arguments)))
    shapes = jax.eval_shape(task.function, *task.arguments)
    (params, state), (_, _, grads) = jax.tree.unflatten(jax.tree.structure(shapes), results)
    slots = {slot: flat(tree) for slot, tree in state.slots.items()}
    ours = Run(flat(params), slots, state.memory, lrjax.get_lr(state))

    def make(model: Any) -> Any:
        return made.build(model, foreach=True)

    return differing(ours, on_torch(make, flat(task.arguments[0]), flat(grads)))
