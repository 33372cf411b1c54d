"""What two programs do differently, and which line mends it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from . import rates as schedules
from .program import Accumulation, Program
from .rule import Rule

# What optax's constructors do where nothing is written: family -> field -> value.
_OPTAX = {
    "adam": {"weight_decay": 1e-4, "b1": 0.9, "b2": 0.999, "eps": 1e-8},
    "rmsprop": {"alpha": 0.9, "eps": 1e-8, "eps_place": "inside", "rate_inside": True},
    "adagrad": {"initial": 0.1, "eps": 1e-7, "eps_place": "inside"},
    "sgd": {"momentum": 0.0},
    "adadelta": {"rho": 0.9, "eps": 1e-6},
}
_TORCH_NAMES = {"initial": "initial_accumulator_value"}


@dataclass(frozen=True)
class Difference:
    """A field in which they differ, for the parameters of one torch group."""

    convention: str
    group: str
    parameters: tuple[str, ...]
    torch: str
    jax: str
    sentence: str
    mend: str
    unwritten: str = ""
    rule: tuple[tuple[str, Any], ...] = ()  # fields of JAX's rule as torch has them
    rates: bool = False  # JAX's rates are to be torch's
    clip: bool = False
    accumulation: bool = False


# Field of ``Rule`` -> convention.
_CONVENTION = {
    "momentum": "momentum",
    "nesterov": "nesterov",
    "debias": "first_moment",
    "first": "first_moment",
    "dampening": "dampening",
    "rate_inside": "rate_inside",
    "b1": "betas",
    "b2": "betas",
    "alpha": "alpha",
    "rho": "rho",
    "eps": "eps",
    "eps_place": "eps_place",
    "bias2": "bias_correction",
    "bias1": "bias_correction",
    "amsgrad": "amsgrad",
    "centered": "centered",
    "initial": "initial_accumulator",
    "weight_decay": "weight_decay",
    "decay_form": "decay_form",
    "maximize": "maximize",
    "momentum_decay": "rule",
}
_WORDS = {
    "eps_place": {"outside": "outside the root", "inside": "inside the root", "uncorrected": "before bias correction"},
    "decay_form": {
        "none": "none",
        "l2": "L2: added to the gradient",
        "decoupled": "decoupled, times the rate",
        "fixed": "decoupled, not times the rate",
    },
    "amsgrad": {
        "": "off",
        "uncorrected": "maximum of the uncorrected moment",
        "corrected": "maximum of the corrected moment",
    },
}
_NAMES = {
    "b1": "beta1",
    "b2": "beta2",
    "bias1": "bias correction",
    "bias2": "bias correction",
    "eps_place": "the place of eps",
    "decay_form": "weight decay's form",
    "weight_decay": "weight decay",
    "initial": "the accumulator's initial value",
    "rate_inside": "the rate's place",
    "first": "the momentum buffer's first value",
    "debias": "the correction of the moving average",
    "amsgrad": "AMSGrad",
}


def text_of(name: str, value: Any) -> str:
    """A field's value as a reader wants it."""
    if name in _WORDS:
        return _WORDS[name][value]
    if name == "rate_inside":
        return "inside the momentum buffer" if value else "outside the momentum buffer"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.8g}" if isinstance(value, float | int) else str(value)


def canonical(rule: Rule) -> Rule:
    """The same rule without what makes no difference."""
    changes: dict[str, Any] = {}
    if not rule.momentum:
        changes |= {"dampening": 0.0, "nesterov": False, "first": "gradient", "rate_inside": False, "debias": False}
    elif not rule.dampening:
        changes |= {"first": "gradient"}
    if not rule.weight_decay:
        changes |= {"decay_form": "none"}
    if rule.family == "sgd" and not rule.momentum and rule.decay_form == "decoupled":
        changes |= {"decay_form": "l2"}
    if not rule.eps:
        changes |= {"eps_place": "outside"}
    if rule.family in ("adadelta", "adamax", "lion", "sgd"):
        changes |= {"eps_place": "outside"}
    return replace(rule, **changes)


def between(torch: Program, jax: Program) -> list[Difference]:
    """All that differs, by torch's groups. JAX's rates are made comparable first (``comparable``)."""
    jax = comparable(torch, jax)
    out = list(_of_program(torch, jax))
    of_jax = {name: i for i, name in enumerate(jax.names)}
    for group in dict.fromkeys(torch.groups):
        members = [i for i, g in enumerate(torch.groups) if g == group and torch.names[i] in of_jax]
        if members:
            pairs = [(i, of_jax[torch.names[i]]) for i in members]
            out += _of_group(group, torch, jax, pairs)
    return _joined(out, list(dict.fromkeys(torch.groups)))


