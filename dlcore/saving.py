"""Weights in files that Keras 3 reads, and the other way round.

A `.weights.h5` file is an HDF5 file. Each layer has a group, in which `vars` holds its own
variables as datasets "0", "1", … (those that are trained first), with the layer's name as the
attribute "name". The group of a layer in a Sequential model is called after its class, counted:

    vars                      nothing: a Sequential model has no variables of its own
    layers/flatten/vars
    layers/dense/vars/0       kernel of the first Dense layer
    layers/dense/vars/1       its bias
    layers/dropout/vars
    layers/dense_1/vars/0     kernel of the second Dense layer, whatever its name
    optimizer/vars/0          steps so far (int32), if the model is compiled
    optimizer/vars/1          learning rate
    optimizer/vars/2 …        what the optimizer keeps for each weight: Adam m, v, m, v, …

In a model of another kind the group of a layer is called after its attribute. Where a layer draws
random numbers, `vars` has the attribute "dlcore_random", one row (seed, stream, step) for each of
its generators; Keras does not look at it, and writes nothing in its place.
"""

from __future__ import annotations

import os
import uuid
import warnings
from collections import Counter
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from dlcore.layers import Layer
from dlcore.utils.naming import snake_case
from dlcore.utils.registry import CustomObjectScope as CustomObjectScope
from dlcore.utils.registry import custom_object_scope as custom_object_scope
from dlcore.utils.registry import get_registered_name as get_registered_name
from dlcore.utils.registry import get_registered_object as get_registered_object
from dlcore.utils.registry import register_keras_serializable as register_keras_serializable
from dlcore.utils.serialization import deserialize_keras_object as deserialize_keras_object
from dlcore.utils.serialization import serialize_keras_object as serialize_keras_object

_ENDING = ".weights.h5"
_CHANCE = "dlcore_random"


class _Unreadable(Exception):
    """What is wrong with a file, as half a sentence."""


def save_weights(model: Any, filepath: str | os.PathLike[str], overwrite: bool = True) -> None:
    """Write all weights of a model, and the state of its optimizer, into a file.

    A file of that name is replaced in one piece: after a crash there is the old one or the new.

    Args:
        model: a model that is built.
        filepath: ends in ".weights.h5"; its folder must be there.
        overwrite: False refuses to replace a file.

    Raises:
        ValueError: if the name has another ending, or the model has no weights yet.
        FileExistsError: if there is such a file and `overwrite` is False.
        OSError: if it cannot be written.
    """
    path = _checked(model, filepath, "saved")
    if path.exists() and not overwrite:
        raise FileExistsError(f"There is a file {str(path)!r} already; overwrite=True replaces it.")
    replace(path, _as_bytes(model))


