"""``compare``: is my port the same training?"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .judge import judge
from .result import Result
from .sides import Alone, Say, TorchRecord, load, probe, run

WHERE = "compare"


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
    average: Any = None,
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
        average: JAX's average of the weights, where there is one: an ``lrjax.AveragedModel``, ``optax.ema(...)`` that
            averages parameters, or a function ``(average, params, count)`` that gives the next average, for trees of
            arrays, ``count`` the update's number from 1. torch's is ``averaged_model``.
        say: called with a line before each stage.
        **loop: what the PyTorch loop does around the step, see ``lrparity.record``: ``clip_grad_norm``,
            ``clip_grad_value``, ``accumulate``, ``accumulate_by``, ``scheduler_every``, ``rate_steps``,
            ``averaged_model``, ``average_every``, ``average_from``.

    Returns:
        The answer; print it, or ``save`` it.

    Raises:
        TypeError, ValueError: an argument that is none of these; LBFGS; a chain that needs more than gradients.
    """
    from lrspec import check

    from .averages import in_jax as averages
    from .jax_side import JaxSide
    from .matching import match

    if tx is None or params is None:
        check.fail(WHERE, "tx" if tx is None else "params", "must be given", None, TypeError)
    torch = _torch_record(optimizer, schedulers, grads, steps, names, params, loop, say)
    matched = match(torch.shapes, params, mapping, torch.still)
    links = matched.links
    side = JaxSide(tx, params, links)
    words = side.words
    jax = probe(side, words, torch, len(torch.program.rates), say)
    jax.paths = {link.name: link.path for link in links.links} | {name: path for path, name in matched.still.items()}
    say("JAX: updates")
    for dtype in dict.fromkeys(("float64", torch.dtype)):
        ran = run(side, torch, dtype)
        jax.runs[dtype] = ran.params
        if dtype == "float64":
            jax.moments = ran.moments
    jax.alone = _alone(torch, side, matched)
    if average is not None:
        say("JAX: average of the weights")
        jax.average = averages.measured(average, len(torch.program.rates))
    say("comparing")
    return judge(torch, jax)


def _alone(torch: TorchRecord, side: Any, matched: Any) -> Alone:
    """What only one side has or trains, by whether it ever moves."""
    run, start = torch.runs["float64"], torch.fed[0]
    rates = dict(zip(torch.program.names, torch.program.rates.T, strict=True))
    moves = {name for name in matched.torch if rates[name].any() or (run[name] != start[name]).any()}
    rest = [name for name in matched.torch if name not in moves]
    rest += [path for path in (*matched.still, *matched.jax) if path not in side.moving]
    loud = bool(rest) and any(path not in side.moving for path in (*matched.still, *matched.jax))
    return Alone(
        [name for name in matched.torch if name in moves],
        [path for path in matched.jax if path in side.moving],
        [path for path in matched.still if path in side.moving],
        rest,
        loud and side.hears(torch.fed),
    )


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