def comparable(torch: Program, jax: Program) -> Program:
    """JAX's program, where one update can be read in two ways, read as torch's is.

    A factor that is the same for all elements at one step may belong to the rate or to the rule: the factors of
    bias correction, and the 1 - momentum of a moving average. It belongs to the rule where the rates are torch's then.
    """
    jax = _summed(torch, jax)
    rules, rates = list(jax.rules), jax.rates.copy()
    of_torch = {name: i for i, name in enumerate(torch.names)}
    for j, name in enumerate(jax.names):
        i = of_torch.get(name)
        rule = rules[j]
        if i is None or rule is None or torch.rules[i] is None:
            continue
        n = min(len(torch.rates), len(rates))
        wanted, seen = torch.rates[:n, i], rates[:n, j]
        if not schedules.differ(wanted, seen).any():
            continue
        for changes, factor in _readings(rule, n):
            with np.errstate(all="ignore"):
                other = seen / factor
            if (
                schedules.factor(wanted, other) is not None and schedules.factor(wanted, seen) is None
            ) or not schedules.differ(wanted, other).any():
                rules[j] = replace(rule, **changes)
                rates[:n, j] = other
                if n < len(rates):
                    rates[n:, j] = rates[n:, j] / factor[-1]
                break
    return replace_program(jax, rules=rules, rates=rates)


def _summed(torch: Program, jax: Program) -> Program:
    """A mean of gradients whose rates (sgd) are ``k`` times torch's, or whose epsilon is a ``k``-th, is a sum."""
    k = jax.accumulation.steps
    if k == 1:
        return jax
    of_torch, votes = {name: i for i, name in enumerate(torch.names)}, []
    for j, (name, rule) in enumerate(zip(jax.names, jax.rules, strict=True)):
        theirs = torch.rules[of_torch[name]]
        if rule is None or theirs is None or rule.family != theirs.family:
            continue
        if rule.family == "sgd":
            votes.append(
                abs(jax.rates[:, j].max() - k * torch.rates[:, of_torch[name]].max()) < 1e-6 * jax.rates[:, j].max()
            )
        elif rule.eps and theirs.eps:
            power = 2 if rule.eps_place == "inside" else 1
            votes.append(abs(rule.eps * k**power - theirs.eps) < 1e-4 * theirs.eps)
    if not votes or not all(votes):
        return jax
    rules = [
        rule
        if rule is None or not rule.eps
        else replace(rule, eps=float(f"{rule.eps * k ** (2 if rule.eps_place == 'inside' else 1):.6g}"))
        for rule in jax.rules
    ]
    rates = np.stack(
        [
            r / (k if rule is not None and rule.family == "sgd" else 1)
            for r, rule in zip(jax.rates.T, rules, strict=True)
        ],
        1,
    )
    return replace_program(jax, rules=rules, rates=rates, accumulation=Accumulation(k, False))


def replace_program(program: Program, **changes: Any) -> Program:
    """A program with other fields."""
    return Program(**{**{one.name: getattr(program, one.name) for one in fields(program)}, **changes})


def _readings(rule: Rule, n: int) -> Iterable[tuple[dict[str, Any], np.ndarray]]:
    """Other rules of the same updates: the fields that change, and the factor that leaves the rate."""
    t = np.arange(1, n + 1, dtype=np.float64)
    if rule.family == "sgd" and rule.momentum and not rule.dampening:
        share = 1 - rule.momentum
        yield {"dampening": rule.momentum, "first": "dampened"}, np.full(n, share)
        yield {"dampening": rule.momentum, "first": "dampened", "debias": True}, share / (1 - rule.momentum**t)
    if rule.family in ("adam", "adamax", "radam") and rule.bias1 and rule.b1:
        yield {"bias1": False}, 1 - rule.b1**t
    if rule.family == "adam" and rule.bias2 and rule.b2 and not rule.amsgrad:
        second = np.sqrt(1 - rule.b2**t)
        yield {"bias2": False}, 1 / second
        yield {"bias1": False, "bias2": False}, (1 - rule.b1**t) / second
    if rule.family == "adam" and not rule.bias1:
        yield {"bias1": True}, 1 / (1 - rule.b1**t)


