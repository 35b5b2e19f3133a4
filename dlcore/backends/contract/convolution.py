"""Declarations: convolution of pictures, channels last.

The padding is (top, bottom, left, right), rows and columns of zeros; strides and dilation are
(rows, columns). A sequence is a picture of one row.
"""

from __future__ import annotations

from dlcore.backends.contract.kernel import Shape, declare
from dlcore.backends.contract.windows import steps


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
    rows = steps(x[1], w[0], strides[0], top, bottom, dilation[0])
    columns = steps(x[2], w[1], strides[1], left, right, dilation[1])
    if not rows or not columns:
        raise ValueError(
            f"conv2d: a kernel of {w[0]} by {w[1]} with dilation {dilation} does not fit into a "
            f"picture of {x[1]} by {x[2]} with padding {padding}."
        )
    return ((x[0], rows, columns, w[3]),)


declare(
    "conv2d",
    "x[n,h,w,c], w[kh,kw,c,f], b[f] -> z[n,p,q,f]",
    "z[n,r,s] = b + the sum over i and j of x[n, r sr + i dr - top, s sc + j dc - left] w[i,j], "
    "with strides (sr, sc), dilation (dr, dc), and x = 0 outside",
    _convolved,
    strides=(1, 1),
    padding=(0, 0, 0, 0),
    dilation=(1, 1),
)
declare(
    "conv2d_relu",
    "x[n,h,w,c], w[kh,kw,c,f], b[f] -> y[n,p,q,f]",
    "y = max(z, 0) of the z of conv2d; the two in one pass over memory",
    _convolved,
    strides=(1, 1),
    padding=(0, 0, 0, 0),
    dilation=(1, 1),
)
declare(
    "conv2d_relu_grad",
    "dy[n,p,q,f], y[n,p,q,f], x[n,h,w,c], w[kh,kw,c,f] -> dx[n,h,w,c], dw[kh,kw,c,f], db[f]",
    "conv2d_grad of dz = dy where y > 0, else 0",
    optional=("dx",),
    strides=(1, 1),
    padding=(0, 0, 0, 0),
    dilation=(1, 1),
)
declare(
    "conv2d_grad",
    "dz[n,p,q,f], x[n,h,w,c], w[kh,kw,c,f] -> dx[n,h,w,c], dw[kh,kw,c,f], db[f]",
    "each product x w of the forward sum gives dz wT to its cell of dx and xT dz to dw[i,j]; "
    "db = the sum of dz over pictures, rows and columns",
    optional=("dx",),
    strides=(1, 1),
    padding=(0, 0, 0, 0),
    dilation=(1, 1),
)
