"""What ``layer_decay`` says of itself in both packages: its docstring."""

# What both packages' ``layer_decay`` say of it.
DESCRIPTION = """\
In a model of N blocks, id 0 is the embeddings, block k has k + 1, everything else N + 1. The libraries differ:

===================  =====  =====  =====  ======
parameter            timm   beit   mae    vitdet
===================  =====  =====  =====  ======
pos_, patch_embed    0      0      0      0
cls_token            0      0      0      N + 1
reg_token            0      N + 1  N + 1  N + 1
mask_token           N + 1  0      N + 1  N + 1
norm (the final)     N      N + 1  N + 1  N + 1
fc_norm, head        N + 1  N + 1  N + 1  N + 1
===================  =====  =====  =====  ======

timm's last id is N in a model without a head; detectron2's ViTDet gives the ``residual`` convolutions inside its
blocks N + 1. Weight decay spares (``no_weight_decay``): "timm" parameters of at most one dimension; "mae" of just
one; "beit" those and all biases; "timm_plain" (timm without layer decay) at most one and all biases; "hf" by the
names that Hugging Face's Trainer looks for (bias, norm); "none" nothing. The sources also spare what a model lists,
usually ``["pos_embed", "cls_token"]``.
"""
ARGUMENTS = {
    "params": "the parameters, any tree that the optimizers take; only paths and shapes are read.",
    "model": "a Module, or named parameters; only names and shapes are read.",
    "decay": "the rate of a layer over that of the next, in (0, 1].",
    "lr": "the rate of the last id, not negative; with lr=1.0 the table shows the scales.",
    "convention": '"timm", "beit", "mae" or "vitdet": the ids, and the rule of weight decay.',
    "weight_decay": "for the parameters that are not spared, not negative; None: the optimizer's.",
    "no_weight_decay": 'the rule of weight decay, if not that of the convention ("vitdet" has "none").',
    "no_weight_decay_list": "patterns of parameters to spare besides.",
    "min_scale": "the least scale, in [0, 1]: ``max(min_scale, decay ** (last - id))``, as in timm.",
    "no_opt_scale": "groups with a lower scale are frozen, as in timm; in [0, 1].",
    "blocks": 'the name of the blocks, such as "encoder/layers" (for ``encoder/layers/0``, ``encoder/layers_0``), or '
    "a function of the path (with /) that gives the block's number or None; None: the usual names.",
    "embeddings": "patterns of the parameters with id 0; (): by the usual names, as in the table.",
    "norm": "patterns of the final norm, which timm joins to the last block; (): by the usual names.",
    "head": "patterns of parameters that have the last id wherever they stand.",
    "stacked": "patterns of parameters that hold all blocks along their first axis (``nnx.scan``, ``nnx.vmap``): their "
    "groups have one rate per block.",
}
RETURNS = (
    "The groups for an optimizer, a list of dicts named ``layer_3_decay``, ``layer_3_no_decay`` in the order of their "
    "ids, every parameter by its path (with /); ``print`` shows a table."
)
RAISES = {
    "TypeError": "a name or pattern of a wrong type.",
    "ValueError": "an argument out of its range; no blocks, several series of them, or a gap in their numbers; a "
    "pattern that matches nothing.",
}

RETURNS_STACKED = f"{RETURNS} The groups of stacked parameters are called ``blocks_decay``, ``blocks_no_decay``."
RAISES_STACKED = {
    **RAISES,
    "ValueError": f"{RAISES['ValueError'][:-1]}; some but not all of the stacked blocks frozen.",
}
