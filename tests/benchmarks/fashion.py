"""A CNN of the size of a lesson on the pictures of fashion_small, 28 x 28 in grey."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.workload import Workload


def data() -> tuple[np.ndarray, np.ndarray]:
    from dlcore.datasets import fashion_small

    (x, y), _ = fashion_small.load_data()
    rows = len(x) // 64 * 64
    return x[:rows, :, :, None].astype(np.float32) / 255, y[:rows]


def keras(library: Any) -> Any:
    layers, model = library.layers, library.Sequential()
    model.add(library.Input((28, 28, 1)))
    model.add(layers.Conv2D(16, 3, activation="relu"))
    model.add(layers.MaxPooling2D(2))
    model.add(layers.Conv2D(32, 3, activation="relu"))
    model.add(layers.MaxPooling2D(2))
    model.add(layers.Flatten())
    model.add(layers.Dense(64, activation="relu"))
    model.add(layers.Dense(10, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def pytorch() -> Any:
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(1, 16, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(800, 64), nn.ReLU(), nn.Linear(64, 10),
    )  # fmt: skip


FASHION = Workload("a CNN on fashion_small, batches of 64", 64, data, keras, pytorch)
