"""Files made to harm, files damaged at random, and a process killed while it saves."""

import io
import json
import os
import pickle
import random
import signal
import struct
import subprocess
import sys
import time
import zipfile
from collections import Counter, OrderedDict
from pathlib import Path
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest
import torch

import lrjax
from lrjax.transfer import files

SLOW = bool(os.environ.get("LRJAX_SLOW"))
P = b"\x80\x02"  # a pickle of protocol 2 begins so


def archive(pickled: bytes, block: bytes = b"", compression: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as made:
        for name, content in {"data.pkl": pickled, "data/0": block, "version": b"3\n"}.items():
            made.writestr(f"a/{name}", content)
    return file.getvalue()


def load(raw: bytes) -> Any:
    return lrjax.load_checkpoint(io.BytesIO(raw))


def storage(kind: bytes, count: int) -> bytes:
    """The reference to a block of numbers."""
    size = b"J" + struct.pack("<i", count)
    return b"(X\x07\x00\x00\x00storagectorch\n" + kind + b"\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu" + size + b"tQ"


def integers(*numbers: int) -> bytes:
    return b"(" + b"".join(b"J" + struct.pack("<i", n) for n in numbers) + b"t"


def tensor(size: bytes, stride: bytes, count: int = 1) -> bytes:
    return (
        b"ctorch._utils\n_rebuild_tensor_v2\n("
        + storage(b"FloatStorage", count)
        + b"K\x00"
        + size
        + stride
        + b"\x89NtR"
    )


HARM = {
    "BUILD rewrites a dtype": b"ctorch\nBFloat16Storage\n(K\x03U\x01<NNNK\x01K\x01K\x00tb.",
    "BUILD breaks a class": b"ccollections\nCounter\n}U\x08__init__ctorch\nSize\nsb.",
    "BUILD changes an instance": b"ccollections\nCounter\n)R}U\x01aK\x01sb.",
    "BUILD changes an array": tensor(integers(1), integers(1)) + b"(K\x01)ctorch\nFloatStorage\n\x89U\x00tb.",
    "SETITEM on a name": b"ctorch\nSize\nK\x01K\x02s.",
    "SETITEM on a Counter": b"ccollections\nCounter\n)RU\x01aK\x01s.",
    "APPEND to an array": tensor(integers(1), integers(1)) + b"K\x01a.",
    "a call of what is not called so": b"ctorch\nFloatStorage\n)R.",
    "a call of a number": b"K\x01)R.",
    "a call without arguments": b"ctorch._utils\n_rebuild_tensor_v2\n)R.",
    "a call of Size with a number": b"ctorch\nSize\nK\x01\x85R.",
    "a Counter of numbers": b"ccollections\nCounter\n]K\x01a\x85R.",
    "a negative stride": tensor(integers(1), integers(-1)) + b".",
    "a size of text": tensor(b"U\x01a\x85", integers(1)) + b".",
    "sizes and strides that differ in number": tensor(integers(1, 1), integers(1)) + b".",
    "another persistent id": b"U\x01aQ.",
    "a short persistent id": b"U\x01a\x85Q.",
    "an empty stack": b"0.",
    "nothing but an end": b".",
    "a missing mark": b"t.",
    "a key without a value": b"}(K\x01u.",
    "a key that is a list": b"}]K\x01s.",
    "a key nested to death": b"}" + b")" + b"\x85" * 100_000 + b"K\x01s.",
    "a reference to nothing": b"h\x07.",
    "text that is none": b"X\x01\x00\x00\x00\xff.",
    "a name without an end": b"ctorch",
    "a text longer than the file": b"X\xff\xff\xff\xff.",
    "another protocol's instruction": b"\x8c\x01a.",
    "an extension": b"\x82\x01.",
    "a command": b"cos\nsystem\nU\x04true\x85R.",
    "a command by INST": b"(U\x04trueios\nsystem\n.",
}


@pytest.mark.parametrize("what", HARM)
def test_a_file_can_harm_nothing(what: str) -> None:
    raw = archive(P + HARM[what], b"\x00" * 4)
    with pytest.raises(ValueError, match=r"^load_checkpoint: file must .*, got "):
        load(raw)
    assert Counter("aab") == {"a": 2, "b": 1}
    assert np.dtype(jnp.bfloat16).itemsize == 2 and jnp.ones(2, jnp.bfloat16).sum() == 2
    assert torch.load(io.BytesIO(archive(P + b"K\x01.")), weights_only=True) == 1


def test_attributes_of_a_module_are_left_out() -> None:
    file = io.BytesIO()
    torch.save(torch.nn.Linear(2, 2).state_dict(), file)  # with _metadata
    loaded = load(file.getvalue())
    assert type(loaded) is OrderedDict and not vars(loaded)


BOMBS = {
    "a member that unpacks to more": (zipfile.ZIP_DEFLATED, P + b"K\x01." + b"\x00" * 50_000_000, b""),
    "a block that unpacks to more": (
        zipfile.ZIP_DEFLATED,
        P + tensor(integers(4), integers(1), 4) + b".",
        b"\x00" * 50_000_000,
    ),
    "a tensor without strides": (0, P + tensor(integers(1 << 20, 1 << 10), integers(0, 0)) + b".", b"\x00" * 4),
    "a tensor without strides, too large for any number": (
        0,
        P + tensor(integers(*[1 << 30] * 8), integers(*[0] * 8)) + b".",
        b"\x00" * 4,
    ),
    "many views of one block": (
        0,
        P + b"](" + tensor(integers(1 << 10), integers(1), 1 << 10) * 4000 + b"e.",
        b"\x00" * (1 << 12),
    ),
}


@pytest.mark.parametrize("what", BOMBS)
def test_a_small_file_takes_little_memory(what: str) -> None:
    compression, pickled, block = BOMBS[what]
    with pytest.raises(ValueError, match="must not grow more than 4 times in memory"):
        load(archive(pickled, block, compression))


def test_a_member_that_lies_about_its_length() -> None:
    raw = archive(P + b"K\x01." + b"\x00" * 5_000_000, compression=zipfile.ZIP_DEFLATED)
    true, small = struct.pack("<I", 5_000_005), struct.pack("<I", 16)
    with pytest.raises(ValueError, match="must be whole"):
        load(raw.replace(true, small))


def whole() -> bytes:
    """A checkpoint as a run has it."""
    model = torch.nn.Linear(3, 2)
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    file, rng = io.BytesIO(), {"rng": [0.5, None, True, 2**40], "name": "käse", "counts": Counter({3: 1})}
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), **rng}, file)
    return file.getvalue()


