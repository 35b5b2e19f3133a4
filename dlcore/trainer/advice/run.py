"""A run of fit, evaluate or predict: its arguments, and what its first step is waiting for."""

from __future__ import annotations

import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TextIO

import numpy as np

from dlcore import backends
from dlcore.callbacks import Callback, CallbackList
from dlcore.utils.py_dataset import PyDataset

# How long a first step may take before a word is said.
SECONDS = 1.0
_said = False


def whole(value: Any, name: str, least: int = 1) -> int:
    """`value` as an int.

    Raises:
        TypeError: if it is not a whole number.
        ValueError: if it is below the least that it may be.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} is a whole number, not {value!r}.")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, but is {value}.")
    return int(value)


def not_compiled(method: str) -> ValueError:
    """The error of a method that needs a compiled model."""
    return ValueError(
        f"The model is not compiled yet: before {method}, call model.compile("
        "optimizer='adam', loss=…) with a loss such as 'mse' or 'binary_crossentropy'."
    )


def verbosity(value: object) -> int:
    """0, 1 or 2; "auto" is 1.

    Raises:
        ValueError: for anything else.
    """
    if isinstance(value, str) and value == "auto":
        return 1
    if value in (0, 1, 2):
        return int(value)
    raise ValueError(f"verbose is 'auto', 0, 1 or 2, not {value!r}.")


def frequency(value: Any) -> Callable[[int], bool]:
    """After which epochs, counted from 1, there is a validation.

    Raises:
        TypeError, ValueError: if it is neither a whole number of at least 1 nor a list of epochs.
    """
    if isinstance(value, list | tuple | set):
        return frozenset(value).__contains__
    every = whole(value, "validation_freq")
    return lambda epoch: epoch % every == 0


def callbacks(given: Any) -> list[Callback]:
    """Callbacks as a list: one may come alone, or several in a CallbackList."""
    if given is None:
        return []
    if isinstance(given, CallbackList):
        return given.callbacks
    return list(given) if isinstance(given, list | tuple) else [given]


def validation(data: Any, share: float, model: Any) -> tuple[Any, float]:
    """What is held out, and the share of rows to split off; as in Keras data go before a share.

    Args:
        data: the validation_data.
        share: the validation_split.
        model: the model.

    Returns:
        `(x, y, sample_weight)`, or what gives batches, None if there is none; and the share.

    Raises:
        ValueError: if the data are not a pair or triple, or the share is out of range.
    """
    if share and not 0 < share < 1:
        raise ValueError(f"validation_split lies between 0 and 1, but is {share}; try 0.2.")
    if data is None:
        return None, share
    # A list of two or three may be x, y and weights, each a list for a model with several inputs.
    alone = hasattr(model, "add") or len(model.inputs or ()) == 1
    if gives_batches(data) or (lists_batches(model, data) and (alone or len(data) > 3)):
        return data, 0.0
    if not isinstance(data, tuple | list) or not 1 <= len(data) <= 3:
        raise ValueError(
            "validation_data is a tuple (x, y) or (x, y, sample_weight): write "
            "validation_data=(x_val, y_val)."
        )
    x, y, weight = (*data, None, None)[:3]
    return (x, y, weight), 0.0


def gives_batches(x: Any) -> bool:
    """Whether x gives batches one by one: a PyDataset, a generator or another iterable."""
    if isinstance(x, PyDataset):
        return True
    if isinstance(x, list | tuple | dict | str | bytes) or hasattr(x, "shape"):
        return False
    return hasattr(x, "__iter__") and not hasattr(x, "__array__")


def lists_batches(model: Any, x: Any, y: Any = None) -> bool:
    """Whether x is a list of batches `(x, y)` or `(x, y, sample_weight)` for a model.

    A list of whole arrays may also be the inputs of a model, and a list of pairs its rows. The
    inputs of a batch have an axis more than a row; where rows are not known, whole arrays without
    a y beside them are batches for a model that needs one.

    Args:
        model: the model.
        x: what was given.
        y: the targets beside it; None without any.
    """
    if not isinstance(x, list) or not x:
        return False
    if not all(isinstance(batch, list | tuple) and 2 <= len(batch) <= 3 for batch in x):
        return False
    if not all(_holds_arrays(batch[0]) and _holds_arrays(batch[1]) for batch in x):
        return False
    row, inputs = getattr(model, "row_shape", None), model.inputs
    if row is not None and (inputs is None or len(inputs) == 1):
        return all(len(getattr(batch[0], "shape", ())) == len(row) + 1 for batch in x)
    return y is None and model._compile_loss is not None and model._compile_loss.loss is not None


def _holds_arrays(values: Any) -> bool:
    """Whether an array with rows, or a list or dict of such arrays."""
    if isinstance(values, dict):
        values = list(values.values())
    if isinstance(values, list | tuple):
        return bool(values) and all(map(_holds_arrays, values))
    return bool(getattr(values, "shape", ()))


def refuse_beside(x: Any, y: Any, sample_weight: Any, share: float = 0) -> None:
    """Raise a ValueError if there is more beside what gives whole batches."""
    for name, value in (("y", y), ("sample_weight", sample_weight)):
        if value is not None:
            raise ValueError(
                f"x is a {type(x).__name__}, which gives whole batches (x, y, sample_weight); "
                f"leave {name} out."
            )
    if share:
        raise ValueError(
            "validation_split takes rows off the end of arrays, but x gives batches one by one; "
            "give validation_data instead."
        )


def say_idle(model: Any, epochs: int = 1, first: int = 0) -> None:
    """Warn if training cannot change a model: there is no epoch, or no weight to train.

    Nothing is said of a model with its own way to train, nor of weights that were made not to be
    trained: what a layer counts or measures may well change.

    Args:
        model: the model, which is built.
        epochs: how many epochs a fit goes through.
        first: the number of the first.
    """
    if epochs <= 0:
        warn(
            f"fit trains nothing: epochs={first + epochs} is the epoch to stop at, and "
            f"initial_epoch={first} is not before it; for one more epoch write epochs={first + 1}."
        )
    if model.trainable_weights or model._overrides("train_step"):
        return
    count = len(model.weights)
    if not count:
        warn(
            f"The model {model.name!r} has no weights, so that there is nothing to train; add a "
            "layer that has some, such as Dense, or measure the model by evaluate."
        )
    elif _is_frozen(model):
        weights = "its weight is" if count == 1 else f"all its {count} weights are"
        warn(
            f"The model {model.name!r} has nothing to train, since {weights} frozen; write "
            "layer.trainable = True for each layer that is to learn, or model.trainable = True "
            "for all."
        )


def _is_frozen(layer: Any) -> bool:
    """Whether a layer, or one inside of it, was said not to be trained."""
    return not layer.trainable or any(map(_is_frozen, layer._inside()))


def say_dry(source: Any, epoch: int, epochs: int, done: int) -> None:
    """Warn that the batches ended before the epochs did; `done` of these are whole."""
    warn(
        f"The {type(source).__name__} ran dry in epoch {epoch + 1} of {epochs}: it gave "
        f"fewer batches than steps_per_epoch times epochs. The training stopped there; the history "
        f"holds {done} {'epoch' if done == 1 else 'epochs'}. Let it go on for ever (while True), "
        "or give fit a PyDataset, which can be gone through again."
    )


def say_what_is_left(error: BaseException, done: int) -> None:
    """Say beside an exception what is left of a fit that it ended after so many whole epochs."""
    if done or isinstance(error, KeyboardInterrupt):
        error.add_note(
            f"The training was stopped after {done} whole {'epoch' if done == 1 else 'epochs'}; "
            "the model keeps its weights, and model.history holds those epochs."
        )


def warn(text: str) -> None:
    """Warn at the line of the program that has called the library."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith("dlcore."):
        level, frame = level + 1, frame.f_back
    warnings.warn(text, stacklevel=level)


