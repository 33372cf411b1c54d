"""Files that an earlier lrjax and an earlier torch wrote: they load, and a run goes on from them with the same bits.

They are kept in ``files/`` and are not written anew (``write_missing`` writes what is not there).
"""

import hashlib
import io
import pickle
import zipfile
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import torch

import lrjax
import lrtorch

from . import cases
from .comparing import Entries, sha256
from .states import shown, to_torch

FOLDER = Path(__file__).parent / "files"
NAME = "AdamW"
OURS, THEIRS, FLAT = FOLDER / "save_checkpoint.pt", FOLDER / "torch_save.pt", FOLDER / "state_dict.npz"
SEPARATOR = "|"
# All that ``save_checkpoint`` takes.
CONTENT: dict[str, Any] = {
    "plain": [
        None,
        True,
        False,
        0,
        -1,
        2**31,
        -(2**63),
        0.1,
        float("inf"),
        "text",
        "wörtlich",
        (),
        (1, (2.0,)),
        [],
        {},
    ],
    "keys": {0: "zero", "one": 1},
    "milestones": Counter({3: 2, 7: 1}),
    "matrix": np.arange(6, dtype=np.float32).reshape(2, 3),
    "transposed": np.arange(6, dtype=np.float64).reshape(2, 3).T,
    "number": np.float32(1.5),
    "scalar": np.asarray(2.5, np.float32),
    "empty": np.zeros((0, 3), np.float32),
    "halves": [np.arange(3, dtype=np.float16), np.asarray(jnp.arange(3, dtype=jnp.bfloat16))],
    "integers": [np.arange(-1, 2, dtype=kind) for kind in (np.int8, np.int16, np.int32, np.int64)],
    "bytes and bools": [np.arange(3, dtype=np.uint8), np.array([True, False])],
    "of JAX": jnp.arange(3, dtype=jnp.float32),
}


def files() -> Entries:
    """The kept files and what becomes of them, what ``save_checkpoint`` writes, and states through pickle."""
    made: Entries = {
        "save_checkpoint.pt, read by lrjax": lambda: contents(lrjax.load_checkpoint(OURS)),
        "save_checkpoint.pt, read by torch": lambda: contents(torch.load(OURS, weights_only=True)),
        "save_checkpoint.pt, gone on in lrjax": lambda: _go_on(lrjax.load_checkpoint(OURS)),
        "save_checkpoint.pt, gone on in lrtorch": lambda: _go_on_in_torch(torch.load(OURS, weights_only=True)),
        "torch_save.pt, read by lrjax": lambda: contents(lrjax.load_checkpoint(THEIRS)),
        "torch_save.pt, read by torch": lambda: contents(torch.load(THEIRS, weights_only=True)),
        "torch_save.pt, gone on in lrjax": lambda: _go_on(lrjax.load_checkpoint(THEIRS)),
        "torch_save.pt, gone on in lrtorch": lambda: _go_on_in_torch(torch.load(THEIRS, weights_only=True)),
        "state_dict.npz, read": lambda: contents(_nested(FLAT)),
        "state_dict.npz, gone on in lrjax": lambda: _go_on_by_name(_nested(FLAT)),
        "what save_checkpoint writes": _members,
    }
    return made | {f"{name} through pickle": partial(_pickled, name) for name in cases.OPTIMIZERS}


def write_missing() -> None:
    """Write the files that are not there."""
    FOLDER.mkdir(exist_ok=True)
    if not OURS.exists():
        optimizer, scheduler = to_torch(NAME)
        lrjax.save_checkpoint(OURS, {"optimizer": optimizer, "scheduler": scheduler})
    if not THEIRS.exists():
        optimizer, _ = cases.run_torch(NAME)
        saved = {"optimizer": optimizer.state_dict(), "scheduler": lrtorch.scheduler_state_dict(optimizer)}
        torch.save(saved, THEIRS)
    if not FLAT.exists():
        np.savez(FLAT, **_flat(lrjax.state_dict(cases.run_jax(NAME).early)))


def contents(data: Any) -> Any:
    """A nest of dicts and lists: numbers as text, arrays by type, shape and digest."""
    if isinstance(data, Mapping):
        return {str(key): contents(value) for key, value in data.items()}
    if isinstance(data, list | tuple) and not all(isinstance(x, str | int | float) for x in data):
        return {str(i): contents(value) for i, value in enumerate(data)}
    if isinstance(data, torch.Tensor):
        data = data.numpy()
    if not isinstance(data, np.ndarray):
        return repr(data)
    return f"{data.dtype} {data.shape} {data.tolist() if data.size == 1 else sha256([data])[:16]}"


