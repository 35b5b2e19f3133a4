"""The race down the ravine without a browser: its steps, its edges, its controls."""

import numpy as np
import pytest

from dlcore.backends import compute
from dlcore.plots import describe
from dlcore.plots.scene import as_json
from dlcore.widgets import RaceModel, race, race_bench, race_figure

KERNELS = ("sgd_update", "momentum_update", "adam_update")


def marks(model, panel):
    return {mark.name or mark.kind: mark.data for mark in race.scene(model).panels[panel].marks}


def walked_by_hand(steepness, rate, momentum, adam_rate, steps):
    """The three walks, written down once more."""
    curvature = np.array([1.0, steepness])
    walks = {name: [np.array([-4.0, 1.0])] for name in race.NAMES}
    velocity, m, v = np.zeros(2), np.zeros(2), np.zeros(2)
    for step in range(1, steps + 1):
        w = walks["sgd"][-1]
        walks["sgd"].append(w - rate * curvature * w)
        w = walks["momentum"][-1]
        velocity = momentum * velocity - rate * curvature * w
        walks["momentum"].append(w + velocity)
        w = walks["adam"][-1]
        m, v = 0.9 * m + 0.1 * curvature * w, 0.999 * v + 0.001 * (curvature * w) ** 2
        corrected = np.sqrt(v / (1 - 0.999**step))
        walks["adam"].append(w - adam_rate * m / (1 - 0.9**step) / corrected)
    return {name: np.array(walk) for name, walk in walks.items()}


@pytest.mark.parametrize("values", [(100, 0.01, 0.9, 0.1), (7, 0.05, 0.5, 0.3)])
def test_each_walks_by_its_own_rule(values):
    model = RaceModel(**dict(zip(("steepness", "rate", "momentum", "adam_rate"), values,
                                 strict=True)), steps=30)  # fmt: skip
    expected = walked_by_hand(*values, 30)
    for name, path in model.paths().items():
        np.testing.assert_allclose(path, expected[name], atol=2e-4)
        w1, w2 = path.T
        np.testing.assert_allclose(model.losses()[name], (w1**2 + values[0] * w2**2) / 2)


def test_a_value_that_a_walk_does_not_use_does_not_walk_it_anew(monkeypatch):
    called = []

    def counted(name, *arrays, **attributes):
        called.append(name)
        return compute(name, *arrays, **attributes)

    monkeypatch.setattr(race, "compute", counted)
    model = RaceModel()
    for values, anew in (
        ({}, KERNELS),
        ({"adam_rate": 0.2}, ("adam_update",)),
        ({"momentum": 0.5}, ("momentum_update",)),
        ({"rate": 0.005}, KERNELS[:2]),
        ({"steps": 7}, ()),
        ({"steepness": 9}, KERNELS),
    ):
        called.clear()
        model.update(**values)
        assert [len(path) for path in model.paths().values()] == [model.steps + 1] * 3
        assert called == [name for name in anew for _ in range(race.LAST)], values


def test_who_leaves_the_ravine_is_stopped_and_it_is_said():
    model = RaceModel(rate=0.03, momentum=0.0, steps=100)
    whole = model.whole_paths()
    assert len(whole["sgd"]) < 40 and len(whole["adam"]) == race.LAST + 1
    assert 1e6 < model.losses()["sgd"][-1] < 1e8
    assert "SGD has left the ravine, momentum has left the ravine" in model.report()
    before = RaceModel(rate=0.03, steps=5)
    assert "left" not in before.report()
    top = race.scene(model).panels[1].up.high
    assert top == 6 and max(marks(model, 1)["SGD"]["y"]) <= top


def test_every_control_changes_the_scene_its_words_and_the_figure():
    for control in RaceModel.controls:
        model = RaceModel()
        shown, text = as_json(race.scene(model)), describe(race_figure(model))
        model.update(**{control.name: control.low})
        assert as_json(race.scene(model))["panels"] != shown["panels"], control.name
        assert as_json(race.scene(model))["words"] != shown["words"], control.name
        assert model.report() != RaceModel().report(), control.name
        assert describe(race_figure(model)) != text, control.name


def test_controls_hold_their_starting_value_on_a_step_and_name_a_unit():
    model = RaceModel()
    for control in model.controls:
        steps = (getattr(model, control.name) - control.low) / control.step
        assert 0 <= steps == pytest.approx(round(steps), abs=1e-6), control.name
        assert "(" in control.label


def test_sliders_and_the_way_back_by_questions():
    bench = race_bench()
    start = bench.values()
    answer = bench.asked({"number": 1, "set": {"momentum": 0.5, "steps": 90}})
    assert answer["trouble"] == "" and bench.model.momentum == 0.5 and bench.model.steps == 90
    assert [["values", "momentum"], 0.5] in answer["changes"]
    bench.asked({"number": 2, "action": "again"})
    assert bench.values() == start
    for wrong, said in (
        ({"set": {"rate": 0.06}}, "rate of SGD and momentum (a number) is 0.06"),
        ({"set": {"speed": 1}}, "has no slider 'speed'"),
        ({"action": "fly"}, "has no button 'fly'"),
    ):
        answer = bench.asked({"number": 3, **wrong})
        assert said in answer["trouble"] and answer["halt"]
    assert bench.values() == start


def test_the_mark_of_the_step_is_dragged_to_where_the_hand_is():
    model = RaceModel()
    (grip,) = [m for m in race.scene(model).panels[1].marks if m.kind == "handle"]
    assert grip.data["x"] == 40
    model.update(**{key: by * 73.4 + plus for key, (_, by, plus) in grip.data["sets"].items()})
    assert model.steps == 73 and marks(model, 1)["steps shown; drag it"]["x"] == 73


def test_only_what_moves_travels():
    bench = race_bench()
    answer = bench.asked({"number": 1, "set": {"momentum": 0.8}})
    moved = {(path[2], path[4]) for path, _ in answer["changes"] if "marks" in path}
    marks_of = [[m.name for m in panel.marks] for panel in bench.scene().panels]
    assert (0, marks_of[0].index("momentum")) in moved
    assert (0, marks_of[0].index("Adam")) not in moved and (0, 0) not in moved


@pytest.mark.parametrize("steps", [0, 1, 150])
@pytest.mark.parametrize("values", [{}, {"rate": 0.05, "momentum": 0.99}, {"steepness": 1}])
def test_the_scene_holds_finite_numbers_inside_of_its_axes(values, steps):
    model = RaceModel(steps=steps, **values)
    for panel in race.scene(model).panels:
        for mark in panel.marks:
            assert all(np.isfinite(mark.data.get(key, 0)).all() for key in ("x", "y"))
    up = race.scene(model).panels[1].up
    for name in ("SGD", "momentum", "Adam"):
        heights = marks(model, 1)[name]["y"]
        assert up.low <= min(heights) and max(heights) <= up.high
    assert f"loss after {steps} steps" in model.report() and "e-" not in model.report()


def test_lines_are_told_apart_without_their_colours():
    names = race.NAMES.values()
    dashes = [marks(RaceModel(), 1)[name]["dashes"] for name in names]
    shapes = [marks(RaceModel(), 0)[name]["shape"] for name in names]
    assert len(set(dashes)) == len(set(shapes)) == 3
