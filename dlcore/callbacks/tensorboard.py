"""The numbers of a training as event files, which TensorBoard shows."""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from dlcore import resources
from dlcore.callbacks.callback import Callback, Logs

# Files of one folder are read in the order of their names; two of one second must not be one.
_count = itertools.count()
_NOT_HERE = {
    "write_images": "weights are not drawn; take histogram_freq=1 for their distribution",
    "embeddings_freq": "embeddings are not written; save them by numpy",
    "profile_batch": "batches are not profiled",
}


class TensorBoard(Callback):
    """Writes the numbers of each epoch into event files, for TensorBoard to show.

        model.fit(x, y, epochs=3, validation_split=0.5, callbacks=[TensorBoard("logs")])

    Then `tensorboard --logdir logs` in a terminal shows curves, where TensorBoard is installed;
    dlcore needs only tensorboardX, the extra `tensorboard`, and no TensorFlow. The names are those
    of Keras: in the folder "train" of `log_dir` epoch_loss, an epoch_… for each metric and
    epoch_learning_rate; in "validation" the same of the validation, and over the training steps
    evaluation_loss_vs_iterations and its like. Of a metric that is an array each number is
    written, with its place in the name. Take a new folder for each run.

    Args:
        log_dir: the folder; default "logs".
        histogram_freq: after how many epochs the distribution of each weight is written; default
            0: never.
        write_graph: taken for code that sets it; no graph is written, `utils.plot_model` draws
            one.
        write_images: False.
        write_steps_per_second: whether training steps in a second are written; default False.
        update_freq: "epoch" (default), "batch", or a number of batches after which batch_loss and
            its like are written as well: the means of the epoch so far.
        profile_batch: 0.
        embeddings_freq: 0.
        embeddings_metadata: taken for code that sets it.

    Raises:
        ModuleNotFoundError: tensorboardX is not installed.
        ValueError: an argument asks for what is not written.
        OSError: in fit, if the folder cannot be written.
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] = "logs",
        histogram_freq: int = 0,
        write_graph: bool = True,
        write_images: bool = False,
        write_steps_per_second: bool = False,
        update_freq: int | str = "epoch",
        profile_batch: Any = 0,
        embeddings_freq: int = 0,
        embeddings_metadata: Any = None,
    ) -> None:
        super().__init__()
        asked = {
            "write_images": write_images,
            "embeddings_freq": embeddings_freq,
            "profile_batch": profile_batch,
        }
        for name, value in asked.items():
            if value:
                raise ValueError(f"TensorBoard has no {name}={value!r}: {_NOT_HERE[name]}.")
        frequency = 1 if update_freq == "batch" else update_freq
        if frequency != "epoch" and (not isinstance(frequency, int) or frequency < 1):
            raise ValueError(
                f"update_freq is 'epoch', 'batch' or a number of batches from 1 up, not "
                f"{update_freq!r}."
            )
        resources.need("tensorboardX", "tensorboardX", "TensorBoard")
        self.log_dir = os.fspath(log_dir)
        self.histogram_freq = histogram_freq
        self.write_graph = write_graph
        self.write_steps_per_second = write_steps_per_second
        self.update_freq = frequency
        self._writers: dict[str, Any] = {}
        self._training = False
        self._batches = 0
        self._batch_time = self._epoch_time = 0.0
        self._epoch_start = 0

    now_and_then = True  # batches are reckoned only when they are written

    def hears(self, event: str) -> bool:
        """Batches matter only where they are written."""
        batches = self.update_freq != "epoch"
        return super().hears(event) and (batches or "batch" not in event)

    def on_train_begin(self, logs: Logs = None) -> None:  # noqa: D102
        self._close()
        self._training, self._batches = True, 0
        self._batch_time = time.perf_counter()

    def on_train_batch_end(  # noqa: D102
        self, batch: int, logs: Callable[[], dict[str, Any]] | Logs = None
    ) -> None:
        self._batches += 1
        now = time.perf_counter()
        taken, self._batch_time = now - self._batch_time, now
        if self.update_freq == "epoch" or self._batches % int(self.update_freq):
            return
        results = logs() if callable(logs) else dict(logs or {})
        if self.write_steps_per_second and taken:
            results["steps_per_second"] = 1 / taken
        self._write("train", "batch_{}", results, self._batches)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:  # noqa: D102
        self._epoch_time, self._epoch_start = time.perf_counter(), self._steps()
        self._batch_time = self._epoch_time

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:  # noqa: D102
        logs = dict(logs or {})
        held = {key[4:]: value for key, value in logs.items() if key.startswith("val_")}
        train = {key: value for key, value in logs.items() if not key.startswith("val_")}
        train["learning_rate"] = float(self.model.optimizer.learning_rate)
        if self.write_steps_per_second:
            taken = time.perf_counter() - self._epoch_time
            train["steps_per_second"] = (self._steps() - self._epoch_start) / taken
        self._write("train", "epoch_{}", train, epoch)
        if held:
            self._write("validation", "epoch_{}", held, epoch)
        if self.histogram_freq and epoch % self.histogram_freq == 0:
            for weight in self.model.weights:
                values = np.asarray(weight, np.float64)
                self._writer("train").add_histogram(f"{weight.path}/histogram", values, epoch)
        # What is there can be looked at while the next epoch runs.
        for writer in self._writers.values():
            writer.flush()

    def on_test_end(self, logs: Logs = None) -> None:  # noqa: D102
        self._write("validation", "evaluation_{}_vs_iterations", logs or {}, self._steps())
        if not self._training:
            self._close()

    def on_train_end(self, logs: Logs = None) -> None:  # noqa: D102
        self._training = False
        self._close()

    def _steps(self) -> int:
        optimizer = self.model.optimizer
        return int(np.asarray(optimizer.iterations)) if optimizer is not None else 0

    def _write(self, part: str, name: str, numbers: dict[str, Any], step: int) -> None:
        for key, value in numbers.items():
            if np.ndim(value):
                self._write(part, name, {f"{key}_{i}": v for i, v in enumerate(value)}, step)
            else:
                self._writer(part).add_scalar(name.format(key), float(value), step)

    def _writer(self, part: str) -> Any:
        if part not in self._writers:
            from tensorboardX import SummaryWriter

            folder = Path(self.log_dir, part)
            folder.mkdir(parents=True, exist_ok=True)
            suffix = f".{os.getpid()}.{next(_count):06}"
            self._writers[part] = SummaryWriter(str(folder), filename_suffix=suffix)
        return self._writers[part]

    def _close(self) -> None:
        while self._writers:
            self._writers.popitem()[1].close()
