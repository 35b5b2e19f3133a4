"""Which group of a weights file belongs to which layer, as Keras 3 lays it out.

The group of a layer in a Sequential or functional model is called after its class, counted:

    vars                      the variables of the model itself: none
    layers/dense/vars         those of the first Dense layer
    layers/dense_1/vars       those of the second, whatever its name

In a model of another kind, and in a layer with layers inside, the group is called after the
attribute: `forward_layer` of a Bidirectional, `left` of a model that says `self.left = Dense(4)`.
A layer that is met again by another way is in the file once, by the first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from dlcore.layers import Layer
from dlcore.layers.layer import Operation
from dlcore.utils.lookup import snake_case
from dlcore.utils.object_registration import place_of


def places(model: Layer) -> Iterator[tuple[str, Layer]]:
    """A model and all layers inside, each once, with the paths of their groups."""
    yield from _places(model, "", set())


def join(*parts: str) -> str:
    """The parts of a path that are not empty, with slashes between."""
    return "/".join(part for part in parts if part)


def _places(layer: Layer, place: str, seen: set[int]) -> Iterator[tuple[str, Layer]]:
    if id(layer) in seen:
        return
    seen.add(id(layer))
    yield place, layer
    inside: dict[str, Any] = dict(vars(layer))
    if hasattr(layer, "add") or getattr(layer, "_graph", None) is not None:
        stacked = [item for item in layer.layers if not isinstance(item, Operation)]  # type: ignore
        yield from _listed(stacked, join(place, "layers"), seen)
    # As in Keras: by the alphabet, private attributes last.
    for name in sorted(inside, key=lambda name: (name.startswith("_"), name)):
        value = inside[name]
        if isinstance(value, Layer):
            yield from _places(value, join(place, name), seen)
        elif isinstance(value, list | tuple | dict):
            yield from _listed(value, join(place, name), seen)


def _listed(value: Any, place: str, seen: set[int]) -> Iterator[tuple[str, Layer]]:
    counts: Counter[str] = Counter()
    for item in value.values() if isinstance(value, dict) else value:
        if isinstance(item, Layer):
            kind = snake_case((place_of(type(item)) or ("", type(item).__name__))[1])
            number = f"_{counts[kind]}" if counts[kind] else ""
            counts[kind] += 1
            yield from _places(item, join(place, kind + number), seen)
