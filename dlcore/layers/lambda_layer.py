"""A function as a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from dlcore.layers.layer import Layer
from dlcore.utils.config import arguments_in
from dlcore.utils.serialization import serialize_keras_object


class Lambda(Layer):
    """`y = function(x)`, for what needs no weights.

        @register_keras_serializable("shop")
        def logarithm(x):
            return ops.log(1 + x)

        y = Lambda(logarithm)(x)

    The function is written with operations of `dlcore.ops`, so that it has a gradient. A file holds
    its name alone, never code: a function that is to be saved has a name and is registered, and a
    lambda serves only as long as the program runs.

    Args:
        function: of the input; one with an argument `training` or `mask` is given that as well.
        output_shape: taken as in Keras; the shape is found by a call on zeros.
        mask: the mask of the output, or a function of input and mask; default None.
        arguments: further arguments of the function, by name; default None.
        kwargs: those of `Layer`.

    Raises:
        TypeError: if it is no function.
    """

    not_in_config = Layer.not_in_config | {"output_shape"}

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not callable(function):
            raise TypeError(
                f"Lambda {self.name!r} takes a function of its input, not {function!r}."
            )
        self.function = function
        self.mask = mask
        self.arguments = dict(arguments or {})
        self.supports_masking = mask is not None

    def call(self, x: Any, mask: Any = None, training: bool = False) -> Any:  # noqa: D102
        known = inspect.signature(self.function).parameters
        told = {"mask": mask, "training": training}
        more = {name: value for name, value in told.items() if name in known}
        return self.function(x, **self.arguments, **more)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:  # noqa: D102
        return self.mask(inputs, mask) if callable(self.mask) else self.mask

    def get_config(self) -> dict[str, Any]:  # noqa: D102
        config = arguments_in(self, ("function",))
        return config | {"function": serialize_keras_object(self.function)}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Lambda:  # noqa: D102
        described = config.get("function")
        by_name = isinstance(described, Mapping) and described.get("class_name") == "function"
        if not by_name and not callable(described):
            raise ValueError(
                "The description of a Lambda holds code, which dlcore never executes; write a "
                "layer or a named function in its place."
            )
        return super().from_config(config)
