"""torch's optimizers on the CUDA oracle, beside the CPU's."""

from typing import Any

import numpy as np
import pytest
import torch

from lrparity.oracle.cpu import CorrectSqrt
from lrparity.oracle.cuda import STAND_INS, CudaArithmetic
from lrparity.runs.bits import differing
from parity_tests.optimizers.cases import CASES, Case, gradients, run_torch, start

FORM: dict[str, Any] = {"foreach": True}


def run(case: Case, steps: int, stand_ins: tuple[str, ...] = (), dtype: Any = np.float32, **form: Any) -> Any:
    """torch on the CUDA arithmetic. SGD's foreach form with Nesterov momentum overwrites gradients: it gets copies."""
    grads = {name: g.copy() for name, g in gradients(0, steps, dtype).items()}
    with CudaArithmetic(stand_ins):
        return run_torch(case, "constant", start(0, dtype), grads, **form)


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_every_optimizer_runs(case: Case) -> None:
    stand_ins = ("pow",) if case.name == "ASGD" else ()
    result = run(case, 3, stand_ins, **FORM)
    begin = start(0)
    for name, p in result.params.items():
        assert np.isfinite(p).all()
        if name in "adbc" and case.name != "ASGD":  # the groups with a rate
            assert not np.array_equal(p, begin[name])


@pytest.mark.parametrize("foreach", [True, False])
def test_adafactor_and_muon_run_with_stand_ins(foreach: bool) -> None:
    for name in ("Adafactor",) if foreach else ("Adafactor", "Muon"):
        p = torch.nn.Parameter(torch.randn(4, 6))
        p.grad = torch.randn(4, 6)
        make: Any = getattr(torch.optim, name)
        optimizer = make([p], **({"foreach": foreach} if name == "Adafactor" else {}))
        with CudaArithmetic(), pytest.raises(NotImplementedError, match="linalg_vector_norm"):
            optimizer.step()
        with CudaArithmetic(STAND_INS):
            optimizer.step()
        assert torch.isfinite(p).all()


def test_float64_runs() -> None:
    for name in ("AdamW", "RMSprop"):
        case = next(case for case in CASES if case.id == f"{name} default")
        with CorrectSqrt():
            plain = run_torch(case, "constant", start(0, np.float64), gradients(0, 3, np.float64), foreach=False)
        wide = run(case, 3, dtype=np.float64, **FORM)
        for n, p in wide.params.items():
            np.testing.assert_allclose(p, plain.params[n], rtol=1e-12, atol=1e-15)
        assert differing(wide.params, plain.params)


@pytest.mark.parametrize("name", ["Adam", "NAdam", "RMSprop", "ASGD"])
def test_the_devices_differ(name: str) -> None:
    """The CPU oracle's bits are others, and in torch's two forms on CUDA, too; all agree to some digits."""
    case = Case("", name, {}, "two rates")
    stand_ins = ("pow",) if name == "ASGD" else ()
    foreach, single = run(case, 5, stand_ins, **FORM), run(case, 5, stand_ins, foreach=False)
    with CorrectSqrt():
        cpu = run_torch(case, "constant", start(0), gradients(0, 5), foreach=False)
    far = differing(foreach.params, cpu.params)
    assert sum(far.values()) > 100
    if name != "RMSprop":  # one sequence of kernels in both forms, without a division by a number
        assert sum(differing(foreach.params, single.params).values()) > 100
    else:
        assert differing(foreach.params, single.params) == {}
    for n, p in foreach.params.items():
        np.testing.assert_allclose(p, cpu.params[n], rtol=1e-4, atol=1e-6)
