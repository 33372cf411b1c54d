"""``compare``: is my port the same training?"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from . import causes as differences
from . import rates as schedules
from .causes import Difference, between, mended, text_of
from .identify import NEUTRAL
from .program import Arrays, Program, Simulation
from .result import QUANTITIES, Cause, First, Result, Row
from .rule import FAMILIES, Rule
from .sides import JaxRecord, Say, TorchRecord, load, probe, run

WHERE = "compare"
EQUAL = 1e-9  # of torch's way: the same algorithm in float64
EQUAL_MUON = 5e-2  # torch's Muon orthogonalises in bfloat16, whatever it is given: three digits are all it has
EQUAL_NARROW = 1e-5  # the same where the JAX side computes in float32 whatever it is given


def compare(
    optimizer: Any,
    schedulers: Any = None,
    tx: Any = None,
    params: Any = None,
    *,
    grads: Any = None,
    steps: int = 200,
    names: Any = None,
    mapping: Any = None,
    say: Say = lambda text: None,
    **loop: Any,
) -> Result:
    """Say whether an optax program is the same training as a PyTorch one, and if not, what differs and what mends it.

    The PyTorch side is read; the JAX side is found by feeding it gradients, since a chain cannot be read. Then both
    get the same gradients, in float64, where the same algorithm agrees to nine digits and more, and in the
    parameters' own dtype. Nothing of the user's is changed. The tensors are cut to three elements an axis first
    (rules work by element), unless ``grads`` are given.

    Args:
        optimizer: a live ``torch.optim.Optimizer`` at its first step, what its ``state_dict()`` gave, or a file that
            ``lrparity.record`` wrote where torch is installed.
        schedulers: the live scheduler, or a list of them in the order in which they step; None: none.
        tx: the ``optax.GradientTransformation``, lrjax's or any chain.
        params: the tree of JAX's parameters; arrays or ``jax.ShapeDtypeStruct``.
        grads: recorded gradients, a list of dicts from torch's name to array; None: made ones.
        steps: updates to compare.
        names: the torch model, or its parameters' names in the optimizer's order; None: the optimizer's own.
        mapping: what ``lrjax.match_names`` cannot tell by itself, as there.
        say: called with a line before each stage.
        **loop: what the PyTorch loop does around the step, see ``lrparity.record``: ``clip_grad_norm``,
            ``clip_grad_value``, ``accumulate``, ``accumulate_by``, ``scheduler_every``, ``rate_steps``.

    Returns:
        The answer; print it, or ``save`` it.

    Raises:
        TypeError, ValueError: an argument that is none of these; LBFGS; a chain that needs more than gradients.
    """
    import lrjax
    from lrspec import check

    from .jax_side import JaxSide

    if tx is None or params is None:
        check.fail(WHERE, "tx" if tx is None else "params", "must be given", None, TypeError)
    torch = _torch_record(optimizer, schedulers, grads, steps, names, params, loop, say)
    links, missing = _links(lrjax, torch.shapes, params, mapping)
    side = JaxSide(tx, params, links)
    words = side.words
    jax = probe(side, words, torch, len(torch.program.rates), say)
    say("JAX: updates")
    for dtype in dict.fromkeys(("float64", torch.dtype)):
        ran = run(side, torch, dtype)
        jax.runs[dtype] = ran.params
        if dtype == "float64":
            jax.moments = ran.moments
    say("comparing")
    return judge(torch, jax, *missing)


def _torch_record(
    optimizer: Any, schedulers: Any, grads: Any, steps: int, names: Any, params: Any, loop: Mapping[str, Any], say: Say
) -> TorchRecord:
    if isinstance(optimizer, TorchRecord):
        return optimizer
    if isinstance(optimizer, str | Path):
        return load(optimizer)
    from .record import record

    if isinstance(optimizer, Mapping) and params is not None:
        loop = {"shapes": _shapes_of(optimizer, names, params), **loop}
    return record(optimizer, schedulers, grads=grads, steps=steps, names=names, say=say, **loop)


def _shapes_of(state_dict: Mapping[str, Any], names: Any, params: Any) -> dict[str, Any]:
    """torch's shapes by name, from JAX's parameters, for a state dict without moments."""
    from .matching import torch_shapes

    given = names if isinstance(names, list | tuple) else None
    if given is None:
        groups = state_dict.get("param_groups") or ()
        given = [name for group in groups if isinstance(group, Mapping) for name in group.get("param_names", ())]
    return torch_shapes(given, params)


def _links(lrjax: Any, shapes: Mapping[str, Any], params: Any, mapping: Any) -> tuple[Any, tuple[list[str], list[str]]]:
    """The parameters of both sides matched; what has no partner is listed and left out."""
    from .matching import match

    return match(lrjax, shapes, params, mapping)


def judge(
    torch: TorchRecord, jax: JaxRecord, unmatched_torch: Sequence[str] = (), unmatched_jax: Sequence[str] = ()
) -> Result:
    """The answer, from what is known of both sides."""
    theirs = _without(torch.program, jax.program.names)
    readable = _readable(theirs, jax)
    found = [one for one in between(theirs, jax.program) if readable or _sizeable(one)]
    ours = differences.comparable(theirs, jax.program)
    distance = _distance(torch, jax, "float64")
    exact = _explained(ours, torch, jax) if readable else np.inf
    narrow = jax.program.accumulation.steps > 1 or any(1e-9 < e < 1e-3 for e in jax.errors.values())
    narrow = narrow or any(schedules.of_float32(r) for r in jax.program.rates.T)
    limit = EQUAL_MUON if torch.optimizer == "Muon" else EQUAL_NARROW if narrow else EQUAL
    worst = float(np.nanmax(distance, initial=0.0)) if np.isfinite(distance).all() else np.inf
    found += _not_in_table(found, worst, limit, readable, exact, jax)
    equal = not found and worst <= limit and not unmatched_torch and not unmatched_jax
    causes = _causes(theirs, ours, torch, found, readable, exact, limit)
    ulps, bits = _ulps(torch, jax)
    within = schedules.SAME32 if narrow else 1e-9
    first = None if equal else _first(theirs, ours, torch, jax, readable, limit, within)
    group_names = list(dict.fromkeys(theirs.groups))
    result = Result(
        equal=equal,
        sentence="",
        first=first,
        causes=causes,
        rows=_rows(torch, theirs, ours),
        groups=group_names,
        rates_torch=_by_group(theirs, theirs.rates, theirs.names),
        rates_jax=_by_group(theirs, ours.rates, ours.names),
        names=theirs.names,
        group_of=[group_names.index(g) for g in theirs.groups],
        distance=distance,
        ulps=ulps,
        equal_bits=bits,
        dtype=torch.dtype,
        unmatched_torch=list(unmatched_torch),
        unmatched_jax=list(unmatched_jax),
        notes=[*torch.notes, *_notes(jax, readable, torch)],
        code=_code(torch) if not equal or bits < 1 else "",
    )
    result.sentence = _sentence(result, torch, worst)
    return result


def _without(program: Program, names: Sequence[str]) -> Program:
    """torch's program, in the order and the selection of ``names``."""
    at = [program.names.index(name) for name in names]
    return differences.replace_program(
        program,
        names=list(names),
        groups=[program.groups[i] for i in at],
        rules=[program.rules[i] for i in at],
        rates=program.rates[:, at],
        schedules={key: value[:, at] for key, value in program.schedules.items()},
    )


