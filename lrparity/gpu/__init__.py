"""JAX programs compiled for a GPU on a machine without one, and what can be known of them there.

``target`` compiles, ``launches`` counts kernels and bytes, ``ptx`` finds instructions that round otherwise than
IEEE 754 says, ``hlo`` evaluates the compiled program in NumPy.
"""
