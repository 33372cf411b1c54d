"""The bounds of the verdict, each with its reason. Rates and updates have none: they must be equal."""

# The same algorithm in float64 leaves only the rounding of matrix products: 2e-16 a step, 1e-14 after 400.
FLOAT64_BOUND = 1e-10

# Between frameworks, float32 matrix products, exponentials and logarithms are summed in different orders:
# 6e-8 a step, which training carries along. Measured over seeds, rules and settings: up to 3e-5 for SGD. AdamW
# divides a gradient by its own size, so a weight whose gradients are all rounding takes full steps in a
# direction that rounding decides: up to 6e-3. The broken variants of parity_tests/run/test_finetune.py move the
# whole run by 1e-2 (a rate one step late), 3e-2 (the momentum buffer) and 2e-1 (AdamW's epsilon).
SGD_BOUND, ADAMW_BOUND = 1e-3, 5e-2