def _of_program(torch: Program, jax: Program) -> Iterable[Difference]:
    everything = tuple(torch.names)
    a, b = torch.accumulation, jax.accumulation
    if a.steps != b.steps:
        text = f"torch updates after {_count(a.steps)}, JAX after {_count(b.steps)}."
        mend = f"optax.MultiSteps(tx, every_k_schedule={a.steps})" if a.steps > 1 else "leave optax.MultiSteps out"
        yield Difference("accumulation", "all", everything, str(a), str(b), text, mend, accumulation=True)
    elif a.steps > 1 and a.mean != b.mean:
        text = f"torch takes the {'mean' if a.mean else 'sum'} of the micro-steps' gradients, JAX the {'mean' if b.mean else 'sum'}."
        mend = f"optax.MultiSteps(tx, every_k_schedule={a.steps}, use_grad_mean={a.mean})"
        yield Difference("accumulation_mean", "all", everything, str(a), str(b), text, mend, accumulation=True)
    yield from _of_clip(torch, jax, everything)


def _count(steps: int) -> str:
    return "every micro-step" if steps == 1 else f"{steps} micro-steps"


def _of_clip(torch: Program, jax: Program, everything: tuple[str, ...]) -> Iterable[Difference]:
    a, b = torch.clip, jax.clip
    mend = {
        "none": "leave the clipping out",
        "norm": f"lrjax.ClipGradNorm({a.limit:g}) before the optimizer",
        "value": f"optax.clip({a.limit:g}) before the optimizer",
    }.get(a.kind, "clip as torch does")

    def different(convention: str, text: str) -> Difference:
        return Difference(convention, "all", everything, str(a), str(b), text, mend, clip=True)

    if (a.kind == "none") != (b.kind == "none"):
        where = "torch clips gradients, JAX does not" if b.kind == "none" else "JAX clips gradients, torch does not"
        yield different("clip", f"{where}: {a if b.kind == 'none' else b}.")
    elif a.kind != b.kind:
        yield different("clip_kind", f"torch clips by another measure than JAX: {a}; {b}.")
    elif a.kind != "none":
        if abs(a.limit - b.limit) > 1e-5 * a.limit:
            yield different("clip", f"torch clips at {a.limit:g}, JAX at {b.limit:g}.")
        if abs(a.eps - b.eps) > 0.01 * max(a.eps, b.eps):
            text = (
                f"torch divides by norm + {a.eps:g}, JAX by norm + {b.eps:g}."
                if b.eps
                else f"torch divides the limit by norm + {a.eps:g}, JAX by the norm itself."
            )
            yield different("clip_eps", text)
        if a.after_decay != b.after_decay and any(rule and rule.decay_form == "l2" for rule in jax.rules):
            yield different("clip_order", "JAX clips after weight decay was added to the gradient, torch before.")


def _of_group(group: str, torch: Program, jax: Program, pairs: list[tuple[int, int]]) -> Iterable[Difference]:
    """What differs for the parameters of one of torch's groups."""
    by_field: dict[tuple[Any, ...], list[tuple[int, int]]] = {}
    for i, j in pairs:
        theirs, ours = torch.rules[i], jax.rules[j]
        if theirs is None or ours is None:
            continue
        for key in _apart(canonical(theirs), canonical(ours)):
            by_field.setdefault(key, []).append((i, j))
    frozen = [key for key in by_field if key[0] == "frozen"]
    for key, members in by_field.items():
        if not (key[0] in torch.schedules or key[0] in jax.schedules):
            yield _field_difference(group, key, members, len(pairs), torch)
    yield from _of_schedules(group, torch, jax, pairs)
    skipped = {pair for key in frozen for pair in by_field[key]}
    yield from _of_rates(group, torch, jax, [pair for pair in pairs if pair not in skipped])


