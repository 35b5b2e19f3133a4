"""One batch at a time: for a training loop of one's own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from dlcore import tree
from dlcore.interrupts import held
from dlcore.program import Program
from dlcore.tensor import no_grad
from dlcore.trainer.compiled import Logs, as_logs
from dlcore.trainer.divergence import Divergence, Snapshot, explanation
from dlcore.trainer.intake import Intake
from dlcore.trainer.steps import Steps
from dlcore.trainer.threads import single_threaded_blas
from dlcore.utils.py_dataset import pack_x_y_sample_weight


class BatchMethods(Steps):
    """train_on_batch, test_on_batch and predict_on_batch."""

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Take one step on one batch; returns what `evaluate` returns, for this batch alone."""
        with held(), single_threaded_blas():
            logs = self._one_batch(x, y, sample_weight, class_weight, True)
        return returned(logs, return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Measure the model on one batch; returns what `evaluate` returns."""
        with held(), single_threaded_blas(), no_grad():
            logs = self._one_batch(x, y, sample_weight, None, False)
        return returned(logs, return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch, as an array or, for several outputs, as the model gives."""
        with held(), single_threaded_blas(), no_grad():
            intake = Intake(self, None)
            y = self.predict_step((intake.data(intake.take(x))[0],))
            return tree.transform(lambda leaf: np.array(leaf.data), y)

    def _one_batch(self, x: Any, y: Any, weight: Any, class_weight: Any, training: bool) -> Logs:
        name = "train_step" if training else "test_step"
        compiled = self._require_compiled(f"{name.removesuffix('_step')}_on_batch")
        intake = Intake(self, compiled, self._overrides(name))
        arrays = intake.take(x, y, weight, class_weight)
        self.reset_metrics()
        data = pack_x_y_sample_weight(*intake.data(arrays))
        if self._overrides(name):
            return as_logs(getattr(self, name)(data))
        before = Snapshot(self) if training else None
        step = Program(getattr(self, name), data=lambda: data)
        logs = step.run_eagerly()
        loss = logs.loss.item()
        if before is not None and not math.isfinite(loss):
            before.restore()
            xs, _, _ = intake.parts(arrays)
            text = explanation(self, loss, xs, 0, int(self.optimizer.iterations))
            before.restore()
            raise Divergence(text)
        step.finish()
        return logs.read()


def returned(logs: Logs, as_dict: bool) -> Any:
    """Results as a dict, a list, or a bare number where there is one alone."""
    if as_dict:
        return logs
    values = list(logs.values())
    return values[0] if len(values) == 1 else values
