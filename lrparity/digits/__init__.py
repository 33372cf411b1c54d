"""The digits task: a network pretrained on the digits 0 to 4 and fine-tuned on 5 to 9, in JAX and in PyTorch.

``choices`` says what can be chosen, ``task`` makes data and first weights, ``run`` trains in both frameworks,
``evidence`` collects all comparisons, ``report`` and ``figures`` write them down. ``claims`` tests what tutorials say
of learning rates, over many seeds. ``layout`` holds the two frameworks' names and layouts against each other.
"""
