"""The same measurements on both sides, each answer checked before it is timed; ``python -m benchmarks``."""

MEASUREMENTS = (
    "finetune",
    "optimizer_step",
    "fences",
    "groups",
    "set_rate",
    "schedules",
    "sweep",
    "startup",
    "gpu_code",
)
