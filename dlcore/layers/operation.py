"""An operation of `dlcore.ops` as a layer, so that symbols can be added, multiplied and so on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dlcore.layers.layer import Layer
from dlcore.symbol import set_note
from dlcore.utils.naming import automatic_name


class Operation(Layer):
    """Calls an operation; where one is called on symbols, such a layer is made for it.

    Args:
        function: an operation of `dlcore.ops`.
        name: default: the name of the operation.
    """

    autocast = False
    supports_masking = True

    def __init__(self, function: Callable[..., Any], name: str | None = None) -> None:
        super().__init__(name=name)
        self.function = function
        self.built = True

    def call(self, *args: Any, **kwargs: Any) -> Any:  # noqa: D102
        kwargs.pop("training", None)
        return self.function(*args, **kwargs)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:  # noqa: D102
        masks = mask if isinstance(mask, list) else [mask]
        return next((m for m in masks if m is not None), None)


def _note(function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    layer = Operation(function, name=automatic_name(function.__name__))
    return layer._noted(args[0] if args else None, args[1:], kwargs)


set_note(_note)
