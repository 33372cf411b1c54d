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
timm's                  ``timm``: ``cosine``, ``tanh``, ``poly``, ``step``, ``wsd`` and more; ``create_scheduler``
transformers'           ``transformers``: ``linear``, ``cosine``, ``polynomial`` and more; ``get_scheduler``
LLM trainers            ``epfml``, ``fairseq``, ``megatron``, ``minicpm``, ``nanochat``, ``nanogpt``, ``olmo``,
                        ``olmo_core``, ``tensor2tensor``, ``torchtitan``, ``warmup_scheduler``, ``papers``
======================  =======================================================================================
"""

from . import epfml as epfml
from . import fairseq as fairseq
from . import megatron as megatron
from . import minicpm as minicpm
from . import nanochat as nanochat
from . import nanogpt as nanogpt
from . import olmo as olmo
from . import olmo_core as olmo_core
from . import papers as papers
from . import tensor2tensor as tensor2tensor
from . import timm as timm
from . import torchtitan as torchtitan
from . import transformers as transformers
from . import warmup_scheduler as warmup_scheduler
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
from .moved import repeat as repeat
from .moved import shift as shift
from .moved import window as window
from .shapes import cosine as cosine
from .shapes import exponential as exponential
from .shapes import linear as linear
from .shapes import one_minus_sqrt as one_minus_sqrt
from .shapes import power as power
from .shapes import tanh as tanh
