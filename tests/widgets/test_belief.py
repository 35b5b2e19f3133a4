"""The belief bench without a browser: its model through all controls, its shell by questions."""

import time

import numpy as np
import pytest

from dlcore.backends import numpy as key
from dlcore.course import material
from dlcore.plots import belief, describe
from dlcore.plots.scene import as_json
from dlcore.widgets import BeliefModel, belief_bench
from dlcore.widgets import belief as room

DIGITS = material.eight_digits()
SLIDERS = ("z0", "z1", "z2", "z3", "z4", "temperature")


def bars(scene):
    return [mark.data for panel in scene.panels for mark in panel.marks if mark.kind == "bars"]


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_shares_loss_and_slope_are_those_of_the_kernels(temperature):
    model = BeliefModel((1.5, -2, 0.5, 3, 0), 2, temperature)
    z, label = np.array([[1.5, -2, 0.5, 3, 0]]) / temperature, np.array([2])
    loss, y = key.sparse_categorical_crossentropy_from_logits(z, label)
    slope = key.sparse_categorical_crossentropy_from_logits_grad(np.ones(1), y, label)
    np.testing.assert_allclose(model.y, y[0])
    assert model.loss == pytest.approx(loss[0])
    np.testing.assert_allclose(model.gradient, slope[0])


def test_what_the_lesson_says_of_five_logits():
    model = BeliefModel()
    np.testing.assert_allclose(model.y, [0.636, 0.234, 0.086, 0.032, 0.012], atol=6e-4)
    np.testing.assert_allclose(model.y[1:] / model.y[:-1], 1 / np.e)
    before = model.y
    model.update(z0=3.0)
    assert model.y[0] == pytest.approx(0.826, abs=5e-4)
    assert (model.y[1:] < before[1:] / 2).all()
    after = model.y
    model.shift(1)
    np.testing.assert_allclose(model.y, after)
    np.testing.assert_allclose(model.logits, [4, 2, 1, 0, -1])
    model.rewind()
    for temperature, largest in ((0.5, 0.865), (5.0, 0.287)):
        model.update(temperature=temperature)
        assert model.y[0] == pytest.approx(largest, abs=5e-4)
        assert (np.diff(model.y) < 0).all()
    model.rewind()
    model.update(label=2)
    assert model.loss == pytest.approx(2.452, abs=5e-4)
    got = []
    for _ in range(4):
        assert model.gradient.sum() == pytest.approx(0)
        model.push()
        got.append(model.y[2])
    np.testing.assert_allclose(got, [0.276, 0.522, 0.683, 0.771], atol=6e-4)


def test_what_the_lesson_says_of_two_digits():
    model = room.belief_bench(*DIGITS).model
    for number, (true, read, share, loss) in {
        1: (9, 5, 0.011, 4.55), 2: (8, 1, 0.022, 3.82),
    }.items():  # fmt: skip
        model.from_picture(number)
        assert model.label == true and model.y.argmax() == read
        assert model.y[true] == pytest.approx(share, abs=6e-4)
        assert model.loss == pytest.approx(loss, abs=6e-3)
    assert model.y.max() > 0.9


def test_a_push_is_a_step_against_the_slope_also_when_it_is_warm():
    model = BeliefModel((1, 0, -1, 2, 0.5), 1, 2.0)
    before, h, slopes = model.logits.copy(), 1e-5, []
    for at in range(5):
        near = [BeliefModel(before + sign * h * np.eye(5)[at], 1, 2.0).loss for sign in (1, -1)]
        slopes.append((near[0] - near[1]) / (2 * h))
    model.push(rate=0.7)
    np.testing.assert_allclose(model.logits, before - 0.7 * np.array(slopes), atol=1e-8)


def test_a_shift_stops_at_the_end_and_keeps_the_differences():
    model = BeliefModel((5.5, 0, 0, -4, 1))
    model.shift(1)
    np.testing.assert_allclose(model.logits, [6, 0.5, 0.5, -3.5, 1.5])
    for _ in range(5):
        model.shift(-1)
    assert model.logits.min() == -6 and np.ptp(model.logits) == pytest.approx(9.5)


