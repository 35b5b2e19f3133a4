"""The ball on the bowl without a browser: its steps, its edge, its controls."""

import numpy as np
import pytest

from dlcore.course.material import flippers_and_masses
from dlcore.plots.scene import as_json
from dlcore.widgets import DescentModel, descent, descent_bench

X, T = (each.astype(float) for each in flippers_and_masses())


def marks(model, panel):
    return {mark.name or mark.kind: mark.data for mark in descent.scene(model).panels[panel].marks}


def test_a_step_goes_against_the_slope_and_its_length_is_rate_times_slope():
    model = DescentModel(X, T, learning_rate=0.05, start_w=1.2, start_b=0.7)
    w, b, h = 1.2, 0.7, 1e-4

    def loss(w, b):
        return np.mean((w * X + b - T) ** 2)

    by_trial = (
        (loss(w + h, b) - loss(w - h, b)) / (2 * h),
        (loss(w, b + h) - loss(w, b - h)) / (2 * h),
    )
    np.testing.assert_allclose(model.gradient(), by_trial, rtol=1e-6)
    model.step()
    np.testing.assert_allclose(model.path[1], np.array([w, b]) - 0.05 * np.array(by_trial))
    assert model.losses == pytest.approx([loss(w, b), loss(*model.path[1])])


def test_steps_become_shorter_by_themselves_and_lead_to_the_bottom():
    model = DescentModel(X, T)
    model.step(10)
    lengths = np.linalg.norm(np.diff(model.path, axis=0), axis=1)
    assert (np.diff(lengths) < 0).all() and lengths[0] > 3 * lengths[5]
    model.step(90)
    assert model.loss == pytest.approx(model.lowest, abs=1e-6)
    line = np.polyfit(X.ravel(), T.ravel(), 1)
    np.testing.assert_allclose((model.w, model.b), line, atol=1e-3)


@pytest.mark.parametrize("origin", [0, 1])
def test_below_the_edge_every_walk_falls_and_above_it_every_walk_climbs(origin):
    edge = DescentModel(X, T, origin=origin).limit
    below = DescentModel(X, T, origin=origin, learning_rate=0.98 * edge)
    above = DescentModel(X, T, origin=origin, learning_rate=1.02 * edge)
    below.step(200)
    above.step(200)
    assert below.loss < below.losses[0] / 3 and not below.trouble
    assert above.loss > 10 * above.losses[0]


def test_a_walk_that_climbs_is_stopped_and_then_the_edge_is_told():
    model = DescentModel(X, T, learning_rate=0.6)
    assert "edge of this bowl" not in model.report()
    model.step(50)
    steps = model.steps
    assert 1e6 < model.loss < 1e8 and steps < 50
    assert "1,000,000 kg²" in model.report() and "edge of this bowl: rate 0.503" in model.report()
    model.step(5)
    assert model.steps == steps
    model.rewind()
    assert model.trouble == "" and model.steps == 0 and "0.503" in model.report()
    model.update(origin=1)
    assert "edge of this bowl" not in model.report(), "another bowl has another edge"


def test_a_walk_has_an_end():
    model = DescentModel(X, T, learning_rate=0.005)
    for _ in range(101):
        model.step(10)
    assert model.steps == descent.MANY and "enough" in model.report()


def test_the_same_birds_from_another_length_are_another_bowl_with_the_same_bottom():
    round_one, narrow = DescentModel(X, T), DescentModel(X, T, origin=1)
    assert round_one.lowest == pytest.approx(narrow.lowest)
    assert narrow.limit < round_one.limit / 5
    assert marks(round_one, 0)["mean loss (kg²)"] != marks(narrow, 0)["mean loss (kg²)"]
    w, b = 0.4, 3.0  # the same line, its bias told for 17 cm
    there = DescentModel(X, T, origin=1, start_w=w, start_b=b - 3 * w)
    assert there.loss == pytest.approx(DescentModel(X, T, start_w=w, start_b=b).loss)


