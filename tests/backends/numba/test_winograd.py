"""Convolution in fewer multiplications: tiles whole and cut, nothing outside of an array."""

import numpy as np
import pytest

cpu = pytest.importorskip("dlcore.backends.cpu", reason="Numba is not there")

from dlcore.backends import numpy as key  # noqa: E402
from dlcore.backends.cpu import winograd  # noqa: E402

# Height, width, channels, filters, padding. Channels that make whole vectors and such that do not;
# even and odd numbers of outputs; images smaller than one tile, with and without cells around them.
SIZES = [
    (8, 6, 16, 32, (1, 1, 1, 1)),
    (9, 7, 33, 17, (0, 0, 0, 0)),
    (4, 3, 21, 40, (2, 1, 0, 2)),
    (2, 2, 16, 16, (1, 1, 1, 1)),
    (3, 12, 64, 16, (0, 1, 2, 0)),
]


def guarded(shape, dtype):
    """An array of NaN, and the memory around it, which is nobody's to write to."""
    memory = np.full(np.prod(shape, dtype=int) + 200, np.nan, dtype)
    return memory[100:-100].reshape(shape), np.concatenate([memory[:100], memory[-100:]]), memory


def close(found, expected):
    tolerance = 1e-4 if found.dtype == np.float32 else 1e-11
    np.testing.assert_allclose(found, expected, rtol=tolerance, atol=tolerance)


def run(kernel, shapes, dtype, *arguments):
    """The outputs of a kernel, which has written into all of them and nowhere else."""
    outputs = [guarded(shape, dtype) for shape in shapes]
    kernel.serial(*[array for array, _, _ in outputs], *arguments)
    for _, around, memory in outputs:
        np.testing.assert_array_equal(np.concatenate([memory[:100], memory[-100:]]), around)
    return [array for array, _, _ in outputs]


@pytest.fixture(params=SIZES, ids=str)
def size(request):
    return request.param


def inputs(size, dtype):
    height, width, c, f, padding = size
    rng = np.random.default_rng(0)
    shapes = (3, height, width, c), (3, 3, c, f), (f,)
    x, w, b = (rng.standard_normal(shape).astype(dtype) for shape in shapes)
    moves = {"strides": (1, 1), "padding": padding, "dilation": (1, 1)}
    z = key.conv2d(x, w, b, **moves)
    return x, w, b, z, rng.standard_normal(z.shape).astype(dtype), moves


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_outputs_are_those_of_the_answer_key(size, dtype):
    x, w, b, z, _, moves = inputs(size, dtype)
    (found,) = run(winograd.conv, [z.shape], dtype, x, w, b, *moves.values())
    close(found, z)
    (found,) = run(winograd.conv_relu, [z.shape], dtype, x, w, b, *moves.values())
    close(found, key.conv2d_relu(x, w, b, **moves))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_gradients_are_those_of_the_answer_key(size, dtype):
    x, w, b, _, dy, moves = inputs(size, dtype)
    shapes = [x.shape, w.shape, b.shape]
    found = run(winograd.conv_grad, shapes, dtype, dy, x, w, *moves.values())
    for gradient, right in zip(found, key.conv2d_grad(dy, x, w, **moves), strict=True):
        close(gradient, right)
    y = key.conv2d_relu(x, w, b, **moves)
    assert (y == 0).any() and (y > 0).any()
    found = run(winograd.conv_relu_grad, shapes, dtype, dy, y, x, w, *moves.values())
    expected = key.conv2d_relu_grad(dy, y, x, w, **moves)
    for gradient, right in zip(found, expected, strict=True):
        close(gradient, right)


def test_without_anyone_asking_for_dx_the_other_gradients_are_the_same():
    x, w, b, _, dy, moves = inputs(SIZES[1], np.float32)
    shapes = [x.shape, w.shape, b.shape]
    _, dw, db = run(winograd.conv_grad, shapes, np.float32, dy, x, w, *moves.values())
    shapes[0] = (0, 0, 0, 0)
    _, *found = run(winograd.conv_grad, shapes, np.float32, dy, x, w, *moves.values())
    np.testing.assert_array_equal(found[0], dw)
    np.testing.assert_array_equal(found[1], db)


def test_a_nan_is_seen_in_all_outputs_that_it_belongs_to():
    x, w, b, _, _, moves = inputs((12, 12, 16, 16, (1, 1, 1, 1)), np.float32)
    x[0, 5, 6, 3] = np.nan
    (y,) = run(winograd.conv_relu, [(3, 12, 12, 16)], np.float32, x, w, b, *moves.values())
    assert np.isnan(y[0, 4:7, 5:8]).all() and not np.isnan(y[1:]).any()


@pytest.mark.parametrize(
    "outputs, channels, filters, suits",
    [(8, 16, 16, True), (8, 15, 16, False), (13, 32, 64, False), (13, 64, 64, True),
     (7, 64, 64, False), (3, 64, 64, False)],
)  # fmt: skip
def test_it_is_taken_where_it_is_faster(outputs, channels, filters, suits):
    z, w = np.empty((1, outputs, outputs, filters)), np.empty((3, 3, channels, filters))
    moves = (1, 1), (1, 1, 1, 1), (1, 1)
    assert winograd.suits(z, w, *moves) is suits
    assert not winograd.suits(z, w, (2, 1), *moves[1:])
    assert not winograd.suits(z, w, *moves[:2], (1, 2))
    assert not winograd.suits(z, w[:2], *moves)
