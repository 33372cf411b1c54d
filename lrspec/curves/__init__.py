"""Curves: how a learning rate, or another number of a group, changes over a run, made of a few shapes.

A segment goes from one level to another over a number of counts; a level is a multiple of the group's own rate, or
``absolute(rate)``, or ``CURRENT``, where the rate is. ``CurveLR(curve)`` makes a scheduler of a curve, in lrjax and in
lrtorch.

======================  =======================================================================================
segments                ``linear``, ``cosine``, ``power``, ``one_minus_sqrt``, ``tanh``, ``exponential``
without two ends        ``const``, ``pieces``, ``staircase``, ``inverse_sqrt``
combined                ``sequence``, ``maximum``, ``minimum``, ``clip``, ``product``
in another place        ``shift``, ``window``, ``repeat``
your own                ``formula``
detectron2's            ``detectron2``, with fvcore's ``fvcore``
fastai's                ``fastai``
ignite's                ``ignite``
Keras'                  ``keras``
MMEngine's              ``mmengine``
optax's                 ``optax``
Paddle's                ``paddle``
======================  =======================================================================================
"""

from . import detectron2 as detectron2
from . import fastai as fastai
from . import fvcore as fvcore
from . import ignite as ignite
from . import keras as keras
from . import mmengine as mmengine
from . import optax as optax
from . import paddle as paddle
from . import transformers as transformers
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
