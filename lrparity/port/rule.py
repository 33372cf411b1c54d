"""An optimizer with any of the conventions in use, in float64 NumPy: what both sides are measured against.

It is written for elements, not for tensors: ``g`` and ``w`` are arrays of any shape, each element on its own. Clipping,
accumulation and rates are the program's (``program.py``).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

State = dict[str, Any]


@dataclass(frozen=True)
class Rule:
    """The conventions of one group's optimizer. Options that a family has not keep their defaults."""

    family: str  # one of ``FAMILIES``, or the name of an optimizer that this module does not know
    momentum: float = 0.0  # sgd, rmsprop
    dampening: float = 0.0  # sgd: the gradient enters the buffer times 1 - dampening
    nesterov: bool = False  # sgd, rmsprop; adam: optax's nadam
    first: str = "gradient"  # sgd: what momentum's buffer holds after the first step: "gradient" or "dampened"
    debias: bool = False  # sgd: the buffer over 1 - momentum ** t, as of a moving average
    rate_inside: bool = False  # sgd, rmsprop: the buffer sums updates times their rates, not updates
    b1: float = 0.0  # adam, adamax, nadam, radam, lion
    b2: float = 0.0
    alpha: float = 0.0  # rmsprop: decay of the mean square
    rho: float = 0.0  # adadelta
    eps: float = 0.0
    eps_place: str = "outside"  # "outside" the root, "inside" it, or "uncorrected": added before bias correction
    bias1: bool = True  # bias correction of the first moment
    bias2: bool = True  # of the second; rmsprop has none by default
    amsgrad: str = ""  # "" none, "uncorrected": the maximum of v (torch), "corrected": of v / (1 - b2 ** t) (optax)
    centered: bool = False  # rmsprop
    initial: float = 0.0  # adagrad, rmsprop: the accumulator at the start
    lr_decay: float = 0.0  # adagrad
    momentum_decay: float = 0.0  # nadam
    weight_decay: float = 0.0
    decay_form: str = "none"  # "none", "l2", "decoupled" (times the rate), "fixed" (decoupled, without the rate)
    maximize: bool = False
    others: tuple[tuple[str, Any], ...] = ()  # options of a family that this module does not know


FAMILIES = ("sgd", "adam", "rmsprop", "adagrad", "adadelta", "adamax", "nadam", "radam", "lion")


def begin(rule: Rule, like: np.ndarray) -> State:
    """The state before the first update of elements shaped as ``like``."""
    zero = np.zeros_like(like)
    return {"t": 0, "m": zero, "v": zero + rule.initial, "extra": zero, "buffer": None, "mu_product": 1.0}


def step(rule: Rule, state: State, g: np.ndarray, rate: Any) -> np.ndarray:
    """What the update subtracts from the elements, without decoupled decay; ``state`` moves on.

    Args:
        rule: of a family in ``FAMILIES``.
        state: from ``begin``.
        g: the gradient, clipped, with L2 decay.
        rate: the learning rate of this update, a number or an array that broadcasts.
    """
    state["t"] += 1
    return _STEPS[rule.family](rule, state, g, rate)


def _sgd(rule: Rule, state: State, g: np.ndarray, rate: Any) -> np.ndarray:
    return _through_buffer(rule, state, g, rate)


def _through_buffer(rule: Rule, state: State, d: np.ndarray, rate: Any) -> np.ndarray:
    """Momentum over what the rule made of the gradient."""
    inside, outside = (rate, 1.0) if rule.rate_inside else (1.0, rate)
    state["direction"] = d
    if rule.momentum == 0:
        return rate * d
    entering = d * inside
    if state["buffer"] is None:
        state["buffer"] = entering if rule.first == "gradient" else (1 - rule.dampening) * entering
    else:
        state["buffer"] = rule.momentum * state["buffer"] + (1 - rule.dampening) * entering
    state["m"] = state["buffer"]
    out = entering + rule.momentum * state["buffer"] if rule.nesterov else state["buffer"]
    out = out / (1 - rule.momentum ** state["t"]) if rule.debias else out
    state["direction"] = out
    return outside * out


