"""The operations of XLA's programs that move numbers and change none, in NumPy."""

import re
from typing import Any

import numpy as np

from .instructions import Function, Instruction, Shape


def _constant(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    del shapes, function
    shape, text = instruction.shape, instruction.argument
    words = re.findall(r"[^\s{},]+(?:\([^)]*\))?", text)
    if "..." in words:
        raise NotImplementedError(instruction.line)
    value = np.array([_number(word, shape.dtype) for word in words], shape.dtype).reshape(shape.dims)
    return lambda: value


def _number(word: str, dtype: np.dtype[Any]) -> Any:
    if dtype == np.bool_:
        return word in ("true", "1")
    if dtype.kind in "iu":
        return int(word)
    return dtype.type(float(word.split("(")[0]))


def _iota(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    del shapes, function
    shape, (axis,) = instruction.shape, instruction.numbers("iota_dimension")
    counted = np.arange(shape.dims[axis]).astype(shape.dtype)
    value = np.broadcast_to(counted.reshape([-1 if i == axis else 1 for i in range(len(shape.dims))]), shape.dims)
    return lambda: value


def _broadcast(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    del function
    dims, axes = instruction.shape.dims, instruction.numbers("dimensions")
    spread = [1] * len(dims)
    for size, axis in zip(shapes[0].dims, axes, strict=True):
        spread[axis] = size
    order = np.argsort(axes) if axes else ()
    return lambda x: np.broadcast_to(np.transpose(x, order).reshape(spread), dims)


def _bitcast(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    """The same bytes in memory, with another type, other dimensions or another layout."""
    del function
    source: Shape = shapes[0]
    target: Shape = instruction.shape
    into = tuple(reversed(source.layout))  # from the slowest dimension to the fastest, as NumPy stores
    lying = [target.dims[axis] for axis in reversed(target.layout)]
    back = np.argsort(tuple(reversed(target.layout))) if target.layout else ()

    def run(x: Any) -> Any:
        flat = np.ascontiguousarray(np.transpose(x, into)).reshape(-1)
        return flat.view(target.dtype).reshape(lying).transpose(back)

    return run


def _bitcast_convert(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    del function
    if shapes[0].dtype.itemsize != instruction.shape.dtype.itemsize:
        raise NotImplementedError(instruction.line)
    return lambda x: np.ascontiguousarray(x).view(instruction.shape.dtype).reshape(instruction.shape.dims)


def _reshape(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    del shapes, function
    return lambda x: np.reshape(x, instruction.shape.dims)


def _transpose(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    del shapes, function
    return lambda x: np.transpose(x, instruction.numbers("dimensions"))


def _reverse(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    del shapes, function
    return lambda x: np.flip(x, instruction.numbers("dimensions"))


def _slice(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    del shapes, function
    parts = re.findall(r"\[(\d+):(\d+)(?::(\d+))?\]", instruction.attributes["slice"])
    where = tuple(slice(int(low), int(high), int(stride or 1)) for low, high, stride in parts)
    return lambda x: x[where]


def _concatenate(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    del shapes, function
    (axis,) = instruction.numbers("dimensions")
    return lambda *parts: np.concatenate(parts, axis)


def _pad(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    """Low, high and interior padding; a negative one cuts."""
    del function
    each = [tuple(map(int, one.split("_"))) for one in instruction.attributes["padding"].split("x") if one]
    each = [(low, high, more[0] if more else 0) for low, high, *more in each]
    inner = [(size - 1) * (gap + 1) + 1 if size else 0 for size, (_, _, gap) in zip(shapes[0].dims, each, strict=True)]

    def run(x: Any, value: Any) -> Any:
        spaced = np.full(inner, value, x.dtype)
        spaced[tuple(slice(None, None, gap + 1) for _, _, gap in each)] = x
        wide = np.pad(spaced, [(max(low, 0), max(high, 0)) for low, high, _ in each], constant_values=value)
        ends = zip(wide.shape, each, strict=True)
        return wide[tuple(slice(max(-low, 0), n - max(-high, 0)) for n, (low, high, _) in ends)]

    return run


def _clamped(starts: Any, dims: tuple[int, ...], sizes: tuple[int, ...]) -> tuple[slice, ...]:
    """The window of ``sizes`` at ``starts``, moved inside where it would reach out."""
    firsts = [min(max(int(i), 0), n - size) for i, n, size in zip(starts, dims, sizes, strict=True)]
    return tuple(slice(first, first + size) for first, size in zip(firsts, sizes, strict=True))


def _dynamic_slice(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    del function
    dims, sizes = shapes[0].dims, instruction.shape.dims
    return lambda x, *starts: x[_clamped(starts, dims, sizes)]


def _dynamic_update_slice(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    del instruction, function
    dims, sizes = shapes[0].dims, shapes[1].dims

    def run(x: Any, update: Any, *starts: Any) -> Any:
        new = np.array(x)
        new[_clamped(starts, dims, sizes)] = update
        return new

    return run


def _split_indices(indices: Any, vector: int) -> Any:
    """The start indices with their vector in front."""
    return np.moveaxis(indices, vector, 0) if vector < indices.ndim else indices[None]


def _gather(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    """Windows of an array, each at its own place, moved inside where it would reach out."""
    del function
    dims, sizes = shapes[0].dims, instruction.numbers("slice_sizes")
    offset, collapsed = instruction.numbers("offset_dims"), instruction.numbers("collapsed_slice_dims")
    batching = instruction.numbers("operand_batching_dims")
    own = instruction.numbers("start_indices_batching_dims")
    targets, (vector,) = instruction.numbers("start_index_map"), instruction.numbers("index_vector_dim")
    rank = len(instruction.shape.dims)
    window = [axis for axis in range(len(dims)) if axis not in collapsed and axis not in batching]

    def run(x: Any, indices: Any) -> Any:
        starts = _split_indices(indices, vector)
        batch = [axis for axis in range(rank) if axis not in offset]
        places: list[Any] = [np.zeros([1] * rank, np.int64) for _ in dims]
        for k, axis in enumerate(targets):
            inside = np.clip(starts[k].astype(np.int64), 0, dims[axis] - sizes[axis])
            places[axis] = inside.reshape([instruction.shape.dims[i] if i in batch else 1 for i in range(rank)])
        for axis, index_axis in zip(batching, own, strict=True):
            where = batch[index_axis - (index_axis > vector)]
            places[axis] = _along(np.arange(dims[axis]), where, rank)
        for axis, where in zip(window, offset, strict=True):
            places[axis] = places[axis] + _along(np.arange(sizes[axis]), where, rank)
        return np.broadcast_to(x[tuple(places)], instruction.shape.dims)

    return run


def _along(x: Any, axis: int, rank: int) -> Any:
    return x.reshape([-1 if i == axis else 1 for i in range(rank)])


def _scatter(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    """Windows put or added into an array, one after the other; those that reach out of it are left out."""
    if instruction.numbers("input_batching_dims") or len(shapes) != 3:
        raise NotImplementedError(instruction.line)
    fold = function(instruction.called("to_apply"), check=False)
    targets, (vector,) = instruction.numbers("scatter_dims_to_operand_dims"), instruction.numbers("index_vector_dim")
    inserted, window = instruction.numbers("inserted_window_dims"), instruction.numbers("update_window_dims")

    def run(x: Any, indices: Any, updates: Any) -> Any:
        new, starts = np.array(x), _split_indices(indices, vector)
        batch = [axis for axis in range(updates.ndim) if axis not in window]
        windows = np.expand_dims(np.transpose(updates, (*batch, *window)), [len(batch) + axis for axis in inserted])
        for place in np.ndindex(*(updates.shape[axis] for axis in batch)):
            firsts = np.zeros(x.ndim, np.int64)
            for k, axis in enumerate(targets):
                firsts[axis] = starts[(k, *place)]
            ends = firsts + windows[place].shape
            if (firsts >= 0).all() and (ends <= x.shape).all():
                where = tuple(map(slice, firsts, ends))
                new[where] = fold(new[where], windows[place])
        return new

    return run


def _get_tuple_element(instruction: Instruction, shapes: list[Any], function: Any) -> Function:
    del shapes, function
    (index,) = instruction.numbers("index")
    return lambda parts: parts[index]


MOVES: dict[str, Function] = {
    "bitcast": _bitcast,
    "bitcast-convert": _bitcast_convert,
    "broadcast": _broadcast,
    "concatenate": _concatenate,
    "constant": _constant,
    "dynamic-slice": _dynamic_slice,
    "dynamic-update-slice": _dynamic_update_slice,
    "gather": _gather,
    "get-tuple-element": _get_tuple_element,
    "iota": _iota,
    "pad": _pad,
    "reshape": _reshape,
    "reverse": _reverse,
    "scatter": _scatter,
    "slice": _slice,
    "transpose": _transpose,
}
