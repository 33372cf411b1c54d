"""All differences between two programs."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ..program import Program
from .difference import Difference, listed
from .groups import of_group


def between(torch: Program, jax: Program) -> list[Difference]:
    """All that differs, by torch's groups; ``jax`` is what ``comparable`` made of it."""
    out = list(of_program(torch, jax))
    of_jax = {name: i for i, name in enumerate(jax.names)}
    for group in dict.fromkeys(torch.groups):
        members = [i for i, g in enumerate(torch.groups) if g == group and torch.names[i] in of_jax]
        if members:
            pairs = [(i, of_jax[torch.names[i]]) for i in members]
            out += of_group(group, torch, jax, pairs)
    return joined(out, list(dict.fromkeys(torch.groups)))


def of_program(torch: Program, jax: Program) -> Iterable[Difference]:
    """What differs of the whole: accumulation and clipping."""
    everything = tuple(torch.names)
    a, b = torch.accumulation, jax.accumulation
    if a.steps != b.steps:
        text = f"torch updates after {_count(a.steps)}, JAX after {_count(b.steps)}."
        mend = f"optax.MultiSteps(tx, every_k_schedule={a.steps})" if a.steps > 1 else "# without optax.MultiSteps"
        yield Difference("accumulation", "all", everything, str(a), str(b), text, mend, accumulation=True)
    elif a.steps > 1 and a.mean != b.mean:
        kinds = ["mean" if side.mean else "sum" for side in (a, b)]
        text = f"torch takes the {kinds[0]} of the micro-steps' gradients, JAX the {kinds[1]}."
        mend = f"optax.MultiSteps(tx, every_k_schedule={a.steps}, use_grad_mean={a.mean})"
        yield Difference("accumulation_mean", "all", everything, str(a), str(b), text, mend, accumulation=True)
    yield from _of_clip(torch, jax, everything)


def _count(steps: int) -> str:
    return "every micro-step" if steps == 1 else f"{steps} micro-steps"


def _of_clip(torch: Program, jax: Program, everything: tuple[str, ...]) -> Iterable[Difference]:
    a, b = torch.clip, jax.clip
    mend = {
        "none": "# without the clipping",
        "norm": f"optax.chain(lrjax.ClipGradNorm({a.limit:g}), optimizer)",
        "value": f"optax.chain(optax.clip({a.limit:g}), optimizer)",
    }.get(a.kind, "# clip as torch does")

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
            text = f"torch divides by norm + {a.eps:g}, JAX by norm + {b.eps:g}."
            if not b.eps:
                text = f"torch divides the limit by norm + {a.eps:g}, JAX by the norm itself."
            yield different("clip_eps", text)
    if "none" not in (a.kind, b.kind):
        if a.with_decay != b.with_decay:
            yield different("clip_order", "JAX clips the gradient and its weight decay together, torch the gradient.")
        if a.every_micro_step != b.every_micro_step:
            which = "each micro-step" if b.every_micro_step else "what the micro-steps make together"
            yield different("clip_order", f"JAX clips {which}, torch does not.")


def joined(found: list[Difference], groups: list[str]) -> list[Difference]:
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
    group = "all" if set(members) == set(groups) else listed(tuple(members))
    sentence = first.sentence
    if len({one.sentence for one in alike}) > 1 and len(members) > 1:
        sentence = f"In {len(members)} groups; in {members[0]!r}: {sentence[0].lower()}{sentence[1:]}"
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
    return replace(jax, rules=rules, rates=rates, **changes)