def _adam(rule: Rule, state: State, g: np.ndarray, rate: Any) -> np.ndarray:
    t, c1, c2 = _moments(rule, state, g)
    m = state["m"] / c1
    if rule.nesterov:
        following = 1 - rule.b1 ** (t + 1) if rule.bias1 else 1.0
        m = rule.b1 * state["m"] / following + (1 - rule.b1) * g / c1
    v = state["v"]
    if rule.amsgrad == "corrected":
        v = state["extra"] = np.maximum(state["extra"], v / c2)
        c2 = 1.0
    elif rule.amsgrad:
        v = state["extra"] = np.maximum(state["extra"], v)
    return _divided(rule, state, m, v, c2, rate)


def _moments(rule: Rule, state: State, g: np.ndarray) -> tuple[int, float, float]:
    """The moments move on; the count and the two corrections."""
    t = state["t"]
    state["m"] = rule.b1 * state["m"] + (1 - rule.b1) * g
    state["v"] = rule.b2 * state["v"] + (1 - rule.b2) * g * g
    return t, (1 - rule.b1**t if rule.bias1 else 1.0), (1 - rule.b2**t if rule.bias2 else 1.0)


def _denominator(rule: Rule, v: np.ndarray, c2: float) -> np.ndarray:
    """``c2`` is the correction of ``v``."""
    if rule.eps_place == "inside":
        return np.sqrt(v / c2 + rule.eps)
    if rule.eps_place == "uncorrected":
        return (np.sqrt(v) + rule.eps) / np.sqrt(c2)
    return np.sqrt(v / c2) + rule.eps


def _divided(rule: Rule, state: State, m: np.ndarray, v: np.ndarray, c2: float, rate: Any) -> np.ndarray:
    state["denominator"] = _denominator(rule, v, c2)
    state["direction"] = _over(m, state["denominator"])
    return rate * state["direction"]


