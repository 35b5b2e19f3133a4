"""The backprop widget by its controls, without a browser."""

import numpy as np
import pytest

from dlcore.plots import describe
from dlcore.plots.scene import as_json
from dlcore.plots.still import still
from dlcore.widgets import TapeModel, backprop_tape, tape_figure, tape_scene
from dlcore.widgets.tape_model import RATES, pretty
from dlcore.widgets.tape_widget import CHOICES, MEETINGS, NUDGES


@pytest.fixture
def widget():
    return backprop_tape()


def act(widget, name):
    answer = widget.asked({"number": 1, "action": name})
    assert answer["trouble"] == ""
    return answer


def choose(widget, **values):
    answer = widget.asked({"number": 1, "set": values})
    assert answer["trouble"] == ""
    return answer


def written(scene):
    """What stands on the picture, by the names of its marks."""
    marks = scene.panels[0].marks
    return {mark.name: mark.data["words"] for mark in marks if mark.kind == "words"}


def numbers(scene, name):
    (mark,) = [m for m in scene.panels[0].marks if m.kind == "words" and m.name == name]
    return dict(zip(mark.data["of"], mark.data["words"], strict=True))


def test_the_slider_goes_through_all_steps_and_each_changes_the_picture(widget):
    seen = []
    for position in range(len(widget.model.steps) + 1):
        choose(widget, position=position)
        assert widget.values()["position"] == position
        seen.append((as_json(widget.scene())["panels"], widget.scene().said))
    assert all(a != b for a, b in zip(seen, seen[1:], strict=False))
    assert "step 30 of 30, backward" in seen[-1][1]


def test_the_buttons_go_where_they_say(widget):
    model = widget.model
    for name, position in (
        ("step", 1), ("step", 2), ("back", 1), ("to_loss", 11), ("step", 12), ("to_end", 30),
        ("step", 30), ("rewind", 0), ("back", 0),
    ):  # fmt: skip
        act(widget, name)
        assert model.position == position, name


def test_the_picture_holds_the_numbers_of_the_model(widget):
    act(widget, "to_end")
    model, scene = widget.model, widget.scene()
    values, slopes, weights = (numbers(scene, n) for n in ("values", "slopes", "weights"))
    assert values["y"] == "2.5" and set(values) == {pretty(node.name) for node in model.nodes}
    for name in ("x", *model.weights, *(node.name for node in model.nodes)):
        assert float(slopes[pretty(name)].replace("−", "-")) == model.gradient(name), name
    for name, weight in model.weights.items():
        shown = weights[pretty(name)].removeprefix("b ").replace("−", "-")
        assert float(shown) == weight, name
    assert [pretty(n.name) for n in model.nodes] == written(scene)["on the tape, slope complete"]


def test_a_slope_stands_in_brackets_while_ways_are_missing(widget):
    choose(widget, position=19)
    assert numbers(widget.scene(), "slopes")["h1₁"] == "(−1)"
    choose(widget, position=23)
    assert numbers(widget.scene(), "slopes")["h1₁"] == "−0.5"


def test_before_the_first_step_only_what_is_given_is_there(widget):
    scene = widget.scene()
    assert numbers(scene, "values") == {"x": "2"} and numbers(scene, "slopes") == {}
    assert len(numbers(scene, "weights")) == 13
    assert written(scene)["at work"] == []


@pytest.mark.parametrize("name", CHOICES)
def test_each_menu_sets_its_choice_and_rewinds(name, widget):
    act(widget, "to_end")
    for index, value in enumerate(CHOICES[name]):
        answer = choose(widget, **{name: index})
        chosen = getattr(widget.model, "loss_name" if name == "loss" else name)
        assert chosen == value and widget.values()[name] == index
        act(widget, "to_end")
        if name in ("layers", "units"):
            assert [p for p, _ in answer["changes"] if p[0] in ("controls", "below")] or (
                len(widget.model.weights) == 13
            )


def test_a_number_is_chosen_and_drawn(widget):
    names = list(widget.model.numbers())
    act(widget, "to_end")
    for index, name in enumerate(names):
        choose(widget, number=index)
        assert widget.values()["value"] == widget.model.numbers()[name]
        before = as_json(widget.scene())["panels"]
        choose(widget, value=-2.5)
        assert widget.model.numbers()[name] == -2.5
        assert as_json(widget.scene())["panels"] != before, name
        assert widget.model.position == 30, "the picture recomputes at the same step"
        act(widget, "again")
        assert widget.model.loss == 0.25
        act(widget, "to_end")


def test_a_target_of_the_crossentropy_is_a_probability(widget):
    choose(widget, loss=1)
    choose(widget, number=list(widget.model.numbers()).index("t"))
    (slider,) = [c for g in widget.below() for c in g.controls if c.name == "value"]
    assert (slider.low, slider.high) == (0, 1)
    choose(widget, value=2.0)
    assert widget.model.t == 1
    choose(widget, number=0)
    (slider,) = [c for g in widget.below() for c in g.controls if c.name == "value"]
    assert (slider.low, slider.high) == (-3, 3)


