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
    row = x[:1]

    def train(epochs: int) -> None:
        model.fit(x, targets, epochs=epochs, batch_size=workload.batch, verbose=0)

    def train_few(count: int) -> None:
        few = FEW * workload.batch
        model.fit(x[:few], targets[:few], epochs=count, batch_size=workload.batch, verbose=0)

    tasks: Tasks = {"train few": train_few, "train": train}
    if workload.single:
        batch = x[: workload.batch], targets[: workload.batch]
        tasks["train on batch"] = _repeated(lambda: model.train_on_batch(*batch))
        tasks["predict row"] = _repeated(lambda: model.predict(row, verbose=0))
        tasks["predict row as batch"] = _repeated(lambda: model.predict_on_batch(row))
        tasks["call row"] = _repeated(lambda: library.ops.convert_to_numpy(model(row)))
    if workload.predicts:
        many, labels = workload.many()
        wanted = workload.targets(labels)
        tasks["predict many"] = _repeated(lambda: model.predict(many, verbose=0))
        tasks["evaluate many"] = _repeated(lambda: model.evaluate(many, wanted, verbose=0))
    return tasks


def _repeated(once: Callable[[], Any]) -> Callable[[int], None]:
    def task(count: int) -> None:
        for _ in range(count):
            once()

    return task


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
                loss, hits = step(batch, targets[chosen])
                total += loss * len(chosen)
                right += hits
        return total, right

    def step(batch: torch.Tensor, target: torch.Tensor) -> tuple[float, int]:
        output = model(batch)
        loss = loss_function(output, target)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item(), correct(output, target)

    def train_on_batch(array: np.ndarray, y: np.ndarray) -> tuple[float, int]:
        model.train()
        return step(tensor(array), torch.from_numpy(y))

    def correct(output: torch.Tensor, target: torch.Tensor) -> int:
        said = output > 0 if binary else output.argmax(1)
        return int((said == target).sum())

    @torch.inference_mode()
    def predict(array: np.ndarray) -> np.ndarray:
        model.eval()
        parts = [model(part) for part in tensor(array).split(PREDICT_BATCH)]
        output = torch.cat(parts) if len(parts) > 1 else parts[0]
        return (output.sigmoid() if binary else output.softmax(1)).numpy()

    @torch.inference_mode()
    def evaluate(array: np.ndarray, y: np.ndarray) -> tuple[float, int]:
        model.eval()
        total, right = 0.0, 0
        parts = (each.split(PREDICT_BATCH) for each in (tensor(array), torch.from_numpy(y)))
        for part, target in zip(*parts, strict=True):
            output = model(part)
            total += loss_function(output, target).item() * len(part)
            right += correct(output, target)
        return total, right

    tasks: Tasks = {"train few": lambda count: train(count, FEW * workload.batch), "train": train}
    if workload.single:
        row = _repeated(lambda: predict(x[:1]))
        first = x[: workload.batch], y[: workload.batch]
        tasks["train on batch"] = _repeated(lambda: train_on_batch(*first))
        tasks |= {"predict row": row, "predict row as batch": row, "call row": row}
    if workload.predicts:
        many = workload.many()
        tasks["predict many"] = _repeated(lambda: predict(many[0]))
        tasks["evaluate many"] = _repeated(lambda: evaluate(*many))
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
