"""Random compositions of curves."""

import random

from lrspec import curves as c

GRIDS = ("[0,1)", "(0,1]", "(0,1)", "[0,1]")
LENGTHS = (2, 3, 7, 10, 41, 97, 100, 250)


class Draw:
    """Draws curves; the same seed draws the same."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def curve(self) -> c.Curve:
        """Any curve."""
        return self._of_several(2)

    def base_lrs(self) -> list[float]:
        """The groups' own rates."""
        return [10 ** self.random.uniform(-5, 0.5) for _ in range(3)]

    def _of_several(self, depth: int) -> c.Curve:
        kind = self.random.choice(("sequence", "sequence", "maximum", "minimum", "clip", "product", "one", "window"))
        few = range(self.random.randint(1, 4))
        match kind:
            case "sequence":
                parts = [*(self._bounded(depth) for _ in few), self._one(depth)]
                return c.sequence(*parts, closed=self.random.random() < 0.3)
            case "maximum":
                return c.maximum(self._one(depth), self._level(), self._one(depth))
            case "minimum":
                return c.minimum(self._one(depth), self._level())
            case "clip":
                return c.clip(self._one(depth), 0.1, 0.8)
            case "product":
                return c.product(self._one(depth), self._relative(), self._relative())
            case "window":
                begin = self.random.randint(0, 200)
                end = self.random.choice((None, begin + self.random.randint(1, 200)))
                return c.window(self._one(0), begin, end, before=self._level())
        return self._one(depth)

    def _one(self, depth: int) -> c.Curve:
        """With an end or without."""
        kind = self.random.choice(("bounded", "bounded", "const", "inverse_sqrt", "pieces", "staircase", "repeat"))
        match kind:
            case "const":
                return c.const(self._level())
            case "inverse_sqrt":
                return c.inverse_sqrt(
                    self.random.choice(LENGTHS), self._level(), power=self.random.choice((0.5, 1, 0.7))
                )
            case "pieces":
                bounds = sorted(self.random.sample(range(1, 600), 3))
                return c.pieces([self._number() for _ in range(4)], bounds)
            case "staircase":
                return c.staircase(self.random.choice(LENGTHS), self.random.choice((0.1, 0.5, 0.97)), 6)
            case "repeat":
                return self._repeated()
        return self._bounded(depth)

    def _repeated(self) -> c.Curve:
        times = self.random.choice((None, 1, 3))
        stretch = self.random.choice((1.0, 1.0, 1.5, 2))
        inner = self._segment() if stretch != 1 else self._bounded(1, follow=False)
        return c.repeat(inner, times, stretch=stretch, multiply=self.random.choice((1.0, 0.5, 0.9)))

    def _bounded(self, depth: int, *, follow: bool = True) -> c.Curve:
        """One with an end."""
        if depth and self.random.random() < 0.25:
            return c.sequence(self._bounded(0, follow=follow), self._bounded(0, follow=follow))
        if self.random.random() < 0.1:
            return c.const(self._level(), self.random.choice(LENGTHS))
        if self.random.random() < 0.1:
            return c.shift(self._segment(), 1)
        return self._segment(follow=follow and depth == 2)

    def _segment(self, *, follow: bool = False) -> c.Curve:
        steps, grid, warp = (
            self.random.choice(LENGTHS),
            self.random.choice(GRIDS),
            self.random.choice((1.0, 1.0, 2.0, 0.7)),
        )
        start = c.CURRENT if follow and self.random.random() < 0.3 else self._level()
        match self.random.choice(("linear", "cosine", "power", "one_minus_sqrt", "exponential", "cosine")):
            case "linear":
                return c.linear(steps, start, self._level(), grid=grid, warp=warp)
            case "cosine":
                cycles = self.random.choice((0.5, 0.5, 1.0, 2.5))
                return c.cosine(steps, start, self._level(), grid=grid, warp=warp, cycles=cycles)
            case "power":
                power = self.random.choice((1.0, 2.0, 0.9, 0.5, 3))
                return c.power(steps, start, self._level(), power=power, grid=grid, warp=warp)
            case "one_minus_sqrt":
                return c.one_minus_sqrt(steps, start, self._level(), grid=grid, warp=warp)
        return c.exponential(steps, self._number() + 0.01, self._number() + 0.01, grid=grid, warp=warp)

    def _level(self) -> float | c.Absolute:
        return c.absolute(self._number() / 10) if self.random.random() < 0.25 else self._number()

    def _number(self) -> float:
        return self.random.choice((0.0, 1.0, 0.1, 0.01, 0.5, round(self.random.random(), 3)))

    def _relative(self) -> c.Curve:
        return self.random.choice(
            (c.linear(41, 0.0, 1.0), c.cosine(97, 1.0, 0.1), c.staircase(100, 0.5, 3), c.const(0.3), c.inverse_sqrt(10))
        )
