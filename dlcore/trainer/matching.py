"""Do the loss, the last layer, the targets and the metrics fit each other?"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from dlcore import activations, losses
from dlcore.metrics import BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy
from dlcore.tensor import Tensor, no_grad
from dlcore.utils.targets import class_numbers, differ_by_an_axis_of_one, fitted_shape

Shape = tuple[int, ...]

# The losses that take probabilities, and the activation that gives them.
_CROSSENTROPIES = {
    losses.binary_crossentropy: "sigmoid",
    losses.categorical_crossentropy: "softmax",
    losses.kl_divergence: "softmax",
    losses.sparse_categorical_crossentropy: "softmax",
}
_OF_ANY_NUMBERS = (losses.huber, losses.mean_absolute_error, losses.mean_squared_error)
_PROBABILITIES = (activations.sigmoid, activations.softmax)
# Activations with outputs below 0, or none; no crossentropy makes sense of them.
_SCORES = (
    activations.celu, activations.elu, activations.gelu, activations.hard_tanh,
    activations.leaky_relu, activations.linear, activations.log_sigmoid, activations.log_softmax,
    activations.relu, activations.selu, activations.silu, activations.softsign, activations.tanh,
)  # fmt: skip
_LAYERS = {
    "ELU": activations.elu,
    "LeakyReLU": activations.leaky_relu,
    "ReLU": activations.relu,
    "Softmax": activations.softmax,
}
_PASS_ON = ("Dropout", "Flatten", "Reshape")


def last_activation(model: Any) -> tuple[Any, Any]:
    """The last layer that has an activation, and that function; (None, None) if none is known.

    Args:
        model: anything with `layers`, the last of which gives the output.
    """
    for layer in reversed(getattr(model, "layers", [])):
        outputs = getattr(layer, "outputs", None)
        if hasattr(layer, "add"):
            return last_activation(layer)
        if outputs:
            layer = outputs[0].call.layer
        activation = getattr(layer, "activation", None) or _LAYERS.get(type(layer).__name__)
        if activation is not None:
            return layer, activation
        if type(layer).__name__ not in _PASS_ON:
            break
    return None, None


def check_last_layer(model: Any, loss: Any, output: Shape) -> None:
    """Refuse a last layer whose outputs the loss cannot use; warn once where they fit badly.

    Args:
        model: anything with `layers`, the last of which gives the output.
        loss: the Loss of that output.
        output: shape of the output, with the axis of rows.

    Raises:
        ValueError: for a softmax over one unit, and for a crossentropy of raw scores.
    """
    layer, activation = last_activation(model)
    if layer is None:
        return
    fn = getattr(loss, "fn", None)
    last = f"the last layer {layer.name!r}"
    if activation is activations.softmax and output[-1] == 1:
        raise ValueError(
            f"T{last[1:]} is a softmax over 1 unit, which gives 1 whatever the input is; use "
            "activation='sigmoid', or one unit for each class."
        )
    if fn is losses.hinge and activation in _PROBABILITIES:
        _warn_once(
            layer,
            f"The loss 'hinge' asks for scores beyond -1 and 1, but {last} has the activation "
            f"{activation.__name__!r} with outputs from 0 to 1; give it activation='tanh' or none.",
        )
    if fn not in _CROSSENTROPIES:
        return
    wanted = _CROSSENTROPIES[fn]
    from_logits = loss.kwargs.get("from_logits", False)
    if not from_logits and activation in _SCORES:
        other = "" if fn is losses.kl_divergence else ", or take the loss with from_logits=True"
        raise ValueError(
            f"The loss {fn.__name__!r} takes probabilities, but {last} has the activation "
            f"{activation.__name__!r}; give it activation={wanted!r}{other}."
        )
    if from_logits and activation in _PROBABILITIES:
        _warn_once(
            layer,
            f"The loss {fn.__name__!r} with from_logits=True applies the {wanted} itself, but "
            f"{last} has applied {activation.__name__!r} already; leave one of the two out.",
        )


def fitted_targets(y: np.ndarray, loss: Any, output: Shape) -> np.ndarray:
    """Targets in the shape and the number type that the loss takes.

    Args:
        y: targets as given, floats.
        loss: a Loss.
        output: shape of the outputs for these rows.

    Raises:
        ValueError: if shapes do not fit, a class number is out of range, or a target is one that
            the loss makes no sense of.
    """
    fn = getattr(loss, "fn", None)
    if fn is losses.sparse_categorical_crossentropy:
        return _class_numbers(y, loss.kwargs, output)
    if differ_by_an_axis_of_one(y.shape, output):
        y = y.reshape(output)
    if y.shape != output and (fn in _CROSSENTROPIES or fn in _OF_ANY_NUMBERS or fn is losses.hinge):
        fitted_shape(y.shape, output)
    elif y.shape != output:
        _check_one_s_own(y, loss, output)
    if fn in _CROSSENTROPIES and (y.min() < 0 or y.max() > 1):
        raise ValueError(
            f"The targets of {fn.__name__!r} lie from 0 to 1, but y goes from {y.min():g} to "
            f"{y.max():g}; {_recoding(y, output)}."
        )
    if fn is losses.hinge:
        _check_sides(y)
    return y


def check_metrics(metrics: Any, y: np.ndarray) -> None:
    """Warn once of an accuracy that counts equal classes where the targets are measurements."""
    for metric in metrics:
        told, mend = None, "for measurements use metrics=['mae']"
        if isinstance(metric, BinaryAccuracy) and not np.isin(y, (0, 1)).all():
            told = "a prediction equals a target 0 or 1, but y holds other numbers"
            if np.isin(y, (-1, 1)).all():
                mend = "write y = (y + 1) / 2"
        elif isinstance(metric, CategoricalAccuracy) and not _are_distributions(y):
            told = "the largest prediction of a row stands at its 1, but the rows of y are others"
            if np.isin(y, (0, 1)).all():
                mend = "for several labels a row use metrics=['binary_accuracy']"
        elif isinstance(metric, SparseCategoricalAccuracy) and (y != np.floor(y)).any():
            told = "the largest prediction stands at the class number, but y holds fractions"
        if told is not None:
            _warn_once(metric, f"accuracy counts how often {told}; {mend}.")


def _class_numbers(y: np.ndarray, arguments: dict[str, Any], output: Shape) -> np.ndarray:
    axis = arguments.get("axis", -1) % len(output)
    rows, classes = output[:axis] + output[axis + 1 :], output[axis]
    if y.shape == output and classes > 1:
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
    return class_numbers(y.reshape(rows), classes, arguments.get("ignore_class"))


def _check_one_s_own(y: np.ndarray, loss: Any, output: Shape) -> None:
    """Refuse targets that a loss of one's own would spread over a table of rows against rows.

    It may well take targets of another shape than the outputs, such as class numbers. What it
    does with fewer axes is tried on a few rows, whose number no axis of the outputs has: only
    there does an operation that would spread them fail.

    Raises:
        ValueError: if the targets lack two axes or more, or the loss cannot use them.
    """
    if y.ndim + 2 <= len(output):
        fitted_shape(y.shape, output)
    few = next(n for n in (2, 3, 4, 5, 6, 7) if n not in output[1:])
    if y.ndim >= len(output) or len(y) < few:
        return
    try:
        with no_grad():
            loss.call(Tensor(y[:few]), Tensor(np.full((few, *output[1:]), 0.5, y.dtype)))
    except ValueError as error:
        if "broadcast" in str(error):
            fitted_shape(y.shape, output)
        raise


def _recoding(y: np.ndarray, output: Shape) -> str:
    if y.min() == -1 and y.max() == 1:
        return "write y = (y + 1) / 2"
    if output[-1] == 1 and y.min() == 0 and (y == np.floor(y)).all():
        return (
            f"for {int(y.max()) + 1} classes end the model in as many units with "
            "activation='softmax' and take the loss 'sparse_categorical_crossentropy'"
        )
    return "scale or recode y"


def _check_sides(y: np.ndarray) -> None:
    if np.isin(y, (-1, 1)).all() or np.isin(y, (0, 1)).all():
        return
    kinds = np.unique(y)
    shown = ", ".join(f"{kind:g}" for kind in kinds[:4]) + (", …" if len(kinds) > 4 else "")
    raise ValueError(
        f"The targets of 'hinge' are -1 and 1, or 0 and 1, but y holds {shown}; recode y, or for "
        "more than two classes take a crossentropy."
    )


def _are_distributions(y: np.ndarray) -> bool:
    return bool((y >= 0).all() and np.allclose(y.sum(axis=-1), 1, atol=1e-3))


def _warn_once(place: Any, text: str) -> None:
    """Warn, unless the layer or metric that the warning is about has been told of before."""
    said = vars(place).setdefault("_said", set())
    if text not in said:
        said.add(text)
        warnings.warn(text, stacklevel=5)
