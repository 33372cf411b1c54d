"""Is my port the same training? A PyTorch program and an optax one, compared, and what differs named.

- ``conventions``: the choices that two optimizers can make differently, each with its explanation and its code.
- ``rule``: an optimizer with any of these choices, in float64 NumPy.
- ``torch_side``, ``jax_side``: the user's objects as machines that take gradients and give updates.
- ``identify``: the choices of such a machine, found by feeding it gradients.
- ``rates``: two rate sequences, and what makes one the other.
- ``causes``, ``compare``: the comparison itself.
- ``findings``, ``result``: what it returns; ``report``: how it is shown.
- ``traces``: whole runs, recorded and compared.
"""
