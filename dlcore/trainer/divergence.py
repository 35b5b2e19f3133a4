"""A loss that is no longer a number: where it broke, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore import tree
from dlcore.layers.tracking import go_back, states_of
from dlcore.symbol import SymbolicTensor
from dlcore.tensor import Tensor, no_grad


class Divergence(FloatingPointError, RuntimeError):
    """The loss became NaN or infinite while training."""


class Snapshot:
    """The variables of a model, what it carries over, and its optimizer's state, to go back to.

    Args:
        model: a built and compiled model.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        # Not the weights alone: with the steps of its seed generators an epoch can be run again.
        self._values = [(variable, variable.data.copy()) for variable in model.variables]
        self._state = model.optimizer.get_state()
        self._carried = states_of(model)

    def restore(self) -> None:
        """Put everything back."""
        for variable, value in self._values:
            variable.assign(value)
        self._model.optimizer.set_state(self._state)
        go_back(self._model, self._carried)


def first_broken_layer(model: Any, inputs: Sequence[np.ndarray]) -> str | None:
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
    model: Any, loss: float, inputs: Sequence[np.ndarray], epoch: int, step: int
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
