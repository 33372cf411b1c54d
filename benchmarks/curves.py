"""What a composed schedule costs beside a table of its rates: a million rates at once, and in a compiled step."""

import time
from typing import Any

from .machinery.measurement import Case, Contender, Results, Run, Target, ratio, run_of

TITLE = "Curves"
QUESTION = (
    "A schedule of so many segments (lines, cosines, cool-downs in turn) as a `CurveLR`, and as a `TableLR` that looks "
    "its rates up. The step is of SGD on 1,000 parameters, a thousand steps in one `scan`."
)
COLUMNS: dict[str, str] = {}
DEPTHS = (1, 4, 16, 64)
SCAN = 1_000  # steps in one program


def cases(short: bool, device: str) -> list[Case]:
    """Both uses at each depth."""
    del device
    steps = 2_000 if short else 1_000_000
    depths = (4,) if short else DEPTHS
    return [_case(use, depth, steps) for use in ("curve", "step") for depth in depths]


def _case(use: str, depth: int, steps: int) -> Case:
    contenders = [Contender("lrjax.TableLR", "jax"), Contender("lrjax.CurveLR", "jax", 1e-7)]
    if use == "step":
        contenders.append(Contender("no scheduler", "jax", None))
    what = f"{steps:,} rates at once" if use == "curve" else "a compiled step"
    settings = {"use": use, "depth": depth, "steps": steps}
    return Case(f"{what}, {depth} segments", settings, contenders, unit=use)


def composed(depth: int, steps: int) -> Any:
    """Segments of three shapes in turn."""
    from lrspec import curves

    each = steps // depth
    makers = (curves.linear, curves.cosine, curves.one_minus_sqrt)
    levels = [1.0 if i % 2 else 0.1 for i in range(depth + 1)]
    return curves.sequence(*(makers[i % 3](each, levels[i], levels[i + 1]) for i in range(depth)))


def make(contender: str, settings: dict[str, Any], device: str) -> Run:
    """A contender in its process."""
    del device
    import jax
    import jax.numpy as jnp
    import numpy as np

    import lrjax

    steps = settings["steps"]
    curve = lrjax.CurveLR(composed(settings["depth"], steps), every=1)
    scheduler = {
        "lrjax.CurveLR": lambda: curve,
        "lrjax.TableLR": lambda: _table(curve, steps),
        "no scheduler": lambda: None,
    }[contender]()
    if settings["use"] == "curve":
        began, counts = time.perf_counter(), jnp.arange(steps)
        rates = jax.jit(scheduler.schedule(1.0))
        return run_of(lambda: np.asarray(jax.block_until_ready(rates(counts))), began, 1)
    began = time.perf_counter()
    tx, params = lrjax.SGD(lr=1.0, scheduler=scheduler), {"w": jnp.ones(1_000)}

    def body(carry: Any, _: Any) -> Any:
        params, state = carry
        return lrjax.step(tx, jax.tree.map(lambda p: p * 1e-3, params), state, params), None

    run = jax.jit(lambda params, state: jax.lax.scan(body, (params, state), length=SCAN)[0])
    state = tx.init(params)
    return run_of(lambda: np.asarray(jax.block_until_ready(run(params, state))[0]["w"]), began, SCAN)


def _table(curve: Any, steps: int) -> Any:
    """Its rates, each a row."""
    import jax
    import jax.numpy as jnp

    import lrjax

    rates = jax.jit(curve.schedule(1.0))(jnp.arange(steps)).tolist()
    return lrjax.TableLR([[1, rate] for rate in rates], every=1)


def targets(results: Results) -> list[Target]:
    """A schedule of any depth costs what a look-up costs."""
    return [
        Target(f"{case}: CurveLR over TableLR", ratio(results, case, "lrjax.CurveLR", "lrjax.TableLR"), 1.1, False)
        for case in results
    ]