def test_on_trial_a_number_tells_what_its_slope_is_worth(widget):
    choose(widget, nudge=1)
    assert "go on to the end first" in widget.tried()
    act(widget, "to_end")
    assert "changes by −0.0100 as foretold" in widget.tried()
    assert "really by −0.0099" in widget.tried()
    choose(widget, number=1)
    assert widget.tried().startswith("t is what is wanted")
    choose(widget, nudge=0)
    assert widget.tried() == "" and len(NUDGES) == 4


def test_slopes_overwrite_each_other_on_demand(widget):
    act(widget, "to_end")
    before = numbers(widget.scene(), "slopes")
    choose(widget, meeting=1)
    after = numbers(widget.scene(), "slopes")
    assert (before["w1₁"], after["w1₁"]) == ("−1", "1") and len(MEETINGS) == 2
    choose(widget, meeting=0)
    assert numbers(widget.scene(), "slopes") == before


def test_a_step_is_taken_at_the_chosen_rate(widget):
    for index in range(len(RATES)):
        act(widget, "again")
        choose(widget, rate=index)
        act(widget, "take")
        assert f"a step with rate {RATES[index]:g}: the loss was 0.25" in widget.scene().said


def test_a_smaller_network_leaves_no_number_that_is_gone(widget):
    names = list(widget.model.numbers())
    choose(widget, number=names.index("w2_22"))
    choose(widget, units=0)
    assert widget.number in widget.model.numbers()
    assert widget.values()["number"] == list(widget.model.numbers()).index(widget.number)


@pytest.mark.parametrize(
    "wrong", [{"position": 31}, {"units": 3}, {"value": 9.0}, {"speed": 1}, {"number": -1}]
)
def test_what_is_not_offered_is_refused(wrong, widget):
    answer = widget.asked({"number": 1, "set": wrong})
    assert "is not offered" in answer["trouble"] and answer["changes"] == []
    assert "has no button 'fly'" in widget.asked({"number": 2, "action": "fly"})["trouble"]


def test_every_control_has_words(widget):
    controls = [c for group in (*widget.controls(), *widget.below()) for c in group.controls]
    assert len(controls) == 18
    for control in controls:
        if control.kind != "note":
            assert control.label
        if control.kind == "button":
            assert control.tip
    assert set(widget.values()) == {c.name for c in controls if c.kind != "button"}


def test_only_what_changes_travels(widget):
    answer = act(widget, "step")
    paths = {tuple(path[:5]) for path, _ in answer["changes"]}
    edges = ("scene", "panels", 0, "marks", 0)
    assert edges not in paths and ("values", "position") in paths
    assert act(widget, "rewind")["changes"] and act(widget, "rewind")["changes"] == []


def test_no_two_numbers_of_the_picture_meet():
    """On a narrow page, where places are pixels; letters are 7 wide and 12 high."""
    for layers in (1, 2):
        for units in (1, 2, 3):
            model = TapeModel(layers=layers, units=units)
            model.go(len(model.steps))
            marks = [m.data for m in tape_scene.scene(model).panels[0].marks if m.kind == "words"]
            places = np.array(
                [(x + dx, y - dy, 3.4 * len(word))
                 for m in marks
                 for x, y, dx, dy, word in zip(*(m[k] for k in ("x", "y", "dx", "dy", "words")),
                                               strict=True)]
            )  # fmt: skip
            assert places[:, 1].min() > 8 and places[:, 1].max() < tape_scene.HIGH[units] - 8
            assert (places[:, 0] - places[:, 2]).min() >= 0
            assert (places[:, 0] + places[:, 2]).max() <= tape_scene.WIDE
            for i, (x, y, half) in enumerate(places):
                others = np.delete(places, i, axis=0)
                close = (np.abs(others[:, 0] - x) < others[:, 2] + half) & (
                    np.abs(others[:, 1] - y) < 11
                )
                assert not close.any(), (layers, units, x, y)


def test_the_figure_of_the_lesson_holds_the_scene_at_each_position():
    model = TapeModel()
    figure = tape_figure(model, 11, 30)
    assert model.position == 0 and len(figure.axes) == 2
    for axes, position in zip(figure.axes, (11, 30), strict=True):
        model.go(position)
        shown = [word for words in written(tape_scene.scene(model)).values() for word in words]
        assert [text.get_text() for text in axes.texts] == shown
        assert axes.get_title(loc="left") == model.report()
    assert describe(still(tape_scene.scene(model))) != describe(tape_figure(model, 11))


def test_its_text_stands_in_for_it_and_never_changes(widget):
    text = repr(widget)
    act(widget, "step")
    assert text == repr(widget) and len(text) < 110 and "run this cell to" in text
