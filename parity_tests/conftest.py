"""Settings of the whole suite."""

import os

import torch

if "PYTEST_XDIST_WORKER" in os.environ:
    # The workers share the cores, and torch's threads wait for each other longer than these small tensors take.
    torch.set_num_threads(1)
