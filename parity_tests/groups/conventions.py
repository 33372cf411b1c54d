"""What four libraries do by layer: the ids of a vision transformer's parameters, and how its paths are spelled."""

CONVENTIONS = ["timm", "beit", "mae", "vitdet"]
# The layer id of each parameter of a ViT with 12 blocks, by convention, as each library's own function gives it.
TABLE = {
    "pos_embed": (0, 0, 0, 0),
    "patch_embed.proj.weight": (0, 0, 0, 0),
    "cls_token": (0, 0, 0, 13),
    "reg_token": (0, 13, 13, 13),
    "mask_token": (13, 0, 13, 13),
    "blocks.0.attn.qkv.weight": (1, 1, 1, 1),
    "blocks.1.attn.qkv.weight": (2, 2, 2, 2),
    "blocks.2.attn.qkv.weight": (3, 3, 3, 3),
    "blocks.3.attn.qkv.weight": (4, 4, 4, 4),
    "blocks.4.attn.qkv.weight": (5, 5, 5, 5),
    "blocks.5.attn.qkv.weight": (6, 6, 6, 6),
    "blocks.6.attn.qkv.weight": (7, 7, 7, 7),
    "blocks.7.attn.qkv.weight": (8, 8, 8, 8),
    "blocks.8.attn.qkv.weight": (9, 9, 9, 9),
    "blocks.9.attn.qkv.weight": (10, 10, 10, 10),
    "blocks.10.attn.qkv.weight": (11, 11, 11, 11),
    "blocks.11.attn.qkv.weight": (12, 12, 12, 12),
    "blocks.11.norm1.weight": (12, 12, 12, 12),
    "rel_pos_bias.relative_position_bias_table": (13, 13, 13, 13),
    "norm.weight": (12, 13, 13, 13),
    "fc_norm.weight": (13, 13, 13, 13),
    "head.weight": (13, 13, 13, 13),
}
# Published to six digits, ids 0 to 13.
PRINTED = {
    0.75: ".023757 .031676 .042235 .056314 .075085 .100113 .133484 .177979 .237305 .316406 .421875 .5625 .75 1",
    0.65: ".003697 .005688 .008751 .013463 .020712 .031864 .049022 .075419 .116029 .178506 .274625 .4225 .65 1",
}
STYLES = {
    "torch": lambda path: path,
    "nnx": lambda path: path.replace(".", "/"),
    "linen": lambda path: path.replace("blocks.", "blocks_").replace(".", "/"),
    "big_vision": lambda path: path.replace("blocks.", "Transformer.encoderblock_").replace(".", "/"),
    "a backbone in a larger model": lambda path: "params.backbone." + path.replace("blocks.", "layers_"),
    "Hugging Face": lambda path: "vit." + path.replace("blocks.", "encoder.layer.").replace("cls_", "embeddings.cls_"),
}
