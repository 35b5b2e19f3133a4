"""What moves in a lesson: for each widget a pure model, a pure picture and a thin shell.

The model holds the numbers and what follows from them; the picture is a function of the model to a
scene (``dlcore.plots.scene``), which the page of the shell draws, and matplotlib where nothing can
move. Only the shell needs a notebook.
"""

from dlcore.resources import need_course

need_course("matplotlib", "anywidget", "ipywidgets")

from dlcore.widgets.belief import BeliefModel, belief_bench
from dlcore.widgets.bench import Bench
from dlcore.widgets.cockpit import Cockpit, training_cockpit
from dlcore.widgets.cockpit_model import CockpitModel
from dlcore.widgets.controls import Control
from dlcore.widgets.copies import digit_copies
from dlcore.widgets.deciding import DecidingModel, deciding_bench
from dlcore.widgets.descent import DescentModel, descent_bench
from dlcore.widgets.digit_pad import DigitPad, digit_pad
from dlcore.widgets.digits import DigitModel
from dlcore.widgets.errors import ErrorModel, error_browser
from dlcore.widgets.errors import draw as error_figure
from dlcore.widgets.features import FeatureModel, feature_viewer
from dlcore.widgets.features import draw as feature_figure
from dlcore.widgets.hinges import HingeModel, hinge_builder
from dlcore.widgets.ladder import LadderModel, ladder_bench
from dlcore.widgets.memory import MemoryModel, memory_bench
from dlcore.widgets.neuron import NeuronModel, neuron_bench
from dlcore.widgets.painter import PainterModel, kernel_painter
from dlcore.widgets.painter import draw as painter_figure
from dlcore.widgets.race import RaceModel, race_bench
from dlcore.widgets.race import draw as race_figure
from dlcore.widgets.route import RouteModel, route_bench
from dlcore.widgets.route import draw as route_figure
from dlcore.widgets.shapes import ShapeModel, shape_tracer
from dlcore.widgets.shapes import draw as shape_figure
from dlcore.widgets.signals import SignalModel, signal_strip
from dlcore.widgets.signals import draw as signal_figure
from dlcore.widgets.tape_model import TapeModel
from dlcore.widgets.tape_scene import draw as tape_figure
from dlcore.widgets.tape_widget import Tape, backprop_tape
from dlcore.widgets.thread_grid import ThreadModel, thread_bench
from dlcore.widgets.thread_grid import draw as thread_figure

__all__ = [
    "BeliefModel",
    "Bench",
    "Cockpit",
    "CockpitModel",
    "Control",
    "DecidingModel",
    "DescentModel",
    "DigitModel",
    "DigitPad",
    "ErrorModel",
    "FeatureModel",
    "HingeModel",
    "LadderModel",
    "MemoryModel",
    "NeuronModel",
    "PainterModel",
    "RaceModel",
    "RouteModel",
    "ShapeModel",
    "SignalModel",
    "Tape",
    "TapeModel",
    "ThreadModel",
    "backprop_tape",
    "belief_bench",
    "deciding_bench",
    "descent_bench",
    "digit_copies",
    "digit_pad",
    "error_browser",
    "error_figure",
    "feature_figure",
    "feature_viewer",
    "hinge_builder",
    "kernel_painter",
    "ladder_bench",
    "memory_bench",
    "neuron_bench",
    "painter_figure",
    "race_bench",
    "race_figure",
    "route_bench",
    "route_figure",
    "shape_figure",
    "shape_tracer",
    "signal_figure",
    "signal_strip",
    "tape_figure",
    "thread_bench",
    "thread_figure",
    "training_cockpit",
]


def __dir__() -> list[str]:
    return sorted(__all__)
