"""Programs compiled for a GPU: a short form of ``make gpu-code``, and what that must find out."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from lrparity.gpu import target
from lrparity.gpu.hlo.parse import parse
from lrparity.gpu.launches import launches
from lrparity.gpu.ptx import RULES, forbidden, functions, judge
from lrparity.gpu.target import GpuProgram, Source, compile_all

from . import code
from .programs import DIGITS, ROWS, differing, evaluated, expected, same_program, source

needs_wheels = pytest.mark.skipif(target.missing() is not None, reason=str(target.missing()))

SHORT = [
    ["SGD nesterov", "AdamW default", "NAdam weight_decay", "RMSprop momentum and centered", "SGD, scheduled"],
    ["Adagrad lr_decay", "Adadelta default", "Rprop maximize", "AdamW, bfloat16", DIGITS],
]
VECTOR = jax.ShapeDtypeStruct((1000,), jnp.float32)


@needs_wheels
@pytest.mark.parametrize("names", SHORT, ids=lambda names: names[0])
def test_the_bits_of_a_gpu(names: list[str]) -> None:
    verdicts = list(code.prove(names))
    assert [one.text for one in verdicts if not one.passes] == []
    assert sorted(one.name for one in verdicts) == sorted(names)


def adamw(params: Any, state: Any, grads: Any) -> Any:
    updates, state = optax.adamw(1e-3).update(grads, state, params)
    return optax.apply_updates(params, updates), state


# What a compiler makes of plain jnp, and the instruction that must be found in it; None: there must be none.
CONTROLS: dict[str, tuple[Callable[..., Any], int, str | None]] = {
    "quotient": (lambda x, y: x / y, 2, "div.full.f32"),
    "reciprocal": (lambda x: 1 / x, 1, "rcp.approx.f32"),
    "root": (jnp.sqrt, 1, "sqrt.approx.f32"),
    "reciprocal root": (jax.lax.rsqrt, 1, "rsqrt.approx.f32"),
    "exponential": (jnp.exp, 1, "ex2.approx.ftz.f32"),
    "product of matrices": (lambda x: jnp.outer(x, x) @ jnp.outer(x, x), 1, "cvt.rna.tf32.f32"),
    "product and sum": (lambda x, y: x * y + x, 2, None),
    "optax.adamw": (adamw, 0, "div.full.f32"),
}


def control(name: str) -> Source:
    """A program of ``CONTROLS``, or a row, for the compiling process."""
    if name in ROWS:
        return source(name)
    function, arguments, _ = CONTROLS[name]
    if name == "optax.adamw":
        return Source(function, (VECTOR, jax.eval_shape(optax.adamw(1e-3).init, VECTOR), VECTOR), (0, 1))
    return Source(function, (VECTOR,) * arguments)


@needs_wheels
def test_what_is_wrong_is_found_out() -> None:
    names = [*CONTROLS, "SGD default", "none such"]
    programs: dict[str, Any] = dict(compile_all("parity_tests.gpu.test_code:control", names, processes=1))
    assert programs.pop("none such") == "KeyError: 'none such'"
    assert all(isinstance(program, GpuProgram) for program in programs.values())
    _instructions_are_found(programs)
    _other_bits_are_found(programs["SGD default"])
    vector = max(programs["optax.adamw"].launches, key=lambda one: one.read)
    assert (vector.read // 4000, vector.written // 4000) == (4, 3)  # p, m, v, g; p, m, v


def _instructions_are_found(programs: dict[str, GpuProgram]) -> None:
    for name, (_, _, instruction) in CONTROLS.items():
        judged = judge(programs[name].ptx, programs[name].launches)
        found = {one.instruction for one in judged.forbidden}
        assert instruction in found if instruction else not found, name
        assert judged.functions == judged.network == [] or name == "optax.adamw"


def _other_bits_are_found(program: GpuProgram) -> None:
    row, other = ROWS["SGD default"], ROWS["SGD non-default lr"]
    assert differing(evaluated(row, program), expected(row)) == {}
    assert same_program(row) == same_program(other)
    assert differing(evaluated(row, program), expected(other)).keys() == {"parameters", "rates"}
    hlo, sums = re.subn(r"(f\d\d\[96,96\]\S* )add\(", r"\1subtract(", program.hlo)
    assert sums
    assert differing(evaluated(row, replace(program, hlo=hlo)), expected(row))["parameters"] > 1000


def test_missing_wheels_are_one_line(monkeypatch: pytest.MonkeyPatch, capsys: Any, tmp_path: Any) -> None:
    monkeypatch.setattr(target, "WHEELS", tmp_path / "none")
    assert code.main(["--only", "SGD"]) == 2
    text = capsys.readouterr().err
    assert f"jax-cuda12-plugin=={jax.__version__} and jax-cuda12-pjrt=={jax.__version__}" in text
    assert text.count("\n") == 1
    (tmp_path / "none").mkdir()
    for name in ("jax_cuda12_plugin", "jax_cuda12_pjrt"):
        (tmp_path / "none" / f"{name}-0.1.dist-info").mkdir()
    assert target.missing() is not None  # there, but in another version
    for name in ("jax_cuda12_plugin", "jax_cuda12_pjrt"):
        (tmp_path / "none" / f"{name}-{jax.__version__}.dist-info").mkdir()
    assert target.missing() is None


KERNEL = ".visible .entry {name}(\n\t.param .u64 p\n)\n{{\n{lines}\n\tret;\n}}\n"
BAD = {
    "approximate": "sqrt.approx.f32 rsqrt.approx.f64 ex2.approx.f32 lg2.approx.f32 sin.approx.f32 tanh.approx.f32",
    "division": "div.full.f32",
    "flushes": "add.rn.ftz.f32 mul.rn.ftz.f32 cvt.ftz.f32.f16 max.ftz.f32",
    "saturates": "cvt.sat.f32.f32 add.rn.sat.f32",
    "may be merged": "mul.f32 add.f32 sub.f64 mul.f64 add.bf16 mul.f16x2",
    "multiply-add": "fma.rn.f32 fma.rn.f64 fma.rn.bf16x2 mad.f32",
    "short product": "cvt.rna.tf32.f32 mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32",
    "no order": "red.global.add.f32 atom.global.add.f64",
}
GOOD = """mul.rn.f32 add.rn.f64 sub.rn.f32 div.rn.f64 sqrt.rn.f64 rcp.rn.f64 max.NaN.f32 max.f64 min.f64 abs.f32 neg.f64
cvt.rn.f32.f64 cvt.f64.f32 cvt.rn.bf16.f32 cvt.sat.s32.s64 add.s32 mul.lo.s32 mul.wide.u32 mad.lo.s32 add.s64 sub.s32
setp.neu.f64 selp.f32 ld.global.nc.f32 st.global.v4.b32 mul.rn.bf16 atom.global.add.u32 mov.b64 copysign.f64"""


@pytest.mark.parametrize("rule", RULES)
def test_each_rule(rule: str) -> None:
    names = BAD[rule].split()
    lines = "\n".join(f"\t{'@%p1 ' if i % 2 else ''}{name} \t%r1, %r2, %r3;" for i, name in enumerate(names))
    found = forbidden(KERNEL.format(name="k", lines=f"{lines}\n{lines}"))
    assert sorted(one.instruction for one in found if one.rule == rule) == sorted(names)
    assert {one.times for one in found} == {2}


def test_exact_instructions_are_allowed() -> None:
    lines = "\n".join(f"\t{name} \t%r1, %r2, %r3;" for name in GOOD.split())
    assert forbidden(KERNEL.format(name="k", lines=lines)) == []


def test_kernels_and_functions_are_told_apart() -> None:
    declared = ".func (.param .b64 back) __internal_pow\n(\n\t.param .b64 x\n)\n;\n"
    defined = declared.replace(";", "{\n\tfma.rn.f64 \t%r1, %r2, %r3;\n}")
    ptx = declared + KERNEL.format(name="a", lines="\tmul.f32 \t%r1, %r2;") + defined
    ptx += KERNEL.format(name="b", lines="\tadd.f32 \t%r1, %r2;")
    assert list(functions(ptx)) == ["__internal_pow", "a", "b"]
    assert [(one.kernel, one.instruction) for one in forbidden(ptx)] == [
        ("__internal_pow", "fma.rn.f64"),
        ("a", "mul.f32"),
        ("b", "add.f32"),
    ]


PROGRAM = """HloModule m