def _readable(torch: Program, jax: JaxRecord) -> bool:
    """Whether both programs are known in terms of rules."""
    known = all(rule is not None and rule.family in FAMILIES for rule in torch.rules)
    ours = all(rule is not None and rule.family in (*FAMILIES, "frozen") for rule in jax.program.rules)
    return known and ours and jax.clip_known and not jax.decay_unknown


def _simulated(program: Program, torch: TorchRecord, steps: int | None = None) -> list[Arrays]:
    """The program on the gradients of the comparison: parameters after each micro-step."""
    start, grads = torch.start_and_grads()
    simulation = Simulation(_runnable(program), {n: start[n][0] for n in program.names})
    count = len(next(iter(grads.values())))
    out = []
    for t in range(count if steps is None else min(steps, count)):
        simulation.micro_step({n: grads[n][t, 0] for n in program.names})
        out.append({n: w for n, w in simulation.params.items()})
    return out


def _runnable(program: Program) -> Program:
    """Frozen parameters as such that have no rate."""
    rules = [Rule("sgd") if rule.family == "frozen" else rule for rule in program.rules]
    return differences.replace_program(program, rules=rules)


def _explained(ours: Program, torch: TorchRecord, jax: JaxRecord) -> float:
    """How far the JAX program, as it was found, is from what the JAX side did; over the way it went."""
    ran = jax.runs["float64"]
    simulated = _simulated(ours, torch)
    return float(
        np.max(
            _away(
                {n: np.stack([one[n] for one in simulated]) for n in ran}, {n: w[:, 0] for n, w in ran.items()}, torch
            )
        )
    )


