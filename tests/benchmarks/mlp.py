"""The article's MLP on the credit data: 8-10-8-1, relu, relu, sigmoid, batches of 10."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.workload import Workload


def data() -> tuple[np.ndarray, np.ndarray]:
    from dlcore.datasets import credit

    return credit.load_data()[0]


def keras(library: Any, **compiled: Any) -> Any:
    layers, model = library.layers, library.Sequential()
    model.add(library.Input((8,)))
    model.add(layers.Dense(10, activation="relu"))
    model.add(layers.Dense(8, activation="relu"))
    model.add(layers.Dense(1, activation="sigmoid"))
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"], **compiled)
    return model


def pytorch() -> Any:
    from torch import nn

    return nn.Sequential(
        nn.Linear(8, 10), nn.ReLU(), nn.Linear(10, 8), nn.ReLU(), nn.Linear(8, 1), nn.Flatten(0)
    )


MLP = Workload("the article's MLP, batches of 10", 10, data, keras, pytorch, epochs=5)
