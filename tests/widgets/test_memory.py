"""The memory bench without a browser: its model through all controls, its shell by questions."""

import numpy as np
import pytest

from dlcore import utils
from dlcore.course import material
from dlcore.engine import random
from dlcore.plots import describe, two_accuracies
from dlcore.plots.scene import as_json
from dlcore.widgets import MemoryModel, memory_bench
from dlcore.widgets import memory as room

(X, LABELS), (X_KEPT, LABELS_KEPT), _ = material.digits_in_three()
DATA = X, LABELS, X_KEPT, LABELS_KEPT
FIRST = {"units": 0, "rows": 0, "noise": 0.0}  # a change of each control, as the page says it


@pytest.fixture(autouse=True)
def short(monkeypatch):
    """Three epochs: what is trained is the same, and not how long."""
    monkeypatch.setattr(room, "EPOCHS", 3)


def marks(scene):
    return {mark.name: mark.data for mark in scene.panels[0].marks}


@pytest.mark.parametrize("noise", [0.0, 0.3, 0.9])
def test_the_share_of_wrong_labels_is_the_noise_and_each_of_them_is_wrong(noise):
    model = MemoryModel(*DATA, noise=noise, rows=1000)
    shown = model.shown_labels()
    wrong = shown != LABELS
    np.testing.assert_array_equal(wrong, model._u < noise)
    assert wrong.mean() == pytest.approx(noise, abs=0.04)
    assert model.share_right == pytest.approx(1 - wrong.mean())
    assert set(shown) <= set(range(10))
    if noise:
        assert {int(each) for each in (shown - LABELS)[wrong] % 10} == set(range(1, 10))


def test_few_rows_are_the_first_of_many():
    few, many = MemoryModel(*DATA, rows=50), MemoryModel(*DATA, rows=600)
    np.testing.assert_array_equal(few.shown_labels(), many.shown_labels()[:50])
    assert len(few.shown_labels()) == 50


def test_its_weights_are_those_of_a_network_with_one_hidden_layer():
    assert MemoryModel(*DATA, units=256).weights == 65 * 256 + 257 * 10
    assert MemoryModel(*DATA, units=4).weights == 310


def test_the_same_numbers_give_the_same_curves_and_nothing_else_is_disturbed():
    utils.set_random_seed(5)
    expected = random.permutation(20)
    utils.set_random_seed(5)
    first = MemoryModel(*DATA).curves()
    np.testing.assert_array_equal(random.permutation(20), expected)
    second = MemoryModel(*DATA).curves()
    np.testing.assert_array_equal(first, second)
    assert [each.shape for each in first] == [(3,), (3,)]
    other = MemoryModel(*DATA, seed=1).curves()
    assert (np.array(first) != np.array(other)).any()


def test_what_is_known_is_not_trained_again(monkeypatch):
    model, trained = MemoryModel(*DATA), []
    before = model._trained
    monkeypatch.setattr(model, "_trained", lambda: trained.append(model.units) or before())
    for units in (64, 8, 64, 8):
        model.update(units=units)
        model.curves()
        model.report()
    assert trained == [64, 8]


def test_the_best_epoch_is_the_first_of_the_highest_on_unseen_rows(monkeypatch):
    model = MemoryModel(*DATA)
    curves = np.array([0.1, 0.5, 0.6, 0.7]), np.array([0.2, 0.8, 0.8, 0.4])
    monkeypatch.setattr(model, "curves", lambda: curves)
    assert model.best_epoch == 2
    assert "0.70 on the rows it has seen, 0.40 on others" in model.report()
    assert model.report().endswith("best 0.80 after epoch 2")
    (panel,) = room.scene(model).panels
    found = marks(room.scene(model))
    assert (found["their best epoch"]["x"], found["their best epoch"]["y"]) == ([2], [0.8])
    assert found["rows it has seen"]["y"] == [0.1, 0.5, 0.6, 0.7]
    assert found["rows it has not seen"]["y"] == [0.2, 0.8, 0.8, 0.4]
    level = found["right labels among the seen"]["y"]
    assert level == pytest.approx([model.share_right] * 2, abs=1e-4)
    assert panel.title == "64 units, noise 0.3, 300 rows"


@pytest.mark.parametrize("name", FIRST)
def test_a_question_of_the_page_moves_the_picture(name):
    bench = memory_bench(*DATA)
    said, shown = bench.scene().said, as_json(bench.scene())
    text = describe(room.draw(bench.model))
    answer = bench.asked({"number": 1, "set": {name: FIRST[name]}})
    assert answer["trouble"] == "" and bench.values()[name] == FIRST[name]
    paths = [path for path, _ in answer["changes"]]
    assert any(path[1:2] == ["panels"] and "marks" in path for path in paths)
    assert bench.scene().said != said and as_json(bench.scene())["words"] != shown["words"]
    assert describe(room.draw(bench.model)) != text
    assert bench.asked({"number": 2, "set": {name: FIRST[name]}})["changes"] == []
    bench.asked({"number": 3, "action": "again"})
    assert bench.values() == {"units": 4, "rows": 2, "noise": 0.3}


def test_choices_name_the_numbers_that_they_set():
    bench = memory_bench(*DATA)
    offered = {each.name: each for group in bench.controls() for each in group.controls}
    assert set(offered) == {"units", "rows", "noise", "again"}
    for at, word in enumerate(offered["units"].options):
        bench.take({"units": at})
        assert str(bench.model.units) == word
    for at, word in enumerate(offered["rows"].options):
        bench.take({"rows": at})
        assert str(bench.model.rows) == word == str(len(bench.model.shown_labels()))


def test_a_slider_of_the_page_sends_numbers_that_are_not_quite_tenths():
    bench = memory_bench(*DATA)
    bench.take({"noise": 0.1 + 0.2})
    assert bench.model.noise == 0.3


@pytest.mark.parametrize(
    "given", [{"units": 7}, {"rows": 5}, {"units": -1}, {"noise": 1.0}, {"size": 1}]
)
def test_what_is_not_offered_is_refused_in_a_sentence(given):
    answer = memory_bench(*DATA).asked({"number": 1, "set": given})
    assert answer["trouble"].startswith("ValueError") and answer["halt"]


def test_units_that_are_not_offered_are_refused_by_the_model():
    with pytest.raises(ValueError, match=r"units=5 is not offered; choose one of \(4, 8, "):
        MemoryModel(*DATA).update(units=5)


def test_the_widget_and_the_figure_of_the_lesson_show_the_same():
    model = MemoryModel(*DATA, units=256)
    title = "256 units, noise 0.3, 300 rows"
    lesson = two_accuracies(*model.curves(), model.share_right, title)
    assert describe(lesson) == describe(room.draw(model))


def test_its_text_stands_in_for_it():
    assert repr(memory_bench(*DATA)) == "<Memory bench: run this cell to set units, rows and noise>"
