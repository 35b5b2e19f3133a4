"""Images seen through a transformation, as formulas in NumPy."""

import numpy as np

from dlcore.backends.declare import kernel


@kernel("x[n, h, w, c], matrices[n, 6] -> y[n, h, w, c]")
def affine_sample(x, matrices, interpolation="bilinear", fill_mode="constant", fill_value=0.0):
    """y at row i and column j is the point (i', j') = (b0 j + b1 i + b2, a0 j + a1 i + a2)
    of the image, with its row a0, a1, a2, b0, b1, b2 of matrices:
    interpolated between four pixels (bilinear) or that of the nearest; beyond the edge the image
    is reflected, repeated (wrap), continued (nearest) or has fill_value (constant)
    """
    n, height, width, _ = x.shape
    image = np.arange(n)[:, None, None]
    y = np.zeros_like(x)
    for share, i, j, inside in _corners(matrices, height, width, interpolation, fill_mode):
        seen = np.where(inside[..., None], x[image, i, j], fill_value)
        y += share[..., None] * seen
    return y.astype(x.dtype)


@kernel("dy[n, h, w, c], matrices[n, 6] -> dx[n, h, w, c]")
def affine_sample_grad(
    dy, matrices, interpolation="bilinear", fill_mode="constant", fill_value=0.0
):
    """dx = the sum of dy over all places that saw the pixel, times the share in which they did"""
    n, height, width, _ = dy.shape
    image = np.arange(n)[:, None, None]
    dx = np.zeros_like(dy)
    for share, i, j, inside in _corners(matrices, height, width, interpolation, fill_mode):
        np.add.at(dx, (image, i, j), (share * inside)[..., None] * dy)
    return dx


def _corners(matrices, height, width, interpolation, fill_mode):
    """The pixels that each place sees: their share, row, column, and whether they are real."""
    a0, a1, a2, b0, b1, b2 = matrices.astype(np.float64).T[:, :, None, None]
    i, j = np.arange(height)[:, None], np.arange(width)
    row = b0 * j + b1 * i + b2
    column = a0 * j + a1 * i + a2
    if interpolation == "nearest":
        pixels = [(1.0 + 0 * row, np.rint(row), np.rint(column))]
    else:
        top, left = np.floor(row), np.floor(column)
        down, right = row - top, column - left
        pixels = [
            ((1 - down) * (1 - right), top, left),
            ((1 - down) * right, top, left + 1),
            (down * (1 - right), top + 1, left),
            (down * right, top + 1, left + 1),
        ]
    for share, i, j in pixels:
        inside = (i >= 0) & (i < height) & (j >= 0) & (j < width)
        yield (
            share.astype(matrices.dtype),
            _on_axis(i.astype(np.int64), height, fill_mode),
            _on_axis(j.astype(np.int64), width, fill_mode),
            inside | (fill_mode != "constant"),
        )


def _on_axis(i, size, fill_mode):
    """The pixel that stands at place i of the axis, which may lie beyond its ends."""
    if fill_mode == "reflect":  # d c b a | a b c d | d c b a
        i = i % (2 * size)
        return np.minimum(i, 2 * size - 1 - i)
    if fill_mode == "wrap":  # a b c d | a b c d | a b c d
        return i % size
    return np.clip(i, 0, size - 1)  # a a a a | a b c d | d d d d
