"""What fit and evaluate are made of: preparing the data, one step, one epoch, one evaluation."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
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
from dlcore.trainer.replay import Replays, Step
from dlcore.trainer.waiting import compiling_notice


class Steps:
    """The inside of the Trainer, for a model that is compiled."""

    optimizer: optimizers.Optimizer
    trainable_weights: list[Variable]
    stop_training = False
    run_eagerly = False
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

    def _train_step(self, variables: list[Variable]) -> Callable[..., tuple[Tensor, Tensor]]:
        """Forward, loss, backward, update: one training step, as a function of its batch.

        It returns the outputs and the loss from before the update. All that it does is done by
        kernels, so that it can be recorded.
        """
        compiled = self._compiled
        assert compiled is not None and compiled.loss is not None
        loss_function = compiled.loss

        def step(x: np.ndarray, y: np.ndarray, weights: np.ndarray | None) -> Any:
            y_pred = self._outputs(x, training=True)
            loss = loss_function(y, y_pred, weights)
            if variables:
                self.optimizer.apply(gradients(loss, variables), variables)
            return y_pred, loss

        return step

    def _test_step(self) -> Callable[..., tuple[Tensor, Tensor]]:
        """Forward and loss, as a function of the batch."""
        compiled = self._compiled
        assert compiled is not None and compiled.loss is not None
        loss_function = compiled.loss

        def step(x: np.ndarray, y: np.ndarray, weights: np.ndarray | None) -> Any:
            y_pred = self._outputs(x, training=False)
            return y_pred, loss_function(y, y_pred, weights)

        return step

    def _epoch(
        self, epoch: int, batches: Batches, order: np.ndarray, step: Step, watching: CallbackList
    ) -> None:
        """Train on all batches, with the rows in the given order."""
        compiled = self._compiled
        assert compiled is not None
        compiled.reset()
        before = Snapshot(self)
        for number, rows in enumerate(batches.in_order(order)):
            watching.on_train_batch_begin(number)
            with compiling_notice(number == 0 and watching.params["verbose"] != 0):
                y_pred, loss = step(*rows)
            value = loss.data.item()
            if not math.isfinite(value):
                self._diverged(epoch, number, batches, order, before, value)
            compiled.update(value, rows[1], y_pred, rows[2])
            if watching.wants_batches:
                watching.on_train_batch_end(number, compiled.results)
            if self.stop_training:
                break

    def _diverged(
        self,
        epoch: int,
        number: int,
        batches: Batches,
        order: np.ndarray,
        before: Snapshot,
        loss: float,
    ) -> None:
        """Go through the epoch once more to say what broke; the weights from before it stay.

        The step itself has updated the weights with gradients that are no numbers, so that in them
        nothing could be seen any more.
        """
        before.restore()
        step = self._train_step(self.trainable_weights)
        rows = batches.in_order(order)
        for _ in range(number):
            step(*next(rows))
        text = explanation(self, loss, next(rows)[0], epoch, number)
        before.restore()
        raise Divergence(text)

    def _tested(self, batches: Batches, watching: CallbackList | None = None) -> Logs:
        compiled = self._compiled
        assert compiled is not None and compiled.loss is not None
        compiled.reset()
        watching = watching or CallbackList([], self)
        watching.on_test_begin()
        try:
            step = Replays(self._test_step(), self)
            with no_grad():
                for number, rows in enumerate(batches.in_order()):
                    watching.on_test_batch_begin(number)
                    y_pred, loss = step(*rows)
                    compiled.update(loss.data.item(), rows[1], y_pred, rows[2])
                    if watching.wants_batches:
                        watching.on_test_batch_end(number, compiled.results)
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
