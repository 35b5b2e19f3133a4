"""The figures of the lessons: pure functions from arrays to a matplotlib Figure, and ``show``.

A notebook draws with ``show(scatter(x, t, ...))``. ``show`` puts the picture into the page together
with a text that says what the axes really hold, for those who cannot see it and for the
verifier, which cannot compare pictures but notices when the text changes.
"""

from dlcore.plots.classifier import boundary, loss_history
from dlcore.plots.curves import curves, scatter
from dlcore.plots.describe import describe
from dlcore.plots.digits import drawn_digit, picture_row
from dlcore.plots.hinges import function_and_slope, hinge_sum
from dlcore.plots.network import backprop, network
from dlcore.plots.neuron import neuron_on_bowl, search_path
from dlcore.plots.plane import plane
from dlcore.plots.show import png, show

__all__ = [
    "backprop",
    "boundary",
    "curves",
    "describe",
    "drawn_digit",
    "function_and_slope",
    "hinge_sum",
    "loss_history",
    "network",
    "neuron_on_bowl",
    "picture_row",
    "plane",
    "png",
    "scatter",
    "search_path",
    "show",
]
