"""What a comparison finds: plain data, which the report shows."""

from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class Cause:
    """A choice that the two programs make differently."""

    convention: str  # the key of ``explanations.EXPLANATIONS``: "decay_form", "eps_place", "lr", ...
    group: str  # torch's group, or "all"
    torch: str  # the value there, as text
    jax: str
    sentence: str  # one whole sentence
    mend: str  # the line of optax or lrjax that makes the JAX program torch's
    confidence: str  # how it is known: "proven", "measured", "likely"
    share: float = 1.0  # of the distance between the runs, how much goes when this alone is mended, 0 to 1
    default: str = ""  # whose value is the library's default: "torch", "jax" or "torch, jax"


@dataclass(frozen=True)
class First:
    """The first quantity that differs while everything it is made from agrees."""

    step: int  # counted from 0, in optimizer updates
    group: str
    quantity: str  # one of ``QUANTITIES``, or "average": of the weights
    torch: str  # its value there, as text
    jax: str


# In the order in which an update makes them.
QUANTITIES = (
    "accumulated gradient",
    "clipped gradient",
    "gradient with decay",
    "first moment",
    "second moment",
    "denominator",
    "direction",
    "rate",
    "decay term",
    "update",
    "parameter",
)


@dataclass(frozen=True)
class Row:
    """A line of the table of both programs."""

    group: str
    what: str  # "lr at step 0", "weight_decay", "decay form", "eps", "eps place", ...
    torch: str
    jax: str
    differs: bool
    default: str = ""  # whose value is the library's default: "torch", "jax" or "torch, jax"


@dataclass
class Findings:
    """All that a comparison finds; T updates, G torch groups, L parameters (tensors)."""

    equal: bool  # the same algorithm with the same numbers, up to the rounding of the parameters' dtype
    sentence: str  # the verdict in one sentence
    first: First | None  # None where nothing differs
    causes: list[Cause]  # the largest share first
    rows: list[Row] = field(default_factory=list)  # the two programs side by side
    groups: list[str] = field(default_factory=list)  # names of torch's groups
    rates_torch: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))  # shape=(T, G), float64
    rates_jax: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))
    names: list[str] = field(default_factory=list)  # torch's names of the parameters
    group_of: list[int] = field(default_factory=list)  # the group of each parameter
    distance: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))  # shape=(T, L): |torch's - JAX's
    # parameter| over the length of torch's way so far, in float64 on the same gradients
    ulps: np.ndarray = field(default_factory=lambda: np.zeros(0))  # shape=(T,): the largest distance of any element
    # in the parameters' dtype, in units of the last place of its tensor's largest value; empty where it was not run
    equal_bits: float = 0.0  # share of the parameters' values with equal bits after the last update, 0 to 1
    dtype: str = "float32"  # of the parameters
    unmatched_torch: list[str] = field(default_factory=list)  # parameters without a partner
    unmatched_jax: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # what could not be compared, and why; whole sentences
    parted: int | None = None  # the first update after which a parameter differs by more than rounding; it may come
    # after ``first``, whose quantity need not move a parameter at once
    code: str = ""  # lrjax code that reproduces the torch program exactly, where lrjax has it all; otherwise empty
