"""The generic primitives: numbers one by one, and numbers that move."""

import functools
import itertools
import math

from numba import cuda
from numpy import int64, uint32

from dlcore.backends.cuda.device import board, scratch, zero
from dlcore.backends.cuda.elements import each, each_spread, merged
from dlcore.backends.cuda.launch import blocks, device, launch, named, spread
from dlcore.backends.cuda.product import matrix, multiply
from dlcore.backends.cuda.sums import along_columns, along_rows
from dlcore.backends.cuda.wide import load4, store4

# One number.


@device
def _exp(x, _, real):
    return real(math.exp(x))


@device
def _expm1(x, _, real):
    return real(math.expm1(x))


@device
def _log(x, _, real):
    return real(math.log(x))


@device
def _log1p(x, _, real):
    return real(math.log1p(x))


@device
def _sqrt(x, _, real):
    return real(math.sqrt(x))


@device
def _square(x, _, real):
    return x * x


@device
def _abs(x, _, real):
    return abs(x)


@device
def _sign(x, _, real):
    # A NaN is neither above nor below zero: it stays.
    return real(1) if x > real(0) else real(-1) if x < real(0) else x


@device
def _negative(x, _, real):
    return -x


@device
def _sin(x, _, real):
    return real(math.sin(x))


@device
def _cos(x, _, real):
    return real(math.cos(x))


@device
def _floor(x, _, real):
    # From 2^52 on every number is whole, and a NaN is below nothing.
    if not abs(x) < real(4503599627370496):
        return x
    whole = real(int64(x))  # cut off towards zero
    return whole - real(1) if whole > x else whole


@device
def _ceil(x, _, real):
    return -_floor(-x, _, real)


@device
def _rint(x, _, real):
    below = _floor(x, _, real)
    part = x - below
    odd = below * real(0.5) != _floor(below * real(0.5), _, real)
    return below + real(1) if part > real(0.5) or (part == real(0.5) and odd) else below


@device
def _same(x, _, real):
    return real(x)


@device
def _nothing(x, _, real):
    return real(0)


_UNARY = {
    "exp": _exp, "expm1": _expm1, "log": _log, "log1p": _log1p, "sqrt": _sqrt, "square": _square,
    "abs": _abs, "sign": _sign, "negative": _negative, "sin": _sin, "cos": _cos,
    "floor": _floor, "ceil": _ceil, "rint": _rint,
}  # fmt: skip


def unary(y, x, op):
    each(_UNARY[op], y, x)


def cast(y, x):
    each(_same, y, x)


# Two or three numbers. One of another type than y, such as a whole number, becomes y's first.


@device
def _add(a, b, _, real):
    return real(a) + real(b)


@device
def _subtract(a, b, _, real):
    return real(a) - real(b)


@device
def _multiply(a, b, _, real):
    return real(a) * real(b)


@device
def _divide(a, b, _, real):
    return real(a) / real(b)


@device
def maximum(a, b, _, real):
    """The greater of two; a NaN is the greatest."""
    return real(a) if a > b or a != a else real(b)


@device
def minimum(a, b, _, real):
    """The smaller of two; a NaN is the smallest."""
    return real(a) if a < b or a != a else real(b)


@device
def _power(a, b, _, real):
    return real(real(a) ** real(b))


@device
def _greater(a, b, _, real):
    return real(1) if a > b else real(0)


@device
def _greater_equal(a, b, _, real):
    return real(1) if a >= b else real(0)


@device
def _less_equal(a, b, _, real):
    return real(1) if a <= b else real(0)


@device
def _equal(a, b, _, real):
    return real(1) if a == b else real(0)


_BINARY = {
    "add": _add, "subtract": _subtract, "multiply": _multiply, "divide": _divide,
    "maximum": maximum, "minimum": minimum, "power": _power, "greater": _greater,
    "greater_equal": _greater_equal, "less_equal": _less_equal, "equal": _equal,
}  # fmt: skip


@device
def _where(condition, a, b, _, real):
    return real(a) if condition != real(0) else real(b)


def _strides(shape, of=None):
    """How far one goes on for the next place of each axis; 0 where there is one for all of ``of``.

    Axes that ``of`` has in front of those of shape count as axes of one number.
    """
    strides, step = [], 1
    for size in reversed(shape):
        strides.append(step)
        step *= size
    strides.reverse()
    if of is None:
        return tuple(strides)
    new = len(of) - len(shape)
    alike = [0 if size == 1 else step for size, step in zip(shape, strides, strict=True)]
    return (0,) * new + tuple(alike)


