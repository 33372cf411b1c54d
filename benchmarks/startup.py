"""Start-up: how long the imports take, and how long a fresh process needs to its first step."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from .machinery.measurement import Case, Contender, Results, Run, Target, ratio

TITLE = "Start-up"
BASELINE = ("import jax, optax", "optax")
QUESTION = (
    "Every sample is a process of its own. `import jax, optax` is what a JAX project pays already, `import lrjax "
    "after them` what lrjax adds, in the same process; so for torch. lrjax loads a name when it is first used, so "
    "`import lrjax and AdamW with StepLR` has an optimizer and a scheduler made, too. Python's garbage collector goes "
    "once through all that jax has made as soon as a little more is made, whatever it is: `..., collected before` has "
    "that done before its clock starts. `first step` is from the end of the imports to the end of the first AdamW "
    "step, the optimizer made and compiled on the way."
)
COLUMNS: dict[str, str] = {}

NOTES = """\
`import lrjax` loads nothing: each name is loaded when it is first used. Before that it took 5 % with the garbage
collected before and 12 to 16 % as it came, for the collection was due then. It is due with whatever is made next
(`jax.numpy.ones(3)` pays it, too), so no import that makes objects can be under 5 %; a library must not switch the
collector off. Of what the first optimizer loads, half are the dataclasses of the schedulers' arguments."""

CLOCK = "import gc, time, json; now = time.perf_counter; t = [now()]; mark = lambda: t.append(now())\n"
REPORT = "\nprint(json.dumps([b - a for a, b in zip(t, t[1:])]))"
MADE = "lrjax.AdamW(scheduler=lrjax.StepLR(step_size=30, every=100))"
IMPORTS = {
    "jax": "import jax, optax; mark()\nimport lrjax; mark()",
    "jax, used": f"import jax, optax; mark()\nimport lrjax; {MADE}; mark()",
    "torch": "import torch; mark()\nimport lrtorch; mark()",
    "jax, used, collected": f"import jax, optax; gc.collect(); mark()\nimport lrjax; {MADE}; mark()",
}
FIRST_STEP = {
    "jax": """
import jax.numpy as jnp
p = {"w": jnp.ones((64, 32)), "b": jnp.ones(32)}
tx = lrjax.AdamW(lr=1e-3)
step = jax.jit(lambda p, g, s: lrjax.step(tx, g, s, p))
jax.block_until_ready(step(p, p, tx.init(p))); mark()""",
    "optax": """
import jax.numpy as jnp
p = {"w": jnp.ones((64, 32)), "b": jnp.ones(32)}
tx = optax.adamw(1e-3)
step = jax.jit(lambda p, g, s: tx.update(g, s, p))
jax.block_until_ready(step(p, p, tx.init(p))); mark()""",
    "torch": """
p = {"w": torch.nn.Parameter(torch.ones(64, 32)), "b": torch.nn.Parameter(torch.ones(32))}
for v in p.values(): v.grad = torch.ones_like(v)
lrtorch.AdamW(p.items(), lr=1e-3).step(); mark()""",
}

JAX = ("import jax, optax", "import lrjax after them")
USED = "import lrjax and AdamW with StepLR"
COLLECTED = f"{USED}, collected before"
PROGRAMS = {USED: IMPORTS["jax, used"], COLLECTED: IMPORTS["jax, used, collected"]}


def cases(short: bool, device: str) -> list[Case]:
    """Imports, and the first step after them."""
    settings = {"device": device}
    imports = (*JAX, USED, COLLECTED, "import torch", "import lrtorch after it")
    steps = ("lrjax", "optax", "lrtorch")
    return (
        [_case("imports", JAX, 1, settings)]
        if short
        else [
            _case("imports", imports, 9, settings),
            _case("first step", steps, 5, settings),
        ]
    )


def _case(kind: str, names: Sequence[str], rounds: int, settings: dict[str, Any]) -> Case:
    contenders = [_contender(name) for name in names]
    return Case(kind, {**settings, "kind": kind}, contenders, rounds, 0.0, unit=kind.rstrip("s"))


def _contender(name: str) -> Contender:
    return Contender(name, "jax" if "jax" in name or "optax" in name else "torch", None)


def make(contender: str, settings: dict[str, Any], device: str) -> Run:
    """A contender: the process it starts in each turn, and which of that process's times is its own."""
    side = "torch" if "torch" in contender else "jax"
    program = CLOCK + PROGRAMS.get(contender, IMPORTS[side])
    which = 1 if "after" in contender or contender in PROGRAMS else 0
    if settings["kind"] == "first step":
        program, which = program + FIRST_STEP["optax" if contender == "optax" else side], 2

    # Without the variable that keeps Python from storing bytecode: a user's second import does not compile again.
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}

    def sample() -> float:
        done = subprocess.run([sys.executable, "-c", program + REPORT], capture_output=True, text=True, env=env)
        if done.returncode:
            raise RuntimeError(done.stderr.strip().splitlines()[-1])
        return json.loads(done.stdout.splitlines()[-1])[which]

    return Run(lambda: None, np.zeros(0), sample=sample)


def targets(results: Results) -> list[Target]:
    """``import lrjax`` adds at most 5 %, and so does the first use, the garbage collection apart."""
    return [
        Target(f"{added} over {JAX[0]}", ratio(results, "imports", added, JAX[0]), 0.05, False)
        for added in (JAX[1], COLLECTED)
        if added in results.get("imports", {})
    ]