CODES = b"().tuseabcKMJGXUhqQR\x80\x85\x89\xff\x00"  # of a pickle


def mutated(raw: bytes, draw: random.Random) -> bytes:
    """A few bytes changed, cut out, doubled or moved."""
    data = bytearray(raw)
    for _ in range(draw.randint(1, 4)):
        at, length = draw.randrange(len(data)), draw.randint(1, 8)
        how = draw.randrange(4)
        if how == 0:
            data[at] = draw.randrange(256)
        elif how == 1:
            del data[at : at + length]
        elif how == 2:
            data[at:at] = data[at : at + length]
        else:
            data[at : at + length] = bytes(
                draw.choice(b"().tuseabcKMJGXUhqQR\x80\x85\x89\xff\x00") for _ in range(length)
            )
    return bytes(data) or b"\x00"


@pytest.mark.parametrize("what", ["file", "pickle", "safetensors"])
def test_damaged_at_random(what: str) -> None:
    """Whatever the damage: it loads, or says in a ValueError that it does not."""
    if what == "safetensors":
        pytest.importorskip("safetensors")
    draw, refused, count = random.Random(what), 0, 30_000 if SLOW else 1_500
    raw = whole()
    with zipfile.ZipFile(io.BytesIO(raw)) as kept:
        members = {name.partition("/")[2]: kept.read(name) for name in kept.namelist()}
    header = described(w=("F32", [2, 3], 0, 24), b=("I8", [3], 24, 27)).encode()
    tensors = struct.pack("<Q", len(header)) + header + bytes(range(27))
    for _ in range(count):
        if what == "pickle":  # in an archive that is whole
            file = io.BytesIO()
            with zipfile.ZipFile(file, "w") as made:
                for name, content in members.items():
                    made.writestr(f"a/{name}", mutated(content, draw) if name == "data.pkl" else content)
            damaged = file.getvalue()
        else:
            damaged = mutated(raw if what == "file" else tensors, draw)
        try:
            load(damaged)
        except ValueError as error:
            assert str(error).startswith("load_checkpoint: file ") and "\n" not in str(error)[:20]
            refused += 1
    assert refused > count // 2


