"""transformers' curves beside transformers itself; all groups but the first have a rate of their own."""

from typing import Any

from lrspec.curves import transformers

from .rows import BASE_LRS, Row


def _row(id: str, name: str, w: int | None, n: int | None, **more: Any) -> Row:
    """The same by ``get_scheduler`` on both sides; ``lr_init`` is ours alone."""
    theirs = {key: value for key, value in more.items() if key != "lr_init"}
    lengths = {"num_warmup_steps": w, "num_training_steps": n}
    asked = {"name": name, **{key: value for key, value in lengths.items() if value is not None}, **theirs}
    return Row(f"{name}: {id}", transformers.get_scheduler(name, w, n, more), asked)


_OPTIMIZER = {"lr_init": BASE_LRS[0]}  # the original's default rate of the optimizer

ROWS = [
    _row("alone", "constant", None, None),
    _row("with lengths it ignores", "constant", 7, 50),
    _row("none", "constant_with_warmup", 0, None),
    _row("one count", "constant_with_warmup", 1, None),
    _row("awkward", "constant_with_warmup", 977, None),
    _row("longer than the test", "constant_with_warmup", 3001, None),
    _row("plain", "linear", 100, 1500),
    _row("without warm-up", "linear", 0, 977),
    _row("warm-up but for one count", "linear", 976, 977),
    _row("longer than the test", "linear", 7, 30_011),
    _row("plain", "cosine", 100, 1500),
    _row("without warm-up, past the end", "cosine", 0, 977),
    _row("three halves", "cosine", 13, 1999, num_cycles=1.5),
    _row("awkward cycles", "cosine", 1, 1009, num_cycles=0.3),
    _row("one count each", "cosine", 1, 2),
    _row("plain", "cosine_with_restarts", 100, 1500),
    _row("three", "cosine_with_restarts", 0, 977, num_cycles=3),
    _row("seven, whose joints are between counts", "cosine_with_restarts", 31, 1999, num_cycles=7),
    _row("more cycles than counts", "cosine_with_restarts", 3, 50, num_cycles=101),
    _row("plain", "polynomial", 100, 1500, **_OPTIMIZER),
    _row("square", "polynomial", 0, 977, lr_end=1e-3, power=2.0, **_OPTIMIZER),
    _row("awkward power", "polynomial", 31, 1999, lr_end=0.1, power=0.9, **_OPTIMIZER),
    _row("down to 0", "polynomial", 976, 977, lr_end=0.0, power=3, **_OPTIMIZER),
    _row("timescale of the warm-up", "inverse_sqrt", 100, None),
    _row("without warm-up", "inverse_sqrt", 0, None),
    _row("another timescale", "inverse_sqrt", 31, None, timescale=777),
    _row("a timescale shorter than the warm-up", "inverse_sqrt", 500, None, timescale=3),
    _row("a share", "cosine_with_min_lr", 100, 1500, min_lr_rate=0.1),
    _row("a rate", "cosine_with_min_lr", 0, 977, min_lr=3e-4, **_OPTIMIZER),
    _row("awkward", "cosine_with_min_lr", 31, 1999, num_cycles=2.3, min_lr_rate=1 / 3),
    _row("nothing", "cosine_with_min_lr", 1, 1009, min_lr=0.0, **_OPTIMIZER),
    _row("a share", "cosine_warmup_with_min_lr", 100, 1500, min_lr_rate=0.1),
    _row("a rate", "cosine_warmup_with_min_lr", 0, 977, min_lr=3e-4, **_OPTIMIZER),
    _row("a start", "cosine_warmup_with_min_lr", 31, 1999, min_lr_rate=1 / 3, warmup_lr_rate=0.07),
    _row("a start of one count", "cosine_warmup_with_min_lr", 1, 50, min_lr_rate=0.0, warmup_lr_rate=0.3),
    _row("awkward cycles", "cosine_warmup_with_min_lr", 3, 1009, num_cycles=1.7, min_lr_rate=0.9),
    _row("plain", "warmup_stable_decay", 100, 1500, num_decay_steps=300),
    *[
        _row(f"{up} and {down}", "warmup_stable_decay", 31, 1777, num_decay_steps=613, warmup_type=up, decay_type=down)
        for up in ("linear", "cosine", "1-sqrt")
        for down in ("linear", "cosine", "1-sqrt")
    ],
    *[
        _row(
            f"{shape} from and to a share",
            "warmup_stable_decay",
            97,
            None,
            **dict(num_decay_steps=1000, num_stable_steps=500, warmup_type=shape, decay_type=shape, min_lr_ratio=0.07),
        )
        for shape in ("linear", "cosine", "1-sqrt")
    ],
    _row("no warm-up and no stable part", "warmup_stable_decay", 0, 977, num_decay_steps=977, min_lr_ratio=0.3),
    _row("no decay", "warmup_stable_decay", 10, 500, num_decay_steps=0, min_lr_ratio=0.5),
    _row("awkward cycles", "warmup_stable_decay", 5, 1000, num_decay_steps=700, num_cycles=1.3, min_lr_ratio=0.2),
]
