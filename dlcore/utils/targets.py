"""What a batch is made of, x, y and weights, and how its targets fit the outputs of a model."""

from __future__ import annotations

from typing import Any, TypeVar, cast

import numpy as np

from dlcore.backends import memory
from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.utils.lookup import snake_case

Targets = TypeVar("Targets", Tensor, np.ndarray)

Shape = tuple[int, ...]

# What measures class numbers as these measure one-hot rows.
_OF_CLASS_NUMBERS = {
    "accuracy": "metrics=['accuracy'], which compares the likeliest class",
    "categorical_accuracy": "'sparse_categorical_accuracy'",
    "top_k_categorical_accuracy": "SparseTopKCategoricalAccuracy(k)",
    "categorical_crossentropy": "'sparse_categorical_crossentropy'",
}


def pack_x_y_sample_weight(x: Any, y: Any = None, sample_weight: Any = None) -> Any:
    """A batch as `train_step` gets it: x alone, `(x, y)` or `(x, y, sample_weight)`.

    An x that is a list or tuple comes as `(x,)`.
    """
    if y is None:
        return (x,) if isinstance(x, list | tuple) else x
    return (x, y) if sample_weight is None else (x, y, sample_weight)


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """x, y and the weights of a batch, None for what it does not have.

    Raises:
        ValueError: if it is a tuple of none or of more than three.
    """
    if isinstance(data, list):
        data = tuple(data)
    if not isinstance(data, tuple):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ValueError(
            f"A batch is (x,), (x, y) or (x, y, sample_weight), but this one is a tuple of "
            f"{len(data)}."
        )
    x, y, weight = (*data, None, None)[:3]
    return x, y, weight


def differ_by_an_axis_of_one(target: Shape, output: Shape) -> bool:
    """Whether one of two shapes is the other with an axis of size 1 at its end."""
    return target == (*output, 1) or (*target, 1) == output


def fitted(target: Targets, output: Shape, strict: bool = True) -> Targets:
    """A target in the shape in which it is compared with an output, see `fitted_shape`.

    Args:
        target: a Tensor or an array.
        output: shape of the output.
        strict: whether to refuse one that does not fit; otherwise it stays as it is, for whoever
            takes targets of other shapes.

    Raises:
        ValueError: if the two do not fit; it names both shapes and the mend.
    """
    if target.shape == output:
        return target
    if not strict and not differ_by_an_axis_of_one(target.shape, output):
        return target
    shape = fitted_shape(target.shape, output)
    return ops.reshape(target, shape) if isinstance(target, Tensor) else target.reshape(shape)


def fitted_shape(target: Shape, output: Shape) -> Shape:
    """The shape in which a target is compared with an output.

    `(n,)` against `(n, 1)` is meant, and so is `(n, 1)` against `(n,)`: the target takes the
    shape of the output. NumPy would broadcast other pairs to a table of every row against every
    row, and the training would go on with a number that means nothing: those are refused.

    Raises:
        ValueError: if the two do not fit; it names both shapes and the mend.
    """
    if target == output or differ_by_an_axis_of_one(target, output):
        return output
    mend = "make the two alike"
    if len(output) >= 2 and target in (output[:-1], (*output[:-1], 1)):
        k = output[-1]
        mend = (
            f"if y holds class numbers, use the loss 'sparse_categorical_crossentropy' or "
            f"dlcore.utils.to_categorical(y, {k}); if it holds a number to predict, end the model "
            "in Dense(1)"
        )
    elif len(output) == 2 and len(target) == 2:
        mend = f"let the last layer have {target[1]} units"
    elif len(output) > len(target):
        mend = (
            "bring each row to one axis before the last Dense layer, by a Flatten or by "
            "return_sequences=False in the last recurrent layer"
        )
    raise ValueError(
        f"Targets of shape {_text(target)} do not fit outputs of shape {_text(output)}: {mend}."
    )


