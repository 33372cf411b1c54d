"""Rates and other hyperparameters are set by hand, states are saved and loaded, gradients are clipped."""
