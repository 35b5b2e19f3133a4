"""How a loss or a metric that wraps a function is described in a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

from dlcore.utils.config import Configurable
from dlcore.utils.serialization import (
    deserialize_keras_object,
    serialize_keras_object,
    serialize_value,
)


class WrapsFunction(Configurable):
    """Adds to a configuration the function `fn` and its further arguments, as Keras writes them.

    A subclass that fixes its function takes no argument `fn`, and its configuration has none.
    """

    fn: Callable[..., Any]
    kwargs: dict[str, Any]

    def get_config(self) -> dict[str, Any]:
        """The arguments that make an object like this one."""
        config = super().get_config()
        if "fn" in config:
            config["fn"] = serialize_keras_object(self.fn)
            config |= {name: serialize_value(value) for name, value in self.kwargs.items()}
        return config

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """A new object from what `get_config` of dlcore or Keras has returned."""
        if "fn" not in config:
            return super().from_config(config)
        return cls(**{name: deserialize_keras_object(value) for name, value in config.items()})
