"""optax's own schedules: a list of names and arguments -> for each the rates, [count][group].

In 32 bits they are what optax computes. In 64 bits optax has no bits of its own: XLA multiplies by a reciprocal where a
schedule divides by a known number, and rounds a product and a sum once where the processor can. There optax's functions
run with NumPy in the place of jax.numpy, which rounds each operation as it is written.
"""

import os
from typing import Any
from unittest.mock import patch

from parity_tests.originals import serve

os.environ["NPY_DISABLE_CPU_FEATURES"] = "X86_V4 AVX512_ICL AVX512_SPR"  # with them NumPy has a power of its own


def answer(request: dict[str, Any]) -> list[list[list[float]]]:
    """Request: ``rows`` of (name, arguments, bits), and the ``base_lrs`` and ``steps`` of all of them."""
    steps = request["steps"]
    rates = [(_rates_in_64 if bits == 64 else _rates)(name, given, steps) for name, given, bits in request["rows"]]
    return [[[rate] * len(request["base_lrs"]) for rate in of_row] for of_row in rates]


def _rates(name: str, arguments: Any, steps: int) -> list[float]:
    import jax
    import jax.numpy as jnp

    schedule = _named(name, arguments)
    rates = jax.jit(lambda counts: jax.lax.map(schedule, counts))(jnp.arange(steps))
    return [float(rate) for rate in jnp.broadcast_to(rates, (steps,))]


def _rates_in_64(name: str, arguments: Any, steps: int) -> list[float]:
    import numpy as np
    import optax.schedules._join as join
    import optax.schedules._schedule as schedules

    with patch.object(schedules, "jnp", np), patch.object(join, "jnp", np), np.errstate(over="ignore"):
        schedule = _named(name, arguments)
        return [float(schedule(count)) for count in range(steps)]


def _named(name: str, arguments: dict[str, Any]) -> Any:
    import optax

    arguments = dict(arguments)
    if name == "join_schedules":
        return optax.join_schedules([_named(*one) for one in arguments["schedules"]], arguments["boundaries"])
    if "boundaries_and_scales" in arguments:  # JSON has no integers as keys
        arguments["boundaries_and_scales"] = dict(arguments["boundaries_and_scales"])
    return getattr(optax.schedules, name)(**arguments)


if __name__ == "__main__":
    serve(answer)
