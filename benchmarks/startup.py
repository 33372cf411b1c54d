"""Start-up: how long the imports take, and how long a fresh process needs to its first step."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

from .plan import Case, Contender, Results, Run, Target

TITLE = "Start-up"
QUESTION = (
    "Every sample is a process of its own. `import jax, optax` is what a JAX project pays already, `import lrjax "
    "after them` what lrjax adds, in the same process; so for torch. `first step` is from the end of the imports to "
    "the end of the first AdamW step, the optimizer made and compiled on the way."
)
COLUMNS: dict[str, str] = {}

CLOCK = "import time, json; now = time.perf_counter; t = [now()]; mark = lambda: t.append(now())\n"
REPORT = "\nprint(json.dumps([b - a for a, b in zip(t, t[1:])]))"
IMPORTS = {
    "jax": "import jax, optax; mark()\nimport lrjax; mark()",
    "torch": "import torch; mark()\nimport lrtorch; mark()",
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


def cases(short: bool, device: str) -> list[Case]:
    """Imports, and the first step after them."""
    settings = {"device": device}
    imports = ("import jax, optax", "import lrjax after them", "import torch", "import lrtorch after it")
    steps = ("lrjax", "optax", "lrtorch")
    return (
        [_case("imports", imports[:2], 1, settings)]
        if short
        else [
            _case("imports", imports, 5, settings),
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
    program = CLOCK + IMPORTS[side]
    which = 1 if "after" in contender else 0
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
    """``import lrjax`` adds under 5 %."""
    rows = results["imports"]
    base, added = (rows[name].quartiles()[1] for name in ("import jax, optax", "import lrjax after them"))
    return [Target("import lrjax over import jax, optax", added / base, 0.05, False)]