@contextmanager
def compiling_notice(wanted: bool) -> Iterator[None]:
    """Print one line if the block compiles kernels for longer than a moment, once in a process.

    The first step on a machine compiles the kernels that it needs; without a word that looks like
    a program that hangs. Where they lie on disk, or the step itself is slow, nothing is said.

    Args:
        wanted: False for a run that prints nothing.
    """
    if _said or not wanted or backends.get_backend() == "numpy":
        yield
        return
    ended = threading.Event()
    watch = threading.Thread(target=_watch, args=(sys.stdout, _compiled(), ended), daemon=True)
    watch.start()
    try:
        yield
    finally:
        ended.set()


def _watch(stream: TextIO, before: int, ended: threading.Event) -> None:
    while not ended.wait(SECONDS):
        if _compiled() > before:
            _say(stream)
            return


def _compiled() -> int:
    """How many forms of kernels this process could not read from disk."""
    cache = sys.modules.get("dlcore.backends.numba.cache")  # not there without Numba
    return cache.missing if cache is not None else 0


def _say(stream: TextIO) -> None:
    global _said
    _said = True
    print(
        "Compiling the kernels for the first step; the next runs find them on disk.",
        file=stream,
        flush=True,
    )


def came_before(model: Any, x: Any, rows: int | None = None) -> bool:
    """Whether numbers in this shape were predicted in one batch before; from now on they were.

    Args:
        model: the model.
        x: inputs.
        rows: how many are one batch; default: however many there are.
    """
    if type(x) is not np.ndarray or x.dtype.kind not in "fiub":  # texts and objects are read anew
        return False
    if rows is not None and x.shape[:1] > (rows,):
        return False
    asked: set[tuple[int, ...]] = model.__dict__.setdefault("_asked", set())
    before = x.shape in asked
    asked.add(x.shape)
    return before
