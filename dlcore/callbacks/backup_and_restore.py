"""Going on with a training that was broken off."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from dlcore.backends import memory
from dlcore.callbacks.callback import Callback, History, Logs
from dlcore.callbacks.metric_state import metric_state, put_back
from dlcore.callbacks.watched_model import Batches, SavedModel
from dlcore.engine import random
from dlcore.files.disk import replace
from dlcore.layers.tracking import go_back, states_of

_ABOUT = "training_metadata.json"
_WEIGHTS = "latest-{}.weights.h5"


class BackupAndRestore(Callback):
    """Keeps a backup of a training, from which the same program goes on after it was broken off.

        model.fit(x, y, epochs=100, callbacks=[BackupAndRestore("backup")])

    Run the program again after a crash, a power cut or Ctrl-C: fit finds the backup and goes on
    after the last epoch in it, and ends with the weights, bit for bit, that it would have had
    without the break. The backup holds the weights, the state of the optimizer, the random state
    of shuffling and of layers such as Dropout, the states of stateful layers, the epoch and the
    history; `fit` then returns the whole history. It is written in one piece: a break in mid-write
    leaves the backup before. When the training ends, it is deleted.

    Not kept are the state of other callbacks, as in Keras (EarlyStopping starts to wait anew), and
    where a generator stands: it begins anew, so let it give batches that do not depend on that.

    Args:
        backup_dir: a folder for this backup alone; it is made.
        save_freq: "epoch" (the default), or a number of batches after which there is a backup; the
            training then goes on in the middle of an epoch.
        double_checkpoint: taken for code that sets it; no backup is ever half written.
        delete_checkpoint: whether the backup is deleted when the training has ended; default True.

    Raises:
        ValueError: if there is no folder, or save_freq is another; in fit, if the backup is of
            another model or cannot be read.
    """

    model: SavedModel
    comes_last = True

    def __init__(
        self,
        backup_dir: str | os.PathLike[str],
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        super().__init__()
        if not os.fspath(backup_dir):
            raise ValueError("backup_dir is empty; name a folder for the backup.")
        whole = isinstance(save_freq, int) and not isinstance(save_freq, bool) and save_freq > 0
        if save_freq != "epoch" and not whole:
            raise ValueError(
                f"save_freq is 'epoch' or a number of batches of at least 1, not {save_freq!r}."
            )
        self.backup_dir = Path(backup_dir)
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self._batches = self._number = self._epoch = 0

    # It asks for nothing that has to be computed.
    now_and_then = True

    def hears(self, event: str) -> bool:  # noqa: D102
        return super().hears(event) and (event != "on_train_batch_end" or self.save_freq != "epoch")

    def on_train_begin(self, logs: Logs = None) -> None:  # noqa: D102
        self._batches = self._number = 0
        about = self.backup_dir / _ABOUT
        if not about.is_file():
            return
        try:
            found = json.loads(about.read_text(encoding="utf-8"))
            weights = self.backup_dir / found["weights"]
            epoch, batch = int(found["epoch"]), int(found["batch"])
            drawn, history, _ = found["chance"], found["history"], found["states"]
            self._number = int(found["number"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"The backup in {str(self.backup_dir)!r} cannot be read ({error!r}); delete the "
                "folder to train from the start."
            ) from None
        self.model.load_weights(weights)
        batches, kept = self._going_on()
        batches.go_to(found["place"], epoch, batch)
        random.generator().bit_generator.state = drawn
        go_back(self.model, found["states"])
        if batch:
            put_back(self.model.metrics, found["metrics"])
        kept.history.update(history)
        kept.epoch.extend(found["epochs"])
        self.model.resume_at = epoch, batch

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:  # noqa: D102
        self._epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: D102
        self._batches += 1
        if self._batches == self.save_freq:
            self._batches = 0
            self._save(self._epoch, batch + 1)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:  # noqa: D102
        if self.save_freq == "epoch":
            self._save(epoch + 1, 0)

    def on_train_end(self, logs: Logs = None) -> None:  # noqa: D102
        if self.delete_checkpoint and not self.model.interrupted and self.backup_dir.is_dir():
            (self.backup_dir / _ABOUT).unlink(missing_ok=True)
            self._clear("")
            if not any(self.backup_dir.iterdir()):
                self.backup_dir.rmdir()

    def _save(self, epoch: int, batch: int) -> None:
        """Write the weights beside those of the last backup, then the file that names them."""
        self.backup_dir.mkdir(parents=True, exist_ok=True)
        self._number += 1
        name = _WEIGHTS.format(self._number)
        self.model.save_weights(self.backup_dir / name)
        batches, history = self._going_on()
        about = {
            "weights": name,
            "number": self._number,
            "epoch": epoch,
            "batch": batch,
            "chance": random.generator().bit_generator.state,
            "place": batches.place(),
            "states": [
                None if states is None else list(map(memory.to_host, states))
                for states in states_of(self.model)
            ],
            "metrics": metric_state(self.model.metrics) if batch else [],
            "history": history.history,
            "epochs": history.epoch,
        }
        text = json.dumps(about, default=_plain)
        replace(self.backup_dir / _ABOUT, text.encode("utf-8"))
        self._clear(name)

    def _going_on(self) -> tuple[Batches, History]:
        """What gives the batches of the fit that is going on, and its history."""
        batches, history = self.model.data_adapter, self.model.history
        assert batches is not None and history is not None
        return batches, history

    def _clear(self, kept: str) -> None:
        """Delete the weights of earlier backups, and what a break in mid-write has left."""
        for path in self.backup_dir.iterdir():
            ours = path.match(_WEIGHTS.format("*")) or path.match(".*.tmp")
            if ours and path.name != kept:
                path.unlink(missing_ok=True)


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else str(value)
