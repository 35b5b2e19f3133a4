"""The figures of the lessons: pure functions from arrays to a matplotlib Figure, and ``show``.

A notebook draws with ``report(scatter(x, t, ...), rows=len(x))``: numbers by their names, and the
picture below them. ``show`` puts a picture alone into the page. Both write beside it a text that
says what the axes really hold, for those who cannot see it and for the verifier, which cannot
compare pictures but notices when the text changes.
"""

from dlcore.resources import need_course

need_course("matplotlib")

from dlcore.plots.belief import belief, beliefs
from dlcore.plots.classifier import boundary, credit_map, loss_history, two_losses
from dlcore.plots.colour import colour_rows
from dlcore.plots.curves import curves, scatter
from dlcore.plots.deciding import deciding, losses_and_slopes, roc_curve
from dlcore.plots.descent import descent_path
from dlcore.plots.describe import describe
from dlcore.plots.digits import drawn_digit, one_of_each, picture_row
from dlcore.plots.errors import confusion, error_row
from dlcore.plots.hinges import function_and_slope, hinge_sum, year
from dlcore.plots.ladder import ladder, ladder_by_size
from dlcore.plots.memory import two_accuracies
from dlcore.plots.network import backprop, network
from dlcore.plots.neuron import neuron_on_bowl, penguin_cloud, search_path
from dlcore.plots.plane import network_on_plane, plane
from dlcore.plots.race import epoch_losses, rate_curve
from dlcore.plots.recipes import colour_pictures, recipe_shares, two_trainings
from dlcore.plots.report import report
from dlcore.plots.route import route
from dlcore.plots.show import png, show

__all__ = [
    "backprop",
    "belief",
    "beliefs",
    "boundary",
    "colour_rows",
    "confusion",
    "colour_pictures",
    "credit_map",
    "curves",
    "deciding",
    "descent_path",
    "describe",
    "drawn_digit",
    "epoch_losses",
    "error_row",
    "function_and_slope",
    "hinge_sum",
    "ladder",
    "ladder_by_size",
    "loss_history",
    "losses_and_slopes",
    "network",
    "network_on_plane",
    "neuron_on_bowl",
    "one_of_each",
    "penguin_cloud",
    "picture_row",
    "plane",
    "png",
    "rate_curve",
    "recipe_shares",
    "report",
    "roc_curve",
    "route",
    "scatter",
    "search_path",
    "show",
    "two_accuracies",
    "two_losses",
    "two_trainings",
    "year",
]


def __dir__() -> list[str]:
    return sorted(__all__)
