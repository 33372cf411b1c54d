"""The line that gives the JAX program torch's convention."""

from ..rule import Rule
from .difference import _WORDS, text_of


def mend(name: str, torch: Rule) -> str:
    """The code that gives JAX torch's convention."""
    value = getattr(torch, name, None)
    shown = text_of(name, value) if name not in _WORDS else value
    match name:
        case "family":
            return f"lrjax.{lrjax_line(torch)}"
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
            there = value == "outside" and torch.family == "adam"
            return f"eps={torch.eps:g}, eps_root=0.0" if there else f"lrjax.{lrjax_line(torch)}"
        case "weight_decay" if value == 0:
            return "weight_decay=0.0  # or a mask that leaves these parameters out"
        case "weight_decay":
            return f"weight_decay={shown}"
        case "decay_form" if value == "l2":
            decay = f"optax.add_decayed_weights({torch.weight_decay:g})"
            return f"optax.chain({decay}, optimizer)  # which itself has no decay"
        case "decay_form":
            decay = f"optax.add_decayed_weights({torch.weight_decay:g})"
            return f"optax.chain(scale_by_..., {decay}, optax.scale_by_learning_rate(lr))"
        case "initial":
            return f"initial_accumulator_value={shown}"
        case "dampening" | "first" | "debias":
            return (
                f"lrjax.SGD(momentum={torch.momentum:g}, dampening={torch.dampening:g})  # optax.trace has no dampening"
            )
        case "rate_inside":
            return "optax.chain(..., optax.trace(momentum), optax.scale_by_learning_rate(lr))"
    return f"lrjax.{lrjax_line(torch)}"


def lrjax_line(torch: Rule) -> str:
    """lrjax's constructor of a rule."""
    decay = f", weight_decay={torch.weight_decay:g}" if torch.weight_decay else ""
    betas = f", betas=({torch.b1:g}, {torch.b2:g}), eps={torch.eps:g}"
    match torch.family:
        case "sgd":
            dampened = f", dampening={torch.dampening:g}" if torch.dampening else ""
            nesterov = ", nesterov=True" if torch.nesterov else ""
            return f"SGD(lr=lr, momentum={torch.momentum:g}{dampened}{nesterov}{decay})"
        case "adam":
            name = "AdamW" if torch.decay_form == "decoupled" else "Adam"
            return f"{name}(lr=lr{betas}{decay}{', amsgrad=True' if torch.amsgrad else ''})"
        case "rmsprop":
            more = (f", momentum={torch.momentum:g}" if torch.momentum else "") + (
                ", centered=True" if torch.centered else ""
            )
            return f"RMSprop(lr=lr, alpha={torch.alpha:g}, eps={torch.eps:g}{more}{decay})"
        case "adagrad":
            return f"Adagrad(lr=lr, initial_accumulator_value={torch.initial:g}, eps={torch.eps:g}{decay})"
        case "adadelta":
            return f"Adadelta(lr=lr, rho={torch.rho:g}, eps={torch.eps:g}{decay})"
        case "nadam" | "radam" | "adamax":
            name = {"nadam": "NAdam", "radam": "RAdam", "adamax": "Adamax"}[torch.family]
            return f"{name}(lr=lr{betas}{decay})"
    return f"{torch.family} (no line known here)"
