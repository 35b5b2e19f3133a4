"""How a model is trained, as Keras 3 describes it: what `compile` was given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from dlcore.optimizers import Optimizer
from dlcore.utils.lookup import arguments_of
from dlcore.utils.serialization import deserialize_keras_object, serialize_keras_object

# Arguments of Keras's compile that dlcore's lacks, where they change nothing.
_WITHOUT_EFFECT = {
    "auto_scale_loss": (True,),
}


class Compiled(Protocol):
    """What is asked of a model that is or will be compiled."""

    optimizer: Optimizer

    @property
    def compile(self) -> Callable[..., None]:
        """Chooses how the model is trained."""


def described(model: Compiled) -> dict[str, Any]:
    """What `compile` of a model was given; empty if it is not compiled."""
    given = getattr(model, "_compile_arguments", None)
    if given is None:
        return {}
    config = {"optimizer": model.optimizer, "steps_per_execution": 1, **given}
    return {name: serialize_keras_object(value) for name, value in config.items()}


def compiled(model: Compiled, config: Mapping[str, Any]) -> None:
    """Compile a model as a configuration says.

    Raises:
        ValueError: if it asks for something that dlcore does not have.
    """
    arguments = deserialize_keras_object(dict(config))
    known = arguments_of(model.compile)
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
    model.compile(**arguments)
