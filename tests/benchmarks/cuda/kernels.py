"""Phase 4: how long each kernel takes, at one large size and at those of the lessons."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np

from dlcore.backends import KERNELS
from tests.backends.lesson_sizes import SIZES, Case, prepared
from tests.benchmarks.cuda.record import SIMULATED, attempt, record
from tests.benchmarks.cuda.timing import microseconds, sent

SETS = 4  # of inputs, in turn, so that none is found in the cache of the GPU
TIMES = 5  # that each set is used in a graph

MATRICES = (24,) if SIMULATED else (512, 1024, 2048, 4096)
# Pictures, their side, channels, filters.
CONVOLUTIONS = [(2, 6, 4, 8)] if SIMULATED else [(128, 32, 64, 64), (128, 16, 128, 128)]
LONG = 512 if SIMULATED else 2**24

LARGE: list[tuple[str, Case]] = [
    *[("matmul", ([(n, n), (n, n)], {})) for n in MATRICES],
    *[
        (name, (shapes, {}))
        for n, side, c, f in CONVOLUTIONS
        for name, shapes in (
            ("conv2d", [(n, side, side, c), (3, 3, c, f), (f,)]),
            ("conv2d_grad", [(n, side - 2, side - 2, f), (n, side, side, c), (3, 3, c, f)]),
        )
    ],
    ("relu", ([(LONG,)], {})),
    ("sigmoid", ([(LONG,)], {})),
    ("binary", ([(LONG,), (LONG,)], {"op": "add"})),
    ("adam_update", ([(LONG,)] * 4 + [(), ()], {})),
    ("reduce", ([(LONG,)], {"axis": (0,)})),
    ("max_pool2d", ([(1 if SIMULATED else 256, 8 if SIMULATED else 32, 32, 64)], {})),
    ("softmax", ([(LONG // 64, 64)], {})),
    ("batch_norm", ([(LONG // 64, 64), (64,), (64,)], {})),
]
# On the simulator, where the sizes of the lessons would take an hour.
FEW = ("dense", "mse", "categorical_accuracy", "moving_average")


def main() -> None:
    """Time and record them, the large sizes first."""
    for name, case in LARGE:
        attempt(f"{name} {case[0]}", partial(_one, name, case, "large"))
    for name, cases in SIZES.items():
        if SIMULATED and name not in FEW:
            continue
        for case in cases[:1] if SIMULATED else cases:
            attempt(f"{name} {case[0]}", partial(_one, name, case, "lesson"))


def _one(name: str, case: Case, size: str) -> None:
    from dlcore.backends import cuda

    outputs, inputs, values = prepared(name, case)
    function, works, kept = getattr(cuda, name), [], []
    for i in range(1 if SIMULATED else SETS):
        arrays = [sent(np.roll(a, i, 0) if a.ndim else a) for a in (*outputs, *inputs)]
        kept.append(arrays)  # a view does not keep its memory
        works.append(partial(function, *(a.view for a in arrays), *values))
    us = microseconds(works * (1 if SIMULATED else TIMES))
    moved = sum(a.nbytes for a in (*inputs, *outputs, *outputs[: len(KERNELS[name].updates)]))
    work = flops(name, case[0])
    record(
        kernel=name,
        shapes=case[0],
        attributes=case[1],
        size=size,
        us=us,
        gb_s=us and moved / us / 1e3,
        tflop_s=us and work and work / us / 1e6,
    )


def flops(name: str, shapes: Any) -> int | None:
    """What a product or a convolution calculates; None for other kernels."""
    if name in ("matmul", "dense", "dense_relu"):
        return 2 * math.prod(shapes[0]) * shapes[1][-1]
    if name in ("dense_grad", "dense_relu_grad"):
        return 4 * math.prod(shapes[0]) * shapes[-1][0]
    if name in ("conv2d", "conv2d_relu"):
        (out,) = KERNELS["conv2d"].output_shapes(shapes, {})[:1]
        return 2 * math.prod(out) * math.prod(shapes[1][:3])
    if name in ("conv2d_grad", "conv2d_relu_grad"):
        return 4 * math.prod(shapes[0]) * math.prod(shapes[-1][:3])
    return None


if __name__ == "__main__":
    main()
