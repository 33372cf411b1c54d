"""The conventions of a machine, found by feeding it gradients.

Everything rests on one fact: an update is a rate times a direction, and the rate is the same for all elements of a
parameter. For the right rule the quotient of the update and the rule's direction is therefore the same number for
every element at each step, whatever the schedule; in float64 it is so to fourteen digits, and for no other rule.
"""

from .clipping import clip_of as clip_of
from .clipping import kind_of as kind_of
from .clipping import order_of as order_of
from .decay import Decay as Decay
from .decay import decays_of as decays_of
from .fit import Found as Found
from .quotients import SURE as SURE
from .rules import accumulation as accumulation
from .rules import rates_of as rates_of
from .rules import rules_of as rules_of