def _away(a: Arrays, b: Arrays, torch: TorchRecord) -> np.ndarray:
    """|a - b| over the way of ``b``, shape=(steps, parameters)."""
    start, _ = torch.start_and_grads()
    columns = []
    for name, theirs in b.items():
        gap = np.linalg.norm((a[name] - theirs).reshape(len(theirs), -1), axis=1)
        way = np.linalg.norm((theirs - start[name]).reshape(len(theirs), -1), axis=1)
        with np.errstate(all="ignore"):
            columns.append(np.where(gap == 0, 0.0, gap / way))
    return np.stack(columns, axis=1)


def _distance(torch: TorchRecord, jax: JaxRecord, dtype: str) -> np.ndarray:
    """By update: how far JAX's parameters are from torch's, over torch's way."""
    ours = jax.runs[dtype]
    theirs = {name: torch.runs[dtype][name][:, 0] for name in ours}
    every = torch.program.accumulation.steps
    return _away({n: w[:, 0] for n, w in ours.items()}, theirs, torch)[every - 1 :: every]


def _ulps(torch: TorchRecord, jax: JaxRecord) -> tuple[np.ndarray, float]:
    """In the parameters' dtype: the largest distance at each update, and the share of equal bits after the last.

    The distance is in units of the last place of the tensor's largest value.
    """
    if torch.dtype not in ("float32", "float64"):
        return np.zeros(0), 0.0
    kind = np.dtype(torch.dtype)
    ours, theirs = jax.runs[torch.dtype], torch.runs[torch.dtype]
    every = torch.program.accumulation.steps
    apart, equal, count = [], 0, 0
    for name, w in ours.items():
        a, b = w[every - 1 :: every].astype(kind), theirs[name][every - 1 :: every].astype(kind)
        gap = np.abs(a.astype(np.float64) - b.astype(np.float64)).reshape(len(a), -1).max(axis=1, initial=0.0)
        apart.append(gap / np.spacing(np.abs(b).reshape(len(b), -1).max(axis=1, initial=kind.type(1e-30))))
        if len(a):
            equal, count = equal + int(np.sum(a[-1] == b[-1])), count + a[-1].size
    return np.max(apart, axis=0), equal / max(1, count)


def _sizeable(one: Difference) -> bool:
    """Whether the numbers differ by more than a percent: where a side is not understood, less may be a misreading."""
    try:
        a, b = float(one.torch), float(one.jax)
    except ValueError:
        return not one.rates
    return abs(a - b) > 0.01 * max(abs(a), abs(b))


def _not_in_table(
    found: list[Difference], worst: float, limit: float, readable: bool, exact: float, jax: JaxRecord
) -> list[Difference]:
    """A difference that no convention known here explains."""
    if worst <= limit:
        return []
    names = tuple(jax.program.names)
    if not jax.clip_known and not found:
        text = "The JAX side changes large gradients in a way that is none of the clippings known here."
        return [
            Difference(
                "clip_kind",
                "all",
                names,
                "torch's clipping",
                "another",
                text,
                "lrjax.ClipGradNorm, lrjax.ClipGradValue",
            )
        ]
    if not readable and not any(one.convention in ("rule", "groups") for one in found):
        words = ", ".join(w for w in jax.words if w not in NEUTRAL) or "no state"
        text = f"The JAX side's rule has no name here (its state: {words}), and its updates are not torch's."
        return [
            Difference(
                "rule", "all", names, "torch's rule", "another", text, "lrjax has every optimizer of torch.optim"
            )
        ]
    if not found:
        text = "The updates differ by something that is none of the conventions known here."
        return [Difference("rule", "all", names, "torch's rule", "another", text, "compare the two by hand")]
    if readable and exact > 1e-5:
        text = "Beside that, JAX's updates depend on something that is none of the conventions known here."
        return [
            Difference(
                "rule", "all", names, "torch's rule", "something more", text, "compare again once the rest is mended"
            )
        ]
    return []


def _causes(
    theirs: Program,
    ours: Program,
    torch: TorchRecord,
    found: list[Difference],
    readable: bool,
    exact: float,
    limit: float,
) -> list[Cause]:
    """The differences with what each accounts for, the largest first."""
    shares = _shares(theirs, ours, torch, found) if readable and found else {}
    proven = (
        readable and exact <= max(limit, 1e-6) and not any(one.convention == "rule" and not one.rule for one in found)
    )
    out = []
    for i, one in enumerate(found):
        confidence = "proven" if proven else "measured" if readable else "likely"
        out.append(
            Cause(
                one.convention,
                one.group,
                one.torch,
                one.jax,
                one.sentence,
                one.mend,
                confidence,
                shares.get(i, 1.0),
                one.unwritten,
            )
        )
    return sorted(out, key=lambda cause: -cause.share)


