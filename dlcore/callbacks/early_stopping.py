"""Stopping when nothing improves any more."""

from __future__ import annotations

import numpy as np

from dlcore.callbacks.callback import Logs
from dlcore.callbacks.monitor import MonitorCallback


class EarlyStopping(MonitorCallback):
    """Ends the training once a number has not improved for some epochs.

        model.fit(x, y, validation_split=0.2, epochs=500, callbacks=[EarlyStopping(patience=5)])

    As in Keras it never stops after the first epoch, and with patience 0 at the first epoch that
    is no improvement. `stopped_epoch` is the epoch that was the last one, 0 if it did not stop;
    `best` and `best_epoch` say which was the best (epochs count from 0).

    Args:
        monitor: what is watched, default "val_loss".
        min_delta: what an improvement must exceed; default 0.
        patience: how many epochs without improvement are waited for; default 0.
        verbose: 1 prints when it stops; default 0.
        mode: "min", "max" or "auto".
        baseline: a value; the wait goes on until it is beaten. Default None.
        restore_best_weights: whether the weights of the best epoch are put back when the training
            ends, also if it was interrupted; default False.
        start_from_epoch: how many epochs pass before it begins to watch; default 0.

    Raises:
        ValueError: if the mode is none of these.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0.0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self.best: float | None = None
        self.best_weights: list[np.ndarray] | None = None
        self.wait = self.stopped_epoch = self.best_epoch = 0

    def on_train_begin(self, logs: Logs = None) -> None:  # noqa: D102
        # Nothing of an earlier fit counts.
        self.best = self.best_weights = None
        self.wait = self.stopped_epoch = self.best_epoch = 0
        self._said = False

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:  # noqa: D102
        value = self.watched(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            self._keep(epoch)
        self.wait += 1
        if self.improves(value, self.best):  # the first value always does
            self.best = value
            self._keep(epoch)
            if self.baseline is None or self.improves(value, self.baseline):
                self.wait = 0
        elif self.wait >= self.patience:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def on_train_end(self, logs: Logs = None) -> None:  # noqa: D102
        if self.stopped_epoch and self.verbose:
            print(f"Epoch {self.stopped_epoch + 1}: {self.monitor} no longer improves", flush=True)
        if self.best_weights is not None:
            if self.verbose:
                print(f"The weights are those of epoch {self.best_epoch + 1}", flush=True)
            self.model.set_weights(self.best_weights)

    def _keep(self, epoch: int) -> None:
        self.best_epoch = epoch
        if self.restore_best_weights:
            self.best_weights = self.model.get_weights()
