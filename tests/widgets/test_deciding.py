"""The deciding bench without a browser: its model through all controls, its shell by questions."""

import time

import numpy as np
import pytest

from dlcore import metrics
from dlcore.course import material
from dlcore.plots import describe
from dlcore.plots.deciding import deciding
from dlcore.plots.scene import as_json
from dlcore.widgets import DecidingModel, deciding_bench
from dlcore.widgets import deciding as room

X, T = material.penguins_by_sex()
CONTROLS = {control.name: control for control in DecidingModel.controls}
every = pytest.mark.parametrize("name", CONTROLS)


def test_the_neuron_is_what_the_four_numbers_say():
    model = DecidingModel(X, T, angle=30, steepness=2.5, shift=-0.4)
    np.testing.assert_allclose(model.w.ravel(), [2.5 * 3**0.5 / 2, 1.25])
    assert model.b == pytest.approx(1.0)
    y = 1 / (1 + np.exp(-(X @ model.w + model.b)))
    np.testing.assert_allclose(model.outputs(), y)
    np.testing.assert_allclose(model.losses(), -np.log(np.where(T == 1, y, 1 - y)).ravel())
    assert model.loss == pytest.approx(model.losses().mean())


@pytest.mark.parametrize("threshold", [0.2, 0.5, 0.85])
def test_its_scores_are_those_of_the_library(threshold):
    model = DecidingModel(X, T, angle=60, steepness=3, shift=0.1, threshold=threshold)
    y = model.outputs()
    assert model.accuracy == pytest.approx(metrics.BinaryAccuracy(threshold=threshold)(T, y))
    assert model.precision == pytest.approx(metrics.Precision(thresholds=threshold)(T, y))
    assert model.recall == pytest.approx(metrics.Recall(thresholds=threshold)(T, y))
    assert model.area == pytest.approx(metrics.AUC(num_thresholds=2000)(T, y), abs=1e-3)
    false, true = model.roc()
    assert false[0] == true[0] == 0 and false[-1] == true[-1] == 1


def test_a_neuron_that_calls_nobody_has_a_precision_of_0():
    model = DecidingModel(X, T, angle=0, steepness=0.2, shift=2.0, threshold=0.95)
    assert (model.precision, model.recall) == (0, 0)


def test_what_the_lesson_says_of_the_line():
    """Each number that stands in its text beside the widget."""
    model = DecidingModel(X, T)
    assert model.accuracy == pytest.approx(0.610, abs=5e-4)
    model.update(angle=45.0)
    scores = model.accuracy, model.precision, model.recall, model.area
    np.testing.assert_allclose(scores, (0.895, 0.903, 0.887, 0.962), atol=6e-4)
    grid = np.arange(1, 101) / 5
    losses = []
    for steepness in grid:
        model.update(steepness=steepness)
        losses.append(model.loss)
        assert (model.accuracy, model.precision, model.recall, model.area) == scores
    assert min(losses) == pytest.approx(0.250, abs=5e-4)
    assert grid[np.argmin(losses)] == pytest.approx(5.8, abs=0.5)
    model.update(steepness=12.0)
    assert model.losses().max() == pytest.approx(12.0, abs=0.06)
    model.update(steepness=6.0, threshold=0.25)
    assert model.accuracy == pytest.approx(scores[0]) and model.area == scores[3]
    assert model.recall == pytest.approx(0.96, abs=5e-3)
    model.update(angle=225.0)
    assert model.area == pytest.approx(1 - scores[3])


@every
def test_every_control_changes_report_scene_and_figure(name):
    model = DecidingModel(X, T, angle=20.0)
    said, shown, text = model.report(), as_json(room.scene(model)), describe(room.draw(model))
    model.update(**{name: CONTROLS[name].high})
    assert model.report() != said
    assert as_json(room.scene(model))["panels"] != shown["panels"]
    assert as_json(room.scene(model))["words"] != shown["words"]
    assert describe(room.draw(model)) != text


@every
def test_each_slider_starts_on_a_step_and_says_its_unit(name):
    control, value = CONTROLS[name], getattr(DecidingModel(X, T), name)
    assert control.low <= value <= control.high
    steps = (value - control.low) / control.step
    assert steps == pytest.approx(round(steps), abs=1e-6)
    assert "(" in control.label and ")" in control.label


@every
def test_a_question_of_the_page_moves_the_picture(name):
    bench = deciding_bench(X, T)
    value = getattr(bench.model, name) + 2 * CONTROLS[name].step
    answer = bench.asked({"number": 1, "set": {name: value}})
    assert answer["trouble"] == "" and getattr(bench.model, name) == value
    paths = [path for path, _ in answer["changes"]]
    assert any(path[1:2] == ["panels"] and "marks" in path for path in paths)
    assert bench.asked({"number": 2, "set": {name: value}})["changes"] == []
    bench.asked({"number": 3, "action": "again"})
    assert bench.values() == deciding_bench(X, T).values()


def test_the_threshold_moves_the_line_and_the_dot_and_leaves_the_ground_alone():
    bench = deciding_bench(X, T)
    answer = bench.asked({"number": 1, "set": {"threshold": 0.7}})
    moved = {(path[2], path[4]) for path, _ in answer["changes"] if "marks" in path}
    kinds = {(panel, mark): bench.scene().panels[panel].marks[mark].kind for panel, mark in moved}
    assert set(kinds.values()) == {"line", "points"} and (0, 0) not in moved


@pytest.mark.parametrize("angle", [0.0, 45.0, 90.0, 160.0, 225.0, 300.0])
def test_a_drag_of_the_dot_shifts_the_line_to_the_hand(angle):
    """What the page does with a hand at x, y: the number is factor · coordinate + summand."""
    model = DecidingModel(X, T, angle=angle, shift=0.5)
    dot = next(mark for mark in room.scene(model).panels[0].marks if mark.kind == "handle")
    ((axis, factor, summand),) = dot.data["sets"].values()
    place = dot.data[axis] + 0.3
    model.update(shift=factor * place + summand)
    after = next(mark for mark in room.scene(model).panels[0].marks if mark.kind == "handle")
    assert after.data[axis] == pytest.approx(place)
    here = np.array([[after.data["x"], after.data["y"]]])
    assert (here @ model.w + model.b).item() == pytest.approx(0, abs=1e-9)


def test_the_widget_and_the_figure_of_the_lesson_show_the_same():
    model = DecidingModel(X, T, angle=45.0, steepness=6.0, shift=0.1, threshold=0.3)
    lesson = deciding(X, T, angle=45.0, steepness=6.0, shift=0.1, threshold=0.3)
    mine = [line for line in describe(room.draw(model)).splitlines() if "drag it" not in line]
    assert mine == describe(lesson).splitlines()


def test_an_answer_takes_a_small_part_of_the_time_that_a_hand_allows():
    bench, best = deciding_bench(X, T), np.inf
    for number in range(7):
        start = time.perf_counter()
        bench.asked({"number": number, "set": {"angle": 5.0 * number + 5}})
        best = min(best, time.perf_counter() - start)
    assert best < 0.05


def test_its_text_stands_in_for_it():
    text = repr(deciding_bench(X, T))
    assert text == repr(deciding_bench(X, T)) and "run this cell" in text
