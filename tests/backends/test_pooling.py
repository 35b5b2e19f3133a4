"""Pooling at its edges: equal numbers, NaN, minus infinity, windows that see only a part."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from dlcore import backends

from .cases import arguments

BACKENDS = [b for b in ("numpy", "cpu") if backends.available_backends()[b] is None]


@pytest.fixture(params=BACKENDS)
def backend(request):
    before = backends.get_backend()
    backends.set_backend(request.param)
    yield request.param
    backends.set_backend(before)


def windows(x, pool_size, strides, padding):
    """Each place of the output, and the part of the image that its window sees."""
    n, height, width, channels = x.shape
    top, bottom, left, right = padding
    rows = range(-top, height + bottom - pool_size[0] + 1, strides[0])
    columns = range(-left, width + right - pool_size[1] + 1, strides[1])
    for image, r, s, c in np.ndindex(n, len(rows), len(columns), channels):
        first = max(rows[r], 0), max(columns[s], 0)
        last = rows[r] + pool_size[0], columns[s] + pool_size[1]
        yield (image, r, s, c), x[image, first[0] : last[0], first[1] : last[1], c]


def test_the_maximum_and_the_mean_of_what_a_window_sees(backend):
    @settings(max_examples=60)
    @given(arguments("max_pool2d", np.float64))
    def check(case):
        (x,), attributes = case
        maximum, argmax = backends.compute("max_pool2d", x, **attributes)
        mean = backends.compute("avg_pool2d", x, **attributes)
        assert argmax.dtype == np.int64
        count = 0
        for place, seen in windows(x, **attributes):
            assert maximum[place] == seen.max()
            assert mean[place] == pytest.approx(seen.mean(), abs=1e-12)
            flat = x[place[0], :, :, place[3]].reshape(-1)
            assert flat[argmax[place]] == maximum[place]
            count += 1
        assert count == maximum.size == mean.size

    check()


@pytest.mark.parametrize("value", [0.0, 3.0, -np.inf])
def test_of_equal_numbers_the_first_in_the_image_counts(backend, value):
    x = np.full((1, 3, 4, 1), value)
    attributes = {"pool_size": (2, 2), "strides": (2, 2), "padding": (0, 1, 1, 1)}
    y, argmax = backends.compute("max_pool2d", x, **attributes)
    assert (y == value).all()
    assert argmax[0, :, :, 0].tolist() == [[0, 1, 3], [8, 9, 11]]
    dx = backends.compute("max_pool2d_grad", np.ones_like(y), argmax, x)
    assert dx[0, :, :, 0].tolist() == [[1, 1, 0, 1], [0, 0, 0, 0], [1, 1, 0, 1]]


@pytest.mark.parametrize("place", range(4))
def test_a_nan_anywhere_in_the_window_is_its_maximum(backend, place):
    x = np.arange(4.0).reshape(1, 2, 2, 1)
    x.reshape(-1)[place] = np.nan
    y, argmax = backends.compute("max_pool2d", x)
    assert np.isnan(y).all() and argmax.item() == place
    assert np.isnan(backends.compute("avg_pool2d", x)).all()


def test_gradients_of_windows_that_overlap_are_added(backend):
    x = np.array([0.0, 5.0, 1.0]).reshape(1, 1, 3, 1)
    attributes = {"pool_size": (1, 2), "strides": (1, 1)}
    y, argmax = backends.compute("max_pool2d", x, **attributes)
    dy = np.array([2.0, 3.0]).reshape(y.shape)
    dx = backends.compute("max_pool2d_grad", dy, argmax, x)
    assert dx.reshape(-1).tolist() == [0, 5, 0]
    dx = backends.compute("avg_pool2d_grad", dy, x, **attributes)
    assert dx.reshape(-1).tolist() == [1, 2.5, 1.5]


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
def test_windows_that_do_not_fit_are_refused(name):
    for shape, pool_size in [((1, 1, 5, 1), (2, 1)), ((1, 5, 1, 1), (1, 2))]:
        with pytest.raises(ValueError, match="do not fit into an image of"):
            backends.compute(name, np.zeros(shape), pool_size=pool_size)
    with pytest.raises(ValueError, match=r"\(n, h, w, c\)"):
        backends.compute(name, np.zeros((3, 3, 1)))