def load_weights(model: Any, filepath: str | os.PathLike[str]) -> None:
    """Read weights that dlcore or Keras 3 has written; layers fit by their order and class.

    The state of the optimizer is taken as well if the model is compiled with the same one.

    Args:
        model: a model that is built, of the same layers.
        filepath: ends in ".weights.h5".

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is damaged or does not fit; the model is then as before.
    """
    import h5py

    path = _checked(model, filepath, "loaded")
    if not path.is_file():
        raise FileNotFoundError(f"There is no weights file {str(path)!r}.")
    try:
        with h5py.File(path, "r") as file:
            values, chance = _read(file, model)
            state = _read_optimizer(file, model)
    except _Unreadable as error:
        raise ValueError(
            f"The file {path.name!r} does not fit the model {model.name!r}, which stays as it is: "
            f"{error}."
        ) from None
    except (OSError, RuntimeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(
            f"The file {path.name!r} is damaged or is no weights file ({error}); the model "
            f"{model.name!r} stays as it is."
        ) from error
    for variable, value in values:
        variable.assign(value)
    for generator, (seed, stream, step) in chance:
        generator.seed[...], generator.stream[...] = seed, stream
        generator.step.assign(step)
    for array, value in state:
        array[...] = value


def replace(path: Path, content: bytes) -> None:
    """Write a file in one piece: a new one beside it takes its place when it is on the disk."""
    new = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")
    try:
        with open(new, "xb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def _checked(model: Any, filepath: str | os.PathLike[str], what: str) -> Path:
    path = Path(filepath)
    if not path.name.endswith(_ENDING):
        raise ValueError(
            f"A file of weights ends in {_ENDING!r}, but this is {path.name!r}; files of whole "
            "models are not supported yet."
        )
    if not model.built:
        raise ValueError(
            f"The model {model.name!r} has no weights to be {what}, since it has not seen an "
            "input; give it an Input or call it on data first."
        )
    return path


def _as_bytes(model: Any) -> bytes:
    import h5py

    buffer = BytesIO()
    with h5py.File(buffer, "w") as file:
        for place, layer in _places(model, "", set()):
            group = file.create_group(_join(place, "vars"))
            group.attrs["name"] = layer.name
            for i, variable in enumerate(layer.own_weights):
                group[str(i)] = variable.data
            generators = layer.own_seed_generators
            if generators:
                rows = [[g.seed, g.stream, g.step.data] for g in generators]
                group.attrs[_CHANCE] = np.array(rows, np.int64)
        optimizer = getattr(model, "optimizer", None)
        if optimizer is not None:
            group = file.create_group("optimizer/vars")
            group.attrs["name"] = optimizer.name
            for i, array in enumerate(optimizer.state_of(model.trainable_weights)):
                group[str(i)] = array if i else array.astype(np.int32)
    return buffer.getvalue()


def _places(layer: Layer, place: str, seen: set[int]) -> Iterator[tuple[str, Layer]]:
    """A layer and all layers inside, each once, with the paths of their groups."""
    if id(layer) in seen:
        return
    seen.add(id(layer))
    yield place, layer
    inside: dict[str, Any] = dict(vars(layer))
    if hasattr(layer, "add"):
        inside = {"layers": layer.layers}  # type: ignore[attr-defined]
    # As in Keras: by the alphabet, private attributes last.
    for name in sorted(inside, key=lambda name: (name.startswith("_"), name)):
        value = inside[name]
        if isinstance(value, Layer):
            yield from _places(value, _join(place, name), seen)
        elif isinstance(value, list | tuple | dict):
            counts: Counter[str] = Counter()
            for item in value.values() if isinstance(value, dict) else value:
                if isinstance(item, Layer):
                    kind = snake_case(type(item).__name__)
                    number = f"_{counts[kind]}" if counts[kind] else ""
                    counts[kind] += 1
                    yield from _places(item, _join(place, name, kind + number), seen)


def _read(file: Any, model: Any) -> tuple[list[Any], list[Any]]:
    """Pairs of a variable and its value, and of a generator and its place, nothing changed yet."""
    values: list[Any] = []
    chance: list[Any] = []
    known = set()
    for place, layer in _places(model, "", set()):
        path = _join(place, "vars")
        known.add(path)
        variables = layer.own_weights
        group = _member(file, path)
        count = 0 if group is None else len(group)
        if count != len(variables) or (group is None and variables):
            found = "nothing" if group is None else f"{count} weights"
            raise _Unreadable(
                f"the layer {layer.name!r} has {len(variables)} weights, the file has {found} at "
                f"{path!r}"
            )
        for i, variable in enumerate(variables):
            value = _dataset(group, str(i))
            if value.shape != variable.shape:
                raise _Unreadable(
                    f"the {variable.name} of the layer {layer.name!r} has shape {variable.shape}, "
                    f"that of the file {value.shape}"
                )
            values.append((variable, value[()]))
        generators = layer.own_seed_generators
        rows = None if group is None else group.attrs.get(_CHANCE)
        if rows is not None and np.shape(rows) == (len(generators), 3):
            chance += zip(generators, rows, strict=True)
    for path in _filled(file):
        if path not in known and not path.startswith("optimizer/"):
            raise _Unreadable(f"the file has weights at {path!r}, where the model has no layer")
    return values, chance


def _read_optimizer(file: Any, model: Any) -> list[tuple[np.ndarray, Any]]:
    """Pairs of an array of the optimizer and its value; none where the file has none that fit."""
    group = _member(file, "optimizer/vars")
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None or group is None or not len(group):
        return []
    saved = [_dataset(group, str(i)) for i in range(len(group))]
    optimizer.prepare(model.trainable_weights)
    arrays = optimizer.state_of(model.trainable_weights)
    if [array.shape for array in arrays] == [value.shape for value in saved]:
        return [(array, value[()]) for array, value in zip(arrays, saved, strict=True)]
    if len(saved) > 2:
        warnings.warn(
            f"The optimizer {optimizer.name!r} starts afresh: the file has the state of another "
            f"one, {group.attrs.get('name')!r}. The weights were loaded.",
            stacklevel=4,
        )
    return []


def _filled(file: Any) -> list[str]:
    """Paths of all groups with datasets."""
    import h5py

    found = []

    def visit(path: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found.append(path.rpartition("/")[0])

    file.visititems(visit)
    return found


def _member(file: Any, path: str) -> Any:
    """A group, or None; links out of the file are not followed."""
    import h5py

    group = file
    for name in path.split("/"):
        if group.get(name, getlink=True) is None or name not in group:
            return None
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise _Unreadable(f"{path!r} is a link to elsewhere")
        group = group[name]
        if not isinstance(group, h5py.Group):
            raise _Unreadable(f"{path!r} is not a group")
    return group


def _dataset(group: Any, name: str) -> Any:
    """A dataset of numbers that lies in the file itself."""
    import h5py

    inside = isinstance(group.get(name, getlink=True), h5py.HardLink)
    data = group[name] if inside else None
    if not isinstance(data, h5py.Dataset) or data.external or data.is_virtual:
        raise _Unreadable(f"{group.name}/{name} is no array of its own")
    if data.dtype.kind not in "fiub":
        raise _Unreadable(f"{group.name}/{name} does not hold numbers")
    return data


def _join(*parts: str) -> str:
    return "/".join(part for part in parts if part)
