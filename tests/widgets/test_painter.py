"""The painter of lesson 13 without a browser: its model, its pictures, its shell by questions."""

import base64

import numpy as np
import pytest

from dlcore.backends import numpy as key
from dlcore.datasets import photos
from dlcore.plots.scene import in_words
from dlcore.widgets import PainterModel, kernel_painter, painter_figure
from dlcore.widgets import painter as room

RNG = np.random.default_rng(4)
PHOTOS = {"a": RNG.uniform(size=(14, 23)).astype(np.float32), "b": np.ones((14, 23), np.float32)}
EDGE = room.PRESETS[2]


def china(**choices):
    return PainterModel(photos.load_data(), **choices)


def panels(model):
    return {panel.title.partition(":")[0]: panel for panel in room.scene(model).panels}


@pytest.mark.parametrize("padding", room.PADDINGS)
@pytest.mark.parametrize("stride", [1, 2, 3, 4])
@pytest.mark.parametrize("size", room.SIZES)
def test_it_filters_as_the_kernel_of_the_library_does(size, stride, padding):
    k = RNG.normal(size=(size, size))
    model = PainterModel(PHOTOS, size=size, kernel=k, stride=stride, padding=padding, bias=0.25)
    x = PHOTOS["a"][None, :, :, None]
    around = [0, 0, 0, 0]
    if padding == "same":
        for at, n in enumerate(x.shape[1:3]):
            missing = max((-(-n // stride) - 1) * stride + size - n, 0)
            around[2 * at : 2 * at + 2] = missing // 2, missing - missing // 2
    w = k[:, :, None, None].astype(np.float32)
    expected = key.conv2d(x, w, np.array([0.25], np.float32), (stride, stride), tuple(around))
    np.testing.assert_allclose(model.filtered(), expected[0, :, :, 0], atol=1e-5)


@pytest.mark.parametrize("stride", [1, 3])
@pytest.mark.parametrize("padding", room.PADDINGS)
def test_the_sum_of_the_products_is_the_number_of_the_picture(padding, stride):
    model = PainterModel(PHOTOS, preset="sharpen", padding=padding, stride=stride, bias=-0.5)
    rows, columns = model.filtered().shape
    for row, column in ((0, 0), (rows - 1, columns - 1), (2, 1)):
        model.update(row=row, column=column)
        pixels, products, total = model.window()
        np.testing.assert_allclose(products, pixels * model.kernel)
        assert total == pytest.approx(model.filtered()[row, column], abs=1e-5)


def test_identity_and_corner_give_the_photograph_back():
    x = PHOTOS["a"]
    np.testing.assert_array_equal(PainterModel(PHOTOS).filtered(), x[1:-1, 1:-1])
    np.testing.assert_array_equal(PainterModel(PHOTOS, preset="corner").filtered(), x[:-2, :-2])


def test_a_mirrored_edge_changes_every_sign_and_a_turned_one_finds_the_other_edges():
    model = china(preset=EDGE)
    z = model.filtered()
    assert np.mean(np.abs(z) <= 0.05) == pytest.approx(0.74, abs=0.005)
    assert np.unravel_index(z.argmax(), z.shape) == (105, 122)
    assert np.unravel_index(z.argmin(), z.shape) == (105, 120)
    model.mirror()
    np.testing.assert_allclose(model.filtered(), -z, atol=1e-6)
    model.mirror()
    assert model.preset == EDGE
    model.turn()
    assert model.preset == room.PRESETS[3]
    assert np.abs(model.filtered()).mean() > 1.2 * np.abs(z).mean()


def test_zeros_around_a_white_picture_look_like_edges():
    z = PainterModel(PHOTOS, photo="b", preset=EDGE, padding="same").filtered()
    np.testing.assert_allclose(z[1:-1, 0], 1, atol=1e-6)
    np.testing.assert_allclose(z[1:-1, -1], -1, atol=1e-6)
    np.testing.assert_allclose(z[1:-1, 1:-1], 0, atol=1e-6)


def test_what_is_sharpened_leaves_the_range_of_a_picture():
    model = china(preset="sharpen")
    assert model.filtered().min() == pytest.approx(-1.07, abs=0.01)
    assert model.filtered().max() == pytest.approx(2.33, abs=0.01)
    assert "from −1.07 to 2.33" in model.report()


def test_blur_takes_away_little_of_a_photograph():
    assert china().filtered().std() > china(preset="blur", size=5).filtered().std() > 0.28


def test_a_painted_kernel_keeps_its_middle_when_its_size_changes():
    model = PainterModel(PHOTOS)
    model.set_weight(0, 1, -1.5)
    assert model.preset == room.PAINTED
    model.update(size=5)
    assert model.kernel.shape == (5, 5) and model.kernel[1, 2] == -1.5 and model.kernel[2, 2] == 1
    model.update(size=3)
    assert model.kernel[0, 1] == -1.5 and model.kernel.sum() == -0.5


def test_a_typed_kernel_may_have_fractions_and_is_known_again():
    model = PainterModel(PHOTOS)
    model.update(typed="-1/3 0 1/3\n−1/3, 0, 1/3\n\n-1/3 0 1/3")
    assert model.preset == EDGE
    for text, said in (("1 2 3", "has 3 lines of 3 numbers"), ("a b c\n" * 3, "is a number such")):
        with pytest.raises(ValueError, match=said):
            model.update(typed=text)
    with pytest.raises(ValueError, match="beyond 9"):
        model.set_weight(0, 0, 20)
    assert model.preset == EDGE


def test_the_window_stays_on_a_picture_that_becomes_smaller():
    bench = kernel_painter(PHOTOS)
    bench.asked({"number": 1, "set": {"row": 11, "column": 20}})
    answer = bench.asked({"number": 2, "set": {"stride": 4, "row": 11}})
    assert not answer["trouble"]
    assert (bench.model.row, bench.model.column) == (2, 5)


def test_the_page_paints_types_turns_and_starts_again():
    bench = kernel_painter(PHOTOS)
    start = bench.values()
    for question in (
        {"set": {"kernel": list(range(9))}}, {"action": "turn"}, {"action": "mirror"},
        {"set": {"size": 1, "padding": 1, "photo": 1, "stride": 2, "bias": 0.5}},
        {"set": {"typed": "1 0 0 0 0\n" * 5}},
    ):  # fmt: skip
        assert not bench.asked({"number": 1, **question})["trouble"]
    assert bench.model.kernel[:, 0].tolist() == [1] * 5
    assert bench.values() != start
    assert not bench.asked({"number": 2, "action": "again"})["trouble"]
    assert bench.values() == start
    trouble = bench.asked({"number": 3, "set": {"typed": "1 2"}})["trouble"]
    assert "has 3 lines of 3 numbers" in trouble and bench.values() == start


def test_the_pictures_hold_the_numbers_of_the_model():
    model = PainterModel(PHOTOS, preset=EDGE, padding="same", row=3, column=4)
    shown = panels(model)
    mark = shown[EDGE].marks[0].data
    tones = np.frombuffer(base64.b64decode(mark["tones"]), np.uint8).reshape(14, 23) / 255
    z = np.clip(model.filtered(), mark["low"], mark["high"])
    found = mark["low"] + tones * (mark["high"] - mark["low"])
    np.testing.assert_allclose(found, z, atol=0.51 * (mark["high"] - mark["low"]) / 255)
    (words,) = (mark.data["words"] for mark in shown["weights"].marks if mark.kind == "words")
    assert words == ["−0.33", "0.00", "0.33"] * 3
    assert "weights: −0.33, 0.00, 0.33" in in_words(room.scene(model))


@pytest.mark.parametrize(("stride", "padding"), [(1, "valid"), (3, "same")])
def test_a_hand_on_the_photograph_points_at_the_middle_of_the_window(stride, padding):
    """The page turns a place into a cell by `first` and `step`; the frame stands around it."""
    model = PainterModel(PHOTOS, stride=stride, padding=padding, row=2, column=3)
    photo = room.scene(model).panels[0]
    (field,) = [mark.data for mark in photo.marks if mark.kind == "cells"]
    frame = next(mark.data for mark in photo.marks if mark.kind == "line")
    middle = [field["first"][i] + (3, 2)[i] * field["step"][i] for i in (0, 1)]
    assert middle == [np.mean([min(frame[a]), max(frame[a])]) for a in "xy"]
    assert field["at"] == [2, 3] and field["counts"] == list(model.filtered().shape)


def test_the_still_figure_has_the_panels_of_both_models():
    figure = painter_figure(PainterModel(PHOTOS, preset=EDGE), PainterModel(PHOTOS, photo="b"))
    titles = [axes.get_title(loc="left").partition(":")[0] for axes in figure.axes]
    assert titles == ["a", EDGE, "weights", "pixels from row 11, column 20", "products; their sum",
                      "identity"]  # fmt: skip
