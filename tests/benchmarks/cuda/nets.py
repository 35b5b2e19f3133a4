"""The networks that are trained on the GPU, each said once for every library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.benchmarks import cnn, mlp
from tests.benchmarks.cuda.record import SIMULATED

Layer = tuple[Any, ...]
SIMULATED_STEPS = 4  # of which the last two are replayed


@dataclass(frozen=True)
class Net:
    """A network and its data.

    Args:
        title: what it is, for the table.
        batch: rows of a step.
        layers: ("conv", filters, padding), ("pool",) and ("dense", units), ReLU after each but the
            last, which gives a logit for each class.
        load: gives x and y: a class for each row, or 0 and 1 as float32 for a single logit.
    """

    title: str
    batch: int
    layers: tuple[Layer, ...]
    load: Callable[[], tuple[np.ndarray, np.ndarray]]

    def data(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows for whole batches."""
        x, y = self.load()
        if SIMULATED:
            x = x[:, ::3, ::3] if x.ndim == 4 else x
        steps = min(len(x) // self.batch, SIMULATED_STEPS if SIMULATED else 10**9)
        return np.ascontiguousarray(x[: steps * self.batch]), y[: steps * self.batch]

    @property
    def binary(self) -> bool:
        """Whether it has a single logit."""
        return self.layers[-1] == ("dense", 1)

    def dlcore(self) -> Any:
        """The compiled model."""
        import dlcore
        from dlcore import layers

        model = dlcore.Sequential([dlcore.Input(self.data()[0].shape[1:])])
        flat = False
        for number, (kind, *how) in enumerate(self.layers):
            if kind == "conv":
                model.add(layers.Conv2D(how[0], 3, padding=how[1], activation="relu"))
            elif kind == "pool":
                model.add(layers.MaxPooling2D(2))
            else:
                if not flat and self.data()[0].ndim == 4:
                    model.add(layers.Flatten())
                flat, last = True, number == len(self.layers) - 1
                act = ("sigmoid" if self.binary else "softmax") if last else "relu"
                model.add(layers.Dense(how[0], activation=act))
        loss = "binary_crossentropy" if self.binary else "sparse_categorical_crossentropy"
        model.compile("adam", loss)
        return model

    def torch(self) -> Any:
        """The module, which ends in logits; its sizes settle at the first call."""
        from torch import nn

        parts: list[Any] = []
        flat = False
        for number, (kind, *how) in enumerate(self.layers):
            if kind == "conv":
                parts += [nn.LazyConv2d(how[0], 3, padding=how[1]), nn.ReLU()]
            elif kind == "pool":
                parts.append(nn.MaxPool2d(2))
            else:
                if not flat:
                    parts.append(nn.Flatten())
                flat = True
                parts.append(nn.LazyLinear(how[0]))
                if number < len(self.layers) - 1:
                    parts.append(nn.ReLU())
        return nn.Sequential(*parts)


MLP = Net("the article's MLP", 10, (("dense", 10), ("dense", 8), ("dense", 1)), mlp.data)
ARTICLE: tuple[Layer, ...] = (
    ("conv", 32, "valid"), ("pool",), ("conv", 64, "valid"), ("pool",), ("dense", 128),
    ("dense", 10),
)  # fmt: skip
LARGER: tuple[Layer, ...] = (
    ("conv", 64, "same"), ("conv", 64, "same"), ("pool",),
    ("conv", 128, "same"), ("conv", 128, "same"), ("pool",),
    ("dense", 256), ("dense", 10),
)  # fmt: skip
TINY: tuple[Layer, ...] = (
    ("conv", 4, "valid"), ("pool",), ("conv", 4, "same"), ("pool",), ("dense", 8), ("dense", 10),
)  # fmt: skip
NETS = (
    [MLP, Net("a tiny CNN", 2, TINY, cnn.data)]
    if SIMULATED
    else [
        MLP,
        Net("the article's CNN", 32, ARTICLE, cnn.data),
        Net("the article's CNN", 512, ARTICLE, cnn.data),
        Net("a larger CNN", 128, LARGER, cnn.data),
    ]
)
