"""Runs and files move between PyTorch and JAX, in both directions, and damaged ones are refused."""