@pytest.mark.parametrize("name", [*SLIDERS, "label", "picture"])
def test_every_control_changes_what_is_said_the_scene_and_the_figure(name):
    bench = belief_bench(*DIGITS)
    said, shown = bench.scene().said, as_json(bench.scene())
    text = describe(room.draw(bench.model))
    answer = bench.asked({"number": 1, "set": {name: 3 if name != "temperature" else 2.5}})
    assert answer["trouble"] == "" and answer["changes"]
    assert bench.values()[name] == (3 if name != "temperature" else 2.5)
    assert bench.scene().said != said
    assert as_json(bench.scene())["panels"] != shown["panels"]
    assert as_json(bench.scene())["words"] != shown["words"]
    assert describe(room.draw(bench.model)) != text


@pytest.mark.parametrize("name", ["push", "more", "less"])
def test_every_button_moves_the_logits_and_rewind_brings_them_back(name):
    bench = belief_bench(*DIGITS)
    for picture in (0, 4):
        bench.take({"picture": picture})
        start = bench.model.logits.copy()
        assert bench.asked({"number": 1, "action": name})["halt"]
        assert not np.allclose(bench.model.logits, start)
        bench.asked({"number": 2, "set": {"temperature": 2.0}})
        bench.asked({"number": 3, "action": "rewind"})
        np.testing.assert_array_equal(bench.model.logits, start)
        assert bench.values()["temperature"] == 1


def test_digits_have_logits_of_their_own_and_ones_own_are_kept():
    bench = belief_bench(*DIGITS)
    assert bench.hidden() == []
    bench.take({"z1": -3.0, "label": 4})
    mine = bench.model.logits.copy()
    bench.take({"picture": 2})
    assert bench.hidden() == ["z0", "z1", "z2", "z3", "z4", "label"]
    assert len(bench.scene().panels) == 4 and len(bars(bench.scene())[0]["length"]) == 10
    bench.act("push", {})
    np.testing.assert_array_equal(DIGITS[1], material.eight_digits()[1])  # nothing is written there
    bench.take({"picture": 0})
    np.testing.assert_array_equal(bench.model.logits, mine)
    assert bench.model.label == 4 and len(bench.scene().panels) == 3


@pytest.mark.parametrize("wrong", [{"z0": 7}, {"z9": 1}, {"label": 5}, {"picture": 9}, {"b": 1}])
def test_what_is_not_offered_is_refused(wrong):
    bench = belief_bench(*DIGITS)
    assert "not offered" in bench.asked({"number": 1, "set": wrong})["trouble"]
    assert "no button" in bench.asked({"number": 2, "action": "jump"})["trouble"]


def test_the_bars_are_logits_shares_and_slopes_and_the_true_class_stands_apart():
    model = BeliefModel(label=2)
    logits, shares, slopes = bars(room.scene(model))
    np.testing.assert_allclose(logits["length"], [2, 1, 0, -1, -2])
    np.testing.assert_allclose(shares["length"], model.y, atol=1e-4)
    np.testing.assert_allclose(slopes["length"], model.gradient, atol=1e-4)
    assert slopes["words"] == ["0.64", "0.23", "\N{MINUS SIGN}0.91", "0.03", "0.01"]
    assert [each["best"] for each in (logits, shares, slopes)] == [2, 2, 2]
    assert "the true class at 2" in as_json(room.scene(model))["words"]


def test_the_menu_names_the_digits():
    (menu,) = (
        each for each in belief_bench(*DIGITS).controls()[1].controls if each.name == "picture"
    )
    assert menu.options[:4] == (room.OWN, "digit 1: a 4", "digit 2: a 9", "digit 3: an 8")


def test_a_moved_logit_sends_only_bars():
    bench = belief_bench(*DIGITS)
    answer = bench.asked({"number": 1, "set": {"z3": 2.0}})
    paths = [path for path, _ in answer["changes"] if path[:2] == ["scene", "panels"]]
    assert {path[3] for path in paths} == {"marks"} and {path[2] for path in paths} == {0, 1, 2}


def test_the_widget_and_the_figure_of_the_lesson_show_the_same():
    model = BeliefModel((1, 2, 0, -1, 3), 3, 1.5)
    assert describe(room.draw(model)) == describe(belief((1, 2, 0, -1, 3), 3, 1.5))


def test_an_answer_takes_a_small_part_of_the_time_that_a_hand_allows():
    bench, best = belief_bench(*DIGITS), np.inf
    for number in range(7):
        start = time.perf_counter()
        bench.asked({"number": number, "set": {"z0": number / 2}})
        best = min(best, time.perf_counter() - start)
    assert best < 0.05


def test_its_text_stands_in_for_it():
    text = repr(belief_bench())
    assert text == repr(belief_bench()) and "run this cell" in text
