"""Do the data, the model, its loss and its metrics fit each other? If not, what to mend.

Layers and activations are asked, by their attributes and by a trial on a few numbers; so one that
is new is judged like those of the library.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from dlcore import activations, backends, losses
from dlcore.backends import memory
from dlcore.backends.rehearsal import by_the_formulas
from dlcore.engine import tree
from dlcore.engine.tensor import Tensor, floatx, no_grad
from dlcore.layers import Layer
from dlcore.layers.shape_inference import trial
from dlcore.layers.tracking import stateful_layers
from dlcore.losses import Loss
from dlcore.metrics import BinaryAccuracy, CategoricalAccuracy, Metric, SparseCategoricalAccuracy
from dlcore.trainer.advice.run import warn
from dlcore.trainer.advice.trials import learns_from_large_numbers, tried
from dlcore.trainer.data.array_data_adapter import ArrayDataAdapter
from dlcore.utils.targets import fitted_shape

if TYPE_CHECKING:
    from dlcore.trainer.data.data_adapter import DataAdapter
    from dlcore.trainer.trainer import Trainer

Shape = tuple[int, ...]

# The losses that take probabilities, and the activation that gives them.
_CROSSENTROPIES = {
    losses.binary_crossentropy: "sigmoid",
    losses.categorical_crossentropy: "softmax",
    losses.kl_divergence: "softmax",
    losses.sparse_categorical_crossentropy: "softmax",
}
_OF_ANY_NUMBERS = (losses.huber, losses.mean_absolute_error, losses.mean_squared_error)


def refuse_gaps(array: np.ndarray, what: str) -> None:
    """Raise a ValueError if a number is NaN or infinite; it names columns and the first row."""
    if array.dtype.kind != "f" or _is_surely_finite(array):
        return
    finite = np.isfinite(array)
    if finite.all():
        return
    first = np.argwhere(~finite)[0]
    kind = "NaN" if np.isnan(array[tuple(first)]) else "an infinite or too large number"
    row = f"row {first[0]}"
    where = row if array.ndim == 1 else f"column {first[1]}, {row}"
    if array.ndim > 2:
        where = f"{row}, at {tuple(int(i) for i in first[1:])}"
    columns = ""
    if array.ndim == 2:
        broken = np.flatnonzero(~finite.all(axis=0))
        if len(broken) > 1:
            shown = ", ".join(map(str, broken[:8])) + (", …" if len(broken) > 8 else "")
            columns = f"; the columns with gaps are {shown}"
    count = int((~finite.reshape(len(array), -1)).any(axis=1).sum())
    rows = "1 row" if count == 1 else f"{count} rows"
    if kind != "NaN":
        mend = "look for a division by zero or the logarithm of 0 behind it, or"
    elif what.startswith("y"):
        mend = "NaN stands for a missing number, from which nothing can be learnt:"
    else:
        mend = "NaN stands for a missing number; fill the gaps, as with the column's median, or"
    out = "leave those rows out"
    if what in ("x", "y") and array.ndim <= 2:
        every = ".all(axis=1)" if array.ndim == 2 else ""
        out += f": keep = np.isfinite({what}){every}; x, y = x[keep], y[keep]"
    raise ValueError(
        f"{what} holds {kind} in {where} ({rows} of {len(array)}{columns}); {mend} {out}."
    )


def _is_surely_finite(array: np.ndarray) -> bool:
    """Whether the sum of the squares is finite, for which each number must be; soon found out."""
    values = array.ravel("K")  # in the order in which they lie, so that most often none is copied
    with np.errstate(all="ignore"):
        return bool(np.isfinite(values.dot(values)))


def same_length(**arrays: np.ndarray | None) -> None:
    """Raise a ValueError if the arrays differ in their number of rows."""
    lengths = {name: len(array) for name, array in arrays.items() if array is not None}
    if len(set(lengths.values())) > 1:
        parts = " but ".join(f"{name} has {n} rows" for name, n in lengths.items())
        raise ValueError(f"{parts}; each row needs a partner.")


def check_last_layer(layers: Sequence[Layer], loss: Loss, output: Shape) -> None:
    """Refuse a last layer whose outputs the loss cannot use; warn once where they fit badly.

    Args:
        layers: the last of them gives the output.
        loss: the Loss of that output.
        output: shape of the output, with the axis of rows.

    Raises:
        ValueError: for a softmax over one unit, and for a crossentropy of raw scores.
    """
    layer, activation = last_activation(layers)
    if layer is None:
        return
    fn = getattr(loss, "fn", None)
    last = f"the last layer {layer.name!r}"
    if activation is activations.softmax and output[-1] == 1:
        raise ValueError(
            f"T{last[1:]} is a softmax over 1 unit, which gives 1 whatever the input is; use "
            "activation='sigmoid', or one unit for each class."
        )
    if fn is not losses.hinge and fn not in _CROSSENTROPIES:
        return
    name = getattr(activation, "__name__", type(activation).__name__)
    least, most = _outputs_of(activation)
    are_probabilities = least >= 0 and most <= 1
    if fn is losses.hinge:
        if are_probabilities:
            _warn_once(
                layer,
                f"The loss 'hinge' asks for scores beyond -1 and 1, but {last} has the activation "
                f"{name!r} with outputs from 0 to 1; give it activation='tanh' or none.",
            )
        return
    wanted = _CROSSENTROPIES[fn]
    from_logits = getattr(loss, "kwargs", {}).get("from_logits", False)
    # No crossentropy makes sense of outputs below 0, nor of those that are 0 or as large as any.
    if not from_logits and (least < 0 or (least == 0 and most > 1)):
        other = "" if fn is losses.kl_divergence else ", or take the loss with from_logits=True"
        raise ValueError(
            f"The loss {fn.__name__!r} takes probabilities, but {last} has the activation "
            f"{name!r}; give it activation={wanted!r}{other}."
        )
    if from_logits and are_probabilities:
        _warn_once(
            layer,
            f"The loss {fn.__name__!r} with from_logits=True applies the {wanted} itself, but "
            f"{last} has applied {name!r} already; leave one of the two out.",
        )


def last_activation(layers: Sequence[Layer]) -> tuple[Layer | None, Any]:
    """The last layer that has an activation, and that function; (None, None) if none is known.

    Args:
        layers: the last of them gives the output.
    """
    for layer in reversed(layers):
        outputs = getattr(layer, "outputs", None)
        if hasattr(layer, "add"):
            return last_activation(getattr(layer, "layers", ()))
        if outputs:
            layer = outputs[0].call.layer
        activation = getattr(layer, "activation", None)
        if activation is not None:
            return layer, activation
        if not _only_moves_numbers(layer):
            break
    return None, None


def check_targets(y: np.ndarray, loss: Loss, output: Shape) -> None:
    """Refuse targets that a loss makes no sense of.

    Args:
        y: targets, in the shape of the outputs where that is meant.
        loss: a Loss.
        output: shape of the outputs for these rows.

    Raises:
        ValueError: if the shapes do not fit, or a number is none that the loss can use.
    """
    fn = getattr(loss, "fn", None)
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


def check_metrics(metrics: Sequence[Metric], y: np.ndarray, output: Shape = ()) -> None:
    """Warn once of an accuracy that counts equal classes where the targets are measurements.

    Args:
        metrics: those of an output.
        y: its targets.
        output: shape of the output, with the axis of rows.

    Raises:
        ValueError: if a metric compares one target for each output, and y holds class numbers.
    """
    for metric in metrics:
        if hasattr(metric, "check_shapes"):
            metric.check_shapes(y.shape, output)
        told, mend = None, "for measurements use metrics=['mae']"
        if isinstance(metric, BinaryAccuracy) and not np.isin(y, (0, 1)).all():
            told = "a prediction equals a target 0 or 1, but y holds other numbers"
            if np.isin(y, (-1, 1)).all():
                mend = "write y = (y + 1) / 2"
        elif isinstance(metric, CategoricalAccuracy) and not distributions(y).all():
            told = "the largest prediction of a row stands at its 1, but the rows of y are others"
            if np.isin(y, (0, 1)).all():
                mend = "for several labels a row use metrics=['binary_accuracy']"
        elif isinstance(metric, SparseCategoricalAccuracy) and (y != np.floor(y)).any():
            told = "the largest prediction stands at the class number, but y holds fractions"
        if told is not None:
            _warn_once(metric, f"accuracy counts how often {told}; {mend}.")


def refuse_other_rows(y: Any, rows: int) -> None:
    """Raise a ValueError if an output of a model has not one row for each row of input."""
    for leaf in tree.leaves(y):
        if not isinstance(leaf, Tensor) or leaf.ndim == 0 or len(leaf.data) != rows:
            found = f"shape {leaf.shape}" if isinstance(leaf, Tensor) else type(leaf).__name__
            raise ValueError(
                f"A model returns a Tensor with one row of output for each row of input; for "
                f"{rows} rows this one returned {found}."
            )


def refuse_other_batches(
    model: Trainer, adapter: DataAdapter, what: str, epochs: int = 1,
    training: DataAdapter | None = None,
) -> None:  # fmt: skip
    """Raise a ValueError if a stateful layer would meet a batch with another number of rows.

    It would do so in the middle of an epoch; data that come batch by batch cannot be looked at.

    Args:
        model: the model.
        adapter: gives the batches.
        what: how the message calls the data, such as "training data".
        epochs: how often it gives them.
        training: what gives the batches of the training that a validation belongs to.
    """
    layers = stateful_layers(model)
    if not layers or not isinstance(adapter, ArrayDataAdapter):
        return
    rows, size = adapter.size, adapter.batch_size
    rest, trained = rows % size, getattr(training, "batch_size", size)
    begin = f"The layer {layers[0].name!r} is stateful and needs batches of one size"
    if rest and adapter.steps * epochs >= adapter.batches:
        raise ValueError(
            f"{begin}, but {rows} rows of {what} with a batch_size of {size} leave {rest} for the "
            f"last batch; choose a batch_size that divides {rows}, such as {_divisor(rows, size)}, "
            f"or give {rows - rest} rows."
        )
    if trained != size:
        raise ValueError(
            f"{begin}, but those of the training have {trained} rows and those of the "
            f"{what} {size}; choose one batch_size that divides the number of rows of both."
        )


def say_raw_pixels(model: Trainer, given: Any, arrays: list[np.ndarray]) -> None:
    """Warn if images with values up to 255 meet a layer that learns, once for a model.

    A table is one of images if it has 64 columns or more and holds bytes, or whole numbers up to
    the largest byte.

    Nothing is said where another layer comes first, such as Rescaling or BatchNormalization.

    Args:
        model: the model, which is built.
        given: x as it was given, for its dtype.
        arrays: x as arrays of floats.
    """
    if len(arrays) != 1 or vars(model).get("_pixels_said"):
        return
    x = arrays[0]
    is_bytes = getattr(given, "dtype", None) == np.uint8
    wide = x.ndim == 2 and x.shape[1] >= 64
    if x.dtype.kind != "f" or not (x.ndim in (3, 4) or wide):
        return
    # Whole numbers in the first rows will do: images that were scaled have none.
    some = x[:100]
    if not is_bytes and (some != np.floor(some)).any():
        return
    largest = x.max()
    if not 64 < largest <= 255 or x.min() < 0:
        return
    # A table of other whole numbers, such as counts, hardly ends at the very largest byte.
    if wide and not is_bytes and largest < 255:
        return
    alike = np.linspace(0, largest, x[:2].size, dtype=x.dtype).reshape(x[:2].shape)
    # Asked once of a model, and not again for each batch.
    vars(model)["_pixels_said"] = True
    layer = learns_from_large_numbers(model, alike)
    if layer is None:
        return
    warn(
        f"x holds pixels from 0 to {largest:.0f}, and the layer {layer.name!r} learns badly from "
        "such large numbers; divide them, x / 255, or start the model with Rescaling(1/255)."
    )


def _outputs_of(activation: Any) -> tuple[float, float]:
    """The least and the largest output for numbers around 0; NaN where it cannot be tried."""
    x = Tensor(np.array([[-40, -3, -0.5, 0, 0.5, 3, 40]], floatx()))
    compiles = backends.get_backend() == "cpu"
    try:
        with no_grad(), trial(), by_the_formulas() if compiles else nullcontext():
            y = memory.to_host(activation(x).data)
        return float(y.min()), float(y.max())
    except Exception:
        # Whatever a function of the user's own says of numbers that are not its model's.
        return math.nan, math.nan


def _only_moves_numbers(layer: Layer) -> bool:
    """Whether a layer gives the numbers that it gets, such as Dropout or Flatten; it is tried."""
    shape = getattr(getattr(layer, "input", None), "shape", None)
    if shape is None or layer.weights:
        return False
    sizes = [2 if size is None else size for size in shape]
    x = np.linspace(0.1, 0.9, math.prod(sizes), dtype=floatx())
    y = tried(layer, Tensor(x.reshape(sizes)))
    return isinstance(y, Tensor) and np.array_equal(np.sort(y.numpy(), axis=None), x)


def _check_one_s_own(y: np.ndarray, loss: Loss, output: Shape) -> None:
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


def distributions(y: np.ndarray, axis: int = -1) -> np.ndarray:
    """Which rows hold shares that add up to 1."""
    shares: np.ndarray = (y >= 0).all(axis=axis) & np.isclose(y.sum(axis=axis), 1, atol=1e-3)
    return shares


def _warn_once(place: Layer | Metric, text: str) -> None:
    """Warn, unless the layer or metric that the warning is about has been told of before."""
    said = vars(place).setdefault("_said", set())
    if text not in said:
        said.add(text)
        warn(text)


def _divisor(rows: int, size: int) -> int:
    """The batch size next to `size` that leaves no rows over; 1 only for a single row."""
    fitting = [n for n in range(1, math.isqrt(rows) + 1) if rows % n == 0]
    fitting += [rows // n for n in fitting]
    return min((n for n in fitting if n > 1 or rows == 1), key=lambda n: abs(n - size))
