"""One batch at a time: for a training loop of one's own."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from dlcore import backends
from dlcore.backends import memory
from dlcore.engine import tree
from dlcore.engine.interrupts import undisturbed
from dlcore.engine.program import Program
from dlcore.engine.tensor import no_grad
from dlcore.trainer import kept_pass
from dlcore.trainer.advice import run
from dlcore.trainer.compile_ahead import compile_ahead
from dlcore.trainer.compile_utils import Logs
from dlcore.trainer.data.data_adapter import Standardizer
from dlcore.trainer.divergence import Divergence, explanation
from dlcore.trainer.epochs import Snapshot, as_logs

if TYPE_CHECKING:
    from dlcore.trainer.trainer import Trainer


def on_batch(
    model: Trainer, name: str, x: Any, y: Any, sample_weight: Any = None, class_weight: Any = None
) -> Logs:
    """The numbers of `train_step` or `test_step` for one batch alone."""
    standardizer = Standardizer(model, name)
    training = name == "train_step"
    arrays = standardizer.arrays(x, y, sample_weight, class_weight, training)
    data = standardizer.data(arrays)
    if training:
        run.say_idle(model)
    model.reset_metrics()
    if model._overrides(name):
        return as_logs(getattr(model, name)(data))
    before = Snapshot(model) if training else None
    step = Program(getattr(model, name), data=lambda: data)
    if backends.get_backend() == "cpu":
        compile_ahead(model, name, step)
    logs = step.run_eagerly()
    loss = memory.to_host(logs.loss).item()
    if before is not None and not math.isfinite(loss):
        before.restore()
        xs, _, _ = standardizer.parts(arrays)
        text = explanation(model, loss, xs, 0, int(model.optimizer.iterations))
        before.restore()
        raise Divergence(text)
    step.finish()
    return logs.read()


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
