"""A widget, its still figure and the figure of the lesson show the same numbers."""

import base64

import numpy as np
import pytest

from dlcore.plots import descent_path, neuron_on_bowl
from dlcore.plots.classifier import boundary, loss_history
from dlcore.plots.digits import drawn_digit
from dlcore.plots.hinges import hinge_sum
from dlcore.plots.network import backprop, network
from dlcore.plots.scene import Axis, Panel, Scene, photo
from dlcore.plots.still import still
from dlcore.widgets import (
    CockpitModel,
    DescentModel,
    DigitModel,
    HingeModel,
    NeuronModel,
    PainterModel,
    TapeModel,
    cockpit_scene,
    descent,
    digits,
    hinges,
    neuron,
    painter,
    tape_scene,
)
from tests.widgets.strokes import DIGITS

RNG = np.random.default_rng(5)
X = RNG.uniform(-3, 3, (20, 1))
MONTH = np.linspace(0, 12, 40)[:, None]


def marks(scene, panel):
    return {mark.name or mark.kind: mark.data for mark in scene.panels[panel].marks}


def lines(axes):
    return {line.get_label(): line.get_xydata() for line in axes.lines}


def points(data):
    return np.column_stack([data["x"], data["y"]])


@pytest.mark.parametrize(("w", "b"), [(0.0, 3.0), (0.55, 4.2), (-0.8, 5.9)])
def test_the_neuron(w, b):
    model = NeuronModel(X, 0.5 * X + 4, w, b)
    scene, lesson = neuron.scene(model), neuron_on_bowl(model.x, model.t, w, b)
    left, right = lesson.axes
    shown = marks(scene, 0)
    np.testing.assert_allclose(
        points(shown["neuron, y = x w + b"]), lines(left)["neuron, y = x w + b"], atol=1e-4
    )
    dots = {each.get_label(): each for each in left.collections}
    np.testing.assert_allclose(
        points(shown["penguin, t"]), dots["penguin, t"].get_offsets(), atol=1e-4
    )
    misses = np.array(dots["miss, y \N{MINUS SIGN} t"].get_segments())
    data = shown["miss, y \N{MINUS SIGN} t"]
    np.testing.assert_allclose(misses[:, 0], points(data), atol=1e-4)
    np.testing.assert_allclose(misses[:, 1], np.column_stack([data["x2"], data["y2"]]), atol=1e-4)
    now = marks(scene, 1)["now; drag it"]
    np.testing.assert_allclose([[now["x"], now["y"]]], lines(right)["now"])
    for panel, axes in zip(scene.panels, lesson.axes, strict=True):
        assert panel.title == axes.get_title(loc="left").replace("-", "\N{MINUS SIGN}")
        assert (panel.across.low, panel.across.high) == axes.get_xlim()
        assert (panel.up.low, panel.up.high) == axes.get_ylim()


def test_the_bowl_is_the_loss():
    model = NeuronModel(X, 0.5 * X + 4)
    data = marks(neuron.scene(model), 1)["mean loss (kg²)"]
    assert len(data["lines"]) >= 4
    heights = sorted({float(word) for word, _, _ in data["written"]})
    for xs, ys in data["lines"]:
        losses = [np.mean((model.x * w + b - model.t) ** 2) for w, b in zip(xs, ys, strict=True)]
        nearest = min(data["at"], key=lambda height: abs(np.log(losses[0] / height)))
        np.testing.assert_allclose(losses, nearest, rtol=0.03)
    for word, w, b in data["written"]:
        assert np.mean((model.x * w + b - model.t) ** 2) == pytest.approx(float(word), rel=0.03)
    assert heights


