"""The shape tracer without a browser: its model through all controls, its shell by questions."""

import numpy as np
import pytest

from dlcore import initializers, utils
from dlcore.layers import Dense
from dlcore.plots import describe
from dlcore.plots.scene import as_json
from dlcore.widgets import ShapeModel, shape_figure, shape_tracer, shapes


def words(model, name):
    (mark,) = [m for m in shapes.scene(model).panels[0].marks if m.name == name]
    return mark.data["words"]


def test_rows_move_in_every_shape_and_in_no_weight():
    model = ShapeModel()
    before = model.weights()
    model.update(rows=500)
    assert model.trace() == [
        ("input", (500, 4)), ("layer 1", (500, 8)), ("layer 2", (500, 8)), ("output", (500, 3)),
    ]  # fmt: skip
    assert model.weights() == before == [((4, 8), (8,), 40), ((8, 8), (8,), 72), ((8, 3), (3,), 27)]
    assert model.total == 139


def test_the_counts_of_the_lesson():
    assert [ShapeModel(units=(u, u, 0)).total for u in (16, 32, 64)] == [403, 1315, 4675]
    assert ShapeModel(units=(17, 0, 0)).total == 139
    middle = [ShapeModel(units=(u, u, 0)).weights()[1][2] for u in (8, 16, 32)]
    assert middle == [72, 272, 1056]


def test_the_counts_are_those_of_the_library():
    model = ShapeModel(units=(5, 0, 7), outputs=2)
    built = [Dense(5), Dense(7), Dense(2)]
    y = np.zeros((3, 4))
    for layer in built:
        y = layer(y)
    assert [count for _, _, count in model.weights()] == [each.count_params() for each in built]
    assert [w for w, _, _ in model.weights()] == [each.get_weights()[0].shape for each in built]


@pytest.mark.parametrize(
    ("mishap", "rows", "given", "out"),
    [
        (1, 32, (4,), None),
        (2, 3, (3, 5), None),
        (3, 32, (4, 32), None),
        (3, 4, (4, 4), (4, 3)),
        (4, 32, (32, 7, 4), (32, 7, 3)),
    ],
)
def test_a_mishap_is_noticed_where_the_library_notices_it(mishap, rows, given, out):
    model = ShapeModel(rows=rows, mishap=mishap)
    assert model.trace()[0] == ("input", given)
    if out is None:
        assert "takes inputs of 4 columns" in model.problem and str(given) in model.problem
        assert len(model.trace()) == 1 and model.problem in model.report()
        assert len(words(model, "what does not fit")) == 1
    else:
        assert model.problem == "" and model.trace()[-1] == ("output", out)
        assert words(model, "what does not fit") == []
    assert model.total == 139


def test_what_meets_stands_under_its_arrow():
    model = ShapeModel(units=(8, 6, 0))
    assert words(model, "columns that come, rows of w") == ["4 = 4", "8 = 8", "6 = 6"]
    model.update(mishap=2)
    assert words(model, "what does not fit") == ["5 \N{NOT EQUAL TO} 4"]
    assert words(model, "columns that come, rows of w") == []
    model.update(mishap=1)
    assert words(model, "what does not fit") == ["no rows"]


def test_a_layer_of_no_units_is_left_out():
    model = ShapeModel(units=(0, 0, 0))
    assert [name for name, _, _ in model.layers] == ["output"] and model.total == 15
    (bars,) = shapes.scene(model).panels[1].marks
    assert bars.data["words"] == ["left out"] * 3 + ["15 (100 %)"]


def test_shares_add_up():
    (bars,) = shapes.scene(ShapeModel(units=(64, 32, 8))).panels[1].marks
    assert sum(bars.data["length"]) == pytest.approx(100, abs=0.01)
    assert bars.data["best"] == 1


def test_it_leaves_the_random_numbers_of_the_program_alone():
    drawn = []
    for make in (lambda: None, lambda: ShapeModel(units=(64, 64, 64))):
        utils.set_random_seed(0)
        make()
        drawn.append(initializers.get("glorot_uniform")((2, 3)))
    np.testing.assert_array_equal(*drawn)


def test_every_control_changes_scene_words_and_figure():
    for control in ShapeModel.controls:
        model = ShapeModel(units=(8, 8, 8))
        shown, text = as_json(shapes.scene(model)), describe(shape_figure(model))
        model.update(**{control.name: control.high})
        assert as_json(shapes.scene(model))["panels"] != shown["panels"], control.name
        assert as_json(shapes.scene(model))["words"] != shown["words"], control.name
        assert describe(shape_figure(model)) != text, control.name


def test_sliders_and_menu_by_the_questions_of_a_page():
    tracer = shape_tracer()
    for control in tracer.model.controls:
        value = getattr(tracer.model, control.name) + control.step
        answer = tracer.asked({"number": 1, "set": {control.name: value}})
        assert getattr(tracer.model, control.name) == value and not answer["trouble"]
        paths = [path for path, _ in answer["changes"]]
        assert ["scene", "said"] in paths
        assert any(path[1:2] == ["panels"] for path in paths), control.name
    answer = tracer.asked({"number": 2, "set": {"mishap": 2}})
    assert [["values", "mishap"], 2] in answer["changes"]
    assert "was given shape (33, 5)" in tracer.scene().said
    answer = tracer.asked({"number": 3, "action": "again"})
    assert answer["halt"] and tracer.model.report() == ShapeModel().report()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"set": {"mishap": 9}}, "mishap=9 is not offered"),
        ({"set": {"rows": 0}}, "rows (examples at once) is 0"),
        ({"set": {"speed": 1}}, "has no slider 'speed'"),
        ({"action": "fly"}, "has no button 'fly'"),
    ],
)
def test_what_is_not_offered_is_said_and_changes_nothing(wrong, said):
    tracer = shape_tracer()
    start = tracer.values()
    answer = tracer.asked({"number": 1, **wrong})
    assert said in answer["trouble"] and answer["changes"] == [] and tracer.values() == start
