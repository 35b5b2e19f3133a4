"""Files of the model while the training runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from dlcore.callbacks.callback import Logs
from dlcore.callbacks.monitor import MonitorCallback
from dlcore.callbacks.watched_model import SavedModel


class ModelCheckpoint(MonitorCallback):
    """Writes the model into a file, after each epoch or when it is the best so far.

        ModelCheckpoint("best.keras", save_best_only=True)
        ModelCheckpoint("{epoch:02d}-{val_loss:.2f}.weights.h5", save_weights_only=True)

    `dlcore.models.load_model` reads a whole model, `model.load_weights` the weights, and so does
    Keras. A file is replaced in one piece: if the disk is full, the last good one stays. Folders of
    the path are made.

    Args:
        filepath: ends in ".keras", or in ".weights.h5" if only weights are saved. In braces it
            takes the epoch, counted from 1, anything of the logs, and the batch, counted from 1,
            if save_freq is a number.
        monitor: what decides which is the best; default "val_loss".
        verbose: 1 prints a line for each file; default 0.
        save_best_only: whether only an improvement is written; default False. If what is monitored
            is not measured, each epoch is written, and that is said once; where only some epochs
            have a validation (validation_freq), the others are not written.
        save_weights_only: whether the file holds the weights alone; default False.
        mode: "min", "max" or "auto".
        save_freq: "epoch" (the default), or a number of batches between two files.
        initial_value_threshold: a value that the first file must improve on; default None.

    Raises:
        ValueError: if the path, the mode or save_freq does not fit.
    """

    model: SavedModel

    def __init__(
        self,
        filepath: str | os.PathLike[str],
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__(monitor, mode)
        self.filepath = os.fspath(filepath)
        ending = ".weights.h5" if save_weights_only else ".keras"
        if not self.filepath.endswith(ending):
            other = ".keras" if save_weights_only else ".weights.h5"
            mend = f"end it in {ending!r}"
            if self.filepath.endswith(other):
                mend = f"say save_weights_only={not save_weights_only}"
            what = "weights" if save_weights_only else "a whole model"
            raise ValueError(
                f"A file of {what} ends in {ending!r}, but filepath is {self.filepath!r}; {mend}."
            )
        whole = isinstance(save_freq, int) and not isinstance(save_freq, bool) and save_freq > 0
        if save_freq != "epoch" and not whole:
            raise ValueError(
                f"save_freq is 'epoch' or a number of batches of at least 1, not {save_freq!r}."
            )
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        self.best = initial_value_threshold
        self._batches = 0
        self._epoch = 0

    def hears(self, event: str) -> bool:  # noqa: D102
        return super().hears(event) and (event != "on_train_batch_end" or self.save_freq != "epoch")

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:  # noqa: D102
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:  # noqa: D102
        self._batches += 1
        if self._batches == self.save_freq:
            self._batches = 0
            self._save(logs or {}, batch=batch + 1)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:  # noqa: D102
        if self.save_freq == "epoch":
            self._save(logs or {})

    def _save(self, logs: dict[str, Any], **counts: int) -> None:
        if self.save_best_only:
            if self.is_between_validations(logs):
                return
            value = self.watched(logs)
            if value is not None:
                if not self.improves(value, self.best):
                    return
                self.best = value
        path = self._path(logs, **counts)
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.save_weights_only:
            self.model.save_weights(path)
        else:
            self.model.save(path)
        if self.verbose:
            print(f"Epoch {self._epoch + 1}: wrote {path}", flush=True)

    def is_between_validations(self, logs: dict[str, Any]) -> bool:  # noqa: D102
        # Between batches nothing of a validation is ever known.
        return self.save_freq == "epoch" and super().is_between_validations(logs)

    def _missing(self, logs: dict[str, Any]) -> str:
        if self.save_freq == "epoch" or not self.monitor.startswith("val_"):
            return super()._missing(logs)
        return (
            f"ModelCheckpoint monitors {self.monitor!r}, which is measured at the end of an epoch, "
            f"but save_freq={self.save_freq} asks for it between batches, so that each file is "
            "written; write save_freq='epoch', or monitor='loss'."
        )

    def _path(self, logs: dict[str, Any], **counts: int) -> Path:
        values = {**counts, **logs, "epoch": self._epoch + 1}
        try:
            return Path(self.filepath.format(**values))
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError(
                f"The filepath {self.filepath!r} cannot be filled in ({error!r}); there is "
                f"{', '.join(values)}."
            ) from None
