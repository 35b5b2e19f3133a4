"""What lesson 13 promises: a window that moves with its picture, and what a shuffle takes away."""

import numpy as np
import pytest

from dlcore import Input, Sequential, backends, layers, utils
from dlcore.backends import mine
from dlcore.backends import numpy as key
from dlcore.course import check, lesson_map, notebooks, sight
from dlcore.course.keeping import keep
from dlcore.course.progress_file import Progress
from dlcore.course.registry import registry
from dlcore.datasets import photos
from dlcore.widgets import PainterModel

LESSON = lesson_map.LESSONS[13]
IM2COL = """
def im2col(x, kh, kw, strides=(1, 1)):
    (n, h, w, c), (sr, sc) = x.shape, strides
    p, q = (h - kh) // sr + 1, (w - kw) // sc + 1
    rows = np.zeros((n, p, q, kh * kw * c), x.dtype)
    for r in range(p):
        for s in range(q):
            rows[:, r, s] = x[:, r * sr : r * sr + kh, s * sc : s * sc + kw].reshape(n, -1)
    return rows
"""
FORMS = {
    "places": """
def conv2d(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0)):
    (sr, sc), (top, bottom, left, right) = strides, padding
    kh, kw, c, f = w.shape
    x = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
    p, q = (x.shape[1] - kh) // sr + 1, (x.shape[2] - kw) // sc + 1
    z = np.zeros((len(x), p, q, f), x.dtype)
    for r in range(p):
        for s in range(q):
            window = x[:, r * sr : r * sr + kh, s * sc : s * sc + kw]
            z[:, r, s] = np.tensordot(window, w, 3) + b
    return z
""",
    "rows": """
def conv2d(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0)):
    top, bottom, left, right = padding
    x = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
    return im2col(x, w.shape[0], w.shape[1], strides) @ w.reshape(-1, w.shape[3]) + b
""",
    "compiled": """
from numba import njit
@njit
def conv2d(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0)):
    (sr, sc), (top, bottom, left, right) = strides, padding
    n, h, wide, c = x.shape
    kh, kw, _, f = w.shape
    p, q = (h + top + bottom - kh) // sr + 1, (wide + left + right - kw) // sc + 1
    z = np.zeros((n, p, q, f), x.dtype)
    for i in range(n):
        for r in range(p):
            for s in range(q):
                z[i, r, s] = b
                for y in range(kh):
                    for u in range(kw):
                        row, column = r * sr + y - top, s * sc + u - left
                        if 0 <= row < h and 0 <= column < wide:
                            for k in range(c):
                                for o in range(f):
                                    z[i, r, s, o] += x[i, row, column, k] * w[y, u, k, o]
    return z
""",
}


@pytest.fixture(autouse=True)
def backend():
    """Whatever a test chooses, the next one begins with the compiled kernels."""
    before = backends.get_backend()
    backends.set_backend("cpu")
    yield
    backends.set_backend(before)


def answer(name):
    return registry().find(f"13.{name}").answer


def cells():
    return [each.source for each in notebooks.read(LESSON.path).cells if each.cell_type == "code"]


def text():
    return "\n".join(each.source for each in notebooks.read(LESSON.path).cells)


def nets():
    """The lesson's own two nets, as they stand in the notebook."""
    scope = {}
    exec(next(each for each in cells() if "def looking(" in each), scope)
    return scope["dense"], scope["looking"]


def function(form):
    scope = {"np": np, "im2col": answer("im2col")}
    exec(FORMS[form], scope)
    return scope["conv2d"]


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_accepted_and_compiling_takes_none_of_its_time(form):
    assert check("13.conv2d", function(form), seconds=3.0).status == "right"


@pytest.mark.parametrize("form", FORMS)
def test_each_form_trains_in_the_engine_as_the_library_does(form, accept, tmp_path):
    accept([])
    keep(tmp_path, "13.im2col", IM2COL, Progress())
    keep(tmp_path, "13.conv2d", FORMS[form], Progress())
    x, y, _, _ = sight.shapes(160, 10)
    _, looking = nets()
    cpu = sight.five_steps(looking, x, y, "cpu")
    assert not mine.calls
    own = sight.five_steps(looking, x, y, "mine")
    np.testing.assert_allclose(own, cpu, atol=1e-4)
    assert cpu[0] == pytest.approx(np.log(10), abs=0.1)
    # Two layers, five steps, and before each step a look at the shapes with two of the pictures.
    assert mine.calls["conv2d"] == 2 * 5 * 2 and backends.get_backend() == "cpu"


