"""Mistakes in layer-wise and discriminative rates: what is typed, and how the message begins."""

from typing import Any

# the parameters, the arguments of layer_decay besides lr=1.0, the error, and how the message begins
VIT = "pos_embed blocks.0.w blocks.1.w head.w"
LAYER_DECAY: list[tuple[str, dict[str, Any], type[Exception], str]] = [
    (VIT, dict(lr=-1.0), ValueError, "layer_decay: lr must be a finite number, at least 0.0, got -1.0"),
    (VIT, dict(decay=0.0), ValueError, "layer_decay: decay must be in (0.0, 1.0], got 0.0"),
    (VIT, dict(decay="a"), ValueError, "layer_decay: decay must be in (0.0, 1.0], got 'a'"),
    (
        VIT,
        dict(convention="swin"),
        ValueError,
        "layer_decay: convention must be one of 'timm', 'beit', 'mae', 'vitdet', got 'swin'",
    ),
    (
        VIT,
        dict(no_weight_decay="bias"),
        ValueError,
        "layer_decay: no_weight_decay must be one of 'timm', 'timm_plain', 'beit', 'mae', 'hf', 'none', got 'bias'",
    ),
    (VIT, dict(weight_decay=-1), ValueError, "layer_decay: weight_decay must be a finite number, at least 0.0, got -1"),
    (VIT, dict(min_scale=2), ValueError, "layer_decay: min_scale must be in [0.0, 1.0], got 2"),
    (VIT, dict(no_opt_scale=-1), ValueError, "layer_decay: no_opt_scale must be in [0.0, 1.0], got -1"),
    (VIT, dict(blocks=3), TypeError, "layer_decay: blocks must be a name or a function of the path, got 3"),
    (
        "pos_embed head.w",
        {},
        ValueError,
        "layer_decay: blocks must be numbered, such as blocks/0 or blocks_0; found none in head/w, pos_embed, got None",
    ),
    (
        VIT,
        dict(blocks="layers"),
        ValueError,
        "layer_decay: blocks must be numbered, such as blocks/0 or blocks_0; "
        "found none in blocks/0/w, blocks/1/w, head/w, pos_embed, got 'layers'",
    ),
    (
        "blocks.0.w blocks.1.w blocks.3.w",
        {},
        ValueError,
        "layer_decay: blocks must be numbered from 0 without gaps; found 0, 1, 3, got None",
    ),
    (
        "block_1.w block_2.w",
        dict(blocks="block"),
        ValueError,
        "layer_decay: blocks must be numbered from 0 without gaps; found 1, 2, got 'block'",
    ),
    (
        "encoder.layers.0.w decoder.layers.0.w",
        {},
        ValueError,
        "layer_decay: blocks must name one series of blocks; found decoder/layers, encoder/layers, got None",
    ),
    (
        "layers.0.blocks.0.w layers.1.blocks.0.w",
        {},
        ValueError,
        "layer_decay: blocks must name one series of blocks; found layers/0/blocks, layers/1/blocks, got None",
    ),
    (
        VIT,
        dict(blocks=len),
        ValueError,
        "layer_decay: blocks must be numbered from 0 without gaps; found 6, 9, 10, got",
    ),
    (
        VIT,
        dict(embeddings="stem"),
        ValueError,
        "layer_decay: embeddings must match a parameter; found blocks/0/w, blocks/1/w, head/w, pos_embed, got 'stem'",
    ),
    (
        VIT,
        dict(no_weight_decay_list=["pos_embed", "cls_token"]),
        ValueError,
        "layer_decay: no_weight_decay_list must match a parameter; "
        "found blocks/0/w, blocks/1/w, head/w, pos_embed, got 'cls_token'",
    ),
    (VIT, dict(head=3), TypeError, "layer_decay: head must be a pattern or a list of patterns, got 3"),
    (
        VIT,
        dict(norm=[3]),
        TypeError,
        "layer_decay: norm: groups[0]['params'] must hold strings or predicates, got 3",
    ),
    (
        VIT,
        dict(stacked="blocks", blocks="blocks"),
        ValueError,
        "layer_decay: blocks must be left out with stacked, got 'blocks'",
    ),
    (
        "blocks.w head.w",
        dict(stacked=["blocks", "nose"]),
        ValueError,
        "layer_decay: stacked must match a parameter; found blocks/w, head/w, got 'nose'",
    ),
    (
        "blocks.w head.w",
        dict(stacked="blocks", no_opt_scale=0.8),
        ValueError,
        "layer_decay: no_opt_scale must not freeze some of the blocks stacked in one parameter, got 0.8",
    ),
]


# the groups, the other arguments of discriminative, the error, and how the message begins
DISCRIMINATIVE: list[tuple[Any, dict[str, Any], type[Exception], str]] = [
    ("head", dict(lr=slice(0.1)), TypeError, "discriminative: groups must be a list of patterns, got 'head'"),
    ([], dict(lr=slice(0.1)), ValueError, "discriminative: groups must have at least one group, got []"),
    (
        ["a", 3],
        dict(lr=slice(0.1)),
        TypeError,
        "discriminative: groups[1]['params'] must be a pattern or a list of patterns, got 3",
    ),
    (
        ["a", "a"],
        dict(lr=slice(0.1)),
        ValueError,
        "discriminative: groups[1]['name'] must differ from the names before",
    ),
    (
        ["a", "b"],
        dict(lr=0.1),
        ValueError,
        "discriminative: lr must be slice(low, high) or slice(high), or a rate with factor, got 0.1",
    ),
    (["a", "b"], dict(lr=slice(0, 0.1)), ValueError, "discriminative: lr.start must be in (0.0, inf), got 0"),
    (["a", "b"], dict(lr=slice(0.1, None)), ValueError, "discriminative: lr.stop must be in (0.0, inf), got None"),
    (["a", "b"], dict(lr=-0.1, factor=2), ValueError, "discriminative: lr must be a finite number, at least 0.0, got"),
    (["a", "b"], dict(lr=0.1, factor=0), ValueError, "discriminative: factor must be in (0.0, inf), got 0"),
    (
        ["a", "b"],
        dict(lr=slice(0.1, 0.2), factor=2),
        ValueError,
        "discriminative: lr must be a plain rate with factor, got slice(0.1, 0.2, None)",
    ),
]
