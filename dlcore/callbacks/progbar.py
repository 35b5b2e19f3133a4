"""Progress, in a notebook, a terminal or a log."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from typing import Any

from dlcore.callbacks.callback import Callback, Logs
from dlcore.callbacks.display import as_text, place

_INTERVAL = 0.1  # seconds between two looks at the numbers of an epoch
_DELAY = 0.5  # seconds that predict may take without a bar


class ProgbarLogger(Callback):
    """Shows how far the training is, and its numbers.

    In a terminal each epoch has a bar while it runs, and is a line with all its numbers when it
    has run. In a notebook that shows widgets there is one bar for the whole training. In a log,
    and with verbose=2, each epoch is a line, and there is never a carriage return.

    Args:
        verbose: 0 nothing, 1 as above, 2 always lines.
    """

    def __init__(self, verbose: int = 1) -> None:
        super().__init__()
        self.verbose = verbose
        self._place = "silent" if verbose == 0 else "log" if verbose == 2 else place()
        self._bar: Any = None
        self._started = self._seen = 0.0

    now_and_then = True
    comes_last = True

    def hears(self, event: str) -> bool:
        """Batches matter only where there is a bar."""
        return super().hears(event) and (
            "batch" not in event or self._place in ("terminal", "notebook")
        )

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:  # noqa: D102
        self._started = time.perf_counter()
        label = f"Epoch {epoch + 1}/{self.params['epochs']}"
        if self._place == "terminal":
            self._bar = _bar(False, self.params["steps"], label)
        elif self._place == "notebook":
            if self._bar is None:
                left = self.params["epochs"] - epoch
                self._bar = _bar(True, left * self.params["steps"], label)
            self._bar.set_description_str(label, refresh=False)

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: D102
        self._advance(logs)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:  # noqa: D102
        self._finish(f"Epoch {epoch + 1}/{self.params['epochs']}", logs)

    def on_train_end(self, logs: Logs = None) -> None:  # noqa: D102
        self._close()

    def on_test_begin(self, logs: Logs = None) -> None:  # noqa: D102
        self._started = time.perf_counter()
        if self._place in ("terminal", "notebook"):
            self._bar = _bar(self._place == "notebook", self.params["steps"], "Evaluate")

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: D102
        self._advance(logs)

    def on_test_end(self, logs: Logs = None) -> None:  # noqa: D102
        self._finish(f"Evaluate {self.params['steps']} batches", logs)
        self._close()

    def on_predict_begin(self, logs: Logs = None) -> None:  # noqa: D102
        if self._place in ("terminal", "notebook"):
            notebook = self._place == "notebook"
            self._bar = _bar(notebook, self.params["steps"], "Predict", delay=_DELAY)

    def on_predict_batch_end(self, batch: int, logs: Logs = None) -> None:  # noqa: D102
        if self._bar is not None:
            self._bar.update()

    def on_predict_end(self, logs: Logs = None) -> None:  # noqa: D102
        self._close()

    def _advance(self, results: Callable[[], dict[str, Any]] | Logs) -> None:
        if self._bar is None:
            return
        now = time.perf_counter()
        if now - self._seen > _INTERVAL:
            self._seen = now
            logs = results() if callable(results) else results
            self._bar.set_postfix_str(as_text(logs), refresh=False)
        self._bar.update()

    def _finish(self, label: str, logs: Logs) -> None:
        """The last word on an epoch, or on evaluate."""
        if self._place == "notebook" and self._bar is not None:
            self._bar.set_postfix_str(as_text(logs), refresh=True)
        elif self._place in ("log", "terminal"):
            self._close()
            seconds = time.perf_counter() - self._started
            print(f"{label} - {seconds:.1f}s - {as_text(logs)}", flush=True)

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _bar(notebook: bool, total: int, label: str, delay: float = 0) -> Any:
    # Loaded here: tqdm and ipywidgets are not needed by those who print nothing.
    if notebook:
        from tqdm.notebook import tqdm_notebook

        return tqdm_notebook(total=total, desc=label, delay=delay)
    from tqdm import tqdm

    return tqdm(
        total=total,
        desc=label,
        delay=delay,
        file=sys.stdout,
        leave=False,
        # Asked anew for each bar. Where a terminal does not tell its size, 80 columns are assumed;
        # tqdm would draw nothing.
        ncols=shutil.get_terminal_size().columns,
        nrows=20,
        bar_format="{desc} {percentage:3.0f}%|{bar:10}| {n_fmt}/{total_fmt} [{elapsed}]{postfix}",
    )
