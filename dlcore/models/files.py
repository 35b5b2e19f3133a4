"""What a model writes of itself, and how it is made again from that."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, Self

from dlcore import saving
from dlcore.layers.shapes import read_shape
from dlcore.models import graph_config
from dlcore.utils import limits
from dlcore.utils.config import accepted_arguments, arguments_in
from dlcore.utils.lookup import arguments_of
from dlcore.utils.serialization import (
    deserialize_keras_object,
    serialize_keras_object,
)

# Arguments of Keras's compile that dlcore's lacks, where they change nothing.
_WITHOUT_EFFECT = {
    "auto_scale_loss": (True,),
}


class Files:
    """The part of a model that goes into files and comes out of them."""

    def save(self, filepath: str | os.PathLike[str], overwrite: bool = True) -> None:
        """Write the model into a file that Keras reads too: layers, weights, how it is trained.

            model.save("model.keras")
            model = dlcore.models.load_model("model.keras")

        Args:
            filepath: ends in ".keras"; for the weights alone, in ".weights.h5", see
                `save_weights`.
            overwrite: False refuses to replace a file; default True.

        Raises:
            ValueError: if the name has another ending, or the model is not built.
            TypeError: if a part cannot be described, such as a lambda.
            FileExistsError: if there is such a file and `overwrite` is False.
        """
        saving.save_model(self, filepath, overwrite)

    def save_weights(self, filepath: str | os.PathLike[str], overwrite: bool = True) -> None:
        """Write the weights, and the state of the optimizer, into a file that Keras reads too.

        Args:
            filepath: ends in ".weights.h5".
            overwrite: False refuses to replace a file; default True.

        Raises:
            ValueError: if the name has another ending, or the model is not built.
            FileExistsError: if there is such a file and `overwrite` is False.
        """
        saving.save_weights(self, filepath, overwrite)

    def load_weights(self, filepath: str | os.PathLike[str]) -> None:
        """Read weights that `save_weights` has written, here or in Keras, in a like model.

        To go on with the training, compile the model first: the state of the optimizer is then
        read as well.

        Raises:
            FileNotFoundError: if there is no such file.
            ValueError: if it is damaged or of another model; nothing is changed then.
        """
        saving.load_weights(self, filepath)

    def to_json(self, **kwargs: Any) -> str:
        """The layers of the model and how it is trained, without the weights, as JSON.

        Args:
            kwargs: those of `json.dumps`, such as indent=2.
        """
        return json.dumps(serialize_keras_object(self), **kwargs)

    def get_config(self) -> dict[str, Any]:
        """The layers of the model, as plain data for a JSON file; without weights."""
        if graph_config.is_functional(self):
            return graph_config.described(self)
        return arguments_in(self, leaving_out=("inputs", "outputs"))

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Self:
        """A new model, with weights of its own, from what `get_config` has returned.

        Raises:
            ValueError: if it mentions something unknown, or asks for weights of more than 2^28
                numbers.
        """
        with saving.custom_object_scope(custom_objects), limits.described(config):
            if graph_config.describes_graph(config):
                return graph_config.made(cls, config)
            arguments = {name: deserialize_keras_object(v) for name, v in config.items()}
            return cls(**accepted_arguments(cls, arguments))

    def get_compile_config(self) -> dict[str, Any]:
        """What `compile` was given, as plain data; empty if the model is not compiled."""
        given = getattr(self, "_compile_arguments", None)
        if given is None:
            return {}
        config = {"optimizer": self.optimizer, "steps_per_execution": 1, **given}  # type: ignore
        return {name: serialize_keras_object(value) for name, value in config.items()}

    def compile_from_config(self, config: Mapping[str, Any]) -> None:
        """Compile the model as `get_compile_config` of dlcore or Keras has described it.

        Raises:
            ValueError: if it asks for something that dlcore does not have.
        """
        arguments = deserialize_keras_object(dict(config))
        compile: Any = self.compile  # type: ignore[attr-defined]
        known = arguments_of(compile)
        for name in [name for name in arguments if name not in known]:
            value = arguments.pop(name)
            if value not in _WITHOUT_EFFECT.get(name, (None,)):
                raise ValueError(
                    f"dlcore's compile has no argument {name!r}, which the file sets to {value!r}; "
                    "load the model with compile=False."
                )
        if isinstance(arguments.get("jit_compile"), bool):
            # Keras writes what it chose for its own backend.
            arguments["jit_compile"] = "auto"
        compile(**arguments)

    def get_build_config(self) -> dict[str, Any] | None:
        """The shape of the input that the model was built for."""
        shape = getattr(self, "input_shape", None) or getattr(self, "build_shape", None)
        return None if shape is None else {"input_shape": shape}

    def build_from_config(self, config: Mapping[str, Any]) -> None:
        """Make the weights for the shape that `get_build_config` has returned."""
        shape = read_shape(config.get("input_shape"))
        if shape is not None and not self.built:  # type: ignore[attr-defined]
            # Calls the layers inside, so that they are built as well.
            self.compute_output_shape(shape)  # type: ignore[attr-defined]


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Any:
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
    if not isinstance(model, Files):
        raise ValueError("The JSON describes no model; to_json() of a model writes such a text.")
    return model


def clone_model(model: Any) -> Any:
    """A new model of like layers, with new weights; it is not compiled.

    Args:
        model: any model whose layers can be described, see `to_json`.
    """
    config = serialize_keras_object(model)
    config.pop("compile_config", None)
    # A copy may stand beside the model without being registered.
    own = {type(layer).__name__: type(layer) for _, layer in saving.places(model)}
    # Its size is no surprise.
    with limits.at_most(1 << 62, ""):
        return deserialize_keras_object(config, own)
