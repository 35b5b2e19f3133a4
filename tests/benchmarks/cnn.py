"""The article's CNN on pictures of 32 x 32 x 3, in batches of 32 and of 256."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.workload import Workload


def data() -> tuple[np.ndarray, np.ndarray]:
    from dlcore.datasets import emoji10

    (x, y), _ = emoji10.load_data()
    rows = len(x) // 256 * 256
    return x[:rows].astype(np.float32) / 255, y[:rows]


def data_of_some_steps() -> tuple[np.ndarray, np.ndarray]:
    x, y = data()
    return x[: 8 * 256], y[: 8 * 256]


def keras(library: Any) -> Any:
    layers, model = library.layers, library.Sequential()
    model.add(library.Input((32, 32, 3)))
    model.add(layers.Conv2D(32, (3, 3), activation="relu"))
    model.add(layers.MaxPooling2D((2, 2)))
    model.add(layers.Conv2D(64, (3, 3), activation="relu"))
    model.add(layers.MaxPooling2D((2, 2)))
    model.add(layers.Flatten())
    model.add(layers.Dense(128, activation="relu"))
    model.add(layers.Dense(10, activation="softmax"))
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
    return model


def pytorch() -> Any:
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(3, 32, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(2304, 128), nn.ReLU(), nn.Linear(128, 10),
    )  # fmt: skip


CNN = Workload(
    "the article's CNN, batches of 32", 32, data, keras, pytorch, one_hot=True, predicts=10_000
)
CNN_256 = Workload(
    "the article's CNN, batches of 256",
    256,
    data_of_some_steps,
    keras,
    pytorch,
    one_hot=True,
    single=False,
)
