"""What moves in a lesson: for each widget a pure model, a pure drawing and a thin shell.

The model holds the numbers and what follows from them; the drawing is a function of the model to a
figure; the shell joins sliders to the two. Only the shell needs a notebook.
"""

from dlcore.widgets.bench import Bench, Control
from dlcore.widgets.cockpit import Cockpit, training_cockpit
from dlcore.widgets.cockpit_model import CockpitModel
from dlcore.widgets.digit_pad import DigitPad, digit_pad
from dlcore.widgets.digits import DigitModel
from dlcore.widgets.hinges import HingeModel, hinge_builder
from dlcore.widgets.neuron import NeuronModel, neuron_bench

__all__ = [
    "Bench",
    "Cockpit",
    "CockpitModel",
    "Control",
    "DigitModel",
    "DigitPad",
    "HingeModel",
    "NeuronModel",
    "digit_pad",
    "hinge_builder",
    "neuron_bench",
    "training_cockpit",
]
