"""Going through the batches: the epochs of a fit, one evaluation, one prediction."""

from __future__ import annotations

import math
from collections import UserDict
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcore import backends
from dlcore.backends import memory
from dlcore.callbacks import CallbackList, ProgbarLogger
from dlcore.engine import tree
from dlcore.engine.interrupts import check
from dlcore.engine.program import Program, after_step
from dlcore.engine.tensor import Tensor, no_grad
from dlcore.layers.tracking import go_back, states_of
from dlcore.trainer.advice.agreement import refuse_other_rows
from dlcore.trainer.advice.room import too_large
from dlcore.trainer.advice.run import compiling_notice, say_dry, say_what_is_left, warn
from dlcore.trainer.compile_ahead import compile_ahead
from dlcore.trainer.compile_utils import Logs, as_number, detached
from dlcore.trainer.data.array_data_adapter import Arrays
from dlcore.trainer.data.data_adapter import DataAdapter
from dlcore.trainer.data.generator_data_adapter import GeneratorDataAdapter
from dlcore.trainer.data.output_table import OutputTable
from dlcore.trainer.divergence import Divergence, Watch, diverged

if TYPE_CHECKING:
    from dlcore.trainer.trainer import Trainer


class Step:
    """A step of a model on its batches, replayed once it has proved to do the same each time.

    There is a program for each shape of the batch and each backend, as long as the fit, evaluate
    or predict lasts. A step of the user's own, and each with `run_eagerly`, is called as it is.

    Args:
        model: the model.
        name: of its method that is the step: "train_step", "test_step" or "predict_step".
        adapter: gives the batches.
        eagerly: whether the step is never replayed.
    """

    def __init__(
        self, model: Trainer, name: str, adapter: DataAdapter, eagerly: bool = False
    ) -> None:
        self.own = model._overrides(name)
        self.model, self._step = model, getattr(model, name)
        self.adapter, self._data, self._name = adapter, adapter.data, name
        # A metric that the user's own compute_loss feeds would miss the steps that are replayed.
        self._eagerly = eagerly or (model._overrides("compute_loss") and bool(model._own_metrics()))
        kept = model.optimizer.variables if name == "train_step" else []
        self._stay = [variable.data for variable in (*model.variables, *kept)]
        self._programs: dict[Any, Program] = {}
        self._last: tuple[Any, str, Program] | None = None
        self.waits = False  # whether the last step has left something to `finish`
        # Where the kernels run on a device: of a training, and of a prediction.
        self.watch: Watch | None = None
        self.table: OutputTable | None = None

    def __call__(self, arrays: Arrays) -> Any:
        """What the step returns for the batch in these arrays; then `finish` is to be called.

        Batches of one shape must come in the same arrays each time; the results of a replay are
        overwritten by the next one.
        """
        if self.own:
            return self._step(self._data(arrays))
        backend = backends.get_backend()
        # Most batches come in the very tuple of the one before.
        if self._last is None or self._last[0] is not arrays or self._last[1] != backend:
            self._last = arrays, backend, self._program(arrays, backend)
        program = self._last[2]
        try:
            eagerly = self._eagerly or self.model.run_eagerly
            results = program.run_eagerly() if eagerly else program.run()
        except MemoryError as error:
            del program  # what the programs keep is room as well
            self._programs, self._last = {}, None
            raise too_large(self, self._name, arrays, error) from None
        self.waits = bool(program.after)
        if program.reason is not None and not self.model.run_eagerly:
            self.model.run_eagerly = True
            warn(
                f"The model {self.model.name!r} runs step by step, which is slower than replaying "
                f"a recorded step: {program.reason}. compile(run_eagerly=True) chooses that "
                "silently."
            )
        return results

    def finish(self) -> None:
        """Do what the step has left to be done after it, such as metrics not made of kernels."""
        if self._last is not None:
            self._last[2].finish()

    def alone(self, arrays: Arrays, step: Callable[[Any], Any] | None = None) -> Program:
        """Only the step, or this one, for the batch in these arrays, without what comes after."""
        lasting = [*self.adapter.lasting, *self._stay]
        # Nothing in it knows of this object: in a circle the buffers would outlive the fit.
        return Program(step or self._step, lasting, partial(self._data, arrays))

    def _program(self, arrays: Arrays, backend: str) -> Program:
        """The program for batches of this shape."""
        shapes = (None if a is None else (a.shape, a.dtype) for a in arrays)
        key = (backend, memory.moved(), *shapes)
        if key not in self._programs:
            trains = memory.device() is not None and self._name == "train_step"
            self.watch = Watch.of(self.adapter, self.watch) if trains else None
            gathers = next((g for g in (self.watch, self.table) if g is not None), None)
            step = self._step if gathers is None else partial(gathers.after, self._step)
            program = self._programs[key] = self.alone(arrays, step)
            if backend == "cpu":
                compile_ahead(self.model, self._name, program)
        return self._programs[key]


