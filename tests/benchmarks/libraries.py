"""The contenders: how each library sets a workload up, and what can then be asked of it.

A contender is a function that takes a workload and gives its tasks by name. A task takes a count,
does its work so many times over, and returns when the results are there.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.benchmarks.workload import Workload

Tasks = dict[str, Callable[[int], Any]]
PREDICT_BATCH = 32  # the default of predict
FEW = 3  # steps of the task that compiles everything and does little more


def in_keras_names(library: Any, workload: Workload, **compiled: Any) -> Tasks:
    """The tasks of a library with Keras's names: dlcore, or Keras on one of its backends."""
    x, y = workload.data()
    targets, model = workload.targets(y), workload.keras(library, **compiled)
    row, many = x[:1], workload.rows()

    def train(epochs: int) -> None:
        model.fit(x, targets, epochs=epochs, batch_size=workload.batch, verbose=0)

    def train_few(count: int) -> None:
        few = FEW * workload.batch
        model.fit(x[:few], targets[:few], epochs=count, batch_size=workload.batch, verbose=0)

    def predict_row(count: int) -> None:
        for _ in range(count):
            model.predict(row, verbose=0)

    def call_row(count: int) -> None:
        for _ in range(count):
            library.ops.convert_to_numpy(model(row))

    def predict_many(count: int) -> None:
        for _ in range(count):
            model.predict(many, verbose=0)

    tasks: Tasks = {"train few": train_few, "train": train}
    tasks |= {"predict row": predict_row, "call row": call_row}
    return tasks | ({"predict many": predict_many} if workload.predicts else {})


def dlcore(workload: Workload) -> Tasks:
    import dlcore as library

    return in_keras_names(library, workload)


def keras(workload: Workload) -> Tasks:
    import keras as library

    return in_keras_names(library, workload)


def pytorch(workload: Workload, channels_last: bool = False) -> Tasks:
    """The tasks as a PyTorch user writes them: eager, with a loop of their own.

    The batches are gathered by index from tensors that lie ready, which is much faster than a
    DataLoader over rows.
    """
    import torch
    from torch import nn

    form = torch.channels_last if channels_last else torch.contiguous_format

    def tensor(array: np.ndarray) -> torch.Tensor:
        if array.ndim < 4:
            return torch.from_numpy(array)
        return torch.from_numpy(array).permute(0, 3, 1, 2).contiguous(memory_format=form)

    x, y = workload.data()
    rows, targets = tensor(x), torch.from_numpy(y)
    binary = targets.is_floating_point()
    model = workload.pytorch()
    if channels_last:
        model = model.to(memory_format=form)
    loss_function = nn.BCEWithLogitsLoss() if binary else nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(model.parameters())

    def train(epochs: int, count: int = len(x)) -> tuple[float, int]:
        model.train()
        total, right = 0.0, 0
        for _ in range(epochs):
            order = torch.randperm(count)
            for chosen in order.split(workload.batch):
                batch = rows[chosen]  # which may lose the form of the rows
                if batch.ndim == 4:
                    batch = batch.contiguous(memory_format=form)
                output, target = model(batch), targets[chosen]
                loss = loss_function(output, target)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                total += loss.item() * len(chosen)
                said = output > 0 if binary else output.argmax(1)
                right += int((said == target).sum())
        return total, right

    @torch.inference_mode()
    def predict(array: np.ndarray) -> np.ndarray:
        model.eval()
        parts = [model(part) for part in tensor(array).split(PREDICT_BATCH)]
        output = torch.cat(parts) if len(parts) > 1 else parts[0]
        return (output.sigmoid() if binary else output.softmax(1)).numpy()

    def row(count: int) -> None:
        for _ in range(count):
            predict(x[:1])

    tasks: Tasks = {"train few": lambda count: train(count, FEW * workload.batch), "train": train}
    tasks |= {"predict row": row, "call row": row}
    if workload.predicts:
        many = workload.rows()
        tasks["predict many"] = lambda count: [predict(many) for _ in range(count)][-1]
    return tasks


def pytorch_channels_last(workload: Workload) -> Tasks:
    return pytorch(workload, channels_last=True)


@dataclass(frozen=True)
class Contender:
    """A column of the table.

    Args:
        tasks: sets a workload up in this process, and gives its tasks.
        needs: the packages without which it is absent.
        environment: variables for its process.
        title: its column; contenders with the same title share one, where the fastest counts.
    """

    tasks: Callable[[Workload], Tasks]
    title: str
    needs: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def is_here(self) -> bool:
        return all(importlib.util.find_spec(package) for package in self.needs)


def _keras_on(title: str, backend: str) -> Contender:
    return Contender(keras, f"Keras on {title}", ("keras", backend), {"KERAS_BACKEND": backend})


PEERS: dict[str, Contender] = {
    "keras-jax": _keras_on("JAX", "jax"),
    "keras-tensorflow": _keras_on("TensorFlow", "tensorflow"),
    "keras-torch": _keras_on("PyTorch", "torch"),
    "pytorch": Contender(pytorch, "PyTorch", ("torch",)),
    "pytorch-channels-last": Contender(pytorch_channels_last, "PyTorch", ("torch",)),
}
OURS = {"dlcore": Contender(dlcore, "dlcore")}
