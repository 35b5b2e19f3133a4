"""The training cockpit by its controls, without a browser."""

import numpy as np
import pytest

from dlcore.plots import describe
from dlcore.trainer.divergence import Divergence
from dlcore.widgets import CockpitModel, cockpit, training_cockpit
from dlcore.widgets.cockpit import BACKPROP, PACES
from dlcore.widgets.cockpit_model import CHOICES
from dlcore.widgets.own_data import from_text

RNG = np.random.default_rng(3)
TABLE = "length,width,kind\n" + "\n".join(
    f"{a:.3f},{b:.3f},{'big' if a + b > 0 else 'small'}" for a, b in RNG.normal(size=(45, 2))
)


@pytest.fixture
def widget():
    return training_cockpit(from_text(TABLE))


def state(widget):
    return widget.picture.value, widget.text.value, widget.weights.value


def test_step_trains_one_batch_and_shows_it(widget):
    before = state(widget)
    widget.one.click()
    assert widget.model.done == 1
    assert all(a != b for a, b in zip(before, state(widget), strict=True))
    weight = widget.model.weights[0][0, 0]
    assert f"{weight:.3f}</td>" in widget.weights.value
    assert "0 whole epochs and 1 of 2 batches" in widget.text.value


def test_the_player_trains_at_the_chosen_pace_and_its_stop_rewinds(widget):
    start, done = state(widget), 0
    for pace, steps in zip(PACES, (1, 10, widget.model.steps_per_epoch), strict=True):
        widget.pace.value = pace
        widget.play.value += 1
        done += steps
        assert widget.model.done == done
    widget.play.value = 0
    assert widget.model.done == 0 and state(widget) == start


def test_rewind_stops_the_player_and_repeats_the_same_pictures(widget):
    def three():
        for _ in range(3):
            widget.play.value += 1
            yield state(widget)

    start, first = state(widget), list(three())
    widget.play.playing = True
    widget.back.click()
    assert not widget.play.playing and widget.play.value == 0 and state(widget) == start
    assert list(three()) == first


@pytest.mark.parametrize("name", CHOICES)
def test_each_menu_sets_its_choice_and_rewinds(name, widget):
    widget.one.click()
    menu = widget.choices[name]
    menu.value = next(value for value in CHOICES[name] if value != menu.value)
    assert getattr(widget.model, name) == menu.value and widget.model.done == 0
    widget.one.click()
    assert widget.model.done == 1 and not widget.model.trouble


def test_two_inputs_are_chosen_for_the_boundary_without_a_rewind():
    widget = training_cockpit()
    widget.one.click()
    picture = widget.picture.value
    widget.across.value = widget.model.data.names.index("Age")
    assert widget.picture.value != picture and widget.model.done == 1
    assert "across: Age (standard deviations)" in describe(cockpit.draw(widget.model))
    picture = widget.picture.value
    widget.up.value = widget.model.data.names.index("Debt")
    assert widget.picture.value != picture


def test_backprop_shows_gradients_one_by_one_without_training(widget):
    widget.mode.value = BACKPROP
    assert widget.stage.layout.display is None
    pictures = set()
    for found in range(7):
        widget.stage.value = found
        pictures.add(widget.picture.value)
    assert len(pictures) == 7 and widget.model.done == 0
    widget.one.click()
    assert widget.model.done == 1 and widget.picture.value not in pictures
    widget.mode.value = cockpit.TRAINING
    assert widget.stage.layout.display == "none"


def test_own_data_pasted_uploaded_refused_and_back():
    widget = training_cockpit()
    widget.table.value = TABLE
    widget.take.click()
    assert widget.model.data.names == ("length", "width")
    assert [name for name, _ in widget.up.options] == ["length", "width"]
    assert "45 rows; inputs length, width; 1 is small." in widget.said.value
    widget.one.click()
    widget.table.value = TABLE + "\n1,<b>,big"
    widget.take.click()
    assert "column width holds &#x27;&lt;b&gt;&#x27;" in widget.said.value
    assert widget.model.done == 1, "what was there stays"
    file = {"name": "own.csv", "type": "text/csv", "size": 9, "content": memoryview(TABLE.encode()),
            "last_modified": 0}  # fmt: skip
    widget.table.value = ""
    widget._uploaded({"new": (file,)})
    assert widget.table.value == TABLE and widget.model.done == 0
    widget.credit.click()
    assert len(widget.model.data.names) == 8 and len(widget.across.options) == 8


def test_the_program_is_that_of_the_model(widget):
    widget.one.click()
    widget.export.click()
    assert widget.program.value == widget.model.export()
    assert "model.train_on_batch" in widget.program.value


def test_trouble_is_said_and_stops_the_player(widget, monkeypatch):
    def broken(x, y):
        raise Divergence("The loss became <NaN>.")

    monkeypatch.setattr(widget.model.network, "train_on_batch", broken)
    widget.play.playing = True
    widget.play.value += 1
    assert not widget.play.playing and widget.model.done == 0
    assert "The loss became &lt;NaN&gt;." in widget.text.value


def test_every_control_has_words(widget):
    for button in (widget.one, widget.back, widget.take, widget.credit, widget.export):
        assert button.description and button.tooltip
    for menu in (*widget.choices.values(), widget.across, widget.up, widget.pace, widget.stage):
        assert menu.description
    assert widget.stage.continuous_update is False


def test_its_text_stands_in_for_it_and_never_changes(widget):
    text = repr(widget)
    widget.one.click()
    assert text == repr(widget) and len(text) < 110 and "run this cell" in text


def test_the_picture_follows_from_the_model_alone():
    models = [CockpitModel(from_text(TABLE)) for _ in range(2)]
    for model in models:
        model.step(5)
    assert describe(cockpit.draw(models[0])) == describe(cockpit.draw(models[1]))
    models[1].step()
    assert describe(cockpit.draw(models[0])) != describe(cockpit.draw(models[1]))


def test_the_stop_rewinds_after_a_single_tick_too(widget):
    start = state(widget)
    widget.play.value = 1
    assert widget.model.done > 0
    widget.play.value = 0
    assert widget.model.done == 0 and state(widget) == start


def test_a_new_choice_stops_the_player(widget):
    widget.play.playing, widget.play.value = True, 1
    widget.choices["units"].value = 2
    assert not widget.play.playing and widget.play.value == 0


def test_names_of_a_pasted_table_are_shown_as_text_not_as_markup(widget):
    widget.use(from_text(TABLE.replace("length", "<b>length", 1)))
    assert "&lt;b&gt;length" in widget.weights.value
    assert "<b>length" not in widget.weights.value
