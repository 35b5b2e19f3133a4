"""The record of a training run."""

from __future__ import annotations

from typing import Any

from dlcore.callbacks.callback import Callback, Logs


class History(Callback):
    """What `fit` returns: the loss and the metrics of every epoch.

    `history.history` maps a name to a list with one number an epoch, `history.epoch` lists the
    epochs from 0, `history.params` has the epochs and steps asked for.
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:  # noqa: D102
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)

    def __repr__(self) -> str:
        return f"<History of {len(self.epoch)} epochs: {', '.join(self.history)}>"
