"""A smaller learning rate where nothing improves any more."""

from __future__ import annotations

from dlcore.callbacks.callback import Logs
from dlcore.callbacks.monitor import MonitorCallback


class ReduceLROnPlateau(MonitorCallback):
    """Multiplies the learning rate by a factor when a number has not improved for some epochs.

        ReduceLROnPlateau("val_loss", factor=0.2, patience=5, min_lr=1e-4)

    It adds "learning_rate" to the history: the rate with which the epoch was trained.

    Args:
        monitor: what is watched, default "val_loss".
        factor: what the rate is multiplied by, above 0 and below 1; default 0.1.
        patience: how many epochs without improvement are waited for; default 10.
        verbose: 1 prints each new rate; default 0.
        mode: "min", "max" or "auto".
        min_delta: what an improvement must exceed; default 1e-4.
        cooldown: how many epochs after a new rate do not count; default 0.
        min_lr: the rate does not fall below it; default 0.

    Raises:
        ValueError: if the factor or the mode does not fit.
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__(monitor, mode, min_delta)
        if not 0 < factor < 1:
            raise ValueError(f"factor lies between 0 and 1, but is {factor}; try 0.1.")
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = min_lr
        self.best: float | None = None
        self.wait = self.cooldown_counter = 0

    def on_train_begin(self, logs: Logs = None) -> None:  # noqa: D102
        self.best = None
        self.wait = self.cooldown_counter = 0
        self._said = False

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:  # noqa: D102
        rate = float(self.model.optimizer.learning_rate)
        value = self.watched(logs)
        if logs is not None:
            logs["learning_rate"] = rate
        if value is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self.improves(value, self.best):
            self.best = value
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience and rate > self.min_lr:
                self._reduce(epoch, rate)

    def in_cooldown(self) -> bool:
        """Whether the last new rate is so fresh that nothing counts."""
        return self.cooldown_counter > 0

    def _reduce(self, epoch: int, rate: float) -> None:
        rate = max(rate * self.factor, self.min_lr)
        self.model.optimizer.learning_rate = rate
        self.cooldown_counter = self.cooldown
        self.wait = 0
        if self.verbose:
            print(f"Epoch {epoch + 1}: the learning rate is now {rate:g}", flush=True)
