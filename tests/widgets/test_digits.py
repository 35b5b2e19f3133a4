"""The digit pad without a page: from strokes to bitmap, picture and answer, and its shell."""

import time

import numpy as np
import pytest

from dlcore.datasets import digits8
from dlcore.plots import describe
from dlcore.widgets import DigitModel, digit_pad, digits
from tests.widgets import handwriting
from tests.widgets.strokes import DIGITS, PLUS, moved

ONE = [[[0.5, 0.1], [0.5, 0.9]]]


@pytest.fixture(scope="module")
def network():
    """The network of the lesson, by the recipe of the lesson."""
    return handwriting.network(seed=0)


class Ones:
    """A network that gives the ink of ten pixels as its answer, so that wiring shows."""

    def predict(self, x, verbose):
        assert x.shape == (1, 8, 8) and 0 <= x.min() <= x.max() <= 1
        return x[:, 3:4, :].reshape(1, 8)[:, [0, 1, 2, 3, 4, 5, 6, 7, 0, 0]]


def recognised(network, **changes):
    answers = [DigitModel(network, moved(strokes, **changes)).digit for _, strokes in DIGITS]
    return np.mean([answer == digit for answer, (digit, _) in zip(answers, DIGITS, strict=True)])


def test_drawn_digits_are_recognised(network):
    assert recognised(network) >= 0.94


@pytest.mark.parametrize("changes", [{"scale": 0.4}, {"scale": 0.5, "x": -0.2, "y": 0.2}])
def test_size_and_place_on_the_pad_do_not_matter(network, changes):
    assert recognised(network, **changes) >= 0.94


@pytest.mark.parametrize("slant", [-0.15, 0.15])
def test_most_are_recognised_when_slanted(network, slant):
    assert recognised(network, slant=slant) >= 0.75


def test_a_plus_sign_gets_a_confident_answer(network):
    """As the lesson says."""
    assert DigitModel(network, PLUS).probabilities.max() > 0.9


def test_pictures_have_the_form_of_the_data():
    (x, _), _ = digits8.load_data()
    made = np.array([digits.blocks(digits.bitmap(strokes)) for _, strokes in DIGITS])
    assert made.dtype == x.dtype and made.shape[1:] == x.shape[1:]
    assert made.max() == x.max() == 16
    assert made.sum(axis=(1, 2)).mean() == pytest.approx(x.sum(axis=(1, 2)).mean(), rel=0.12)
    for side in (1, 2):  # digits fill the height, and leave margins left and right
        where = np.arange(8) * made.sum(axis=3 - side)
        centre = where.sum(axis=1).mean() / made.sum(axis=(1, 2)).mean()
        assert centre == pytest.approx(3.5, abs=0.3)
    assert (made[:, [0, 7]].sum(axis=2) > 0).all()
    assert (made[:, :, [0, 7]].mean() < 1) and (x[:, :, [0, 7]].mean() < 1)


def test_blocks_count_ink():
    inked = np.zeros((32, 32), bool)
    inked[0:4, 4:8] = True
    inked[31, 31] = True
    expected = np.zeros((8, 8))
    expected[0, 1], expected[7, 7] = 16, 1
    np.testing.assert_array_equal(digits.blocks(inked), expected)


def test_ink_lies_within_the_pen_of_the_segment():
    start, end = np.array([[-8.0, 0.0]]), np.array([[8.0, 0.0]])
    inked = digits._inked(start, end, 3.0)
    np.testing.assert_array_equal(np.flatnonzero(inked[:, 16]), np.arange(13, 19))
    across = np.flatnonzero(inked[16])
    assert (across.min(), across.max()) == (5, 26)


def test_a_dot_a_scribble_and_nothing():
    assert digits.bitmap([[[0.2, 0.9]]]).sum() > 30
    scribble = np.random.default_rng(0).random((3000, 2)).tolist()
    assert digits.bitmap([scribble]).any()
    assert not digits.bitmap([]).any() and not digits.bitmap([[]]).any()


def test_thinning_keeps_the_digit():
    few = DIGITS[0][1]
    corners = np.array(few[0])
    at = np.linspace(0, len(corners) - 1, 900)
    many = np.stack([np.interp(at, np.arange(len(corners)), column) for column in corners.T], 1)
    assert np.mean(digits.bitmap(few) != digits.bitmap([many.tolist()])) < 0.02