def _over(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """``a / b``, 0 / 0 being 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((a == 0) & (b == 0), 0.0, a / b)


def _rmsprop(rule: Rule, state: State, g: np.ndarray, rate: Any) -> np.ndarray:
    state["v"] = rule.alpha * state["v"] + (1 - rule.alpha) * g * g
    correction = 1 - rule.alpha ** state["t"] if rule.bias2 else 1.0
    v = state["v"] / correction
    if rule.centered:
        state["extra"] = rule.alpha * state["extra"] + (1 - rule.alpha) * g
        v = v - (state["extra"] / correction) ** 2
    state["denominator"] = _denominator(rule, np.maximum(v, 0.0), 1.0)
    return _through_buffer(rule, state, _over(g, state["denominator"]), rate)


def _adagrad(rule: Rule, state: State, g: np.ndarray, rate: Any) -> np.ndarray:
    state["v"] = state["v"] + g * g
    return _divided(rule, state, g, state["v"], 1.0, rate / (1 + (state["t"] - 1) * rule.lr_decay))


def _adadelta(rule: Rule, state: State, g: np.ndarray, rate: Any) -> np.ndarray:
    state["v"] = rule.rho * state["v"] + (1 - rule.rho) * g * g
    state["denominator"] = np.sqrt(state["v"] + rule.eps)
    delta = np.sqrt(state["extra"] + rule.eps) / state["denominator"] * g
    state["extra"] = rule.rho * state["extra"] + (1 - rule.rho) * delta * delta
    state["direction"] = delta
    return rate * delta


def _adamax(rule: Rule, state: State, g: np.ndarray, rate: Any) -> np.ndarray:
    state["m"] = rule.b1 * state["m"] + (1 - rule.b1) * g
    state["v"] = np.maximum(rule.b2 * state["v"], np.abs(g) + rule.eps)
    state["denominator"] = state["v"]
    c1 = 1 - rule.b1 ** state["t"] if rule.bias1 else 1.0
    state["direction"] = _over(state["m"] / c1, state["v"])
    return rate * state["direction"]


def _nadam(rule: Rule, state: State, g: np.ndarray, rate: Any) -> np.ndarray:
    """torch's NAdam, with its schedule of momentum."""
    t, _, c2 = _moments(rule, state, g)
    mu, following = (rule.b1 * (1 - 0.5 * 0.96 ** (k * rule.momentum_decay)) for k in (t, t + 1))
    state["mu_product"] = np.float32(state["mu_product"]) * np.float32(mu)  # torch keeps it in 32 bits
    product = float(state["mu_product"])
    m = (1 - mu) / (1 - product) * g + following / (1 - product * following) * state["m"]
    return _divided(rule, state, m, state["v"], c2, rate)


def _radam(rule: Rule, state: State, g: np.ndarray, rate: Any) -> np.ndarray:
    t, c1, c2 = _moments(rule, state, g)
    longest = 2 / (1 - rule.b2) - 1
    length = longest - 2 * t * rule.b2**t / (1 - rule.b2**t)
    m = state["m"] / c1
    if length <= 5:
        state["denominator"], state["direction"] = np.ones_like(g), m
        return rate * m
    r = np.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
    return _divided(rule, state, r * m, state["v"], c2, rate)


def _lion(rule: Rule, state: State, g: np.ndarray, rate: Any) -> np.ndarray:
    state["direction"] = np.sign(rule.b1 * state["m"] + (1 - rule.b1) * g)
    state["m"] = rule.b2 * state["m"] + (1 - rule.b2) * g
    return rate * state["direction"]


_STEPS = {
    "sgd": _sgd,
    "adam": _adam,
    "rmsprop": _rmsprop,
    "adagrad": _adagrad,
    "adadelta": _adadelta,
    "adamax": _adamax,
    "nadam": _nadam,
    "radam": _radam,
    "lion": _lion,
}


def of_torch(name: str, options: dict[str, Any]) -> Rule:
    """The rule of torch's class ``name`` with a group's options."""
    decay = float(options.get("weight_decay", 0.0))
    coupled = "l2" if decay else "none"
    common: dict[str, Any] = {"weight_decay": decay, "decay_form": coupled, "maximize": bool(options.get("maximize"))}
    eps: dict[str, Any] = {"eps": float(options["eps"])} if isinstance(options.get("eps"), float | int) else {}
    betas = options.get("betas")
    two: dict[str, Any] = {"b1": float(betas[0]), "b2": float(betas[1])} if betas is not None else {}
    decoupled = name == "AdamW" or bool(options.get("decoupled_weight_decay"))
    if decay and decoupled:
        common["decay_form"] = "decoupled"
    match name:
        case "SGD":
            chosen: dict[str, Any] = {key: options[key] for key in ("momentum", "dampening", "nesterov")}
            chosen = chosen if options["momentum"] else {}
            return Rule("sgd", **common, **chosen)
        case "Adam" | "AdamW":
            return Rule("adam", **common, **two, **eps, amsgrad="uncorrected" if options["amsgrad"] else "")
        case "RMSprop":
            chosen = {key: options[key] for key in ("alpha", "momentum", "centered")}
            return Rule("rmsprop", **common, **eps, **chosen, bias2=False)
        case "Adagrad":
            initial = float(options["initial_accumulator_value"])
            return Rule("adagrad", **common, **eps, initial=initial, lr_decay=float(options["lr_decay"]))
        case "Adadelta":
            return Rule("adadelta", **common, **eps, rho=float(options["rho"]))
        case "Adamax":
            return Rule("adamax", **common, **two, **eps)
        case "NAdam":
            return Rule("nadam", **common, **two, **eps, momentum_decay=float(options["momentum_decay"]))
        case "RAdam":
            return Rule("radam", **common, **two, **eps, eps_place="uncorrected")
    kept = {k: v for k, v in options.items() if isinstance(v, bool | int | float | str | tuple | None) and k != "lr"}
    others = {
        k: v for k, v in kept.items() if k not in ("foreach", "capturable", "differentiable", "fused", "maximize")
    }
    return Rule(name, **common, others=tuple(sorted((k, v) for k, v in others.items() if k not in _OF_EVERY_GROUP)))


_OF_EVERY_GROUP = ("weight_decay", "name", "initial_lr", "params", "param_names", "patterns", "frozen")