def _broadcast(function, y, *inputs):
    if all(x.shape == y.shape for x in inputs):
        each(function, y, *inputs)
    else:
        each_spread(function, y, y.shape, *((x, 0, _strides(x.shape, y.shape)) for x in inputs))


def binary(y, a, b, op):
    _broadcast(_BINARY[op], y, a, b)


def where(y, condition, a, b):
    _broadcast(_where, y, condition, a, b)


# Boxes, and axes in another order: y holds the numbers of x, or x those of a part of y.


def extract(y, x, starts, sizes):
    strides = _strides(x.shape)
    start = sum(i * step for i, step in zip(starts, strides, strict=True))
    each_spread(_same, y, y.shape, (x, start, strides))


@functools.cache
def _into_box(axes):
    def kernel(y, x, sizes, strides, start):
        e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
        while e < x.size:
            rest, at = e, start
            for back in range(axes):
                axis = axes - 1 - back
                size = uint32(sizes[axis])
                place = uint32(rest % size) if axis else rest
                at = uint32(at + uint32(place * uint32(strides[axis])))
                rest = uint32(rest // size)
            y[at] = x[e]
            e = uint32(e + step)

    return named(kernel, "insert", axes)


def insert(y, x, starts):
    if x.size == 0:
        return
    steps = _strides(y.shape)
    start = sum(i * step for i, step in zip(starts, steps, strict=True))
    sizes, (strides,) = merged(x.shape, [steps])
    launch(_into_box(len(sizes)), *spread(x.size), y, x, sizes, strides, start)


TILE = 32


def _turn(y, x, rows, columns):
    """Y (columns, rows) = x (rows, columns) with rows and columns exchanged, for each picture.

    Read row by row and written column by column, one of the two would touch a line of memory for
    each number. So a tile goes through shared memory, whose columns cost no more than its rows; 33
    numbers to a row keep those of a column in different banks.
    """
    tile = cuda.shared.array((32, 33), y.dtype)
    t = uint32(cuda.threadIdx.x)
    across, down = uint32(t % uint32(32)), uint32(t // uint32(32))
    first = uint32(uint32(cuda.blockIdx.z) * uint32(rows * columns))
    row0, column0 = uint32(cuda.blockIdx.y * 32), uint32(cuda.blockIdx.x * 32)
    for k in range(4):
        line = uint32(down + uint32(k * 8))
        row, column = uint32(row0 + line), uint32(column0 + across)
        if row < rows and column < columns:
            tile[line, across] = x[uint32(first + uint32(row * columns) + column)]
    cuda.syncthreads()
    for k in range(4):
        line = uint32(down + uint32(k * 8))
        row, column = uint32(row0 + across), uint32(column0 + line)
        if row < rows and column < columns:
            y[uint32(first + uint32(column * rows) + row)] = tile[across, line]


def transpose(y, x, axes):
    if y.size == 0:
        return
    steps = _strides(x.shape)
    strides = tuple(steps[axis] for axis in axes)
    sizes, (kept,) = merged(y.shape, [strides])
    # What is left of most transpositions: pictures of rows and columns, of which the two change
    # places. Small ones are not worth a tile.
    columns, rows = (1, *sizes)[-2:]
    pictures = y.size // (rows * columns)
    turned = len(sizes) in (2, 3) and kept[-2:] == (1, columns)
    if turned and min(rows, columns) >= 8 and pictures <= 65_535:
        grid = blocks(columns, TILE), blocks(rows, TILE), pictures
        launch(_turn, grid, 256, y, x, rows, columns)
    else:
        each_spread(_same, y, y.shape, (x, 0, strides))


# Rows by their numbers.


@device
def existing(index, size, board):
    """The index as a uint32, if it is one of 0 to size - 1; else it is noted, and 0 stands for it.

    A kernel cannot raise an error. The host looks at the board when it next waits.
    """
    if index < 0 or index >= size:
        board[1] = index
        board[2] = size
        board[0] = 1
        return uint32(0)
    return uint32(index)


@functools.cache
def _rows(width):
    def kernel(y, x, indices, start, size, length, board):
        """y_i = x[indices[start + i]]: rows of the given length, of which x has so many as size."""
        e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
        # In units of so many numbers as go at once; a row is a whole number of them.
        units, count = uint32(length // uint32(width)), uint32(y.size // width)
        while e < count:
            i, column = uint32(e // units), uint32(e % units)
            row = existing(indices[uint32(uint32(start[0]) + i)], size, board)
            at = uint32(uint32(uint32(row * units) + column) * uint32(width))
            if width == 4:
                a, b, c, d = load4(x, at)
                store4(y, uint32(e * uint32(4)), a, b, c, d)
            else:
                y[e] = x[at]
            e = uint32(e + step)

    return named(kernel, "rows", width)


def rows_at(y, x, indices, start):
    """The rows of x whose numbers stand in indices, from the place on that start holds."""
    if y.size == 0:
        return
    size = x.shape[0]
    length = x.size // size
    width = 4 if length % 4 == 0 and x.aligned and y.aligned else 1
    launch(_rows(width), *spread(y.size // width), y, x, indices, start, size, length, board())


def gather(y, x, indices):
    rows_at(y, x, indices, zero())


# Over axes.


def reduce(y, x, op, axis, keepdims):
    """Axes of one kind, reduced or kept, that are neighbours are one; each is then taken by itself.

    A reduced one behind which nothing is kept is the numbers of rows; else the rows of columns.
    """
    if x.size == 0:
        each(_nothing, y, y)  # the sum of no numbers
        return
    groups: list[list[int]] = []  # size, and whether it is reduced
    for i, size in enumerate(x.shape):
        if groups and groups[-1][1] == (i in axis):
            groups[-1][0] *= size
        elif size > 1:
            groups.append([size, i in axis])
    count = x.size // max(y.size, 1) if op == "mean" else 1
    reduced = [i for i, (_, is_reduced) in enumerate(groups) if is_reduced]
    if not reduced:
        each(_same, y, x)
    for i in reversed(reduced):
        size, groups[i][0] = groups[i][0], 1
        before = math.prod(size for size, _ in groups[:i])
        behind = math.prod(size for size, _ in groups[i:])
        last = i == reduced[0]
        target = y if last else scratch("reduce", y.dtype, before * behind)
        divisor = count if last else 1
        if behind == 1:
            along_rows(op, target, x, before, size, divisor)
        else:
            along_columns(op, target, x, size, behind, before, divisor)
        x = target


@functools.cache
def _where_extreme(op):
    def kernel(y, x, size, behind):
        """A thread for each number of y goes along its axis."""
        real = y.dtype.type
        e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
        while e < y.size:
            before, column = uint32(e // behind), uint32(e % behind)
            at = uint32(uint32(uint32(before * size) * behind) + column)
            best, place = x[at], uint32(0)
            for i in range(1, size):
                at = uint32(at + behind)
                value = x[at]
                # As in NumPy the first one, and a NaN is beyond all.
                beyond = value > best if op == "max" else value < best
                if beyond or (value != value and best == best):
                    best, place = value, uint32(i)
            y[e] = real(place)
            e = uint32(e + step)

    return named(kernel, "where", op)


def where_extreme(y, x, op, axis):
    if y.size:
        size, behind = x.shape[axis], math.prod(x.shape[axis + 1 :])
        launch(_where_extreme(op), *spread(y.size), y, x, size, behind)


# Products of matrices.


MOST_AT_ONCE = 65_535  # the third axis of a grid is not longer


def matmul(y, a, b):
    """Several products at once, where both go on by the same step from one matrix to the next.

    That is so for axes that merge into one; those in front of it are taken one by one.
    """
    (n, i), o = a.shape[-2:], b.shape[-1]
    if y.size == 0:
        return
    if i == 0:
        each(_nothing, y, y)
        return
    shape = y.shape[:-2]
    steps_a, steps_b = _strides(a.shape[:-2], shape), _strides(b.shape[:-2], shape)
    sizes, (steps_a, steps_b) = merged(shape, [steps_a, steps_b])
    *outer, count = sizes
    step_a, step_b = steps_a[-1] * n * i, steps_b[-1] * i * o
    if not outer and count <= MOST_AT_ONCE:
        first, second = matrix(a, False, i, step=step_a), matrix(b, True, o, step=step_b)
        multiply(y, first, second, n, o, i, count=count)
        return
    for number, place in enumerate(itertools.product(*map(range, outer))):
        start_a = sum(p * step for p, step in zip(place, steps_a, strict=False)) * n * i
        start_b = sum(p * step for p, step in zip(place, steps_b, strict=False)) * i * o
        for done in range(0, count, MOST_AT_ONCE):
            some = min(MOST_AT_ONCE, count - done)
            target = y.part((number * count + done) * n * o, some * n * o)
            first = matrix(a, False, i, start_a + done * step_a, step_a)
            second = matrix(b, True, o, start_b + done * step_b, step_b)
            multiply(target, first, second, n, o, i, count=some)
