"""The strip of lesson 10 without a browser: its model, its pictures, its shell by questions."""

import functools

import numpy as np
import pytest

from dlcore.backends import numpy as key
from dlcore.course import material
from dlcore.plots import describe
from dlcore.plots.scene import as_json
from dlcore.widgets import SignalModel, signal_strip
from dlcore.widgets import signals as room

RNG = np.random.default_rng(3)


@functools.cache
def images():
    """200 of them, read when a test asks, without the 10,000 that they were cut out of."""
    return material.clothes_scaled()[0][:200].copy()


def lines(scene):
    (panel,) = (each for each in scene.panels if each.title == "Sizes")
    return {mark.name: mark.data for mark in panel.marks}


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("activation", room.BENDS)
def test_signal_and_slope_are_those_of_the_kernels(activation, batch_norm):
    """Every layer forth and back by the answer key, and what it says of both."""
    x = RNG.normal(size=(30, 12))
    model = SignalModel(x, "he", activation, batch_norm, depth=4)
    ones, noughts = np.ones(room.WIDTH), np.zeros(room.WIDTH)
    h, kept = x, []
    for place in range(4):
        w = room._weights("he", h.shape[1], place)
        z = h @ w
        a, *moments = key.batch_norm(z, ones, noughts) if batch_norm else (z,)
        h = getattr(key, activation)(a)
        kept.append((w, z, h, moments))
        np.testing.assert_allclose(model.signals()[place], h, atol=1e-12)
        assert model.sizes()[place] == pytest.approx(np.sqrt(np.mean(h**2)))
    dy = model._above
    for place in reversed(range(4)):
        w, z, h, moments = kept[place]
        dz = getattr(key, f"{activation}_grad")(dy, h)
        assert model.slopes()[place] == pytest.approx(np.sqrt(np.mean(dz**2)))
        if batch_norm:
            dz = key.batch_norm_grad(dz, z, ones, *moments)[0]
        dy = dz @ w.T


def test_what_the_lesson_says_of_first_weights():
    for start, first, last, back in (
        ("glorot", 1.0, 0.00091, 0.00091), ("he", 1.1, 1.0, 0.89),
        ("std 0.01", 0.22, 2.8e-23, 1.2e-22), ("std 0.2", 4.4, 2973, 641),
    ):  # fmt: skip
        model = SignalModel(images(), start)
        assert model.sizes()[0] == pytest.approx(first, rel=0.06)
        assert model.sizes()[-1] == pytest.approx(last, rel=0.06)
        assert model.slopes()[0] == pytest.approx(back, rel=0.06)


def test_one_factor_a_layer_foretells_them_all():
    """On the mean of many layers the size is multiplied by the root of i v / 2."""
    for start, deviation in (("std 0.05", 0.05), ("std 0.2", 0.2), ("he", np.sqrt(2 / 100))):
        sizes = SignalModel(images(), start, depth=50).sizes()
        factor = (sizes[-1] / sizes[0]) ** (1 / 49)
        assert factor == pytest.approx(np.sqrt(100 * deviation**2 / 2), rel=0.05)


def test_tanh_saturates_where_its_size_looks_healthy():
    model = SignalModel(images(), "std 0.2", "tanh")
    assert model.sizes()[-1] == pytest.approx(0.73, abs=0.01)
    assert np.mean(np.abs(model.signals()[-1]) > 0.9) == pytest.approx(1 / 3, abs=0.03)
    assert model.slopes()[0] > 4


@pytest.mark.parametrize("start", room.STARTS)
def test_batch_norm_makes_all_starts_alike_and_its_slopes_grow(start):
    model = SignalModel(images(), start, batch_norm=True)
    # With weights as small as 0.01 epsilon is felt beside the variance.
    low = 0.55 if start == "std 0.01" else 0.66
    assert (model.sizes() > low).all() and (model.sizes() < 0.72).all()
    slopes = model.slopes()
    assert slopes[-1] == pytest.approx(0.7, abs=0.02) and 20 < slopes[0] < 40
    assert (slopes[0] / slopes[-1]) ** (1 / 19) == pytest.approx(1.21, abs=0.02)


def test_behind_many_layers_two_images_look_alike():
    def likeness(model):
        return np.corrcoef(model.signals()[-1]).mean()

    assert np.corrcoef(images()).mean() == pytest.approx(0.34, abs=0.01)
    assert likeness(SignalModel(images(), "he")) == pytest.approx(0.92, abs=0.01)
    assert abs(likeness(SignalModel(images(), "he", batch_norm=True))) < 0.1


