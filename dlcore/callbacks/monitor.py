"""What EarlyStopping and ModelCheckpoint share: a number to watch, and which way is better."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from dlcore.callbacks.callback import Callback
from dlcore.utils.lookup import did_you_mean


class MonitorCallback(Callback):
    """Base of the callbacks that watch one number of the logs.

    Args:
        monitor: its name, such as "val_loss".
        mode: "min" or "max": which way is better; "auto" knows it of losses and of the metrics
            of dlcore.
        min_delta: what an improvement must exceed.

    Raises:
        ValueError: if the mode is another.
    """

    def __init__(self, monitor: str, mode: str = "auto", min_delta: float = 0.0) -> None:
        super().__init__()
        if mode not in ("auto", "min", "max"):
            hint = did_you_mean(str(mode), ("auto", "min", "max"))
            raise ValueError(f"mode is 'auto', 'min' or 'max', not {mode!r}.{hint}")
        self.monitor = monitor
        self.mode = mode
        self.min_delta = abs(min_delta)
        self._said = False

    def watched(self, logs: dict[str, Any] | None) -> float | None:
        """The number in the logs; None if it is not there, which is said once.

        Nothing is said of an epoch without a validation where others have one (validation_freq).
        """
        logs = logs or {}
        value = logs.get(self.monitor)
        if value is None and self.is_between_validations(logs):
            return None
        if value is None or np.size(value) != 1:
            if not self._said:
                self._said = True
                warnings.warn(self._missing(logs), stacklevel=5)
            return None
        return float(np.reshape(value, ()))

    def is_between_validations(self, logs: dict[str, Any]) -> bool:
        """Whether an epoch without validation ends, which others of the fit have."""
        measured = any(name.startswith("val_") for name in logs)
        return self.monitor.startswith("val_") and self.model.has_validation and not measured

    def improves(self, value: float, reference: float | None) -> bool:
        """Whether a value is better than another, by more than `min_delta`; anything beats None.

        Raises:
            ValueError: if mode is "auto" and nothing is known of what is monitored.
        """
        if self.mode == "auto":
            self.mode = self._direction()
        if reference is None:
            return True
        if self.mode == "min":
            return value + self.min_delta < reference
        return value - self.min_delta > reference

    def _direction(self) -> str:
        name = self.monitor.removeprefix("val_")
        if name == "loss" or name.endswith("_loss"):
            return "min"
        found = self.model.metric_called(name)
        direction = {"up": "max", "down": "min"}.get(getattr(found, "direction", None) or "")
        if direction is not None:
            return direction
        raise ValueError(
            f"{type(self).__name__} cannot know whether {self.monitor!r} is better when it is "
            "larger or smaller; say mode='max' or mode='min'."
        )

    def _missing(self, logs: dict[str, Any]) -> str:
        if self.monitor in logs:
            return (
                f"{type(self).__name__} monitors one number, but {self.monitor!r} holds "
                f"{np.size(logs[self.monitor])}; it does nothing."
            )
        mend = did_you_mean(self.monitor, logs)
        if self.monitor.startswith("val_") and not any(name.startswith("val_") for name in logs):
            mend = " To measure it, give fit validation_data or a validation_split."
        return (
            f"{type(self).__name__} monitors {self.monitor!r}, which is not measured; there is "
            f"{', '.join(map(repr, logs))}.{mend}"
        )
