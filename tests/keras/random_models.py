"""Whole models drawn by a seed: the same one from dlcore and from Keras."""

from __future__ import annotations

from typing import Any

import numpy as np


def drawn(library: Any, seed: int) -> tuple[Any, Any, Any, dict[str, Any]]:
    """A compiled model, its inputs and targets, and the arguments of its fit."""
    # Names are counted afresh: Keras numbers metrics through a whole process, dlcore by the model.
    library.utils.clear_session()
    rng = np.random.default_rng(seed)
    kind = str(rng.choice(["row", "image", "sequence", "codes"]))
    rows = int(rng.integers(6, 12))
    x_shape = {"row": (5,), "image": (8, 9, 2), "sequence": (6, 3), "codes": (6,)}[kind]
    if kind == "codes":
        x = rng.integers(0, 7, (rows, *x_shape)).astype(np.float32)
    else:
        x = rng.normal(size=(rows, *x_shape)).astype(np.float32)
    inputs = library.Input(x_shape)
    y = _body(library.layers, rng, inputs, kind)
    branched = rng.random() < 0.3
    if branched:
        other = library.layers.Dense(int(y.shape[-1]), activation="tanh")(y)
        y = [library.layers.Add, library.layers.Multiply, library.layers.Concatenate][
            int(rng.integers(3))
        ]()([y, other])
    target, loss, metrics, y = _head(library, rng, y, rows)
    model = library.Model(inputs, y)
    model.compile(optimizer=_optimizer(library, rng), loss=loss, metrics=metrics)
    arguments: dict[str, Any] = {"batch_size": int(rng.integers(3, 8)), "epochs": 2}
    if rng.random() < 0.4:
        arguments["sample_weight"] = rng.uniform(0.2, 2, rows).astype(np.float32)
    elif rng.random() < 0.3:
        arguments["validation_split"] = 0.3
    return model, x, target, arguments


def _activation(rng: Any) -> str:
    names = ["relu", "tanh", "sigmoid", "elu", "gelu", "silu", "softplus", "linear"]
    return str(rng.choice(names))


def _body(layers: Any, rng: Any, x: Any, kind: str) -> Any:
    masked = bool(rng.random() < 0.5)
    if kind == "codes":
        x = layers.Embedding(7, int(rng.integers(2, 5)), mask_zero=masked)(x)
        kind = "sequence"
    elif kind == "sequence" and masked:
        x = layers.Masking(0.0)(x)
    if kind == "image":
        for _ in range(int(rng.integers(1, 3))):
            x = _image_layer(layers, rng, x)
        last = [layers.Flatten, layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D]
        x = last[int(rng.integers(3))]()(x)
    elif kind == "sequence":
        x = _sequence_layers(layers, rng, x, masked)
    for _ in range(int(rng.integers(1, 3))):
        x = _row_layer(layers, rng, x)
    return x


def _image_layer(layers: Any, rng: Any, x: Any) -> Any:
    padding = str(rng.choice(["same", "valid"]))
    strides = int(rng.integers(1, 3))
    choice = rng.integers(5)
    if choice <= 1:
        size = (int(rng.integers(1, 4)), int(rng.integers(1, 3)))
        filters = int(rng.integers(1, 4))
        return layers.Conv2D(filters, size, strides, padding, activation=_activation(rng))(x)
    if choice == 2:
        return layers.MaxPooling2D(2, strides, padding)(x)
    if choice == 3:
        return layers.AveragePooling2D(2, strides, padding)(x)
    return layers.BatchNormalization(momentum=0.8)(x)


def _sequence_layers(layers: Any, rng: Any, x: Any, masked: bool) -> Any:
    if rng.random() < 0.3 and not masked:
        padding = str(rng.choice(["same", "valid", "causal"]))
        x = layers.Conv1D(3, 2, padding=padding, activation=_activation(rng))(x)
    kind = [layers.LSTM, layers.GRU, layers.SimpleRNN][int(rng.integers(3))]
    backwards = bool(rng.random() < 0.3)
    if rng.random() < 0.4:
        merge = str(rng.choice(["concat", "sum", "ave", "mul"]))
        x = layers.Bidirectional(kind(2, return_sequences=True), merge_mode=merge)(x)
    return kind(int(rng.integers(2, 5)), go_backwards=backwards)(x)


def _row_layer(layers: Any, rng: Any, x: Any) -> Any:
    choice = rng.integers(5)
    if choice == 0:
        return layers.LayerNormalization()(x)
    if choice == 1:
        return layers.BatchNormalization(momentum=0.7)(x)
    if choice == 2:
        return layers.LeakyReLU(0.1)(x)
    regularizer = rng.choice(np.array([None, "l2", "l1"], object))
    units = int(rng.integers(2, 6))
    return layers.Dense(units, _activation(rng), kernel_regularizer=regularizer)(x)


def _head(library: Any, rng: Any, y: Any, rows: int) -> Any:
    dense, losses = library.layers.Dense, library.losses
    choice = rng.integers(5)
    if choice == 0:
        loss = str(rng.choice(["mse", "mae", "huber"]))
        target = rng.normal(size=(rows, 2)).astype(np.float32)
        return target, loss, ["mae", "mse"], dense(2)(y)
    if choice == 1:
        target = rng.integers(0, 2, (rows, 1)).astype(np.float32)
        metrics = ["accuracy", library.metrics.Precision(), library.metrics.Recall()]
        return target, "binary_crossentropy", metrics, dense(1, "sigmoid")(y)
    if choice == 2:
        target = np.eye(3, dtype=np.float32)[rng.integers(0, 3, rows)]
        loss = losses.CategoricalCrossentropy(label_smoothing=float(rng.choice([0.0, 0.1])))
        return target, loss, ["accuracy"], dense(3, "softmax")(y)
    if choice == 3:
        target = rng.integers(0, 3, rows)
        loss = losses.SparseCategoricalCrossentropy(from_logits=True)
        return target, loss, ["accuracy"], dense(3)(y)
    target = np.where(rng.random((rows, 1)) < 0.5, -1.0, 1.0).astype(np.float32)
    return target, "hinge", ["mae"], dense(1, "tanh")(y)


def _optimizer(library: Any, rng: Any) -> Any:
    optimizers = library.optimizers
    rate: Any = float(rng.choice([0.01, 0.1]))
    if rng.random() < 0.3:
        rate = optimizers.schedules.ExponentialDecay(rate, 2, 0.5)
    more = [{}, {"clipnorm": 0.5}, {"global_clipnorm": 0.5}, {"weight_decay": 0.01}]
    given = dict(more[int(rng.integers(4))])
    choice = rng.integers(5)
    if choice == 0:
        nesterov = bool(rng.random() < 0.5)
        return optimizers.SGD(rate, momentum=0.8, nesterov=nesterov, **given)
    if choice == 1:
        return optimizers.RMSprop(rate, epsilon=1e-3, **given)
    if choice == 2:
        return optimizers.Adagrad(rate, **given)
    # With the usual epsilon a gradient that is zero but for rounding would decide the step.
    return (optimizers.Adam if choice == 3 else optimizers.AdamW)(rate, epsilon=1e-3, **given)
