"""Every kernel at the sizes that the lessons use: what the measurements of speed run.

A small network with rows of 8 and 10 numbers, batch 10; a CNN on images of 32 x 32 x 3, batch 32,
whose first convolution gives 921,600 numbers and which has 315,000 parameters; names as sequences
of 12 letters out of 30, batch 64.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.backends import KERNELS

Shape = tuple[int, ...]
Case = tuple[list[Shape], dict[str, Any]]

ROW, SCALAR = (100,), ()
MAPS, POOLED, PARAMETERS = (32, 30, 30, 32), (32, 15, 15, 32), (315_000,)
IMAGES = (32, 32, 32, 3)
FEW = (10, 1)  # the outputs of the small network
CLASSES = (32, 10)
X, W, B = (32, 15, 15, 32), (3, 3, 32, 64), (64,)
Z = (32, 13, 13, 64)
SEQUENCES, STATE = (64, 12, 30), (64, 64)


def _same(shapes: list[Shape], arrays: int, **attributes: Any) -> list[Case]:
    return [([shape] * arrays, attributes) for shape in shapes]


def _recurrent(gates: int) -> dict[str, Shape]:
    n, t, i, k = 64, 12, 30, 64
    b = (2, gates * k) if gates == 3 else (gates * k,)
    return {
        "x": (n, t, i), "w": (i, gates * k), "u": (k, gates * k), "b": b, "mask": (n, t),
        "h0": (n, k), "c0": (n, k), "h": (n, t, k), "c": (n, t, k), "dh": (n, t, k),
        "dc": (n, t, k), "gates": (n, t, 4 * k),
    }  # fmt: skip


def _step(gates: int) -> dict[str, Shape]:
    n, i, k = 64, 30, 64
    state = dict.fromkeys(("h", "c", "y", "dy", "dh_new", "dc_new", "c_new"), (n, k))
    return state | {
        "x": (n, i), "w": (i, gates * k), "u": (k, gates * k), "b": (gates * k,),
        "gates": (n, 4 * k),
    }  # fmt: skip


def _by_name(kernel: str, sizes: dict[str, Shape]) -> list[Case]:
    return [([sizes[array.name] for array in KERNELS[kernel].inputs], {})]


def _loss(gradient: bool) -> list[Case]:
    return [([(shape[0],)] * gradient + [shape] * 2, {}) for shape in (FEW, CLASSES)]


def _sparse(gradient: bool) -> list[Case]:
    n = CLASSES[0]
    return [([(n,)] * gradient + [CLASSES, (n,)], {})]


def _norm(rows: Shape) -> list[Shape]:
    return [rows, rows[1:], rows[1:]]


BATCHES = [(64, 100), (28_800, 32), (7_200, 64)]
LAYERS = (1_280, 64)
DENSE = [(10, 8, 10), (32, 2_304, 128), (32, 128, 10)]

SIZES: dict[str, list[Case]] = {
    "random_uniform": [([(), (), ()], {"shape": (32, 128)}), ([(), (), ()], {"shape": POOLED})],
    "dropout": [([shape] * 2, {}) for shape in ((32, 128), POOLED)],
    "conv2d": [([IMAGES, (3, 3, 3, 32), (32,)], {}), ([X, W, B], {})],
    "conv2d_relu": [([X, W, B], {})],
    "conv2d_grad": [([Z, X, W], {})],
    "conv2d_relu_grad": [([Z, Z, X, W], {})],
    "max_pool2d": [([MAPS], {})],
    "max_pool2d_grad": [([POOLED, POOLED, MAPS], {})],
    "avg_pool2d": [([MAPS], {})],
    "avg_pool2d_grad": [([POOLED, MAPS], {})],
    "dense": [([(n, i), (i, o), (o,)], {}) for n, i, o in DENSE],
    "dense_grad": [([(n, o), (n, i), (i, o)], {}) for n, i, o in DENSE],
    "dense_relu": [([(n, i), (i, o), (o,)], {}) for n, i, o in DENSE],
    "dense_relu_grad": [([(n, o), (n, o), (n, i), (i, o)], {}) for n, i, o in DENSE],
    "lstm": _by_name("lstm", _recurrent(4)),
    "lstm_grad": _by_name("lstm_grad", _recurrent(4)),
    "gru": _by_name("gru", _recurrent(3)),
    "gru_grad": _by_name("gru_grad", _recurrent(3)),
    "simple_rnn": _by_name("simple_rnn", _recurrent(1)),
    "simple_rnn_grad": _by_name("simple_rnn_grad", _recurrent(1)),
    "lstm_step": _by_name("lstm_step", _step(4)),
    "lstm_step_grad": _by_name("lstm_step_grad", _step(4)),
    "simple_rnn_step": _by_name("simple_rnn_step", _step(1)),
    "simple_rnn_step_grad": _by_name("simple_rnn_step_grad", _step(1)),
    "affine_sample": [
        ([IMAGES, (32, 6)], {"fill_mode": "reflect"}),
        ([IMAGES, (32, 6)], {"interpolation": "nearest"}),
    ],
    "affine_sample_grad": [([IMAGES, (32, 6)], {"fill_mode": "reflect"})],
    **{name: _loss(False) for name in (
        "mse", "binary_crossentropy", "binary_crossentropy_from_logits",
        "categorical_crossentropy", "categorical_crossentropy_from_logits",
        "binary_accuracy", "categorical_accuracy",
    )},
    **{name: _loss(True) for name in (
        "mse_grad", "binary_crossentropy_grad", "binary_crossentropy_from_logits_grad",
        "categorical_crossentropy_grad", "categorical_crossentropy_from_logits_grad",
    )},
    **{name: _sparse(False) for name in (
        "sparse_categorical_crossentropy", "sparse_categorical_crossentropy_from_logits",
        "sparse_categorical_accuracy",
    )},
    **{name: _sparse(True) for name in (
        "sparse_categorical_crossentropy_grad", "sparse_categorical_crossentropy_from_logits_grad",
    )},
    "take_rows": [([(100, 8), (100,), ()], {"rows": 10}),
                  ([(6_000, 3_072), (6_000,), ()], {"rows": 32})],
    "put_rows": [([(6_000, 10), (32, 10), ()], {})],
    "add_to_mean": [([(2,), (32,), (32,)], {})],
    "note_loss": [([(2,), ()], {})],
    **{name: _same([ROW, (921_600,)], 1) for name in ("sigmoid", "tanh", "relu", "leaky_relu")},
    **{name: _same([ROW, (921_600,)], 2) for name in (
        "sigmoid_grad", "tanh_grad", "relu_grad", "leaky_relu_grad",
    )},
    "erf": _same([ROW, (4_096,)], 1),
    "softmax": _same([FEW, CLASSES, (768, 64)], 1),
    "softmax_grad": _same([FEW, CLASSES, (768, 64)], 2),
    "batch_norm": [(_norm(rows), {}) for rows in BATCHES],
    "batch_norm_grad": [([rows, *_norm(rows), rows[1:]], {}) for rows in BATCHES],
    "layer_norm": [(_norm(LAYERS), {})],
    "layer_norm_grad": [([LAYERS, LAYERS, (64,), (1_280,), (1_280,)], {})],
    "moving_average": _same([(64,)], 2),
    "sgd_update": [([n, n, SCALAR], {}) for n in (ROW, PARAMETERS)],
    **{name: [([n, n, n, SCALAR], {}) for n in (ROW, PARAMETERS)] for name in (
        "momentum_update", "rmsprop_update", "adagrad_update", "lion_update",
    )},
    **{name: [([n] * 4 + [SCALAR] * 2, {}) for n in (ROW, PARAMETERS)] for name in (
        "adam_update", "adamax_update",
    )},
    "amsgrad_update": [([n] * 5 + [SCALAR] * 2, {}) for n in (ROW, PARAMETERS)],
    "nadam_update": [([n] * 4 + [SCALAR] * 3, {}) for n in (ROW, PARAMETERS)],
    **{name: [([n] * 4 + [SCALAR], {}) for n in (ROW, PARAMETERS)] for name in (
        "adadelta_update", "rmsprop_momentum_update",
    )},
    # Of one gradient again and again the variance is all rounding, unless epsilon is greater.
    **{name: [([n] * arrays + [SCALAR], {"epsilon": 0.01}) for n in (ROW, PARAMETERS)]
       for arrays, name in enumerate(
           ("rmsprop_centered_update", "rmsprop_centered_momentum_update"), 4,
    )},
    "unary": [([n], {"op": op}) for n in (ROW, (921_600,)) for op in ("exp", "square", "sqrt")],
    "binary": [([a, b], {"op": op}) for op in ("add", "multiply", "greater") for a, b in (
        (ROW, ROW), ((921_600,), (921_600,)), (MAPS, (32,)), (MAPS, ()),
    )],
    "where": _same([ROW, (230_400,)], 3),
    "reduce": [
        ([(10, 10)], {"axis": (0, 1)}), ([CLASSES], {"axis": (1,)}), ([CLASSES], {"axis": (0,)}),
        ([MAPS], {"axis": (0, 1, 2, 3), "op": "mean"}), ([MAPS], {"axis": (1, 2), "op": "mean"}),
        ([MAPS], {"axis": (0, 1, 2)}), ([MAPS], {"axis": (3,), "op": "max"}),
    ],
    "matmul": [([(10, 8), (8, 10)], {}), ([(32, 12, 12), (32, 12, 64)], {})],
    "transpose": [([(10, 8)], {"axes": (1, 0)}), ([IMAGES], {"axes": (0, 3, 1, 2)})],
    "gather": [([(6_000, 32, 32, 3), (32,)], {}), ([(30, 32), (64, 12)], {})],
    "scatter_add": [([(64, 12, 32), (64, 12)], {"size": 30})],
    "extract": [([MAPS], {"starts": (0, 1, 1, 0), "sizes": (32, 28, 28, 32)})],
    "insert": [([MAPS, (32, 28, 28, 32)], {"starts": (0, 1, 1, 0)})],
    "where_extreme": [([CLASSES], {"axis": 1})],
    "cast": _same([ROW, (230_400,)], 1),
}  # fmt: skip


def prepared(
    name: str, case: Case, dtype: Any = np.float32
) -> tuple[list[np.ndarray], list[np.ndarray], list[Any]]:
    """Outputs, inputs without those that are outputs, and attributes of a kernel at some sizes."""
    shapes, attributes = case
    kernel, rng = KERNELS[name], np.random.default_rng(0)
    values = {**kernel.attributes, **attributes}
    choices = kernel.choices(*shapes, **values) if kernel.choices else 2
    given = []
    for array, shape in zip(kernel.inputs, shapes, strict=True):
        if array.integer or array.name == "step":
            given.append(rng.integers(0 if array.integer else 1, max(choices, 2), shape))
        else:
            given.append(np.asarray(rng.uniform(0.1, 0.9, shape), dtype))
    if name.startswith("rmsprop_centered"):
        a = [array.name for array in kernel.inputs].index("a")
        given[a] /= 3  # the square of a mean is below the mean square
    if name.startswith("affine"):
        given[1] = _turned(rng, shapes[1][0], dtype)
    out = kernel.output_shapes(shapes, attributes)
    updated = len(kernel.updates)
    outputs = given[:updated] + [
        np.zeros(shape, np.int64 if array.integer else dtype)
        for array, shape in zip(kernel.outputs[updated:], out[updated:], strict=True)
    ]
    inputs = given[updated:]
    if kernel.elementwise:
        outputs = [np.reshape(a, -1) if d.sizes is None else a
                   for d, a in zip(kernel.outputs, outputs, strict=True)]  # fmt: skip
        inputs = [np.reshape(a, -1) if d.sizes is None else a
                  for d, a in zip(kernel.given, inputs, strict=True)]  # fmt: skip
    return outputs, inputs, list(values.values())


def _turned(rng: np.random.Generator, n: int, dtype: Any) -> np.ndarray:
    """Images of 32 x 32 turned about their middle by up to a tenth of a circle."""
    angle = rng.uniform(-0.6, 0.6, n)
    c, s = np.cos(angle), np.sin(angle)
    rows = np.stack([c, -s, 15.5 * (1 - c + s), s, c, 15.5 * (1 - s - c)], axis=1)
    return rows.astype(dtype)
