"""Exercises of lesson 14: how far a cell sees, the greatest of a window, and its way back."""

import numpy as np

from dlcore.backends.numpy import max_pool2d as pool_of_the_library
from dlcore.backends.numpy import max_pool2d_grad
from dlcore.course import Exercise, WrongAnswer


def receptive_field(windows, strides):
    field, step = 1, 1
    for window, stride in zip(windows, strides, strict=True):
        field += (window - 1) * step
        step *= stride
    return field


def draw_receptive_field(rng, size):
    """Strides above 1 before the last layer and in it; a window of one cell now and then."""
    count = 2 if size < 3 else 3
    windows = [int(each) for each in rng.integers(2, 6, count)]
    strides = [int(each) for each in rng.integers(1, 4, count)]
    strides[0], strides[-1] = (int(each) for each in rng.permutation([2, 3]))
    return windows, strides


def field_with(each=None, start=1, step=None):
    """receptive_field with one part exchanged."""

    def receptive_field(windows, strides):
        found, far = start, 1
        for window, stride in zip(windows, strides, strict=True):
            found += (window - 1) * far if each is None else each(window, stride, far)
            far = far * stride if step is None else step(far, stride, window)
        return found

    return receptive_field


def field_with_the_step_first(windows, strides):
    field, step = 1, 1
    for window, stride in zip(windows, strides, strict=True):
        step *= stride
        field += (window - 1) * step
    return field


def field_from_the_end(windows, strides):
    return receptive_field(windows[::-1], strides[::-1])


def field_whole_steps_from_the_end(windows, strides):
    """From the last layer to the first, as if k cells lay k steps apart and not k - 1."""
    field = 1
    for window, stride in zip(windows[::-1], strides[::-1], strict=True):
        field = field * stride + window
    return field


