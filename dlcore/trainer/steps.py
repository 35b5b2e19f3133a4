"""What fit and evaluate are made of: preparing the data, one step, one epoch, one evaluation."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from dlcore import optimizers
from dlcore.callbacks import CallbackList
from dlcore.tensor import Tensor, Variable, gradients, no_grad
from dlcore.trainer import checks
from dlcore.trainer.arrays import numbers, refuse_gaps, same_length
from dlcore.trainer.batches import Batches, Rows, class_weights
from dlcore.trainer.compiled import Compiled, Logs
from dlcore.trainer.divergence import Divergence, Snapshot, explanation
from dlcore.trainer.matching import check_last_layer, check_metrics, fitted_targets
from dlcore.trainer.waiting import compiling_notice


class Steps:
    """The inside of the Trainer, for a model that is compiled."""

    optimizer: optimizers.Optimizer
    trainable_weights: list[Variable]
    stop_training = False
    _compiled: Compiled | None = None

    def _require_compiled(self, method: str) -> Compiled:
        if self._compiled is None:
            raise RuntimeError(
                f"The model is not compiled yet: before {method}, call model.compile("
                "optimizer='adam', loss=…) with a loss such as 'mse' or 'binary_crossentropy'."
            )
        if self._compiled.loss is None:
            raise RuntimeError(
                f"The model was compiled without a loss, which {method} needs; compile it with a "
                "loss such as 'mse' or 'binary_crossentropy'."
            )
        return self._compiled

    def _prepared(
        self,
        x: Any,
        y: Any,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        what: str = "",
    ) -> Rows:
        """Inputs, targets and weights as arrays that fit the model; every check of the data."""
        compiled = self._compiled
        assert compiled is not None
        x, y = numbers(x, f"x {what}".strip()), numbers(y, f"y {what}".strip())
        weights = None
        if sample_weight is not None:
            weights = checks.row_weights(numbers(sample_weight, "sample_weight"), len(x))
        same_length(x=x, y=y)
        refuse_gaps(x, f"x {what}".strip())
        refuse_gaps(y, f"y {what}".strip())
        x = checks.fitted_inputs(x, self)
        with no_grad():
            output = (len(x), *self._outputs(x[:1], training=False).shape[1:])
        if class_weight is not None:
            by_class = class_weights(y, class_weight).astype(x.dtype)
            weights = by_class if weights is None else by_class * weights
        check_last_layer(self, compiled.loss, output)
        y = fitted_targets(y, compiled.loss, output)
        compiled.settle(y.shape, output)
        check_metrics(compiled.metrics, y)
        return x, y, weights

    def _step(self, rows: Rows, variables: list[Variable]) -> float:
        """Forward, loss, backward, update: one training step. The loss is that before the update.

        A loss that is not finite changes nothing.
        """
        x, y, weights = rows
        compiled = self._compiled
        assert compiled is not None and compiled.loss is not None
        y_pred = self._outputs(x, training=True)
        loss = compiled.loss(y, y_pred, weights)
        value = float(loss)
        if math.isfinite(value):
            if variables:
                self.optimizer.apply(gradients(loss, variables), variables)
            compiled.update(value, y, y_pred, weights)
        return value

    def _epoch(
        self,
        epoch: int,
        batches: Iterator[Rows],
        variables: list[Variable],
        watching: CallbackList,
    ) -> None:
        compiled = self._compiled
        assert compiled is not None
        compiled.reset()
        before = Snapshot(self)
        step = 0
        for rows in batches:
            watching.on_train_batch_begin(step)
            if step == 0:
                with compiling_notice(watching.params["verbose"] != 0):
                    loss = self._step(rows, variables)
            else:
                loss = self._step(rows, variables)
            if not math.isfinite(loss):
                text = explanation(self, loss, rows[0], epoch, step)
                before.restore()
                raise Divergence(text)
            if watching.wants_batches:
                watching.on_train_batch_end(step, compiled.results())
            if self.stop_training:
                break
            step += 1

    def _tested(self, batches: Batches, watching: CallbackList | None = None) -> Logs:
        compiled = self._compiled
        assert compiled is not None and compiled.loss is not None
        compiled.reset()
        watching = watching or CallbackList([], self)
        watching.on_test_begin()
        try:
            with no_grad():
                for step, (x, y, weights) in enumerate(batches.in_order()):
                    watching.on_test_batch_begin(step)
                    y_pred = self._outputs(x, training=False)
                    loss = compiled.loss(y, y_pred, weights)
                    compiled.update(float(loss), y, y_pred, weights)
                    if watching.wants_batches:
                        watching.on_test_batch_end(step, compiled.results())
        finally:
            watching.on_test_end(compiled.results())
        return compiled.results()

    def _outputs(self, x: np.ndarray, training: bool) -> Tensor:
        y = self(Tensor(x), training=training)  # type: ignore[operator]
        if not isinstance(y, Tensor) or y.ndim == 0 or len(y.data) != len(x):
            found = f"shape {y.shape}" if isinstance(y, Tensor) else f"a {type(y).__name__}"
            raise ValueError(
                f"A model returns a Tensor with one row of output for each row of input; for "
                f"{len(x)} rows this one returned {found}."
            )
        return y
