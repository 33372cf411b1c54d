"""Where a small rate for a pretrained backbone helps: a map over target tasks from near to far, and over their images.

The second claim of the tutorials, tested where it may hold. ``tasks`` says what the targets are and which images each
seed takes, ``sweep`` trains all of it in JAX, ``choice`` picks the rates without the test images, ``gain`` says what
came out and how sure it is, ``distance`` how far a target is before any fine-tuning, ``torch_sample`` runs a part of
it in PyTorch. ``run`` puts them together, ``page``, ``table`` and ``figure`` write it down, ``cli`` is the command.
"""
