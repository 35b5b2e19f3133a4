"""One batch at a time: for a training loop of one's own."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any

from dlcore import backends
from dlcore.backends import memory
from dlcore.engine import tree
from dlcore.engine.interrupts import undisturbed
from dlcore.engine.program import Program
from dlcore.engine.tensor import no_grad
from dlcore.trainer import kept_pass, kept_step
from dlcore.trainer.advice import run
from dlcore.trainer.compile_ahead import compile_ahead
from dlcore.trainer.compile_utils import Logs
from dlcore.trainer.data.array_data_adapter import Arrays
from dlcore.trainer.data.data_adapter import Standardizer
from dlcore.trainer.divergence import Divergence, explanation
from dlcore.trainer.epochs import Snapshot, as_logs
from dlcore.trainer.kept_step import KeptStep

if TYPE_CHECKING:
    from dlcore.trainer.trainer import Trainer


def on_batch(
    model: Trainer, name: str, x: Any, y: Any, sample_weight: Any = None, class_weight: Any = None
) -> Logs:
    """The numbers of `train_step` or `test_step` for one batch alone."""
    training = name == "train_step"
    steps = kept_step.steps_of(model, name)
    standardizer = Standardizer(model, name) if steps is None else steps.standardizer
    arrays = standardizer.arrays(x, y, sample_weight, class_weight, training)
    step = None if steps is None else steps.of(model, arrays)
    try:
        if step is not None and step.replays:
            model.reset_metrics()
            loss = step.replay(arrays, breaks_off=training)
            if training and not math.isfinite(loss):
                raise _broken(model, loss, standardizer, arrays)
            return model.get_metrics_result()
        logs = _taken(model, name, standardizer, arrays, step)
    except BaseException:
        kept_step.forget(model, name)
        raise
    if steps is not None:
        steps.look_again(model)
    return logs


def _taken(
    model: Trainer, name: str, standardizer: Standardizer, arrays: Arrays, step: KeptStep | None
) -> Logs:
    """The numbers of a step that is taken as it is, and recorded where it is to be kept."""
    training = name == "train_step"
    if training:
        run.say_idle(model)
    model.reset_metrics()
    if model._overrides(name):
        return as_logs(getattr(model, name)(standardizer.data(arrays)))
    before = Snapshot(model) if training else None
    read = model.get_metrics_result
    if step is not None:
        program = step.program
        loss = step.record(arrays)
    else:
        program = Program(getattr(model, name), data=partial(standardizer.data, arrays))
        if backends.get_backend() == "cpu":
            compile_ahead(model, name, program)
        logs = program.run_eagerly()
        loss, read = memory.to_host(logs.loss).item(), logs.read
    if before is not None and not math.isfinite(loss):
        before.restore()
        raise _broken(model, loss, standardizer, arrays)
    program.finish()
    return read()


def _broken(model: Trainer, loss: float, standardizer: Standardizer, arrays: Arrays) -> Divergence:
    """The error for a batch whose loss is no number; the model is as it was before it."""
    before = Snapshot(model)  # the search changes what a layer counts
    xs, _, _ = standardizer.parts(arrays)
    text = explanation(model, loss, xs, 0, int(model.optimizer.iterations))
    before.restore()
    return Divergence(text)


def predicted(model: Trainer, x: Any) -> Any:
    """The outputs of `predict_step` for one batch, as arrays in the structure of the model's."""
    again = run.came_before(model, x)
    if again and (y := kept_pass.replayed(model, x)) is not None:
        return y
    with undisturbed(), no_grad():
        standardizer = Standardizer(model, "predict_step")
        y = model.predict_step(standardizer.data(standardizer.arrays(x)))
        y = tree.transform(lambda leaf: leaf.numpy(), y)
    if again:
        kept_pass.keep(model, x)
    return y
