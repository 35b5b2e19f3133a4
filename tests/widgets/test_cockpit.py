"""The training cockpit by its controls, without a browser."""

import numpy as np
import pytest

from dlcore.plots import describe
from dlcore.plots.scene import as_json
from dlcore.plots.still import still
from dlcore.trainer.divergence import Divergence
from dlcore.widgets import CockpitModel, cockpit_scene, training_cockpit
from dlcore.widgets.cockpit import BACKPROP, MODES, PACES
from dlcore.widgets.cockpit_model import CHOICES, GRADIENTS
from dlcore.widgets.own_data import from_text

RNG = np.random.default_rng(3)
TABLE = "length,width,kind\n" + "\n".join(
    f"{a:.3f},{b:.3f},{'big' if a + b > 0 else 'small'}" for a, b in RNG.normal(size=(45, 2))
)


@pytest.fixture
def widget():
    return training_cockpit(from_text(TABLE))


def act(widget, name, **given):
    answer = widget.asked({"number": 1, "action": name, "given": given})
    assert answer["trouble"] == ""
    return answer


def choose(widget, **values):
    answer = widget.asked({"number": 1, "set": values})
    assert answer["trouble"] == ""
    return answer


def state(widget):
    return as_json(widget.scene())


def test_step_trains_one_batch_and_shows_it(widget):
    before = state(widget)
    answer = act(widget, "step")
    assert widget.model.done == 1 and not answer["halt"]
    after = state(widget)
    assert all(a != b for a, b in zip(before["panels"], after["panels"], strict=True))
    weight = f"{widget.model.weights[0][0, 0]:.3f}".replace("-", "\N{MINUS SIGN}")
    assert after["lists"][0]["rows"][0] == ["length", weight]
    assert "0 whole epochs and 1 of 2 batches" in after["said"]


def test_the_player_trains_at_the_chosen_pace(widget):
    done = 0
    for pace, steps in enumerate((1, 10, widget.model.steps_per_epoch)):
        choose(widget, pace=pace)
        assert not act(widget, "tick")["halt"]
        done += steps
        assert widget.model.done == done, PACES[pace]


def test_rewind_stops_the_player_and_repeats_the_same_pictures(widget):
    def three():
        for _ in range(3):
            act(widget, "tick")
            yield state(widget)

    start, first = state(widget), list(three())
    assert act(widget, "rewind")["halt"]
    assert state(widget) == start
    assert list(three()) == first


@pytest.mark.parametrize("name", CHOICES)
def test_each_menu_sets_its_choice_rewinds_and_stops_the_player(name, widget):
    act(widget, "step")
    other = next(i for i, v in enumerate(CHOICES[name]) if v != getattr(widget.model, name))
    assert choose(widget, **{name: other})["halt"]
    assert getattr(widget.model, name) == CHOICES[name][other] and widget.model.done == 0
    assert widget.values()[name] == other
    act(widget, "step")
    assert widget.model.done == 1 and not widget.model.trouble


def test_two_inputs_are_chosen_for_the_boundary_without_a_rewind():
    widget = training_cockpit()
    act(widget, "step")
    names = widget.model.data.names
    for where in ("across", "up"):
        before = state(widget)["panels"]
        answer = choose(widget, **{where: names.index("Age" if where == "across" else "Debt")})
        assert widget.model.done == 1 and not answer["halt"]
        after = state(widget)["panels"]
        assert [a == b for a, b in zip(before, after, strict=True)] == [True, False, True]
    panel = widget.scene().panels[1]
    assert panel.across.label == "Age (standard deviations)"
    assert panel.up.label == "Debt (standard deviations)"


def test_backprop_shows_gradients_one_by_one_without_training(widget):
    answer = choose(widget, mode=BACKPROP)
    assert widget.hidden() == ["across", "up"] and not answer["halt"]
    assert widget.found == 0, "at first only the way forward is known"
    pictures, said = [], []
    for found in range(7):
        choose(widget, found=found)
        pictures.append(state(widget)["panels"])
        said.append(widget.scene().said)
        titles = [panel.title for panel in widget.scene().panels]
        unknown = [t.partition(":")[0] for t in titles if t.endswith("not found yet")]
        assert set(unknown) == set(GRADIENTS[found:])
    assert all(a != b for a, b in zip(pictures, pictures[1:], strict=False))
    assert len(set(said)) == 7 and widget.model.done == 0
    act(widget, "step")
    assert widget.model.done == 1 and state(widget)["panels"] not in pictures
    choose(widget, mode=0)
    assert widget.hidden() == ["found"]


