"""Layer-wise rate decay: which layer a parameter belongs to, by the conventions of four libraries.

A parameter has a layer id: 0 nearest the input, block k has k + 1, the head the last. Its rate is
``lr * decay ** (last - id)``, in Python floats as the sources compute it.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from glob import escape
from itertools import takewhile
from typing import Any, NamedTuple

from . import check
from .brief import brief, listed
from .groups import read_groups
from .patterns import Pattern, matches
from .types import ParamGroup

Patterns = Pattern | Sequence[Pattern]
_WHERE = "layer_decay"  # how errors begin


class Convention(NamedTuple):
    """How a library numbers the layers of a vision transformer of N blocks: as BEiT, but for what is said here.

    Attributes:
        first: the roles (keys of ``ROLES``) with id 0; what has no other place has id N + 1.
        no_weight_decay: its rule for weight decay, a key of ``EXEMPT``.
        joins_norm: the final norm belongs to the last block.
        compact: ids end at the last one in use, so that without a head the last block has the full rate.
        lifts_residual: the convolutions ViTDet adds to its blocks, ``residual``, have id N + 1.
    """

    first: tuple[str, ...]
    no_weight_decay: str
    joins_norm: bool = False
    compact: bool = False
    lifts_residual: bool = False


CONVENTIONS = {
    "timm": Convention(("embed", "cls_token", "other_token"), "timm", joins_norm=True, compact=True),
    "beit": Convention(("embed", "cls_token", "mask_token"), "beit"),
    "mae": Convention(("embed", "cls_token"), "mae"),
    "vitdet": Convention(("embed",), "none", lifts_residual=True),
}

# The names of timm, torchvision, Hugging Face, linen and big_vision, for a parameter or a module beside the blocks.
ROLES = {
    "cls_token": {"cls_token", "class_token", "class_embedding", "cls"},
    "mask_token": {"mask_token"},
    "other_token": {"reg_token", "register_tokens", "dist_token", "distillation_token", "norm_pre"},
    "embed": {
        *("pos_embed", "pos_embedding", "posembed_input", "position_embeddings", "positional_embedding", "wpe"),
        *("patch_embed", "patch_embedding", "patch_embeddings", "conv_proj", "wte"),
        *("embed_tokens", "tok_embeddings", "token_embedding", "word_embeddings"),
        *("embed", "embedding", "embeddings", "stem"),
    },
    "norm": {"norm", "layernorm", "encoder_norm", "final_norm", "final_layernorm", "ln", "ln_f", "ln_post"},
}
HOMES = {"embed", "embedding", "embeddings", "stem"}  # modules that hold tokens and embeddings

BLOCKS = (
    *("blocks", "block", "resblocks", "encoderblock", "encoder_block", "transformerblock", "transformer_block"),
    *("layers", "layer", "encoderlayer", "encoder_layer", "transformerlayer", "transformer_layer", "h"),
)

# (path, number of dimensions) -> whether weight decay spares the parameter.
EXEMPT: dict[str, Callable[[str, int], bool]] = {
    "timm": lambda path, ndim: ndim <= 1,
    "timm_plain": lambda path, ndim: ndim <= 1 or path.endswith("/bias"),
    "beit": lambda path, ndim: ndim == 1 or path.endswith("/bias"),
    "mae": lambda path, ndim: ndim == 1,
    "hf": lambda path, ndim: re.search(r"bias|(layer|rms)norm|(^|/|_)norm(/|$)", path.lower()) is not None,
    "none": lambda path, ndim: False,
}


class Groups(list[ParamGroup]):
    """Parameter groups, as the optimizers take them, that print as a table."""

    def __str__(self) -> str:
        rows = [("group", "lr", "weight_decay", "params"), *map(_row, self)]
        widths = [max(len(row[c]) for row in rows) for c in range(4)]
        return "\n".join("  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows)


def _row(group: Mapping[str, Any]) -> tuple[str, str, str, str]:
    lr, decay = group["lr"], group.get("weight_decay", "")
    rate = f"{lr[0]:.6g} to {lr[-1]:.6g}" if isinstance(lr, list) else f"{lr:.6g}"
    return group["name"], "frozen" if group.get("frozen") else rate, str(decay), _few(map(str, group["params"]))


def _few(paths: Iterable[str]) -> str:
    paths = list(paths)
    return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")


@dataclass(frozen=True)
class LayerDecay:
    """The arguments of ``layer_decay``, which documents them."""

    lr: float
    decay: float
    convention: str
    weight_decay: float | None
    no_weight_decay: str | None
    no_weight_decay_list: Patterns
    min_scale: float
    no_opt_scale: float | None
    blocks: str | Callable[[str], int | None] | None
    embeddings: Patterns
    norm: Patterns
    head: Patterns
    stacked: Patterns = ()

    def __post_init__(self) -> None:
        check.rate(_WHERE, self.lr)
        check.between(_WHERE, "decay", self.decay, 0.0, 1.0, ends="(]")
        check.one_of(_WHERE, "convention", self.convention, tuple(CONVENTIONS))
        if self.weight_decay is not None:
            check.at_least(_WHERE, "weight_decay", self.weight_decay, 0.0)
        if self.no_weight_decay is not None:
            check.one_of(_WHERE, "no_weight_decay", self.no_weight_decay, tuple(EXEMPT))
        check.between(_WHERE, "min_scale", self.min_scale, 0.0, 1.0)
        if self.no_opt_scale is not None:
            check.between(_WHERE, "no_opt_scale", self.no_opt_scale, 0.0, 1.0)
        if not (self.blocks is None or callable(self.blocks) or (isinstance(self.blocks, str) and self.blocks)):
            check.fail(_WHERE, "blocks", "must be a name or a function of the path", self.blocks, TypeError)

    def groups(self, named: Sequence[tuple[str, tuple[int, ...]]]) -> Groups:
        """The groups of parameters given as (path, shape), by layer and weight decay."""
        shapes = {path.replace(".", "/"): tuple(shape) for path, shape in named}
        if not shapes or len(shapes) < len(named):
            check.fail(_WHERE, "params", "must hold parameters, each of another path", [path for path, _ in named])
        listed = _matched("no_weight_decay_list", self.no_weight_decay_list, shapes)
        exempt = EXEMPT[self.no_weight_decay or CONVENTIONS[self.convention].no_weight_decay]
        stacked = _matched("stacked", self.stacked, shapes)
        places, top = self._places(shapes, stacked)
        members: dict[tuple[_Place, bool], list[str]] = {}
        for path, place in places.items():
            spared = path in listed or exempt(path, len(shapes[path]) - (path in stacked))
            members.setdefault((place, spared), []).append(path)
        return Groups(self._group(*key, top, sorted(members[key])) for key in sorted(members))

    def _places(self, shapes: "_Shapes", stacked: set[str]) -> tuple[dict[str, "_Place"], int]:
        """The place of each parameter, and the id that has the full rate."""
        convention = CONVENTIONS[self.convention]
        if stacked and self.blocks is not None:
            check.fail(_WHERE, "blocks", "must be left out with stacked", self.blocks)
        spans = _stacked_blocks(stacked, shapes) if stacked else _numbered_blocks(self.blocks, shapes)
        count = max(end for _, end in spans.values()) + 1
        ids = dict.fromkeys(("embeddings", *convention.first), 0) | ({"norm": count} if convention.joins_norm else {})
        places = {}
        for path, role in self._roles(shapes, spans).items():
            if role == "block" and not (convention.lifts_residual and "residual" in path.split("/")):
                first, end = spans[path]
                places[path] = _Place(first + 1, end + 1, bool(stacked))
            else:
                layer = ids.get(role, count + 1)
                places[path] = _Place(layer, layer, False)
        return places, max(place.end for place in places.values()) if convention.compact else count + 1

    def _roles(self, paths: Iterable[str], blocks: Iterable[str]) -> dict[str, str]:
        """What each parameter is: what the user says, a parameter of a block, or what its name says."""
        by_user = {role: _matched(role, getattr(self, role), paths) for role in ("head", "embeddings", "norm")}
        by_name = {r: n for r, n in ROLES.items() if not by_user["norm" if r == "norm" else "embeddings"]}
        stem = reduce(_shared, [path.split("/") for path in blocks])
        roles = {}
        for path in paths:
            rest = path.split("/")[len(_shared(path.split("/"), stem)) :]
            said = [role for role, chosen in by_user.items() if path in chosen]
            roles[path] = (said or ["block"] * (path in blocks) or _named(by_name, rest) or ["head"])[0]
        return roles

    def _group(self, place: "_Place", spared: bool, top: int, paths: Sequence[str]) -> ParamGroup:
        """One group, as the optimizers take it."""
        scales = [max(self.min_scale, float(self.decay) ** (top - i)) for i in range(place.first, place.end + 1)]
        frozen = [self.no_opt_scale is not None and scale < self.no_opt_scale for scale in scales]
        if any(frozen) and place.stacked:
            rule = "must not freeze some of the blocks stacked in one parameter"
            check.fail(_WHERE, "no_opt_scale", rule, self.no_opt_scale)
        rates = [float(self.lr) * scale for scale in scales]
        name = "blocks" if place.stacked else f"layer_{place.first}"
        group = ParamGroup(
            params=[escape(path) for path in paths],
            name=f"{name}_{'no_decay' if spared else 'decay'}",
            lr=rates if place.stacked else rates[0],
        )
        if spared:
            group["weight_decay"] = 0.0
        elif self.weight_decay is not None:
            group["weight_decay"] = float(self.weight_decay)
        if place.stacked:
            group["stacked"] = place.end
        if any(frozen):
            group["frozen"] = True
        return group


class _Place(NamedTuple):
    """Where a parameter stands: its layer id; a leaf of stacked blocks, which holds several, has them all."""

    first: int
    end: int
    stacked: bool


def _shared(path: list[str], other: list[str]) -> list[str]:
    """The segments with which both begin."""
    return [a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(path, other, strict=False))]


def _named(known: Mapping[str, set[str]], rest: list[str]) -> list[str]:
    """The roles of a parameter by its name; ``rest`` is its path from where it leaves that of the blocks."""
    rest = [name.lower() for name in rest]
    names = rest[:2] if HOMES.intersection(rest[:1]) else rest[:1]
    return [role for role, its_names in known.items() if its_names.intersection(names)]


_Shapes = Mapping[str, tuple[int, ...]]  # by path
_Spans = dict[str, tuple[int, int]]  # path -> the first and the last block that the parameter holds


def _numbered_blocks(blocks: Any, paths: Iterable[str]) -> _Spans:
    """The block of each parameter that is in one, by the numbers in the paths."""
    if callable(blocks):
        numbers = {
            path: check.integer(_WHERE, "blocks", n, 0) for path in paths if (n := _ask(blocks, path)) is not None
        }
    else:
        numbers = _series(blocks, paths)
    if not numbers:
        rule = f"must be numbered, such as blocks/0 or blocks_0; found none in {listed(sorted(paths))}"
        check.fail(_WHERE, "blocks", rule, blocks)
    found = sorted(set(numbers.values()))
    if found != list(range(len(found))):
        check.fail(_WHERE, "blocks", f"must be numbered from 0 without gaps; found {listed(map(str, found))}", blocks)
    return {path: (n, n) for path, n in numbers.items()}


def _ask(blocks: Any, path: str) -> Any:
    """What the user's function says of a path."""
    try:
        return blocks(path)
    except Exception as error:
        rule = f"must answer for each path (it raised {brief(error, 60)} for {brief(path, 60)})"
        raise ValueError(check.message(_WHERE, "blocks", rule, blocks)) from error


