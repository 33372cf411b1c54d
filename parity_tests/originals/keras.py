"""Keras' own schedules, on its NumPy backend: a list of names and arguments -> for each the rates, [count][group].

In 32 bits they are what Keras computes. In 64 bits its table that narrows float64 to float32 is changed, and nothing
else; NumPy then calls the C library, as long as it may not use instructions with which it has a power of its own.
"""

import os
from importlib import import_module
from typing import Any

from parity_tests.originals import serve

os.environ["KERAS_BACKEND"] = "numpy"
os.environ["NPY_DISABLE_CPU_FEATURES"] = "X86_V4 AVX512_ICL AVX512_SPR"


def answer(request: dict[str, Any]) -> list[list[list[float]]]:
    """Request: ``rows`` of (name, arguments, bits), and the ``base_lrs`` and ``steps`` of all of them."""
    found: dict[int, list[list[float]]] = {}
    for i, (name, arguments, bits) in sorted(enumerate(request["rows"]), key=lambda row: row[1][2]):
        if bits == 64:  # after those in 32
            _in_64()
        rates = _rates(name, arguments, bits, request["steps"])
        found[i] = [[rate] * len(request["base_lrs"]) for rate in rates]
    return [found[i] for i in range(len(found))]


def _in_64() -> None:
    dtypes = import_module("keras.src.backend.common.dtypes")
    import_module("keras").config.set_floatx("float64")
    dtypes.BIT64_TO_BIT32_DTYPE.update(float64="float64")
    for one in vars(dtypes).values():
        getattr(one, "cache_clear", lambda: None)()


def _rates(name: str, arguments: dict[str, Any], bits: int, steps: int) -> list[float]:
    import numpy as np

    schedules = import_module("keras.optimizers").schedules
    arguments = {key: _array(key, value, np.float64) if bits == 64 else value for key, value in arguments.items()}
    schedule = getattr(schedules, name)(**arguments)
    return [float(schedule(count)) for count in range(steps)]


def _array(name: str, value: Any, dtype: Any) -> Any:
    import numpy as np

    if name == "values":
        return [np.array(one, dtype) for one in value]
    return np.array(value, dtype) if name == "initial_learning_rate" else value


if __name__ == "__main__":
    serve(answer)
