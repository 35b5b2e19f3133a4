"""An LSTM that reads first names of 15 letters and says which list they stood in."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.benchmarks.workload import Workload


def data() -> tuple[np.ndarray, np.ndarray]:
    from dlcore.datasets import names

    (x, y), _ = names.load_data()
    rows = len(x) // 64 * 64
    return x[:rows], y[:rows]


def keras(library: Any) -> Any:
    layers, model = library.layers, library.Sequential()
    model.add(library.Input((15,)))
    model.add(layers.Embedding(28, 32))
    model.add(layers.LSTM(64))
    model.add(layers.Dense(2, activation="softmax"))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def pytorch() -> Any:
    from torch import nn

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(28, 32)
            self.lstm = nn.LSTM(32, 64, batch_first=True)
            self.dense = nn.Linear(64, 2)

        def forward(self, x: Any) -> Any:
            _, (last, _) = self.lstm(self.embedding(x))
            return self.dense(last[0])

    return Reader()


LSTM = Workload("an LSTM(64) on names, batches of 64", 64, data, keras, pytorch)
