"""Do the loss, the last layer and the targets fit each other?"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from dlcore import activations, losses
from dlcore.metrics.accuracy import BinaryAccuracy
from dlcore.utils.targets import class_numbers, fitted_shape

_CROSSENTROPIES = {
    losses.binary_crossentropy: "sigmoid",
    losses.categorical_crossentropy: "softmax",
    losses.sparse_categorical_crossentropy: "softmax",
}
_SCORES = (activations.linear, activations.relu, activations.tanh, activations.leaky_relu)


def last_activation(model: Any) -> tuple[str, Any]:
    """Name and activation function of the last layer that has one; ("", None) if none is known."""
    for layer in reversed(getattr(model, "layers", [])):
        activation = getattr(layer, "activation", None)
        if activation is not None:
            return layer.name, activation
        if type(layer).__name__ != "Flatten":
            break
    return "", None


def check_last_layer(model: Any, loss: Any, output: tuple[int, ...]) -> None:
    """Refuse a last layer whose outputs the loss cannot use; warn where they fit badly.

    Args:
        model: the model.
        loss: its Loss.
        output: shape of its outputs, with the axis of rows.

    Raises:
        ValueError: for a softmax over one unit, and for a crossentropy of raw scores.
    """
    name, activation = last_activation(model)
    fn = getattr(loss, "fn", None)
    if activation is activations.softmax and output[-1] == 1:
        raise ValueError(
            f"The last layer {name!r} is a softmax over 1 unit, which gives 1 whatever the input "
            "is; use activation='sigmoid', or one unit for each class."
        )
    if fn not in _CROSSENTROPIES:
        return
    wanted = _CROSSENTROPIES[fn]
    from_logits = loss.kwargs.get("from_logits", False)
    if not from_logits and activation in _SCORES:
        raise ValueError(
            f"The loss {fn.__name__!r} takes probabilities, but the last layer {name!r} has the "
            f"activation {activation.__name__!r}; give it activation={wanted!r}, or take the loss "
            f"with from_logits=True."
        )
    if from_logits and activation in (activations.sigmoid, activations.softmax):
        warnings.warn(
            f"The loss {fn.__name__!r} with from_logits=True applies the {wanted} itself, but the "
            f"last layer {name!r} has applied {activation.__name__!r} already; leave one of the "
            "two out.",
            stacklevel=4,
        )


def fitted_targets(y: np.ndarray, loss: Any, output: tuple[int, ...]) -> np.ndarray:
    """Targets in the shape and the number type that the loss takes.

    Args:
        y: targets as given, floats.
        loss: a Loss.
        output: shape of the outputs for these rows.

    Raises:
        ValueError: if shapes do not fit, a class number is out of range, or a target of a
            crossentropy is not between 0 and 1.
    """
    fn = getattr(loss, "fn", None)
    if fn is losses.sparse_categorical_crossentropy:
        rows = output[:-1]
        if y.shape == output and output[-1] > 1:
            raise ValueError(
                f"'sparse_categorical_crossentropy' takes class numbers of shape {rows}, but y "
                f"has shape {y.shape} like the outputs; for one-hot rows use the loss "
                "'categorical_crossentropy'."
            )
        if y.shape not in (rows, (*rows, 1)):
            raise ValueError(
                f"'sparse_categorical_crossentropy' takes class numbers of shape {rows} for "
                f"outputs of shape {output}, but y has shape {y.shape}; end the model in one row "
                "of class scores for each row of y."
            )
        return class_numbers(y.reshape(rows), output[-1])
    built_in = fn in _CROSSENTROPIES or fn is losses.mean_squared_error
    if built_in or y.size == np.prod(output):
        y = y.reshape(fitted_shape(y.shape, output)) if y.shape != output else y
    if fn in _CROSSENTROPIES and (y.min() < 0 or y.max() > 1):
        mend = "write y = (y + 1) / 2" if y.min() == -1 and y.max() == 1 else "scale or recode y"
        raise ValueError(
            f"The targets of {fn.__name__!r} lie from 0 to 1, but y goes from {y.min():g} to "
            f"{y.max():g}; {mend}."
        )
    return y


def check_metrics(metrics: Any, y: np.ndarray) -> None:
    """Warn of an accuracy that counts equal numbers where the targets are measurements."""
    if any(isinstance(metric, BinaryAccuracy) for metric in metrics):
        if not np.isin(y, (0, 1)).all():
            warnings.warn(
                "accuracy counts how often a prediction equals a target 0 or 1, but y holds other "
                "numbers; for measurements use metrics=['mae'].",
                stacklevel=4,
            )