def described(**tensors: tuple[Any, Any, int, int]) -> str:
    """A header of safetensors: name -> dtype, shape, first byte, byte after the last."""
    return json.dumps({n: {"dtype": d, "shape": s, "data_offsets": [a, b]} for n, (d, s, a, b) in tensors.items()})


SAFETENSORS = {
    "an overlap": described(a=("I8", [4], 0, 4), b=("I8", [6], 2, 8)),
    "a hole": described(a=("I8", [2], 0, 2), b=("I8", [4], 4, 8)),
    "a rest": described(a=("I8", [4], 0, 4)),
    "a name twice": described(a=("I8", [8], 0, 8))[:-1] + "," + described(a=("I8", [8], 0, 8))[1:],
    "a negative shape": described(a=("I8", [-2, -4], 0, 8)),
    "a shape of text": described(a=("I8", ["8"], 0, 8)),
    "a dtype that is none": described(a=(["I8"], [8], 0, 8)),
    "a header nested to death": "{" + '"a":' + "[" * 100_000 + "]" * 100_000 + "}",
}


@pytest.mark.parametrize("what", SAFETENSORS)
def test_safetensors_that_contradict_themselves(what: str) -> None:
    pytest.importorskip("safetensors")
    header = SAFETENSORS[what].encode()
    with pytest.raises(ValueError, match=r"^load_checkpoint: file must"):
        load(struct.pack("<Q", len(header)) + header + b"\x00" * 8)


def test_a_full_disk_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.pt"
    lrjax.save_checkpoint(path, {"step": 1})

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files.os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        lrjax.save_checkpoint(path, {"step": 2})
    assert lrjax.load_checkpoint(path) == {"step": 1}
    assert [p.name for p in tmp_path.iterdir()] == ["run.pt"]


def test_a_link_stays_a_link_and_the_mode_stays(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "run.pt", tmp_path / "latest.pt"
    lrjax.save_checkpoint(target, {"step": 1})
    target.chmod(0o640)
    link.symlink_to(target)
    lrjax.save_checkpoint(str(link), {"step": 2})
    assert link.is_symlink() and lrjax.load_checkpoint(target) == {"step": 2}
    assert target.stat().st_mode & 0o777 == 0o640


SAVING = """
import sys, numpy as np
import lrjax
step = 0
while True:
    step += 1
    lrjax.save_checkpoint(sys.argv[1], {"step": step, "w": np.full(200_000, step, np.float32)})
    if step == 1:
        print("saving", flush=True)
"""


def test_a_killed_process_leaves_a_whole_file(tmp_path: Path) -> None:
    """The file is the old or the new one, at every moment at which the process may be killed."""
    path, draw = tmp_path / "run.pt", random.Random(0)
    for _ in range(200 if SLOW else 8):
        process = subprocess.Popen([sys.executable, "-c", SAVING, str(path)], stdout=subprocess.PIPE)
        assert process.stdout is not None and process.stdout.readline() == b"saving\n"
        time.sleep(draw.random() * 0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        kept = lrjax.load_checkpoint(path)
        assert (kept["w"] == kept["step"]).all()


def test_pickles_own_unpickler_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("a live unpickler")

    monkeypatch.setattr(pickle, "Unpickler", refuse)
    monkeypatch.setattr(pickle, "loads", refuse)
    assert "model" in load(whole())
