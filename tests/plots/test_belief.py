"""The figures of lesson 07, by other ways."""

import numpy as np
import pytest
from matplotlib.colors import to_hex

from dlcore.plots.belief import belief, belief_scene, beliefs, shares
from dlcore.plots.scene import bars, in_words
from dlcore.plots.style import BLUE, ORANGE

LOGITS = np.array([0.5, -1, 2, 0])


def widths(axes):
    return [patch.get_width() for patch in axes.patches]


def colours(axes):
    return [to_hex(patch.get_facecolor()).upper() for patch in axes.patches]


def test_shares_are_powers_of_e_over_their_sum():
    powers = np.e ** (LOGITS / 2)
    np.testing.assert_allclose(shares(LOGITS, 2.0), powers / powers.sum())


@pytest.mark.parametrize("label", [0, 3])
def test_the_figure_holds_logits_shares_and_slopes(label):
    left, middle, right = belief(LOGITS, label).axes
    y = shares(LOGITS)
    np.testing.assert_allclose(widths(left), LOGITS)
    np.testing.assert_allclose(widths(middle), y, atol=1e-4)
    np.testing.assert_allclose(widths(right), y - np.eye(4)[label], atol=1e-4)
    for axes in (left, middle, right):
        assert colours(axes) == [ORANGE if at == label else BLUE for at in range(4)]
        low, high = axes.get_ylim()
        assert low > high  # class 0 on top
        assert axes.get_ylabel() == f"class ({label} is true)"


def test_words_of_a_bar_stand_at_its_end_outside():
    right = belief(LOGITS, 2).axes[2]
    for text, width in zip(right.texts, widths(right), strict=True):
        assert text.get_position()[0] == pytest.approx(width)
        assert text.get_ha() == ("right" if width < 0 else "left")


def test_the_temperature_stands_in_the_title_when_there_is_one():
    titles = [belief_scene(LOGITS, 0, each).panels[1].title for each in (1.0, 0.5)]
    assert titles == ["y = softmax(z)", "y = softmax(z / 0.5)"]


def test_a_digit_stands_in_front():
    picture = np.arange(64).reshape(8, 8) % 17
    scene = belief_scene(np.linspace(-3, 3, 10), 7, 1.0, picture=picture)
    (ink,) = scene.panels[0].marks
    assert ink.data["values"] == picture.ravel().tolist() and scene.panels[0].title == "a 7"
    assert scene.panels[0].up.low > scene.panels[0].up.high  # its first row on top


def test_what_is_set_apart_is_said():
    assert "the longest at 1" in in_words(_of(bars([0, 1], [1, 2], ["a", "b"], 1, "n")))
    assert "the true at 1" in in_words(_of(bars([0, 1], [1, 2], ["a", "b"], 1, "n", "the true")))


def _of(mark):
    from dlcore.plots.scene import Axis, Panel, Scene

    return Scene((Panel("", Axis("", 0, 1), Axis("", 0, 1), (mark,)),), "")


def test_digits_with_what_was_said_of_them():
    y = np.random.default_rng(0).dirichlet(np.ones(10), 3)
    pictures, labels = np.random.default_rng(1).integers(0, 17, (3, 8, 8)), np.array([4, 0, 9])
    figure = beliefs(pictures, y, labels)
    assert len(figure.axes) == 3
    for axes, picture, row, true in zip(figure.axes, pictures, y, labels, strict=True):
        (strokes,) = axes.collections
        tops = np.array(strokes.get_segments())[:, 1]
        np.testing.assert_allclose(tops, np.column_stack([np.arange(10), row]))
        np.testing.assert_array_equal(axes.child_axes[0].images[0].get_array(), picture)
        assert axes.get_title(loc="left") == f"{true}, read as {row.argmax()}"
        drawn = [to_hex(each).upper() for each in strokes.get_colors()]
        assert drawn == [ORANGE if at == true else BLUE for at in range(10)]