def _series(name: str | None, paths: Iterable[str]) -> dict[str, int]:
    """The number behind the blocks' name in each path that has it."""
    for one in BLOCKS if name is None else [name.replace(".", "/")]:
        pattern = re.compile(rf"(?<![^/]){re.escape(one)}[_/](\d+)(?![^/])", re.IGNORECASE)
        found = [(path, match) for path in paths for match in pattern.finditer(path)]
        stems = sorted({path[: match.start(1) - 1] for path, match in found})
        if len(stems) > 1:
            check.fail(_WHERE, "blocks", f"must name one series of blocks; found {listed(stems)}", name)
        if found:
            return {path: int(match[1]) for path, match in found}
    return {}


def _stacked_blocks(paths: set[str], shapes: _Shapes) -> _Spans:
    """All blocks for each parameter that holds them along its first axis."""
    counts = sorted({shapes[path][:1] for path in paths})
    if len(counts) > 1 or counts[0] in ((), (0,)):
        found = listed(f"{path} {shapes[path]}" for path in sorted(paths))
        check.fail(_WHERE, "stacked", "must match parameters with the same first dimension", found)
    return dict.fromkeys(paths, (0, counts[0][0] - 1))


def _matched(argument: str, patterns: Any, paths: Iterable[str]) -> set[str]:
    """The paths that ``patterns`` cover; each pattern must cover some."""
    if isinstance(patterns, str) or callable(patterns):
        patterns = (patterns,)
    if not isinstance(patterns, Sequence):
        check.fail(_WHERE, argument, "must be a pattern or a list of patterns", patterns, TypeError)
    if patterns:
        read_groups(f"{_WHERE}: {argument}", [{"params": patterns}], ())  # checks each pattern
    covered: set[str] = set()
    for pattern in patterns:
        new = {path for path in paths if matches(pattern, path, _WHERE, argument)}
        if not new:
            check.fail(_WHERE, argument, f"must match a parameter; found {listed(sorted(paths))}", pattern)
        covered |= new
    return covered
