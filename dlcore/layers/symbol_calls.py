"""Calls of a layer on symbols: noted, with the symbols of their outputs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dlcore import tree
from dlcore.layers.shapes import inferred, shapes_of, symbols_of
from dlcore.symbol import Call


class SymbolCalls:
    """The part of a layer that is called on symbols; `Layer` adds what it computes."""

    name: str
    dtype: str
    build_once: Callable[[Any], None]
    __call__: Callable[..., Any]

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Shape of the output for inputs of this shape; None stands for the number of rows.

        The base finds out by calling the layer on zeros.
        """
        self.build_once(input_shape)
        given = symbols_of(input_shape, self.dtype)
        return shapes_of(inferred(lambda x: self(x, training=False), given))

    @property
    def input(self) -> Any:
        """The symbols that the layer was called on, in a model with an Input.

        Raises:
            AttributeError: if there are none, or those of several calls.
        """
        call = self._only_call()
        return call.args[0] if call.args else call.symbols

    @property
    def output(self) -> Any:
        """The symbols that the layer gave, in a model with an Input: `Model(x, layer.output)`.

        Raises:
            AttributeError: if there are none, or those of several calls.
        """
        return self._only_call().outputs

    def _noted(self, x: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Note a call on symbols, and return the symbols of its outputs."""
        shapes = shapes_of(x)
        self.build_once(shapes)
        calls = self._calls
        if type(self).compute_output_shape is SymbolCalls.compute_output_shape:
            y = self._tried(x, args, kwargs)
        else:
            described = self.compute_output_shape(shapes)
            y = symbols_of(described, self.dtype)
        name = self.name if not calls else f"{self.name}_{len(calls)}"
        for position, symbol in enumerate(tree.leaves(y)):
            symbol.name = name if position == 0 else f"{name}_{position}"
        call = Call(self, len(calls), (x, *args), dict(kwargs), y)
        for position, symbol in enumerate(tree.leaves(y)):
            symbol.call, symbol.position = call, position
        calls.append(call)
        return y

    def _tried(self, x: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The symbols of the outputs, found by a call on zeros."""
        given = dict(kwargs)
        given.setdefault("training", False)
        return inferred(lambda parts: self(parts[0], *parts[1], **parts[2]), (x, args, given))

    @property
    def _calls(self) -> list[Call]:
        return self.__dict__.setdefault("_noted_calls", [])

    def _only_call(self) -> Call:
        if len(self._calls) != 1:
            found = "no calls" if not self._calls else f"{len(self._calls)} calls"
            raise AttributeError(
                f"The layer {self.name!r} has {found} on symbols, not one; its input and output "
                "are known in a model that starts with an Input."
            )
        return self._calls[0]