def _of_schedules(group: str, torch: Program, jax: Program, pairs: list[tuple[int, int]]) -> Iterable[Difference]:
    """Numbers beside the rate that a scheduler changes on one side."""
    for field in dict.fromkeys([*torch.schedules, *jax.schedules]):
        i, j = pairs[0]
        theirs, ours = torch.rules[i], jax.rules[j]
        if theirs is None or ours is None or theirs.family != ours.family:
            continue
        n = min(len(torch.rates), len(jax.rates))
        a, b = (
            side.schedules[field][:n, k] if field in side.schedules else np.full(n, getattr(rule, field))
            for side, rule, k in ((torch, theirs, i), (jax, ours, j))
        )
        if not schedules.differ(a, b).any():
            continue
        at = int(np.argmax(schedules.differ(a, b)))
        what = _NAMES.get(field, field)
        text = f"{what[0].upper()}{what[1:]} changes with the schedule: at update {at} it is {a[at]:.6g} in torch, {b[at]:.6g} in JAX."
        names = tuple(torch.names[k] for k, _ in pairs)
        mend = f"lrjax.{_lrjax(theirs)} with scheduler=lrjax.OneCycleLR(...), which changes {what} too"
        shown = [f"{x[0]:.6g}" + (f" to {x.min():.6g}" if np.ptp(x) else "") for x in (a, b)]
        yield Difference(
            _CONVENTION[field], group, names, shown[0], shown[1], text, mend, rule=((field, getattr(theirs, field)),)
        )


def _apart(torch: Rule, jax: Rule) -> Iterable[tuple[str, Any, Any]]:
    """(field, torch's value, JAX's value) of what differs."""
    if "frozen" in (jax.family, torch.family):
        if jax.family != torch.family:
            yield ("frozen", torch.family, jax.family)
        return
    if torch.family != jax.family:
        yield ("family", torch.family, jax.family)
        if torch.weight_decay != jax.weight_decay:
            yield ("weight_decay", torch.weight_decay, jax.weight_decay)
        return
    if torch.others != jax.others:
        ours = dict(jax.others)
        yield from (("others", f"{k}={v}", f"{k}={ours.get(k)}") for k, v in torch.others if ours.get(k) != v)
    seen: set[str] = set()
    for name, convention in _CONVENTION.items():
        a, b = getattr(torch, name), getattr(jax, name)
        if _same(a, b) or (name in ("bias1", "first") and convention in seen):
            continue
        if name == "decay_form" and "none" in (a, b):
            continue  # that is the decay's value
        if name == "weight_decay" and {torch.decay_form, jax.decay_form} == {"decoupled", "fixed"}:
            continue  # two scales
        if name == "first" and torch.dampening != jax.dampening:
            continue
        seen.add(convention)
        yield (name, a, b)


def _same(a: Any, b: Any) -> bool:
    return abs(a - b) <= 1e-6 * max(abs(a), abs(b)) if isinstance(a, float) and isinstance(b, float) else a == b


def _field_difference(
    group: str, key: tuple[str, Any, Any], members: list[tuple[int, int]], of: int, torch: Program
) -> Difference:
    name, a, b = key
    names = tuple(torch.names[i] for i, _ in members)
    theirs = torch.rules[members[0][0]]
    assert theirs is not None
    where = "" if len(members) == of else f" for {_listed(names)}"
    if name == "frozen":
        who = "JAX never moves" if b == "frozen" else "torch never moves"
        return Difference(
            "groups",
            group,
            names,
            _moves(a),
            _moves(b),
            f"{who} {_listed(names)}.",
            "label these parameters as torch's groups do",
        )
    if name == "family":
        text = f"torch's rule is {a}, JAX's is {b}{where}."
        changes = tuple((one.name, getattr(theirs, one.name)) for one in fields(theirs))
        return Difference("rule", group, names, a, b, text, _mend(name, theirs), rule=changes)
    if name == "others":
        return Difference(
            "rule",
            group,
            names,
            a,
            b,
            f"torch's {theirs.family} has {a}, JAX's {b}{where}.",
            f"lrjax.{theirs.family}({a})",
        )
    convention = _CONVENTION[name]
    what = _NAMES.get(name, name)
    shown = [text_of(name, value) for value in (a, b)]
    if name == "weight_decay" and 0 in (a, b) and len(members) < of:
        convention = "decay_mask"
        who = "decays in torch and not in JAX" if b == 0 else "decays in JAX and not in torch"
        text = f"{_listed(names)} {who} ({shown[0]} and {shown[1]})."
    else:
        text = f"{what[0].upper()}{what[1:]} is {shown[0]} in torch and {shown[1]} in JAX{where}."
    changes = {name: a}
    if name in ("weight_decay", "decay_form"):
        changes = {"weight_decay": theirs.weight_decay, "decay_form": theirs.decay_form}
    if name == "bias2":
        changes = {"bias1": theirs.bias1, "bias2": theirs.bias2}
    if convention in ("dampening", "first_moment"):
        changes = {key: getattr(theirs, key) for key in ("dampening", "first", "debias")}
    by_default = [side for side, known in _defaults_hit(name, a, b, theirs.family) if known]
    return Difference(
        convention,
        group,
        names,
        shown[0],
        shown[1],
        text,
        _mend(name, theirs),
        ", ".join(by_default),
        tuple(changes.items()),
    )


