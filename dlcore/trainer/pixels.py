"""Pictures that are still numbers from 0 to 255: said once, with the mend."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np

# What comes before the first layer with weights and leaves the size of numbers as it is.
_PASSED = ("InputLayer", "Flatten", "Reshape", "Dropout", "Permute")
_MOVED = ("Random", "MaxPooling", "AveragePooling", "GlobalMax", "GlobalAverage", "ZeroPadding")
_LEARNS = ("Dense", "Conv1D", "Conv2D")


def say_raw_pixels(model: Any, given: Any, arrays: list[np.ndarray]) -> None:
    """Warn if pictures with values up to 255 meet a layer that learns, once for a model.

    Nothing is said where another layer comes first, such as Rescaling or BatchNormalization.

    Args:
        model: the model.
        given: x as it was given, for its number type.
        arrays: x as arrays of floats.
    """
    if len(arrays) != 1 or getattr(model, "_pixels_said", False):
        return
    x = arrays[0]
    is_bytes = getattr(given, "dtype", None) == np.uint8
    wide = is_bytes and x.ndim == 2 and x.shape[1] >= 64
    if x.dtype.kind != "f" or not (x.ndim in (3, 4) or wide):
        return
    layer = next(_first_layers(model), None)
    if layer is None or type(layer).__name__ not in _LEARNS:
        return
    largest = x.max()
    if not 64 < largest <= 255 or x.min() < 0:
        return
    # Whole numbers in the first rows will do: pictures that were scaled have none.
    some = x[:100]
    if not is_bytes and (some != np.floor(some)).any():
        return
    model._pixels_said = True
    warnings.warn(
        f"x holds pixels from 0 to {largest:.0f}, and the layer {layer.name!r} learns badly from "
        "such large numbers; divide them, x / 255, or start the model with Rescaling(1/255).",
        stacklevel=5,
    )


def _first_layers(model: Any) -> Iterator[Any]:
    """The layers of a model that is a chain, without those that only pass the numbers on."""
    if not hasattr(model, "add") and not getattr(model, "inputs", None):
        return
    for layer in model.layers:
        name = type(layer).__name__
        if name in _PASSED or name.startswith(_MOVED):
            continue
        if hasattr(layer, "layers"):
            inside = list(_first_layers(layer))
            if not inside and not layer.weights:
                continue  # a model that only turns and cuts pictures
            yield from inside or [layer]
            return
        yield layer
        return