def _go_on(saved: dict[str, Any]) -> dict[str, Any]:
    """One more update, in lrjax, of parameters as they were at the start."""
    params = cases.tree(cases.arrays(NAME, 0))
    tx, state = lrjax.from_torch(
        saved["optimizer"],
        saved["scheduler"],
        params,
        optimizer=NAME,
        every=1,
        names=cases.names_of(NAME),
        mapping=cases.mapping_of(NAME),
    )
    return _updated(tx, state, params)


def _go_on_by_name(saved: Any) -> dict[str, Any]:
    tx, params, fresh = cases.make_jax(NAME)
    return _updated(tx, lrjax.load_state_dict(fresh, saved), params)


def _updated(tx: Any, state: Any, params: Any) -> dict[str, Any]:
    loaded = repr(lrjax.get_lr(state))
    params, state = lrjax.step(tx, cases.tree(cases.arrays(NAME, cases.EARLY + 1)), state, params)
    return {
        "parameters": sha256(jax.tree.leaves(params)),
        "state": {name: sha256(jax.tree.leaves(slot)) for name, slot in state.slots.items()},
        "count": int(state.count),
        "rates": f"{loaded}, then {lrjax.get_lr(state)}",
        "scheduler": shown(lrjax.scheduler_state_dict(state)),
    }


def _go_on_in_torch(saved: dict[str, Any]) -> dict[str, Any]:
    """What lrtorch has after loading; torch's own next update has its own square root, so it is left out."""
    optimizer, model = cases.make_torch(NAME)
    saved["optimizer"] = {**saved["optimizer"], "state": _as_tensors(saved["optimizer"]["state"])}
    optimizer.load_state_dict(saved["optimizer"])
    lrtorch.load_scheduler_state_dict(optimizer, saved["scheduler"])
    state = {path: contents(dict(optimizer.state[p])) for path, p in model.items()}
    loaded = repr(lrtorch.get_lr(optimizer))
    lrtorch.step_scheduler(optimizer, index=0)
    return {
        "rates": f"{loaded}, then {lrtorch.get_lr(optimizer)}",
        "state": state,
        "scheduler": shown(lrtorch.scheduler_state_dict(optimizer)),
    }


def _as_tensors(state: Mapping[Any, Mapping[str, Any]]) -> dict[Any, dict[str, Any]]:
    return {i: {name: torch.as_tensor(x) for name, x in own.items()} for i, own in state.items()}


def _flat(nested: Any, at: str = "") -> dict[str, Any]:
    if isinstance(nested, list):
        nested = {f"#{i}": value for i, value in enumerate(nested)}
    if not isinstance(nested, Mapping):
        return {at: np.asarray(nested)}
    flat: dict[str, Any] = {}
    for key, value in nested.items():
        flat |= _flat(value, f"{at}{SEPARATOR}{key}" if at else str(key))
    return flat


def _nested(file: Path) -> Any:
    tree: dict[str, Any] = {}
    with np.load(file) as saved:
        for place in saved.files:
            *outer, last = place.split(SEPARATOR)
            inner = tree
            for key in outer:
                inner = inner.setdefault(key, {})
            inner[last] = saved[place]
    return {key: list(value.values()) if key == "scheduler" else value for key, value in tree.items()}


def _members() -> dict[str, str]:
    """The members of the archive in their order; of a zip file only the time stamps are left out."""
    written = io.BytesIO()
    lrjax.save_checkpoint(written, CONTENT)
    with zipfile.ZipFile(written) as archive:
        members = [(info, archive.read(info)) for info in archive.infolist()]
    return {
        f"{i:02d} {info.filename}": f"{len(raw)} bytes, compression {info.compress_type}, "
        f"sha256 {hashlib.sha256(raw).hexdigest()}"
        for i, (info, raw) in enumerate(members)
    }


def _pickled(name: str) -> dict[str, bool]:
    state = cases.run_jax(name).early
    back = pickle.loads(pickle.dumps(state))
    leaves = zip(jax.tree.leaves(state), jax.tree.leaves(back), strict=True)
    return {
        "equal layout": back.layout == state.layout and hash(back.layout) == hash(state.layout),
        "equal structure": jax.tree.structure(back) == jax.tree.structure(state),
        "equal arrays": all(
            a.dtype == b.dtype and np.asarray(a).tobytes() == np.asarray(b).tobytes() for a, b in leaves
        ),
    }
