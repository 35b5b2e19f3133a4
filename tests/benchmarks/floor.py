"""The least time that a training step can take on this machine, from what it must compute and move.

A step multiplies matrices: each layer does so forward, for the gradient of its weights and, unless
it is the first, for the gradient of its input. And the optimizer reads and writes every parameter.
The rates are measured: of NumPy's `matmul` in single precision, and of a copy between two arrays
that no cache holds, each on all cores.
"""

from __future__ import annotations

import math
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

GATES = {"GRU": 3, "LSTM": 4}
WITHOUT_PRODUCT = {
    *("BatchNormalization", "Dropout", "Embedding", "Flatten", "GlobalAveragePooling2D"),
    *("MaxPooling2D", "ReLU"),
}

Product = tuple[int, int, int]  # (rows, inner size, columns)


def products(model: Any, batch: int) -> list[Product]:
    """The matrix products of one training step of a dlcore model, convolutions unfolded.

    Raises:
        ValueError: for a layer of which it is not known here whether it multiplies matrices.
    """
    found: list[Product] = []
    first = True  # so far nothing needs the gradient of what it gets
    for layer in model.layers:
        kind = type(layer).__name__
        if kind in ("Conv2D", "Dense"):
            rows = batch * math.prod(layer.output.shape[1:-1])
            columns = layer.kernel.shape[-1]
            found += _both_ways(rows, layer.kernel.size // columns, columns, first)
        elif kind in GATES:
            found += _recurrent(layer, GATES[kind] * layer.units, batch, first)
        elif kind not in WITHOUT_PRODUCT:
            raise ValueError(
                f"The products of the layer {layer.name!r} ({kind}) are not counted; "
                "write into tests/benchmarks/floor.py which it has, or that it has none."
            )
        first = first and not layer.trainable_weights
    return found


def _recurrent(layer: Any, columns: int, batch: int, first: bool) -> list[Product]:
    """The inputs of all steps at once, the states one after the other."""
    steps, inner = layer.input.shape[1:]
    found = _both_ways(batch * steps, inner, columns, first)
    # A GRU that resets before the product has the reset gate first, and what is new after it.
    late = layer.units if getattr(layer, "reset_after", True) is False else 0
    for part in filter(None, (columns - late, late)):
        found += [(batch, layer.units, part), (batch, part, layer.units)] * steps
        found += [(layer.units, batch * steps, part)]
    return found


def _both_ways(rows: int, inner: int, columns: int, first: bool) -> list[Product]:
    forward_and_weights = [(rows, inner, columns), (inner, rows, columns)]
    return forward_and_weights + ([] if first else [(rows, columns, inner)])


def flops(of: list[Product]) -> int:
    """Floating-point operations of the products: a multiplication and an addition for each term."""
    return sum(2 * rows * inner * columns for rows, inner, columns in of)


def moved(model: Any, x: np.ndarray, batch: int) -> int:
    """Bytes that one step must move if everything between its layers stays in a cache."""
    trained = sum(weight.size for weight in model.trainable_weights)
    return 4 * PASSES * trained + 2 * x[:batch].nbytes


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