def test_the_panels_of_backprop_hold_the_numbers_of_the_flow(widget):
    choose(widget, mode=BACKPROP, found=6)
    flow = widget.model.flow()
    for panel in widget.scene().panels:
        name = panel.title.partition(" ")[0]
        (mark,) = panel.marks
        shown = np.reshape(mark.data["values"], flow[name].shape)
        np.testing.assert_allclose(shown, flow[name], atol=6e-5, err_msg=name)
        assert panel.column == name.removeprefix("d")
        assert "−" not in panel.title and f"[{len(shown)} × {shown.shape[1]}]" in panel.title


def test_own_data_pasted_uploaded_refused_and_back():
    widget = training_cockpit()
    choose(widget, table=TABLE)
    answer = act(widget, "take")
    assert widget.model.data.names == ("length", "width")
    menus = [value for path, value in answer["changes"] if path[0] == "controls"]
    assert ["length", "width"] in [list(options) for options in menus]
    assert "45 rows; inputs length, width; 1 is small." in widget.said
    act(widget, "step")
    choose(widget, table=TABLE + "\n1,<b>,big")
    act(widget, "take")
    assert "column width holds '<b>'" in widget.said
    assert widget.model.done == 1, "what was there stays"
    act(widget, "file", text="\ufeff" + TABLE)
    assert widget.table == TABLE and widget.model.done == 0
    act(widget, "credit")
    assert len(widget.model.data.names) == 8 and widget.said == ""


def test_the_program_is_that_of_the_model(widget):
    act(widget, "step")
    act(widget, "export")
    assert widget.values()["program"] == widget.model.export()
    assert "model.train_on_batch" in widget.program


def test_trouble_is_said_and_stops_the_player(widget, monkeypatch):
    def broken(*args, **options):
        raise Divergence("The loss became <NaN>.")

    monkeypatch.setattr(widget.model.network, "train_on_batch", broken)
    monkeypatch.setattr(widget.model.network, "fit", broken)
    assert act(widget, "tick")["halt"] and widget.model.done == 0
    assert "The loss became <NaN>." in widget.scene().said


@pytest.mark.parametrize("wrong", [{"pace": 3}, {"units": -1}, {"across": 9}, {"speed": 1}])
def test_what_is_not_offered_is_refused(wrong, widget):
    answer = widget.asked({"number": 1, "set": wrong})
    assert "is not offered" in answer["trouble"]


def test_every_control_has_words(widget):
    groups = [*widget.controls(), *widget.below()]
    controls = [control for group in groups for control in group.controls]
    assert len(controls) == 19
    for control in controls:
        if control.kind in ("button", "player"):
            assert control.label and control.tip
        elif control.kind != "note":
            assert control.label
    assert set(widget.values()) == {
        control.name for control in controls if control.kind not in ("button", "player", "file")
    }
    assert MODES[widget.mode] == "training"


def test_its_text_stands_in_for_it_and_never_changes(widget):
    text = repr(widget)
    act(widget, "step")
    assert text == repr(widget) and len(text) < 110 and "run this cell" in text


def test_the_picture_follows_from_the_model_alone():
    models = [CockpitModel(from_text(TABLE)) for _ in range(2)]
    for model in models:
        model.step(5)
    scenes = [cockpit_scene.training(model) for model in models]
    assert scenes[0] == scenes[1]
    texts = [describe(still(scene)) for scene in scenes]
    models[1].step()
    assert texts[0] == texts[1] != describe(still(cockpit_scene.training(models[1])))


def test_long_curves_are_thinned_out_and_the_legend_says_so(widget):
    act(widget, "rewind")
    widget.model.losses = list(np.linspace(1, 0, 1300))
    marks = {mark.name: mark.data for mark in cockpit_scene.loss(widget.model).marks}
    assert marks["one batch of 4"]["x"][:2] == [1, 5]
    assert len(marks["one batch of 4"]["x"]) == 325


def test_long_names_are_cut_beside_the_network_and_whole_elsewhere():
    widget = training_cockpit(from_text(TABLE.replace("length", "length of the flipper", 1)))
    (nodes,) = [m for m in widget.scene().panels[0].marks if m.kind == "nodes"][:1]
    assert nodes.data["words"] == ["length of t…", "width"]
    assert widget.scene().lists[0][1][0][0] == "length of the flipper"


def test_the_still_of_backprop_shows_signs_by_more_than_colour(widget):
    choose(widget, mode=BACKPROP, found=6)
    figure = widget.figure()
    panel = next(axes for axes in figure.axes if axes.get_title(loc="left").startswith("z1"))
    minuses = sum(len(line.get_xdata()) for line in panel.lines if line.get_label() == "_minus")
    assert minuses == np.sum(widget.model.flow()["z1"] < 0) > 0