def test_without_a_drawing_the_network_is_not_asked():
    model = DigitModel(network=None)
    assert model.digit is None and not model.probabilities.any() and not model.picture.any()
    assert model.report() == digits.NOTHING


def test_bad_points_are_left_out():
    model = DigitModel(Ones(), [[[float("nan"), 0.5]], [], [[5.0, 0.1], [0.5, 0.9]]])
    assert [stroke.tolist() for stroke in model.strokes] == [[[1.0, 0.1], [0.5, 0.9]]]
    assert [stroke[:, 2].tolist() for stroke in model.drawn] == [[1, 1]]


def test_the_figure_shows_strokes_picture_and_answer(network):
    text = describe(digits.draw(DigitModel(network, PLUS)))
    assert text.count("line: 2 points") == 2
    assert "picture 'ink of each pixel (0 to 16)': 8 by 8, values 0 to" in text
    assert "text: " in text and " %" in text
    assert " %" not in describe(digits.draw(DigitModel(network))).replace("(%)", "")


def marks(pad):
    return {mark.kind: mark.data for panel in pad.scene().panels for mark in panel.marks}


def test_strokes_from_the_page_bring_picture_and_bars():
    pad = digit_pad(Ones())
    assert not any(marks(pad)["heat"]["values"]) and not any(marks(pad)["bars"]["length"])
    assert marks(pad)["bars"]["best"] is None and pad.scene().said == digits.NOTHING
    answer = pad.asked({"number": 1, "set": {"strokes": ONE}})
    seen, shown = DigitModel(Ones(), ONE), marks(pad)
    assert shown["heat"]["values"] == seen.picture.ravel().tolist()
    assert max(shown["heat"]["values"]) == 16
    np.testing.assert_allclose(shown["bars"]["length"], 100 * seen.probabilities)
    assert shown["bars"]["best"] == 3 and shown["bars"]["words"][3] == "100 %"
    assert pad.scene().said == "The network's answer: 3"
    paths = [path for path, _ in answer["changes"] if "marks" in path]
    assert {path[2] for path in paths} == {0, 1, 2}
    pad.asked({"number": 2, "action": "clear"})
    assert not any(marks(pad)["heat"]["values"]) and pad.scene().said == digits.NOTHING


def test_a_pen_that_presses_draws_wider_there():
    thin_to_wide = [[[0.5, 0.1, 0.5], [0.5, 0.5, 0.5], [0.5, 0.9, 2.0]]]
    inked = digits.bitmap(DigitModel(Ones(), thin_to_wide).drawn)
    assert inked[24].sum() > 1.5 * inked[8].sum() > 0
    even = [[[x, y, 2.0] for x, y, _ in thin_to_wide[0]]]
    plain = [[[x, y] for x, y, _ in thin_to_wide[0]]]
    assert np.array_equal(digits.bitmap(even), digits.bitmap(plain)), "only the relation counts"


def test_a_stroke_is_answered_in_time(network):
    """Half of the 50 ms that a hand takes for immediate; the other half is for the page."""
    pad, took = digit_pad(network), []
    for end in range(2, 12):
        start = time.perf_counter()
        pad.asked({"number": end, "set": {"strokes": [DIGITS[6][1][0][:end]]}})
        took.append(time.perf_counter() - start)
    assert np.median(took) < 0.025


def test_its_text_stands_in_for_it_and_never_changes(network):
    assert repr(digit_pad(network)) == repr(digit_pad(network))
    assert "run this cell" in repr(digit_pad(network))


def test_a_long_stroke_is_thinned_out_but_ends_where_the_pen_did():
    from dlcore.widgets.digits import SEGMENTS, _segments

    points = np.linspace([0.1, 0.1], [0.9, 0.8], 4 * SEGMENTS + 3)
    start, end, _ = _segments([points])
    assert len(start) <= SEGMENTS + 1
    np.testing.assert_array_equal([start[0], end[-1]], points[[0, -1]])
    np.testing.assert_array_equal(start[1:], end[:-1])
