"""What a measured average is, in words: found by trying the averages in use on the same probe."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from lrspec.averages import DiffusersDecay, GrowingDecay, TimmDecay

from .probe import probe

SAME = 1e-6  # of numbers of the size of 1: more than float32 rounds a decay by, less than any other decay does


@dataclass(frozen=True)
class Convention:
    """How an average is made; with every field the same, two averages are the same."""

    start: str = "copy"  # its first update is a "copy", or mixes with the "parameters" at the start, or with "zeros"
    copies: int = 1  # of the first updates, with "copy"
    corrected: bool = False  # divided by the sum of its weights, as optax.ema's debias does
    first: int = 1  # the optimizer's update after which it is updated first
    every: int = 1
    decay: float | None = None  # None: an equal average
    growth: GrowingDecay | None = None  # the decay grows up to ``decay``
    later: int = 0  # how much the count of its updates, from 0, is ahead

    def at(self, n: int) -> float:
        """The decay of its n-th update, the first being 0."""
        if self.start == "copy":
            if n < self.copies:
                return 0.0
            n -= self.copies - 1
        n += self.later
        if self.growth is not None:
            return self.growth(max(1, n + 1))
        return n / (n + 1) if self.decay is None else self.decay

    def run(self, updates: int) -> np.ndarray:
        """What becomes of the probe, shape=(updates + 1, NUMBERS)."""
        seen = probe(updates)
        out, average, n, left = seen.copy(), seen[0] * (self.start != "zeros"), 0, 1.0
        for t in range(1, updates + 1):
            if t >= self.first and (t - self.first) % self.every == 0:
                decay = self.at(n)
                average, n, left = decay * average + (1 - decay) * seen[t], n + 1, left * decay
            out[t] = average / (1 - left) if self.corrected and n else average if n else seen[0]
        return out

    def __str__(self) -> str:
        start = {
            "copy": "the first a copy" if self.copies == 1 else f"the first {self.copies} copies",
            "parameters": "from the parameters at the start",
            "zeros": "from zeros",
        }[self.start]
        return f"{self.kind()}, {start}{', corrected' * self.corrected}, {self.when()}"

    def kind(self) -> str:
        """The decay."""
        if self.decay is None:
            return "equal average"
        if self.growth is None:
            return f"EMA with decay {self.decay:.8g}"
        curve = self.growth.curve()
        law = "(1 + n) / (10 + n)" if curve is None else f"1 - (1 + n / {curve[0]:g}) ** -{curve[1]:.4g}"
        count = f"n {abs(self.later)} {'ahead' if self.later > 0 else 'behind'}, " if self.later else ""
        return f"EMA with decay {law}, {count}at most {self.decay:.8g}"

    def when(self) -> str:
        """Which updates of the optimizer it follows."""
        every = "at every update" if self.every == 1 else f"every {self.every} updates"
        return every + ("" if self.first == self.every else f", the first after update {self.first}")


def named(measured: np.ndarray) -> Convention | None:
    """The convention that gives these numbers, shape=(updates + 1, NUMBERS); None where none of those known does."""
    updates = len(measured) - 1
    found = (one for one in _candidates(measured) if same(one.run(updates), measured))
    return next(found, None)


def same(a: np.ndarray, b: np.ndarray) -> bool:
    """Whether two averages of the probe are one, before their first update apart."""
    return bool(np.abs(a[1:] - b[1:]).max(initial=0.0) <= SAME)


def _candidates(measured: np.ndarray) -> Iterator[Convention]:
    """Averages that could be it, the plainest first."""
    changed = 1 + np.flatnonzero(np.abs(np.diff(measured, axis=0)).max(axis=1) > 1e-12)
    if not len(changed):
        return
    gaps = np.unique(np.diff(changed))
    when = Convention(first=int(changed[0]), every=int(gaps[0]) if len(gaps) == 1 else 1)
    seen = probe(len(measured) - 1)
    news = [float(np.linalg.lstsq(np.stack([measured[t - 1], seen[t]], 1), measured[t])[0][1]) for t in changed]
    decays = [1 - new for new in news]
    copies = next((n for n, decay in enumerate(decays) if abs(decay) > SAME), len(decays))
    if len(decays) > copies:
        when = replace(when, copies=max(1, copies))
    if len(decays) > copies > 0:
        second = decays[copies]
        yield replace(when, decay=second)
        yield when
        if second < 0.5 and copies == 1:
            yield replace(when, start="zeros", corrected=True, decay=second / (1 - second))
    yield replace(when, start="parameters", decay=decays[0])
    yield replace(when, start="zeros", decay=decays[0])
    yield replace(when, start="parameters", later=1)
    yield from _growing(when, decays)


_LAWS: tuple[Callable[[float], GrowingDecay], ...] = (
    DiffusersDecay,
    *(lambda top, p=power: TimmDecay(top, use_warmup=True, warmup_power=p) for power in (2 / 3, 3 / 4, 4 / 5, 1.0)),
)


def _growing(when: Convention, decays: list[float]) -> Iterator[Convention]:
    """Decays that grow, to one that the probe may not reach."""
    top = max(decays)
    reached = len(decays) > 2 and top - decays[-2] <= 1e-9
    for decay in (top,) if reached else (max(top, 0.9999), 1.0):
        for law in _LAWS:
            for later in (0, 1, -1, 2, -2):
                for start in ("copy", "parameters"):
                    yield replace(when, start=start, decay=decay, growth=law(decay), later=later)
