"""The types of what users write, in both packages."""

from collections.abc import Callable, Mapping, Sequence
from typing import Literal, Required, SupportsFloat, TypedDict

Pattern = str | Callable[[str], bool]  # see ``patterns.py``
Number = SupportsFloat  # Python's or NumPy's, or a 0-d array of the framework, perhaps traced
PerLayer = Number | Sequence[Number]  # of a group of stacked leaves: one value for all its layers, or one for each
Betas = tuple[Number, Number]
ByGroup = Number | Mapping[str, Number]  # one for all groups, or group name -> value
AdjustLr = Literal["original", "match_rms_adamw"]
Blocks = str | Callable[[str], int | None]
Convention = Literal["timm", "beit", "mae", "vitdet"]
Exemption = Literal["timm", "timm_plain", "beit", "mae", "hf", "none"]


class ParamGroup(TypedDict, total=False):
    """A group: ``params`` and what differs from the optimizer's own arguments, under torch's names.

    Each optimizer has some of these options; another's are an error when it is made.
    """

    params: Required[Pattern | Sequence[Pattern]]
    name: str
    frozen: bool
    stacked: int  # lrjax only: each leaf holds so many layers along its first axis
    lr_scale: Number  # timm's: the rate times this; timm multiplies after its schedule, which may round otherwise once
    lr: PerLayer
    weight_decay: PerLayer
    momentum: PerLayer
    dampening: PerLayer
    nesterov: bool
    maximize: bool
    betas: Betas | Sequence[Betas]
    eps: PerLayer | tuple[Number | None, Number]  # Adafactor has two
    amsgrad: bool
    decoupled_weight_decay: bool
    momentum_decay: PerLayer
    lr_decay: PerLayer
    rho: PerLayer
    alpha: PerLayer
    centered: bool
    etas: Betas | Sequence[Betas]
    step_sizes: Betas | Sequence[Betas]
    lambd: PerLayer
    t0: PerLayer
    beta2_decay: PerLayer
    d: PerLayer
    ns_coefficients: tuple[Number, Number, Number]
    ns_steps: int
    adjust_lr_fn: AdjustLr | None


ParamGroups = Pattern | Sequence[ParamGroup]
