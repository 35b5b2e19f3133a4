"""Convolution of images, channels last, as formulas in NumPy.

The padding is (top, bottom, left, right), rows and columns of zeros; strides and dilation are
(rows, columns). A sequence is an image of one row.
"""

import numpy as np

from dlcore.backends.declare import Shape, count_windows, kernel


def _convolved(
    x: Shape,
    w: Shape,
    b: Shape,
    strides: tuple[int, int],
    padding: tuple[int, int, int, int],
    dilation: tuple[int, int],
) -> tuple[Shape, ...]:
    if len(x) != 4 or len(w) != 4 or x[3] != w[2] or b != w[3:]:
        raise ValueError(
            f"conv2d: x has shape {x}, w {w} and b {b}; they must be (n, h, w, c), (kh, kw, c, f) "
            "and (f,)."
        )
    top, bottom, left, right = padding
    rows = count_windows(x[1], w[0], strides[0], top, bottom, dilation[0])
    columns = count_windows(x[2], w[1], strides[1], left, right, dilation[1])
    if not rows or not columns:
        raise ValueError(
            f"conv2d: a kernel of {w[0]} by {w[1]} with dilation {dilation} does not fit into "
            f"an image of {x[1]} by {x[2]} with padding {padding}."
        )
    return ((x[0], rows, columns, w[3]),)


@kernel("x[n, h, w, c], w[kh, kw, c, f], b[f] -> z[n, p, q, f]", rule=_convolved)
def conv2d(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0), dilation=(1, 1)):
    """z[n,r,s] = b + the sum over i and j of x[n, r sr + i dr - top, s sc + j dc - left] w[i,j],
    with strides (sr, sc), dilation (dr, dc), and x = 0 outside
    """
    (sr, sc), (dr, dc), (top, bottom, left, right) = strides, dilation, padding
    kh, kw, _, f = w.shape
    x = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
    p = (x.shape[1] - dr * (kh - 1) - 1) // sr + 1
    q = (x.shape[2] - dc * (kw - 1) - 1) // sc + 1
    z = np.zeros((len(x), p, q, f), x.dtype) + b
    for i in range(kh):
        for j in range(kw):
            # What the cell (i, j) of the kernel sees, at all its places at once.
            seen = x[:, i * dr : i * dr + p * sr : sr, j * dc : j * dc + q * sc : sc]
            z += seen @ w[i, j]
    return z


def conv2d_im2col(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0), dilation=(1, 1)):
    """conv2d as one product: what the kernel sees at each place is a row of the matrix patches"""
    # Chellapilla et al. 2006, section 3: the way of the compiled kernel, here to be read and to be
    # accepted as an answer. The kernel itself is conv2d.
    (sr, sc), (dr, dc), (top, bottom, left, right) = strides, dilation, padding
    kh, kw, c, f = w.shape
    x = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
    p = (x.shape[1] - dr * (kh - 1) - 1) // sr + 1
    q = (x.shape[2] - dc * (kw - 1) - 1) // sc + 1
    # At place r the row i of the kernel sees row r sr + i dr of x; likewise for the columns.
    rows = sr * np.arange(p)[:, None] + dr * np.arange(kh)
    columns = sc * np.arange(q)[:, None] + dc * np.arange(kw)
    patches = x[:, rows[:, None, :, None], columns[None, :, None, :]]  # (n, p, q, kh, kw, c)
    z = patches.reshape(-1, kh * kw * c) @ w.reshape(-1, f) + b
    return z.reshape(len(x), p, q, f)


@kernel(
    "dz[n, p, q, f], x[n, h, w, c], w[kh, kw, c, f] -> dx[n, h, w, c], dw[kh, kw, c, f], db[f]",
    optional=("dx",),
)
def conv2d_grad(dz, x, w, strides=(1, 1), padding=(0, 0, 0, 0), dilation=(1, 1)):
    """each product x w of the forward sum gives dz wT to its cell of dx and xT dz to dw[i,j];
    db = the sum of dz over images, rows and columns
    """
    (sr, sc), (dr, dc), (top, bottom, left, right) = strides, dilation, padding
    _, p, q, _ = dz.shape
    kh, kw, _, _ = w.shape
    _, height, width, _ = x.shape
    x = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
    dx, dw = np.zeros_like(x), np.zeros_like(w)
    for i in range(kh):
        for j in range(kw):
            rows = slice(i * dr, i * dr + p * sr, sr)
            columns = slice(j * dc, j * dc + q * sc, sc)
            dw[i, j] = np.tensordot(x[:, rows, columns], dz, axes=((0, 1, 2), (0, 1, 2)))
            dx[:, rows, columns] += dz @ w[i, j].T
    db = dz.sum(axis=(0, 1, 2))
    return dx[:, top : top + height, left : left + width], dw, db


@kernel("x[n, h, w, c], w[kh, kw, c, f], b[f] -> y[n, p, q, f]", rule=_convolved)
def conv2d_relu(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0), dilation=(1, 1)):
    """y = max(z, 0) of the z of conv2d; the two in one pass over memory"""
    return np.maximum(conv2d(x, w, b, strides, padding, dilation), 0)


@kernel(
    "dy[n, p, q, f], y[n, p, q, f], x[n, h, w, c], w[kh, kw, c, f] "
    "-> dx[n, h, w, c], dw[kh, kw, c, f], db[f]",
    optional=("dx",),
)
def conv2d_relu_grad(dy, y, x, w, strides=(1, 1), padding=(0, 0, 0, 0), dilation=(1, 1)):
    """conv2d_grad of dz = dy where y > 0, else 0"""
    return conv2d_grad(np.where(y > 0, dy, 0), x, w, strides, padding, dilation)
