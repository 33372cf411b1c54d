"""Averages of weights against ``torch.optim.swa_utils``: bits, decays, batch statistics, state dicts, mistakes."""
