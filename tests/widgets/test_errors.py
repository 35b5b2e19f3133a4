"""The error browser without a browser: its model, its pictures, its shell by questions."""

import numpy as np
import pytest

from dlcore.plots import confusion, describe, error_row
from dlcore.plots.errors import ACROSS, DOWN
from dlcore.plots.scene import as_json
from dlcore.utils import confusion_matrix
from dlcore.widgets import ErrorModel, error_browser
from dlcore.widgets import errors as room

RNG = np.random.default_rng(3)
NAMES = ("left", "right", "top/edge", "never")
SIZE = 28


class Halves:
    """Says where the ink is: the more of it in a part, the surer; the fourth class is never said.

    It counts how often it was asked.
    """

    def __init__(self):
        self.asked = 0

    def predict(self, x, verbose):
        self.asked += 1
        x = x[..., 0]
        left, right = x[:, :, : SIZE // 2].mean((1, 2)), x[:, :, SIZE // 2 :].mean((1, 2))
        logits = np.stack([left, right, x[:, : SIZE // 3].mean((1, 2)), left - 9], axis=1)
        y = np.exp(8 * logits)
        return (y / y.sum(axis=1, keepdims=True)).astype(np.float32)


def pictures(count=90):
    x = np.zeros((count, SIZE, SIZE, 1), np.float32)
    for picture, (top, left) in zip(x, RNG.integers(4, 16, (count, 2)), strict=True):
        picture[top : top + 8, left : left + 7] = RNG.uniform(0.3, 1, (8, 7, 1))
    return x


X = pictures()
SAID = Halves().predict(X, 0).argmax(axis=1)
LABELS = np.where(RNG.random(len(X)) < 0.5, SAID, RNG.integers(0, 4, len(X)))


def model():
    return ErrorModel(Halves(), X, LABELS, NAMES)


def browser():
    return error_browser(Halves(), X, LABELS, NAMES)


def test_it_begins_with_the_most_frequent_mistake_and_the_surest_of_it():
    shown = model()
    m = confusion_matrix(LABELS, SAID, 4)
    np.testing.assert_array_equal(shown.matrix(), m)
    off = m - np.diag(np.diag(m))
    assert off[shown.row, shown.column] == off.max() == len(shown.members())
    sure = shown.y[shown.members(), shown.column]
    assert (np.diff(sure) <= 0).all() and shown.place == shown.members()[0]
    assert (LABELS[shown.members()] == shown.row).all()
    assert (SAID[shown.members()] == shown.column).all()
    np.testing.assert_array_equal(shown.picture(), X[shown.place, :, :, 0])


def test_unchanged_it_says_of_a_picture_what_it_said_of_it_among_all():
    shown = model()
    for row, column in zip(*np.nonzero(shown.matrix()), strict=True):
        shown.update(row=row, column=column)
        assert shown.outputs().argmax() == column
        np.testing.assert_allclose(shown.outputs(), shown.y[shown.place], atol=1e-6)
        assert "changed" not in shown.report()


@pytest.mark.parametrize(("down", "right"), [(0, 0), (2, -3), (-1, 4), (6, 6), (-6, -6)])
def test_a_shift_is_what_the_lesson_calls_one(down, right):
    from dlcore.course.registry import registry

    answer = registry().find("15.shift").answer
    picture = RNG.uniform(0.1, 1, (SIZE, SIZE))
    expected = answer(picture[None, :, :, None], down, right)[0, :, :, 0]
    np.testing.assert_array_equal(room.moved(picture, down, right), expected)


def test_a_turn_is_clockwise_about_the_middle_and_a_quarter_is_exact():
    picture = RNG.uniform(0, 1, (SIZE, SIZE))
    np.testing.assert_allclose(room.turned(picture, 90), np.rot90(picture, -1), atol=1e-6)
    np.testing.assert_allclose(room.turned(picture, 180), picture[::-1, ::-1], atol=1e-6)
    np.testing.assert_array_equal(room.turned(picture, 0), picture)
    up = np.zeros((SIZE, SIZE))
    up[3, 13:15] = 1  # above the middle: a clockwise turn takes it to the right
    assert room.turned(up, 30)[:, 14:].sum() > 0.9 * room.turned(up, 30).sum() > 1
    flat = np.zeros((SIZE, SIZE))
    flat[8:20, 8:20] = 0.5
    assert room.turned(flat, 17).max() <= 0.5 + 1e-9
    assert room.turned(flat, 17).sum() == pytest.approx(flat.sum(), rel=0.01)


@pytest.mark.parametrize(
    ("at", "pixels"), [((14, 14), 64), ((0, 14), 32), ((27, 27), 25), ((0, 0), 16)]
)
def test_a_cover_is_a_square_that_may_stand_out(at, pixels):
    picture = np.ones((SIZE, SIZE))
    found = room.covered(picture, 8, at, 0.5)
    assert (found == 0.5).sum() == pixels and found[at] == 0.5 and picture.min() == 1
    np.testing.assert_array_equal(room.covered(picture, 0, at, 0.5), picture)


def test_the_report_says_whether_the_answer_has_changed():
    shown = model()
    shown.update(row=0, column=0)
    before = shown.report()
    assert before.startswith("left, rightly called so: ") and f"picture {shown.place} of" in before
    verdicts = []
    for right in range(7):
        shown.update(right=right)
        best = NAMES[shown.outputs().argmax()]
        verdicts.append(best)
        if right:
            assert ("changed: still left" if best == "left" else f"now {best}") in shown.report()
    assert len(set(verdicts)) > 1


def test_an_empty_cell_has_no_picture_and_says_so():
    shown = model()
    shown.update(row=0, column=3)
    assert shown.place is None and shown.report() == "left taken for never: 0"
    assert not shown.picture().any() and not shown.outputs().any()
    panels = room.scene(shown).panels
    assert panels[3].title == "Nothing here"
    room.draw(shown)


def test_another_cell_begins_with_its_first_picture_and_the_last_is_the_end():
    shown = model()
    shown.update(chosen=12)
    assert shown.chosen == min(12, len(shown.members()))
    shown.update(row=0, column=0)
    assert shown.chosen == 1


FIRST = {
    "row": 0, "column": 1, "chosen": 2, "down": 3, "right": -2, "turn": 20, "cover": 8,
}  # fmt: skip


@pytest.mark.parametrize("name", FIRST)
def test_a_question_of_the_page_moves_the_picture(name):
    bench = browser()
    said, shown = bench.scene().said, as_json(bench.scene())
    answer = bench.asked({"number": 1, "set": {name: FIRST[name]}})
    assert answer["trouble"] == "" and bench.values()[name] == FIRST[name]
    paths = [path for path, _ in answer["changes"]]
    assert any(path[1:2] == ["panels"] and "marks" in path for path in paths)
    assert bench.scene().said != said and as_json(bench.scene())["panels"] != shown["panels"]
    assert as_json(bench.scene()) == as_json(room.scene(bench.model))
    assert bench.asked({"number": 2, "set": {name: FIRST[name]}})["changes"] == []
    bench.asked({"number": 3, "action": "again"})
    assert as_json(bench.scene()) == shown


def test_place_and_fill_of_a_cover_count_where_there_is_one():
    bench = browser()
    assert set(bench.hidden()) == {"at_down", "at_right", "fill"}
    bench.take({"cover": 6})
    assert bench.hidden() == []
    for change in ({"fill": 1}, {"at_down": 9.4}, {"at_right": 17}):
        before = bench.model.picture()
        bench.take(change)
        assert (bench.model.picture() != before).any()
    assert bench.model.at == (9, 17) and bench.model.fill == 0.5


def test_a_click_chooses_the_cell_and_the_picture_below_the_hand():
    """What the page makes of a place: the nearest cell by `first` and `step`."""
    bench = browser()

    def click(panel, x, y):
        (mark,) = [each for each in bench.scene().panels[panel].marks if each.kind == "cells"]
        first, step, counts = (mark.data[name] for name in ("first", "step", "counts"))
        across, up = (round((at - first[i]) / step[i]) for i, at in enumerate((x, y)))
        assert 0 <= up < counts[0] and 0 <= across < counts[1]
        return dict(zip(mark.data["sets"], (up, across), strict=True))

    assert bench.asked({"number": 1, "set": click(0, 1.3, 0.4)})["trouble"] == ""
    assert (bench.model.row, bench.model.column) == (0, 1)
    bench.take({"row": 0, "column": 0})
    count = len(bench.model.members())
    wide, high = SIZE + 3, SIZE + 9
    for number in range(min(count, ACROSS * DOWN)):
        x, y = (number % ACROSS) * wide + 20, (number // ACROSS) * high + 5
        bench.take(click(1, x, y))
        assert bench.model.chosen == number + 1
        (mark,) = [each for each in bench.scene().panels[1].marks if each.kind == "cells"]
        assert mark.data["at"] == [number // ACROSS, number % ACROSS]
    for edge in (-0.4, ACROSS * wide - 0.6):
        bench.take(click(1, edge, -0.4))
        assert bench.model.chosen == (1 if edge < 0 else ACROSS)
    bench.take(click(1, 20, 5))
    for key, number in (
        ({"across": 1}, 2),
        ({"below": 1}, 2 + ACROSS),
        ({"across": 0}, 1 + ACROSS),
    ):
        assert bench.asked({"number": 1, "set": key})["trouble"] == ""
        assert bench.model.chosen == number
    bench.take({"row": 0, "column": 3})  # an empty cell
    bench.take(click(1, 40, 5))
    assert bench.model.chosen == 1


def test_the_network_is_asked_once_for_each_picture_that_is_shown():
    bench = browser()
    network = bench.model.network
    bench.asked({"number": 1, "set": {"right": 2}})
    asked = network.asked
    bench.asked({"number": 2, "set": {"right": 3}})
    assert network.asked == asked + 1


@pytest.mark.parametrize(
    "given", [{"row": 4}, {"column": -1}, {"down": 7}, {"chosen": 0}, {"fill": 2}, {"size": 1}]
)
def test_what_is_not_offered_is_refused_in_a_sentence(given):
    answer = browser().asked({"number": 1, "set": given})
    assert answer["trouble"].startswith("ValueError") and answer["halt"]


def test_the_widget_and_the_figure_of_the_lesson_show_the_same():
    shown = model()
    lesson, widget = confusion(shown.matrix(), NAMES), room.draw(shown)
    counts = [{text.get_text() for text in each.axes[0].texts} for each in (lesson, widget)]
    mistakes = shown.matrix() * (1 - np.eye(4, dtype=int))
    for found, numbers in zip(counts, (shown.matrix(), mistakes), strict=True):
        assert found == {str(each) for each in numbers.ravel() if each}
    images = [each.axes[0].images[0].get_array() for each in (lesson, widget)]
    np.testing.assert_array_equal(*images)
    for figure in (lesson, widget):
        assert figure.axes[0].get_ylim()[0] > figure.axes[0].get_ylim()[1]  # class 0 above


def test_a_row_of_pictures_has_its_words_below_each():
    figure = error_row(X[:7, :, :, 0], [f"picture {each}" for each in range(7)], "Seven")
    (axes,) = figure.axes
    (image,) = axes.images
    place = {text.get_text(): text.xy for text in axes.texts}
    sheet = np.asarray(image.get_array())
    for each in range(7):
        middle, foot = place[f"picture {each}"]
        left, top = round(middle - SIZE / 2 + 0.5), round(foot - 3.5 - SIZE)
        shown = sheet[top : top + SIZE, left : left + SIZE]
        np.testing.assert_allclose(shown, X[each, :, :, 0], atol=0.05)
    assert "Seven" in describe(figure)


def test_its_text_stands_in_for_it():
    text = "<Error browser: run this cell to choose mistakes, and to move, turn and cover them>"
    assert repr(browser()) == text