class TrainingEpochs:
    """The epochs of a fit.

    Args:
        model: the compiled model.
        adapter: gives the batches.
        validation: gives the batches that are held out; None without any.
        callbacks: those of the user; `model.history` and a progress bar come to them.
        verbose: 0, 1 or 2.
    """

    def __init__(
        self,
        model: Trainer,
        adapter: DataAdapter,
        validation: DataAdapter | None,
        callbacks: Sequence[Any],
        verbose: int,
    ) -> None:
        self.model, self.adapter = model, adapter
        assert model.history is not None
        self.history = model.history
        shown = [ProgbarLogger(verbose)] if verbose else []
        self.callbacks = CallbackList([*callbacks, self.history, *shown], model)
        self.evaluation = None
        if validation is not None:
            told = CallbackList(callbacks, model, keep_params=True)
            self.evaluation = Evaluation(model, validation, told)
        self.step = Step(model, "train_step", adapter)
        self.verbose = verbose
        self.before: Snapshot | None = None

    def run(self, first: int, epochs: int, validates: Callable[[int], bool]) -> None:
        """Take the epochs from `first` on, or from where a callback sets `model.resume_at`.

        Args:
            first: the number of the first epoch, from 0.
            epochs: the number at which to stop.
            validates: whether a validation follows an epoch, counted from 1.
        """
        model, adapter, callbacks = self.model, self.adapter, self.callbacks
        callbacks.set_params({"epochs": epochs, "steps": adapter.steps, "verbose": self.verbose})
        model.stop_training = model.interrupted = False
        model.resume_at, model.data_adapter = None, adapter
        model.has_validation = self.evaluation is not None
        last: Logs = {}
        try:
            callbacks.on_train_begin()
            start, skip = model.resume_at or (first, 0)
            for epoch in range(start, epochs):
                callbacks.on_epoch_begin(epoch)
                logs = self.epoch(epoch, skip if epoch == start else 0)
                if logs is not None:
                    # Keras gives the keys of the history in the order of the alphabet.
                    logs = dict(sorted(logs.items()))
                    if self.evaluation is not None and validates(epoch + 1):
                        results = sorted(self.evaluation.run().items())
                        logs |= {f"val_{name}": value for name, value in results}
                    last = logs
                    callbacks.on_epoch_end(epoch, logs)
                check()
                if isinstance(adapter, GeneratorDataAdapter) and adapter.ran_dry:
                    say_dry(adapter.source, epoch, epochs, len(self.history.epoch))
                    break
                if model.stop_training:
                    break
        except BaseException as error:
            model.interrupted = True
            if not isinstance(error, Divergence):
                say_what_is_left(error, len(self.history.epoch))
            raise
        finally:
            callbacks.on_train_end(last)
            model.data_adapter = None

    def epoch(self, epoch: int, skip: int = 0) -> Logs | None:
        """Train on the batches of an epoch, but the first `skip`; None if there were none."""
        model, callbacks, step = self.model, self.callbacks, self.step
        if not skip:
            model.reset_metrics()
        if step.watch is not None:
            step.watch.begin()
        before = self.before = Snapshot(model, self.before)
        read, number = model.get_metrics_result, skip - 1
        for number, arrays in enumerate(self.adapter.epoch(skip), skip):
            callbacks.on_train_batch_begin(number)
            if number == skip:
                with compiling_notice(self.verbose != 0):
                    logs = step(arrays)
            else:
                logs = step(arrays)
            if step.own:
                logs = StepLogs.of(logs)
            loss = logs.loss.item() if step.watch is None else step.watch.loss(logs)
            if math.isfinite(loss):
                if step.waits:
                    step.finish()
            else:
                diverged(self, epoch, number, number - skip, arrays, before, loss)
            read = logs.read
            if callbacks.wants_batches:
                callbacks.on_train_batch_end(number, read)
            check()
            if model.stop_training:
                break
        logs = None if number < 0 else read()
        if step.watch is not None and math.isnan(loss := step.watch.seen()):
            diverged(self, epoch, number, number - skip, arrays, before, loss)
        return logs


class Evaluation:
    """The batches of an evaluation; fit keeps one for all its epochs.

    Args:
        model: the compiled model.
        adapter: gives the batches.
        callbacks: those of the user, outside of a fit with a progress bar.
    """

    def __init__(self, model: Trainer, adapter: DataAdapter, callbacks: CallbackList) -> None:
        self.model, self.adapter, self.callbacks = model, adapter, callbacks
        self._step = Step(model, "test_step", adapter)

    def run(self) -> Logs:
        """Go through the batches from the first one; returns all results, none without batches."""
        callbacks, step = self.callbacks, self._step
        self.model.reset_metrics()
        self.adapter.restart()
        read: Callable[[], Logs] = dict
        callbacks.on_test_begin()
        try:
            with no_grad():
                for number, arrays in enumerate(self.adapter.epoch()):
                    callbacks.on_test_batch_begin(number)
                    logs = step(arrays)
                    step.finish()
                    read = (StepLogs.of(logs) if step.own else logs).read
                    if callbacks.wants_batches:
                        callbacks.on_test_batch_end(number, read)
                    check()
        finally:
            results = read()
            callbacks.on_test_end(results)
        return results


