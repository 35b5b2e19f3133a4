"""A loss that is no longer a number: where it broke, and what to do."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.tensor import Tensor, no_grad


class Divergence(FloatingPointError):
    """The loss became NaN or infinite while training."""


class Snapshot:
    """The variables of a model and the state of its optimizer, to come back to.

    Args:
        model: a built and compiled model.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        # Not the weights alone: with the steps of its seed generators an epoch can be run again.
        self._values = [(variable, variable.data.copy()) for variable in model.variables]
        self._state = model.optimizer.get_state()

    def restore(self) -> None:
        """Put everything back."""
        for variable, value in self._values:
            variable.assign(value)
        self._model.optimizer.set_state(self._state)


def first_broken_layer(model: Any, x: np.ndarray) -> str | None:
    """Name of the first layer of a Sequential model with an output that is not finite.

    None if every output is finite, or the model is of another kind.
    """
    if not hasattr(model, "add"):
        return None
    with no_grad(), np.errstate(all="ignore"):
        value = Tensor(x)
        for layer in model.layers:
            value = layer(value, training=True)
            if not np.isfinite(value.data).all():
                return layer.name
    return None


def explanation(model: Any, loss: float, x: np.ndarray, epoch: int, step: int) -> str:
    """The sentences that a broken run ends with; epoch and step count from 0."""
    layer = first_broken_layer(model, x)
    where = f"the outputs of the layer {layer!r} broke first" if layer else "the loss itself broke"
    rate = float(model.optimizer.learning_rate)
    kept = f"those of the end of epoch {epoch}" if epoch else "those from before the training"
    kind = "NaN" if np.isnan(loss) else "infinite"
    return (
        f"The loss became {kind} in epoch {epoch + 1}, step {step + 1}; {where}. The training "
        f"stopped, and the weights are {kept}. Likely causes: the learning rate {rate:g} is too "
        f"large, the columns of x (here from {x.min():.3g} to {x.max():.3g}) are not scaled, or a "
        "custom loss or layer divides by zero or takes the logarithm of it."
    )
