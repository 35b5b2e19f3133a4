"""The route of a slope without a browser: its model by its numbers, its shell by questions."""

import numpy as np
import pytest

from dlcore.course.registry import registry
from dlcore.plots import describe, route
from dlcore.plots.scene import as_json
from dlcore.widgets import RouteModel, route_bench
from dlcore.widgets import route as room

RNG = np.random.default_rng(0)
PICTURES = RNG.uniform(size=(5, 8, 8))  # no two pixels are equal, so that no window has a tie
FIRST = {"digit": 3, "window": 3, "stride": 1, "row": 0, "column": 3, "stack": 0, "pooling": 1,
         "source": 1}  # fmt: skip


def last_of(model, picture):
    """What the layers make of another picture."""
    other = RouteModel(picture[None], 0, model.stack, model.pooling, model.window, model.stride)
    return other.maps()[-1]


@pytest.mark.parametrize("stack", room.STACKS)
@pytest.mark.parametrize("pooling", room.POOLINGS)
@pytest.mark.parametrize(("window", "stride"), [(2, 2), (3, 1), (3, 2), (2, 3), (3, 3)])
def test_the_route_is_what_a_small_change_of_each_pixel_does(stack, pooling, window, stride):
    model = RouteModel(PICTURES, 1, stack, pooling, window, stride)
    found = np.zeros((8, 8))
    for place in np.ndindex(8, 8):
        moved = np.zeros((8, 8))
        moved[place] = 1e-6
        up, down = (last_of(model, PICTURES[1] + sign * moved) for sign in (1, -1))
        found[place] = (up - down)[model.row, model.column] / 2e-6
    np.testing.assert_allclose(model.route()[0], found, atol=1e-6)


@pytest.mark.parametrize("stack", room.STACKS)
@pytest.mark.parametrize(("window", "stride"), [(2, 2), (3, 1), (3, 2), (2, 3)])
def test_the_field_is_all_that_the_chosen_cell_sees(stack, window, stride):
    """Averages pass a slope on to every pixel of their field that lies in the picture."""
    model = RouteModel(PICTURES, 2, stack, "average", window, stride, kernel=np.ones((3, 3)))
    rows, columns = model.maps()[-1].shape
    for row, column in np.ndindex(rows, columns):
        model.update(row=row, column=column)
        top, left, high, wide = model.field()
        seen = np.zeros((8, 8), bool)
        seen[max(top, 0) : top + high, max(left, 0) : left + wide] = True
        np.testing.assert_array_equal(model.route()[0] != 0, seen)
        assert room.inside(model.field(), (8, 8)) == seen.sum()


@pytest.mark.parametrize(
    ("stack", "wide"), [("conv", 3), ("conv, pool", 4), ("conv, pool, conv, pool", 10)]
)
def test_the_width_of_the_field_is_that_of_the_exercise(stack, wide):
    model = RouteModel(PICTURES, stack=stack)
    windows, strides = zip(*(layer[1:3] for layer in model.layers), strict=True)
    assert model.field()[2:] == (wide, wide)
    assert registry().find("14.receptive_field").answer(windows, strides) == wide


def test_the_winner_alone_hears_of_it_and_of_an_average_each_cell_a_part():
    model = RouteModel(PICTURES)
    slope = model.route()[1]
    top, left, rows, columns = model.fields()[1]
    window = model.maps()[1][top : top + rows, left : left + columns]
    assert np.count_nonzero(slope) == slope.sum() == 1
    assert model.maps()[1][slope == 1] == window.max()
    assert model.report() == (
        "it sees 4 × 4 pixels · a slope reaches 9 of 16 pixels, 1 of 4 cells behind conv 3 × 3"
    )
    model.update(pooling="average")
    slope = model.route()[1]
    assert np.count_nonzero(slope) == 4 and set(slope[slope != 0]) == {0.25}
    assert "16 of 16 pixels, 4 of 4 cells" in model.report()


def test_all_slopes_share_one_scale_so_that_a_quarter_is_paler_than_one():
    shown = room.scene(RouteModel(PICTURES, pooling="average"))
    heats = [m.data for p in shown.panels for m in p.marks if m.name == "slopes"]
    assert len(heats) == 3 and {(each["low"], each["high"]) for each in heats} == {(-1, 1)}


def test_a_minus_is_dark_on_a_pale_cell_also_where_it_is_the_lowest_of_its_map():
    model = RouteModel(PICTURES, stack="conv", row=0, column=0)
    model._maps[1] = np.full((1, 8, 8, 1), -0.1)
    model._maps[1][0, 0, 0] = 1  # as dark as a colour can be
    axes = room.draw(model).axes[2]
    minus = [line.get_color() for line in axes.lines if line.get_marker() == "_"]
    assert len(minus) == 1 and minus != ["white"]