def rows_of_labels(labels: Shape, output: Shape, who: str) -> Shape:
    """The shape of class numbers, one for each row of an output: `(...)` for `(..., k)`.

    Args:
        labels: their shape as given, `(...)` or `(..., 1)`.
        output: that of the output.
        who: what takes them, "sparse_…", as the error names it.

    Raises:
        ValueError: if the two do not fit; it names both shapes and the mend.
    """
    rows = output[:-1]
    if labels not in (rows, (*rows, 1)):
        raise ValueError(
            f"{who} takes class numbers of shape {rows} for outputs of shape {output}, but these "
            f"have shape {labels}; for one-hot targets use {who.removeprefix('sparse_')!r}."
        )
    return rows


def lacks_classes(target: Shape, output: Shape) -> bool:
    """Whether targets have the shape of class numbers for several outputs: `(n,)` or `(n, 1)`."""
    return len(output) > 1 < output[-1] and target in (output[:-1], (*output[:-1], 1))


def refuse_class_numbers(who: str, target: Shape, output: Shape) -> None:
    """Raise a ValueError if a metric of one target for each output gets one for each row.

    Args:
        who: the metric, as the message calls it.
        target: shape of the targets.
        output: shape of the outputs.
    """
    if lacks_classes(target, output):
        twin = _OF_CLASS_NUMBERS.get(snake_case(who))
        mend = (
            f"for class numbers take {twin}"
            if twin
            else f"for class numbers leave it out, or train on dlcore.utils.to_categorical(y, "
            f"{output[-1]}) with the loss 'categorical_crossentropy'; for a number to predict, end "
            "the model in Dense(1)"
        )
        raise ValueError(
            f"The metric {who!r} takes targets in the shape {output} of the outputs, but y has "
            f"shape {target}; {mend}."
        )


def class_numbers(labels: np.ndarray, classes: int, ignored: int | None = None) -> np.ndarray:
    """Labels as an integer array, after a look at their range.

    Args:
        labels: one a row, or one a step.
        classes: how many there are.
        ignored: a number outside of the range that is let through.

    Raises:
        ValueError: if one is not whole, negative, or not below `classes`; it names the first
            such row.
    """
    whole = labels.astype(np.int64) if labels.dtype.kind == "f" else labels
    if not labels.size:
        return whole
    wrong = (whole < 0) | (whole >= classes) | (whole != labels)
    if ignored is not None:
        wrong &= labels != ignored
    if wrong.any():
        where = tuple(np.argwhere(wrong)[0])
        raise ValueError(
            f"Class numbers go from 0 to {classes - 1} for the {classes} outputs of the last "
            f"layer, but row {where[0]} of y is {labels[where].item():g};"
            f" give the last layer {int(labels.max()) + 1} units, or renumber the classes from 0."
        )
    return whole


def as_array(values: object) -> np.ndarray:
    """The numbers of a Tensor, or of anything that NumPy understands, as an array of NumPy.

    An array of a backend's own memory stays where it is: it belongs to kernels.

    Raises:
        TypeError: if it holds text.
    """
    if isinstance(values, Tensor):
        return memory.to_host(values.data)
    if isinstance(values, memory.DeviceArray):
        return cast(np.ndarray, values)
    array = np.asarray(values)
    if array.dtype.kind not in "fiub":
        refuse_text(array, "A metric takes numbers, but what it was given")
    return array


def refuse_text(array: np.ndarray, what: str, mend: str = "") -> None:
    """Raise a TypeError if an array holds text where class numbers are needed.

    Args:
        array: the array.
        what: the start of the message, which tells what holds it, such as "labels".
        mend: what to do; default: to number the classes.
    """
    text: Any = None
    if array.dtype.kind in "UST" and array.size:
        text = array.reshape(-1)[0]
    elif array.dtype.kind == "O":
        text = next((entry for entry in array.reshape(-1) if isinstance(entry, str)), None)
    if text is not None:
        mend = mend or "number the classes first: names, y = np.unique(y, return_inverse=True)"
        raise TypeError(f"{what} holds text such as {str(text)[:30]!r}; {mend}.")


def _text(shape: Shape) -> str:
    return "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"
