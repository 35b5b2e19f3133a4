"""Places for the boxes of a graph: in layers, so that all arrows go one way and few of them cross.

The method is that of K. Sugiyama, S. Tagawa and M. Toda, "Methods for Visual Understanding of
Hierarchical System Structures" (1981): layers by the longest way, order by the means of the
neighbours, and at last places as near to the neighbours as the boxes let them come.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SPACE = 28.0  # between boxes of a layer
GAP = 36.0  # between layers
_ROOM = 14.0  # what a line needs that goes by
_SWEEPS = 12

Point = tuple[float, float]


@dataclass
class Layout:
    """Where everything lies, from (0, 0) on: across the layers, and along the arrows.

    Args:
        middles: the middle of each box.
        ways: for each edge the points that it passes, from box to box.
        size: how large it all is.
    """

    middles: list[Point]
    ways: list[list[Point]]
    size: Point


def lay_out(
    sizes: Sequence[Point],
    edges: Sequence[tuple[int, int]],
    first: Sequence[int] = (),
    last: Sequence[int] = (),
) -> Layout:
    """Place boxes.

    Args:
        sizes: of each box, across and along.
        edges: (from, to), the numbers of two boxes; there is no way round in a circle.
        first: boxes that are to lie in the first layer.
        last: boxes that are to lie in the last layer.
    """
    if not sizes:
        return Layout([], [], (0.0, 0.0))
    layer = _layers(len(sizes), edges, first, last)
    breadth = [size[0] for size in sizes]
    chains = []
    # An edge over several layers passes a place that is kept free in each between.
    for start, end in edges:
        chain = [start]
        for between in range(layer[start] + 1, layer[end]):
            chain.append(len(layer))
            layer.append(between)
            breadth.append(_ROOM)
        chains.append([*chain, end])
    links = [link for chain in chains for link in zip(chain, chain[1:], strict=False)]
    rows = _ordered(layer, links)
    across = _across(rows, links, breadth, len(sizes))
    starts, ends, along = [], [], 0.0
    for row in rows:
        height = max((sizes[n][1] for n in row if n < len(sizes)), default=0.0)
        starts.append(along)
        ends.append(along + height)
        along += height + GAP
    middles = [(across[n], (starts[layer[n]] + ends[layer[n]]) / 2) for n in range(len(sizes))]
    ways = []
    for chain in chains:
        way = [(across[chain[0]], middles[chain[0]][1] + sizes[chain[0]][1] / 2)]
        for n in chain[1:-1]:
            way += [(across[n], starts[layer[n]]), (across[n], ends[layer[n]])]
        way.append((across[chain[-1]], middles[chain[-1]][1] - sizes[chain[-1]][1] / 2))
        ways.append(way)
    size = max(across[n] + breadth[n] / 2 for n in range(len(layer)))
    return Layout(middles, ways, (float(size), ends[-1]))


def _layers(
    count: int, edges: Sequence[tuple[int, int]], first: Sequence[int], last: Sequence[int]
) -> list[int]:
    """The number of the layer of each box: beyond all before it, close to the one after it."""
    layer = [0] * count
    for _ in range(count):
        before = list(layer)
        for start, end in edges:
            layer[end] = max(layer[end], layer[start] + 1)
        if layer == before:
            break
    # A second input is drawn where it is used.
    for n in range(count):
        after = [layer[end] for start, end in edges if start == n]
        if after and n not in first and not any(end == n for _, end in edges):
            layer[n] = min(after) - 1
    for n in last:
        layer[n] = max(layer)
    return layer


def _ordered(layer: Sequence[int], links: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The boxes of each layer in an order in which few links cross."""
    rows: list[list[int]] = [[] for _ in range(max(layer) + 1)]
    for n, number in enumerate(layer):
        rows[number].append(n)
    best, fewest = [list(row) for row in rows], _crossings(rows, links)
    neighbours: dict[tuple[int, int], list[int]] = {}
    for start, end in links:
        neighbours.setdefault((start, 1), []).append(end)
        neighbours.setdefault((end, -1), []).append(start)
    for sweep in range(_SWEEPS):
        step = -1 if sweep % 2 == 0 else 1  # look at the layer before, then at the one after
        for row in rows[::-step]:
            place = {n: i for other in rows for i, n in enumerate(other)}

            def mean(n: int, step: int = step, place: dict[int, int] = place) -> float:
                near = neighbours.get((n, step))
                return float(np.mean([place[m] for m in near])) if near else float(place[n])

            row.sort(key=mean)
        crossings = _crossings(rows, links)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _crossings(rows: Sequence[Sequence[int]], links: Sequence[tuple[int, int]]) -> int:
    place = {n: (number, i) for number, row in enumerate(rows) for i, n in enumerate(row)}
    by_layer: dict[int, list[tuple[int, int]]] = {}
    for start, end in links:
        by_layer.setdefault(place[start][0], []).append((place[start][1], place[end][1]))
    count = 0
    for pairs in by_layer.values():
        ends = np.array([end for _, end in sorted(pairs)])
        count += sum(int((ends[:i] > end).sum()) for i, end in enumerate(ends))
    return count


def _across(
    rows: Sequence[Sequence[int]],
    links: Sequence[tuple[int, int]],
    breadth: Sequence[float],
    boxes: int,
) -> list[float]:
    """The middle of each box across the layers, the first at the edge of the picture."""
    at = np.zeros(len(breadth))
    for row in rows:
        ends = np.cumsum([breadth[n] + SPACE for n in row])
        at[list(row)] = ends - ends[-1] / 2 - [(breadth[n] + SPACE) / 2 for n in row]
    near: dict[int, list[int]] = {n: [] for n in range(len(breadth))}
    for start, end in links:
        near[start].append(end)
        near[end].append(start)
    # A line that goes by is pulled harder, so that it is straight.
    pull = np.array([1.0 if n < boxes else 6.0 for n in range(len(breadth))])
    for sweep in range(4 * _SWEEPS):
        before = at.copy()
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            wanted = [
                np.average(at[near[n]], weights=pull[near[n]]) if near[n] else at[n] for n in row
            ]
            apart = [
                (breadth[a] + breadth[b]) / 2 + SPACE for a, b in zip(row, row[1:], strict=False)
            ]
            at[list(row)] = _spread(wanted, apart, pull[list(row)])
        if np.abs(at - before).max() < 0.5:
            break
    at -= min(at[n] - breadth[n] / 2 for n in range(len(breadth)))
    return at.tolist()


def _spread(wanted: Sequence[float], apart: Sequence[float], pull: np.ndarray) -> np.ndarray:
    """The places nearest to those that are wanted, in squares, that are so far apart at least.

    Without the distances they only have to rise: isotonic regression, by pooling neighbours that
    do not (R. Barlow and others, "Statistical Inference under Order Restrictions", 1972).
    """
    shift = np.concatenate([[0.0], np.cumsum(apart)])
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for value, weight in zip(np.asarray(wanted) - shift, pull, strict=True):
        pool = (float(value), float(weight), 1)
        while pools and pools[-1][0] > pool[0]:
            mean, before, many = pools.pop()
            total = before + pool[1]
            pool = ((mean * before + pool[0] * pool[1]) / total, total, many + pool[2])
        pools.append(pool)
    return np.concatenate([[mean] * many for mean, _, many in pools]) + shift
