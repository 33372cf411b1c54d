"""The answer, from what is known of both sides."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from . import rates as schedules
from .averages.compared import compared as averages_of
from .causes.between import between, mended
from .causes.comparable import comparable
from .causes.difference import Difference, listed
from .code import lrjax_code
from .distances import distance_of, explained, simulated, ulps_of
from .first import first_of, parted_at
from .identify.candidates import NEUTRAL
from .program import Arrays, Program
from .result import Cause, Result
from .rows import rows_of
from .rule import FAMILIES
from .sides import JaxRecord, TorchRecord

EQUAL = 1e-9  # of torch's way: the same algorithm in float64
EQUAL_MUON = 5e-2  # torch's Muon orthogonalises in bfloat16, whatever it is given: three digits are all it has
EQUAL_NARROW = 1e-5  # the same where the JAX side computes in float32 whatever it is given


def judge(torch: TorchRecord, jax: JaxRecord) -> Result:
    """The answer, from what is known of both sides."""
    alone = jax.alone
    theirs = restricted(torch.program, jax.program.names)
    known = readable(theirs, jax)
    ours = comparable(theirs, jax.program)
    found = [one for one in between(theirs, ours) if known or sizeable(one)]
    found = [one for one in found if jax.clip_known or not one.clip]  # what is not known is no difference yet
    distance = distance_of(torch, jax, "float64")
    exact = explained(ours, torch, jax) if known else np.inf
    narrow = jax.program.accumulation.steps > 1 or any(1e-9 < e < 1e-3 for e in jax.errors.values())
    narrow = narrow or any(schedules.of_float32(r) for r in jax.program.rates.T) or _nearly(theirs, jax.program)
    limit = EQUAL_MUON if torch.optimizer == "Muon" else EQUAL_NARROW if narrow else EQUAL
    worst = float(np.nanmax(distance, initial=0.0)) if np.isfinite(distance).all() else np.inf
    if known and worst <= limit < exact:  # the run knows better than the reading
        found = [one for one in found if not refuted(theirs, ours, torch, found, one, limit)]
    found += not_in_table(found, worst, limit, known, exact, torch, jax)
    found += of_alone(torch, jax, any(one.clip for one in found))
    equal = not found and worst <= limit and not alone.torch and not alone.jax
    causes = causes_of(theirs, ours, torch, found, known, exact, limit)
    averages = averages_of(torch.average, jax.average)
    causes += averages.causes
    ulps, bits = ulps_of(torch, jax)
    within = schedules.SAME32 if narrow else 1e-9
    first = averages.first if equal else first_of(theirs, ours, torch, jax, known, limit, within)
    group_names, ours_by_group = list(dict.fromkeys(theirs.groups)), by_group(theirs, ours.rates)
    result = Result(
        equal=equal and not averages.causes,
        sentence="",
        first=first,
        causes=causes,
        rows=[*averages.rows, *rows_of(torch, theirs, ours)],
        groups=group_names,
        rates_torch=by_group(theirs, theirs.rates),
        rates_jax=ours_by_group,
        names=theirs.names,
        group_of=[group_names.index(g) for g in theirs.groups],
        distance=distance,
        ulps=ulps,
        equal_bits=bits,
        dtype=torch.dtype,
        unmatched_torch=alone.torch,
        unmatched_jax=alone.jax,
        notes=[*torch.notes, *notes_of(jax, torch), *schedules.rounded(by_group(theirs, theirs.rates), ours_by_group)],
        parted=None if equal else parted_at(distance, limit),
        code=lrjax_code(torch, jax.paths) if not equal or bits < 1 else "",
    )
    result.sentence = sentence_of(result, torch, worst)
    return result


def _nearly(theirs: Program, ours: Program) -> bool:
    """Whether a rate is the other side's but for the rounding of float32: a tensor's, or a schedule's."""
    n = min(len(theirs.rates), len(ours.rates))
    pairs = list(zip(theirs.rates[:n].T, ours.rates[:n].T, strict=True))
    return any(schedules.differ(a, b).any() and not schedules.differ(a, b, schedules.SAME32).any() for a, b in pairs)


def restricted(program: Program, names: Sequence[str]) -> Program:
    """torch's program, in the order and the selection of ``names``."""
    at = [program.names.index(name) for name in names]
    return replace(
        program,
        names=list(names),
        groups=[program.groups[i] for i in at],
        rules=[program.rules[i] for i in at],
        rates=program.rates[:, at],
        schedules={key: value[:, at] for key, value in program.schedules.items()},
    )


