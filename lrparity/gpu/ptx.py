"""Instructions of a GPU that do not round as IEEE 754 says, found in a compiled program.

PTX is NVIDIA's intermediate language, the last text before the machine code. An instruction with a rounding
(``.rn``, to nearest) is exact up to that rounding, keeps subnormals, and may not be merged with another one.
"""

import re
from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from .launches import Launch, Operation

_FLOAT = r"\.(?:f16|f16x2|bf16|bf16x2|f32|f32x2|f64)\b"
RULES: dict[str, str] = {
    "approximate": r"\.approx\b",  # a table and a few steps, an ulp or more off: sqrt, rsqrt, rcp, ex2, lg2, sin, tanh
    "division": r"^div\.full\b",  # 2 ulp off
    "flushes": r"\.ftz\b",  # subnormal operands and results become zero
    "saturates": r"\.sat\b.*" + _FLOAT + r"(?=\.|$)",  # results outside of [0, 1] are moved there
    "may be merged": r"^(?:add|sub|mul)(?!.*\.r[nzmp]\b).*" + _FLOAT,  # the next compiler may make a multiply-add of it
    "multiply-add": r"^(?:fma|mad)\b.*" + _FLOAT,  # one rounding where the program has two operations
    "short product": r"\.tf32\b",  # factors cut to 11 bits
    "no order": r"^(?:red|atom)\b.*\.add\b.*" + _FLOAT,  # a sum in the order in which threads happen to arrive
}
_COMPILED = {rule: re.compile(pattern) for rule, pattern in RULES.items()}
_FUNCTION = re.compile(r"^\s*(?:\.visible |\.weak )?\.(?:entry|func)\b(?:\s*\([^()]*\))?\s*([\w$]+)", re.MULTILINE)
_INSTRUCTION = re.compile(r"^\s*(?:@!?%\w+\s+)?\{?\s*([a-z][\w]*(?:\.[\w:]+)+)\s", re.MULTILINE)


class Found(NamedTuple):
    """An instruction of a kernel that breaks a rule."""

    kernel: str
    instruction: str
    times: int
    rule: str


def functions(ptx: str) -> dict[str, str]:
    """The text of each kernel, and of each function that kernels call."""
    heads = list(_FUNCTION.finditer(ptx))
    if not heads:
        raise ValueError("functions: ptx must hold a kernel, got none: nothing would be checked")
    ends = [*(head.start() for head in heads[1:]), len(ptx)]
    texts: dict[str, str] = {}
    for head, end in zip(heads, ends, strict=True):
        texts[head[1]] = texts.get(head[1], "") + ptx[head.start() : end]
    return texts


def instructions(text: str) -> Counter[str]:
    """How often each instruction with a type stands in a text."""
    return Counter(_INSTRUCTION.findall(text))


def forbidden(ptx: str) -> list[Found]:
    r"""All instructions that break a rule.

    >>> forbidden(".visible .entry k(\n)\n{\n  div.full.f32 %r1, %r2, %r3;\n  add.rn.f32 %r1, %r1, %r3;\n}")
    [Found(kernel='k', instruction='div.full.f32', times=1, rule='division')]
    """
    return [
        Found(kernel, instruction, count, rule)
        for kernel, text in functions(ptx).items()
        for instruction, count in sorted(instructions(text).items())
        for rule, pattern in _COMPILED.items()
        if pattern.search(instruction)
    ]


# Functions that a GPU takes from NVIDIA's library, and what that is made of: polynomials of multiply-adds, and
# quotients that begin with an approximation and are then made exact. Their last bit need not be another library's.
_EXPONENTIAL = {"fma.rn.f32", "fma.rm.f32", "cvt.sat.f32.f32", "ex2.approx.ftz.f32"}
LIBRARY: dict[tuple[str, str], set[str]] = {
    ("power", "float64"): {"fma.rn.f64", "rcp.approx.ftz.f64"},
    ("log", "float64"): {"fma.rn.f64", "rcp.approx.ftz.f64"},
    ("log-plus-one", "float64"): {"fma.rn.f64", "rcp.approx.ftz.f64"},
    ("exponential", "float64"): {"fma.rn.f64"},
    ("exponential-minus-one", "float64"): {"fma.rn.f64"},
    ("cosine", "float64"): {"fma.rn.f64"},
    ("sine", "float64"): {"fma.rn.f64"},
    ("exponential", "float32"): _EXPONENTIAL,
    ("log", "float32"): {"fma.rn.f32"},
}
# Operations that become approximate instructions, or merged ones: a product of matrices is added up by multiply-adds.
_MADE_BY = {
    "div.full": "divide",
    "rcp.approx": "divide",
    "sqrt.approx": "sqrt",
    "rsqrt.approx": "rsqrt",
    "fma.rn": "dot",
}


class Judged(NamedTuple):
    """The instructions that break a rule, by what they belong to."""

    forbidden: list[Found]
    functions: list[Found]  # functions of float64 from NVIDIA's library
    network: list[Found]  # what differentiation made: the network, its loss and its gradients


def judge(ptx: str, launches: Iterable[Launch]) -> Judged:
    """Tell the instructions that no optimizer may have from those of library functions and of a network.

    Args:
        ptx: of the whole program.
        launches: what the program launches.
    """
    known, by_kernel = functions(ptx), {}
    launched = list(launches)
    for one in launched:
        by_kernel.setdefault(one.kernel, set()).update(one.operations)
    # A kernel equal to an earlier one is not made again; it may be any of them.
    shared = {operation for kernel, each in by_kernel.items() if kernel not in known for operation in each}
    everything = {operation for one in launched for operation in one.operations}
    judged = Judged([], [], [])
    for found in forbidden(ptx):
        operations = by_kernel[found.kernel] | shared if found.kernel in by_kernel else everything
        _list_of(judged, found.instruction, operations).append(found)
    return judged


def _list_of(judged: Judged, instruction: str, operations: set[Operation]) -> list[Found]:
    functions = [one for one in operations if instruction in LIBRARY.get((one.opcode, one.dtype), ())]
    if any(one.dtype == "float64" for one in functions):
        return judged.functions
    made_by = _MADE_BY.get(".".join(instruction.split(".")[:2]))
    makers = functions + [one for one in operations if one.opcode == made_by and one.dtype != "float64"]
    return judged.network if makers and all(one.differentiated for one in makers) else judged.forbidden