def _shares(theirs: Program, ours: Program, torch: TorchRecord, found: list[Difference]) -> dict[int, float]:
    """How much of the distance goes when one difference alone is mended."""
    steps = min(200, torch.steps) * torch.program.accumulation.steps
    goal = _simulated(theirs, torch, steps)[-1]
    before = _gap(_simulated(ours, torch, steps)[-1], goal)
    if before == 0:
        return {i: 1.0 / len(found) for i in range(len(found))}
    shares = {}
    for i, one in enumerate(found):
        after = _gap(_simulated(mended(theirs, ours, [one]), torch, steps)[-1], goal)
        shares[i] = float(np.clip(1 - after / before, 0.0, 1.0))
    return shares


def _gap(a: Arrays, b: Arrays) -> float:
    return float(np.sqrt(sum(np.sum((a[name] - b[name]) ** 2) for name in b)))


def _first(
    theirs: Program, ours: Program, torch: TorchRecord, jax: JaxRecord, readable: bool, limit: float, within: float
) -> First | None:
    """The first quantity that differs while everything it is made from agrees."""
    if readable:
        found = _first_simulated(theirs, ours, torch, within)
        if found is not None:
            return found
    for what, key in (("first moment", "first moment"), ("second moment", "second moment")):
        pairs = [
            (n, torch.moments[key][n], jax.moments[key][n])
            for n in jax.moments.get(key, {})
            if n in torch.moments.get(key, {})
        ]
        for name, a, b in pairs:
            n = min(len(a), len(b))
            apart = np.abs(a[:n] - b[:n]).reshape(n, -1).max(axis=1, initial=0.0) > 1e-9 * np.abs(a[:n]).max(
                initial=1e-300
            )
            if apart.any():
                t = int(np.argmax(apart))
                return First(
                    t // torch.program.accumulation.steps, _group(theirs, name), what, _number(a[t]), _number(b[t])
                )
    distance = _distance(torch, jax, "float64")
    over = np.argwhere(~(distance <= limit))
    if len(over):
        t, column = over[0]
        name = list(jax.runs["float64"])[column]
        k = torch.program.accumulation.steps
        at = (t + 1) * k - 1
        values = [_number(side.runs["float64"][name][at]) for side in (torch, jax)]
        return First(int(t), _group(theirs, name), "parameter", *values)
    return None


def _group(program: Program, name: str) -> str:
    return program.groups[program.names.index(name)]


def _number(array: np.ndarray) -> str:
    return f"{np.ravel(array)[0]:.9g}"


def _first_simulated(theirs: Program, ours: Program, torch: TorchRecord, within: float) -> First | None:
    start, grads = torch.start_and_grads()
    at = {n: start[n][0] for n in theirs.names}
    sides = [Simulation(_runnable(theirs), at), Simulation(_runnable(ours), at)]
    for t in range(len(next(iter(grads.values())))):
        fed = {n: grads[n][t, 0] for n in theirs.names}
        moved = [side.micro_step(fed) for side in sides]
        if moved[0] != moved[1]:
            which = "torch" if moved[0] else "JAX"
            return First(t, "all", "accumulated gradient", "an update" if moved[0] else "none yet", f"{'none yet' if which == 'torch' else 'an update'}")  # fmt: skip
        if not moved[0]:
            continue
        for quantity in QUANTITIES:
            for name in theirs.names:
                a, b = (np.atleast_1d(side.seen[quantity][name]) for side in sides)
                apart = np.abs(a - b) > within * (np.abs(a) + np.abs(b))
                if apart.any():
                    i = np.unravel_index(int(np.argmax(np.abs(a - b))), a.shape)
                    return First(sides[0].done - 1, _group(theirs, name), quantity, f"{a[i]:.9g}", f"{b[i]:.9g}")
    return None


def _by_group(program: Program, rates: np.ndarray, names: Sequence[str]) -> np.ndarray:
    """A column for each group: that of its first parameter."""
    groups = list(dict.fromkeys(program.groups))
    return np.stack([rates[:, program.groups.index(group)] for group in groups], axis=1)


