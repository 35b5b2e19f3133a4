"""Models from files, from their descriptions, and from one another."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

from dlcore.files.archive import read_model
from dlcore.files.layout import places
from dlcore.models.model import Model
from dlcore.utils import size_limits
from dlcore.utils.serialization import deserialize_keras_object, serialize_keras_object


def load_model(
    filepath: str | os.PathLike[str],
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
) -> Model:
    """Read a model that `save` of dlcore or Keras 3 has written.

    Nothing in the file is executed: it mentions classes and functions by name, which are those of
    dlcore, of `custom_objects`, or registered with `register_keras_serializable`.

    Args:
        filepath: ends in ".keras".
        custom_objects: classes and functions of your own by name.
        compile: whether to compile the model as it was, with the state of its optimizer; default
            True.

    Raises:
        FileNotFoundError: if there is no such file.
        ValueError: if it is damaged, or mentions something that is unknown here.
    """
    return read_model(filepath, Model, custom_objects, compile)


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Model:
    """A new model, with weights of its own, from what `to_json` of dlcore or Keras has returned.

    Args:
        json_string: the text.
        custom_objects: classes and functions of your own by name.

    Raises:
        ValueError: if it is no JSON, describes no model, mentions something unknown, or asks for
            weights of more than 2^28 numbers.
    """
    try:
        config = json.loads(json_string)
    except RecursionError:
        raise ValueError("The JSON is nested too deeply to describe a model.") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"The text is no JSON ({error}).") from None
    model = deserialize_keras_object(config, custom_objects)
    if not isinstance(model, Model):
        raise ValueError("The JSON describes no model; to_json() of a model writes such a text.")
    return model


def clone_model(model: Model) -> Model:
    """A new model of like layers, with new weights; it is not compiled.

    Args:
        model: any model whose layers can be described, see `to_json`.
    """
    config = serialize_keras_object(model)
    config.pop("compile_config", None)
    # A copy may stand beside the model without being registered.
    own = {type(layer).__name__: type(layer) for _, layer in places(model)}
    # Its size is no surprise.
    with size_limits.at_most(1 << 62, ""):
        return deserialize_keras_object(config, own)
