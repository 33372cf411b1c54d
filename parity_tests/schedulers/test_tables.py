"""Any scheduler as a table: ``tabulate`` leaves the original alone, ``TableLR`` plays every bit of it."""

import copy
import io
import json
import math
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
import torch

import lrjax
import lrtorch
from lrparity.oracle.cpu import CorrectSqrt

from .cases import BASE_LRS, CASES, FROM_METRIC, NAMES, make
from .foreign import FOREIGN, STEPS, Foreign, Step, transformers


def optimizer_of(cls: Any = torch.optim.SGD, **options: Any) -> torch.optim.Optimizer:
    """Three groups with different rates, the second with timm's own factor on its rate."""
    groups: Any = [{"params": [torch.nn.Parameter(torch.full((16,), 2.0))], "lr": lr} for lr in BASE_LRS]
    groups[1]["lr_scale"] = 0.3
    return cls(groups, lr=1e-3, **options)


def rates_of(optimizer: torch.optim.Optimizer) -> list[float]:
    return [float(group["lr"]) for group in optimizer.param_groups]


def run(optimizer: torch.optim.Optimizer, scheduler: Any, steps: int, step: Step | None = None) -> np.ndarray:
    """The library's own loop: float64, shape=(steps + 1, groups)."""
    rates = [rates_of(optimizer)]
    for t in range(1, steps + 1):
        optimizer.step()
        scheduler.step() if step is None else step(scheduler, t)
        rates.append(rates_of(optimizer))
    return np.array(rates)


@pytest.mark.parametrize("foreign", FOREIGN, ids=[foreign.id for foreign in FOREIGN])
def test_schedulers_of_other_libraries_keep_every_bit(foreign: Foreign) -> None:
    optimizer = optimizer_of()
    scheduler = foreign.make(optimizer)
    table = lrtorch.tabulate(scheduler, STEPS, foreign.step)
    theirs = run(optimizer, scheduler, STEPS, foreign.step)
    assert list(table) == ["lr"]
    for package in (lrjax, lrtorch):
        np.testing.assert_array_equal(package.simulate(package.TableLR(table), BASE_LRS, STEPS + 1), theirs)


def test_a_table_read_one_step_late_would_be_seen() -> None:
    optimizer = optimizer_of()
    table = lrtorch.tabulate(transformers("linear").make(optimizer), 30)
    late = lrjax.simulate(lrjax.TableLR(table, last_epoch=0), BASE_LRS, 30)
    assert not np.array_equal(late, run(optimizer, transformers("linear").make(optimizer), 29))


def test_a_compiled_run_uses_the_bits_of_the_table() -> None:
    """In scan, an update each, the scheduler stepping by itself; and as a schedule of the count."""
    optimizer = optimizer_of()
    scheduler = transformers("cosine").make(optimizer)
    table = lrtorch.tabulate(scheduler, STEPS)
    theirs = run(optimizer, scheduler, STEPS).astype(np.float32)
    groups: Any = [{"params": str(i), "lr": 1.0} for i in range(3)]
    tx, params = lrjax.SGD(groups, scheduler=lrjax.TableLR(table, every=1)), {str(i): jnp.ones(2) for i in range(3)}

    def one(carry: Any, _: Any) -> Any:
        params, state = carry
        return lrjax.step(tx, jax.tree.map(jnp.zeros_like, params), state, params), state.hyper["lr"].value

    _, ours = jax.jit(lambda: jax.lax.scan(one, (params, tx.init(params)), length=STEPS + 1))()
    np.testing.assert_array_equal(ours, theirs)
    alone = {"lr": [[count, rates[2]] for count, rates in table["lr"]]}
    schedule = jax.jit(jax.vmap(lrjax.TableLR(alone).schedule(1.0)))
    np.testing.assert_array_equal(schedule(jnp.arange(STEPS + 1)), theirs[:, 2])
    np.testing.assert_array_equal(schedule(jnp.arange(STEPS + 1, STEPS + 4)), theirs[-1:, 2].repeat(3))


def picture(optimizer: Any, scheduler: Any) -> str:
    """All that a scheduler or its loop could have changed, to the last digit."""
    tensors = [p.tolist() for group in optimizer.param_groups for p in group["params"]]
    moments = [state["momentum_buffer"].tolist() for state in optimizer.state.values()]
    groups: Any = [{k: v for k, v in group.items() if k != "params"} for group in optimizer.param_groups]
    return repr((groups, optimizer.defaults, optimizer.step, scheduler.state_dict(), tensors, moments))


