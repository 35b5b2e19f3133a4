"""Pictures from files and into files: colours, sizes, and what is no picture."""

import io

import numpy as np
import pytest
from PIL import Image

from dlcore.utils import array_to_img, img_to_array, load_img, save_img
from dlcore.utils.resampling import resized

RNG = np.random.default_rng(0)
COLOURS = RNG.integers(0, 256, (5, 7, 4)).astype(np.uint8)
RGB, GREY = COLOURS[:, :, :3], COLOURS[:, :, 0]


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_an_array_comes_back_from_a_file(tmp_path, channels):
    x = COLOURS[:, :, :channels].astype(np.float32)
    save_img(tmp_path / "a.png", x, scale=False)
    mode = {1: "grayscale", 3: "rgb", 4: "rgba"}[channels]
    back = img_to_array(load_img(tmp_path / "a.png", color_mode=mode))
    assert back.dtype == np.float32
    np.testing.assert_array_equal(back, x)
    first = img_to_array(load_img(str(tmp_path / "a.png"), mode), "channels_first")
    np.testing.assert_array_equal(first, x.transpose(2, 0, 1))
    buffer = io.BytesIO()
    save_img(buffer, first, "channels_first", "png", scale=False)
    np.testing.assert_array_equal(img_to_array(load_img(buffer, mode)), x)


def test_numbers_are_spread_over_what_a_pixel_can_be():
    picture = array_to_img(np.array([-1.0, 0.0, 1.0]).reshape(1, 3, 1))
    assert np.asarray(picture).tolist() == [[0, 127, 255]]
    assert np.asarray(array_to_img(np.full((1, 1, 3), 7.0))).tolist() == [[[0, 0, 0]]]
    deep = array_to_img(np.full((1, 1, 1), 60000), scale=False)
    assert deep.mode == "I" and np.asarray(deep) == 60000


def palette(transparent):
    picture = Image.fromarray(RGB).quantize(4)
    if transparent:
        picture.info["transparency"] = bytes([0, 128, 255, 255])
    return picture


def written(picture, format="png", **more):
    buffer = io.BytesIO()
    picture.save(buffer, format, **more)
    buffer.seek(0)
    return buffer


def test_pictures_of_all_kinds_are_brought_to_one():
    grey = np.repeat(GREY[:, :, None], 3, 2)
    for picture, expected in [
        (Image.fromarray(GREY), grey),
        (Image.fromarray(COLOURS), RGB),  # transparency is left out, the colours stay
        (Image.fromarray(COLOURS[:, :, ::3].copy(), "LA"), grey),
        (palette(False), np.asarray(palette(False).convert("RGB"))),
        (Image.fromarray(GREY.astype(np.uint16) << 8), grey),
        (Image.fromarray(GREY > 99), np.where(grey > 99, 255, 0)),
    ]:
        np.testing.assert_array_equal(img_to_array(load_img(written(picture))), expected)
    see_through = palette(True)
    content = written(see_through, transparency=see_through.info["transparency"])
    alpha = img_to_array(load_img(content, "rgba"))[:, :, 3]
    assert set(alpha.ravel()) == {0, 128, 255}
    colours = np.asarray(palette(False).convert("RGB"))
    np.testing.assert_array_equal(img_to_array(load_img(content)), colours)
    deep = GREY.astype(np.uint16) * 257
    kept = img_to_array(load_img(written(Image.fromarray(deep)), "grayscale"))
    np.testing.assert_array_equal(kept[:, :, 0], deep)
    moving = written(
        Image.new("P", (2, 2), 0), "gif", save_all=True, append_images=[Image.new("P", (2, 2), 9)]
    )
    assert load_img(moving).size == (2, 2)


def test_a_picture_is_brought_to_a_size():
    content = written(Image.fromarray(RGB))
    assert load_img(content, target_size=(10, 3)).size == (3, 10)
    left, right = RGB[:, :1], RGB[:, 1:6]
    cut = load_img(content, target_size=(5, 5), keep_aspect_ratio=True)
    np.testing.assert_array_equal(np.asarray(cut), right)
    with pytest.raises(ValueError, match="no interpolation called 'bilinaer'. Did you mean 'bili"):
        load_img(content, target_size=(5, 5), interpolation="bilinaer")
    assert left.shape == (5, 1, 3)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html></html>", "a.png is no picture; replace"),
        (written(Image.fromarray(RGB)).getvalue()[:-40], r"a.png is damaged \(.*\); replace"),
        (b"", "a.png is no picture"),
    ],
)
def test_what_is_no_picture_is_named(tmp_path, content, words):
    (tmp_path / "a.png").write_bytes(content)
    with pytest.raises(ValueError, match=words):
        load_img(tmp_path / "a.png")


def test_a_giant_picture_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    Image.fromarray(RGB).save(tmp_path / "a.png")
    with pytest.raises(ValueError, match="a.png is damaged .*decompression bomb"):
        load_img(tmp_path / "a.png")


@pytest.mark.parametrize(
    ("x", "said", "words"),
    [
        (np.ones((2, 5, 7, 3)), {}, r"this has shape \(2, 5, 7, 3\); for one of a batch"),
        (np.ones((5, 7)), {}, r"this has shape \(5, 7\)"),
        (np.full((2, 2, 3), np.nan), {}, "some here are NaN"),
        (np.full((2, 2, 3), 300), {"scale": False}, "between 300 and 300; bring them there"),
        (np.full((2, 2, 1), -1), {"scale": False}, "between -1 and -1"),
        (np.ones((2, 2, 3)), {"data_format": "last"}, "no data_format called 'last'"),
    ],
)
def test_arrays_that_are_no_picture(x, said, words):
    with pytest.raises(ValueError, match=words):
        array_to_img(x, **said)


def test_a_format_that_has_no_transparency_or_is_none(tmp_path):
    with pytest.warns(UserWarning, match="JPEG file has no transparency"):
        save_img(tmp_path / "a.jpg", COLOURS)
    assert load_img(tmp_path / "a.jpg").size == (7, 5)
    with pytest.raises(ValueError, match="knows no format 'nothing'; take a path that ends in"):
        save_img(tmp_path / "a.nothing", RGB)


def test_without_pillow_a_line_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "PIL", None)
    for call in (lambda: load_img("a.png"), lambda: array_to_img(RGB)):
        with pytest.raises(ModuleNotFoundError, match="needs pillow, .* -m pip install pillow"):
            call()
    assert img_to_array(RGB).shape == (5, 7, 3)


@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic", "area", "lanczos3", "nearest"])
def test_resizing_keeps_what_is_even_and_the_middle(interpolation):
    even = np.full((6, 9, 1), 3.0)
    np.testing.assert_allclose(resized(even, (4, 20), interpolation), 3.0, rtol=1e-6)
    slope = np.arange(8.0)[:, None, None] * np.ones((1, 2, 1))
    for size in (4, 16):
        y = resized(slope, (size, 2), interpolation)[:, 0, 0]
        assert (np.diff(y) >= 0).all()
        if interpolation != "nearest":
            np.testing.assert_allclose(y + y[::-1], 7.0, rtol=1e-5)


def test_area_is_the_mean_of_what_a_pixel_covers():
    x = RNG.uniform(size=(6, 4, 2))
    means = x.reshape(3, 2, 2, 2, 2).mean((1, 3))
    np.testing.assert_allclose(resized(x, (3, 2), "area"), means, rtol=1e-5)
    thirds = resized(np.arange(3.0)[:, None, None], (2, 1), "area")
    np.testing.assert_allclose(thirds.ravel(), [1 / 3, 5 / 3], rtol=1e-6)
