"""What lrjax must equal in every bit: PyTorch with the arithmetic that a processor or a GPU is meant to have.

``cpu``: on a CPU, torch's single-tensor form with correctly rounded square roots. ``cuda``: torch's own code with the
arithmetic of its CUDA kernels (``cuda_kernels``, with the fused multiply-adds of ``fma``), computed on the CPU.
``states``: what an optimizer of torch keeps, by the names of its parameters.
"""
