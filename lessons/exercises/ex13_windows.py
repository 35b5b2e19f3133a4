"""Exercises of lesson 13: where a window fits, what it says there, and all windows as rows."""

import numpy as np

from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, table


def places(size, window, stride=1, before=0, after=0):
    return (size + before + after - window) // stride + 1


def draw_places(rng, size):
    """A stride above 1 in four cases of five, mostly with a remainder; never the same padding."""
    stride = int(rng.choice([1, 2, 2, 3, 3]))
    window = int(rng.integers(2, 5 + size))
    before, after = (int(each) for each in rng.choice(4, 2, replace=False))
    whole = window + int(rng.integers(1, 4 + 3 * size)) * stride
    length = whole + int(rng.integers(1, stride)) if stride > 1 else whole
    length = max(length - before - after, 2)
    length += length == window  # the two can be told apart
    return length, window, stride, before, after


def filter_picture(x, k):
    p, q = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
    z = np.zeros((p, q), x.dtype)
    for r in range(p):
        for s in range(q):
            z[r, s] = np.sum(x[r : r + k.shape[0], s : s + k.shape[1]] * k)
    return z


def lopsided(rng, size, *shape):
    """A kernel that no turning leaves as it is: its corners differ much."""
    k = numbers(rng, size, *shape)
    k[0, 0] += 5
    k[-1, -1] -= 4
    return k


def draw_filter_picture(rng, size):
    kh, kw = (int(each) for each in rng.choice([2, 3, 4], 2, replace=False))
    h, w = kh + int(rng.integers(1, 2 + size)), kw + int(rng.integers(1, 2 + size))
    w += w == h
    return numbers(rng, size, h, w) + 0.5, lopsided(rng, size, kh, kw)


def filtered(cell, rows=0, columns=0, step=None):
    """The loop with another line inside, more or fewer places, or other steps."""

    def filter_picture(x, k):
        down, across = step(k) if step else (1, 1)
        p = (x.shape[0] - k.shape[0]) // down + 1 + rows
        q = (x.shape[1] - k.shape[1]) // across + 1 + columns
        z = np.zeros((p, q), x.dtype)
        for r in range(p):
            for s in range(q):
                here = x[r * down : r * down + k.shape[0], s * across : s * across + k.shape[1]]
                z[r, s] = cell(here, k)
        return z

    return filter_picture


def filter_as_large_as_the_picture(x, k):
    z = np.zeros_like(x)
    found = filter_picture(x, k)
    z[: found.shape[0], : found.shape[1]] = found
    return z


def filter_padded(x, k, down=0):
    """With zeros around; an even kernel has one row more of them below, or above if down is 1."""
    (kh, kw), (h, w) = k.shape, x.shape
    around = np.zeros((h + kh - 1, w + kw - 1), x.dtype)
    top, left = (kh - 1 + down) // 2, (kw - 1 + down) // 2
    around[top : top + h, left : left + w] = x
    return filter_picture(around, k)


def filter_padded_above(x, k):
    return filter_padded(x, k, down=1)


def filter_from_1_on(x, k):
    z = filter_picture(x, k)
    z[0], z[:, 0] = 0, 0
    return z


def filter_on_and_on(x, k):
    p, q = x.shape[0] - k.shape[0] + 1, x.shape[1] - k.shape[1] + 1
    z, total = np.zeros((p, q), x.dtype), 0.0
    for r in range(p):
        for s in range(q):
            total += np.sum(x[r : r + k.shape[0], s : s + k.shape[1]] * k)
            z[r, s] = total
    return z


def im2col(x, kh, kw, strides=(1, 1)):
    (n, h, w, c), (sr, sc) = x.shape, strides
    p, q = (h - kh) // sr + 1, (w - kw) // sc + 1
    rows = np.zeros((n, p, q, kh * kw * c), x.dtype)
    for r in range(p):
        for s in range(q):
            window = x[:, r * sr : r * sr + kh, s * sc : s * sc + kw]
            rows[:, r, s] = window.reshape(n, -1)
    return rows


