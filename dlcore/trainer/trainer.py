"""compile, fit, evaluate and predict, and the one training step; with the semantics of Keras 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dlcore import optimizers
from dlcore.callbacks import CallbackList, History, ProgbarLogger
from dlcore.callbacks.callback import Callbacks
from dlcore.engine.interrupts import undisturbed
from dlcore.engine.tensor import Tensor, gradients, no_grad
from dlcore.layers import Layer
from dlcore.metrics import Metric
from dlcore.trainer import kept_pass, one_batch
from dlcore.trainer.advice import run
from dlcore.trainer.advice.agreement import refuse_other_batches
from dlcore.trainer.compile_utils import CompileLoss, CompileMetrics, Logs, as_number, computed_loss
from dlcore.trainer.data import data_adapter as adapters
from dlcore.trainer.data.structures import output_names
from dlcore.trainer.epochs import (
    Evaluation,
    StepLogs,
    TrainingEpochs,
    predictions,
    returned,
)
from dlcore.utils.lookup import helpful_arguments
from dlcore.utils.targets import unpack_x_y_sample_weight


class Trainer(Layer):
    """The part of a model that trains it: a layer with `fit`; `Model` adds the layers inside.

    A subclass may override `compute_loss`, `compute_metrics`, or whole steps: `train_step(data)`,
    `test_step(data)` and `predict_step(data)`. The built-in steps are recorded and replayed; a step
    of one's own runs as it is each time, so that it may do anything:

        class MyModel(Model):
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
    stop_training = False
    run_eagerly = False
    history: History | None = None
    # Whether the last fit was broken off by an exception; callbacks see it in on_train_end.
    interrupted = False
    has_validation = False  # whether the fit that goes on, or the last one, has one
    # Where BackupAndRestore lets a fit go on: an epoch, and how many of its batches are done.
    resume_at: tuple[int, int] | None = None
    # What gives the batches of the fit that is going on.
    data_adapter: adapters.DataAdapter | None = None
    _compile_loss: CompileLoss | None = None
    _compile_metrics: CompileMetrics

    @helpful_arguments
    def compile(
        self, optimizer: str | dict[str, Any] | optimizers.Optimizer = "rmsprop",
        loss: Any = None, loss_weights: Any = None, metrics: Any = None,
        weighted_metrics: Any = None, run_eagerly: bool = False, steps_per_execution: int = 1,
        jit_compile: str | bool = "auto", auto_scale_loss: bool = True,
    ) -> None:  # fmt: skip
        """Choose how the model is trained and what is measured.

        Args:
            optimizer: a name or an Optimizer; default "rmsprop".
            loss: a name, a Loss, or a function of (y_true, y_pred) that returns one loss a row.
                "crossentropy" is the binary, categorical or sparse categorical one, by the shapes
                of targets and outputs; each is computed from logits where they are known. For
                several outputs: one for all, or a list or dict (by the names of the outputs) with
                one for each; None for an output without a loss.
            loss_weights: what the loss of each output is multiplied by before they are added up: a
                list, or a dict by name; default: 1.
            metrics: a list of names, Metrics and functions of (y_true, y_pred). "accuracy" is the
                one that fits the shapes of targets and outputs. For several outputs: a list or
                dict with such a list for each.
            weighted_metrics: metrics that take the weights of the rows into account.
            run_eagerly: whether every step runs as it is, for a model that does more than its
                tensors show; default False: steps are recorded and replayed.
            steps_per_execution: taken for code that sets it.
            jit_compile: likewise; the kernels are compiled in any case.
            auto_scale_loss: likewise.

        Raises:
            ValueError, TypeError: for a name that does not exist or something of a wrong kind.
        """
        run.whole(steps_per_execution, "steps_per_execution")
        self._compile_loss = CompileLoss(loss, loss_weights)
        self._compile_metrics = CompileMetrics(metrics, weighted_metrics)
        if getattr(self, "outputs", None):
            self._build_losses(output_names(self, self.output))
        self.optimizer = optimizers.get(optimizer)
        self.run_eagerly = run_eagerly
        # As it was given, for files; the optimizer is asked itself.
        self._compile_arguments = {
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
            "jit_compile": jit_compile,
        }

    @helpful_arguments
    def fit(
        self, x: Any = None, y: Any = None, batch_size: int | None = None, epochs: int = 1,
        verbose: str | int = "auto", callbacks: Callbacks = None, validation_split: float = 0.0,
        validation_data: Any = None, shuffle: bool | str = True,
        class_weight: Mapping[int, float] | None = None, sample_weight: Any = None,
        initial_epoch: int = 0, steps_per_epoch: int | None = None,
        validation_steps: int | None = None, validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
    ) -> History:  # fmt: skip
        """Train the model on rows of data.

        The loss and metrics of an epoch are means over its batches *while* the weights change,
        so they differ a little from what `evaluate` then says of the last weights.

        Args:
            x: inputs `(n, ...)`: an array, a list, a table; for several inputs a list of arrays or
                a dict by name. Or what gives batches `(x, y)` or `(x, y, sample_weight)` one by
                one: a generator, another iterable, a PyDataset; or a list of batches.
            y: targets, in the shape of the outputs; `(n,)` for outputs `(n, 1)` and for class
                numbers. For several outputs a list of arrays or a dict by name.
            batch_size: rows of a step; default 32. The last batch of an epoch has what is left.
            epochs: how often to go through the data; with initial_epoch, the epoch to stop at.
            verbose: "auto" or 1: a progress bar, or a line an epoch where the output goes to a
                file; 2: a line an epoch; 0: nothing.
            callbacks: a Callback or a list of them.
            validation_split: the share of rows at the end, unshuffled, that are only evaluated.
            validation_data: (x, y) or (x, y, sample_weight) to evaluate after each epoch, or what
                gives such batches; with them validation_split is left aside.
            shuffle: whether each epoch takes the rows in a new random order; default True. "batch"
                changes the order inside each batch alone. A PyDataset gives its batches in a new
                order; other iterables are taken as they come.
            class_weight: weight of each class, such as {0: 1.0, 1: 2.5}; of sequences, each step.
            sample_weight: weight of each row `(n,)`; it multiplies the loss of the row. For
                sequences also `(n, steps)`; for several outputs also a list or dict.
            initial_epoch: the number of the first epoch, from 0; for a run that is continued.
            steps_per_epoch: batches of an epoch; default: all. With a number, an epoch goes on
                where the last one stopped, and the data begin anew when they end.
            validation_steps: batches of a validation; default: all.
            validation_batch_size: default: batch_size.
            validation_freq: a number: every so many epochs are followed by a validation; or a list
                of those epochs, counted from 1. Default 1.

        Returns:
            The History; `history.history` maps "loss", each metric and, with validation,
            "val_loss" and so on to one number an epoch. It is also `model.history`.

        Raises:
            ValueError, TypeError: before compile, or if something does not fit; nothing is trained.
            Divergence: if the loss becomes NaN or infinite. The weights are put back to what they
                were at the end of the last good epoch. With `TerminateOnNaN()` fit returns instead.
            KeyboardInterrupt: on Ctrl-C, after the step that is going on; a second Ctrl-C does not
                wait for its end. The weights are those of the last finished step (of the best
                epoch with `EarlyStopping(restore_best_weights=True)`), and `model.history` holds
                the finished epochs. Any other exception leaves the same.
        """
        self._require_compiled("fit")
        batch_size = run.whole(32 if batch_size is None else batch_size, "batch_size")
        epochs = run.whole(epochs, "epochs")
        initial_epoch = run.whole(initial_epoch, "initial_epoch", least=0)
        verbose = run.verbosity(verbose)
        held_out, share = run.validation(validation_data, validation_split, self)
        validates = run.frequency(validation_freq)
        callbacks = run.callbacks(callbacks)
        self.history = History()
        with undisturbed():
            with run.compiling_notice(verbose != 0):
                adapter, rest = adapters.for_training(
                    self, x, y, sample_weight, class_weight, batch_size, steps_per_epoch, shuffle,
                    share,
                )  # fmt: skip
                refuse_other_batches(self, adapter, "training data", epochs - initial_epoch)
                size = batch_size if validation_batch_size is None else validation_batch_size
                validation = adapters.for_validation(
                    self, held_out, rest, adapter, size, validation_steps
                )
            run.say_idle(self, epochs - initial_epoch, initial_epoch)
            if self.trainable_weights:
                self.optimizer.prepare(self.trainable_weights)
            training = TrainingEpochs(self, adapter, validation, callbacks, verbose)
            training.run(initial_epoch, epochs, validates)
        return self.history

    @helpful_arguments
    def evaluate(
        self, x: Any = None, y: Any = None, batch_size: int | None = None,
        verbose: str | int = "auto", sample_weight: Any = None, steps: int | None = None,
        callbacks: Callbacks = None, return_dict: bool = False,
    ) -> Any:  # fmt: skip
        """Measure the model on rows of data, without changing it.

        Args:
            x: inputs, as for `fit`.
            y: targets, as for `fit`.
            batch_size: rows at a time; default 32.
            verbose: as for `fit`.
            sample_weight: weight of each row, as for `fit`.
            steps: how many batches; default: all.
            callbacks: a Callback or a list of them, for their `on_test_…` methods.
            return_dict: whether to return a dict of all results by name.

        Returns:
            The loss, if there are no metrics; else a list [loss, metric, …] in the order of
            `metrics_names`, or a dict.
        """
        self._require_compiled("evaluate")
        batch_size = run.whole(32 if batch_size is None else batch_size, "batch_size")
        verbose = run.verbosity(verbose)
        shown = [ProgbarLogger(verbose)] if verbose else []
        told = CallbackList([*run.callbacks(callbacks), *shown], self)
        with undisturbed():
            with run.compiling_notice(verbose != 0):
                adapter = adapters.for_evaluation(self, (x, y, sample_weight), batch_size, steps)
                refuse_other_batches(self, adapter, "x")
            told.set_params({"steps": adapter.steps, "verbose": verbose})
            return returned(Evaluation(self, adapter, told).run(), return_dict)

    @helpful_arguments
    def predict(
        self, x: Any, batch_size: int | None = None, verbose: str | int = "auto",
        steps: int | None = None, callbacks: Callbacks = None,
    ) -> Any:  # fmt: skip
        """The outputs for rows of data, as an array `(n, ...)`.

        Args:
            x: inputs, as for `fit`.
            batch_size: rows at a time; default 32.
            verbose: 0 for no progress bar; there is one only where it takes some time.
            steps: how many batches; default: all.
            callbacks: a Callback or a list of them, for their `on_predict_…` methods.

        Returns:
            An array, or for several outputs arrays in the structure that the model returns.
        """
        batch_size = run.whole(32 if batch_size is None else batch_size, "batch_size")
        verbose = run.verbosity(verbose)
        again = callbacks is None and steps is None and run.came_before(self, x, batch_size)
        if again and (y := kept_pass.replayed(self, x)) is not None:
            return y
        shown = [ProgbarLogger(verbose)] if verbose else []
        told = CallbackList([*run.callbacks(callbacks), *shown], self)
        with undisturbed():
            adapter = adapters.for_prediction(self, x, batch_size, steps)
            refuse_other_batches(self, adapter, "x")
            told.set_params({"steps": adapter.steps, "verbose": verbose})
            y = predictions(self, adapter, told, verbose != 0)
        if again:
            kept_pass.keep(self, x)
        return y

    def train_step(self, data: Any) -> Any:
        """Take one training step on a batch.

        Args:
            data: x, `(x, y)` or `(x, y, sample_weight)`, of tensors or structures of them.

        Returns:
            What is shown and kept in the history: numbers by name, in a dict or `StepLogs`.
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=True)
        loss = computed_loss(self, x, y, y_pred, sample_weight, training=True)
        variables = self.trainable_weights
        if variables:
            self.optimizer.apply(gradients(loss, variables), variables)
        return StepLogs.measured(self, x, y, y_pred, sample_weight, loss)

    def test_step(self, data: Any) -> Any:
        """Measure one batch; arguments and result as for `train_step`."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=False)
        loss = computed_loss(self, x, y, y_pred, sample_weight, training=False)
        return StepLogs.measured(self, x, y, y_pred, sample_weight, loss)

    def predict_step(self, data: Any) -> Any:
        """The outputs for a batch of inputs."""
        x, _, _ = unpack_x_y_sample_weight(data)
        return self(x, training=False)

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None,
        training: bool = True,
    ) -> Tensor:  # fmt: skip
        """The loss of a batch: those of `compile`, and those that layers add (`model.losses`).

        Args:
            x: inputs, for a method that overrides this one.
            y: targets, in the structure of the outputs.
            y_pred: what the model returned for x.
            sample_weight: weights of the rows, None or as y.
            training: whether the model is being trained.

        Raises:
            ValueError: if there is no loss at all.
        """
        self._build_losses(output_names(self, y_pred))
        self._compile_metrics.choose_all(y, y_pred)
        return self._require_compiled("compute_loss")(y, y_pred, sample_weight, self.losses)

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Logs:
        """Let the metrics of `compile` take in a batch, and return the results of all so far."""
        self._require_compiled("compute_metrics")
        self._compile_metrics.update_state(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> Logs:
        """The results of all metrics so far, the mean loss first."""
        logs = self._require_compiled("get_metrics_result").result()
        logs |= self._compile_metrics.result()
        return logs | {metric.name: as_number(metric.result()) for metric in self._own_metrics()}

    def reset_metrics(self) -> None:
        """Let all metrics forget what they have seen."""
        self._require_compiled("reset_metrics").reset_state()
        self._compile_metrics.reset_state()
        for metric in self._own_metrics():
            metric.reset_state()

    @property
    def metrics(self) -> list[Metric]:
        """The mean loss, the metrics that `compile` was given, and those that are attributes."""
        own = [value for value in vars(self).values() if isinstance(value, Metric)]
        return [*self._compiled_metrics(), *own]

    @property
    def metrics_names(self) -> list[str]:
        """Names of the results of `evaluate`, in their order."""
        if self._compile_loss is None:
            return []
        return [*self._compile_loss.result(), *self._compile_metrics.names]

    def metric_called(self, key: str) -> Metric | None:
        """The metric behind a key of the history; None if there is none."""
        found = None if self._compile_loss is None else self._compile_metrics.metric(key)
        return found or next((m for m in self._own_metrics() if m.name == key), None)

    @property
    def loss(self) -> Any:
        """The Loss of the compiled model, for several outputs a list or dict; None before."""
        return None if self._compile_loss is None else self._compile_loss.loss

    def train_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None, return_dict: bool = False,
    ) -> Any:  # fmt: skip
        """Take one step on one batch; returns what `evaluate` returns, for this batch alone."""
        self._require_compiled("train_on_batch")
        with undisturbed():
            logs = one_batch.on_batch(self, "train_step", x, y, sample_weight, class_weight)
        return returned(logs, return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Measure the model on one batch; returns what `evaluate` returns."""
        self._require_compiled("test_on_batch")
        with undisturbed(), no_grad():
            logs = one_batch.on_batch(self, "test_step", x, y, sample_weight)
        return returned(logs, return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch, as an array or, for several outputs, as the model gives."""
        return one_batch.predicted(self, x)

    def _build_losses(self, names: Sequence[str]) -> None:
        """Give each output its losses and metrics, once the outputs are known by name."""
        self._require_compiled("compute_loss").build(names)
        self._compile_metrics.build(names)

    def _compiled_metrics(self) -> list[Metric]:
        if self._compile_loss is None:
            return []
        return [*self._compile_loss.trackers, *self._compile_metrics.metrics]

    def _own_metrics(self) -> list[Metric]:
        """Metrics that the model has beside those of compile."""
        known = {id(metric) for metric in self._compiled_metrics()}
        return [metric for metric in self.metrics if id(metric) not in known]

    def _require_compiled(self, method: str) -> CompileLoss:
        if self._compile_loss is None:
            raise run.not_compiled(method)
        return self._compile_loss

    def _overrides(self, name: str) -> bool:
        """Whether the class of the model has a method of its own in place of one of these."""
        return getattr(type(self), name) is not getattr(Trainer, name)
