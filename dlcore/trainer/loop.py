"""Going through the batches: one epoch of training, one evaluation, one prediction."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from dlcore import backends, tree
from dlcore.callbacks import CallbackList
from dlcore.callbacks.metric_state import metric_state, put_back
from dlcore.interrupts import check
from dlcore.program import Program
from dlcore.tensor import no_grad
from dlcore.trainer.batches import Arrays
from dlcore.trainer.compiled import Logs, StepLogs
from dlcore.trainer.divergence import Divergence, Snapshot, explanation
from dlcore.trainer.intake import Intake, refuse_other_rows
from dlcore.trainer.sources import ArraySource, StreamSource
from dlcore.trainer.waiting import compiling_notice
from dlcore.utils.py_dataset import pack_x_y_sample_weight

Source = ArraySource | StreamSource


class Step:
    """A step of a model on its batches, replayed once it has proved to do the same each time.

    There is a program for each shape of the batch and each backend; a last, smaller batch has one
    of its own. They live as long as the fit, evaluate or predict that they belong to. A step of
    the user's own, and each with `run_eagerly`, is called as it is.

    Args:
        model: the model.
        name: of its method that is the step: "train_step", "test_step" or "predict_step".
        source: the batches.
        intake: what knows the arrays of a batch.
        eagerly: whether the step is never replayed.
    """

    def __init__(
        self, model: Any, name: str, source: Source, intake: Intake, eagerly: bool = False
    ) -> None:
        self.own = model._overrides(name)
        self._model, self._step = model, getattr(model, name)
        self._data = partial(_predict_data if name == "predict_step" else _data, source, intake)
        self._lasting = source.lasting
        self._eagerly = eagerly or model._must_be_eager
        self._programs: dict[Any, Program] = {}
        self._last: tuple[Any, str, Program] | None = None

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
        if self._eagerly or self._model.run_eagerly:
            return program.run_eagerly()
        results = program.run()
        if program.reason is not None:
            self._model.run_eagerly = True
            warnings.warn(
                f"The model {self._model.name!r} runs step by step, which is slower than replaying "
                f"a recorded step: {program.reason}. compile(run_eagerly=True) chooses that "
                "silently.",
                stacklevel=6,
            )
        return results

    def finish(self) -> None:
        """Do what the step has left to be done after it, such as metrics not made of kernels."""
        if self._last is not None:
            self._last[2].finish()

    def run_eagerly(self, arrays: Arrays) -> None:
        """Only take the step for the batch in these arrays, and leave out what comes after it."""
        Program(self._step, data=partial(self._data, arrays)).run_eagerly()

    def _program(self, arrays: Arrays, backend: str) -> Program:
        """The program for batches of this shape."""
        key = (backend, *(None if a is None else (a.shape, a.dtype) for a in arrays))
        if key not in self._programs:
            # Nothing in it knows of this step: in a circle the buffers would outlive the fit.
            self._programs[key] = Program(self._step, self._lasting, partial(self._data, arrays))
        return self._programs[key]


def _data(source: Source, intake: Intake, arrays: Arrays) -> Any:
    """The batch in some arrays as train_step and test_step take it; its rows are fetched."""
    source.fill(arrays)
    return pack_x_y_sample_weight(*intake.data(arrays))


def _predict_data(source: Source, intake: Intake, arrays: Arrays) -> Any:
    source.fill(arrays)
    return (intake.data(arrays)[0],)


class Training:
    """The training steps of a fit.

    Args:
        model: the compiled model.
        source: its batches.
        intake: what knows the arrays of a batch.
        watching: the callbacks.
    """

    def __init__(self, model: Any, source: Source, intake: Intake, watching: CallbackList) -> None:
        self.model, self.source, self.watching = model, source, watching
        self.intake = intake
        self._step = Step(model, "train_step", source, intake)

    def epoch(self, epoch: int, skip: int = 0) -> Logs | None:
        """Train on the batches of an epoch, but the first `skip`; None if there were none."""
        model, watching, step = self.model, self.watching, self._step
        if not skip:
            model.reset_metrics()
        before = Snapshot(model)
        noticing = watching.params["verbose"] != 0
        read = model.get_metrics_result
        number = skip - 1
        for number, arrays in enumerate(self.source.epoch(skip), skip):
            watching.on_train_batch_begin(number)
            if number == skip:
                with compiling_notice(noticing):
                    logs = step(arrays)
            else:
                logs = step(arrays)
            if step.own:
                logs = StepLogs.of(logs)
            loss = logs.loss.item()
            if math.isfinite(loss):
                step.finish()
            else:
                self._diverged(epoch, number, number - skip, arrays, before, loss)
            read = logs.read
            if watching.wants_batches:
                watching.on_train_batch_end(number, read)
            check()
            if model.stop_training:
                break
        return None if number < 0 else read()

    def _diverged(
        self, epoch: int, number: int, done: int, arrays: Any, before: Snapshot, loss: float
    ) -> None:
        """Go through the epoch once more to say what broke; the weights from before it stay.

        The step itself has updated the weights with gradients that are no numbers, so that in them
        nothing could be seen any more. What does not come back (a generator) is not gone through,
        nor is a step of the user's own.
        """
        model, step = self.model, self._step
        before.restore()
        again = None if model._overrides("train_step") else self.source.again()
        if again is not None:
            measured = metric_state(model.metrics)
            for _ in range(done):
                step.run_eagerly(next(again))
            put_back(model.metrics, measured)
            arrays = next(again)
            self.source.fill(arrays)
        xs, _, _ = self.intake.parts(arrays)
        text = explanation(model, loss, xs, epoch, number)
        before.restore()
        if not self.watching.ends_quietly:
            raise Divergence(text)
        if model._overrides("compute_metrics"):
            step.finish()  # it gives the last numbers of the history
        print(f"Batch {number}: Invalid loss, terminating training. {text}", flush=True)
        model.stop_training = True


class Testing:
    """The steps of an evaluation; fit keeps one for all its epochs.

    Args:
        model: the compiled model.
        source: its batches.
        intake: what knows the arrays of a batch.
        watching: the callbacks.
    """

    def __init__(self, model: Any, source: Source, intake: Intake, watching: CallbackList) -> None:
        self.model, self.source, self.watching = model, source, watching
        self._step = Step(model, "test_step", source, intake)

    def run(self) -> Logs:
        """Go through the batches from the first one; returns all results, none without batches."""
        model, watching, step = self.model, self.watching, self._step
        model.reset_metrics()
        self.source.restart()
        read: Callable[[], Logs] = dict
        watching.on_test_begin()
        try:
            with no_grad():
                for number, arrays in enumerate(self.source.epoch()):
                    watching.on_test_batch_begin(number)
                    logs = step(arrays)
                    step.finish()
                    read = (StepLogs.of(logs) if step.own else logs).read
                    if watching.wants_batches:
                        watching.on_test_batch_end(number, read)
                    check()
        finally:
            results = read()
            watching.on_test_end(results)
        return results


def predict(
    model: Any, source: Source, intake: Intake, watching: CallbackList, noticing: bool
) -> Any:
    """The outputs for all batches, as arrays in the structure in which the model returns them."""
    # The third of its kind is the first step that could be replayed.
    few = source.steps is not None and source.steps < 3
    step = Step(model, "predict_step", source, intake, few)
    y: Any = None
    found: list[list[np.ndarray]] = []
    with no_grad():
        watching.on_predict_begin()
        try:
            for number, arrays in enumerate(source.epoch()):
                watching.on_predict_batch_begin(number)
                with compiling_notice(noticing and number == 0):
                    y = step(arrays)
                if not step.own:
                    refuse_other_rows(y, len(arrays[0]))  # type: ignore[arg-type]
                # Copies: the next step overwrites its results.
                found.append([np.array(leaf.data) for leaf in tree.leaves(y)])
                watching.on_predict_batch_end(number)
                check()
        finally:
            watching.on_predict_end()
    joined = [np.concatenate(parts) for parts in zip(*found, strict=True)]
    return tree.replaced(y, joined)