def draw_im2col(rng, size):
    """Windows that overlap, at another pace down than across; in many cases a pixel is left."""
    kh, kw = (int(each) for each in rng.choice([2, 3, 4], 2, replace=False))
    n, c = (int(each) for each in rng.choice([2, 3, 4], 2, replace=False))
    paces = [(1, 2), (2, 1), (1, 3), (3, 1), (2, 3), (3, 2)]
    sr, sc = paces[int(rng.integers(len(paces)))]
    p, q = (int(each) for each in rng.choice(np.arange(2, 4 + size), 2, replace=False))
    h, w = kh + (p - 1) * sr + int(rng.integers(sr)), kw + (q - 1) * sc + int(rng.integers(sc))
    h += h == n
    w += w == h
    return numbers(rng, size, n, h, w, c), kh, kw, (sr, sc)


def rows_of(turn=None, strides=None, corner=None):
    """im2col with another order inside the window, other steps, or other corners."""

    def im2col_otherwise(x, kh, kw, strides_=(1, 1)):
        (n, h, w, c), (sr, sc) = x.shape, strides(strides_) if strides else strides_
        p, q = (h - kh) // sr + 1, (w - kw) // sc + 1
        rows = np.zeros((n, p, q, kh * kw * c), x.dtype)
        for r in range(p):
            for s in range(q):
                y, z = corner(r, s, sr, sc, kh, kw) if corner else (r * sr, s * sc)
                window = np.zeros((n, kh, kw, c), x.dtype)
                seen = x[:, y : y + kh, z : z + kw]
                window[:, : seen.shape[1], : seen.shape[2]] = seen
                rows[:, r, s] = (turn(window) if turn else window).reshape(n, -1)
        return rows

    return im2col_otherwise


def side_by_side(x, kh, kw, strides=(1, 1)):
    rows = im2col(x, kh, kw, strides)
    return np.resize(x, rows.shape)  # the pixels as they lie, each once after the other


def one_long_table(x, kh, kw, strides=(1, 1)):
    rows = im2col(x, kh, kw, strides)
    return rows.reshape(-1, rows.shape[-1])


def columns_of_one_table(x, kh, kw, strides=(1, 1)):
    return one_long_table(x, kh, kw, strides).T.copy()


def places_column_by_column(x, kh, kw, strides=(1, 1)):
    rows = im2col(x, kh, kw, strides)
    return rows.transpose(0, 2, 1, 3).reshape(rows.shape)


def sums_of_windows(x, kh, kw, strides=(1, 1)):
    rows = im2col(x, kh, kw, strides)
    return rows.reshape(*rows.shape[:3], kh * kw, -1).sum(axis=3)


def strides_in_the_range(x, kh, kw, strides=(1, 1)):
    (n, h, w, c), (sr, sc) = x.shape, strides
    p, q = (h - kh) // sr + 1, (w - kw) // sc + 1
    rows = np.zeros((n, p, q, kh * kw * c), x.dtype)
    for r in range(0, p, sr):
        for s in range(0, q, sc):
            rows[:, r, s] = x[:, r : r + kh, s : s + kw].reshape(n, -1)
    return rows


