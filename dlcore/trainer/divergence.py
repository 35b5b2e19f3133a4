"""A loss that is no longer a number: where it broke, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcore.callbacks.metric_state import metric_state, put_back
from dlcore.engine import tree
from dlcore.engine.symbol import SymbolicTensor
from dlcore.engine.tensor import Tensor, no_grad
from dlcore.trainer.data.array_data_adapter import Arrays

if TYPE_CHECKING:
    from dlcore.trainer.epochs import Snapshot, TrainingEpochs
    from dlcore.trainer.trainer import Trainer


class Divergence(FloatingPointError, RuntimeError):
    """The loss became NaN or infinite while training."""


def diverged(
    training: TrainingEpochs,
    epoch: int,
    number: int,
    done: int,
    batch: Arrays,
    before: Snapshot,
    loss: float,
) -> None:
    """Go through the epoch once more to say what broke; the weights from before it stay.

    The step itself has updated the weights with gradients that are no numbers, so that in them
    nothing could be seen any more. What does not come back (a generator) is not gone through,
    nor is a step of the user's own.

    Args:
        training: the TrainingEpochs.
        epoch: the number of the epoch, from 0.
        number: that of the batch, from 0.
        done: how many batches of the epoch this fit has taken before it.
        batch: its arrays.
        before: the Snapshot from before the epoch.
        loss: the loss that is no finite number.

    Raises:
        Divergence: unless a callback asks for a quiet end.
    """
    model, adapter, step = training.model, training.adapter, training.step
    before.restore()
    again = None if step.own else adapter.again()
    if again is not None:
        measured = metric_state(model.metrics)
        for _ in range(done):
            step.run_eagerly(next(again))
        put_back(model.metrics, measured)
        batch = next(again)
        adapter.fetch(batch)
    xs, _, _ = adapter.standardizer.parts(batch)
    text = explanation(model, loss, xs, epoch, number)
    before.restore()
    if not training.callbacks.ends_quietly:
        raise Divergence(text)
    if model._overrides("compute_metrics"):
        step.finish()  # it gives the last numbers of the history
    print(f"Batch {number}: Invalid loss, terminating training. {text}", flush=True)
    model.stop_training = True


def first_broken_layer(model: Trainer, inputs: Sequence[np.ndarray]) -> str | None:
    """Name of the first layer with an output that is not finite.

    None if every output is finite, or the way through the layers is not known: in a model with a
    `call` of its own.
    """
    calls = getattr(model, "calls", ())
    symbols = getattr(model, "inputs", None)
    if not symbols or len(symbols) != len(inputs):
        return None
    with no_grad(), np.errstate(all="ignore"):
        values = {id(s): Tensor(x) for s, x in zip(symbols, inputs, strict=True)}

        def value(leaf: Any) -> Any:
            return values[id(leaf)] if isinstance(leaf, SymbolicTensor) else leaf

        for call in calls:
            arguments = tree.transform(value, call.args), tree.transform(value, call.kwargs)
            taken = tree.leaves(call.layer(*arguments[0], **{"training": True, **arguments[1]}))
            values.update(zip(map(id, tree.leaves(call.outputs)), taken, strict=True))
            if not all(np.isfinite(one.data).all() for one in taken):
                return call.layer.name
    return None


def explanation(
    model: Trainer, loss: float, inputs: Sequence[np.ndarray], epoch: int, step: int
) -> str:
    """The sentences that a broken run ends with; epoch and step count from 0."""
    layer = first_broken_layer(model, inputs)
    least, most = min(x.min() for x in inputs), max(x.max() for x in inputs)
    where = f"the outputs of the layer {layer!r} broke first" if layer else "the loss itself broke"
    rate = float(model.optimizer.learning_rate)
    kept = f"those of the end of epoch {epoch}" if epoch else "those from before the training"
    kind = "NaN" if np.isnan(loss) else "infinite"
    return (
        f"The loss became {kind} in epoch {epoch + 1}, step {step + 1}; {where}. The training "
        f"stopped, and the weights are {kept}. Likely causes: the learning rate {rate:g} is too "
        f"large, the columns of x (here from {least:.3g} to {most:.3g}) are not scaled, or a "
        "custom loss or layer divides by zero or takes the logarithm of it."
    )
