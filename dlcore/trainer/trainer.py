"""compile, fit, evaluate and predict, with the semantics of Keras 3."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from dlcore.callbacks import CallbackList, History, ProgbarLogger
from dlcore.interrupts import check, held
from dlcore.trainer import checks
from dlcore.trainer.batch_methods import returned
from dlcore.trainer.compiled import Logs
from dlcore.trainer.compiling import Compiling
from dlcore.trainer.divergence import Divergence
from dlcore.trainer.feeding import evaluation_source, prediction_source, training_source
from dlcore.trainer.loop import Testing, Training, predict
from dlcore.trainer.sources import ArraySource
from dlcore.trainer.stateful import refuse_other_batches
from dlcore.trainer.threads import single_threaded_blas
from dlcore.trainer.waiting import compiling_notice
from dlcore.utils.lookup import helpful_arguments


class Trainer(Compiling):
    """The part of a model that trains it; `Model` adds the layers."""

    history: History | None = None
    # Whether the last fit was broken off by an exception; callbacks see it in on_train_end.
    interrupted = False
    # Where BackupAndRestore lets a fit go on: an epoch, and how many of its batches are done.
    resume_at: tuple[int, int] | None = None
    # Where the batches of the last fit came from.
    source: Any = None

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
        shuffle: bool | str = True,
        class_weight: Mapping[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Sequence[int] = 1,
    ) -> History:
        """Train the model on rows of data.

        The loss and metrics of an epoch are means over its batches *while* the weights change,
        so they differ a little from what `evaluate` then says of the last weights.

        Args:
            x: inputs `(n, ...)`: an array, a list, a table; for several inputs a list of arrays or
                a dict by name. Or what gives batches `(x, y)` or `(x, y, sample_weight)` one by
                one: a generator, another iterable, a PyDataset.
            y: targets, in the shape of the outputs; `(n,)` for outputs `(n, 1)` and for class
                numbers. For several outputs a list of arrays or a dict by name.
            batch_size: rows of a step; default 32. The last batch of an epoch has what is left.
            epochs: how often to go through the data; with initial_epoch, the epoch to stop at.
            verbose: "auto" or 1: a progress bar, or a line an epoch where the output goes to a
                file; 2: a line an epoch; 0: nothing.
            callbacks: a Callback or a list of them.
            validation_split: the share of rows at the end, unshuffled, that are only evaluated.
            validation_data: (x, y) or (x, y, sample_weight) to evaluate after each epoch, or what
                gives such batches.
            shuffle: whether each epoch takes the rows in a new random order; default True. "batch"
                changes the order inside each batch alone. A PyDataset gives its batches in a new
                order; other iterables are taken as they come.
            class_weight: weight of each class, such as {0: 1.0, 1: 2.5}.
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
            RuntimeError: if the model is not compiled.
            ValueError, TypeError: if the data or an argument does not fit; nothing is trained.
            Divergence: if the loss becomes NaN or infinite. The weights are put back to what they
                were at the end of the last good epoch. With `TerminateOnNaN()` fit returns instead.
            KeyboardInterrupt: on Ctrl-C, after the step that is going on; a second Ctrl-C does not
                wait for its end. The weights are those of the last finished step (of the best
                epoch with `EarlyStopping(restore_best_weights=True)`), and `model.history` holds
                the finished epochs. Any other exception leaves the same.
        """
        self._require_compiled("fit")
        batch_size = checks.at_least_one(32 if batch_size is None else batch_size, "batch_size")
        epochs = checks.at_least_one(epochs, "epochs")
        initial_epoch = checks.not_negative(initial_epoch, "initial_epoch")
        verbose = checks.verbosity(verbose)
        held_out = checks.validation(validation_data, validation_split)
        validates = checks.frequency(validation_freq)
        listed = checks.callbacks(callbacks)
        history = self.history = History()
        with held(), single_threaded_blas():
            with compiling_notice(verbose != 0):
                source, intake, rest = training_source(
                    self, x, y, sample_weight, class_weight, batch_size, steps_per_epoch, shuffle,
                    validation_split,
                )  # fmt: skip
                size = batch_size
                if validation_batch_size is not None:
                    size = checks.at_least_one(validation_batch_size, "validation_batch_size")
                held_out_source = None
                if held_out is not None or rest is not None:
                    held_out_source = evaluation_source(
                        self, held_out, rest, intake, size, validation_steps
                    )
                _refuse_other_batches(self, source, epochs - initial_epoch, held_out_source)
            # The history after the others, as in Keras: they may add to the logs of an epoch. A
            # backup is made when all is said.
            first = [callback for callback in listed if not getattr(callback, "comes_last", False)]
            last = [callback for callback in listed if getattr(callback, "comes_last", False)]
            watching = CallbackList([*first, history, *last, ProgbarLogger(verbose)], self)
            watching.set_params({"epochs": epochs, "steps": source.steps, "verbose": verbose})
            self.stop_training = self.interrupted = False
            self.resume_at, self.source = None, source
            if self.trainable_weights:
                self.optimizer.build(self.trainable_weights)
            training = Training(self, source, intake, watching)
            testing = None
            if held_out_source is not None:
                told = CallbackList([*first, *last], self, keep_params=True)
                testing = Testing(self, *held_out_source, told)
            try:
                watching.on_train_begin()
                start, skip = self.resume_at or (initial_epoch, 0)
                for epoch in range(start, epochs):
                    watching.on_epoch_begin(epoch)
                    logs = training.epoch(epoch, skip if epoch == start else 0)
                    if logs is not None:
                        logs = _sorted(logs)
                        if testing is not None and validates(epoch + 1):
                            results = _sorted(testing.run())
                            logs |= {f"val_{name}": value for name, value in results.items()}
                        watching.on_epoch_end(epoch, logs)
                    check()
                    if source.ran_dry:
                        _say_dry(source, epoch, epochs, history)
                    if self.stop_training or source.ran_dry:
                        break
            except BaseException as error:
                self.interrupted = True
                done = len(history.epoch)
                if isinstance(error, KeyboardInterrupt) or (
                    done and not isinstance(error, Divergence)
                ):
                    error.add_note(
                        f"The training was stopped after {done} whole "
                        f"{'epoch' if done == 1 else 'epochs'}; the model keeps its weights, and "
                        "model.history holds those epochs."
                    )
                raise
            finally:
                watching.on_train_end()
                self.source = None
        return history

    @helpful_arguments
    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
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
        batch_size = checks.at_least_one(32 if batch_size is None else batch_size, "batch_size")
        verbose = checks.verbosity(verbose)
        listed = checks.callbacks(callbacks)
        with held(), single_threaded_blas():
            with compiling_notice(verbose != 0):
                source, intake = evaluation_source(
                    self, (x, y, sample_weight), None, None, batch_size, steps
                )
                refuse_other_batches(self, source, source.steps, "x")
            watching = CallbackList([*listed, ProgbarLogger(verbose)], self)
            watching.set_params({"steps": source.steps, "verbose": verbose})
            logs = Testing(self, source, intake, watching).run()
        return returned(logs, return_dict)

    @helpful_arguments
    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = "auto",
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
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
        batch_size = checks.at_least_one(32 if batch_size is None else batch_size, "batch_size")
        verbose = checks.verbosity(verbose)
        watching = CallbackList([*checks.callbacks(callbacks), ProgbarLogger(verbose)], self)
        with held(), single_threaded_blas():
            source, intake = prediction_source(self, x, batch_size, steps)
            refuse_other_batches(self, source, source.steps, "x")
            watching.set_params({"steps": source.steps, "verbose": verbose})
            return predict(self, source, intake, watching, verbose != 0)


def _refuse_other_batches(model: Any, source: Any, epochs: int, held_out: Any) -> None:
    count = None if source.steps is None else source.steps * epochs
    refuse_other_batches(model, source, count, "training data")
    if held_out is not None and isinstance(source, ArraySource):
        rows = source.batches.batch_size
        refuse_other_batches(model, held_out[0], held_out[0].steps, "validation data", rows)


def _say_dry(source: Any, epoch: int, epochs: int, history: History) -> None:
    whole = len(history.epoch)
    warnings.warn(
        f"The {type(source.stream).__name__} ran dry in epoch {epoch + 1} of {epochs}: it gave "
        f"fewer batches than steps_per_epoch times epochs. The training stopped there; the history "
        f"holds {whole} {'epoch' if whole == 1 else 'epochs'}. Let it go on for ever (while True), "
        "or give fit a PyDataset, which can be gone through again.",
        stacklevel=4,
    )


def _sorted(logs: Logs) -> Logs:
    # Keras gives the keys of the history in the order of the alphabet.
    return dict(sorted(logs.items()))