EXERCISES = [
    Exercise(
        id="13.places",
        title="At how many places a window fits",
        level="easy",
        minutes=4,
        answer=places,
        draw=draw_places,
        result_names=("places",),
        examples=((8, 3, 2, 0, 1),),
        hints=(
            "Put the window to the very left. By how many pixels can it move until it touches the "
            "right end? The zeros on both sides belong to the row.",
            "It can move by size + before + after - window pixels. How many whole strides are in "
            "that, and which place has not been counted yet?",
            "(size + before + after - window) // stride + 1.",
        ),
        wrong=(
            WrongAnswer(
                lambda size, window, stride=1, before=0, after=0: (
                    (size + before + after - window) // stride
                ),
                "These are the moves; the place where the window begins counts too, so add 1.",
            ),
            WrongAnswer(
                lambda size, window, stride=1, before=0, after=0: (
                    (size + before - window) // stride + 1
                ),
                "Only the zeros before the row are counted; those after it belong to the row too.",
            ),
            WrongAnswer(
                lambda size, window, stride=1, before=0, after=0: (
                    (size + after - window) // stride + 1
                ),
                "Only the zeros after the row are counted; those before it belong to the row too.",
            ),
            WrongAnswer(
                lambda size, window, stride=1, before=0, after=0: (
                    -(-(size + before + after - window) // stride) + 1
                ),
                "This is rounded up. A window that hangs over the end does not count: //.",
            ),
            WrongAnswer(
                lambda size, window, stride=1, before=0, after=0: (
                    (size + before + after) // stride + 1
                ),
                "The window is not taken off: the last one must still fit, so it begins at "
                "size + before + after - window at the latest.",
            ),
            WrongAnswer(
                lambda size, window, stride=1, before=0, after=0: (
                    size + before + after - window + 1
                ),
                "This is right with stride 1; with a larger stride only every stride-th place is "
                "visited.",
            ),
            WrongAnswer(
                lambda size, window, stride=1, before=0, after=0: (size - window) // stride + 1,
                "The zeros before and after the row are left out; they make it longer.",
            ),
            WrongAnswer(
                lambda size, window, stride=1, before=0, after=0: (
                    (size + 2 * before - window) // stride + 1
                ),
                "The zeros before the row are counted twice; there may be another number of them "
                "after it.",
            ),
            WrongAnswer(
                lambda size, window, stride=1, before=0, after=0: (
                    (size + before + after - window + 1) // stride
                ),
                "The 1 stands inside of the division; it is added last: the first place needs no "
                "stride.",
            ),
            WrongAnswer(
                lambda size, window, stride=1, before=0, after=0: (
                    (size + before + after - window) / stride + 1
                ),
                "The division leaves a fraction; // keeps only the whole strides.",
            ),
            WrongAnswer(
                lambda size, window, stride=1, before=0, after=0: len(
                    range(0, size + before + after, stride)
                ),
                "Every stride-th pixel counts as a place here, also the last ones, where the "
                "window hangs over the end.",
            ),
            WrongAnswer(
                lambda size, window, stride=1, before=0, after=0: (size + before + after) // window,
                "The windows stand side by side here; they overlap, and move by the stride.",
            ),
            WrongAnswer(
                lambda size, window, stride=1, before=0, after=0: (
                    (size - before - after - window) // stride + 1
                ),
                "The zeros are taken off the row; they make it longer, so add them.",
            ),
            WrongAnswer(
                lambda size, window, stride=1, before=0, after=0: (
                    -(-(size + before + after - window) // stride)
                ),
                "A window that ends just where the row ends is not counted; it lies inside of the "
                "row.",
            ),
            WrongAnswer(
                lambda size, window, stride=1, before=0, after=0: (
                    round((size + before + after - window) / stride) + 1
                ),
                "This is rounded to the nearest whole number. A window that hangs over the end "
                "does not count: //.",
            ),
            WrongAnswer(
                lambda size, window, stride=1, before=0, after=0: -(-size // stride),
                'size / stride, rounded up, is the number of places with padding "same"; here '
                "before and after say how many zeros there are.",
            ),
        ),
    ),
    Exercise(
        id="13.filter_picture",
        title="A kernel looked through everywhere",
        level="core",
        minutes=7,
        answer=filter_picture,
        draw=draw_filter_picture,
        result_names=("z",),
        examples=((table("1 2 0 1; 0 3 1 2; 2 0 1 1"), table("1 -1 2; 0 1 -2")),),
        hints=(
            "One place first: which pixels does the kernel lie on at row r, column s? Multiply "
            "pixel and weight, number by number, and add up.",
            "The window is x[r : r + kh, s : s + kw]. There are h - kh + 1 rows of places and "
            "w - kw + 1 columns; z is as large as that.",
            "z = np.zeros((h - kh + 1, w - kw + 1), x.dtype), two loops over r and s, and "
            "z[r, s] = np.sum(x[r : r + kh, s : s + kw] * k).",
        ),
        wrong=(
            WrongAnswer(
                lambda x, k: filter_picture(x, k[::-1, ::-1]),
                "The kernel is turned by half a turn. That is the convolution of mathematics; here "
                "the kernel lies on the picture as it is: x[r + i, s + j] meets k[i, j].",
            ),
            WrongAnswer(
                filtered(lambda here, k: np.sum(here * k), rows=-1, columns=-1),
                "A row and a column of places are missing: the last window begins at h - kh, and "
                "range(h - kh) ends before it.",
            ),
            WrongAnswer(
                lambda x, k: filter_picture(x, k) / k.size,
                "The sum is divided by the number of weights. A window gives a sum; a mean is "
                "what a kernel of ninths makes.",
            ),
            WrongAnswer(
                filter_as_large_as_the_picture,
                "z is as large as x, and its last rows and columns stay 0. Without padding there "
                "are fewer places than pixels: h - kh + 1 by w - kw + 1.",
            ),
            WrongAnswer(
                filtered(lambda here, k: np.sum(here * k), step=lambda k: k.shape),
                "The windows stand side by side. They overlap: the next one begins a single pixel "
                "further.",
            ),
            WrongAnswer(
                filter_padded,
                "Zeros are put around the picture, so that z is as large as x; here the kernel "
                "stays inside of the picture.",
            ),
            WrongAnswer(
                filtered(lambda here, k: here[-1, -1] * k[-1, -1]),
                "Only the last product of each window is kept; add all of them up.",
            ),
            WrongAnswer(
                filtered(lambda here, k: np.sum(here) * np.sum(k)),
                "Pixels and weights are added up first and multiplied then. Multiply pixel by "
                "weight first, and add the products.",
            ),
            WrongAnswer(
                filtered(lambda here, k: np.sum(here + k)),
                "Pixel and weight are added; multiply them, and add the products.",
            ),
            WrongAnswer(
                filtered(lambda here, k: np.max(here * k)),
                "The largest product is kept; a window gives the sum of all its products.",
            ),
            WrongAnswer(
                filter_on_and_on,
                "The sum runs on from place to place; begin each at 0.",
            ),
            WrongAnswer(
                lambda x, k: filter_picture(x, k[::-1]),
                "The rows of the kernel are turned round; row i of it meets row r + i of x.",
            ),
            WrongAnswer(
                lambda x, k: filter_picture(x, k[:, ::-1]),
                "The columns of the kernel are turned round; column j of it meets column s + j.",
            ),
            WrongAnswer(
                lambda x, k: filter_picture(x, k).T,
                "Rows and columns of z have changed places: r runs down, so it comes first.",
            ),
            WrongAnswer(
                lambda x, k: filter_picture(x, k).astype(int).astype(x.dtype),
                "z holds whole numbers, so that everything behind the point is cut off; make it of "
                "the type of x: np.zeros(shape, x.dtype).",
            ),
            WrongAnswer(
                filtered(lambda here, k: abs(np.sum(here * k))),
                "The sign is lost: a sum below 0 is an answer too.",
            ),
            WrongAnswer(
                filtered(lambda here, k: max(np.sum(here * k), 0)),
                "Sums below 0 are made 0; here they are answers too, and a relu comes after the "
                "convolution.",
            ),
            WrongAnswer(
                filtered(lambda here, k: np.clip(np.sum(here * k), 0, 1)),
                "The sums are cut off at 0 and 1. What comes out is no picture and may lie outside "
                "of them.",
            ),
            WrongAnswer(
                filtered(lambda here, k: np.sum(here @ k.T)),
                "Window and kernel are multiplied as matrices (@). Each pixel meets one weight: "
                "multiply number by number with *.",
            ),
            WrongAnswer(
                filtered(lambda here, k: np.sum((here * k)[:-1, :-1])),
                "The last row and the last column of the kernel are left out: range(kh) ends at "
                "kh - 1 by itself.",
            ),
            WrongAnswer(
                filter_from_1_on,
                "The first row and the first column of z stay 0: rows and columns count from 0.",
            ),
            WrongAnswer(
                filter_padded_above,
                "Zeros are put around the picture, more of them above and on the left, so that z "
                "is as large as x; here the kernel stays inside of the picture.",
            ),
        ),
    ),
    Exercise(
        id="13.im2col",
        title="Every window as a row",
        level="core",
        minutes=8,
        answer=im2col,
        draw=draw_im2col,
        result_names=("rows",),
        examples=((np.arange(48.0).reshape(2, 3, 4, 2), 2, 3, (1, 1)),),
        hints=(
            "Nothing is multiplied here: each window is only cut out and laid down as a row. How "
            "large is a window of one picture, with its channels?",
            "x[:, r * sr : r * sr + kh, s * sc : s * sc + kw] are the windows at (r, s) of all n "
            "pictures, [n, kh, kw, c]. .reshape(n, -1) lays each down in the order i, j, channel.",
            "rows = np.zeros((n, p, q, kh * kw * c), x.dtype) with p and q as in 13.places, and in "
            "two loops rows[:, r, s] = x[:, r * sr : r * sr + kh, s * sc : s * sc + kw]"
            ".reshape(n, -1).",
        ),
        wrong=(
            WrongAnswer(
                rows_of(lambda window: window.transpose(0, 3, 1, 2)),
                "The channel comes first inside of the row, as in code for channels first. "
                "w.reshape(-1, f) runs through i, j, channel; so must the row.",
            ),
            WrongAnswer(
                rows_of(lambda window: window.transpose(0, 2, 1, 3)),
                "The window is read column by column; its rows come first: i, then j, then the "
                "channel.",
            ),
            WrongAnswer(
                lambda x, kh, kw, strides=(1, 1): (
                    im2col(x, kh, kw, strides).transpose(0, 2, 1, 3).copy()
                ),
                "p and q have changed places: places run down first, so p comes before q.",
            ),
            WrongAnswer(
                rows_of(strides=lambda strides: (1, 1)),
                "The strides are ignored: the next window begins sr rows or sc columns further.",
            ),
            WrongAnswer(
                side_by_side,
                "x is only reshaped. Windows overlap, so most pixels stand in several rows.",
            ),
            WrongAnswer(
                rows_of(strides=lambda strides: strides[::-1]),
                "The strides have changed places: the one for rows comes first.",
            ),
            WrongAnswer(
                rows_of(corner=lambda r, s, sr, sc, kh, kw: (r, s)),
                "There are as many places as the strides say, but the windows begin at r and s; "
                "they begin at r * sr and s * sc.",
            ),
            WrongAnswer(
                rows_of(lambda window: window[:, ::-1, ::-1]),
                "The windows are turned by half a turn; lay each down as it is.",
            ),
            WrongAnswer(
                one_long_table,
                "All rows stand in one table. They keep their picture and place here: the shape is "
                "(n, p, q, kh * kw * c).",
            ),
            WrongAnswer(
                lambda x, kh, kw, strides=(1, 1): im2col(x, kh, kw, strides)[:, :-1, :-1],
                "The last row and the last column of places are missing: there are "
                "(h - kh) // sr + 1 of the one and (w - kw) // sc + 1 of the other.",
            ),
            WrongAnswer(
                lambda x, kh, kw, strides=(1, 1): im2col(x[..., :1], kh, kw, strides),
                "Only the first channel is there; a row holds all channels of its window.",
            ),
            WrongAnswer(
                rows_of(corner=lambda r, s, sr, sc, kh, kw: (r * kh, s * kw)),
                "The windows begin at r * kh and s * kw, side by side; they move by the strides.",
            ),
            WrongAnswer(
                rows_of(lambda window: np.broadcast_to(window[:1], window.shape)),
                "Every row is of the first picture; each picture has windows of its own.",
            ),
            WrongAnswer(
                rows_of(lambda window: window.transpose(0, 3, 2, 1)),
                "The row runs through the window the wrong way round: channel, then j, then i. "
                "Its order is i, then j, then the channel, which changes fastest.",
            ),
            WrongAnswer(
                places_column_by_column,
                "The windows are gathered column by column and then laid out row by row; let r be "
                "the outer loop and s the inner one.",
            ),
            WrongAnswer(
                rows_of(strides=lambda strides: (strides[0], strides[0])),
                "The stride for rows serves for the columns too; theirs is strides[1].",
            ),
            WrongAnswer(
                columns_of_one_table,
                "Every window is a column of one table, as in other libraries. Here it is a row, "
                "at its picture and place: the shape is (n, p, q, kh * kw * c).",
            ),
            WrongAnswer(
                sums_of_windows,
                "The pixels of a window are added up; here they are only laid down, all "
                "kh * kw * c of them.",
            ),
            WrongAnswer(
                strides_in_the_range,
                "The strides are in the loops, so r and s jump and many rows stay 0. Let r and s "
                "count the places, and begin the windows at r * sr and s * sc.",
            ),
        ),
    ),
]