def _moves(family: str) -> str:
    return "frozen" if family == "frozen" else "trained"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


_TORCH_DEFAULTS = {
    "adam": {"b1": 0.9, "b2": 0.999, "eps": 1e-8, "eps_place": "outside"},
    "rmsprop": {"alpha": 0.99, "eps": 1e-8, "eps_place": "outside", "rate_inside": False},
    "adagrad": {"initial": 0.0, "eps": 1e-10, "eps_place": "outside"},
}


def _defaults_hit(name: str, a: Any, b: Any, family: str) -> Iterable[tuple[str, bool]]:
    torch_default = {"weight_decay": 0.01}.get(name) if family == "adam" else None
    torch_default = _TORCH_DEFAULTS.get(family, {}).get(name, torch_default)
    yield "torch", torch_default is not None and _same(a, torch_default)
    optax_default = _OPTAX.get(family, {}).get(name)
    yield "jax", optax_default is not None and _same(b, optax_default)


def _mend(name: str, torch: Rule) -> str:
    """The code that gives JAX torch's convention."""
    value = getattr(torch, name, None)
    shown = text_of(name, value) if name not in _WORDS else value
    match name:
        case "family":
            return f"{_constructor(torch)}"
        case "b1" | "b2":
            return f"{name}={shown}"
        case "alpha":
            return f"decay={shown}"
        case "rho" | "momentum" | "nesterov" | "centered":
            return f"{name}={value}"
        case "eps":
            return f"{'eps_root' if torch.eps_place == 'inside' and torch.family == 'adam' else 'eps'}={shown}"
        case "eps_place" if torch.family == "rmsprop":
            return f"eps_in_sqrt={value == 'inside'}"
        case "eps_place":
            return f"eps={torch.eps:g}, eps_root=0.0" if value == "outside" else f"lrjax.{_lrjax(torch)}"
        case "weight_decay" if value == 0:
            return "weight_decay=0.0 (or a mask that leaves these parameters out)"
        case "weight_decay":
            return f"weight_decay={shown}"
        case "decay_form" if value == "l2":
            return f"optax.chain(optax.add_decayed_weights({torch.weight_decay:g}), optimizer without decay)"
        case "decay_form":
            return f"optax.chain(scale_by_..., optax.add_decayed_weights({torch.weight_decay:g}), optax.scale_by_learning_rate(lr))"
        case "initial":
            return f"initial_accumulator_value={shown}"
        case "dampening" | "first" | "debias":
            return (
                f"lrjax.SGD(momentum={torch.momentum:g}, dampening={torch.dampening:g}) (optax.trace has no dampening)"
            )
        case "rate_inside":
            return "optax.trace before optax.scale_by_learning_rate"
    return f"lrjax.{_lrjax(torch)}"


def _constructor(torch: Rule) -> str:
    return f"lrjax.{_lrjax(torch)}"


def _lrjax(torch: Rule) -> str:
    """lrjax's constructor of a rule."""
    decay = f", weight_decay={torch.weight_decay:g}" if torch.weight_decay else ""
    betas = f", betas=({torch.b1:g}, {torch.b2:g}), eps={torch.eps:g}"
    match torch.family:
        case "sgd":
            return f"SGD(lr=lr, momentum={torch.momentum:g}, dampening={torch.dampening:g}, nesterov={torch.nesterov}{decay})"
        case "adam":
            name = "AdamW" if torch.decay_form == "decoupled" else "Adam"
            return f"{name}(lr=lr{betas}{decay}{', amsgrad=True' if torch.amsgrad else ''})"
        case "rmsprop":
            return f"RMSprop(lr=lr, alpha={torch.alpha:g}, eps={torch.eps:g}, momentum={torch.momentum:g}, centered={torch.centered}{decay})"
        case "adagrad":
            return f"Adagrad(lr=lr, initial_accumulator_value={torch.initial:g}, eps={torch.eps:g}{decay})"
        case "adadelta":
            return f"Adadelta(lr=lr, rho={torch.rho:g}, eps={torch.eps:g}{decay})"
        case "nadam" | "radam" | "adamax":
            name = {"nadam": "NAdam", "radam": "RAdam", "adamax": "Adamax"}[torch.family]
            return f"{name}(lr=lr{betas}{decay})"
    return f"{torch.family} (no line known here)"


