"""Exercise of lesson 13: the convolution that the engine runs."""

import numpy as np

from dlcore.backends.numpy import conv2d
from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers

PACES = ((1, 2), (2, 1), (1, 3), (3, 1), (2, 3), (3, 2))


def conv2d_spelled(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0)):
    (sr, sc), (top, bottom, left, right) = strides, padding
    kh, kw, _, f = w.shape
    x = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)))
    p, q = (x.shape[1] - kh) // sr + 1, (x.shape[2] - kw) // sc + 1
    z = np.zeros((len(x), p, q, f), x.dtype)
    for r in range(p):
        for s in range(q):
            window = x[:, r * sr : r * sr + kh, s * sc : s * sc + kw]
            z[:, r, s] = np.tensordot(window, w, 3) + b
    return z


def draw_conv2d(rng, size):
    """Nothing is square, no two paddings are alike, and every b is far from 0."""
    kh, kw = (int(each) for each in rng.choice([2, 3, 4], 2, replace=False))
    n, c, f = (int(each) for each in rng.choice([2, 3, 4], 3, replace=False))
    sr, sc = PACES[int(rng.integers(len(PACES)))]
    top, bottom, left, right = (int(each) for each in rng.permutation(4))
    h = kh + sr + int(rng.integers(1, 2 + size)) + (size == 1)
    w = kw + sc + int(rng.integers(1, 2 + size))
    h += h == n
    w += w == h
    kernel = numbers(rng, size, kh, kw, c, f)
    kernel[0, 0] += 5
    kernel[-1, -1] -= 4
    b = rng.choice([-1, 1], f) * rng.integers(20, 40, f).astype(float)
    return numbers(rng, size, n, h, w, c) + 0.5, kernel, b, (sr, sc), (top, bottom, left, right)


def small_case():
    """A case that fits on a card: two pictures of 3 by 4 pixels in two channels."""
    x = (np.arange(48.0) % 7 - 2).reshape(2, 3, 4, 2)
    w = (np.arange(36.0) % 5 - 1).reshape(2, 3, 2, 3)
    return x, w, np.array([10.0, -20.0, 30.0]), (1, 2), (0, 1, 0, 2)


def convolved(kernel=None, bias=None, picture=None, strides=None, padding=None, after=None):
    """The answer with another kernel, bias, picture, strides, padding or last step."""

    def same(each, *more):
        return each

    def conv2d_otherwise(x, w, b, strides_=(1, 1), padding_=(0, 0, 0, 0)):
        z = conv2d_spelled(
            (picture or same)(x), (kernel or same)(w), (bias or same)(b, w),
            (strides or same)(strides_), (padding or same)(padding_),
        )  # fmt: skip
        return (after or same)(z)

    return conv2d_otherwise


def slid(corner, mode="constant"):
    """A loop over the places with other corners, or with something else around the picture."""

    def conv2d_otherwise(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0)):
        (top, bottom, left, right), (kh, kw, _, f) = padding, w.shape
        x = np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0)), mode=mode)
        p, q = (x.shape[1] - kh) // strides[0] + 1, (x.shape[2] - kw) // strides[1] + 1
        z = np.zeros((len(x), p, q, f), x.dtype)
        for r in range(p):
            for s in range(q):
                y, c = corner(r, s, strides, (kh, kw))
                window = np.zeros((len(x), kh, kw, x.shape[3]), x.dtype)
                seen = x[:, y : y + kh, c : c + kw]
                window[:, : seen.shape[1], : seen.shape[2]] = seen
                z[:, r, s] = np.tensordot(window, w, 3) + b
        return z

    return conv2d_otherwise


def by_strides(r, s, strides, size):
    return r * strides[0], s * strides[1]


def each_channel_apart(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0)):
    parts = [
        conv2d_spelled(x[..., [i]], w[:, :, [i]], b, strides, padding) for i in range(x.shape[3])
    ]
    return np.sum(parts, axis=0, dtype=x.dtype)


def last_channel_alone(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0)):
    return conv2d_spelled(x[..., -1:], w[:, :, -1:], b, strides, padding)


def first_channel_alone(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0)):
    return conv2d_spelled(x[..., :1], w[:, :, :1], b, strides, padding)


def mean_of_channels(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0)):
    return conv2d_spelled(x, w / x.shape[3], b, strides, padding)


def mean_of_the_window(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0)):
    return conv2d_spelled(x, w / (w.shape[0] * w.shape[1]), b, strides, padding)


