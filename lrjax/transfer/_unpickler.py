"""The pickle of a checkpoint, read by an interpreter of its own that knows plain data and tensors and nothing else.

Python's unpickler hands out live objects, which a file can then change (its BUILD rewrites a class or a dtype for the
whole process). Here names stand for inert tokens, and an instruction acts only on what this file has made: the rules
are those of ``torch.load(weights_only=True)``. What breaks them, or is cut off, is a ``pickle.UnpicklingError``.
"""

import struct
from collections import Counter, OrderedDict
from collections.abc import Callable
from pickle import UnpicklingError, decode_long
from typing import Any, NamedTuple, NoReturn

Plain = str | int | float | bool | bytes | None


class Name(NamedTuple):
    """A name in the file, ``module.name``: a token, not what it names."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


class Unpickler:
    """One reading of one pickle.

    Args:
        data: the pickle, protocol 2 as ``torch.save`` writes it.
        accept: raises for a ``Name`` that may not be in the file.
        call: ``(name, arguments)``: the value of a call of an accepted name.
        storage: what a persistent id stands for.
    """

    def __init__(
        self,
        data: bytes,
        accept: Callable[[Name], None],
        call: Callable[[Name, tuple[Any, ...]], Any],
        storage: Callable[[tuple[Any, ...]], Any],
    ) -> None:
        self.data, self.at = data, 0
        self.accept, self.call, self.storage = accept, call, storage
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []
        self.memo: dict[int, Any] = {}

    def load(self) -> Any:
        """The data that the pickle holds."""
        while True:
            code = self._read(1)
            if code == b".":
                return self._pop()
            action = _ACTIONS.get(code)
            if action is None:
                self._fail(f"the instruction {code!r}")
            action(self)

    def _fail(self, what: str) -> NoReturn:
        raise UnpicklingError(f"{what} at byte {self.at} of its pickle")

    def _read(self, count: int) -> bytes:
        self.at += count
        if self.at > len(self.data):
            self._fail("an end")
        return self.data[self.at - count : self.at]

    def _number(self, form: str) -> Any:
        return struct.unpack(form, self._read(struct.calcsize(form)))[0]

    def _line(self) -> str:
        end = self.data.find(b"\n", self.at)
        if end < 0:
            self._fail("an end")
        return self._read(end + 1 - self.at)[:-1].decode()

    def _push(self, value: Any) -> None:
        self.stack.append(value)

    def _pop(self) -> Any:
        if not self.stack:
            self._fail("an empty stack")
        return self.stack.pop()

    def _top(self, *kinds: type) -> Any:
        if not self.stack or type(self.stack[-1]) not in kinds:
            self._fail("an instruction on something else than it is for")
        return self.stack[-1]

    def _since_mark(self) -> list[Any]:
        if not self.marks:
            self._fail("a missing mark")
        items, self.stack = self.stack, self.marks.pop()
        return items

    def _mark(self) -> None:
        self.marks.append(self.stack)
        self.stack = []

    def _tuple(self, count: int) -> None:
        if len(self.stack) < count:
            self._fail("an empty stack")
        self.stack[-count:] = [tuple(self.stack[-count:])]

    def _append(self, items: list[Any]) -> None:
        self._top(list).extend(items)

    def _set_items(self, items: list[Any]) -> None:
        target = self._top(dict, OrderedDict)
        if len(items) % 2:
            self._fail("a key without a value")
        for key, value in zip(items[::2], items[1::2], strict=True):
            target[self.key(key)] = value

    def key(self, key: Any) -> Any:
        """A key of a dict: plain, or a tuple of plain values (a nested one could be hashed to death)."""
        parts = key if type(key) is tuple else (key,)
        if not all(isinstance(part, Plain) for part in parts):
            self._fail("a key that is no plain value")
        return key

    def _get(self, place: int) -> None:
        if place not in self.memo:
            self._fail("a reference to nothing")
        self._push(self.memo[place])

    def _put(self, place: int) -> None:
        if not self.stack:
            self._fail("an empty stack")
        self.memo[place] = self.stack[-1]

    def _global(self) -> None:
        name = Name(self._line(), self._line())
        self.accept(name)
        self._push(name)

    def _reduce(self) -> None:
        arguments, name = self._pop(), self._pop()
        if type(name) is not Name or type(arguments) is not tuple:
            self._fail("a call of something that is no function")
        self._push(self._called(name, arguments))

    def _called(self, name: Name, arguments: tuple[Any, ...]) -> Any:
        if name == ("collections", "OrderedDict") or name == ("collections", "Counter"):
            made = OrderedDict() if name.name == "OrderedDict" else Counter()
            items = arguments[0] if len(arguments) == 1 else ()
            if len(arguments) > 1 or type(items) not in (dict, list, tuple):
                self._fail(f"arguments of {name}")
            for key, value in items.items() if type(items) is dict else items:
                made[self.key(key)] = value
            return made
        return self.call(name, arguments)

    def _build(self) -> None:
        """torch's OrderedDicts carry attributes, such as a module's ``_metadata``: they are left out."""
        state = self._pop()
        if type(state) is not dict:
            self._fail("a state that is no dict")
        self._top(OrderedDict)

    def _persistent(self) -> None:
        pid = self._pop()
        if type(pid) is not tuple:
            self._fail("a reference that is no tuple")
        self._push(self.storage(pid))


_ACTIONS: dict[bytes, Callable[[Unpickler], None]] = {
    b"\x80": lambda u: void(u._read(1)),  # PROTO
    b"(": Unpickler._mark,
    b"t": lambda u: u._push(tuple(u._since_mark())),
    b"\x85": lambda u: u._tuple(1),
    b"\x86": lambda u: u._tuple(2),
    b"\x87": lambda u: u._tuple(3),
    b")": lambda u: u._push(()),
    b"]": lambda u: u._push([]),
    b"}": lambda u: u._push({}),
    b"a": lambda u: u._append([u._pop()]),
    b"e": lambda u: u._append(u._since_mark()),
    b"s": lambda u: u._set_items([u._pop(), u._pop()][::-1]),
    b"u": lambda u: u._set_items(u._since_mark()),
    b"N": lambda u: u._push(None),
    b"\x88": lambda u: u._push(True),
    b"\x89": lambda u: u._push(False),
    b"J": lambda u: u._push(u._number("<i")),
    b"K": lambda u: u._push(u._number("<B")),
    b"M": lambda u: u._push(u._number("<H")),
    b"\x8a": lambda u: u._push(decode_long(u._read(u._number("<B")))),  # LONG1
    b"G": lambda u: u._push(u._number(">d")),
    b"X": lambda u: u._push(u._read(u._number("<I")).decode("utf-8", "surrogatepass")),
    b"U": lambda u: u._push(u._read(u._number("<B")).decode("latin-1")),  # SHORT_BINSTRING
    b"h": lambda u: u._get(u._number("<B")),
    b"j": lambda u: u._get(u._number("<I")),
    b"q": lambda u: u._put(u._number("<B")),
    b"r": lambda u: u._put(u._number("<I")),
    b"c": Unpickler._global,
    b"R": Unpickler._reduce,
    b"b": Unpickler._build,
    b"Q": Unpickler._persistent,
}


def void(value: Any) -> None:
    """Nothing: what was read says nothing here."""
    del value
