"""Checkpoint files: torch's and safetensors' read without torch, written for torch, and refused when damaged."""

import io
import json
import os
import pickle
import subprocess
import sys
import zipfile
from collections import Counter, OrderedDict
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax

BASE = torch.arange(24, dtype=torch.float32).reshape(4, 6)
TENSORS = {
    "plain": BASE,
    "transposed": BASE.T,
    "a view": BASE[1:3, ::2],
    "another view of the same": BASE[0],
    "expanded": torch.ones(1, 3).expand(2, 3),
    "number": torch.tensor(3.5),
    "empty": torch.zeros(0, 3),
    "half": BASE.half(),
    "bfloat16": BASE.bfloat16() / 3,
    "double": BASE.double() / 3,
    "long": torch.tensor([2**40, -1]),
    "int8": torch.tensor([-1], dtype=torch.int8),
    "bool": torch.tensor([True, False]),
    "parameter": torch.nn.Parameter(BASE[:2]),
}
PLAIN = {
    "integers": [0, -1, 255, 2**31, -(2**70)],
    "floats": (1.5, float("inf"), 1e-300),
    "nothing": None,
    "flags": {"a": True, 3: False},
    "text": "käse",
    "counter": Counter({3: 2, 5: 1}),
    "nested": [[], (), {}, [{}]],
}


def saved(data: Any, **how: Any) -> io.BytesIO:
    file = io.BytesIO()
    torch.save(data, file, **how)
    file.seek(0)
    return file


def as_numpy(tensor: torch.Tensor) -> np.ndarray:
    return tensor.detach().float().numpy() if tensor.dtype == torch.bfloat16 else tensor.detach().numpy()


def test_reads_what_torch_saved(tmp_path: Path) -> None:
    torch.save({"tensors": TENSORS, "ordered": OrderedDict(TENSORS), **PLAIN}, tmp_path / "run.pt")
    loaded = lrjax.load_checkpoint(tmp_path / "run.pt")
    for name, tensor in TENSORS.items():
        for ours in (loaded["tensors"][name], loaded["ordered"][name]):
            assert str(tensor.dtype).endswith(str(ours.dtype))
            np.testing.assert_array_equal(np.asarray(ours, as_numpy(tensor).dtype), as_numpy(tensor))
            assert ours.flags.writeable
    assert {name: loaded[name] for name in PLAIN} == PLAIN
    assert type(loaded["counter"]) is Counter


def test_torch_reads_what_is_saved_here(tmp_path: Path) -> None:
    arrays = {name: lrjax.load_checkpoint(saved(tensor)) for name, tensor in TENSORS.items()}
    lrjax.save_checkpoint(tmp_path / "run.pt", {"tensors": arrays, **PLAIN})
    loaded = torch.load(tmp_path / "run.pt", weights_only=True)
    for name, tensor in TENSORS.items():
        assert loaded["tensors"][name].dtype == tensor.dtype
        assert torch.equal(loaded["tensors"][name], tensor)
    assert {name: loaded[name] for name in PLAIN} == PLAIN
    again = lrjax.load_checkpoint(tmp_path / "run.pt")
    assert {name: again[name] for name in PLAIN} == PLAIN


def test_models_and_safetensors(tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors.torch")
    model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2))
    tensors = {name: tensor.contiguous() for name, tensor in TENSORS.items() if "view" not in name}
    safetensors.save_file({n: t.detach().clone() for n, t in tensors.items()}, tmp_path / "m.safetensors")
    assert safetensors.save({"w": BASE}) == TENSOR
    for loaded, expected in (
        (lrjax.load_checkpoint(saved(model.state_dict())), model.state_dict()),
        (lrjax.load_checkpoint(str(tmp_path / "m.safetensors")), tensors),
    ):
        assert set(loaded) == set(expected)
        for name, tensor in expected.items():
            np.testing.assert_array_equal(np.asarray(loaded[name], as_numpy(tensor).dtype), as_numpy(tensor))


