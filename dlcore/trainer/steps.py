"""What a step of fit, evaluate and predict does; a model of one's own may override it."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from dlcore import metrics, ops, optimizers, tree
from dlcore.program import after_step
from dlcore.tensor import Tensor, Variable, gradients
from dlcore.trainer.compiled import Compiled, Logs, StepLogs, as_number, detached
from dlcore.trainer.outputs import output_names
from dlcore.utils.py_dataset import unpack_x_y_sample_weight


class Steps:
    """The steps of a compiled model.

    A subclass may override `compute_loss`, `compute_metrics`, or whole steps: `train_step(data)`,
    `test_step(data)` and `predict_step(data)`. The built-in steps are recorded and replayed; a step
    of one's own runs as it is each time, so that it may do anything:

        class Mine(Model):
            def train_step(self, data):
                x, y = data
                with GradientTape() as tape:
                    y_pred = self(x, training=True)
                    loss = self.compute_loss(y=y, y_pred=y_pred)
                gradients = tape.gradient(loss, self.trainable_variables)
                self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
                return {"loss": loss}
    """

    optimizer: optimizers.Optimizer
    trainable_weights: list[Variable]
    losses: list[Tensor]
    stop_training = False
    run_eagerly = False
    _compiled: Compiled | None = None

    def train_step(self, data: Any) -> Any:
        """Take one training step on a batch.

        Args:
            data: x, `(x, y)` or `(x, y, sample_weight)`, of tensors or structures of them.

        Returns:
            What is shown and kept in the history: numbers by name, in a dict or `StepLogs`.
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=True)  # type: ignore[operator]
        loss = self._loss_of(x, y, y_pred, sample_weight, training=True)
        variables = self.trainable_weights
        if variables:
            self.optimizer.apply(gradients(loss, variables), variables)
        return self._measured(x, y, y_pred, sample_weight, loss)

    def test_step(self, data: Any) -> Any:
        """Measure one batch; arguments and result as for `train_step`."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)  # type: ignore[operator]
        loss = self._loss_of(x, y, y_pred, sample_weight, training=False)
        return self._measured(x, y, y_pred, sample_weight, loss)

    def predict_step(self, data: Any) -> Any:
        """The outputs for a batch of inputs."""
        x, _, _ = unpack_x_y_sample_weight(data)
        return self(x, training=False)  # type: ignore[operator]

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Tensor:
        """The loss of a batch: those of `compile`, and those that layers add (`model.losses`).

        Args:
            x: inputs, for a method that overrides this one.
            y: targets, in the structure of the outputs.
            y_pred: what the model returned for x.
            sample_weight: weights of the rows, None or as y.
            training: whether the model is being trained.

        Raises:
            RuntimeError: if there is no loss at all.
        """
        compiled = self._require_compiled("compute_loss")
        names = output_names(self, y_pred)
        outputs = tree.leaves(y_pred)
        targets, weights = (_by_output(given, names) for given in (y, sample_weight))
        if [head.name for head in compiled.heads] != names:
            compiled.plan(names)
        for place, (target, output) in enumerate(zip(targets, outputs, strict=True)):
            if target is not None:
                compiled.settle(place, target.shape, output.shape)
        total = compiled.total(targets, outputs, weights)
        for extra in self.losses:
            extra = ops.convert_to_tensor(extra)
            extra = ops.sum(extra) if extra.ndim else extra
            total = extra if total is None else ops.add(total, extra)
        if total is None:
            raise RuntimeError(
                "The model was compiled without a loss, and its layers add none; compile it with a "
                "loss such as 'mse' or 'binary_crossentropy'."
            )
        return total

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Logs:
        """Let the metrics of `compile` take in a batch, and return the results of all so far."""
        self._update_metrics(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def _update_metrics(self, y: Any, y_pred: Any, sample_weight: Any) -> None:
        compiled = self._require_compiled("compute_metrics")
        names = [head.name for head in compiled.heads] or output_names(self, y_pred)
        arrays = [
            [None if v is None else v.data if isinstance(v, Tensor) else v for v in values]
            for values in (_by_output(y, names), _by_output(sample_weight, names))
        ]
        compiled.measure(arrays[0], tree.leaves(y_pred), arrays[1])

    def get_metrics_result(self) -> Logs:
        """The results of all metrics so far, the mean loss first."""
        compiled = self._require_compiled("get_metrics_result")
        return compiled.results() | {
            metric.name: as_number(metric.result()) for metric in self._own_metrics()
        }

    def reset_metrics(self) -> None:
        """Let all metrics forget what they have seen."""
        self._require_compiled("reset_metrics").reset()
        for metric in self._own_metrics():
            metric.reset_state()

    def _require_compiled(self, method: str) -> Compiled:
        if self._compiled is None:
            raise RuntimeError(
                f"The model is not compiled yet: before {method}, call model.compile("
                "optimizer='adam', loss=…) with a loss such as 'mse' or 'binary_crossentropy'."
            )
        return self._compiled

    def _own_metrics(self) -> list[metrics.Metric]:
        """Metrics that the model has beside those of compile."""
        compiled = self._compiled
        known = set() if compiled is None else {id(metric) for metric in compiled.everything}
        return [metric for metric in self.metrics if id(metric) not in known]  # type: ignore

    def _overrides(self, name: str) -> bool:
        """Whether the class of the model has a method of its own in place of one of these."""
        return getattr(type(self), name) is not getattr(Steps, name)

    @property
    def _must_be_eager(self) -> bool:
        # A metric that a compute_loss feeds would miss the steps that are replayed.
        return self._overrides("compute_loss") and bool(self._own_metrics())

    def _loss_of(self, x: Any, y: Any, y_pred: Any, sample_weight: Any, training: bool) -> Tensor:
        """`compute_loss`, also one without the argument `training`."""
        given = {"x": x, "y": y, "y_pred": y_pred, "training": training}
        given["sample_weight"] = sample_weight
        parameters = inspect.signature(self.compute_loss).parameters
        if not any(p.kind == p.VAR_KEYWORD for p in parameters.values()):
            given = {name: value for name, value in given.items() if name in parameters}
        return ops.convert_to_tensor(self.compute_loss(**given))

    def _measured(self, x: Any, y: Any, y_pred: Any, sample_weight: Any, loss: Tensor) -> StepLogs:
        """Count the loss of a batch, let the metrics take it in, and promise their results."""
        compiled = self._require_compiled("compute_metrics")
        compiled.count(len(tree.leaves(x)[0]), loss)
        # What the tape holds, all that was calculated on the way, is needed no more.
        y_pred = tree.transform(detached, y_pred)
        if not self._overrides("compute_metrics"):
            self._update_metrics(y, y_pred, sample_weight)
            return StepLogs(loss.data, self.get_metrics_result)
        logs = StepLogs(loss.data)
        after_step(logs.become, self.compute_metrics, x, y, y_pred, sample_weight)
        return logs


def _by_output(given: Any, names: Sequence[str]) -> list[Any]:
    """One entry for each output out of targets or weights; a single one serves them all."""
    if isinstance(given, dict) and set(given) <= set(names):
        return [given.get(name) for name in names]
    if isinstance(given, dict | list | tuple):
        return tree.leaves(given)
    return [given] * len(names)