def test_the_descent():
    model = DescentModel(X, 0.5 * X + 4)
    model.step(4)
    scene, lesson = descent.scene(model), descent_path(model.x, model.t, {0.1: model.path})
    left, right = (lines(axes) for axes in lesson.axes)
    shown = marks(scene, 0)
    np.testing.assert_allclose(points(shown["after each step"]), left["rate 0.1"], atol=1e-4)
    losses = points(marks(scene, 1)["this walk, rate 0.100"])
    np.testing.assert_allclose(losses[:, 1], np.log10(right["rate 0.1"][:, 1]), atol=1e-4)
    model.rewind()
    data = marks(descent.scene(model), 0)["next step, against the slope"]
    step = [[data[key][0] for key in ends] for ends in (("x", "y"), ("x2", "y2"))]
    np.testing.assert_allclose(step, left["against the slope"], atol=1e-4)


def test_the_hinges():
    model = HingeModel(MONTH, 10 + MONTH)
    model.update(start=7.0, slope=1.6, kink1=2.0, bend1=1.6, kink2=7.3, bend2=-8.2, bend3=3.0)
    scene = hinges.scene(model)
    lesson = hinge_sum(model.x, model.t, model.start, model.slope, model.hinges)
    for panel, axes in enumerate(lesson.axes):
        shown, drawn = marks(scene, panel), lines(axes)
        for name in set(shown) & set(drawn) - {"measured"}:
            corners = points(shown[name])
            there = np.interp(corners[:, 0], *drawn[name].T)
            np.testing.assert_allclose(there, corners[:, 1], atol=0.15, err_msg=name)
    assert {"start + slope x", "hinge 1", "hinge 2", "hinge 3"} <= set(lines(lesson.axes[0]))
    assert scene.panels[1].title == lesson.axes[1].get_title(loc="left")
    kinks = [mark.data for mark in scene.panels[1].marks if mark.kind == "handle"][1:]
    np.testing.assert_allclose(
        [[kink["x"], kink["y"]] for kink in kinks], lines(lesson.axes[1])["kinks"], atol=0.3
    )


def test_the_cockpit():
    model = CockpitModel()
    model.step(130)
    scene = cockpit_scene.training(model)
    shown = marks(scene, 2)
    lesson = loss_history(model.losses, model.epoch_losses, model.steps_per_epoch)
    np.testing.assert_allclose(
        points(shown["all rows"]), lines(lesson.axes[0])["all rows"], atol=1e-4
    )
    np.testing.assert_allclose(
        points(shown["each batch"]), lines(lesson.axes[0])["each batch"], atol=1e-4
    )
    picked = [model.across, model.up]
    lesson = boundary(
        *model.boundary(), model.data.x[:, picked], model.data.t, names=("a", "b"),
        classes=model.data.classes,
    )  # fmt: skip
    shown = marks(scene, 1)
    for name in model.data.classes:
        np.testing.assert_allclose(points(shown[name]), lines(lesson.axes[0])[name], atol=1e-4)
    output = np.reshape(shown["output"]["values"], model.boundary()[2].shape)
    np.testing.assert_allclose(output, model.boundary()[2], atol=1e-4)
    drawn = network(model.weights, model.data.names).axes[0].collections
    edges = [mark.data for mark in scene.panels[0].marks if mark.kind == "edges"]
    for ours, theirs in zip(edges, drawn, strict=True):
        np.testing.assert_allclose(ours["strength"], theirs.get_array(), atol=1e-4)
        starts = np.column_stack([ours["x"], ours["y"]])
        np.testing.assert_allclose(starts, [s[0] for s in theirs.get_segments()], atol=1e-4)


def test_backprop():
    model = CockpitModel()
    model.step(3)
    scene, lesson = cockpit_scene.backprop(model, 6), backprop(model.flow(), 6)
    drawn = {
        image.get_label(): np.asarray(image.get_array())
        for axes in lesson.axes
        for image in axes.images
    }
    shown = {mark.name: mark.data for panel in scene.panels for mark in panel.marks}
    assert set(drawn) == set(shown) and len(shown) == 13
    for name, values in drawn.items():
        ours = np.reshape(shown[name]["values"], values.shape)
        np.testing.assert_allclose(ours, values, atol=1e-4, err_msg=name)


class Fifth:
    """A network that is sure of one digit."""

    def predict(self, x, verbose):
        return np.eye(10)[[5]] * 0.6 + 0.04


