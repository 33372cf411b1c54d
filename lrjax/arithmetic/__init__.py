"""Arithmetic that rounds where torch rounds: operations, torch's kernels, and float64 in float32 leaves.

``exact``: multiplication, division, root and multiply-add, each rounded once on every platform.
``kernels``: what torch's tensor operations compute, on a CPU and on CUDA, in terms of those.
``float64``: the 53 bits of torch's Python floats in leaves that survive 32-bit code.
"""
