"""The rules that are tried: families by the classes of an optax state, and their conventions."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product
from typing import Any

from ..rule import Rule

# The class of an optax state -> the families that keep one; None: no family known here.
_FAMILIES: dict[str, tuple[str, ...]] = {
    "ScaleByAdamState": ("adam", "adamax", "radam", "nadam"),
    "ScaleByAmsgradState": ("adam",),
    **dict.fromkeys(("ScaleByRmsState", "ScaleByRmsWithCountState"), ("rmsprop",)),
    **dict.fromkeys(("ScaleByRStdDevState", "ScaleByRStdDevWithCountState"), ("rmsprop",)),
    "ScaleByRssState": ("adagrad",),
    "ScaleByAdaDeltaState": ("adadelta",),
    "ScaleByLionState": ("lion",),
    "OptState": ("adam", "sgd", "rmsprop", "adagrad", "adadelta", "adamax", "nadam", "radam"),
}


# Classes that say nothing of the rule.
NEUTRAL = {
    *("EmptyState", "MaskedState", "MaskedNode", "PartitionState", "ScaleByScheduleState", "ScaleState", "TraceState"),
    *("EmaState", "MultiStepsState", "InjectStatefulHyperparamsState", "InjectHyperparamsState", "ClipState"),
    *("ApplyIfFiniteState", "WeightDecaySchedule", "ZeroNansState", "WrappedScheduleState", "SnapshotState"),
}


# What is free in each family: field -> how it is searched ("beta": 1 - b on a log scale, "size": log scale).
FREE: dict[str, dict[str, str]] = {
    "sgd": {"momentum": "beta"},
    "adam": {"b1": "beta", "b2": "beta", "eps": "size"},
    "rmsprop": {"alpha": "beta", "eps": "size"},
    "adagrad": {"eps": "size", "initial": "size"},
    "adadelta": {"rho": "beta", "eps": "size"},
    "adamax": {"b1": "beta", "b2": "beta", "eps": "size"},
    "nadam": {"b1": "beta", "b2": "beta", "eps": "size"},
    "radam": {"b1": "beta", "b2": "beta", "eps": "size"},
    "lion": {"b1": "beta", "b2": "beta"},
}


def candidates(words: set[str], hints: Sequence[Rule]) -> Iterable[Rule]:
    """Rules to try, the plainest first; numbers that are fitted are at usual values."""
    known = [family for word in sorted(words) for family in _FAMILIES.get(word, ())]
    strangers = words - set(_FAMILIES) - NEUTRAL
    families = list(dict.fromkeys([*known, *(() if known else ("sgd",))]))
    if strangers or not known:  # a state without a name is a user's own
        families = list(dict.fromkeys([*families, *(hint.family for hint in hints), *FREE]))
    momentum = bool(words & {"TraceState", "EmaState"}) or not known or "OptState" in words or bool(strangers)
    for family in families:
        yield from _variants(family, words, momentum)


def _variants(family: str, words: set[str], momentum: bool) -> Iterable[Rule]:
    """One family's conventions, those with the fewest oddities first."""
    places = ("outside", "inside", "uncorrected")
    match family:
        case "sgd":
            yield Rule("sgd")
            if momentum:
                yield Rule("sgd", momentum=0.9)
                yield Rule("sgd", momentum=0.9, nesterov=True)
                yield Rule("sgd", momentum=0.9, rate_inside=True)
                yield Rule("sgd", momentum=0.9, nesterov=True, rate_inside=True)
                yield Rule("sgd", momentum=0.9, dampening=0.5)
        case "adam":
            maxima = ("corrected", "uncorrected") if "ScaleByAmsgradState" in words else ("",)
            maxima = ("", "uncorrected", "corrected") if not words & set(_FAMILIES) or "OptState" in words else maxima
            for maximum, place, bias, nesterov in product(maxima, places, (True, False), (False, True)):
                if bias or place != "uncorrected":
                    yield Rule(
                        "adam", b1=0.9, b2=0.999, eps=1e-8, eps_place=place, amsgrad=maximum, bias1=bias, bias2=bias,
                        nesterov=nesterov,
                    )  # fmt: skip
        case "rmsprop":
            centered = bool(words & {"ScaleByRStdDevState", "ScaleByRStdDevWithCountState"})
            rule = Rule("rmsprop", alpha=0.99, eps=1e-8, centered=centered, bias2=False)
            momenta: tuple[dict[str, Any], ...] = ({},)
            if momentum:
                momenta = (
                    {}, {"momentum": 0.9}, {"momentum": 0.9, "rate_inside": True},
                    {"momentum": 0.9, "nesterov": True}, {"momentum": 0.9, "nesterov": True, "rate_inside": True},
                )  # fmt: skip
            for initial, options, place, bias in product((0.0, 1.0), momenta, places[:2], (False, True)):
                yield replace(rule, initial=initial, eps_place=place, bias2=bias, **options)
            if not words & set(_FAMILIES) or "OptState" in words:
                for options, place in product(momenta, places[:2]):
                    yield replace(rule, centered=True, eps_place=place, **options)
        case "adagrad":
            for place in places[:2]:
                yield Rule("adagrad", eps=1e-10, eps_place=place)
                yield Rule("adagrad", eps=1e-10, eps_place=place, initial=0.1)
        case "adadelta":
            yield Rule("adadelta", rho=0.9, eps=1e-6)
        case "adamax" | "nadam":
            decay = 0.004 if family == "nadam" else 0.0
            yield Rule(family, b1=0.9, b2=0.999, eps=1e-8, momentum_decay=decay)
        case "radam":
            for place in places:
                yield Rule("radam", b1=0.9, b2=0.999, eps=1e-8, eps_place=place)
        case "lion":
            yield Rule("lion", b1=0.9, b2=0.99)
