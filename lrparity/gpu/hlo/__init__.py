"""XLA's optimised program as text, read and evaluated in NumPy: every operation rounds once, in its own type.

A GPU's kernels compute what this text says, operation by operation, as long as none of their instructions is
approximate, flushes subnormals or merges two operations into one; ``ptx.py`` checks that. Then the values found here
are the GPU's, bit for bit. Two things are not fixed by the text: the order of sums (``reduce``, ``dot``), and the last
bit of the functions in ``elementwise.BY_MATH``, which a GPU takes from NVIDIA's library.

``parse.py`` reads a text into what ``instructions.py`` declares. ``program.py`` evaluates it: ``operations.py`` turns a
line into a function of arrays, with the tables of ``elementwise.py``, ``moves.py`` and ``products.py``.
"""
