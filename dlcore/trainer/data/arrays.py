"""What people hand to fit, as arrays of numbers, in the shapes that a model and its losses take.

What cannot be made one is named in a sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np

from dlcore import losses
from dlcore.engine.tensor import floatx
from dlcore.layers import InputLayer
from dlcore.losses import Loss, LossFunctionWrapper
from dlcore.trainer.advice.agreement import check_targets
from dlcore.trainer.data.conversion import array_of, text_message
from dlcore.utils.targets import class_numbers, fitted

if TYPE_CHECKING:
    from dlcore.trainer.trainer import Trainer

Shape = tuple[int, ...]


def numbers(values: Any, what: str, whole: bool = False) -> np.ndarray:
    """`values` as a C-contiguous array of floats: arrays, tensors, tables, lists, sparse matrices.

    Args:
        values: the data, the first axis being its rows.
        what: how messages call it, such as "x".
        whole: whether whole numbers stay whole, as int64.

    Raises:
        TypeError: if it holds text or objects.
        ValueError: if it is ragged, a single number or has no rows.
    """
    if values is None:
        raise ValueError(f"{what} is None; give an array or a list of numbers.")
    plain = isinstance(values, np.ndarray) and values.dtype.kind in "fiub"
    array = values if plain else array_of(values, what)
    if array.dtype.kind in "UST":
        raise TypeError(text_message(array.reshape(-1)[0], what))
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{what} holds {array.dtype}, not numbers; make them numbers first.")
    if array.ndim == 0:
        raise ValueError(f"{what} is the single number {array}; give one entry for each row.")
    if array.size == 0:
        raise ValueError(
            f"{what} is empty: its shape is {array.shape}; look at how it was read or filtered."
        )
    if whole and array.dtype.kind in "iu":
        return np.ascontiguousarray(array, dtype=np.int64)
    with np.errstate(over="ignore"):  # what is too large becomes infinite, see advice
        return np.ascontiguousarray(array, dtype=floatx())


def fitted_inputs(
    x: np.ndarray, model: Trainer, row: tuple[int | None, ...] | None, what: str = "x"
) -> np.ndarray:
    """Inputs in the shape that the model takes; `(n,)` becomes `(n, 1)`.

    Args:
        x: the inputs.
        model: the model, for its name.
        row: the shape of one row, None if it is not known.
        what: how messages call x.

    Raises:
        ValueError: if the rows have another shape; it names both and the mend.
    """
    if x.ndim == 1 and row in (None, (1,), (None,)):
        return x[:, None]
    if row is None or _fits(x.shape[1:], row):
        return x
    if _fits(x.shape, row):
        mend = "this is one row without its axis of rows: write x[None]"
    elif _fits((*x.shape[1:], 1), row):
        mend = "the images lack the axis of channels: write x[..., None]"
    elif x.ndim == 2 and len(row) == 1:
        mend = f"give it {row[0]} columns, or start the model with Input(({x.shape[1]},))"
    else:
        mend = "reshape x, or start the model with the shape of its rows"
    shape = str(row).replace("None", "any")
    raise ValueError(
        f"The model {model.name!r}{'' if '[' in what else _first(model)} takes rows of shape "
        f"{shape}, but {what} has shape {x.shape}; {mend}."
    )


def fitted_targets(y: np.ndarray, loss: Loss, output: Shape) -> np.ndarray:
    """Targets in the shape and the dtype that the loss takes; `(n,)` becomes `(n, 1)`.

    Args:
        y: targets as given, floats.
        loss: a Loss.
        output: shape of the outputs for these rows.

    Raises:
        ValueError: if shapes do not fit, a class number is out of range, or a target is one that
            the loss makes no sense of.
    """
    if takes_class_numbers(loss):
        return _class_numbers(y, loss.kwargs, output)
    y = fitted(y, output, strict=False)
    check_targets(y, loss, output)
    return y


def takes_class_numbers(loss: Loss) -> TypeGuard[LossFunctionWrapper]:
    """Whether the targets of a loss are numbers of classes, one for several outputs."""
    return getattr(loss, "fn", None) is losses.sparse_categorical_crossentropy


def row_weights(
    weights: np.ndarray, losses: tuple[int, ...], what: str = "sample_weight"
) -> np.ndarray:
    """Weights with as many axes as the losses: `(n,)`, or for sequences `(n, 1)` or `(n, steps)`.

    Args:
        weights: one a row, or one a row and step.
        losses: shape of the losses, `(n,)` or `(n, steps, …)`.
        what: how messages call them.

    Raises:
        ValueError: if they have another shape, or one is negative or not finite.
    """
    n = losses[0]
    given = weights.shape
    if weights.shape in ((n, 1), (*losses, 1)):
        weights = weights[..., 0]
    if weights.shape not in (losses[: weights.ndim], losses[:1]) or weights.ndim > len(losses):
        steps = f" or {losses}" if len(losses) > 1 else ""
        raise ValueError(
            f"{what} has one weight for each row, shape ({n},){steps}, but its shape is {given}."
        )
    right = np.isfinite(weights) & (weights >= 0)
    if not right.all():
        first = np.argwhere(~right)[0]
        raise ValueError(
            f"{what} holds numbers of at least 0, but row {first[0]} is {weights[tuple(first)]}."
        )
    return weights.reshape(weights.shape + (1,) * (len(losses) - weights.ndim))


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


def _fits(shape: tuple[int, ...], row: tuple[int | None, ...]) -> bool:
    return len(shape) == len(row) and all(
        want is None or size == want for size, want in zip(shape, row, strict=True)
    )


def _first(model: Trainer) -> str:
    layers = [layer for layer in getattr(model, "layers", ()) if not isinstance(layer, InputLayer)]
    return f", with the first layer {layers[0].name!r}," if layers else ""
