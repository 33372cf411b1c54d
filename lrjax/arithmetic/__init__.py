"""Arithmetic that rounds where torch rounds.

``exact``         multiplication, division, root and multiply-add, each rounded once on every platform.
``kernels``       what torch's tensor operations compute on a CPU, in terms of those.
``cuda_kernels``  what they compute on CUDA, where that is something else.
``platforms``     which of the two a program takes.
``smooth``        the same operations as real functions, to be differentiated.
``derivatives``   how a program of 64 bits is differentiated in one of 32.
``float64``       the 53 bits of torch's Python floats, in leaves that survive 32-bit code.
"""
