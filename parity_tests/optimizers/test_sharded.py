"""Eight simulated devices: the state keeps its sharding, nothing is compiled anew, the bits are those of one device."""

import subprocess
import sys

SCRIPT = """
import jax, jax.numpy as jnp, numpy as np, lrjax
from jax.sharding import Mesh, NamedSharding, PartitionSpec as P

mesh = Mesh(np.array(jax.devices()).reshape(8), ("data",))
specs = {"backbone": {"w": P("data", None), "b": P("data")}, "head": {"w": P(None, "data"), "b": P()}}
rng = np.random.default_rng(0)
shapes = {"backbone": {"w": (16, 33), "b": (24,)}, "head": {"w": (5, 32), "b": (7,)}}
host = jax.tree.map(lambda s: rng.normal(size=s).astype(np.float32), shapes, is_leaf=lambda x: isinstance(x, tuple))
placed = jax.tree.map(lambda x, s: jax.device_put(x, NamedSharding(mesh, s)), host, specs)
tx = lrjax.AdamW([{"params": "backbone", "lr": 1e-3}, {"params": "head"}], scheduler=lrjax.StepLR(3, every=1))
step = jax.jit(lambda p, s: lrjax.step(tx, jax.tree.map(jnp.cos, p), s, p), donate_argnums=(0, 1))

def train(params, steps, settle=2):
    state, compiled = tx.init(params), []
    for i in range(steps):
        value = (float, np.float32, int, np.float64)[i % 4](i % 3)
        state = lrjax.set_lr(state, value if i % 2 else {"head": value})
        state = lrjax.set_hyper(state, "weight_decay", {"backbone": 0.01 * (i % 5)})
        params, state = step(params, state)
        compiled.append(step._cache_size())
    return params, state, compiled

params, state, compiled = train(placed, 1000)
assert compiled[1] == compiled[-1], compiled[::100]  # the first step commits the scalars, then nothing is compiled

def keeps(x, spec):
    assert x.sharding.is_equivalent_to(NamedSharding(mesh, spec), x.ndim), (x.sharding, spec)

for tree in (params, *state.slots.values()):
    jax.tree.map(keeps, tree, specs)
alone, _, _ = train(jax.tree.map(jnp.asarray, host), 1000)
jax.tree.map(np.testing.assert_array_equal, jax.device_get(params), jax.device_get(alone))
print("same bits", compiled[0], compiled[-1])
"""


def test_a_thousand_rates_on_eight_devices() -> None:
    flags = {"XLA_FLAGS": "--xla_force_host_platform_device_count=8", "JAX_PLATFORMS": "cpu", "PATH": ""}
    run = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, env=flags)
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("same bits 1 ")
