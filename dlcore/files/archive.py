"""Whole models in `.keras` files that Keras 3 opens, and the other way round.

A `.keras` file is a zip archive of these members:

    metadata.json        the version of Keras whose form it has, and the date
    config.json          the model as `serialize_keras_object` describes it
    model.weights.h5     its weights and the state of its optimizer, see `state`

and, for layers of text, their vocabularies, "assets/layers/string_lookup/vocabulary.txt" and the
like: the folders are those of `layout`.
"""

from __future__ import annotations

import datetime
import io
import json
import os
from collections.abc import Mapping
from typing import Any

from dlcore.engine import random
from dlcore.files import state
from dlcore.files.disk import readable, replace, with_ending, writable
from dlcore.files.hdf5 import Unreadable, in_short
from dlcore.files.layout import join, places
from dlcore.files.members import read_members
from dlcore.files.weights import require_built
from dlcore.layers import Layer
from dlcore.layers.text import KeepsVocabulary
from dlcore.utils.lookup import count_names_from, names_given
from dlcore.utils.serialization import deserialize_keras_object, serialize_keras_object
from dlcore.utils.size_limits import at_most, look_over

_ENDING = ".keras"
_METADATA, _CONFIG, _WEIGHTS = "metadata.json", "config.json", "model.weights.h5"
_ASSETS = "assets/"
_FORM = "3.15.1"


def save_model(model: Layer, filepath: str | os.PathLike[str], overwrite: bool = True) -> None:
    """Write a model into a file: its layers, its weights, and how it is trained.

    A file of that name is replaced in one piece: after a crash there is the old one or the new.

    Args:
        model: a model that is built. Classes and functions of your own are written by name; see
            `register_keras_serializable`.
        filepath: ends in ".keras"; its folder must be there.
        overwrite: False refuses to replace a file.

    Raises:
        ValueError: if the name has another ending, or the model has no weights yet.
        TypeError: if a part cannot be described, such as a lambda.
        FileExistsError: if there is such a file and `overwrite` is False.
        OSError: if it cannot be written.
    """
    import zipfile

    with_ending(filepath, _ENDING)
    require_built(model, "saved")
    path = writable(filepath, _ENDING, overwrite)
    now = f"{datetime.datetime.now():%Y-%m-%d@%H:%M:%S}"
    metadata = {"keras_version": _FORM, "date_saved": now}
    members = {
        _METADATA: json.dumps(metadata).encode(),
        _CONFIG: json.dumps(serialize_keras_object(model)).encode(),
        _WEIGHTS: state.as_bytes(model),
    }
    for place, layer in places(model):
        for name, text in layer.assets().items() if isinstance(layer, KeepsVocabulary) else ():
            members[_ASSETS + join(place, name)] = text.encode()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    replace(path, buffer.getvalue())


def read_model(
    filepath: str | os.PathLike[str],
    kind: type,
    custom_objects: Mapping[str, Any] | None,
    compile: bool,
) -> Any:
    """A model of a kind from a file; `dlcore.models.load_model` has the other arguments.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is damaged, mentions something that is unknown here, or describes
            something else.
    """
    path = readable(filepath, _ENDING)
    seeds, names = random.state(), names_given()
    drawn = seeds[0].bit_generator.state
    try:
        import h5py

        members = read_members(path, (_CONFIG, _WEIGHTS), _ASSETS)
        model = _made(members, kind, custom_objects, compile)
        with h5py.File(io.BytesIO(members[_WEIGHTS]), "r") as file:
            take = state.prepared(file, model)
        take()
        _take_assets(model, members)
        return model
    except Exception as error:
        seeds[0].bit_generator.state = drawn
        random.restore(seeds)
        count_names_from(names)
        raise ValueError(f"The file {path.name!r} cannot be loaded: {_reason(error)}.") from (
            None if isinstance(error, Unreadable) else error
        )


def _made(
    members: Mapping[str, bytes],
    kind: type,
    custom_objects: Mapping[str, Any] | None,
    compile: bool,
) -> Any:
    config = _parsed(members[_CONFIG])
    if not compile:
        config.pop("compile_config", None)
    # Every number of a weight takes a byte of the file at least: a model that wants more numbers
    # than the file has bytes does not belong to it, and is not even begun.
    with at_most(len(members[_WEIGHTS]), "the file has"):
        look_over(config)
        model = deserialize_keras_object(config, custom_objects)
    if not isinstance(model, kind):
        raise Unreadable(f"it describes no model but a {type(model).__name__}")
    return model


def _take_assets(model: Layer, members: Mapping[str, bytes]) -> None:
    """Give the layers that have files of their own what is in them."""
    for place, layer in places(model):
        if not isinstance(layer, KeepsVocabulary):
            continue
        folder = _ASSETS + (f"{place}/" if place else "")
        files = {
            name.removeprefix(folder): content.decode()
            for name, content in members.items()
            if name.startswith(folder) and "/" not in name.removeprefix(folder)
        }
        layer.take_assets(files)


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        config = json.loads(content)
    except RecursionError:
        raise Unreadable("its config.json is nested too deeply") from None
    except ValueError as error:
        raise Unreadable(f"its config.json is damaged ({error})") from error
    if not isinstance(config, dict) or "class_name" not in config:
        raise Unreadable("its config.json describes no model")
    return config


def _reason(error: Exception) -> str:
    """What went wrong, as the end of a sentence."""
    if isinstance(error, MemoryError):
        return "the model does not fit into the memory"
    if isinstance(error, RecursionError):
        return "its description is nested too deeply"
    if isinstance(error, KeyError):
        return f"its description lacks {error}"
    return in_short(error).removesuffix(".")
