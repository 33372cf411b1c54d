"""``lrjax.plot``: a picture of the rates a scheduler would set."""

from lrspec.plot import plot_of

from .simulation import simulate

plot = plot_of(simulate, __name__)
