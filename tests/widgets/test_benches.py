"""The widgets without a browser: their models through all controls, their shells by `.value`."""

import numpy as np
import pytest

from dlcore.plots import describe
from dlcore.widgets import HingeModel, NeuronModel, hinge_builder, hinges, neuron, neuron_bench

X = np.linspace(-2, 3, 12)[:, None]
T = 0.5 * X + 4
MONTH = np.linspace(0, 12, 30)[:, None]
DEGREES = 5 + 2 * MONTH - 4 * np.maximum(MONTH - 6, 0)

WIDGETS = {
    "neuron": (lambda: neuron_bench(X, T), lambda: NeuronModel(X, T), neuron.draw),
    "hinges": (
        lambda: hinge_builder(MONTH, DEGREES),
        lambda: HingeModel(MONTH, DEGREES),
        hinges.draw,
    ),
}
both = pytest.mark.parametrize("name", WIDGETS)


@both
def test_every_control_of_the_model_changes_loss_and_picture(name):
    _, make, draw = WIDGETS[name]
    for control in make().controls:
        model = make()
        if control.name.startswith("kink"):
            model.update(**{control.name.replace("kink", "bend"): 2.0})
        loss, text = model.loss, describe(draw(model))
        model.update(**{control.name: control.low})
        assert model.loss != loss, control.name
        assert describe(draw(model)) != text, control.name


@both
def test_controls_hold_their_starting_value_on_a_step(name):
    model = WIDGETS[name][1]()
    for control in model.controls:
        value = getattr(model, control.name)
        assert control.low <= value <= control.high
        steps = (value - control.low) / control.step
        assert steps == pytest.approx(round(steps), abs=1e-6), control.name


@both
def test_each_slider_redraws_the_picture_and_the_text(name):
    bench = WIDGETS[name][0]()
    for key, slider in bench.sliders.items():
        if key.startswith("kink"):
            bench.sliders[key.replace("kink", "bend")].value = 3.0
        picture, text = bench.picture.value, bench.text.value
        slider.value += 2 * slider.step
        assert getattr(bench.model, key) == slider.value
        assert bench.picture.value != picture, key
        assert bench.text.value != text, key


@both
def test_start_again_puts_all_back_and_draws_once(name, monkeypatch):
    bench = WIDGETS[name][0]()
    start, picture = {k: s.value for k, s in bench.sliders.items()}, bench.picture.value
    for slider in bench.sliders.values():
        slider.value = slider.max
    drawings, draw = [], bench._draw
    monkeypatch.setattr(bench, "_draw", lambda model: drawings.append(1) or draw(model))
    bench.reset.click()
    assert {k: s.value for k, s in bench.sliders.items()} == start
    assert bench.picture.value == picture
    assert len(drawings) == 1


@both
def test_controls_can_be_reached_and_named_without_a_mouse(name):
    bench = WIDGETS[name][0]()
    for slider in bench.sliders.values():
        assert slider.description and "(" in slider.description
        assert slider.tabbable is not False and slider.readout
    assert bench.reset.tooltip


@both
def test_its_text_stands_in_for_it_and_never_changes(name):
    """nbval compares this text, and a page without a kernel shows it."""
    text = repr(WIDGETS[name][0]())
    assert text == repr(WIDGETS[name][0]())
    assert len(text) < 110 and "run this cell" in text


def test_neuron_reports_its_loss_and_the_best_one():
    model = NeuronModel(X, T, w=0.0, b=4.0)
    model.update(w=0.5)
    assert model.loss == pytest.approx(0)
    model.update(b=5.0)
    assert model.loss == pytest.approx(1)
    assert "mean loss 1.000 kg²" in model.report()
    assert "lowest loss so far 0.000" in model.report()


def test_hinges_reach_a_bent_curve_exactly():
    model = HingeModel(MONTH, DEGREES)
    model.update(start=5.0, slope=2.0, kink1=6.0, bend1=-4.0)
    assert model.loss == pytest.approx(0, abs=1e-9)
    assert "lowest loss so far 0.0" in model.report()
