"""Kernels that do the same to each number: made from a function of one number.

A thread takes four numbers that lie side by side, and then those that lie a whole grid further on,
until none is left. All of a warp's threads so read one piece of memory without gaps.
"""

from __future__ import annotations

import functools
from typing import Any

from numba import cuda
from numpy import uint32

from dlcore.backends.cuda.launch import launch, named, spread
from dlcore.backends.cuda.wide import load4, store4


def each(function: Any, y: Any, *inputs: Any, attribute: float = 0.0) -> None:
    """y_i = function(x_i, attribute, real) of one input, or of the numbers at i of several.

    Args:
        function: a device function of the numbers, the attribute and the dtype of y.
        y: the output.
        inputs: one to three arrays of as many numbers as y.
        attribute: a number that all of them share.
    """
    if y.size == 0:
        return
    wide = all(array.dtype.kind != "b" and array.aligned for array in (y, *inputs))
    kernel = _MAKERS[len(inputs)](function, 4 if wide else 1)
    launch(kernel, *spread(-(-y.size // 4)), y, *inputs, y.dtype.type(attribute))


@functools.cache
def _of_one(function: Any, width: int) -> Any:
    def kernel(y, x, attribute):
        real = y.dtype.type
        thread, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
        fours = uint32(y.size // 4) if width == 4 else uint32(0)
        i = thread
        while i < fours:
            at = uint32(i * uint32(4))
            a, b, c, d = load4(x, at)
            a, b = function(a, attribute, real), function(b, attribute, real)
            c, d = function(c, attribute, real), function(d, attribute, real)
            store4(y, at, a, b, c, d)
            i = uint32(i + step)
        # What is left: up to three numbers, or all where they do not lie at multiples of four.
        i = uint32(uint32(fours * uint32(4)) + thread)
        while i < y.size:
            y[i] = function(x[i], attribute, real)
            i = uint32(i + step)

    return named(kernel, function, "each", width)


@functools.cache
def _of_two(function: Any, width: int) -> Any:
    def kernel(y, x1, x2, attribute):
        real = y.dtype.type
        thread, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
        fours = uint32(y.size // 4) if width == 4 else uint32(0)
        i = thread
        while i < fours:
            at = uint32(i * uint32(4))
            a1, b1, c1, d1 = load4(x1, at)
            a2, b2, c2, d2 = load4(x2, at)
            a, b = function(a1, a2, attribute, real), function(b1, b2, attribute, real)
            c, d = function(c1, c2, attribute, real), function(d1, d2, attribute, real)
            store4(y, at, a, b, c, d)
            i = uint32(i + step)
        i = uint32(uint32(fours * uint32(4)) + thread)
        while i < y.size:
            y[i] = function(x1[i], x2[i], attribute, real)
            i = uint32(i + step)

    return named(kernel, function, "each", width)


@functools.cache
def _of_three(function: Any, width: int) -> Any:
    def kernel(y, x1, x2, x3, attribute):
        real = y.dtype.type
        i, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
        while i < y.size:
            y[i] = function(x1[i], x2[i], x3[i], attribute, real)
            i = uint32(i + step)

    return named(kernel, function, "each", width)


_MAKERS = {1: _of_one, 2: _of_two, 3: _of_three}


# Broadcasting. Which number of an input belongs to number e of the output follows from its place on
# each axis: the input goes on by its stride there, which is 0 where it has one number for all.


def each_spread(
    function: Any, y: Any, shape: tuple[int, ...], *inputs: tuple[Any, int, tuple[int, ...]]
) -> None:
    """y_e = function(numbers that belong to e, 0, real).

    Args:
        function: as of ``each``.
        y: the output, its numbers one after the other.
        shape: the axes that it is to be seen with.
        inputs: for each input the array, where it starts, and its strides in numbers.
    """
    if y.size == 0:
        return
    arrays = [array for array, _, _ in inputs]
    sizes, strides = merged(shape, [stride for _, _, stride in inputs])
    starts = [start for _, start, _ in inputs]
    kernel = _SPREAD_MAKERS[len(inputs)](function, len(sizes))
    launch(kernel, *spread(y.size), y, *arrays, sizes, *strides, *starts)


def merged(shape: Any, strides: Any) -> Any:
    """The same with as few axes as can be: each costs a division.

    Axes of one number are left out; two that lie behind each other in every array become one.
    """
    sizes: list[int] = []
    kept: list[list[int]] = [[] for _ in strides]
    for size, *steps in zip(shape, *strides, strict=True):
        if size == 1:
            continue
        if sizes and all(of[-1] == step * size for of, step in zip(kept, steps, strict=True)):
            sizes[-1] *= size
            for of, step in zip(kept, steps, strict=True):
                of[-1] = step
            continue
        sizes.append(size)
        for of, step in zip(kept, steps, strict=True):
            of.append(step)
    return tuple(sizes or [1]), [tuple(of or [0]) for of in kept]


@functools.cache
def _spread_of_one(function: Any, axes: int) -> Any:
    def kernel(y, x, sizes, strides, start):
        real = y.dtype.type
        e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
        while e < y.size:
            rest, at = e, start
            for back in range(axes):
                axis = axes - 1 - back
                size = uint32(sizes[axis])
                place = uint32(rest % size) if axis else rest
                at = uint32(at + uint32(place * uint32(strides[axis])))
                rest = uint32(rest // size)
            y[e] = function(x[at], real(0), real)
            e = uint32(e + step)

    return named(kernel, function, "spread", axes)


@functools.cache
def _spread_of_two(function: Any, axes: int) -> Any:
    def kernel(y, x1, x2, sizes, strides1, strides2, start1, start2):
        real = y.dtype.type
        e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
        while e < y.size:
            rest, at1, at2 = e, start1, start2
            for back in range(axes):
                axis = axes - 1 - back
                size = uint32(sizes[axis])
                place = uint32(rest % size) if axis else rest
                at1 = uint32(at1 + uint32(place * uint32(strides1[axis])))
                at2 = uint32(at2 + uint32(place * uint32(strides2[axis])))
                rest = uint32(rest // size)
            y[e] = function(x1[at1], x2[at2], real(0), real)
            e = uint32(e + step)

    return named(kernel, function, "spread", axes)


@functools.cache
def _spread_of_three(function: Any, axes: int) -> Any:
    def kernel(y, x1, x2, x3, sizes, strides1, strides2, strides3, start1, start2, start3):
        real = y.dtype.type
        e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
        while e < y.size:
            rest, at1, at2, at3 = e, start1, start2, start3
            for back in range(axes):
                axis = axes - 1 - back
                size = uint32(sizes[axis])
                place = uint32(rest % size) if axis else rest
                at1 = uint32(at1 + uint32(place * uint32(strides1[axis])))
                at2 = uint32(at2 + uint32(place * uint32(strides2[axis])))
                at3 = uint32(at3 + uint32(place * uint32(strides3[axis])))
                rest = uint32(rest // size)
            y[e] = function(x1[at1], x2[at2], x3[at3], real(0), real)
            e = uint32(e + step)

    return named(kernel, function, "spread", axes)


_SPREAD_MAKERS = {1: _spread_of_one, 2: _spread_of_two, 3: _spread_of_three}