def predictions(
    model: Trainer, adapter: DataAdapter, callbacks: CallbackList, noticing: bool
) -> Any:
    """The outputs for all batches, as arrays in the structure in which the model returns them."""
    # The third of its kind is the first step that could be replayed.
    few = adapter.steps is not None and adapter.steps < 3
    step = Step(model, "predict_step", adapter, few)
    y: Any = None
    found: list[list[np.ndarray]] = []
    tells = callbacks.wants("on_predict_batch_end")
    if memory.device() is not None and adapter.rows and not tells and not step.own:
        step.table = OutputTable(adapter.rows)
    with no_grad():
        callbacks.on_predict_begin()
        try:
            for number, arrays in enumerate(adapter.epoch()):
                callbacks.on_predict_batch_begin(number)
                with compiling_notice(noticing and number == 0):
                    y = step(arrays)
                if not step.own:
                    refuse_other_rows(y, len(arrays[0]))  # type: ignore[arg-type]
                if step.table is None:
                    found.append([leaf.data.copy() for leaf in tree.leaves(y)])  # overwritten next
                if tells:
                    logs = {"outputs": tree.replaced(y, list(map(memory.to_host, found[-1])))}
                    callbacks.on_predict_batch_end(number, logs)
                check()
        finally:
            callbacks.on_predict_end()
    if step.table is not None:
        return tree.replaced(y, step.table.arrays())
    joined = [memory.gathered(parts) for parts in zip(*found, strict=True)]
    return tree.replaced(y, joined)


def returned(logs: Logs, as_dict: bool) -> Any:
    """Results as a dict, a list, or a bare number where there is one alone."""
    values = list(logs.values())
    return logs if as_dict else values[0] if len(values) == 1 else values


class Snapshot:
    """The variables of a model, what it carries over, and its optimizer's state, to go back to.

    Args:
        model: a built and compiled model.
        earlier: another one of it, which then is no more: the new one takes its room.
    """

    def __init__(self, model: Trainer, earlier: Snapshot | None = None) -> None:
        # Not the weights alone: with the steps of its seed generators an epoch can be run again.
        self._model, self._variables = model, model.variables
        values = [variable.data for variable in self._variables] + model.optimizer.current_state()
        self._copies: list[Any] = memory.copies(values, earlier._copies if earlier else ())
        self._carried = states_of(model)

    def restore(self) -> None:
        """Put everything back."""
        for variable, value in zip(self._variables, self._copies, strict=False):
            variable.assign(value)
        self._model.optimizer.set_state(self._copies[len(self._variables) :])
        go_back(self._model, self._carried)


class StepLogs(UserDict[str, Any]):
    """What a step returns: numbers by name, calculated only when one of them is looked at.

    A replayed step returns the same object each time, and in the loss an array that it has written
    anew; `read` gives what holds at the time.

    Args:
        loss: the loss of the batch, one number in an array.
        read: gives the numbers; default: those of `become`.
    """

    def __init__(self, loss: np.ndarray, read: Callable[[], Logs] | None = None) -> None:
        self.loss = loss
        self.read = read or (lambda: dict(self.__dict__.get("data", {})))

    @classmethod
    def measured(
        cls, model: Trainer, x: Any, y: Any, y_pred: Any, sample_weight: Any, loss: Tensor
    ) -> StepLogs:
        """Count the loss of a batch, let the metrics take it in, and promise their results."""
        model._require_compiled("compute_loss").count(len(tree.leaves(x)[0]), loss)
        # What the tape holds, all that was calculated on the way, is needed no more.
        y_pred = tree.transform(detached, y_pred)
        if not model._overrides("compute_metrics"):
            model._compile_metrics.update_state(y, y_pred, sample_weight)
            return cls(loss.data, model.get_metrics_result)
        logs = cls(loss.data)
        after_step(logs.become, model.compute_metrics, x, y, y_pred, sample_weight)
        return logs

    @classmethod
    def of(cls, logs: Any) -> StepLogs:
        """Those of a step of the user's own."""
        numbers = as_logs(logs)
        return cls(np.asarray(np.sum(numbers.get("loss", 0.0))), lambda: dict(numbers))

    @cached_property
    def data(self) -> Logs:  # type: ignore[override]
        """The numbers as they are when they are first looked at."""
        return self.read()

    def become(self, method: Callable[..., Any], *arguments: Any) -> None:
        """Take the numbers that a method of the user's own returns for these arguments.

        Raises:
            TypeError: if it returns no dict.
        """
        self.data = as_logs(method(*arguments))

    def __or__(self, other: Any) -> Logs:  # type: ignore[override]
        return dict(self) | dict(other)

    def __ror__(self, other: Any) -> Logs:  # type: ignore[override]
        return dict(other) | dict(self)


def as_logs(logs: Any) -> Logs:
    """What a step of the user's own returned, as numbers.

    Raises:
        TypeError: if it is no dict.
    """
    if not isinstance(logs, dict | StepLogs):
        raise TypeError(
            "A train_step or test_step returns a dict of numbers by name, such as {'loss': loss}, "
            f"not a {type(logs).__name__}."
        )
    return {str(name): as_number(value) for name, value in logs.items()}
