"""Mistakes in groups, options and rates set by hand: what is typed, and how the message begins."""

import math
from typing import Any

GROUPS: list[tuple[str, Any, str]] = [
    ("matches nothing", [{"params": "nose/**"}], "SGD: pattern of group 'nose/**' matches none of"),
    ("in no group", [{"params": "head/**"}], "SGD: groups must cover every parameter; in no group: backbone/a"),
    ("shadowed group", ["**", "head"], "SGD: groups[0] must be a dict with 'params'"),
    ("nothing left", [{"params": "**"}, {"params": "head"}], "SGD: group 'head' has no parameter left"),
    ("no groups", [], "SGD: groups must have at least one group"),
    ("a dict", {"params": "**"}, "SGD: groups must be a pattern or a list of dicts"),
    ("a number", 3, "SGD: groups must be a pattern or a list of dicts"),
    ("no params", [{"lr": 0.1}], "SGD: groups[0] must have the key 'params'"),
    ("empty pattern", [{"params": ""}], "SGD: groups[0]['params'] must not be an empty pattern"),
    ("no patterns", [{"params": []}], "SGD: groups[0]['params'] must be a pattern or a list of patterns"),
    ("pattern of a wrong type", [{"params": [3]}], "SGD: groups[0]['params'] must hold strings or predicates"),
    ("params of a wrong type", [{"params": 3}], "SGD: groups[0]['params'] must be a pattern or a list of patterns"),
    ("broken expression", [{"params": "re:("}], "SGD: groups[0]['params'] must be a valid regular expression"),
    ("unknown option", [{"params": "**", "lrr": 0.1}], "SGD: groups[0] may set lr, momentum, dampening"),
    ("another optimizer's option", [{"params": "**", "betas": (0.9, 0.9)}], "SGD: groups[0] may set lr, momentum"),
    ("same name twice", [{"params": "head"}, {"params": "head"}], "SGD: groups[1]['name'] must differ"),
    ("name of a wrong type", [{"params": "**", "name": 3}], "SGD: groups[0]['name'] must be a non-empty string"),
    ("empty name", [{"params": "**", "name": ""}], "SGD: groups[0]['name'] must be a non-empty string"),
    ("negative rate", [{"params": "**", "lr": -1e-3}], "SGD: group '**': lr must be a finite number, at least 0.0"),
    ("NaN rate", [{"params": "**", "lr": math.nan}], "SGD: group '**': lr must be a finite number, at least 0.0"),
    ("infinite rate", [{"params": "**", "lr": math.inf}], "SGD: group '**': lr must be a finite number, at least 0.0"),
    ("rate as text", [{"params": "**", "lr": "0.1"}], "SGD: group '**': lr must be a finite number, at least 0.0"),
    ("rate as bool", [{"params": "**", "lr": True}], "SGD: group '**': lr must be a finite number, at least 0.0"),
    ("negative momentum", [{"params": "**", "momentum": -0.1}], "SGD: group '**': momentum must be a finite number"),
    ("NaN weight decay", [{"params": "**", "weight_decay": math.nan}], "SGD: group '**': weight_decay must be"),
    ("nesterov alone", [{"params": "**", "nesterov": True}], "SGD: group '**': nesterov needs a momentum above 0"),
    ("plain name of no module", [{"params": "backbon"}], "SGD: pattern of group 'backbon' matches none of"),
    ("second pattern matches nothing", [{"params": ["head", "nose"]}], "SGD: pattern of group 'head, nose' matches"),
]


OPTIONS: list[tuple[str, dict[str, Any], str]] = [
    ("SGD", dict(lr=-0.1), "SGD: lr must be a finite number, at least 0.0, got -0.1"),
    ("SGD", dict(lr=math.nan), "SGD: lr must be a finite number, at least 0.0, got nan"),
    ("SGD", dict(momentum=-1), "SGD: momentum must be a finite number, at least 0.0, got -1"),
    ("SGD", dict(weight_decay=-1), "SGD: weight_decay must be a finite number, at least 0.0, got -1"),
    ("SGD", dict(dampening=math.nan), "SGD: dampening must be a finite number, got nan"),
    ("SGD", dict(nesterov=True), "SGD: nesterov needs a momentum above 0 and zero dampening, got (True, 0, 0)"),
    (
        "SGD",
        dict(nesterov=True, momentum=0.9, dampening=0.1),
        "SGD: nesterov needs a momentum above 0 and zero dampening, got (True, 0.9, 0.1)",
    ),
    ("Adam", dict(betas=(0.9, 1.0)), "Adam: betas[1] must be in [0.0, 1.0), got 1.0"),
    ("NAdam", dict(momentum_decay=-1), "NAdam: momentum_decay must be a finite number, at least 0.0, got -1"),
    ("RAdam", dict(eps=-1), "RAdam: eps must be a finite number, at least 0.0, got -1"),
    ("Adamax", dict(betas=(0.0, 1.0)), "Adamax: betas[1] must be in [0.0, 1.0), got 1.0"),
    ("Adagrad", dict(lr_decay=-0.5), "Adagrad: lr_decay must be a finite number, at least 0.0, got -0.5"),
    ("Adadelta", dict(rho=1.1), "Adadelta: rho must be in [0.0, 1.0], got 1.1"),
    ("RMSprop", dict(momentum=-1.0), "RMSprop: momentum must be a finite number, at least 0.0, got -1.0"),
    ("Rprop", dict(etas=(1.0, 0.5)), "Rprop: etas must be 0 < etas[0] < 1 < etas[1], got (1.0, 0.5)"),
    (
        "Rprop",
        dict(step_sizes=(1.0, 0.5)),
        "Rprop: step_sizes must be 0 <= step_sizes[0] <= step_sizes[1], got (1.0, 0.5)",
    ),
    ("ASGD", dict(weight_decay=-0.5), "ASGD: weight_decay must be a finite number, at least 0.0, got -0.5"),
    ("AdamW", dict(lr=math.inf), "AdamW: lr must be a finite number, at least 0.0, got inf"),
    ("AdamW", dict(betas=(1.0, 0.9)), "AdamW: betas[0] must be in [0.0, 1.0), got 1.0"),
    ("AdamW", dict(betas=(0.9, -0.1)), "AdamW: betas[1] must be in [0.0, 1.0), got -0.1"),
    ("AdamW", dict(betas=(0.9,)), "AdamW: betas must be two numbers, got (0.9,)"),
    ("AdamW", dict(eps=-1e-8), "AdamW: eps must be a finite number, at least 0.0, got -1e-08"),
    ("AdamW", dict(weight_decay=-1.0), "AdamW: weight_decay must be a finite number, at least 0.0, got -1.0"),
]


EDITS: list[tuple[Any, str]] = [
    (-0.1, "set_lr: lr of group 'backbone/**' must be a finite number, at least 0.0, got -0.1"),
    (math.nan, "set_lr: lr of group 'backbone/**' must be a finite number, at least 0.0, got nan"),
    ({"nose": 0.1}, "set_lr: group must be one of 'backbone/**', 'head/**', got 'nose'"),
    ({"head/**": "0.1"}, "set_lr: lr of group 'head/**' must be a finite number, at least 0.0, got '0.1'"),
    ({"head/**": None}, "set_lr: lr of group 'head/**' must be a finite number, at least 0.0, got None"),
]