def test_the_pad():
    model = DigitModel(Fifth(), DIGITS[9][1])
    scene = digits.scene(model)
    lesson = drawn_digit(model.strokes, model.picture, model.probabilities)
    left, middle, right = lesson.axes
    shown = {mark.kind: mark.data for panel in scene.panels for mark in panel.marks}
    for stroke, line in zip(shown["brush"]["strokes"], left.lines, strict=True):
        np.testing.assert_allclose(np.array(stroke)[:, :2], line.get_xydata(), atol=1e-3)
    np.testing.assert_array_equal(
        np.reshape(shown["heat"]["values"], (8, 8)), middle.images[0].get_array()
    )
    ends = [segment[1, 0] for segment in right.collections[0].get_segments()]
    np.testing.assert_allclose(shown["bars"]["length"], ends)
    assert shown["bars"]["best"] == 5 and scene.said == "The network's answer: 5"


def test_the_still_figure_holds_the_marks_of_the_scene():
    """For every kind of mark, so that a new one cannot be forgotten."""
    model = CockpitModel()
    axis, pixels = Axis("", 0, 1), photo(RNG.uniform(0, 255, (3, 5, 3)), (0, 1), (1, 0))
    scenes = [
        cockpit_scene.training(model), cockpit_scene.backprop(model, 6),
        digits.scene(DigitModel(Fifth(), DIGITS[9][1])), neuron.scene(NeuronModel(X, X + 4)),
        descent.scene(DescentModel(X, X + 4)),
        tape_scene.scene(TapeModel()),
        painter.scene(PainterModel({"a": np.outer(X, X) / 10})),
        Scene((Panel("Pixels", axis, axis, (pixels,)),), ""),
    ]  # fmt: skip
    kinds = set()
    for scene in scenes:
        figure = still(scene)
        for panel, axes in zip(scene.panels, figure.axes, strict=True):
            kinds |= {mark.kind for mark in panel.marks}
            drawn = lines(axes)
            for mark in panel.marks:
                if mark.kind in ("line", "points") and mark.name:
                    np.testing.assert_allclose(drawn[mark.name], points(mark.data))
                elif mark.kind == "handle" and mark.name:
                    place = [[mark.data["x"], mark.data["y"]]]
                    np.testing.assert_allclose(drawn[mark.name], place)
                elif mark.kind == "arrow":
                    ends = np.column_stack([[*mark.data[a], *mark.data[f"{a}2"]] for a in "xy"])
                    np.testing.assert_allclose(drawn[mark.name], ends)
                elif mark.kind == "heat":
                    values = np.asarray(axes.images[0].get_array()).ravel()
                    np.testing.assert_allclose(values, mark.data["values"])
                elif mark.kind == "picture":
                    values = np.asarray(axes.images[0].get_array())
                    low, high = mark.data["low"], mark.data["high"]
                    tones = np.frombuffer(base64.b64decode(mark.data["tones"]), np.uint8)
                    shown = (values.ravel() - low) / (high - low)
                    np.testing.assert_allclose(shown, tones / 255, atol=1e-6)
                elif mark.kind == "photo":
                    drawn_there = np.asarray(axes.images[0].get_array(), np.uint8)
                    assert drawn_there.tobytes() == base64.b64decode(mark.data["colours"])
                elif mark.kind == "words":
                    there = {text.get_text() for text in axes.texts}
                    assert set(mark.data["words"]) <= there
                elif mark.kind == "boxes" and mark.name:
                    np.testing.assert_allclose(drawn[mark.name], points(mark.data))
                elif mark.kind == "bars":
                    widths = [bar.get_width() for bar in axes.patches]
                    np.testing.assert_allclose(widths, mark.data["length"])
    assert kinds == {
        "line", "points", "segments", "arrow", "levels", "heat", "bars", "edges", "nodes", "handle",
        "brush", "boxes", "words", "picture", "photo", "cells",
    }  # fmt: skip
