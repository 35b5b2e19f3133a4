"""The one matrix product from which ``matmul``, ``dense``, convolutions and all gradients are made.

A block makes BM x BN numbers of y = a b, each of its threads TM x TN of them, which it keeps in
registers. Of a and b the block takes a tile of BK terms at a time into shared memory: each number
comes from there to many threads, and from the tile to a thread's registers for several products.
While a tile is multiplied, the next one is on its way from memory (two buffers, so one barrier a
tile). The way of Volkov and Demmel 2008, "Benchmarking GPUs to tune dense linear algebra".

What differs between the uses is where the numbers come from. A `Loader` says that for one of the
two: a has rows and b has columns, both are called the side here, and both have the terms of the
sum, the depth.
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

from numba import cuda
from numpy import int32, uint32

from dlcore.backends.cuda.device import View, scratch
from dlcore.backends.cuda.launch import blocks, device, launch, named, spread
from dlcore.backends.cuda.wide import load4, store4

# Loaders.


class Loader(NamedTuple):
    """Where the number at a place of the side and one of the depth stands in an array.

    A division takes long, and the same place of the side meets many of the depth. So each of the
    two is taken apart by itself, into three numbers, and a third function puts them together.

    Attributes:
        name: of the loader.
        by_depth: whether numbers that are neighbours in memory are so in the depth, else the side.
        side: device function (i, g) -> three int32; g is the geometry, numbers that the host gives.
        depth: device function (k, g) -> three int32.
        at: device function (the six, g) -> the index as int32, or -1 for a 0 that is not stored.
    """

    name: str
    by_depth: bool
    side: Any
    depth: Any
    at: Any


# A matrix by rows, a[i, k] with g = (start, length of a row).


@device
def _row(i, g):
    return int32(uint32(uint32(g[0]) + uint32(i * uint32(g[1])))), int32(0), int32(0)


@device
def _column(k, g):
    return int32(k), int32(0), int32(0)


@device
def _sum(s0, s1, s2, d0, d1, d2, g):
    return int32(s0 + d0)


ROWS = Loader("rows", True, _row, _column, _sum)  # a[i, k]: i is the side, k the depth
COLUMNS = Loader("columns", False, _column, _row, _sum)  # a[k, i]


class Operand(NamedTuple):
    """An array with its way to be read.

    Attributes:
        loader: how.
        array: the array.
        g: numbers for the loader.
        wide: whether four neighbours may be read at once.
        step: from one of several matrices to the next.
    """

    loader: Loader
    array: View
    g: tuple[int, ...]
    wide: bool
    step: int = 0


def matrix(
    array: View, turned: bool, width: int, start: int = 0, step: int = 0, extent: int | None = None
) -> Operand:
    """A matrix by rows, as one of the two operands.

    Args:
        array: where it lies.
        turned: whether the side of the product runs along its rows: that is so for b as it is, and
            for a transposed.
        width: from one row to the next.
        start: the place of its first number.
        step: from one of several matrices to the next.
        extent: numbers of a row, if that is only a part of what lies between two.
    """
    wide = array.aligned and not any(
        number % 4 for number in (width, start, step, width if extent is None else extent)
    )
    return Operand(COLUMNS if turned else ROWS, array, (start, width), wide, step)


# The product.


class Tile(NamedTuple):
    """What a block and a thread make, and how many terms they take at a time."""

    BM: int
    BN: int
    BK: int
    TM: int
    TN: int

    @property
    def threads(self) -> int:
        """Threads of a block."""
        return (self.BM // self.TM) * (self.BN // self.TN)


def _tile(rows: int, columns: int, itemsize: int) -> Tile:
    """As much as a block can make without leaving much of it empty."""
    if itemsize == 8:  # twice the registers and the shared memory for each number
        return Tile(64, 64, 16, 4, 4) if min(rows, columns) >= 64 else Tile(32, 32, 16, 4, 4)
    if rows < 128:
        return Tile(32, 32, 16, 4, 4)
    if columns <= 32:
        return Tile(128, 32, 16, 8, 4)
    # The last is the best of all, if there are enough blocks of it.
    return Tile(128, 64, 16, 8, 8) if columns < 128 or rows < 1024 else Tile(128, 128, 8, 8, 8)


def _mover(loader: Loader, size: int, tile: Tile, width: int) -> tuple[Any, Any, Any, int, int]:
    """Device functions that bring one operand into its tile, and how many numbers a thread brings.

    Threads that are neighbours bring numbers that are neighbours in memory.

    Args:
        loader: where the numbers stand.
        size: of the tile on its side.
        tile: the tiles of the product.
        width: how many numbers a thread reads at once, 4 or 1.
    """
    BK, THREADS, V = tile.BK, tile.threads, width
    LINE = (BK if loader.by_depth else size) // V
    STEP, LOADS, PAD = THREADS // LINE, size * BK // V // THREADS, size + 4
    assert LINE * STEP == THREADS and LOADS * V * THREADS == size * BK
    side, depth, at_of, BY_DEPTH = loader.side, loader.depth, loader.at, loader.by_depth

    @device
    def take_apart(s0, s1, s2, t, first, g):
        """The places on the side that this thread brings: the same in all tiles."""
        mine, line = uint32(uint32(t % uint32(LINE)) * uint32(V)), uint32(t // uint32(LINE))
        if BY_DEPTH:
            for q in range(LOADS):
                s0[q], s1[q], s2[q] = side(uint32(first + line + uint32(q * STEP)), g)
        else:
            s0[0], s1[0], s2[0] = side(uint32(first + mine), g)

    @device
    def fetch(kept, x, s0, s1, s2, t, first, limit, k0, terms, base, g):
        """From memory into registers; 0 stands for what lies outside."""
        real = x.dtype.type
        mine, line = uint32(uint32(t % uint32(LINE)) * uint32(V)), uint32(t // uint32(LINE))
        i, k = uint32(first + mine), uint32(k0 + mine)
        if BY_DEPTH:
            d0, d1, d2 = depth(k, g)
        for q in range(LOADS):
            if BY_DEPTH:
                i, own = uint32(first + line + uint32(q * STEP)), q
            else:
                k, own = uint32(k0 + line + uint32(q * STEP)), 0
                d0, d1, d2 = depth(k, g)
            at = at_of(s0[own], s1[own], s2[own], d0, d1, d2, g)
            for e in range(V):
                kept[V * q + e] = real(0)
            if i < limit and k < terms and at >= int32(0):
                place = uint32(uint32(at) + base)
                if V == 4:
                    a, b, c, d = load4(x, place)
                    kept[V * q], kept[V * q + 1], kept[V * q + 2], kept[V * q + 3] = a, b, c, d
                else:
                    kept[q] = x[place]

    @device
    def keep(tile, start, kept, t):
        """From registers into the tile, which lies by terms: tile[k, i]."""
        mine, line = uint32(uint32(t % uint32(LINE)) * uint32(V)), uint32(t // uint32(LINE))
        for q in range(LOADS):
            there = uint32(line + uint32(q * STEP))
            for e in range(V):
                here = uint32(mine + uint32(e))
                k, i = (here, there) if BY_DEPTH else (there, here)
                tile[uint32(uint32(start + uint32(k * uint32(PAD))) + i)] = kept[V * q + e]

    return take_apart, fetch, keep, V * LOADS, LOADS


@functools.cache
def _product(
    tile: Tile, of_a: Loader, of_b: Loader, wide_a: bool, wide_b: bool, wide_y: bool
) -> Any:
    BM, BN, BK, TM, TN = tile
    take_a, fetch_a, keep_a, KEPT_A, PLACES_A = _mover(of_a, BM, tile, 4 if wide_a else 1)
    take_b, fetch_b, keep_b, KEPT_B, PLACES_B = _mover(of_b, BN, tile, 4 if wide_b else 1)
    SUMS, ACROSS = TM * TN, BN // TN
    # Four numbers more to a row than it needs: threads that write a column meet fewer banks.
    PAD_A, PAD_B = BM + 4, BN + 4
    A, B = BK * PAD_A, BK * PAD_B
    ALL_A, ALL_B = 2 * A, 2 * B
    # A thread's rows are groups of four that are spread over the tile, as are its columns: the
    # threads of a warp then read shared memory without gaps.
    NEXT_M, NEXT_N = BM * 4 // TM, BN * 4 // TN
    # Where b is a gradient, as in dw = xT dz, the sum of each of its columns is that of the bias.
    SUMMED = not of_a.by_depth
    LANES = min(ACROSS, 32)
    LINES, WARPS_ACROSS = 32 // LANES, ACROSS // LANES

    def kernel(
        y, a, b, bias, db, rows, columns, terms, parts, step_a, step_b, act, summed, g_a, g_b
    ):
        real = y.dtype.type
        tile_a = cuda.shared.array(ALL_A, y.dtype, alignment=16)
        tile_b = cuda.shared.array(ALL_B, y.dtype, alignment=16)
        kept_a, kept_b = cuda.local.array(KEPT_A, y.dtype), cuda.local.array(KEPT_B, y.dtype)
        part_a, part_b = cuda.local.array(TM, y.dtype), cuda.local.array(TN, y.dtype)
        sums = cuda.local.array(SUMS, y.dtype)
        a0, b0 = cuda.local.array(PLACES_A, int32), cuda.local.array(PLACES_B, int32)
        a1, b1 = cuda.local.array(PLACES_A, int32), cuda.local.array(PLACES_B, int32)
        a2, b2 = cuda.local.array(PLACES_A, int32), cuda.local.array(PLACES_B, int32)
        t = uint32(cuda.threadIdx.x)
        warp, lane = uint32(t // uint32(32)), uint32(t % uint32(32))
        line = uint32(uint32(warp // uint32(WARPS_ACROSS)) * uint32(LINES) + lane // uint32(LANES))
        place = uint32(uint32(warp % uint32(WARPS_ACROSS)) * uint32(LANES) + lane % uint32(LANES))
        m, n = uint32(uint32(line) * uint32(4)), uint32(uint32(place) * uint32(4))
        # Of the three axes of a grid only the first may be long, as the places of many images are.
        m0, n0 = uint32(cuda.blockIdx.x * BM), uint32(cuda.blockIdx.y * BN)
        # The third axis of the grid: several matrices, and of each the parts of the sum.
        z = uint32(cuda.blockIdx.z)
        which, part = uint32(z // parts), uint32(z % parts)
        base_a, base_b = uint32(which * step_a), uint32(which * step_b)
        tiles = uint32(uint32(terms + uint32(BK - 1)) // uint32(BK))
        now = uint32(uint32(part * tiles) // parts)
        last = uint32(uint32(uint32(part + uint32(1)) * tiles) // parts)
        for i in range(SUMS):
            sums[i] = real(0)
        take_a(a0, a1, a2, t, m0, g_a)
        take_b(b0, b1, b2, t, n0, g_b)
        k0 = uint32(now * uint32(BK))
        fetch_a(kept_a, a, a0, a1, a2, t, m0, rows, k0, terms, base_a, g_a)
        fetch_b(kept_b, b, b0, b1, b2, t, n0, columns, k0, terms, base_b, g_b)
        half, of_column = uint32(0), real(0)
        keep_a(tile_a, uint32(0), kept_a, t)
        keep_b(tile_b, uint32(0), kept_b, t)
        cuda.syncthreads()
        while now < last:
            now = uint32(now + uint32(1))
            if now < last:
                k0 = uint32(now * uint32(BK))
                fetch_a(kept_a, a, a0, a1, a2, t, m0, rows, k0, terms, base_a, g_a)
                fetch_b(kept_b, b, b0, b1, b2, t, n0, columns, k0, terms, base_b, g_b)
            from_a = uint32(uint32(half * uint32(A)) + m)
            from_b = uint32(uint32(half * uint32(B)) + n)
            for k in range(BK):
                for i in range(TM // 4):
                    at = uint32(from_a + uint32(k * PAD_A + i * NEXT_M))
                    v0, v1, v2, v3 = load4(tile_a, at)
                    part_a[4 * i], part_a[4 * i + 1] = v0, v1
                    part_a[4 * i + 2], part_a[4 * i + 3] = v2, v3
                for j in range(TN // 4):
                    at = uint32(from_b + uint32(k * PAD_B + j * NEXT_N))
                    v0, v1, v2, v3 = load4(tile_b, at)
                    part_b[4 * j], part_b[4 * j + 1] = v0, v1
                    part_b[4 * j + 2], part_b[4 * j + 3] = v2, v3
                for i in range(TM):
                    for j in range(TN):
                        sums[i * TN + j] += part_a[i] * part_b[j]
            if SUMMED and summed > 0 and m0 == 0 and t < BN:
                # The blocks of the first rows do it: b lies in shared memory in any case.
                at = uint32(uint32(half * uint32(B)) + t)
                for k in range(BK):
                    of_column += tile_b[uint32(at + uint32(k * PAD_B))]
            half = uint32(uint32(1) ^ half)
            if now < last:
                keep_a(tile_a, uint32(half * uint32(A)), kept_a, t)
                keep_b(tile_b, uint32(half * uint32(B)), kept_b, t)
            cuda.syncthreads()
        if SUMMED and summed > 0 and m0 == 0 and t < BN and uint32(n0 + t) < columns:
            db[uint32(uint32(uint32(part * columns) + n0) + t)] = of_column
        # Without a branch for each number: one would keep the loops from being unrolled, and the
        # sums from their registers. Below `low` there is nothing, but for ReLU.
        low = real(0) if act == 2 else real(-math.inf)
        for j in range(TN // 4):
            f = uint32(n0 + n + uint32(j * NEXT_N))
            c0, c1, c2, c3 = real(0), real(0), real(0), real(0)
            if act > 0 and f < columns:
                if wide_y:
                    c0, c1, c2, c3 = load4(bias, f)
                else:
                    c0 = bias[f]
                    c1 = bias[uint32(f + uint32(1))] if uint32(f + uint32(1)) < columns else c1
                    c2 = bias[uint32(f + uint32(2))] if uint32(f + uint32(2)) < columns else c2
                    c3 = bias[uint32(f + uint32(3))] if uint32(f + uint32(3)) < columns else c3
            for i in range(TM):
                row, o = uint32(m0 + m + uint32((i // 4) * NEXT_M + i % 4)), i * TN + 4 * j
                # A NaN is not below `low`: it stays, and is seen.
                v0, v1, v2, v3 = sums[o] + c0, sums[o + 1] + c1, sums[o + 2] + c2, sums[o + 3] + c3
                v0, v1 = low if v0 < low else v0, low if v1 < low else v1
                v2, v3 = low if v2 < low else v2, low if v3 < low else v3
                if row < rows and f < columns:
                    at = uint32(uint32(uint32(uint32(z * rows) + row) * columns) + f)
                    if wide_y:
                        store4(y, at, v0, v1, v2, v3)
                    else:
                        y[at] = v0
                        if uint32(f + uint32(1)) < columns:
                            y[uint32(at + uint32(1))] = v1
                        if uint32(f + uint32(2)) < columns:
                            y[uint32(at + uint32(2))] = v2
                        if uint32(f + uint32(3)) < columns:
                            y[uint32(at + uint32(3))] = v3

    size = "x".join(map(str, tile))
    width = "".join("4" if wide else "1" for wide in (wide_a, wide_b, wide_y))
    return named(kernel, "product", of_a.name, of_b.name, size, width)


def _add_parts(y, parts, bias, db, count, columns, act, summed):
    """y = the sum of the parts in their order, and the bias, and ReLU.

    Behind the parts of y come those of db, if there are any.
    """
    real = y.dtype.type
    e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    low = real(0) if act == 2 else real(-math.inf)
    size = uint32(y.size)
    while e < uint32(size + summed):
        total = real(0)
        inside = e < size
        j = e if inside else uint32(e - size)
        at = e if inside else uint32(uint32(count * size) + j)
        for _ in range(count):
            total += parts[at]
            at = uint32(at + (size if inside else columns))
        if act > 0:
            total += bias[uint32(e % columns)]
        total = low if total < low else total
        if inside:
            y[e] = total
        else:
            db[j] = total
        e = uint32(e + step)


def multiply(
    y: View, a: Operand, b: Operand, rows: int, columns: int, terms: int,
    *, count: int = 1, bias: View | None = None, relu: bool = False, db: View | None = None,
) -> None:  # fmt: skip
    """y[m, n] = the sum over k of a[m, k] b[k, n], plus bias[n], and max(..., 0) for relu.

    Few tiles with many terms would keep few multiprocessors busy: there the sum is taken in parts,
    for some 256 blocks in all. How many parts follows from the shapes, never from the GPU, so that
    the result has the same bits on each.

    Args:
        y: the output, rows by columns, or several of them.
        a: the first operand.
        b: the second one.
        rows: of y.
        columns: of y.
        terms: of each sum.
        count: how many products there are, one behind the other in y.
        bias: a number for each column.
        relu: whether ReLU comes after it.
        db: another output, the sum over k of b[k, n], where the side of a lies along its rows.
    """
    if y.size == 0:
        return
    tile = _tile(rows, columns, y.dtype.itemsize)
    across, down = blocks(columns, tile.BN), blocks(rows, tile.BM)
    parts = max(1, min(256 // (across * down), blocks(terms, tile.BK) // 4)) if count == 1 else 1
    summed = 0 if db is None else columns
    target, sums = y, y if db is None else db
    if parts > 1:
        target = scratch("product", y.dtype, parts * (y.size + summed))
        if db is not None:
            sums = target.part(parts * y.size, parts * columns)
    act = 0 if bias is None else 2 if relu else 1
    no_bias = bias is None or bias.aligned
    wide_y = columns % 4 == 0 and target.aligned and no_bias
    # Where one of the three cannot be wide, but for a picture of three colours, none is: each
    # combination would be a kernel of its own, to be compiled by itself.
    wide_b = wide_y = b.wide and wide_y
    wide_a = a.wide and wide_b
    kernel = _product(tile, a.loader, b.loader, wide_a, wide_b, wide_y)
    added = bias if bias is not None else target
    launch(
        kernel, (down, across, count * parts), tile.threads,
        target, a.array, b.array, added, sums, rows, columns, terms, parts, a.step, b.step,
        act if parts == 1 else 0, summed, a.g, b.g,
    )  # fmt: skip
    if parts > 1:
        grid = spread(y.size + summed)
        launch(_add_parts, *grid, y, target, added, db or y, parts, columns, act, summed)
