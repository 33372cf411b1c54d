"""Curves: how a learning rate, or another number of a group, changes over a run, made of a few shapes.

A segment goes from one level to another over a number of counts; a level is a multiple of the group's own rate, or
``absolute(rate)``, or ``CURRENT``, where the rate is. ``CurveLR(curve)`` makes a scheduler of a curve, in lrjax and in
lrtorch.

======================  =========================================================================================
segments                ``linear``, ``cosine``, ``power``, ``one_minus_sqrt``, ``tanh``, ``exponential``
without two ends        ``const``, ``pieces``, ``staircase``, ``inverse_sqrt``
combined                ``sequence``, ``maximum``, ``minimum``, ``clip``, ``product``
in another place        ``shift``, ``window``, ``repeat``
your own                ``formula``
of other libraries      ``transformers`` (``get_scheduler``), ``timm`` (``create_scheduler``), ``fastai``, ``fvcore``,
                        ``detectron2``, ``ignite``, ``keras``, ``mmengine``, ``optax``, ``paddle``, ``warmup_scheduler``
of LLM trainers         ``epfml``, ``fairseq``, ``megatron``, ``minicpm``, ``nanochat``, ``nanogpt``, ``olmo``,
                        ``olmo_core``, ``tensor2tensor``, ``torchtitan``
of papers               ``papers``
======================  =======================================================================================
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..habits import no_attribute

if TYPE_CHECKING:  # what editors and type checkers read
    from .combined import clip as clip
    from .combined import maximum as maximum
    from .combined import minimum as minimum
    from .combined import product as product
    from .combined import sequence as sequence
    from .curve import CURRENT as CURRENT
    from .curve import Absolute as Absolute
    from .curve import Curve as Curve
    from .curve import absolute as absolute
    from .curve import formula as formula
    from .held import const as const
    from .held import inverse_sqrt as inverse_sqrt
    from .held import pieces as pieces
    from .held import staircase as staircase
    from .libraries import detectron2 as detectron2
    from .libraries import epfml as epfml
    from .libraries import fairseq as fairseq
    from .libraries import fastai as fastai
    from .libraries import fvcore as fvcore
    from .libraries import ignite as ignite
    from .libraries import keras as keras
    from .libraries import megatron as megatron
    from .libraries import minicpm as minicpm
    from .libraries import mmengine as mmengine
    from .libraries import nanochat as nanochat
    from .libraries import nanogpt as nanogpt
    from .libraries import olmo as olmo
    from .libraries import olmo_core as olmo_core
    from .libraries import optax as optax
    from .libraries import paddle as paddle
    from .libraries import papers as papers
    from .libraries import tensor2tensor as tensor2tensor
    from .libraries import timm as timm
    from .libraries import torchtitan as torchtitan
    from .libraries import transformers as transformers
    from .libraries import warmup_scheduler as warmup_scheduler
    from .moved import repeat as repeat
    from .moved import shift as shift
    from .moved import window as window
    from .shapes import cosine as cosine
    from .shapes import exponential as exponential
    from .shapes import linear as linear
    from .shapes import one_minus_sqrt as one_minus_sqrt
    from .shapes import power as power
    from .shapes import tanh as tanh
else:  # a name is loaded when it is first used: who has no use for curves waits for none
    _HOMES = {
        "combined": "clip maximum minimum product sequence",
        "curve": "CURRENT Absolute Curve absolute formula",
        "held": "const inverse_sqrt pieces staircase",
        "moved": "repeat shift window",
        "shapes": "cosine exponential linear one_minus_sqrt power tanh",
        "libraries": "detectron2 epfml fairseq fastai fvcore ignite keras megatron minicpm mmengine "
        "nanochat nanogpt olmo olmo_core optax paddle papers tensor2tensor timm torchtitan "
        "transformers warmup_scheduler",
    }
    __all__ = [name for names in _HOMES.values() for name in names.split()]

    def __getattr__(name: str) -> Any:
        """A public name, from the module that it stands in; of a library, its module."""
        for home, names in _HOMES.items():
            if name in names.split():
                if home == "libraries":
                    return globals().setdefault(name, import_module(f".libraries.{name}", __name__))
                return globals().setdefault(name, getattr(import_module(f".{home}", __name__), name))
        no_attribute(f"module {__name__!r}", name, {}, __all__)

    def __dir__() -> list[str]:
        """The public names, loaded or not."""
        return sorted(__all__)