def places_of_the_bare_picture(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0)):
    z = conv2d_spelled(x, w, b, strides, padding)
    p, q = ((x.shape[1 + i] - w.shape[i]) // strides[i] + 1 for i in (0, 1))
    return z[:, :p, :q]


def channels_of_the_kernel_exchanged(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0)):
    kh, kw, c, f = w.shape
    return conv2d_spelled(x, w.reshape(kh, kw, f, c).transpose(0, 1, 3, 2), b, strides, padding)


def last_cell_alone(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0)):
    only = np.zeros_like(w)
    only[-1, -1] = w[-1, -1]
    return conv2d_spelled(x, only, b, strides, padding)


def multiplied_by_b(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0)):
    return conv2d_spelled(x, w, 0 * b, strides, padding) * b


def pictures_added_up(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0)):
    return conv2d_spelled(0 * x + x.sum(axis=0), w, b, strides, padding)


def pictures_and_rows_padded(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0)):
    top, bottom, left, right = padding
    x = np.pad(x, ((top, bottom), (left, right), (0, 0), (0, 0)))
    return conv2d_spelled(x, w, b, strides)


def places_rounded_up(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0)):
    """With zeros for what hangs over the end."""
    top, bottom, left, right = padding
    h, wide = x.shape[1] + top + bottom, x.shape[2] + left + right
    below, beside = -(h - w.shape[0]) % strides[0], -(wide - w.shape[1]) % strides[1]
    return conv2d_spelled(x, w, b, strides, (top, bottom + below, left, right + beside))


def strides_in_the_range(x, w, b, strides=(1, 1), padding=(0, 0, 0, 0)):
    z = np.zeros_like(conv2d_spelled(x, w, b, strides, padding))
    p, q = z.shape[1:3]
    at_every_place = conv2d_spelled(x, w, b, (1, 1), padding)
    z[:, :: strides[0], :: strides[1]] = at_every_place[:, : p : strides[0], : q : strides[1]]
    return z


