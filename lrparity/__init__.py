"""Two programs for one task, one in JAX and one in PyTorch, run side by side and compared step by step.

``python -m lrparity`` fine-tunes a small network in both and says whether they agree.

- ``digits``: that task: its data, the run in both frameworks, what the verdict rests on, the report.
- ``runs``: what serves the comparison of any two runs: records, replayed gradients, bounds and the verdict.
- ``oracle``: PyTorch with exact square roots, and PyTorch with the arithmetic of its CUDA kernels, both on the CPU.
- ``gpu``: JAX programs compiled for a GPU on a machine without one, their instructions checked, their bits computed.

The tests that use all of this are in ``parity_tests``, which is not installed.
"""
