"""The figures of a neuron that decides: its line, its dots and its ROC curve, by other ways."""

import numpy as np
import pytest

from dlcore.plots.deciding import (
    DOT,
    GRID,
    PER_LOSS,
    SPAN,
    SQUARE,
    area,
    deciding,
    deciding_scene,
    losses_and_slopes,
    roc,
    roc_curve,
    weights,
)
from dlcore.plots.still import POINT

RNG = np.random.default_rng(3)
X = RNG.normal(0, 1, (30, 2))
T = (X.sum(axis=1, keepdims=True) + RNG.normal(0, 0.8, (30, 1)) > 0).astype(float)


def marks(scene, panel):
    return {mark.name: mark.data for mark in scene.panels[panel].marks}


def by_hand(angle, steepness, shift):
    """z = steepness (how far along the direction - shift), with a plain sine and cosine."""
    turned = np.pi * angle / 180
    far = X[:, 0] * np.cos(turned) + X[:, 1] * np.sin(turned)
    return steepness * (far - shift)


@pytest.mark.parametrize(
    ("angle", "steepness", "shift"), [(0, 1, 0.5), (130, 4, -1.2), (270, 9, 2)]
)
def test_weights_and_bias(angle, steepness, shift):
    w, b = weights(angle, steepness, shift)
    assert w.shape == (2, 1) and np.linalg.norm(w) == pytest.approx(steepness)
    np.testing.assert_allclose((X @ w + b).ravel(), by_hand(angle, steepness, shift))


@pytest.mark.parametrize("digits", [8, 0])
def test_the_roc_curve_counts_and_its_area_is_the_share_of_pairs(digits):
    score = (X @ [[1.0], [0.4]]).round(digits)  # without digits there are ties
    false, true = roc(score, T)
    assert len(false) == 1 + len(np.unique(score))
    for level, fp, tp in zip(-np.unique(-score), false[1:], true[1:], strict=True):
        assert fp == pytest.approx(np.mean(score[T == 0] >= level))
        assert tp == pytest.approx(np.mean(score[T == 1] >= level))
    ones, zeros = score[T == 1][:, None], score[T == 0]
    pairs = np.mean(ones > zeros) + np.mean(ones == zeros) / 2
    assert area(score, T) == pytest.approx(pairs)
    assert area(-score, T) == pytest.approx(1 - pairs)


def test_rounding_is_a_tie():
    assert len(roc([0.3, 0.1 + 0.2, 0.5], [0, 1, 1])[0]) == 3


@pytest.mark.parametrize("threshold", [0.25, 0.5, 0.9])
@pytest.mark.parametrize("angle", [0, 45, 90, 215])
def test_the_border_lies_where_the_output_is_the_threshold(angle, threshold):
    w, b = weights(angle, 3, 0.7)
    border = marks(deciding_scene(X, T, angle, 3, 0.7, threshold), 0)["y = threshold"]
    ends = np.column_stack([border["x"], border["y"]])
    assert len(ends) == 2 and np.abs(ends).max() == pytest.approx(SPAN)
    np.testing.assert_allclose(1 / (1 + np.exp(-(ends @ w + b))), threshold, atol=1e-3)


def test_a_border_outside_of_the_picture_is_not_drawn():
    for angle in (0, 45):
        scene = deciding_scene(X, T, angle, 0.2, 2.0, 0.95)
        assert marks(scene, 0)["y = threshold"]["x"] == []
        assert deciding(X, T, angle, 0.2, 2.0, 0.95).axes


def test_each_dot_is_as_large_as_its_loss():
    z = by_hand(45, 6, 0.2)
    losses = np.log(1 + np.exp(np.where(T.ravel() == 1, -z, z)))
    shown = marks(deciding_scene(X, T, 45, 6, 0.2, 0.5), 0)
    for name, target, by in (("female, t = 0", 0, 1.0), ("male, t = 1", 1, SQUARE)):
        chosen = T.ravel() == target
        expected = by * (DOT + PER_LOSS * np.sqrt(losses[chosen]))
        np.testing.assert_allclose(shown[name]["size"], expected, atol=1e-3)
        np.testing.assert_allclose(shown[name]["x"], X[chosen, 0], atol=1e-4)
        np.testing.assert_allclose(shown[name]["y"], X[chosen, 1], atol=1e-4)


def test_the_figure_has_the_sizes_of_the_scene():
    shown = marks(deciding_scene(X, T, 45, 6, 0.2, 0.5), 0)
    drawn = {each.get_label(): each for each in deciding(X, T, 45, 6, 0.2, 0.5).axes[0].collections}
    for name in ("female, t = 0", "male, t = 1"):
        diameters = np.sqrt(drawn[name].get_sizes())
        np.testing.assert_allclose(diameters, 2 * POINT * np.array(shown[name]["size"]))


def test_the_ground_is_the_output():
    w, b = weights(60, 2, 0.3)
    ground = marks(deciding_scene(X, T, 60, 2, 0.3, 0.5), 0)["output y"]
    values = np.reshape(ground["values"], (len(GRID), len(GRID)))
    for row, column in ((0, 0), (10, 55), (60, 3)):
        z = GRID[column] * w[0, 0] + GRID[row] * w[1, 0] + b
        assert values[row, column] == pytest.approx(1 / (1 + np.exp(-z)), abs=0.0051)


def test_the_dot_on_the_curve_and_the_titles():
    y = 1 / (1 + np.exp(-by_hand(20, 2, 0.1)))[:, None]
    left, right = deciding_scene(X, T, 20, 2, 0.1, 0.7).panels
    dot = {mark.name: mark.data for mark in right.marks}["threshold 0.70"]
    assert dot["x"] == [pytest.approx(np.mean(y[T == 0] > 0.7), abs=1e-4)]
    assert dot["y"] == [pytest.approx(np.mean(y[T == 1] > 0.7), abs=1e-4)]
    loss = -np.mean(np.log(np.where(T == 1, y, 1 - y)))
    assert left.title == f"loss {loss:.3f}, accuracy {np.mean((y > 0.7) == T):.3f}"
    assert right.title == f"area under the curve {area(y, T):.3f}"
    axes = roc_curve(y, T, 0.7).axes[0]
    curve = {line.get_label(): line.get_xydata() for line in axes.lines}
    np.testing.assert_allclose(curve["every threshold"], np.column_stack(roc(y, T)), atol=1e-4)
    np.testing.assert_allclose(curve["threshold 0.70"], [[dot["x"][0], dot["y"][0]]])


def test_losses_and_slopes_are_drawn_beside_each_other():
    z = np.linspace(-3, 3, 7)
    figure = losses_and_slopes({"a": (z**2, 2 * z), "b": (z, z[:, None] ** 0)}, z[:, None])
    left, right = ({line.get_label(): line for line in axes.lines} for axes in figure.axes)
    np.testing.assert_array_equal(left["a"].get_xydata(), np.column_stack([z, z**2]))
    np.testing.assert_array_equal(right["a"].get_xydata(), np.column_stack([z, 2 * z]))
    np.testing.assert_array_equal(right["b"].get_ydata(), np.ones(7))
    assert left["a"].get_linestyle() != left["b"].get_linestyle()
