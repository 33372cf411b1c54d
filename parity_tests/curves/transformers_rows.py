"""transformers' curves beside transformers itself."""

from lrspec.curves import transformers

from .rows import Row

ROWS = [
    Row(
        "linear",
        transformers.linear(100, 1500),
        {"name": "linear", "num_warmup_steps": 100, "num_training_steps": 1500},
    ),
    Row(
        "linear without warm-up",
        transformers.linear(0, 977),
        {"name": "linear", "num_training_steps": 977, "num_warmup_steps": 0},
    ),
]