def _of_rates(group: str, torch: Program, jax: Program, pairs: list[tuple[int, int]]) -> Iterable[Difference]:
    """Rates of one of torch's groups; JAX's parameters may have several."""
    n = min(len(torch.rates), len(jax.rates))
    kinds: dict[bytes, list[tuple[int, int]]] = {}
    for i, j in pairs:
        if np.isfinite(jax.rates[:n, j]).all():
            kinds.setdefault(np.round(jax.rates[:n, j], 14).tobytes(), []).append((i, j))
    for members in kinds.values():
        i, j = members[0]
        names = tuple(torch.names[k] for k, _ in members)
        wanted, seen = torch.rates[:n, i], jax.rates[:n, j]
        if not schedules.differ(wanted, seen, schedules.SAME32).any():
            continue
        other = _owner(torch, seen, group)
        if len(kinds) > 1 and other is not None:
            text = (
                f"{_listed(names)} {'has' if len(names) == 1 else 'have'} the rates of torch's group {other!r} in JAX."
            )
            yield Difference(
                "groups", group, names, group, other, text, "label these parameters as torch's groups do", rates=True
            )
            continue
        steps = max(torch.accumulation.steps, jax.accumulation.steps)
        for change in schedules.explain(wanted, seen, steps):
            where = "" if len(members) == len(pairs) else f" ({_listed(names)})"
            yield Difference(
                change.convention,
                group,
                names,
                change.torch,
                change.jax,
                change.sentence.rstrip(".") + where + ".",
                change.mend,
                rates=True,
            )


def _owner(torch: Program, seen: np.ndarray, but: str) -> str | None:
    """Another group of torch's that has these rates."""
    for i, group in enumerate(torch.groups):
        if group != but and not schedules.differ(torch.rates[: len(seen), i], seen).any() and seen.any():
            return group
    return None


def _joined(found: list[Difference], groups: list[str]) -> list[Difference]:
    """One cause for what several groups have alike, though the rates' numbers differ by group."""
    together: dict[Any, list[Difference]] = {}
    for one in found:
        if one.rates and one.convention not in ("lr", "groups"):
            key: Any = one.convention
        elif one.rates and one.convention == "lr":
            key = ("lr", _quotient(one))
        else:
            key = (one.convention, one.torch, one.jax, one.rule, one.clip, one.accumulation)
        together.setdefault(key, []).append(one)
    return [_one_of(alike, groups) for alike in together.values()]


def _one_of(alike: list[Difference], groups: list[str]) -> Difference:
    first, names = alike[0], tuple(name for one in alike for name in one.parameters)
    if len(alike) == 1:
        return first
    members = list(dict.fromkeys(one.group for one in alike))
    group = "all" if set(members) == set(groups) else _listed(tuple(members))
    sentence = first.sentence
    if len({one.sentence for one in alike}) > 1:
        sentence = (
            f"In {len(members)} groups; in {members[0]!r}: {sentence[0].lower()}{sentence[1:]}"
            if len(members) > 1
            else sentence
        )
    return replace(first, group=group, parameters=names, sentence=sentence)


def _quotient(one: Difference) -> str:
    try:
        return f"{float(one.jax) / float(one.torch):.5g}"
    except (ValueError, ZeroDivisionError):
        return one.jax


def mended(torch: Program, jax: Program, chosen: Iterable[Difference]) -> Program:
    """JAX's program with torch's conventions where the chosen differences are."""
    rules, rates = list(jax.rules), jax.rates.copy()
    of_torch: Mapping[str, int] = {name: i for i, name in enumerate(torch.names)}
    of_jax = {name: j for j, name in enumerate(jax.names)}
    changes: dict[str, Any] = {}
    for one in chosen:
        for name in one.parameters:
            if name not in of_jax:
                continue
            j = of_jax[name]
            if one.rule and rules[j] is not None:
                rules[j] = replace(rules[j], **dict(one.rule))
            if one.rates:
                n = min(len(torch.rates), len(rates))
                rates[:n, j] = torch.rates[:n, of_torch[name]]
        if one.clip:
            changes["clip"] = torch.clip
        if one.accumulation:
            changes["accumulation"] = torch.accumulation
    return replace_program(jax, rules=rules, rates=rates, **changes)
