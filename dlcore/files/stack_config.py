"""Sequential models as Keras 3 describes them: their layers, the Input first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from dlcore.engine.symbol import SymbolicTensor
from dlcore.layers import Layer
from dlcore.layers.shape_inference import read_shape
from dlcore.utils.serialization import deserialize_keras_object, serialize_keras_object


class Stack(Protocol):
    """What is asked of a Sequential model."""

    name: str
    trainable: bool

    @property
    def dtype(self) -> str:
        """That of its numbers."""

    @property
    def layers(self) -> list[Layer]:
        """Its layers, without an Input."""

    @property
    def _way(self) -> list[SymbolicTensor]: ...


def described(model: Stack) -> dict[str, Any]:
    """The configuration of a Sequential model."""
    layers = list(model.layers)
    start = model._way[0] if model._way else None
    if start is not None:
        assert start.call is not None
        layers.insert(0, start.call.layer)
    entries: list[dict[str, Any]] = [serialize_keras_object(layer) for layer in layers]
    # A layer at several places: Keras reads by this number that it is one.
    places: dict[int, int] = {}
    for place, layer in enumerate(layers):
        first = places.setdefault(id(layer), place)
        if first < place:
            entries[place]["shared_object_id"] = entries[first]["shared_object_id"] = first
    config = {
        "name": model.name,
        "trainable": model.trainable,
        "dtype": model.dtype,
        "layers": entries,
    }
    if start is not None:
        config["build_input_shape"] = start.shape
    return config


def made(kind: type, config: Mapping[str, Any]) -> Any:
    """A model of that class from a configuration.

    Raises:
        ValueError: if it is none of a Sequential model.
    """
    entries = config.get("layers")
    if not isinstance(entries, list | tuple):
        raise ValueError("The description of a Sequential model has no list of layers.")
    model = kind(name=config.get("name"))
    shared: dict[int, Any] = {}
    for entry in entries:
        number = entry.get("shared_object_id") if isinstance(entry, Mapping) else None
        if not isinstance(number, int):
            model.add(deserialize_keras_object(entry))
            continue
        if number not in shared:
            shared[number] = deserialize_keras_object(entry)
        model.add(shared[number])
    shape = read_shape(config.get("build_input_shape"))
    if shape is not None and not model.built and model.layers:
        model.build(shape)
    if config.get("trainable") is False:
        model.trainable = False
    return model
