"""Going through the batches: one epoch of training, one evaluation, one prediction."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from dlcore import tree
from dlcore.callbacks import CallbackList
from dlcore.interrupts import check
from dlcore.tensor import Tensor, no_grad
from dlcore.trainer.compiled import Logs, as_number
from dlcore.trainer.divergence import Divergence, Snapshot, explanation
from dlcore.trainer.intake import Intake, outputs_of
from dlcore.trainer.replay import Replays
from dlcore.trainer.sources import ArraySource, StreamSource
from dlcore.trainer.waiting import compiling_notice
from dlcore.utils.py_dataset import pack_x_y_sample_weight

Source = ArraySource | StreamSource


class Training:
    """The training steps of a fit.

    Args:
        model: the compiled model.
        source: its batches.
        intake: what knows the arrays of a batch.
        watching: the callbacks.
    """

    def __init__(self, model: Any, source: Source, intake: Intake, watching: CallbackList) -> None:
        self.model, self.source, self.intake, self.watching = model, source, intake, watching
        self.compiled = model._require_compiled("fit")
        step = model._step(intake, True, source.fill)
        self._step = Replays(step, model, model._must_be_eager, source.lasting)

    def epoch(self, epoch: int, skip: int = 0) -> Logs | None:
        """Train on the batches of an epoch, but the first `skip`; None if there were none."""
        model, compiled, watching = self.model, self.compiled, self.watching
        if not skip:
            model.reset_metrics()
        before = Snapshot(model)
        noticing = watching.params["verbose"] != 0
        if model._overrides("train_step"):
            return self._own_epoch(epoch, skip, before)
        own_metrics = model._overrides("compute_metrics")
        logs: Logs | None = None
        number = skip - 1
        for number, arrays in enumerate(self.source.epoch(skip), skip):
            watching.on_train_batch_begin(number)
            if number == skip:
                with compiling_notice(noticing):
                    outputs, loss, left = self._step(arrays)
            else:
                outputs, loss, left = self._step(arrays)
            value = loss.data.item()
            if not math.isfinite(value):
                self._diverged(epoch, number, arrays, before, value)
            if own_metrics:
                logs = self._own_metrics(arrays, outputs)
            elif left and math.isfinite(value):
                _, targets, weights = self.intake.parts(arrays)
                compiled.measure_others(targets, outputs, weights, left)
            if watching.wants_batches:
                watching.on_train_batch_end(number, _results(model, logs))
            check()
            if model.stop_training:
                break
        if number < 0:
            return None
        return model.get_metrics_result() if logs is None else logs

    def _own_metrics(self, arrays: Any, outputs: list[Tensor]) -> Logs:
        """The logs of a model with a compute_metrics of its own."""
        x, y, weight = self.intake.data(arrays)
        assert self.intake.outputs is not None
        y_pred = self.intake.outputs.packed(outputs)
        return self.model.compute_metrics(x, y, y_pred, weight)

    def _own_epoch(self, epoch: int, skip: int, before: Snapshot) -> Logs | None:
        """An epoch of a model with a train_step of its own; the logs are those of its last step."""
        model, watching = self.model, self.watching
        logs: Logs | None = None
        for number, arrays in enumerate(self.source.epoch(skip), skip):
            watching.on_train_batch_begin(number)
            self.source.fill(arrays)
            logs = as_logs(model.train_step(pack_x_y_sample_weight(*self.intake.data(arrays))))
            value = logs.get("loss", 0.0)
            if not np.all(np.isfinite(value)):
                self._diverged(epoch, number, arrays, before, float(np.ravel(value)[0]))
            if watching.wants_batches:
                watching.on_train_batch_end(number, _results(model, logs))
            check()
            if model.stop_training:
                break
        return model.get_metrics_result() if logs is None and skip else logs

    def _diverged(
        self, epoch: int, number: int, arrays: Any, before: Snapshot, loss: float
    ) -> None:
        """Go through the epoch once more to say what broke; the weights from before it stay.

        The step itself has updated the weights with gradients that are no numbers, so that in them
        nothing could be seen any more. What does not come back (a generator) is not gone through.
        """
        model = self.model
        before.restore()
        again = None if model._overrides("train_step") else self.source.again()
        if again is not None:
            step = model._step(self.intake, True, self.source.fill, measures=False)
            for _ in range(number):
                step(*next(again))
            arrays = next(again)
            self.source.fill(arrays)
        xs, _, _ = self.intake.parts(arrays)
        text = explanation(model, loss, xs, epoch, number)
        before.restore()
        if not self.watching.ends_quietly:
            raise Divergence(text)
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
        self.model, self.source, self.intake, self.watching = model, source, intake, watching
        self.compiled = model._require_compiled("evaluate")
        step = model._step(intake, False, source.fill)
        self._step = Replays(step, model, model._must_be_eager, source.lasting)

    def run(self) -> Logs:
        """Go through the batches from the first one; returns all results, none without batches."""
        model, compiled, watching = self.model, self.compiled, self.watching
        model.reset_metrics()
        self.source.restart()
        own = model._overrides("test_step"), model._overrides("compute_metrics")
        logs: Logs | None = None
        watching.on_test_begin()
        done = 0
        try:
            with no_grad():
                for number, arrays in enumerate(self.source.epoch()):
                    watching.on_test_batch_begin(number)
                    if own[0]:
                        self.source.fill(arrays)
                        data = pack_x_y_sample_weight(*self.intake.data(arrays))
                        logs = as_logs(model.test_step(data))
                    else:
                        outputs, _, left = self._step(arrays)
                        if own[1]:
                            x, y, weight = self.intake.data(arrays)
                            y_pred = self.intake.outputs.packed(outputs)  # type: ignore
                            logs = as_logs(model.compute_metrics(x, y, y_pred, weight))
                        elif left:
                            _, targets, weights = self.intake.parts(arrays)
                            compiled.measure_others(targets, outputs, weights, left)
                    done += 1
                    if watching.wants_batches:
                        watching.on_test_batch_end(number, _results(model, logs))
                    check()
        finally:
            logs = logs or (model.get_metrics_result() if done else {})
            watching.on_test_end(logs)
        return logs


def predict(
    model: Any, source: Source, intake: Intake, watching: CallbackList, noticing: bool
) -> Any:
    """The outputs for all batches, as arrays in the structure in which the model returns them."""
    own = model._overrides("predict_step")
    structure: list[Any] = []

    def outputs(*arrays: Any) -> list[Tensor]:
        source.fill(arrays)
        xs, _, _ = intake.parts(arrays)
        if own:
            y = model.predict_step((intake.argument(xs),))
        else:
            y = outputs_of(model, intake.argument(xs), len(xs[0]), False)
        structure[:] = [y]
        return tree.leaves(y)

    # The third of its kind is the first step that could be replayed.
    few = source.steps is not None and source.steps < 3
    step = Replays(outputs, model, own or few, source.lasting)
    found: list[list[np.ndarray]] = []
    with no_grad():
        watching.on_predict_begin()
        try:
            for number, arrays in enumerate(source.epoch()):
                watching.on_predict_batch_begin(number)
                with compiling_notice(noticing and number == 0):
                    # Copies: the next step overwrites its results.
                    found.append([np.array(leaf.data) for leaf in step(arrays)])
                watching.on_predict_batch_end(number)
                check()
        finally:
            watching.on_predict_end()
    joined = [np.concatenate(parts) for parts in zip(*found, strict=True)]
    return tree.replaced(structure[0], joined)


def _results(model: Any, logs: Logs | None) -> Callable[[], Logs]:
    """What a callback may ask for after a batch: what a step returned, or the metrics so far."""
    return model.get_metrics_result if logs is None else lambda: dict(logs)


def as_logs(logs: Any) -> Logs:
    """What a step of the user's own returned, as numbers.

    Raises:
        TypeError: if it is no dict.
    """
    if not isinstance(logs, dict):
        raise TypeError(
            "A train_step or test_step returns a dict of numbers by name, such as {'loss': loss}, "
            f"not a {type(logs).__name__}."
        )
    return {str(name): as_number(value) for name, value in logs.items()}