@pytest.mark.parametrize("name", [name for name in NAMES if name not in FROM_METRIC])
def test_the_original_is_not_touched_and_goes_on_as_tabulated(name: str) -> None:
    spec = next(case.spec for case in CASES if case.spec[0] == name)
    optimizer = optimizer_of(momentum=0.5)
    for group in optimizer.param_groups:
        group["params"][0].grad = torch.ones(16)
    scheduler = make(lrtorch, spec).build_and_resume(optimizer)
    run(optimizer, scheduler, 7)
    optimizer.param_groups[2]["lr"] = 0.625
    before = picture(optimizer, scheduler)
    table = lrtorch.tabulate(scheduler, 30)
    assert picture(optimizer, scheduler) == before
    theirs = run(optimizer, scheduler, 30)
    np.testing.assert_array_equal(lrjax.simulate(lrjax.TableLR(table), BASE_LRS, 31), theirs)
    assert rates_of(optimizer) == table["lr"][-1][1]


class Everything(torch.optim.lr_scheduler.LRScheduler):
    """What somebody might write: the rate, the momentum (or beta1) and the weight decay change, each when it likes."""

    def get_lr(self) -> list[float | torch.Tensor]:
        """Called by torch at each step."""
        for group in self.optimizer.param_groups:
            group["weight_decay"] = 0.1 if self.last_epoch < 12 else 0.2
            if "betas" in group:
                group["betas"] = (0.9 - 0.1 * (self.last_epoch % 3), 0.99)
            else:
                group["momentum"] = 0.9 - 0.1 * (self.last_epoch % 3)
        return [base / (1 + self.last_epoch // 5) for base in self.base_lrs]


@pytest.mark.parametrize(("name", "options"), [("SGD", dict(momentum=0.9)), ("AdamW", dict(betas=(0.9, 0.99)))])
def test_other_options_that_change_are_in_the_table(name: str, options: dict[str, Any]) -> None:
    optimizer = optimizer_of(getattr(torch.optim, name), weight_decay=0.1, **options)
    scheduler = Everything(optimizer)
    table = lrtorch.tabulate(scheduler, 30)
    assert sorted(table) == ["lr", "momentum", "weight_decay"]
    assert table["weight_decay"] == [[12, [0.1] * 3], [19, [0.2] * 3]]
    assert table["lr"][0] == [5, BASE_LRS]

    groups: Any = [{"params": str(i), "lr": 1.0} for i in range(3)]
    named = [(str(i), torch.nn.Parameter(torch.full((16,), 2.0))) for i in range(3)]
    mirror = getattr(lrtorch, name)(
        named, groups, weight_decay=0.1, **options, scheduler=lrtorch.TableLR(table, every=1)
    )
    tx = getattr(lrjax, name)(groups, weight_decay=0.1, **options, scheduler=lrjax.TableLR(table, every=1))
    params = {str(i): jnp.full(16, 2.0) for i in range(3)}
    state, step = tx.init(params), jax.jit(lambda g, s, p: lrjax.step(tx, g, s, p))
    live = [group["params"][0] for group in optimizer.param_groups]
    for t in range(30):
        for parameter in (*live, *(p for _, p in named)):
            parameter.grad = torch.full((16,), math.sin(t))
        params, state = step({k: jnp.full(16, math.sin(t)) for k in params}, state, params)
        with CorrectSqrt():
            mirror.step()
            optimizer.step()
        scheduler.step()
        assert [np.asarray(p).tolist() for p in params.values()] == [p.tolist() for p in live]
        assert [p.tolist() for _, p in named] == [p.tolist() for p in live]


def test_tables_go_through_files() -> None:
    optimizer = optimizer_of()
    table = lrtorch.tabulate(transformers("cosine").make(optimizer), 300)
    file = io.BytesIO()
    torch.save(table, file)
    file.seek(0)
    assert json.loads(json.dumps(table)) == table == torch.load(file, weights_only=True)
    assert lrjax.TableLR(json.loads(json.dumps(table))) == lrjax.TableLR(table)
    assert hash(lrjax.TableLR(copy.deepcopy(table))) == hash(lrjax.TableLR(table))
    assert lrjax.TableLR(table) != lrjax.TableLR(table | {"lr": [*table["lr"][:-1], [1, [0.0, 0.0, 1.0]]]})
    scheduler: Any = replace(lrjax.TableLR(table), every=3)
    assert scheduler.table.plain() == table


def test_hand_worked_table() -> None:
    optimizer = torch.optim.SGD([torch.zeros(1)], lr=1.0)
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [2, 3], gamma=0.5)
    assert lrtorch.tabulate(scheduler, 5) == {"lr": [[2, [1.0]], [1, [0.5]], [3, [0.25]]]}
    for package in (lrjax, lrtorch):
        rates = package.simulate(package.TableLR([[2, 1.0], [1, 0.5]]), [8.0, 9.0], 3, edits={0: 7.0})
        assert rates.tolist() == [[7.0, 7.0], [1.0, 1.0], [0.5, 0.5]]
        assert repr(package.TableLR([[2, 1.0], (1, 0.5)])) == "TableLR(table=[[2, 1.0], [1, 0.5]])"
    many = {"lr": [[1, n] for n in range(9)], "momentum": [[9, [0.5]]]}
    assert repr(lrjax.TableLR(many)).endswith("[1, 7.0], ...], 'momentum': [[9, [0.5]]]})")


def test_rates_in_tensors_and_several_schedulers_at_once() -> None:
    """A rate that is a tensor is changed in place; two schedulers that belong together step as ``step`` says."""
    optimizer = optimizer_of(torch.optim.Adam, capturable=False)
    for group in optimizer.param_groups:
        group["lr"] = torch.tensor(group["lr"])
    pair = [torch.optim.lr_scheduler.ExponentialLR(optimizer, 0.5), torch.optim.lr_scheduler.StepLR(optimizer, 3)]

    def both(schedulers: Any, t: int) -> None:
        for scheduler in schedulers:
            scheduler.step()

    table = lrtorch.tabulate(pair, 6, both, optimizer)
    np.testing.assert_array_equal([values for _, values in table["lr"]], run(optimizer, pair, 6, both))


def test_past_its_end_a_table_is_held_in_compiled_code_and_an_error_elsewhere() -> None:
    tx = lrjax.SGD(lr=0.1, scheduler=lrjax.TableLR([[2, 0.5]], every=None))
    state = lrjax.step_scheduler(tx, tx.init({"w": jnp.ones(2)}))
    assert lrjax.get_lr(state) == {"**": 0.5}
    with pytest.raises(ValueError, match="must not be stepped past step 1, where the TableLR ends, got 2"):
        lrjax.step_scheduler(tx, state)
    assert lrjax.get_lr(jax.jit(lambda state: lrjax.step_scheduler(tx, state))(state)) == {"**": 0.5}
    w = torch.nn.Parameter(torch.ones(2))
    optimizer = lrtorch.SGD({"w": w}, lr=0.1, scheduler=lrtorch.TableLR([[2, 0.5]], every=None))
    optimizer.step()
    lrtorch.step_scheduler(optimizer)
    with pytest.raises(ValueError, match="must not be stepped past step 1, where the TableLR ends, got 2"):
        lrtorch.step_scheduler(optimizer)


def test_optax_schedules_travel_to_torch() -> None:
    schedules = [
        optax.warmup_cosine_decay_schedule(0.0, 0.1, 41, 300),
        optax.linear_schedule(0.1, 0.0, 200),
        optax.constant_schedule(0.1),
    ]
    table = lrjax.tabulate(schedules, 300)
    theirs = lrtorch.simulate(lrtorch.TableLR(table), BASE_LRS, 301)
    for group, schedule in enumerate(schedules):
        asked = [float(jax.jit(schedule)(count)) for count in range(0, 301, 7)]
        np.testing.assert_array_equal(theirs[::7, group].astype(np.float32), np.array(asked, np.float32))
    assert lrjax.tabulate(schedules[2], 300) == {"lr": [[301, float(np.float32(0.1))]]}


TABLES: list[tuple[Any, type[Exception], str]] = [
    (3, TypeError, "TableLR: table must be a list of [steps, rate] rows, or a dict of such, got 3"),
    ("ab", TypeError, "TableLR: table must be a list of [steps, rate] rows, or a dict of such, got 'ab'"),
    ([], ValueError, "TableLR: table must have at least one [steps, value] row, got []"),
    ({"momentum": [[1, 0.9]]}, ValueError, "TableLR: table must have 'lr', got {'momentum': [[1, 0.9]]}"),
    ([3], TypeError, "TableLR: table[0] must be a pair [steps, value], got 3"),
    ([[0, 0.1]], ValueError, "TableLR: table[0][0] must be an integer, at least 1, got 0"),
    ([[1.0, 0.1]], ValueError, "TableLR: table[0][0] must be an integer, at least 1, got 1.0"),
    ([[1, math.nan]], ValueError, "TableLR: table[0][1] must be a finite number, got nan"),
    ([[1, "a"]], ValueError, "TableLR: table[0][1] must be a finite number, got 'a'"),
    ([[1, []]], ValueError, "TableLR: table[0][1] must have a number for each group, got []"),
    ([[1, [0.1, True]]], ValueError, "TableLR: table[0][1] must be a finite number, got True"),
    ([[1, [0.1, 0.2]], [1, [0.1]]], ValueError, "TableLR: table[1][1] must be a list of 2 numbers, as row 0 has, got"),
    ([[1, 0.1], [1, [0.1]]], ValueError, "TableLR: table[1][1] must be one number, as row 0 has, got [0.1]"),
    ([[2**31 - 1, 0.1], [1, 0.2]], ValueError, "TableLR: table must last at most 2147483647 steps, got 2147483648"),
    ({"lr": [[2, 0.1]], "momentum": [[1, 0.1]]}, ValueError, "TableLR: table['momentum'] must last 2 steps, as 'lr'"),
    ({"lr": 3}, TypeError, "TableLR: table['lr'] must be a list of [steps, value] rows, got 3"),
    ([[1, [0.1] * 3]], ValueError, "TableLR: table['lr'] must have one value for each of the 2 groups, got 3"),
    (
        {"lr": [[1, 0.1]], "beta": [[1, 0.1]]},
        ValueError,
        "TableLR: table['beta'] needs an optimizer with a number beta",
    ),
]


@pytest.mark.parametrize(("table", "error", "expected"), TABLES, ids=[row[2] for row in TABLES])
def test_bad_tables(table: Any, error: type[Exception], expected: str) -> None:
    messages = []
    for package in (lrjax, lrtorch):
        with pytest.raises(error) as caught:
            package.simulate(package.TableLR(table), [0.1, 0.2], 1)
        messages.append(str(caught.value))
    assert messages[0] == messages[1]
    assert messages[0].startswith(expected)


def test_bad_lengths_and_states() -> None:
    for package in (lrjax, lrtorch):
        with pytest.raises(ValueError, match=r"^simulate: num_steps must be at most 2, where the TableLR ends, got 3"):
            package.simulate(package.TableLR([[3, 0.5]], last_epoch=0), 0.1, 3)
        with pytest.raises(ValueError, match=r"^TableLR: last_epoch must be below 2, the table's last, got 2"):
            package.TableLR([[3, 0.5]], last_epoch=2)
    tx = lrjax.SGD(lr=0.1, scheduler=lrjax.TableLR([[3, 0.5]], every=None))
    state = tx.init({"w": jnp.ones(2)})
    saved = lrjax.scheduler_state_dict(state) | {"table": {"lr": [[4, 0.5]]}}
    with pytest.raises(
        ValueError, match=r"state_dict\['table'\] must be \[\[3, 0.5\]\], as the TableLR says, got \[\[4"
    ):
        lrjax.load_scheduler_state_dict(state, saved)


class Changes(torch.optim.lr_scheduler.LRScheduler):
    """Changes what is no number."""

    def get_lr(self) -> list[float | torch.Tensor]:
        """Called by torch at each step."""
        self.optimizer.param_groups[0]["nesterov"] = self.last_epoch > 3
        return list(self.base_lrs)


def test_what_cannot_be_tabulated() -> None:
    optimizer = optimizer_of(momentum=0.9)
    plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer)
    for bad, error, expected in [
        (lambda: lrtorch.tabulate(lrtorch.StepLR(3), 3), TypeError, "scheduler must be a live one, with its optimizer"),
        (lambda: lrtorch.tabulate(plateau, 0), ValueError, "num_steps must be an integer, at least 1, got 0"),
        (lambda: lrtorch.tabulate(plateau, 3), ValueError, "step must be given, as 'lambda scheduler, t: ...'"),
        (lambda: lrtorch.tabulate(Changes(optimizer), 9), ValueError, "scheduler must not change 'nesterov', which is"),
        (lambda: lrjax.tabulate(lrjax.StepLR(3), 3), TypeError, "scheduler must be an optax schedule"),
        (lambda: lrjax.tabulate(lambda count: math.nan, 3), ValueError, "table[0][1] must be a finite number, got nan"),
        (lambda: lrjax.tabulate(lambda count: 0.1, 0), ValueError, "num_steps must be an integer, at least 1, got 0"),
    ]:
        with pytest.raises(error) as caught:
            bad()
        assert str(caught.value).startswith(f"tabulate: {expected}")
    assert optimizer.param_groups[0]["nesterov"] is False
