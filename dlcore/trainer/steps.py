"""What a step of fit, evaluate and predict does; a model of one's own may override it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from dlcore import metrics, ops, optimizers, tree
from dlcore.tensor import Tensor, Variable, gradients
from dlcore.trainer.compiled import Compiled, Logs, as_number
from dlcore.trainer.intake import Intake, outputs_of
from dlcore.trainer.outputs import output_names
from dlcore.trainer.pending import Rest
from dlcore.utils.py_dataset import unpack_x_y_sample_weight

# The outputs of a batch, its loss, and the metrics that have not taken it in.
Taken = tuple[list[Tensor], Tensor, list[Rest]]


class Steps:
    """The steps of a compiled model.

    A subclass may override `compute_loss`, or whole steps: `train_step(data)`, `test_step(data)`
    and `predict_step(data)`. The built-in steps are recorded and replayed; a `train_step` or
    `test_step` of one's own runs step by step, so that it may do anything:

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

    def train_step(self, data: Any) -> Logs:
        """Take one training step on a batch.

        Args:
            data: x, `(x, y)` or `(x, y, sample_weight)`, of tensors or structures of them.

        Returns:
            What is shown and kept in the history: numbers by name.
        """
        x, y, weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=True)  # type: ignore[operator]
        loss = self._loss_of(x, y, y_pred, weight, True)
        variables = self.trainable_weights
        if variables:
            self.optimizer.apply(gradients(loss, variables), variables)
        return self._measured(x, y, y_pred, weight, loss)

    def test_step(self, data: Any) -> Logs:
        """Measure one batch; arguments and result as for `train_step`."""
        x, y, weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)  # type: ignore[operator]
        return self._measured(x, y, y_pred, weight, self._loss_of(x, y, y_pred, weight, False))

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
        return self._sum_of_losses(targets, outputs, weights)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Logs:
        """Let the metrics of `compile` take in a batch, and return the results of all so far."""
        compiled = self._require_compiled("compute_metrics")
        names = [head.name for head in compiled.heads] or output_names(self, y_pred)
        arrays = [
            [None if v is None else v.data if isinstance(v, Tensor) else v for v in values]
            for values in (_by_output(y, names), _by_output(sample_weight, names))
        ]
        compiled.measure(arrays[0], tree.leaves(y_pred), arrays[1])
        return self.get_metrics_result()

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

    def _loss_of(self, x: Any, y: Any, y_pred: Any, weight: Any, training: bool) -> Tensor:
        """`compute_loss`, also one without the argument `training`."""
        given = {"x": x, "y": y, "y_pred": y_pred, "sample_weight": weight, "training": training}
        parameters = inspect.signature(self.compute_loss).parameters
        if not any(p.kind == p.VAR_KEYWORD for p in parameters.values()):
            given = {name: value for name, value in given.items() if name in parameters}
        return ops.convert_to_tensor(self.compute_loss(**given))

    def _sum_of_losses(
        self, targets: Sequence[Any], outputs: Sequence[Tensor], weights: Sequence[Any]
    ) -> Tensor:
        assert self._compiled is not None
        total = self._compiled.total(targets, outputs, weights)
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

    def _measured(self, x: Any, y: Any, y_pred: Any, weight: Any, loss: Tensor) -> Logs:
        assert self._compiled is not None
        compiled, rows = self._compiled, len(tree.leaves(x)[0])
        compiled.count(rows, loss, compiled.parts)
        return self.compute_metrics(x, y, y_pred, weight)

    def _step(
        self,
        intake: Intake,
        training: bool,
        fill: Callable[[Any], None] | None = None,
        measures: bool = True,
    ) -> Callable[..., Taken]:
        """A built-in step as a function of the arrays of its batch.

        In training it is forward, loss, backward, update, and returns the outputs and the losses
        from before the update. All that it does is done by kernels, so that it can be recorded.

        Args:
            intake: what knows the arrays.
            training: whether to train.
            fill: what fetches the rows of a batch into its arrays; None where they are there.
            measures: whether the mean loss and the metrics take the batch in.
        """
        compiled = self._require_compiled("fit")
        variables = self.trainable_weights if training else []
        own_loss, own_metrics = map(self._overrides, ("compute_loss", "compute_metrics"))

        def step(*arrays: Any) -> Taken:
            if fill is not None:
                fill(arrays)
            xs, targets, weights = intake.parts(arrays)
            x = intake.argument(xs)
            y_pred = outputs_of(self, x, len(xs[0]), training)
            outputs = tree.leaves(y_pred)
            compiled.parts = []
            if own_loss:
                _, y, weight = intake.data(arrays)
                loss = self._loss_of(x, y, y_pred, weight, training)
            else:
                loss = self._sum_of_losses(targets, outputs, weights)
            if variables:
                self.optimizer.apply(gradients(loss, variables), variables)
                # What the tape holds, all that was calculated on the way, is needed no more.
                outputs, loss = [_without_tape(y) for y in outputs], _without_tape(loss)
                compiled.parts = [_without_tape(part) for part in compiled.parts]
            left: list[Rest] = []
            if measures:
                compiled.count(len(xs[0]), loss, compiled.parts)
            if measures and not own_metrics:
                left = compiled.measure_by_kernels(targets, outputs, weights)
            return outputs, loss, left

        return step


def _without_tape(x: Tensor) -> Tensor:
    """The same values, and no longer how they were calculated."""
    y = Tensor(x.data)
    y.mask = x.mask
    return y


def _by_output(given: Any, names: Sequence[str]) -> list[Any]:
    """One entry for each output out of targets or weights; a single one serves them all."""
    if isinstance(given, dict) and set(given) <= set(names):
        return [given.get(name) for name in names]
    if isinstance(given, dict | list | tuple):
        return tree.leaves(given)
    return [given] * len(names)