def test_both_ways_of_the_text_are_the_kernel_of_the_library():
    rng = np.random.default_rng(3)
    x, w = rng.normal(size=(2, 7, 9, 3)), rng.normal(size=(3, 2, 3, 4))
    b, strides = rng.normal(size=4), (2, 3)
    rows = answer("im2col")(x, 3, 2, strides)
    np.testing.assert_allclose(
        rows @ w.reshape(-1, 4) + b, key.conv2d(x, w, b, strides), rtol=1e-12
    )
    z = answer("filter_picture")(x[0, :, :, 0], w[:, :, 0, 0])
    np.testing.assert_allclose(
        z, key.conv2d(x[:1, :, :, :1], w[:, :, :1, :1], np.zeros(1))[0, :, :, 0]
    )


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_places_are_those_of_a_layer(stride):
    x = np.zeros((1, 31, 33, 2), np.float32)
    for padding, around in (("valid", ((0, 0), (0, 0))), ("same", None)):
        z = layers.Conv2D(1, (3, 4), strides=stride, padding=padding)(x)
        for at, (size, window) in enumerate(((31, 3), (33, 4))):
            if around is None:
                missing = max((-(-size // stride) - 1) * stride + window - size, 0)
                before, after = missing // 2, missing - missing // 2
            else:
                before, after = around[at]
            assert z.shape[1 + at] == answer("places")(size, window, stride, before, after)


def test_what_moves_in_the_picture_moves_in_the_answer_exactly():
    photo, k = sight.grey_photo(), np.array([[-1.0, 0, 1]] * 3) / 3
    moved = np.roll(photo, 2, axis=1)
    z, z_moved = (answer("filter_picture")(each, k) for each in (photo, moved))
    np.testing.assert_array_equal(z_moved[:, 2:], z[:, :-2])
    np.testing.assert_array_equal(z_moved[:, 2::2], z[:, :-2:2])  # with stride 2, by one place
    # By a single pixel and stride 2 no move of the answer is the new one.
    one = answer("filter_picture")(np.roll(photo, 1, axis=1), k)[:, ::2]
    seen = z[:, ::2]
    for by in range(-3, 4):
        assert np.abs(np.roll(seen, by, axis=1) - one)[:, 5:-5].max() > 0.1


def test_the_numbers_of_the_play_part():
    edges = PainterModel(photos.load_data(), preset="edge left–right", row=105, column=120)
    z = edges.filtered()
    assert "−0.78" in text() and z.min() == z[105, 120] == pytest.approx(-0.775, abs=1e-3)
    assert "+0.72" in text() and z.max() == z[105, 122] == pytest.approx(0.724, abs=1e-3)
    assert np.mean(np.abs(z) <= 0.05) == pytest.approx(0.743, abs=1e-3)


def test_a_convolution_does_not_know_the_size_of_the_picture():
    def numbers(shape, *inside):
        return Sequential([Input(shape), *inside]).count_params()

    assert numbers((160, 240, 3), layers.Conv2D(8, 3)) == 224
    assert numbers((160, 480, 3), layers.Conv2D(8, 3)) == 224
    assert numbers((160, 240, 3), layers.Flatten(), layers.Dense(8)) == 921_608
    assert "921 608" in text() and "224, both times" in text()
    dense, looking = nets()
    assert numbers((32, 32, 3), *dense()) == 394_634
    assert numbers((32, 32, 3), *looking()) == 136_874


def test_a_shuffle_keeps_every_pixel_and_is_the_same_for_all():
    x, _, x_test, _ = sight.shapes(20, 10)
    mixed, mixed_test = sight.shuffled(x), sight.shuffled(x_test)
    assert -1 <= x.min() < -0.5 and 0.5 < x.max() <= 1
    np.testing.assert_array_equal(
        np.sort(mixed.reshape(20, -1), axis=1), np.sort(x.reshape(20, -1), axis=1)
    )
    order = sight.shuffled(np.arange(1024.0).reshape(1, 32, 32, 1)).ravel().astype(int)
    for whole, found in zip((x, x_test), (mixed, mixed_test), strict=True):
        flat = whole.reshape(len(whole), 1024, 3)[:, order]
        np.testing.assert_array_equal(found.reshape(len(whole), 1024, 3), flat)


def test_a_dense_net_with_shuffled_weights_computes_the_same_of_shuffled_pictures():
    x, *_ = sight.shapes(20, 10)
    dense, _ = nets()
    as_drawn, mixed = (Sequential([Input((32, 32, 3)), *dense()]) for _ in range(2))
    order = sight.shuffled(np.arange(1024.0).reshape(1, 32, 32, 1)).ravel().astype(int)
    first, *others = as_drawn.get_weights()
    mixed.set_weights([first.reshape(1024, 3, 128)[order].reshape(3072, 128), *others])
    expected, found = as_drawn.predict(x, verbose=0), mixed.predict(sight.shuffled(x), verbose=0)
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert np.abs(as_drawn.predict(sight.shuffled(x), verbose=0) - expected).max() > 0.01


def trained(make, seed, x, y, x_test, y_test, epochs=6):
    utils.set_random_seed(seed)
    model = Sequential([Input(x.shape[1:]), *make()])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, batch_size=32, epochs=epochs, verbose=0)
    return model.evaluate(x_test, y_test, verbose=0)[1]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_shuffle_doubles_the_mistakes_of_the_one_and_changes_nothing_for_the_other(seed):
    x, y, x_test, y_test = sight.shapes()
    mixed = sight.shuffled(x), y, sight.shuffled(x_test), y_test
    (flat, flat_mixed), (seen, seen_mixed) = (
        [trained(make, seed, *data) for data in ((x, y, x_test, y_test), mixed)] for make in nets()
    )
    assert seen - flat > 0.1 and abs(flat - flat_mixed) < 0.05
    assert 1.4 * (1 - seen) < 1 - seen_mixed < 2.8 * (1 - seen)
    assert 0.03 < seen_mixed - flat_mixed < 0.15


@pytest.mark.slow
def test_a_dense_net_dies_of_pixels_that_are_all_above_0():
    x, y, x_test, y_test = sight.shapes()
    dense, _ = nets()
    assert trained(dense, 0, (x + 1) / 2, y, (x_test + 1) / 2, y_test, 4) == pytest.approx(0.1)
