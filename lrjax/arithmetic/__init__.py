"""Arithmetic that rounds where torch rounds.

``exact``         multiplication, division, root and multiply-add, each rounded once on every platform.
``kernels``       what torch's tensor operations compute on a CPU, in terms of those.
``cuda_kernels``  what they compute on CUDA, where that is something else.
``platforms``     which of the two a program takes.
``float64``       the 53 bits of torch's Python floats, in leaves that survive 32-bit code.
"""
