"""Is my port the same training? A PyTorch program and an optax one, compared, and what differs named.

- ``rule``: an optimizer with any of the conventions in use, in float64 NumPy; ``program``: a whole run of them.
- ``explanations``: what each convention is.
- ``torch_side``, ``jax_side``: the user's objects as machines that take gradients and give updates.
- ``identify``: the conventions of such a machine, found by feeding it gradients.
- ``rates``: two rate sequences, and what makes one the other.
- ``causes``, ``compare``: the comparison itself.
- ``findings``, ``result``: what it returns; ``report``: how it is shown.
- ``traces``: whole runs, recorded and compared.
"""
