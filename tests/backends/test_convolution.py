"""The answer key of convolution against its definition; kernels that do not fit are refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from dlcore import backends
from dlcore.backends import numpy as key
from dlcore.backends.numpy.convolution import conv2d_im2col

from .cases import arguments


def by_definition(x, w, b, strides, padding, dilation):
    """Every output as its own sum, cells outside of the image left out."""
    n, height, width, channels = x.shape
    top, bottom, left, right = padding
    reach = [dilation[i] * (w.shape[i] - 1) + 1 for i in (0, 1)]
    rows = len(range(-top, height + bottom - reach[0] + 1, strides[0]))
    columns = len(range(-left, width + right - reach[1] + 1, strides[1]))
    z = np.zeros((n, rows, columns, w.shape[3]))
    for (image, r, s, f), _ in np.ndenumerate(z):
        total = b[f]
        for i, j, c in np.ndindex(w.shape[:3]):
            row = r * strides[0] - top + i * dilation[0]
            column = s * strides[1] - left + j * dilation[1]
            if 0 <= row < height and 0 <= column < width:
                total += x[image, row, column, c] * w[i, j, c, f]
        z[image, r, s, f] = total
    return z


@settings(max_examples=60)
@given(arguments("conv2d", np.float64))
def test_the_answer_key_is_the_definition(case):
    inputs, attributes = case
    expected = by_definition(*inputs, **attributes)
    np.testing.assert_allclose(key.conv2d(*inputs, **attributes), expected, atol=1e-12)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_form_with_one_product_is_the_same(dtype):
    @settings(max_examples=60)
    @given(arguments("conv2d", dtype))
    def check(case):
        inputs, attributes = case
        expected = key.conv2d(*inputs, **attributes)
        found = conv2d_im2col(*inputs, **attributes)
        assert found.shape == expected.shape and found.dtype == dtype
        close = 1e-12 if dtype == np.float64 else 2e-5
        scale = max(1.0, float(np.abs(expected).max()))
        np.testing.assert_allclose(found, expected, rtol=0, atol=close * scale)

    check()


def test_a_hand_made_edge():
    # An edge from 0 to 1 lies between the columns 1 and 2; the kernel is their difference.
    x = np.tile([0.0, 0.0, 1.0, 1.0], (3, 1))[None, :, :, None]
    w = np.array([-1.0, 1.0]).reshape(1, 2, 1, 1)
    z = backends.compute("conv2d", x, w, np.zeros(1))
    assert z.shape == (1, 3, 3, 1)
    np.testing.assert_array_equal(z[0, :, :, 0], np.tile([0, 1, 0], (3, 1)))


@pytest.mark.parametrize(
    ("x", "w", "b", "attributes", "message"),
    [
        ((1, 2, 9, 1), (3, 3, 1, 1), (1,), {}, "3 by 3 .* image of 2 by 9"),
        ((1, 9, 2, 1), (3, 3, 1, 1), (1,), {"padding": (9, 9, 0, 0)}, "does not fit"),
        ((1, 4, 4, 1), (3, 1, 1, 1), (1,), {"dilation": (2, 1)}, r"dilation \(2, 1\)"),
        ((1, 4, 4, 2), (3, 3, 1, 1), (1,), {}, r"x has shape \(1, 4, 4, 2\)"),
        ((1, 4, 4, 1), (3, 3, 1, 2), (1,), {}, r"and b \(1,\)"),
        ((4, 4, 1), (3, 3, 1, 1), (1,), {}, r"must be \(n, h, w, c\)"),
    ],
)
def test_what_does_not_fit_is_refused(x, w, b, attributes, message):
    with pytest.raises(ValueError, match=message):
        backends.compute("conv2d", np.zeros(x), np.zeros(w), np.zeros(b), **attributes)
