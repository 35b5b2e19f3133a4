"""The text of a figure must change when the picture does: each test swaps or changes something."""

import numpy as np
import pytest

from dlcore.plots import describe, scatter
from dlcore.plots.style import new_figure

X = np.linspace(0, 10, 50)


def figure(draw, columns=1):
    made = new_figure(columns)
    draw(made.axes[0])
    return made


def test_names_counts_ranges_and_labels():
    text = describe(
        scatter(X, 2 * X, {"fit": (X, X + 1)}, title="Rise", xlabel="time (s)", ylabel="way (m)")
    )
    assert "Figure: Rise" in text
    assert "across: time (s), -0.5 to 10" in text
    assert "dots 'measured': 50 points, across 0 to 10, up 0 to 20, mean 10" in text
    assert "line 'fit': 50 points, across 0 to 10, up 1 to 11, mean 6" in text


@pytest.mark.parametrize(
    "change",
    [
        lambda axes: axes.plot(X, 2 * X, label="other"),
        lambda axes: axes.plot(X, 3 * X, label="a"),
        lambda axes: axes.plot(X, 2 * X[::-1] ** 2, label="a"),
        lambda axes: axes.plot(X, 2 * X, "o", label="a"),
        lambda axes: axes.scatter(X, 2 * X, label="a"),
        lambda axes: axes.vlines(X, 0, 2 * X, label="a"),
        lambda axes: axes.imshow(np.outer(X, X), label="a"),
        lambda axes: axes.bar(X, 2 * X, label="a"),
        lambda axes: axes.contour(np.outer(X, X)),
        lambda axes: (axes.plot(X, 2 * X, label="a"), axes.set_title("t")),
        lambda axes: (axes.plot(X, 2 * X, label="a"), axes.set_xlabel("x")),
        lambda axes: (axes.plot(X, 2 * X, label="a"), axes.text(1, 1, "note")),
        lambda axes: (axes.plot(X, 2 * X, label="a"), axes.set_ylim(0, 100)),
    ],
)
def test_another_picture_has_another_text(change):
    plain = describe(figure(lambda axes: axes.plot(X, 2 * X, label="a")))
    assert describe(figure(change)) != plain


def test_panels_swapped_read_differently():
    def two(first, second):
        made = new_figure(columns=2)
        made.axes[0].plot(X, first)
        made.axes[1].plot(X, second)
        return describe(made)

    assert two(X, X**2) != two(X**2, X)


def test_the_same_on_another_machine():
    """Results that differ by rounding of float32 must read alike."""
    first = describe(figure(lambda axes: axes.plot(X, np.sin(X) * 3.3)))
    other = describe(figure(lambda axes: axes.plot(X, np.sin(X) * 3.3 * (1 + 5e-7) + 1e-9)))
    assert first == other


def test_contours_read_by_their_heights_not_by_where_their_numbers_land():
    def draw(factor, size):
        made = new_figure(width=size)
        axes = made.axes[0]
        lines = axes.contour(factor * np.outer(X, X), [1, 4, 9])
        axes.clabel(lines)
        made.canvas.draw()
        return describe(made)

    assert draw(1, 7) == draw(1, 5)
    assert draw(1, 7) != draw(2, 7)


def test_frame_lines_are_not_data_and_colour_bars_are_named():
    def draw(axes):
        axes.axhline(0)
        filled = axes.contourf(np.outer(X, X))
        axes.figure.colorbar(filled, ax=axes, label="height (m)")

    text = describe(figure(draw))
    assert "line" not in text
    assert "Colours: height (m), 0 to 105" in text


def test_strokes_of_unequal_pieces_are_counted_and_measured_along_their_corners():
    from matplotlib.collections import LineCollection

    def text(strokes):
        return describe(figure(lambda axes: axes.add_collection(LineCollection(strokes))))

    assert "strokes: 2, mean length 5" in text([[(0, 0), (3, 0), (3, 4)], [(0, 0), (3, 0)]])
    assert "strokes: 2, mean length 4" in text([[(0, 0), (5, 0)], [(0, 0), (3, 0)]])
    assert text([]).endswith("strokes: 0")