def test_earlier_walks_on_the_same_bowl_stay_in_sight():
    model = DescentModel(X, T)
    model.step(3)
    first = list(model.losses)
    model.update(learning_rate=0.3)
    model.step(2)
    shown = marks(model, 1)
    np.testing.assert_allclose(shown["earlier, rate 0.100"]["y"], np.log10(first), atol=1e-4)
    assert len(shown["this walk, rate 0.300"]["y"]) == 3
    model.rewind()
    model.step(5)
    model.rewind()
    assert [len(walk.losses) for walk in model.earlier] == [4, 6], "the longer one of two alike"
    for rate in (0.2, 0.4):
        model.update(learning_rate=rate)
        model.step()
    model.rewind()
    assert [walk.learning_rate for walk in model.earlier] == [0.3, 0.2, 0.4]
    dashes = [marks(model, 1)[f"earlier, rate {rate}00"]["dashes"] for rate in (0.3, 0.2, 0.4)]
    assert len(set(dashes)) == 3
    model.update(origin=1)
    assert model.earlier == []


def test_every_choice_rewinds_and_changes_the_scene():
    for control in DescentModel.controls:
        model = DescentModel(X, T)
        shown = as_json(descent.scene(model))
        model.step(2)
        model.update(**{control.name: control.high})
        assert model.steps == 0
        assert as_json(descent.scene(model))["panels"] != shown["panels"], control.name
        assert as_json(descent.scene(model))["words"] != shown["words"], control.name


def test_controls_hold_their_starting_value_on_a_step():
    model = DescentModel(X, T)
    for control in model.controls:
        steps = (getattr(model, control.name) - control.low) / control.step
        assert 0 <= steps == pytest.approx(round(steps), abs=1e-6), control.name
        assert "(" in control.label


def test_buttons_and_menu_by_questions():
    bench = descent_bench(X, T)
    assert bench.asked({"number": 1, "action": "step"})["trouble"] == ""
    assert bench.model.steps == 1
    bench.asked({"number": 2, "action": "ten"})
    assert bench.model.steps == 11
    answer = bench.asked({"number": 3, "set": {"learning_rate": 0.3}})
    assert bench.model.steps == 0 and [["values", "learning_rate"], 0.3] in answer["changes"]
    bench.asked({"number": 4, "action": "ten"})
    assert bench.asked({"number": 5, "action": "rewind"})["halt"] and bench.model.steps == 0
    answer = bench.asked({"number": 6, "set": {"origin": 1, "start_w": 1.0}})
    assert answer["trouble"] == "" and bench.values()["origin"] == 1
    assert bench.model.start_w == 1.0
    assert bench.model.x.min() == pytest.approx(X.min() + 3)


def test_what_the_page_may_not_set_is_said_and_changes_nothing():
    bench = descent_bench(X, T)
    start = bench.values()
    for wrong, said in (
        ({"set": {"origin": 2}}, "origin=2 is not offered"),
        ({"set": {"learning_rate": 0.7}}, "learning rate (a number) is 0.7"),
        ({"set": {"speed": 1}}, "has no slider 'speed'"),
        ({"action": "fly"}, "has no button 'fly'"),
    ):
        answer = bench.asked({"number": 1, **wrong})
        assert said in answer["trouble"] and answer["halt"], wrong
    assert bench.values() == start


def test_the_dot_at_the_start_is_dragged_to_where_the_hand_is():
    (dot,) = [m for m in descent.scene(DescentModel(X, T)).panels[0].marks if m.kind == "handle"]
    place = {"x": 1.4, "y": 2.3}
    model = DescentModel(X, T)
    model.update(**{k: f * place[a] + s for k, (a, f, s) in dot.data["sets"].items()})
    assert model.path == [(1.4, 2.3)]


def test_only_what_moves_travels():
    bench = descent_bench(X, T)
    answer = bench.asked({"number": 1, "action": "step"})
    kinds = [mark.kind for mark in bench.scene().panels[0].marks]
    moved = {
        path[4] for path, _ in answer["changes"] if path[1:3] == ["panels", 0] and len(path) > 4
    }
    assert moved and kinds.index("levels") not in moved


@pytest.mark.parametrize("steps", [0, 1, 10, 40])
@pytest.mark.parametrize("rate", [0.1, 0.51, 0.6])
def test_the_scene_holds_finite_numbers_and_says_what_it_shows(rate, steps):
    model = DescentModel(X, T, learning_rate=rate)
    model.step(steps)
    scene = descent.scene(model)
    for panel in scene.panels:
        for mark in panel.marks:
            for key in ("x", "y", "x2", "y2"):
                assert np.isfinite(mark.data.get(key, 0)).all()
    words = as_json(scene)["words"]
    assert f"after {model.steps} step" in words and "arrow 'next step" in words
    descent.draw(model)
    up = scene.panels[1].up
    assert up.low <= np.log10(min(model.losses)) and np.log10(max(model.losses)) <= up.high
