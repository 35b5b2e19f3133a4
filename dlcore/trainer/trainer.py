"""compile, fit, evaluate and predict, with the semantics of Keras 3."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from dlcore import optimizers
from dlcore.callbacks import CallbackList, History, ProgbarLogger
from dlcore.tensor import no_grad
from dlcore.trainer import checks
from dlcore.trainer.arrays import numbers
from dlcore.trainer.batches import Batches, split
from dlcore.trainer.compiled import Compiled, Logs
from dlcore.trainer.divergence import Divergence, Snapshot, explanation
from dlcore.trainer.replay import Replays
from dlcore.trainer.steps import Steps
from dlcore.trainer.threads import single_threaded_blas
from dlcore.trainer.waiting import compiling_notice
from dlcore.utils.lookup import helpful_arguments


class Trainer(Steps):
    """The part of a model that trains it; `Model` adds the layers."""

    history: History | None = None

    @helpful_arguments
    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        metrics: Sequence[Any] | None = None,
        weighted_metrics: Sequence[Any] | None = None,
        run_eagerly: bool = False,
        jit_compile: Any = "auto",
    ) -> None:
        """Choose how the model is trained and what is measured.

        Args:
            optimizer: a name or an Optimizer; default "rmsprop", as in Keras.
            loss: a name, a Loss, or a function of (y_true, y_pred) that returns one loss a row.
            metrics: a list of names, Metrics and functions of (y_true, y_pred). "accuracy" is the
                binary, categorical or sparse categorical one, by the shapes of targets and
                outputs.
            weighted_metrics: metrics that take the weights of the rows into account.
            run_eagerly: kept for code that sets it; every step runs eagerly.
            jit_compile: taken for code that sets it; the kernels are compiled in any case.

        Raises:
            ValueError, TypeError: for a name that does not exist or something of a wrong kind.
        """
        self._compiled = Compiled(loss, metrics, weighted_metrics)
        self.optimizer = optimizers.get(optimizer)
        self.run_eagerly = run_eagerly
        # As it was given, for files; the optimizer is asked itself.
        self._compile_arguments = {
            "loss": loss,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "run_eagerly": run_eagerly,
            "jit_compile": jit_compile,
        }

    @helpful_arguments
    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        validation_batch_size: int | None = None,
    ) -> History:
        """Train the model on rows of data.

        The loss and metrics of an epoch are means over its batches *while* the weights change,
        so they differ a little from what `evaluate` then says of the last weights.

        Args:
            x: inputs `(n, ...)`.
            y: targets, in the shape of the outputs; `(n,)` for outputs `(n, 1)` and for class
                numbers.
            batch_size: rows of a step; default 32. The last batch of an epoch has what is left.
            epochs: how often to go through the data; with initial_epoch, the epoch to stop at.
            verbose: "auto" or 1: a progress bar, or a line an epoch where the output goes to a
                file; 2: a line an epoch; 0: nothing.
            callbacks: a list of Callbacks.
            validation_split: the share of rows at the end, unshuffled, that are only evaluated.
            validation_data: (x, y) or (x, y, sample_weight) to evaluate after each epoch.
            shuffle: whether each epoch takes the rows in a new random order; default True.
            class_weight: weight of each class, such as {0: 1.0, 1: 2.5}.
            sample_weight: weight of each row `(n,)`; it multiplies the loss of the row.
            initial_epoch: the number of the first epoch, from 0; for a run that is continued.
            validation_batch_size: default: batch_size.

        Returns:
            The History; `history.history` maps "loss", each metric and, with validation,
            "val_loss" and so on to one number an epoch. It is also `model.history`.

        Raises:
            RuntimeError: if the model is not compiled.
            ValueError, TypeError: if the data or an argument does not fit; nothing is trained.
            Divergence: if the loss becomes NaN or infinite. The weights are put back to what they
                were at the end of the last good epoch.
            KeyboardInterrupt: on Ctrl-C. The weights are those of the last finished step (of the
                best epoch with `EarlyStopping(restore_best_weights=True)`), and `model.history`
                holds the finished epochs.
        """
        compiled = self._require_compiled("fit")
        batch_size = checks.at_least_one(32 if batch_size is None else batch_size, "batch_size")
        epochs = checks.at_least_one(epochs, "epochs")
        verbose = checks.verbosity(verbose)
        held_out = checks.validation(validation_data, validation_split)
        history = self.history = History()
        with single_threaded_blas(), compiling_notice(verbose != 0):
            rows = self._prepared(x, y, sample_weight, class_weight)
            validation = None
            if held_out is not None:
                validation = self._prepared(*held_out, what="of validation_data")
            elif validation_split:
                rows, validation = split(*rows, validation_split)
        batches = Batches(rows, batch_size)
        tests = None
        if validation is not None:
            size = validation_batch_size or batch_size
            tests = Batches(validation, checks.at_least_one(size, "validation_batch_size"))
        # The history after the others, as in Keras: they may add to the logs of an epoch.
        watching = CallbackList([*(callbacks or ()), history, ProgbarLogger(verbose)], self)
        watching.set_params({"epochs": epochs, "steps": len(batches), "verbose": verbose})
        self.stop_training = False
        variables = self.trainable_weights
        self.optimizer.build(variables)
        step = Replays(self._train_step(variables), self)
        with single_threaded_blas():
            try:
                watching.on_train_begin()
                for epoch in range(initial_epoch, epochs):
                    watching.on_epoch_begin(epoch)
                    self._epoch(epoch, batches, batches.order(shuffle), step, watching)
                    logs = _sorted(compiled.results())
                    if tests is not None:
                        results = _sorted(self._tested(tests))
                        logs |= {f"val_{name}": value for name, value in results.items()}
                    watching.on_epoch_end(epoch, logs)
                    if self.stop_training:
                        break
            except KeyboardInterrupt as interrupt:
                done = len(history.epoch)
                interrupt.add_note(
                    f"The training was stopped after {done} whole "
                    f"{'epoch' if done == 1 else 'epochs'}; the model keeps its weights, and "
                    "model.history holds those epochs."
                )
                raise
            finally:
                watching.on_train_end()
        return history

    @helpful_arguments
    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Measure the model on rows of data, without changing it.

        Args:
            x: inputs `(n, ...)`.
            y: targets, as for `fit`.
            batch_size: rows at a time; default 32.
            verbose: as for `fit`.
            sample_weight: weight of each row `(n,)`.
            callbacks: a list of Callbacks, for their `on_test_…` methods.
            return_dict: whether to return a dict of all results by name.

        Returns:
            The loss, if there are no metrics; else a list [loss, metric, …] in the order of
            `compile`, or a dict.
        """
        self._require_compiled("evaluate")
        batch_size = checks.at_least_one(32 if batch_size is None else batch_size, "batch_size")
        verbose = checks.verbosity(verbose)
        with single_threaded_blas():
            with compiling_notice(verbose != 0):
                batches = Batches(self._prepared(x, y, sample_weight), batch_size)
            watching = CallbackList([*(callbacks or ()), ProgbarLogger(verbose)], self)
            watching.set_params({"steps": len(batches), "verbose": verbose})
            logs = self._tested(batches, watching)
        return _returned(logs, return_dict)

    @helpful_arguments
    def predict(
        self, x: Any, batch_size: int | None = None, verbose: Any = "auto", callbacks: Any = None
    ) -> np.ndarray:
        """The outputs for rows of data, as an array `(n, ...)`.

        Args:
            x: inputs `(n, ...)`.
            batch_size: rows at a time; default 32.
            verbose: 0 for no progress bar; there is one only where it takes some time.
            callbacks: a list of Callbacks, for their `on_predict_…` methods.
        """
        batch_size = checks.at_least_one(32 if batch_size is None else batch_size, "batch_size")
        verbose = checks.verbosity(verbose)
        x = checks.fitted_inputs(numbers(x, "x"), self)
        watching = CallbackList([*(callbacks or ()), ProgbarLogger(verbose)], self)
        batches = Batches((x,), batch_size)
        watching.set_params({"steps": len(batches), "verbose": verbose})
        outputs: list[np.ndarray] = []
        step = Replays(lambda rows: self._outputs(rows, training=False), self)
        with single_threaded_blas(), no_grad():
            watching.on_predict_begin()
            try:
                for number, (rows,) in enumerate(batches.in_order()):
                    watching.on_predict_batch_begin(number)
                    with compiling_notice(verbose != 0 and number == 0):
                        # A copy: the next step overwrites its results.
                        outputs.append(step(rows).data.copy())
                    watching.on_predict_batch_end(number)
            finally:
                watching.on_predict_end()
        return np.concatenate(outputs)

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: Mapping[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """Take one step on one batch; returns what `evaluate` returns, for this batch alone."""
        compiled = self._require_compiled("train_on_batch")
        with single_threaded_blas():
            rows = self._prepared(x, y, sample_weight, class_weight)
            compiled.reset()
            before = Snapshot(self)
            y_pred, loss = self._train_step(self.trainable_weights)(*rows)
            value = float(loss)
            if not math.isfinite(value):
                before.restore()
                step = int(self.optimizer.iterations)
                text = explanation(self, value, rows[0], 0, step)
                before.restore()
                raise Divergence(text)
            compiled.update(value, rows[1], y_pred, rows[2])
        return _returned(compiled.results(), return_dict)

    def test_on_batch(
        self, x: Any, y: Any = None, sample_weight: Any = None, return_dict: bool = False
    ) -> Any:
        """Measure the model on one batch; returns what `evaluate` returns."""
        self._require_compiled("test_on_batch")
        with single_threaded_blas():
            rows = self._prepared(x, y, sample_weight)
            logs = self._tested(Batches(rows, len(rows[0])))
        return _returned(logs, return_dict)

    def predict_on_batch(self, x: Any) -> np.ndarray:
        """The outputs for one batch, as an array."""
        with single_threaded_blas(), no_grad():
            x = checks.fitted_inputs(numbers(x, "x"), self)
            return self._outputs(x, training=False).data

    @property
    def metrics(self) -> list[Any]:
        """The mean loss and the metrics that `compile` was given."""
        compiled = self._compiled
        return [] if compiled is None else [compiled.loss_tracker, *compiled.metrics]

    @property
    def metrics_names(self) -> list[str]:
        """Names of the results of `evaluate`, in their order."""
        return [metric.name for metric in self.metrics]

    @property
    def loss(self) -> Any:
        """The Loss of the compiled model, None before."""
        return None if self._compiled is None else self._compiled.loss


def _sorted(logs: Logs) -> Logs:
    # Keras gives the keys of the history in the order of the alphabet.
    return dict(sorted(logs.items()))


def _returned(logs: Logs, as_dict: bool) -> Any:
    if as_dict:
        return logs
    values = list(logs.values())
    return values[0] if len(values) == 1 else values
