"""What callbacks need of the model that they watch, for a type checker."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from dlcore.engine.variable import Variable
from dlcore.layers.tracking import Nest
from dlcore.metrics import Metric
from dlcore.optimizers import Optimizer

if TYPE_CHECKING:
    from dlcore.callbacks.callback import History


class Batches(Protocol):
    """What gives the batches of a fit, for a callback that brings it back to where it stood."""

    def place(self) -> Any:
        """Where it stands, as plain data."""

    def go_to(self, place: Any, epoch: int, batch: int) -> None:
        """Go back to a place."""


class WatchedModel(Nest, Protocol):
    """What a callback may ask of the model that is trained, evaluated or asked to predict.

    A callback of your own that asks for more tells a type checker so in its class: `model: Model`.
    """

    name: str
    optimizer: Optimizer
    stop_training: bool
    interrupted: bool
    has_validation: bool
    resume_at: tuple[int, int] | None

    @property
    def history(self) -> History | None:
        """That of the fit that is going on, or of the last one."""

    @property
    def data_adapter(self) -> Batches | None:
        """What gives the batches of the fit that is going on."""

    @property
    def metrics(self) -> list[Metric]:
        """The mean loss and all metrics."""

    def metric_called(self, key: str) -> Metric | None:
        """The metric behind a key of the history."""

    @property
    def weights(self) -> list[Variable]:
        """All weights."""

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all weights."""

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Put other values into the weights."""


class SavedModel(WatchedModel, Protocol):
    """What callbacks that write files ask of it in addition."""

    def save(self, filepath: str | os.PathLike[str]) -> None:
        """Write the whole model."""

    def save_weights(self, filepath: str | os.PathLike[str]) -> None:
        """Write the weights and the state of the optimizer."""

    def load_weights(self, filepath: str | os.PathLike[str]) -> None:
        """Read them back."""