def test_behind_a_convolution_alone_the_slopes_are_its_weights_and_not_turned():
    model = RouteModel(PICTURES, stack="conv", row=4, column=3)
    np.testing.assert_array_equal(model.route()[0][3:6, 2:5], room.EDGE)
    turned = room.EDGE[::-1, ::-1]
    assert not np.array_equal(room.EDGE, turned) and np.all(room.EDGE != 0)


def test_a_cell_that_wins_nine_windows_gets_the_sum():
    picture = np.zeros((8, 8))
    picture[3:5, 4] = 5.0
    model = RouteModel(picture[None], window=3, stride=1, source="every cell")
    best = np.unravel_index(model.maps()[1].argmax(), (8, 8))
    assert model.route()[1][best] == model.route()[1].max() == 9
    assert "9 behind conv 3 × 3" in model.report()
    assert model.route()[1].sum() == 36  # one for each cell of the last map


def test_a_field_that_hangs_over_the_edge_is_framed_there_on_shaded_ground():
    model = RouteModel(PICTURES, stack="conv, pool, conv, pool", row=0, column=1)
    top, left, rows, columns = model.field()
    assert (top, left, rows, columns) == (-3, 1, 10, 10)
    assert "10 × 10 pixels, 51 of them beyond the edge" in model.report()
    panel = room.scene(model).panels[0]
    marks = {mark.name: mark.data for mark in panel.marks}
    assert marks["what it sees"]["y"] == [-3, -3, 7, 7, -3]
    assert panel.across.low == -3 and panel.across.high == 11 and panel.up.low == 11
    ground = np.reshape(marks["padding"]["values"], (14, 14))
    assert (ground[3:-3, 3:-3] == 0).all() and ground[0].min() > 0


@pytest.mark.parametrize("name", FIRST)
def test_a_question_of_the_page_moves_the_picture(name):
    bench = route_bench(PICTURES)
    start, shown = bench.values(), as_json(bench.scene())
    answer = bench.asked({"number": 1, "set": {name: FIRST[name]}})
    assert answer["trouble"] == "" and bench.values()[name] == FIRST[name]
    assert as_json(bench.scene())["panels"] != shown["panels"]
    assert bench.asked({"number": 2, "set": {name: FIRST[name]}})["changes"] == []
    bench.asked({"number": 3, "action": "again"})
    assert bench.values() == start and as_json(bench.scene()) == shown


def test_a_press_on_the_last_map_chooses_the_cell_under_it():
    """The page turns a place into a cell by `first` and `step`; the frame stands around it."""
    bench = route_bench(PICTURES)
    bench.take({"window": 3, "stride": 3})  # a map of 2 by 2
    for cell in ((0, 1), (1, 0)):
        hand = {"row": cell[0], "column": cell[1]}
        assert bench.asked({"number": 1, "set": hand})["trouble"] == ""
        last = [p for p in bench.scene().panels if any(m.kind == "cells" for m in p.marks)]
        (marks,) = [{mark.name: mark.data for mark in panel.marks} for panel in last]
        field, frame = marks["to choose from"], marks["the chosen cell"]
        assert field["counts"] == [2, 2] and field["at"] == list(cell)
        assert field["sets"] == ["row", "column"]
        middle = [field["first"][i] + cell[1 - i] * field["step"][i] for i in (0, 1)]
        assert middle == [np.mean([min(frame[a]), max(frame[a])]) for a in "xy"]


def test_another_map_begins_in_its_middle_and_the_button_leads_there():
    bench = route_bench(PICTURES)
    bench.asked({"number": 1, "set": {"row": 0, "column": 0}})
    bench.asked({"number": 2, "set": {"window": 3, "stride": 1}})
    assert bench.model.maps()[-1].shape == (6, 6)
    assert (bench.model.row, bench.model.column) == (3, 3)
    bench.asked({"number": 3, "set": {"row": 5}})
    bench.asked({"number": 4, "action": "middle"})
    assert (bench.model.row, bench.model.column) == (3, 3)


def test_what_has_no_use_is_hidden():
    bench = route_bench(PICTURES)
    assert bench.hidden() == []
    bench.take({"stack": 0})
    assert bench.hidden() == ["pooling", "window", "stride"]
    bench.take({"stack": 1, "source": 1})
    assert bench.hidden() == ["row", "column", "middle"]


@pytest.mark.parametrize("given", [{"window": 4}, {"stack": 3}, {"digit": 5}, {"size": 1}])
def test_what_is_not_offered_is_refused_in_a_sentence(given):
    answer = route_bench(PICTURES).asked({"number": 1, "set": given})
    assert answer["trouble"].startswith("ValueError") and answer["halt"]


def test_the_widget_and_the_figure_of_the_lesson_show_the_same():
    model = RouteModel(PICTURES)
    lesson = route(model.maps(), model.route(), model.fields(), model.names())
    shown, still = describe(room.draw(model)), describe(lesson)
    assert shown == still


def test_its_text_stands_in_for_it():
    assert repr(route_bench(PICTURES)) == (
        "<The route of a slope: run this cell to choose a cell and see what made it>"
    )
