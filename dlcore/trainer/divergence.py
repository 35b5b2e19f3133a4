"""A loss that is no longer a number: where it broke, and what to do."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcore import backends
from dlcore.backends import memory
from dlcore.callbacks.metric_state import metric_state, put_back
from dlcore.engine import tree
from dlcore.engine.symbol import SymbolicTensor
from dlcore.engine.tensor import Tensor, no_grad
from dlcore.trainer.data.array_data_adapter import Arrays

if TYPE_CHECKING:
    from dlcore.trainer.data.data_adapter import DataAdapter
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
        loss: the loss that is no finite number; NaN stands for any, where a `Watch` has seen it.

    Raises:
        Divergence: unless a callback asks for a quiet end.
    """
    model, adapter, step = training.model, training.adapter, training.step
    if step.watch is not None:
        late = step.watch.tell()
        number, done = number - late, done - late
    before.restore()
    again = None if step.own else adapter.again()
    if again is not None:
        measured = metric_state(model.metrics)
        for _ in range(done):
            step.alone(next(again)).run_eagerly()
        batch = next(again)
        if step.watch is None:
            adapter.fetch(batch)
        else:
            # Only that it is not finite was noted; one more step, taken back, says what it is.
            here = type(before)(model)
            loss = memory.to_host(step.alone(batch).run_eagerly().loss).item()
            here.restore()
        put_back(model.metrics, measured)
    xs, _, _ = adapter.standardizer.parts(batch)
    text = explanation(model, loss, xs, epoch, number)
    before.restore()
    if not training.callbacks.ends_quietly:
        raise Divergence(text)
    if model._overrides("compute_metrics"):
        step.finish()  # it gives the last numbers of the history
    print(f"Batch {number}: Invalid loss, terminating training. {text}", flush=True)
    model.stop_training = True


class Watch:
    """The losses of steps whose kernels run on a device: looked at without waiting for them.

    A kernel of the step notes the first loss that is not finite, in memory that the host sees at
    any time. It may see it some steps late.

    Args:
        waits: whether to wait for each loss nevertheless, where batches do not come back.
    """

    def __init__(self, waits: bool) -> None:
        self._notes, self._seen = memory.shared(2, np.int64)
        self._waits, self._told = waits, False
        self.moves = memory.moved()
        self._steps = 0

    @classmethod
    def of(cls, adapter: DataAdapter, known: Watch | None) -> Watch:
        """A watch of a training on these batches: the one from before, unless arrays have moved."""
        if known is not None and known.moves == memory.moved():
            return known
        return cls(waits=adapter.again() is None)

    def after(self, step: Callable[[Any], Any], data: Any) -> Any:
        """Take a step on a batch, and note its loss."""
        logs = step(data)
        backends.call("note_loss", (self._notes,), (logs.loss,))
        return logs

    def begin(self) -> None:
        """Count the steps from here on."""
        memory.write(self._notes, memory.given(np.zeros(2, np.int64)))
        self._steps = 0

    def loss(self, logs: Any) -> float:
        """The loss of the step that was just taken if one waits for it.

        Else 0, or NaN once a loss that is not finite is seen.
        """
        self._steps += 1
        return memory.to_host(logs.loss).item() if self._waits else self.seen()

    def seen(self) -> float:
        """NaN if a loss that is not finite has been seen, which `tell` has not told yet; else 0.

        Raises:
            IndexError: if a kernel has met an index that there is not.
        """
        memory.refuse_wrong_index()
        return math.nan if self._seen[1] and not self._told else 0.0

    def tell(self) -> int:
        """How many steps were taken after that of the loss that is not finite."""
        self._told = True
        return 0 if self._waits else self._steps - int(self._seen[1])


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
            if not all(np.isfinite(memory.to_host(one.data)).all() for one in taken):
                return call.layer.name
    return None


def explanation(
    model: Trainer, loss: float, inputs: Sequence[np.ndarray], epoch: int, step: int
) -> str:
    """The sentences that a broken run ends with; epoch and step count from 0."""
    layer = first_broken_layer(model, inputs)
    values = [memory.to_host(x) for x in inputs]
    least, most = min(x.min() for x in values), max(x.max() for x in values)
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