def readable(torch: Program, jax: JaxRecord) -> bool:
    """Whether both programs are known in terms of rules."""
    known = all(rule is not None and rule.family in FAMILIES for rule in torch.rules)
    ours = all(rule is not None and rule.family in (*FAMILIES, "frozen") for rule in jax.program.rules)
    return known and ours and jax.clip_known and not jax.decay_unknown


def sizeable(one: Difference) -> bool:
    """Whether the numbers differ by more than a percent: where a side is not understood, less may be a misreading."""
    try:
        a, b = float(one.torch), float(one.jax)
    except ValueError:
        return not one.rates
    return abs(a - b) > 0.01 * max(abs(a), abs(b))


def refuted(
    theirs: Program, ours: Program, torch: TorchRecord, found: list[Difference], one: Difference, limit: float
) -> bool:
    """Whether a difference alone would part two runs that do not part: then JAX was misread."""
    alone = mended(theirs, ours, [other for other in found if other is not one])
    names = {name for name in one.parameters if name in theirs.names}
    goal, way = simulated(theirs, torch)[-1], simulated(alone, torch)[-1]
    start, _ = torch.fed
    return any(np.linalg.norm(way[n] - goal[n]) > 10 * limit * np.linalg.norm(goal[n] - start[n]) for n in names)


def not_in_table(
    found: list[Difference], worst: float, limit: float, known: bool, exact: float, torch: TorchRecord, jax: JaxRecord
) -> list[Difference]:
    """A difference that no convention known here explains."""
    if worst <= limit:
        return []
    if not jax.clip_known and not found:
        text = "The JAX side changes large gradients in a way that is none of the clippings known here."
        mend = "# lrjax.ClipGradNorm or lrjax.ClipGradValue"
        return [_stranger(jax, "clip_kind", "torch's clipping", "another", text, mend)]
    if not known and not any(one.convention in ("rule", "groups") for one in found):
        words = ", ".join(w for w in jax.words if w not in NEUTRAL) or "no state"
        if "ApplyEvery" in jax.words:
            return [_applied(torch, jax)]
        text = f"The JAX side's rule has no name here (its state: {words}), and its updates are not torch's."
        return [_stranger(jax, "rule", "torch's rule", "another", text, "# lrjax has every optimizer of torch.optim")]
    if not found:
        text = "The updates differ by something that is none of the conventions known here."
        return [_stranger(jax, "rule", "torch's rule", "another", text, "# compare the two by hand")]
    if known and exact > 1e-5:
        text = "Beside that, JAX's updates depend on something that is none of the conventions known here."
        mend = "# compare again once the rest is mended"
        return [_stranger(jax, "rule", "torch's rule", "something more", text, mend)]
    return []


def _applied(torch: TorchRecord, jax: JaxRecord) -> Difference:
    """``optax.apply_every``, whose neighbours in the chain see every micro-step."""
    how = torch.program.accumulation
    text = "JAX gathers by optax.apply_every: the moments around it move at every micro-step, and torch's at an update."
    ways = "gradients, then one update", "updates, with a moment for each"
    mend = f"optax.MultiSteps(tx, every_k_schedule={how.steps}, use_grad_mean={how.mean})"
    return _stranger(jax, "accumulation", *ways, text, mend)


def of_alone(torch: TorchRecord, jax: JaxRecord, clips: bool) -> list[Difference]:
    """What comes of parameters that torch never moves; ``clips``: clipping differs anyway."""
    alone, out = jax.alone, []
    if alone.stray:
        which = listed(tuple(alone.stray))
        text = f"JAX moves {which}, which torch never does: they are frozen, or its optimizer has them not."
        out.append(
            Difference(
                "groups", "all", (), "frozen", "trained", text, "# label these parameters for optax.set_to_zero()"
            )
        )
    if alone.heard and not clips and not torch.heard and torch.program.clip.kind != "none":
        which = listed(tuple(alone.resting))
        text = f"JAX's clipping also counts the gradients of {which}, which torch has not."
        mend = "# clip inside the label that is trained, or jax.lax.stop_gradient the others"
        out.append(Difference("clip_kind", "all", (), "of what is trained", "of everything", text, mend))
    return out


def _stranger(jax: JaxRecord, convention: str, *texts: str) -> Difference:
    """A difference of everything, without a convention's name."""
    theirs, ours, sentence, mend = texts
    return Difference(convention, "all", tuple(jax.program.names), theirs, ours, sentence, mend)


