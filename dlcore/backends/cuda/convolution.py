"""Convolution of images as matrix products whose matrices are never made.

What the kernel of a convolution sees at one place of an image is a row of the matrix of patches (as
on the CPU, where it is written down). Here only the loaders of the product know of it: each thread
finds the number of a patch where it lies in the image. The way of Chetlur et al. 2014, "cuDNN",
section 3. The five matrices:

    z   (places, f)   = patches (places, taps)    w (taps, f)
    dx  (pixels, c)   = dz as each pixel sees it  w, by filters
    dw  (taps, f)     = patches, turned           dz (places, f)

A place is (image, row, column) of the output, a tap (row of the kernel, column of it, channel).
"""

import functools

from numpy import int32, uint32

from dlcore.backends.cuda.activations import relu_grad
from dlcore.backends.cuda.device import scratch
from dlcore.backends.cuda.launch import device
from dlcore.backends.cuda.product import Loader, Operand, matrix, multiply

# The patches. g = (h, w, c, columns of the kernel, places in a column, places in a row, strides,
# dilation, rows and columns of padding before the image).


@device
def _place(i, g):
    """The first row of the image, in an array of all rows, and where the kernel begins in it."""
    across, down = uint32(g[5]), uint32(g[4])
    s, rest = uint32(i % across), uint32(i // across)
    r, image = uint32(rest % down), uint32(rest // down)
    first = int32(uint32(image * uint32(g[0])))
    return first, int32(int32(r) * g[6] - g[10]), int32(int32(s) * g[7] - g[11])


@device
def _tap(k, g):
    """How far from there a cell of the kernel lies, and the channel."""
    cell, channel = uint32(k // uint32(g[2])), uint32(k % uint32(g[2]))
    i, j = uint32(cell // uint32(g[3])), uint32(cell % uint32(g[3]))
    return int32(int32(i) * g[8]), int32(int32(j) * g[9]), int32(channel)


@device
def _pixel(first, top, left, down, right, channel, g):
    row, column = int32(top + down), int32(left + right)
    inside = row >= int32(0) and row < g[0] and column >= int32(0) and column < g[1]
    at = int32(int32(int32(int32(first + row) * g[1]) + column) * g[2] + channel)
    return at if inside else int32(-1)


@device
def _pixel_of_tap(down, right, channel, first, top, left, g):
    return _pixel(first, top, left, down, right, channel, g)


PATCHES = Loader("patches", True, _place, _tap, _pixel)
PATCHES_TURNED = Loader("turned", False, _tap, _place, _pixel_of_tap)


# What a pixel sees of dz: tap (i, j) of the place (r, s) read the pixel at r sr + i dr - top; so
# the pixel gets something back from the places with r sr = its row + top - i dr. g = (p, q, f,
# columns of the kernel, h, w, strides, dilation, rows and columns of padding).


@device
def _from_pixel(i, g):
    across, down = uint32(g[5]), uint32(g[4])
    v, rest = uint32(i % across), uint32(i // across)
    u, image = uint32(rest % down), uint32(rest // down)
    first = int32(uint32(image * uint32(g[0])))
    return first, int32(int32(u) + g[10]), int32(int32(v) + g[11])


@functools.cache
def _back(strided):
    @device
    def place_of(first, row, column, down, right, f, g):
        u, v = int32(row - down), int32(column - right)
        inside = u >= int32(0) and v >= int32(0)
        if strided:
            r, s = uint32(uint32(u) // uint32(g[6])), uint32(uint32(v) // uint32(g[7]))
            exact = int32(int32(r) * g[6]) == u and int32(int32(s) * g[7]) == v
            inside = inside and exact
            u, v = int32(r), int32(s)
        inside = inside and u < g[0] and v < g[1]
        at = int32(int32(int32(int32(first + u) * g[1]) + v) * g[2] + f)
        return at if inside else int32(-1)

    return Loader("back_strided" if strided else "back", True, _from_pixel, _tap, place_of)


# The kernel by filters, w[i, j, c, f] for the depth (i, j, f) and the side c. g = (f, c f).


@device
def _channel(i, g):
    return int32(uint32(i * uint32(g[0]))), int32(0), int32(0)


@device
def _filter(k, g):
    cell, f = uint32(k // uint32(g[0])), uint32(k % uint32(g[0]))
    return int32(uint32(uint32(cell * uint32(g[1])) + f)), int32(0), int32(0)


@device
def _weight(s0, s1, s2, d0, d1, d2, g):
    return int32(s0 + d0)


BY_FILTERS = Loader("by_filters", True, _channel, _filter, _weight)


def _geometry(image, places, w, strides, padding, dilation):
    """Numbers for the loaders: of an array (n, rows, columns, channels), seen from other places."""
    seen = (image.shape[1], image.shape[2], image.shape[3], w.shape[1])
    return (*seen, places.shape[1], places.shape[2], *strides, *dilation, padding[0], padding[2])


def _patches(x, z, w, strides, padding, dilation, turned=False):
    g = _geometry(x, z, w, strides, padding, dilation)
    wide = x.aligned and x.shape[3] % 4 == 0
    return Operand(PATCHES_TURNED if turned else PATCHES, x, g, wide)


def _convolve(z, x, w, b, strides, padding, dilation, relu):
    f, taps = w.shape[3], w.size // max(1, w.shape[3])
    patches = _patches(x, z, w, strides, padding, dilation)
    multiply(z, patches, matrix(w, True, f), z.size // f, f, taps, bias=b, relu=relu)


def conv2d(z, x, w, b, strides, padding, dilation):
    _convolve(z, x, w, b, strides, padding, dilation, False)


def conv2d_relu(y, x, w, b, strides, padding, dilation):
    _convolve(y, x, w, b, strides, padding, dilation, True)


def conv2d_grad(dx, dw, db, dz, x, w, strides, padding, dilation):
    c, f = w.shape[2:]
    taps, places = w.size // f, dz.size // f
    if dx.size:
        loader = _back(tuple(strides) != (1, 1))
        g = _geometry(dz, x, w, strides, padding, dilation)
        seen = Operand(loader, dz, g, dz.aligned and f % 4 == 0)
        by_filters = Operand(BY_FILTERS, w, (f, c * f), w.aligned and f % 4 == 0)
        multiply(dx, seen, by_filters, x.size // c, c, taps // c * f)
    patches = _patches(x, dz, w, strides, padding, dilation, turned=True)
    multiply(dw, patches, matrix(dz, True, f), taps, f, places, db=db)


def conv2d_relu_grad(dx, dw, db, dy, y, x, w, strides, padding, dilation):
    dz = scratch("conv2d_relu dz", dy.dtype, *dy.shape)
    relu_grad(dz, dy, y)
    conv2d_grad(dx, dw, db, dz, x, w, strides, padding, dilation)
