"""Models beyond the course: wide dense layers, deeper CNNs, longer sequences; the data is noise."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from tests.benchmarks.workload import Workload


@functools.cache
def noise(rows: int, *shape: int, classes: int = 10) -> tuple[np.ndarray, np.ndarray]:
    """Rows of normal numbers, and a class for each."""
    rng = np.random.default_rng(0)
    x = rng.standard_normal((rows, *shape), dtype=np.float32)
    return x, rng.integers(0, classes, rows)


def words(rows: int, steps: int, vocabulary: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of numbers of words, and one of two classes for each."""
    rng = np.random.default_rng(0)
    return rng.integers(0, vocabulary, (rows, steps)), rng.integers(0, 2, rows)


def compiled(library: Any, layers: Sequence[Any], **options: Any) -> Any:
    """A stack of layers, ready to train on classes."""
    model = library.Sequential(list(layers))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], **options)
    return model


def mlp(*units: int, batch: int, steps: int, epochs: int = 1) -> Workload:
    """Dense layers with ReLU; the first number is that of the inputs, the last that of classes."""

    def keras(library: Any, **options: Any) -> Any:
        dense = library.layers.Dense
        hidden = [dense(n, activation="relu") for n in units[1:-1]]
        stack = [library.Input((units[0],)), *hidden, dense(units[-1], activation="softmax")]
        return compiled(library, stack, **options)

    def pytorch() -> Any:
        from torch import nn

        stack: list[Any] = []
        for before, after in zip(units, units[1:], strict=False):
            stack += [nn.Linear(before, after), nn.ReLU()]
        return nn.Sequential(*stack[:-1])

    def data() -> tuple[np.ndarray, np.ndarray]:
        return noise(steps * batch, units[0], classes=units[-1])

    title = f"an MLP {'-'.join(map(str, units))}, batches of {batch}"
    return Workload(title, batch, data, keras, pytorch, epochs=epochs, single=False)


def six_convolutions(library: Any, **options: Any) -> Any:
    """32-32-64-64-128-128 filters, `same`, pooled after each pair."""
    of = library.layers
    stack = [library.Input((32, 32, 3))]
    for filters in (32, 64, 128):
        stack += [of.Conv2D(filters, 3, padding="same", activation="relu") for _ in range(2)]
        stack += [of.MaxPooling2D(2)]
    return compiled(library, [*stack, of.Flatten(), of.Dense(10, activation="softmax")], **options)


def six_convolutions_in_pytorch() -> Any:
    from torch import nn

    stack: list[Any] = []
    before = 3
    for filters in (32, 64, 128):
        for _ in range(2):
            stack += [nn.Conv2d(before, filters, 3, padding=1), nn.ReLU()]
            before = filters
        stack += [nn.MaxPool2d(2)]
    return nn.Sequential(*stack, nn.Flatten(), nn.Linear(128 * 16, 10))


def normalised_convolutions(library: Any, **options: Any) -> Any:
    """32-64-128 filters, `same`, each normalised over the batch; the mean over the places."""
    of = library.layers
    stack = [library.Input((32, 32, 3))]
    for filters in (32, 64, 128):
        stack += [of.Conv2D(filters, 3, padding="same", use_bias=False), of.BatchNormalization()]
        stack += [of.ReLU(), of.MaxPooling2D(2)]
    last = of.Dense(10, activation="softmax")
    return compiled(library, [*stack, of.GlobalAveragePooling2D(), last], **options)


def normalised_convolutions_in_pytorch() -> Any:
    from torch import nn

    stack: list[Any] = []
    before = 3
    for filters in (32, 64, 128):
        stack += [nn.Conv2d(before, filters, 3, padding=1, bias=False), nn.BatchNorm2d(filters)]
        stack += [nn.ReLU(), nn.MaxPool2d(2)]
        before = filters
    return nn.Sequential(*stack, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(128, 10))


def lstm(units: int, steps: int, inputs: int, batch: int, count: int) -> Workload:
    """An LSTM over sequences of numbers."""

    def keras(library: Any, **options: Any) -> Any:
        of = library.layers
        stack = [library.Input((steps, inputs)), of.LSTM(units), of.Dense(10, activation="softmax")]
        return compiled(library, stack, **options)

    def pytorch() -> Any:
        from torch import nn

        class Reader(nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.lstm = nn.LSTM(inputs, units, batch_first=True)
                self.dense = nn.Linear(units, 10)

            def forward(self, x: Any) -> Any:
                return self.dense(self.lstm(x)[1][0][0])

        return Reader()

    def data() -> tuple[np.ndarray, np.ndarray]:
        return noise(count * batch, steps, inputs)

    title = f"an LSTM({units}) over {steps} steps of {inputs}, batches of {batch}"
    return Workload(title, batch, data, keras, pytorch, epochs=2, single=False)


def gru(library: Any, **options: Any) -> Any:
    of = library.layers
    stack = [library.Input((60,)), of.Embedding(2000, 64), of.GRU(64)]
    return compiled(library, [*stack, of.Dense(2, activation="softmax")], **options)


def gru_in_pytorch() -> Any:
    from torch import nn

    class Reader(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = nn.Embedding(2000, 64)
            self.gru = nn.GRU(64, 64, batch_first=True)
            self.dense = nn.Linear(64, 2)

        def forward(self, x: Any) -> Any:
            return self.dense(self.gru(self.embedding(x))[1][0])

    return Reader()


def pictures(count: int) -> Any:
    """So many batches of 64 pictures of 32 x 32 x 3."""
    return lambda: noise(count * 64, 32, 32, 3)


WIDER = {
    "mlp-512": mlp(784, 512, 256, 10, batch=128, steps=60, epochs=5),
    "mlp-2048": mlp(1024, 2048, 2048, 10, batch=128, steps=20, epochs=2),
    "cnn-6": Workload(
        "six 3x3 convolutions of 32 to 128 filters, batches of 64",
        64,
        pictures(10),
        six_convolutions,
        six_convolutions_in_pytorch,
        single=False,
    ),
    "cnn-norm": Workload(
        "three 3x3 convolutions with batch normalisation, batches of 64",
        64,
        pictures(16),
        normalised_convolutions,
        normalised_convolutions_in_pytorch,
        single=False,
    ),
    "lstm-256": lstm(256, steps=40, inputs=32, batch=64, count=16),
    "gru": Workload(
        "an Embedding(2000, 64) and a GRU(64) over 60 steps, batches of 64",
        64,
        lambda: words(40 * 64, 60, 2000),
        gru,
        gru_in_pytorch,
        epochs=4,
        single=False,
    ),
}
