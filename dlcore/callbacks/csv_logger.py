"""The numbers of each epoch as a line of a table."""

from __future__ import annotations

import csv
import os
from typing import Any

import numpy as np

from dlcore.callbacks.callback import Callback, Logs


class CSVLogger(Callback):
    """Writes the numbers of each epoch as a line into a file, as soon as they are there.

        model.fit(x, y, epochs=20, callbacks=[CSVLogger("training.csv")])

    The columns are "epoch" (from 0), then what is measured in the order of the alphabet; where
    there is no validation after the first epoch, columns for one follow, with "NA".

    Args:
        filename: the file; its folder must be there.
        separator: between the entries of a line; default ",".
        append: whether lines are added to a file that is there; default False: it is replaced.

    Raises:
        OSError: in fit, if the file cannot be written.
    """

    def __init__(
        self, filename: str | os.PathLike[str], separator: str = ",", append: bool = False
    ) -> None:
        super().__init__()
        if not isinstance(separator, str) or len(separator) != 1:
            raise ValueError(f"separator is one character, not {separator!r}.")
        self.filename = os.fspath(filename)
        self.sep = separator
        self.append = append
        self.keys: list[str] | None = None
        self._file: Any = None
        self._header = True

    def on_train_begin(self, logs: Logs = None) -> None:  # noqa: D102
        self._close()
        self.keys = None
        started = self.append and os.path.exists(self.filename)
        self._header = not (started and os.path.getsize(self.filename) > 0)
        mode = "a" if self.append else "w"
        self._file = open(self.filename, mode, newline="", encoding="utf-8")  # noqa: SIM115

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:  # noqa: D102
        logs = logs or {}
        writer = csv.writer(self._file, delimiter=self.sep)
        if self.keys is None:
            self.keys = sorted(logs)
            if not any(key.startswith("val_") for key in self.keys):
                self.keys += [f"val_{key}" for key in self.keys]
            if self._header:
                writer.writerow(["epoch", *self.keys])
        writer.writerow([epoch, *(_entry(logs.get(key, "NA")) for key in self.keys)])
        self._file.flush()

    def on_train_end(self, logs: Logs = None) -> None:  # noqa: D102
        self._close()

    def _close(self) -> None:
        if self._file is not None:
            file, self._file = self._file, None
            file.close()


def _entry(value: Any) -> Any:
    if np.ndim(value):
        return f'"[{", ".join(str(float(one)) for one in np.ravel(value))}]"'
    return value
