"""One batch at a time: for a training loop of one's own."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from dlcore import tree
from dlcore.interrupts import held
from dlcore.tensor import no_grad
from dlcore.trainer.compiled import Logs
from dlcore.trainer.divergence import Divergence, Snapshot, explanation
from dlcore.trainer.intake import Intake, outputs_of
from dlcore.trainer.loop import as_logs
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
            xs = [array for array in intake.take(x) if array is not None]
            y = outputs_of(self, intake.argument(xs), len(xs[0]), False)
            return tree.transform(lambda leaf: np.array(leaf.data), y)

    def _one_batch(self, x: Any, y: Any, weight: Any, class_weight: Any, training: bool) -> Logs:
        name = "train" if training else "test"
        compiled = self._require_compiled(f"{name}_on_batch")
        own_step = self._overrides(f"{name}_step")
        intake = Intake(self, compiled, own_step)
        arrays = intake.take(x, y, weight, class_weight)
        self.reset_metrics()
        if own_step:
            data = pack_x_y_sample_weight(*intake.data(arrays))
            return as_logs(getattr(self, f"{name}_step")(data))
        before = Snapshot(self) if training else None
        outputs, loss, left = self._step(intake, training)(*arrays)
        xs, targets, weights = intake.parts(arrays)
        value = float(loss.data)
        if before is not None and not math.isfinite(value):
            before.restore()
            text = explanation(self, value, xs, 0, int(self.optimizer.iterations))
            before.restore()
            raise Divergence(text)
        if self._overrides("compute_metrics"):
            data_x, data_y, data_w = intake.data(arrays)
            assert intake.outputs is not None
            y_pred = intake.outputs.packed(outputs)
            return as_logs(self.compute_metrics(data_x, data_y, y_pred, data_w))
        if left:
            compiled.measure_others(targets, outputs, weights, left)
        return self.get_metrics_result()


def returned(logs: Logs, as_dict: bool) -> Any:
    """Results as a dict, a list, or a bare number where there is one alone."""
    if as_dict:
        return logs
    values = list(logs.values())
    return values[0] if len(values) == 1 else values