def test_no_torch_is_needed(tmp_path: Path) -> None:
    torch.save({"w": BASE}, tmp_path / "run.pt")
    code = f"""
import sys
sys.modules["torch"] = None  # an import of it fails
import lrjax
data = lrjax.load_checkpoint({str(tmp_path / "run.pt")!r})
lrjax.save_checkpoint({str(tmp_path / "back.pt")!r}, data)
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
    assert torch.equal(torch.load(tmp_path / "back.pt", weights_only=True)["w"], BASE)


class Harm:
    """What a pickle could do: run a command."""

    def __reduce__(self) -> Any:
        return os.system, ("exit 1",)


def archive(**members: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as made:
        for name, content in members.items():
            made.writestr(name, content)
    return file.getvalue()


def flipped(raw: bytes) -> bytes:
    """One bit of the tensor's numbers changed."""
    at = raw.index(BASE.numpy().tobytes()) + 5
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


def scripted() -> bytes:
    return archive(**{"m/data.pkl": b"\x80\x02c__torch__\nM\n.", "m/constants.pkl": b"\x80\x02)."})


def as_safetensors(dtype: str = "F32", numbers: bytes = BASE.numpy().tobytes()) -> bytes:
    """BASE as safetensors writes it: the length of the header, the header, the numbers."""
    described = {"w": {"dtype": dtype, "shape": [4, 6], "data_offsets": [0, len(numbers)]}}
    header = json.dumps(described, separators=(",", ":"))
    padded = header.ljust(-(-len(header) // 8) * 8).encode()
    return len(padded).to_bytes(8, "little") + padded + numbers


GOOD, TENSOR = saved({"w": BASE}).getvalue(), as_safetensors()
REFUSED: dict[str, tuple[bytes, str]] = {
    "cut in half": (GOOD[: len(GOOD) // 2], "must be whole: it is damaged or truncated"),
    "a byte short": (GOOD[:-1], "must be whole"),
    "a flipped bit": (flipped(GOOD), "must be whole: it is damaged or truncated .Bad CRC-32"),
    "a torch file of old": (
        saved({"w": BASE}, _use_new_zipfile_serialization=False).getvalue(),
        "must be in torch's zip format",
    ),
    "a pickle": (pickle.dumps({"w": 1}), "must be in torch's zip format"),
    "a zip file": (archive(hello=b"there"), "must be an archive that torch.save wrote"),
    "a pickle cut short": (archive(**{"a/data.pkl": b"\x80\x02}q\x00("}), "must be whole"),
    "a missing block": (
        archive(**{"a/data.pkl": zipfile.ZipFile(io.BytesIO(GOOD)).read("archive/data.pkl")}),
        "must be whole",
    ),
    "a short block": (
        archive(**{"a/data.pkl": zipfile.ZipFile(io.BytesIO(GOOD)).read("archive/data.pkl"), "a/data/0": b"1234"}),
        "must be whole: block 0 has 4 of 96 bytes",
    ),
    "a module": (
        saved(torch.nn.Linear(2, 2)).getvalue(),
        "tensors and plain data only.*torch.nn.modules.linear.Linear",
    ),
    "a command": (saved(Harm()).getvalue(), "tensors and plain data only.*system"),
    "a script": (scripted(), "tensors and plain data only.*__torch__.M"),
    "text": (b"hello there, this is no checkpoint", "must be what torch.save or safetensors wrote"),
    "nothing": (b"", "must be what torch.save or safetensors wrote"),
}
REFUSED_SAFETENSORS: dict[str, tuple[bytes, str]] = {
    "cut short": (TENSOR[:-1], "must be a whole safetensors file .incomplete metadata, file not fully covered"),
    "without its header": (TENSOR[:20], "must be a whole safetensors file .invalid header length"),
    "with another header": (
        TENSOR[:8] + b"{" + b"?" * (len(TENSOR) - 9),
        "must be a whole safetensors file .invalid JSON in header",
    ),
    "of a dtype that NumPy has not": (
        as_safetensors(dtype="F4", numbers=bytes(12)),
        "must hold tensors of F64, .* .w is not.*F4",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_damaged_or_foreign_file_is_refused(what: str, tmp_path: Path) -> None:
    raw, expected = REFUSED[what]
    (tmp_path / "run.pt").write_bytes(raw)
    with pytest.raises(ValueError, match=f"load_checkpoint: file .*{expected}"):
        lrjax.load_checkpoint(tmp_path / "run.pt")


@pytest.mark.parametrize("what", REFUSED_SAFETENSORS)
def test_a_damaged_safetensors_file_is_refused(what: str) -> None:
    pytest.importorskip("safetensors")
    raw, expected = REFUSED_SAFETENSORS[what]
    with pytest.raises(ValueError, match=f"load_checkpoint: file {expected}"):
        lrjax.load_checkpoint(io.BytesIO(raw))


def test_torch_reads_the_safetensors_that_are_saved_here(tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors.torch")
    arrays = {name: lrjax.load_checkpoint(saved(tensor)) for name, tensor in TENSORS.items()}
    arrays["float8"] = np.array([1, -448, 0.5], jnp.float8_e4m3fn)
    path = tmp_path / "model.safetensors"
    lrjax.save_checkpoint(path, {**arrays, "from jax": jnp.ones((2, 3)).T, "no rows": np.zeros((0, 3), np.int8)})
    tensors, again = safetensors.load_file(path), lrjax.load_checkpoint(path)
    for name, tensor in TENSORS.items():
        assert tensors[name].dtype == tensor.dtype and torch.equal(tensors[name], tensor)
        np.testing.assert_array_equal(np.asarray(again[name]), np.asarray(arrays[name]))
    assert tensors["float8"].dtype == torch.float8_e4m3fn and tensors["float8"].float().tolist() == [1, -448, 0.5]
    assert (again["float8"] == arrays["float8"]).all() and again["no rows"].shape == (0, 3)
    assert tensors["from jax"].shape == (3, 2) and again["from jax"].flags.writeable


@pytest.mark.parametrize("bad", [[1.0], {"a": 1.0}, {"a": {"b": np.ones(2)}}, {1: np.ones(2)}, {"a": np.array(["a"])}])
def test_what_safetensors_cannot_hold_is_refused(bad: Any, tmp_path: Path) -> None:
    with pytest.raises(
        TypeError, match=r"^save_checkpoint: data must (be a dict from name to array|hold arrays of F64)"
    ):
        lrjax.save_checkpoint(tmp_path / "model.safetensors", bad)
    assert not list(tmp_path.iterdir())


def test_no_cut_goes_unseen() -> None:
    pytest.importorskip("safetensors")
    for raw in (GOOD, TENSOR):
        for length in range(0, len(raw) - 1, 37):
            with pytest.raises(ValueError, match="load_checkpoint: file"):
                lrjax.load_checkpoint(io.BytesIO(raw[:length]))


@pytest.mark.parametrize("bad", [object(), {"f": len}, np.array(["a"]), np.array([1j])])
def test_what_cannot_be_saved_leaves_no_file(bad: Any, tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="save_checkpoint: data must hold"):
        lrjax.save_checkpoint(tmp_path / "run.pt", {"a": np.ones(2), "b": bad})
    assert not (tmp_path / "run.pt").exists()


def test_tensors_stay_within_their_blocks() -> None:
    file = io.BytesIO()
    lrjax.save_checkpoint(file, np.arange(6, dtype=np.float32).reshape(2, 3))
    beyond = file.getvalue().replace(b"archive/data.pkl", b"archive/data.pkl")
    with zipfile.ZipFile(io.BytesIO(beyond)) as whole:
        pickled, block = whole.read("archive/data.pkl"), whole.read("archive/data/0")
    long = pickled.replace(b"J\x02\x00\x00\x00J\x03\x00\x00\x00t", b"J\x09\x00\x00\x00J\x03\x00\x00\x00t")
    assert long != pickled
    with pytest.raises(ValueError, match="must hold tensors that lie within their blocks"):
        lrjax.load_checkpoint(io.BytesIO(archive(**{"a/data.pkl": long, "a/data/0": block})))