_SHOWN = (
    "momentum", "dampening", "nesterov", "b1", "b2", "alpha", "rho", "eps", "eps_place", "bias2", "amsgrad", "centered",
    "initial", "rate_inside", "weight_decay", "decay_form",
)  # fmt: skip


def _rows(torch: TorchRecord, theirs: Program, ours: Program) -> list[Row]:
    """The two programs side by side."""
    rows = [
        Row("all", "clipping", str(theirs.clip), str(ours.clip), str(theirs.clip) != str(ours.clip)),
        Row(
            "all",
            "accumulation",
            str(theirs.accumulation),
            str(ours.accumulation),
            theirs.accumulation != ours.accumulation,
        ),
    ]
    for group in dict.fromkeys(theirs.groups):
        members = [i for i, g in enumerate(theirs.groups) if g == group]
        rows += _group_rows(group, members, torch, theirs, ours)
    return rows


def _group_rows(group: str, members: list[int], torch: TorchRecord, theirs: Program, ours: Program) -> list[Row]:
    first = members[0]
    rows = [Row(group, "parameters", str(len(members)), str(len(members)), False)]
    rules = (theirs.rules[first], ours.rules[first])
    families = [rule.family if rule is not None else "unknown" for rule in rules]
    rows.append(Row(group, "rule", families[0], families[1], families[0] != families[1]))
    r, q = theirs.rates[:, first], ours.rates[:, first]
    rows.append(Row(group, "lr at update 0", f"{r[0]:.8g}", f"{q[0]:.8g}", bool(schedules.differ(r[:1], q[:1]).any())))
    n = min(len(r), len(q))
    if np.isfinite(q).all():
        rows.append(
            Row(
                group,
                "schedule",
                schedules.shape_of(r),
                schedules.shape_of(q),
                bool(schedules.differ(r[:n], q[:n]).any()),
            )
        )
    if rules[0] is None or rules[1] is None or families[0] != families[1]:
        return rows
    a, b = (differences.canonical(rule) for rule in rules if rule is not None)
    for name in _SHOWN:
        x, y = getattr(a, name), getattr(b, name)
        if x == y == getattr(Rule(""), name) and name not in ("weight_decay",):
            continue
        hit = [side for side, known in differences._defaults_hit(name, x, y, a.family) if known]
        what = differences._NAMES.get(name, name)
        rows.append(Row(group, what, text_of(name, x), text_of(name, y), not differences._same(x, y), ", ".join(hit)))
    return rows


def _notes(jax: JaxRecord, readable: bool, torch: TorchRecord) -> list[str]:
    notes = []
    unknown = [n for n, rule in zip(jax.program.names, jax.program.rules, strict=True) if rule is None]
    if unknown:
        notes.append(
            f"The rule of {len(unknown)} parameters on the JAX side could not be named ({', '.join(unknown[:3])}): their "
            "updates were compared as they came out."
        )
    if not jax.clip_known:
        notes.append("The JAX side changes large gradients in a way that is none of the clippings known here.")
    if jax.decay_unknown:
        notes.append(f"{', '.join(jax.decay_unknown[:3])}: moved by something at zero gradient that is no known decay.")
    if torch.program.schedules:
        notes.append(f"torch's schedulers also change {', '.join(torch.program.schedules)}.")
    return notes


def _code(torch: TorchRecord) -> str:
    """The lrjax code of the torch program."""
    from .code import lrjax_code

    return lrjax_code(torch)


def _sentence(result: Result, torch: TorchRecord, worst: float) -> str:
    steps = torch.steps
    if result.equal:
        if result.equal_bits == 1.0 and not result.ulps.any():
            return f"Your port is the same training: equal in every bit of {result.dtype} for {steps} updates."
        most = float(result.ulps.max(initial=0.0))
        return (
            f"Your port is the same training: in float64 the parameters agree to {worst:.1g} of the way they go, over "
            f"{steps} updates; in {result.dtype} they are at most {most:.0f} units of the last place apart, which is rounding."
        )
    if result.unmatched_torch or result.unmatched_jax:
        count = len(result.unmatched_torch) + len(result.unmatched_jax)
        begin = f"Your port is not the same training: {count} parameters have no partner"
        return begin + (f", and {len(result.causes)} conventions differ." if result.causes else ".")
    if len(result.causes) == 1:
        return f"Your port is not the same training, for one reason: {result.causes[0].sentence}"
    return f"Your port is not the same training, for {len(result.causes)} reasons; the largest: {result.causes[0].sentence}"