%inner (p: f32[8,4], q: f32[4]) -> (f32[4], f64[4]) {{
  %p = f32[8,4]{{1,0}} parameter(0)
  %q = f32[4]{{0}} parameter(1)
  %row = f32[1,4]{{1,0}} slice(%p), slice={{[2:3], [0:4]}}
  %flat = f32[4]{{0}} bitcast(%row)
  %wide = f64[4]{{0}} convert(%flat)
  %power = f64[4]{{0}} power(%wide, %wide)
  %ratio = f32[4]{{0}} divide(%flat, %q){metadata}
  ROOT %both = (f32[4]{{0}}, f64[4]{{0}}) tuple(%ratio, %power)
}}

ENTRY %main (a: f32[8,4], b: f32[4]) -> f32[4] {{
  %a = f32[8,4]{{1,0}} parameter(0)
  %b = f32[4]{{0}} parameter(1)
  %some.1 = (f32[4]{{0}}, f64[4]{{0}}) fusion(%a, %b), kind=kLoop, calls=%inner
  %first = f32[4]{{0}} get-tuple-element(%some.1), index=0
  ROOT %copy.2 = f32[4]{{0}} copy(%first)
}}
"""


def test_launches_and_what_they_move() -> None:
    made = list(launches(parse(PROGRAM.format(metadata=""))))
    assert [(one.kernel, one.read, one.written, one.times) for one in made] == [
        ("some_1", 16 + 16, 16 + 32, 1),  # one row of the first operand
        ("copy_2", 16, 16, 1),
    ]


def test_library_and_network_are_told_from_the_optimizer() -> None:
    lines = "\tdiv.full.f32 \t%r1, %r2;\n\trcp.approx.ftz.f64 \t%r1, %r2;\n\tsqrt.approx.f32 \t%r1, %r2;"
    ptx = KERNEL.format(name="some_1", lines=lines)
    plain = judge(ptx, launches(parse(PROGRAM.format(metadata=""))))
    assert {one.instruction for one in plain.forbidden} == {"div.full.f32", "sqrt.approx.f32"}
    assert {one.instruction for one in plain.functions} == {"rcp.approx.ftz.f64"}  # of the power
    differentiated = ', metadata={op_name="jit(f)/jvp()/div"}'
    network = judge(ptx, launches(parse(PROGRAM.format(metadata=differentiated))))
    assert {one.instruction for one in network.network} == {"div.full.f32"}
    assert {one.instruction for one in network.forbidden} == {"sqrt.approx.f32"}  # there is no root in the program
    elsewhere = judge(ptx.replace("some_1", "other"), launches(parse(PROGRAM.format(metadata=""))))
    assert {one.instruction for one in elsewhere.forbidden} == {"div.full.f32", "sqrt.approx.f32"}


def test_what_differs_is_counted() -> None:
    row = ROWS["SGD default"]._replace(steps=2)
    run = expected(row)
    assert differing(run, run) == {}
    other = run._replace(params={**run.params, "c": run.params["c"] + np.float32(1)}, rates={**run.rates, "**": 1.0})
    assert differing(run, other) == {"parameters": run.params["c"].size, "rates": 1}
    zeros = run._replace(params={"c": np.zeros(4, np.float32)})
    minus = run._replace(params={"c": -np.zeros(4, np.float32)})
    assert differing(zeros, minus) == {"parameters": 4}
    nan = run._replace(params={"c": np.array([np.nan, 1, 1, 1], np.float32)})
    assert differing(nan, nan) == {}