def causes_of(
    theirs: Program,
    ours: Program,
    torch: TorchRecord,
    found: list[Difference],
    known: bool,
    exact: float,
    limit: float,
) -> list[Cause]:
    """The differences with what each accounts for, the largest first."""
    shares = _shares(theirs, ours, torch, found) if known and found else {}
    proven = known and exact <= max(limit, 1e-6) and not any(one.convention == "rule" and not one.rule for one in found)
    sure = "proven" if proven else "measured" if known else "likely"
    out = [
        Cause(o.convention, o.group, o.torch, o.jax, o.sentence, o.mend, sure, shares.get(i, 1.0), o.default)
        for i, o in enumerate(found)
    ]
    return sorted(out, key=lambda cause: -cause.share)


def _shares(theirs: Program, ours: Program, torch: TorchRecord, found: list[Difference]) -> dict[int, float]:
    """How much of the distance goes when one difference alone is mended."""
    steps = min(200, torch.steps) * torch.program.accumulation.steps
    goal = simulated(theirs, torch, steps)[-1]
    before = _gap(simulated(ours, torch, steps)[-1], goal)
    if before == 0:
        return {i: 1.0 / len(found) for i in range(len(found))}
    shares = {}
    for i, one in enumerate(found):
        if not one.parameters:
            continue  # of what is not compared
        after = _gap(simulated(mended(theirs, ours, [one]), torch, steps)[-1], goal)
        shares[i] = float(np.clip(1 - after / before, 0.0, 1.0))
    return shares


def _gap(a: Arrays, b: Arrays) -> float:
    return float(np.sqrt(sum(np.sum((a[name] - b[name]) ** 2) for name in b)))


def by_group(program: Program, rates: np.ndarray) -> np.ndarray:
    """A column for each group: that of its first parameter."""
    groups = list(dict.fromkeys(program.groups))
    return np.stack([rates[:, program.groups.index(group)] for group in groups], axis=1)


def notes_of(jax: JaxRecord, torch: TorchRecord) -> list[str]:
    """What could not be compared, and why."""
    notes = []
    unknown = [n for n, rule in zip(jax.program.names, jax.program.rules, strict=True) if rule is None]
    if unknown:
        which = f"{len(unknown)} parameters on the JAX side ({', '.join(unknown[:3])})"
        notes.append(f"The rule of {which} could not be named: their updates were compared as they came out.")
    if not jax.clip_known:
        notes.append("The JAX side changes large gradients in a way that is none of the clippings known here.")
    if jax.decay_unknown:
        notes.append(f"{', '.join(jax.decay_unknown[:3])}: moved by something at zero gradient that is no known decay.")
    alone = jax.alone
    if alone.resting:
        notes.append(
            f"{listed(tuple(alone.resting))}: left out of one side, never moved by the other, so they count as equal."
        )
    if alone.heard and torch.heard:
        notes.append("JAX's clipping counts the gradients of what it leaves as it is: so must torch's clip_grad_norm_.")
    if torch.program.schedules:
        notes.append(f"torch's schedulers also change {', '.join(torch.program.schedules)}.")
    return notes


def sentence_of(result: Result, torch: TorchRecord, worst: float) -> str:
    """The verdict in one sentence."""
    steps = torch.steps
    if result.equal:
        if result.equal_bits == 1.0 and not result.ulps.any():
            return f"Your port is the same training: equal in every bit of {result.dtype} for {steps} updates."
        most = f"{float(result.ulps.max(initial=0.0)):.0f} units of the last place"
        return (
            f"Your port is the same training: in float64 the parameters agree to {worst:.1g} of the way they go, over "
            f"{steps} updates; in {result.dtype} they are at most {most} apart, which is rounding."
        )
    if result.unmatched_torch or result.unmatched_jax:
        count = len(result.unmatched_torch) + len(result.unmatched_jax)
        begin = f"Your port is not the same training: {count} parameters have no partner"
        return begin + (f", and {len(result.causes)} conventions differ." if result.causes else ".")
    if result.causes and all(cause.convention.startswith("averag") for cause in result.causes):
        return f"Your port makes the same updates, but it averages the weights differently. {result.causes[0].sentence}"
    if len(result.causes) == 1:
        return f"Your port is not the same training, for one reason: {result.causes[0].sentence}"
    count = len(result.causes)
    return f"Your port is not the same training, for {count} reasons; the largest: {result.causes[0].sentence}"