def test_a_signal_too_small_for_its_square_still_has_a_size():
    assert room._size(np.full((3, 4), 1e-200)) == pytest.approx(1e-200)
    assert room._size(np.zeros((3, 4))) == 0
    sizes = SignalModel(images(), "std 0.01", depth=50).sizes()
    assert 0 < sizes[-1] < 1e-50


def test_a_strip_counts_every_value_once():
    values = np.array([[-7.0, -3, -0.12, 0.13, 0], [0, 0, 3.2, 1, -1e-30]])
    shares = room._shares(values) * 10
    assert shares[-1] == 3 and shares[:-1].sum() == 7
    assert shares[0] == 2 and shares[room.CELLS - 1] == 1
    assert shares[room.CELLS // 2] == 2 and shares[room.CELLS // 2 + 1] == 1
    assert shares[room.CELLS // 2 + 4] == 1
    model = SignalModel(images())
    for of in ("signal", "slope"):
        assert model.shares(of).shape == (room.CELLS + 1, 20)
        np.testing.assert_allclose(model.shares(of).sum(axis=0), 1)


def test_more_depth_keeps_what_was_there():
    model = SignalModel(images(), depth=5)
    five = model.sizes()
    model.update(depth=9)
    np.testing.assert_array_equal(model.sizes()[:5], five)
    assert len(model.slopes()) == 9
    model.update(depth=5)
    np.testing.assert_array_equal(model.slopes(), SignalModel(images(), depth=5).slopes())


@pytest.mark.parametrize(
    ("name", "value"), [("depth", 11), ("start", 4), ("activation", 1), ("batch_norm", 1)]
)
def test_every_control_changes_what_is_said_the_scene_and_the_figure(name, value):
    bench = signal_strip(images())
    said, shown = bench.scene().said, as_json(bench.scene())
    text = describe(room.draw(bench.model))
    answer = bench.asked({"number": 1, "set": {name: value}})
    assert answer["trouble"] == "" and answer["changes"]
    assert bench.values()[name] == value
    assert bench.scene().said != said
    assert as_json(bench.scene())["panels"] != shown["panels"]
    assert as_json(bench.scene())["words"] != shown["words"]
    assert describe(room.draw(bench.model)) != text


@pytest.mark.parametrize("wrong", [{"depth": 51}, {"start": 5}, {"batch_norm": 2}, {"b": 1}])
def test_what_is_not_offered_is_refused_and_nothing_is_changed(wrong):
    bench = signal_strip(images())
    before = bench.values()
    assert bench.asked({"number": 1, "set": wrong})["trouble"]
    assert bench.values() == before


def test_the_lines_are_the_sizes_as_powers_of_ten():
    model = SignalModel(images(), depth=30)
    found = lines(room.scene(model))
    np.testing.assert_allclose(found["signal"]["y"], np.log10(model.sizes()), atol=1e-4)
    np.testing.assert_allclose(found["slope, on its way back"]["y"], np.log10(model.slopes()),
                               atol=1e-4)  # fmt: skip
    assert found["signal"]["x"] == list(range(1, 31))


@pytest.mark.parametrize("depth", [1, 2, 25, 50])
@pytest.mark.parametrize("start", room.STARTS)
def test_what_is_drawn_lies_inside_its_axes(depth, start):
    for panel in room.scene(SignalModel(images()[:20], start, depth=depth)).panels:
        low, high = panel.up.low, panel.up.high
        for mark in panel.marks:
            heights = mark.data.get("up") or mark.data["y"]
            assert low <= min(heights) and max(heights) <= high, (panel.title, mark.name)
        assert all(low <= at <= high for at, _ in panel.up.ticks)
        assert len(panel.up.ticks) <= 9 and len(panel.across.ticks) <= 11


@pytest.mark.parametrize(
    ("value", "written"),
    [(0.0, "0"), (1.04, "1"), (0.00091, "0.00091"), (2973.4, "2,973"), (3e-23, "3.0 × 10⁻²³")],
)
def test_numbers_are_written_to_be_read(value, written):
    assert room.number(value) == written


def test_two_models_stand_beside_each_other():
    text = describe(room.draw(SignalModel(images()), SignalModel(images(), "he", batch_norm=True)))
    assert "Panel 1 of 6: Signal h: glorot, relu\n" in text
    assert "Panel 6 of 6: Sizes: he, relu, batch norm\n" in text
    assert text.count("up: size (no unit), -4 to 3\n") == 2  # one scale for both


def test_its_text_stands_in_for_it():
    text = repr(signal_strip(images()[:5]))
    assert text == repr(signal_strip(images()[:5])) and "run this cell" in text