def max_pool2d(x, pool_size=(2, 2), strides=(2, 2)):
    (kh, kw), (sr, sc) = pool_size, strides
    n, h, w, c = x.shape
    p, q = (h - kh) // sr + 1, (w - kw) // sc + 1
    y, argmax = np.empty((n, p, q, c), x.dtype), np.empty((n, p, q, c), int)
    for r in range(p):
        for s in range(q):
            window = x[:, r * sr : r * sr + kh, s * sc : s * sc + kw].reshape(n, kh * kw, c)
            place = window.argmax(axis=1)  # in the window, the first of equals
            y[:, r, s] = window.max(axis=1)
            argmax[:, r, s] = (r * sr + place // kw) * w + s * sc + place % kw
    return y, argmax


def draw_windows(rng, size):
    """Windows that overlap in one direction or leave gaps, on images that are not square."""
    while True:
        kh, kw = (int(each) for each in rng.permutation([2, 3]))
        sr, sc = (int(each) for each in rng.choice([1, 2, 3], 2, False))
        p, q = (int(each) for each in rng.choice(np.arange(2, 4 + size), 2, False))
        n, c = (int(each) for each in rng.permutation([2, 3]))
        h = kh + sr * (p - 1) + int(rng.integers(0, sr))
        w = kw + sc * (q - 1) + int(rng.integers(0, sc))
        if h != w and h != n and (kh, kw) != (sr, sc):
            return (n, h, w, c), (kh, kw), (sr, sc)


def draw_max_pool2d(rng, size):
    """Most numbers lie below 0; whole ones are often equal."""
    shape, pool_size, strides = draw_windows(rng, size)
    if size == 1 or (size == 2 and rng.random() < 0.5):
        x = rng.integers(-4, 1 + (rng.random() < 0.5), shape).astype(float)
    else:
        x = rng.normal(-2, 1, shape)
    return x, pool_size, strides


def pool_with(
    place=None, value=None, window=None, shape=None, stride=None, results=None, least=None
):
    """max_pool2d, place by place, with one part exchanged."""

    def max_pool2d(x, pool_size=(2, 2), strides=(2, 2)):
        (kh, kw), (sr, sc) = pool_size, strides if stride is None else stride(pool_size, strides)
        n, h, w, c = x.shape
        p, q = (h - kh) // sr + 1, (w - kw) // sc + 1
        y, argmax = np.zeros((n, p, q, c), x.dtype), np.zeros((n, p, q, c), int)
        for r in range(p):
            for s in range(q):
                top, left = r * sr, s * sc
                seen = x[:, top : top + kh, left : left + kw].reshape(n, kh * kw, c)
                if window is not None:
                    seen = window(seen)
                if least is not None:
                    seen = np.maximum(seen, least)
                at = seen.argmax(axis=1)
                if value is not None:
                    at = value(seen)
                i, j = at // kw, at % kw
                y[:, r, s] = np.take_along_axis(seen, at[:, None], axis=1)[:, 0]
                where = (top + i) * w + left + j
                if place is not None:
                    where = place(i, j, top, left, h, w, kh, kw, p, q, r, s)
                argmax[:, r, s] = where
        return (y, argmax) if results is None else results(y, argmax, x)

    return max_pool2d


def pool_from_nought(x, pool_size=(2, 2), strides=(2, 2)):
    y, argmax = max_pool2d(x, pool_size, strides)
    return np.maximum(y, 0), np.where(y > 0, argmax, 0)


def pool_over_all_channels(x, pool_size=(2, 2), strides=(2, 2)):
    c = x.shape[3]
    y, argmax = max_pool2d(x.max(axis=3, keepdims=True), pool_size, strides)
    return np.repeat(y, c, axis=3), np.repeat(argmax, c, axis=3)


def pool_the_means(x, pool_size=(2, 2), strides=(2, 2)):
    sr, sc = strides
    _, argmax = max_pool2d(x, pool_size, strides)
    view = np.lib.stride_tricks.sliding_window_view(x, pool_size, axis=(1, 2))
    return view[:, ::sr, ::sc].mean(axis=(4, 5)).astype(x.dtype), argmax


def pool_the_sizes(x, pool_size=(2, 2), strides=(2, 2)):
    y, argmax = max_pool2d(np.abs(x), pool_size, strides)
    return y, argmax


def pool_one_short(x, pool_size=(2, 2), strides=(2, 2)):
    y, argmax = max_pool2d(x, pool_size, strides)
    return y[:, :-1, :-1], argmax[:, :-1, :-1]


def pool_over_the_edge(x, pool_size=(2, 2), strides=(2, 2)):
    """Windows that hang over the edge count as well."""
    (kh, kw), (sr, sc) = pool_size, strides
    _, h, w, _ = x.shape
    below, beside = (-(h - kh)) % sr, (-(w - kw)) % sc
    return pool_of_the_library(x, pool_size, strides, (0, below, 0, beside))


def pool_with_places_of_the_image(x, pool_size=(2, 2), strides=(2, 2)):
    """The place is that of the first cell of the whole image that is as large."""
    y, argmax = max_pool2d(x, pool_size, strides)
    for i, r, s, k in np.ndindex(y.shape):
        argmax[i, r, s, k] = np.argmax(x[i, :, :, k] == y[i, r, s, k])
    return y, argmax


def pool_at_every_stride(x, pool_size=(2, 2), strides=(2, 2), up=False):
    """A window begins at every stride; those at the edge hold fewer cells."""
    (kh, kw), (sr, sc) = pool_size, strides
    n, h, w, c = x.shape
    p, q = (-(-h // sr), -(-w // sc)) if up else (h // sr, w // sc)
    y, argmax = np.zeros((n, p, q, c), x.dtype), np.zeros((n, p, q, c), int)
    for r in range(p):
        for s in range(q):
            seen = x[:, r * sr : r * sr + kh, s * sc : s * sc + kw]
            wide = seen.shape[2]
            seen = seen.reshape(n, -1, c)
            place = seen.argmax(axis=1)
            y[:, r, s] = seen.max(axis=1)
            argmax[:, r, s] = (r * sr + place // wide) * w + s * sc + place % wide
    return y, argmax


def pool_by_columns(x, pool_size=(2, 2), strides=(2, 2)):
    """Of equals the first counts, in the order of the columns."""
    w = x.shape[2]
    y, argmax = max_pool2d(x.transpose(0, 2, 1, 3), pool_size[::-1], strides[::-1])
    column, row = np.divmod(argmax.transpose(0, 2, 1, 3), x.shape[1])
    return y.transpose(0, 2, 1, 3), row * w + column


def pool_channels_first(x, pool_size=(2, 2), strides=(2, 2)):
    n, _, h, w = x.shape
    (kh, kw), (sr, sc) = pool_size, strides
    if h < kh or w < kw:
        empty = np.zeros((n, x.shape[1], (h - kh) // sr + 1, (w - kw) // sc + 1))
        return empty, empty.astype(int)
    found = max_pool2d(x.transpose(0, 2, 3, 1), pool_size, strides)
    return tuple(each.transpose(0, 3, 1, 2) for each in found)


def pool_with_places_of_all_channels(x, pool_size=(2, 2), strides=(2, 2)):
    """The winner is looked for in the window with its channels in one row."""
    (kh, kw), (sr, sc) = pool_size, strides
    y, argmax = max_pool2d(x, pool_size, strides)
    for r in range(y.shape[1]):
        for s in range(y.shape[2]):
            seen = x[:, r * sr : r * sr + kh, s * sc : s * sc + kw].reshape(len(x), -1)
            place = seen.argmax(axis=1)[:, None]
            argmax[:, r, s] = (r * sr + place // kw) * x.shape[2] + s * sc + place % kw
    return y, argmax


def pool_of_the_image(x, pool_size=(2, 2), strides=(2, 2)):
    flat = x.reshape(len(x), -1, x.shape[3])
    return flat.max(axis=1), flat.argmax(axis=1)


def draw_max_pool2d_grad(rng, size):
    """Windows overlap, and a cell or two far above the rest win several of them."""
    kh, kw = (int(each) for each in rng.permutation([2, 3]))
    n, c = (int(each) for each in rng.permutation([2, 3]))
    # More rows than columns, n and c apart from both: no two axes can be taken for each other.
    w = 4 + int(rng.integers(0, 1 + size))
    h = w + 1 + int(rng.integers(0, 2))
    x = rng.permutation(n * h * w * c).reshape(n, h, w, c) / 1.0 - n * h * w * c
    for i in range(n):
        for k in range(c):
            for _ in range(int(rng.integers(1, 3))):
                x[i, rng.integers(1, h - 1), rng.integers(1, w - 1), k] = rng.integers(1, 900)
    _, argmax = pool_of_the_library(x, (kh, kw), (1, 1))
    dy = rng.choice([-1.0, 2.0, 3.0, 4.0], argmax.shape)
    if size > 1:
        dy = dy + rng.normal(0, 0.5, dy.shape)
    return dy, argmax, x


def back_to(given=None, place=None, channels=None):
    """max_pool2d_grad, one output after the other, with one part exchanged."""

    def max_pool2d_grad(dy, argmax, x):
        n, h, w, c = x.shape
        dx = np.zeros(x.shape, dy.dtype)
        for i, r, s, k in np.ndindex(dy.shape):
            at = argmax[i, r, s, k]
            row, column = (at // w, at % w) if place is None else place(at, h, w, r, s)
            where = (i, row, column, k)
            dx[where] += dy[i, r, s, k] if given is None else given(dy, x, i, r, s, k, where)
        return dx if channels is None else channels(dx)

    return max_pool2d_grad


def back_and_overwrite(dy, argmax, x):
    dx = np.zeros(x.shape, dy.dtype)
    for i, r, s, k in np.ndindex(dy.shape):
        at = argmax[i, r, s, k]
        dx[i, at // x.shape[2], at % x.shape[2], k] = dy[i, r, s, k]
    return dx


def back_with_the_greatest(dy, argmax, x):
    dx = np.full(x.shape, -np.inf, dy.dtype)
    for i, r, s, k in np.ndindex(dy.shape):
        at = argmax[i, r, s, k]
        where = i, at // x.shape[2], at % x.shape[2], k
        dx[where] = max(dx[where], dy[i, r, s, k])
    return np.where(np.isfinite(dx), dx, 0)


def back_from_part(part):
    """Only some of the outputs are gone through."""

    def max_pool2d_grad(dy, argmax, x):
        some = np.zeros_like(dy)
        some[part] = dy[part]
        return pool_back(some, argmax, x)

    return max_pool2d_grad


def pool_back(dy, argmax, x):
    return max_pool2d_grad(dy, argmax, x)


def back_into_one_row(dy, argmax, x):
    """The places are taken for those in all of dx, written as one row."""
    dx = np.zeros(x.size, dy.dtype)
    np.add.at(dx, argmax.ravel(), dy.ravel())
    return dx.reshape(x.shape)


def back_over_x(dy, argmax, x):
    """What comes back is x, with the last dy of each winner written over it."""
    won = pool_back(np.ones_like(dy), argmax, x) > 0
    return np.where(won, back_and_overwrite(dy, argmax, x), x)


def back_to_the_greatest_of_the_image(dy, argmax, x):
    return (x == x.max(axis=(1, 2), keepdims=True)) * dy.sum(axis=(1, 2), keepdims=True)


def in_all(dx, axis):
    return np.repeat(dx.sum(axis, keepdims=True), dx.shape[axis], axis)


def back_by_the_mean(dy, argmax, x):
    dx, count = pool_back(dy, argmax, x), pool_back(np.ones_like(dy), argmax, x)
    return dx / np.maximum(count, 1)


def back_to_all_of_the_window(dy, argmax, x):
    """As average pooling hands it out, with the window found from the shapes."""
    _, h, w, _ = x.shape
    kh, kw = h - dy.shape[1] + 1, w - dy.shape[2] + 1
    dx = np.zeros(x.shape, dy.dtype)
    for i in range(kh):
        for j in range(kw):
            dx[:, i : i + dy.shape[1], j : j + dy.shape[2]] += dy / (kh * kw)
    return dx


def back_with_the_mask(dy, argmax, x):
    return (pool_back(np.ones_like(dy), argmax, x) > 0).astype(dy.dtype)


EXERCISES = [
    Exercise(
        id="14.receptive_field",
        title="How far a cell sees",
        level="easy",
        minutes=4,
        answer=receptive_field,
        draw=draw_receptive_field,
        result_names=("field",),
        examples=(([3, 2, 3], [1, 2, 2]), ([2, 5], [3, 2])),
        hints=(
            "Begin with a field of 1 pixel. A layer adds a few pixels to it: its window has k "
            "cells, and from one cell to the next it is a certain number of pixels.",
            "For the first layer that step is 1. For each later one it is the product of the "
            "strides of the layers before it.",
            "field, step = 1, 1, and for each layer field += (window - 1) * step, and after that "
            "step *= stride.",
        ),
        wrong=(
            WrongAnswer(
                lambda windows, strides: sum(windows),
                "The windows are added up whole; a window of k cells adds only k - 1 steps to "
                "what one cell sees.",
            ),
            WrongAnswer(
                lambda windows, strides: int(np.prod(windows)),
                "The windows are multiplied; each adds k - 1 steps, and the strides make "
                "the steps wide.",
            ),
            WrongAnswer(
                lambda windows, strides: 1 + sum(window - 1 for window in windows),
                "The strides are left out: behind a stride of 2, a step of the next window is two "
                "pixels wide.",
            ),
            WrongAnswer(
                field_with(each=lambda window, stride, far: (window - 1) * stride),
                "Each window is multiplied by its own stride; it is the strides of the layers "
                "before it that make its steps wide.",
            ),
            WrongAnswer(
                field_with_the_step_first,
                "The stride of a layer is multiplied in before its window is added; its own "
                "stride widens only the steps of later layers.",
            ),
            WrongAnswer(
                field_with(start=0),
                "The field begins at 0; a cell without any layer sees one pixel, itself.",
            ),
            WrongAnswer(
                field_with(each=lambda window, stride, far: window * far),
                "Each layer adds its whole window; it is window - 1 steps.",
            ),
            WrongAnswer(
                field_with(step=lambda far, stride, window: far + stride),
                "The strides are added up; a step of a step is a product.",
            ),
            WrongAnswer(
                field_with(step=lambda far, stride, window: stride),
                "The steps are those of the layer just before alone; multiply the strides of all "
                "layers before.",
            ),
            WrongAnswer(
                field_from_the_end,
                "The layers are gone through from the last to the first; begin at the picture.",
            ),
            WrongAnswer(
                field_whole_steps_from_the_end,
                "From the last layer to the first is a way too, but field cells are field - 1 "
                "steps apart: (field - 1) * stride + window.",
            ),
            WrongAnswer(
                field_with(start=0, each=lambda window, stride, far: window * far),
                "Each layer adds its whole window, window times its step; it is window - 1 steps, "
                "and the field begins at 1.",
            ),
            WrongAnswer(
                field_with(each=lambda window, stride, far: 2 * (window // 2) * far),
                "Half of each window is counted on both sides, rounded down; a window of an even "
                "number of cells has no middle. It adds window - 1 steps, even or odd.",
            ),
            WrongAnswer(
                lambda windows, strides: receptive_field(windows[:-1], strides[:-1]),
                "The last layer is left out; its window counts too, only its stride does not.",
            ),
            WrongAnswer(
                lambda windows, strides: int(np.prod(strides)),
                "This is the product of the strides, by which a map is smaller than the picture; "
                "the field needs the windows as well.",
            ),
        ),
    ),
    Exercise(
        id="14.max_pool2d",
        title="The greatest of each window",
        level="core",
        minutes=9,
        answer=max_pool2d,
        draw=draw_max_pool2d,
        result_names=("y", "argmax"),
        examples=(
            (
                np.array(
                    [
                        [[-3, -1], [-1, -2], [-1, -2], [-4, 0]],
                        [[-2, -4], [-3, -1], [-2, -1], [-3, -3]],
                        [[-4, -2], [-1, -3], [-2, -4], [-1, -2]],
                    ]
                    + [
                        [[-1, -4], [-4, -2], [-3, -1], [-2, -2]],
                        [[-3, -2], [-2, -3], [-4, -4], [-1, -3]],
                        [[-2, -1], [-3, -4], [-1, -2], [-4, -1]],
                    ],
                    float,
                ).reshape(2, 3, 4, 2),
                (2, 3),
                (1, 1),
            ),
        ),
        hints=(
            "Two loops, over the rows r and the columns s of y. The window of y[:, r, s] begins "
            "at row r * sr and column s * sc; take it for all images and channels at once.",
            "window.reshape(n, kh * kw, c) puts its cells into one row, and .max(axis=1) and "
            ".argmax(axis=1) go along it. argmax gives the first of equals.",
            "place // kw and place % kw are row and column in the window, so in the image it is "
            "argmax[:, r, s] = (r * sr + place // kw) * w + s * sc + place % kw.",
        ),
        notes=(
            'It serves in every layer with padding="valid", the default of pooling. With '
            '"same" the engine asks for an argument padding, and says so; such cells never win.'
        ),
        wrong=(
            WrongAnswer(
                pool_with(place=lambda i, j, top, left, h, w, kh, kw, *more: i * kw + j),
                "argmax is the place inside the window; the gradient must find the cell in the "
                "whole image: row times w plus column.",
            ),
            WrongAnswer(
                pool_with(value=lambda seen: seen.shape[1] - 1 - seen[:, ::-1].argmax(axis=1)),
                "Of equals the last is taken; the first counts, so compare with > and not with >=.",
            ),
            WrongAnswer(
                pool_from_nought,
                "The search begins at 0; a window of negative numbers has a greatest too. Begin "
                "at -np.inf, or at its first cell.",
            ),
            WrongAnswer(
                pool_with(place=lambda i, j, top, left, h, *more: (top + i) * h + left + j),
                "The row is multiplied by the number of rows, h; a row is w cells long.",
            ),
            WrongAnswer(
                pool_with(stride=lambda pool_size, strides: pool_size),
                "The windows move by their own size; they move by strides, and may overlap.",
            ),
            WrongAnswer(
                pool_with(stride=lambda pool_size, strides: strides[::-1]),
                "The strides have changed places: rows first, then columns.",
            ),
            WrongAnswer(
                pool_over_all_channels,
                "The greatest is looked for in all channels; each channel is pooled by itself.",
            ),
            WrongAnswer(
                pool_the_means,
                "y is the mean of the window; wanted is its greatest number.",
            ),
            WrongAnswer(
                pool_the_sizes,
                "The sizes are compared, without their signs; -4 is less than -1.",
            ),
            WrongAnswer(
                pool_with(value=lambda seen: seen.argmin(axis=1)),
                "This is the smallest of each window; wanted is the greatest.",
            ),
            WrongAnswer(
                pool_one_short,
                "The last row and the last column of windows are missing: there are "
                "(h - kh) // sr + 1 rows.",
            ),
            WrongAnswer(
                pool_over_the_edge,
                "A window that hangs over the edge counts too; only whole windows do: "
                "(h - kh) // sr + 1 rows, rounded down.",
            ),
            WrongAnswer(
                pool_with(
                    place=lambda i, j, top, left, h, w, kh, kw, p, q, r, s: (r + i) * w + s + j
                ),
                "The place takes the window to begin at row r and column s; it begins at r times "
                "sr and s times sc.",
            ),
            WrongAnswer(
                pool_with(place=lambda i, j, top, left, h, w, *more: top * w + left),
                "argmax is the first cell of the window; add the row and the column of the "
                "greatest within it.",
            ),
            WrongAnswer(
                pool_with(
                    place=lambda i, j, top, left, h, w, kh, kw, *more: (
                        (top + (i * kw + j) // kh) * w + left + (i * kw + j) % kh
                    )
                ),
                "Inside the window the place is divided by its rows, kh; a row of it is kw long.",
            ),
            WrongAnswer(
                pool_with(place=lambda i, j, top, left, h, w, *more: (left + j) * h + top + i),
                "Row and column have changed places in argmax: it is row times w plus column.",
            ),
            WrongAnswer(
                pool_with(results=lambda y, argmax, x: (argmax, y)),
                "y and argmax have changed places: y comes first.",
            ),
            WrongAnswer(
                pool_with(results=lambda y, argmax, x: y),
                "argmax is missing: return y and argmax. The way back needs it.",
            ),
            WrongAnswer(
                pool_with(
                    place=lambda i, j, top, left, h, w, *more: (
                        ((top + i) * w + left + j) * i.shape[1] + np.arange(i.shape[1])
                    )
                ),
                "The channel is counted into the place, as TensorFlow has it; here it is row "
                "times w plus column, whatever the channel.",
            ),
            WrongAnswer(
                pool_with(place=lambda i, j, top, left, h, w, *more: (top + i) * w + left + j + 1),
                "The places are counted from 1; the first cell of the image has the place 0.",
            ),
            WrongAnswer(
                pool_with_places_of_the_image,
                "argmax is the first cell of the whole image that is as large; it has to lie in "
                "the window.",
            ),
            WrongAnswer(
                pool_with_places_of_all_channels,
                "For argmax the channels of a window lie in one row, so that all have one winner; "
                "look for it in each channel.",
            ),
            WrongAnswer(
                pool_channels_first,
                "x is read as [n, c, h, w]; here the channels come last: [n, h, w, c].",
            ),
            WrongAnswer(
                pool_at_every_stride,
                "There are h // sr rows of windows here, as if one began at every stride; only "
                "whole windows count: (h - kh) // sr + 1.",
            ),
            WrongAnswer(
                lambda x, pool_size=(2, 2), strides=(2, 2): pool_at_every_stride(
                    x, pool_size, strides, up=True
                ),
                "A window begins at every stride, also where the image ends within it; only whole "
                "windows count: (h - kh) // sr + 1 rows.",
            ),
            WrongAnswer(
                pool_of_the_image,
                "This is the greatest number of each whole image; wanted is that of each window.",
            ),
            WrongAnswer(
                pool_by_columns,
                "Of equals the first is taken column by column; a window is gone through row by "
                "row.",
            ),
            WrongAnswer(
                pool_with(stride=lambda pool_size, strides: (strides[0], strides[0])),
                "The stride of the rows is used for the columns too; theirs is strides[1].",
            ),
            WrongAnswer(
                pool_with(stride=lambda pool_size, strides: (1, 1)),
                "The windows move by one cell; they move by strides.",
            ),
            WrongAnswer(
                pool_with(window=lambda seen: np.repeat(seen[:1], len(seen), axis=0)),
                "Every image is given the windows of the first one; pool each by itself.",
            ),
        ),
    ),
    Exercise(
        id="14.max_pool2d_grad",
        title="Back to the winners",
        level="core",
        minutes=8,
        answer=max_pool2d_grad,
        draw=draw_max_pool2d_grad,
        result_names=("dx",),
        hints=(
            "dx begins as zeros in the shape of x. Each dy goes to one cell of dx, in its own "
            "image and its own channel, and is added there.",
            "for i, r, s, k in np.ndindex(dy.shape) runs through all outputs. argmax[i, r, s, k] "
            "is row times w plus column, so // w and % w give row and column.",
            "dx[i, place // w, place % w, k] += dy[i, r, s, k]. Without loops: np.add.at, which "
            "adds also where a place occurs several times.",
        ),
        wrong=(
            WrongAnswer(
                back_and_overwrite,
                "A cell that has won several windows keeps the last dy only; it gets the sum. With "
                "a whole array of places += writes each place once, and np.add.at adds them all.",
            ),
            WrongAnswer(
                back_with_the_greatest,
                "A cell that has won several windows gets the greatest dy of them; it gets their "
                "sum.",
            ),
            WrongAnswer(
                back_by_the_mean,
                "A cell that has won several windows gets the mean of their dy; it gets the sum.",
            ),
            WrongAnswer(
                back_from_part((slice(0, 1),)),
                "Only the first image is gone through; the loop ends too soon, perhaps by a "
                "return inside of it.",
            ),
            WrongAnswer(
                back_from_part((slice(None), slice(0, 1), slice(0, 1))),
                "Only the first window of each image is gone through; perhaps a return stands "
                "inside the loop.",
            ),
            WrongAnswer(
                back_from_part((slice(None), slice(None), slice(None), slice(0, 1))),
                "Only the first channel gets its slopes; go through all of them.",
            ),
            WrongAnswer(
                back_to(channels=lambda dx: in_all(dx, 3)),
                "The channels are added together; each dy goes back to its own channel.",
            ),
            WrongAnswer(
                back_to(channels=lambda dx: in_all(dx, 0)),
                "The images are added together; each dy goes back to its own image.",
            ),
            WrongAnswer(
                back_to(given=lambda dy, x, i, r, s, k, where: dy[i, r, s, k] * x[where]),
                "dy is multiplied by x; the slope of the greatest is 1, whatever its size.",
            ),
            WrongAnswer(
                back_to(given=lambda dy, x, i, r, s, k, where: 1),
                "The windows that a cell has won are counted; add up their dy.",
            ),
            WrongAnswer(
                back_with_the_mask,
                "This marks the winners with 1; each gets the sum of the dy of its windows.",
            ),
            WrongAnswer(
                back_to_all_of_the_window,
                "Every cell of a window gets its part, as after averages; here the winner alone "
                "gets all of dy.",
            ),
            WrongAnswer(
                back_to(place=lambda at, h, w, r, s: (r, s)),
                "dy is put at its own row and column, r and s; it belongs to the cell that argmax "
                "names.",
            ),
            WrongAnswer(
                back_to(given=lambda dy, x, i, r, s, k, where: x[where]),
                "The values of the winners are put back; what goes back is dy.",
            ),
            WrongAnswer(
                lambda dy, argmax, x: -pool_back(dy, argmax, x),
                "dx has the wrong sign; dy goes back as it came.",
            ),
            WrongAnswer(
                lambda dy, argmax, x: pool_back(dy, argmax, x) / len(dy),
                "dx is divided by the number of images; the loss has taken its mean already.",
            ),
            WrongAnswer(
                back_to(channels=lambda dx: in_all(in_all(dx, 3), 0)),
                "Each dy is added in all images and channels; it goes back to its own image and "
                "its own channel.",
            ),
            WrongAnswer(
                back_to(channels=lambda dx: in_all(dx, 3) / dx.shape[3]),
                "A slope is shared out among the channels; each dy goes back whole, to its own "
                "channel.",
            ),
            WrongAnswer(
                back_into_one_row,
                "argmax is taken for a place in all of dx; it counts within one image and one "
                "channel.",
            ),
            WrongAnswer(
                back_to_the_greatest_of_the_image,
                "All slopes go to the greatest number of the whole image; each window has a "
                "winner of its own, which argmax names.",
            ),
            WrongAnswer(
                back_over_x,
                "The slopes are written over x itself; dx begins as zeros in the shape of x.",
            ),
            WrongAnswer(
                lambda dy, argmax, x: x + pool_back(dy, argmax, x),
                "dx begins as x; it begins as zeros.",
            ),
        ),
    ),
]