EXERCISES = [
    Exercise(
        id="13.conv2d",
        title="A convolution of pictures",
        level="core",
        minutes=10,
        answer=conv2d,
        spelled=conv2d_spelled,
        draw=draw_conv2d,
        examples=(small_case(),),
        hints=(
            "np.pad(x, ((0, 0), (top, bottom), (left, right), (0, 0))) puts the zeros around "
            "every picture; from then on there is no padding to think of. How many rows and "
            "columns of places are there?",
            "p and q are those of 13.places, with the size of the padded x. At place (r, s) the "
            "window of all n pictures is x[:, r * sr : r * sr + kh, s * sc : s * sc + kw].",
            "z = np.zeros((n, p, q, f), x.dtype), and in two loops over r and s: z[:, r, s] = "
            "np.tensordot(window, w, 3) + b. The 3 says that the last three axes of the window "
            "meet the first three of w.",
        ),
        notes=(
            "The library's loop goes over the cells of the kernel, nine of them, and takes all "
            "places at once. A picture with more than a few places is done sooner that way."
        ),
        wrong=(
            WrongAnswer(
                convolved(bias=lambda b, w: 0 * b),
                "b is not added: each of the f outputs has one, at every place.",
            ),
            WrongAnswer(
                convolved(bias=lambda b, w: b * w.shape[0] * w.shape[1]),
                "b is added once for each cell of the kernel; there is one for each output, added "
                "after the sum.",
            ),
            WrongAnswer(
                mean_of_channels,
                "The channels are averaged; their products are added up like all others.",
            ),
            WrongAnswer(
                first_channel_alone,
                "Only the first channel is seen. A filter sees all channels at once: it has "
                "weights for each.",
            ),
            WrongAnswer(
                slid(lambda r, s, strides, size: (r, s)),
                "There are as many places as the strides say, but the windows begin at r and s; "
                "they begin at r * sr and s * sc.",
            ),
            WrongAnswer(
                convolved(strides=lambda strides: strides[::-1]),
                "The strides have changed places: the one for rows comes first.",
            ),
            WrongAnswer(
                convolved(padding=lambda pad: (pad[0], pad[2], pad[1], pad[3])),
                "The padding is taken as (top, left, bottom, right); it is (top, bottom, left, "
                "right).",
            ),
            WrongAnswer(
                convolved(kernel=lambda w: w[::-1, ::-1]),
                "The kernel is turned by half a turn, as in scipy.signal.convolve2d; here it lies "
                "on the picture as it is.",
            ),
            WrongAnswer(
                convolved(padding=lambda padding: (0, 0, 0, 0)),
                "The padding is left out: rows and columns of zeros stand around the picture, as "
                "many as it says for each side.",
            ),
            WrongAnswer(
                convolved(strides=lambda strides: (1, 1)),
                "The strides are ignored: the next window begins sr rows or sc columns further.",
            ),
            WrongAnswer(
                slid(by_strides, mode="edge"),
                "The pixels of the border are repeated around the picture; it is zeros that stand "
                "there.",
            ),
            WrongAnswer(
                convolved(padding=lambda pad: (pad[0], pad[0], pad[2], pad[2])),
                "Both sides get as many zeros as the first of them; top and bottom may differ, and "
                "so may left and right.",
            ),
            WrongAnswer(
                convolved(padding=lambda pad: (pad[2], pad[3], pad[0], pad[1])),
                "The zeros above and below have changed places with those left and right: rows "
                "come first.",
            ),
            WrongAnswer(
                mean_of_the_window,
                "The sum is divided by the number of cells; a window gives a sum, not a mean.",
            ),
            WrongAnswer(
                convolved(after=lambda z: np.ascontiguousarray(z[:, :-1, :-1])),
                "The last row and the last column of places are missing: there are "
                "(h + top + bottom - kh) // sr + 1 rows of them.",
            ),
            WrongAnswer(
                slid(lambda r, s, strides, size: (r * size[0], s * size[1])),
                "The windows begin at r * kh and s * kw, side by side; they move by the strides.",
            ),
            WrongAnswer(
                each_channel_apart,
                "b is added once for each channel; there is one for each output, added after the "
                "sum.",
            ),
            WrongAnswer(
                convolved(kernel=lambda w: np.repeat(w[..., :1], w.shape[3], axis=3)),
                "All outputs use the first filter; output number o has w[..., o].",
            ),
            WrongAnswer(
                convolved(picture=lambda x: np.repeat(x[:1], len(x), axis=0)),
                "Every picture gets the answer of the first one.",
            ),
            WrongAnswer(
                last_channel_alone,
                "Only the last channel is left: each overwrites the one before, so add them up.",
            ),
            WrongAnswer(
                places_of_the_bare_picture,
                "There are as many places as on the picture without its padding; the zeros make "
                "room for more of them.",
            ),
            WrongAnswer(
                channels_of_the_kernel_exchanged,
                "w is read as (kh, kw, f, c), outputs before channels; here it is (kh, kw, c, f).",
            ),
            WrongAnswer(
                convolved(bias=lambda b, w: -b),
                "b is taken away; it is added.",
            ),
            WrongAnswer(
                multiplied_by_b,
                "The sum is multiplied by b; b is added to it.",
            ),
            WrongAnswer(
                convolved(after=lambda z: np.maximum(z, 0)),
                "Numbers below 0 are made 0. The relu is not part of the convolution; it comes "
                "after it.",
            ),
            WrongAnswer(
                last_cell_alone,
                "Only the last cell of each window is left: every product overwrites the one "
                "before, so add them up.",
            ),
            WrongAnswer(
                pictures_added_up,
                "The pictures are added up too, so that all get the same answer; each has a sum of "
                "its own, over the last three axes of its window.",
            ),
            WrongAnswer(
                convolved(strides=lambda strides: (strides[0], strides[0])),
                "The stride for rows serves for the columns too; theirs is strides[1].",
            ),
            WrongAnswer(
                convolved(after=lambda z: z.transpose(0, 3, 1, 2).copy()),
                "The maps stand before rows and columns, as in code for channels first; here they "
                "are the last axis: (n, p, q, f).",
            ),
            WrongAnswer(
                convolved(
                    kernel=lambda w: w.reshape(w.shape[3], *w.shape[:3]).transpose(1, 2, 3, 0)
                ),
                "w.reshape(f, -1) cuts the weights of several filters into one row, since f is the "
                "last axis of w; w.reshape(-1, f) has a column for each filter.",
            ),
            WrongAnswer(
                places_rounded_up,
                "The number of places is rounded up. A window that hangs over the end does not "
                "count: //.",
            ),
            WrongAnswer(
                slid(by_strides, mode="reflect"),
                "The picture is mirrored at its border; it is zeros that stand around it.",
            ),
            WrongAnswer(
                pictures_and_rows_padded,
                "The zeros are put before and after the pictures and the rows, the first two axes; "
                "rows and columns are the second and the third: the pair for n is (0, 0).",
            ),
            WrongAnswer(
                strides_in_the_range,
                "The strides are in the loops, so r and s jump and many places stay 0. Let r and s "
                "count the places, and begin the windows at r * sr and s * sc.",
            ),
        ),
    ),
]
