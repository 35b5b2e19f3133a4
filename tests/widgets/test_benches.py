"""The benches without a browser: their models through all controls, their shells by questions."""

import numpy as np
import pytest

from dlcore.plots import describe
from dlcore.plots.scene import as_json
from dlcore.widgets import HingeModel, NeuronModel, hinge_builder, hinges, neuron, neuron_bench

X = np.linspace(-2, 3, 12)[:, None]
T = 0.5 * X + 4
MONTH = np.linspace(0, 12, 30)[:, None]
DEGREES = 5 + 2 * MONTH - 4 * np.maximum(MONTH - 6, 0)

WIDGETS = {
    "neuron": (lambda: neuron_bench(X, T), lambda: NeuronModel(X, T), neuron),
    "hinges": (
        lambda: hinge_builder(MONTH, DEGREES),
        lambda: HingeModel(MONTH, DEGREES),
        hinges,
    ),
}
both = pytest.mark.parametrize("name", WIDGETS)


@both
def test_every_control_of_the_model_changes_loss_scene_and_figure(name):
    _, make, room = WIDGETS[name]
    for control in make().controls:
        model = make()
        if control.name.startswith("kink"):
            model.update(**{control.name.replace("kink", "bend"): 2.0})
        loss, shown, text = model.loss, as_json(room.scene(model)), describe(room.draw(model))
        model.update(**{control.name: control.low})
        assert model.loss != loss, control.name
        assert as_json(room.scene(model))["panels"] != shown["panels"], control.name
        assert as_json(room.scene(model))["words"] != shown["words"], control.name
        assert describe(room.draw(model)) != text, control.name


@both
def test_controls_hold_their_starting_value_on_a_step(name):
    model = WIDGETS[name][1]()
    for control in model.controls:
        value = getattr(model, control.name)
        assert control.low <= value <= control.high
        steps = (value - control.low) / control.step
        assert steps == pytest.approx(round(steps), abs=1e-6), control.name


@both
def test_each_slider_changes_the_picture_and_the_line_that_is_said(name):
    bench = WIDGETS[name][0]()
    for control in bench.model.controls:
        key = control.name
        if key.startswith("kink"):
            bench.asked({"number": 1, "set": {key.replace("kink", "bend"): 3.0}})
        value = getattr(bench.model, key) + 2 * control.step
        answer = bench.asked({"number": 2, "set": {key: value}})
        assert getattr(bench.model, key) == value and answer["number"] == 2
        paths = [path for path, _ in answer["changes"]]
        assert [["values", key], value] in answer["changes"]
        assert ["scene", "said"] in paths, key
        assert any(path[1:2] == ["panels"] and "marks" in path for path in paths), key


@both
def test_only_what_moves_travels(name):
    bench = WIDGETS[name][0]()
    control = bench.model.controls[0]
    value = getattr(bench.model, control.name) + control.step
    answer = bench.asked({"number": 1, "set": {control.name: value}})
    points = [
        (i, k)
        for i, panel in enumerate(bench.scene().panels)
        for k, mark in enumerate(panel.marks)
        if mark.kind in ("points", "levels")
    ]
    moved = {(path[2], path[4]) for path, _ in answer["changes"] if "marks" in path}
    assert points and moved and not moved & set(points)
    assert bench.asked({"number": 2, "set": {control.name: value}})["changes"] == []


@both
def test_start_again_puts_all_back(name):
    bench = WIDGETS[name][0]()
    start, scene = bench.values(), as_json(bench.scene())
    for control in bench.model.controls:
        bench.asked({"number": 1, "set": {control.name: control.high}})
    assert bench.values() != start
    answer = bench.asked({"number": 2, "action": "again"})
    assert answer["halt"] and not answer["trouble"]
    assert bench.values() == start
    assert as_json(bench.scene())["panels"] == scene["panels"]


@both
def test_a_drag_of_each_dot_lands_where_the_hand_is(name):
    """What the page does with a hand at x, y: the number is factor · coordinate + summand."""
    model, room = WIDGETS[name][1](), WIDGETS[name][2]
    limits = {control.name: control for control in model.controls}
    marks = [mark for panel in room.scene(model).panels for mark in panel.marks]
    dots = [mark for mark in marks if mark.kind == "handle"]
    assert {key for dot in dots for key in dot.data["sets"]} == set(limits)
    for number, dot in enumerate(dots):
        model = WIDGETS[name][1]()
        for axis, by in (("x", 0.7), ("y", 0.4)):
            place = {**dot.data, axis: dot.data[axis] + by}
            sets = {k: f * place[a] + s for k, (a, f, s) in dot.data["sets"].items() if a == axis}
            if not sets:
                continue
            model.update(**sets)
            after = [
                mark
                for panel in room.scene(model).panels
                for mark in panel.marks
                if mark.kind == "handle"
            ][number]
            assert after.data[axis] == pytest.approx(place[axis], abs=1e-6), (number, axis)


@both
def test_what_the_page_may_not_set_is_said_and_changes_nothing(name):
    bench = WIDGETS[name][0]()
    start = bench.values()
    control = bench.model.controls[0]
    for wrong, said in (
        ({"set": {"speed": 1}}, "has no slider 'speed'"),
        ({"set": {control.name: control.high + 1}}, f"{control.label} is"),
        ({"action": "fly"}, "has no button 'fly'"),
    ):
        answer = bench.asked({"number": 1, **wrong})
        assert said in answer["trouble"] and answer["halt"] and answer["changes"] == []
    assert bench.values() == start


@both
def test_each_slider_is_named_with_its_unit(name):
    shown = WIDGETS[name][0]().get_state()["shown"]
    sliders = [c for g in shown["controls"] for c in g["controls"] if c["kind"] == "slider"]
    assert len(sliders) == len(WIDGETS[name][1]().controls)
    for control in sliders:
        assert "(" in control["label"] and ")" in control["label"]


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
