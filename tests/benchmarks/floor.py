"""The least time that a training step can take on this machine, from what it must compute and move.

A step multiplies matrices: each layer does so forward, for the gradient of its weights and, unless
it is the first, for the gradient of its input. And the optimizer reads and writes every parameter.
The rates are measured: of NumPy's `matmul` in single precision, and of a copy between two arrays
that no cache holds, each on all cores.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from tests.benchmarks.libraries import Contender, Tasks
from tests.benchmarks.workload import Workload

SQUARE = 1536  # rows and columns of the large product
COPIED = 64 << 20  # bytes
# Adam reads the parameters, gradients and two moments and writes all but the gradients; the
# gradients have been written before.
PASSES = 8

Product = tuple[int, int, int]  # (rows, inner size, columns)


def products(model: Any, batch: int) -> list[Product]:
    """The matrix products of one training step of a dlcore model, convolutions unfolded."""
    found: list[Product] = []
    first = True
    for layer in model.layers:
        kind, size = type(layer).__name__, batch
        if kind == "Embedding":
            first = False  # a table has no products, but needs the gradient of what it gives
        if kind in ("Conv2D", "Dense"):
            for length in layer.output.shape[1:-1]:
                size *= length
            columns = layer.kernel.shape[-1]
            inner = layer.kernel.size // columns
            found += _both_ways(size, inner, columns, first)
            first = False
        if kind == "LSTM":
            steps, inner = layer.input.shape[1:]
            units = layer.units
            found += _both_ways(batch * steps, inner, 4 * units, first)
            found += [(batch, units, 4 * units), (batch, 4 * units, units)] * steps
            found += [(units, batch * steps, 4 * units)]
            first = False
    return found


def _both_ways(rows: int, inner: int, columns: int, first: bool) -> list[Product]:
    forward_and_weights = [(rows, inner, columns), (inner, rows, columns)]
    return forward_and_weights + ([] if first else [(rows, columns, inner)])


def flops(of: list[Product]) -> int:
    """Floating-point operations of the products: a multiplication and an addition for each term."""
    return sum(2 * rows * inner * columns for rows, inner, columns in of)


def moved(model: Any, x: np.ndarray, batch: int) -> int:
    """Bytes that one step must move if everything between its layers stays in a cache."""
    return 4 * PASSES * model.count_params() + 2 * x[:batch].nbytes


def tasks(workload: Workload) -> Tasks:
    """Measure the rates, and what NumPy takes for exactly the products of the workload."""
    from threadpoolctl import threadpool_limits

    import dlcore

    model = workload.keras(dlcore)
    threadpool_limits(os.cpu_count())  # dlcore may have kept the BLAS to one thread
    shapes = products(model, workload.batch)
    rng = np.random.default_rng(0)

    def random(*shape: int) -> np.ndarray:
        return rng.random(shape, dtype=np.float32)

    square = [random(SQUARE, SQUARE) for _ in range(3)]
    made = {
        shape: (random(*shape[:2]), random(*shape[1:]), random(*shape[::2])) for shape in shapes
    }
    source, target = np.zeros(COPIED // 4, np.float32), np.ones(COPIED // 4, np.float32)
    cores = os.cpu_count() or 1
    parts = list(zip(np.array_split(target, cores), np.array_split(source, cores), strict=True))
    pool = ThreadPoolExecutor(cores)

    def multiply(count: int) -> None:
        for _ in range(count):
            np.matmul(square[0], square[1], out=square[2])

    def train(count: int) -> None:
        for _ in range(count):
            for shape in shapes:
                a, b, c = made[shape]
                np.matmul(a, b, out=c)

    def copy(count: int) -> None:
        for _ in range(count):
            list(pool.map(lambda pair: np.copyto(*pair), parts))

    return {"train": train, "square": multiply, "copy": copy}


FLOOR = {"floor": Contender(tasks, "the products alone, by NumPy")}
