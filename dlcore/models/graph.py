"""The way from the inputs of a model to its outputs, through the calls that layers have noted."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.engine import ops, tree
from dlcore.engine.symbol import Call, SymbolicTensor
from dlcore.engine.tensor import Tensor
from dlcore.layers import Layer
from dlcore.layers.shape_inference import fits


class Graph:
    """The calls between some symbols, in an order in which each finds its inputs calculated.

    Args:
        inputs: a symbol as `Input` gives it, or a list, tuple or dict of them.
        outputs: symbols that were calculated from them, in any structure.

    Raises:
        TypeError: if something is no symbol.
        ValueError: if an output needs an Input that is not among the inputs.
    """

    def __init__(self, inputs: Any, outputs: Any) -> None:
        self.input, self.output = inputs, outputs
        self.inputs: list[SymbolicTensor] = tree.leaves(inputs)
        self.outputs: list[SymbolicTensor] = tree.leaves(outputs)
        for what, symbols in (("inputs", self.inputs), ("outputs", self.outputs)):
            for symbol in symbols:
                if not isinstance(symbol, SymbolicTensor):
                    raise TypeError(
                        f"The {what} of a Model are what Input and layers called on it give, not "
                        f"{_described(symbol)}: x = Input((8,)); y = Dense(1)(x); Model(x, y)."
                    )
            if not symbols:
                raise ValueError(f"A Model needs {what}.")
        self.calls, self.layers = self._in_order()

    def run(self, x: Any) -> Any:
        """The outputs for inputs in the structure of the model's own, or in a dict by name."""
        values = {id(s): t for s, t in zip(self.inputs, self._fed(x), strict=True)}

        def value(leaf: Any) -> Any:
            return values[id(leaf)] if isinstance(leaf, SymbolicTensor) else leaf

        for call in self.calls:
            if call.alone is not None:
                taken, given = call.alone
                values[id(given)] = call.layer(values[id(taken)])
                continue
            y = call.layer(*tree.transform(value, call.args), **tree.transform(value, call.kwargs))
            symbols = tree.leaves(call.outputs)
            values.update(zip(map(id, symbols), tree.leaves(y), strict=True))
        return tree.transform(value, self.output)

    def _fed(self, x: Any) -> list[Tensor]:
        """The tensors for the inputs, each in the dtype of its Input."""
        if isinstance(x, dict):
            keys = list(self.input) if isinstance(self.input, dict) else self.names
            missing = [key for key in keys if key not in x]
            if missing:
                raise ValueError(
                    f"The model takes inputs called {', '.join(keys)}, but {missing[0]!r} is "
                    f"missing among {', '.join(map(str, x))}."
                )
            x = [x[key] for key in keys]
        given = tree.leaves(x)
        if len(given) != len(self.inputs):
            raise ValueError(
                f"The model takes {len(self.inputs)} inputs ({', '.join(self.names)}), but was "
                f"given {len(given)}."
            )
        return [_fitted(t, s) for t, s in zip(given, self.inputs, strict=True)]

    @property
    def names(self) -> list[str]:
        """Names of the inputs."""
        return [symbol.name for symbol in self.inputs]

    def _in_order(self) -> tuple[list[Call], list[Layer]]:
        """The calls and the layers, by their distance from the outputs, the farthest first.

        Among those of one distance the order is that of a walk from the outputs backwards. Files
        depend on it: it is that of Keras.
        """
        wanted = {id(symbol) for symbol in self.inputs}
        walked: list[Call] = []
        rank: dict[int, int] = {}
        seen: set[int] = set()
        for output in self.outputs:
            self._walk(output, wanted, walked, rank, seen)
        depth: dict[int, int] = {}
        layer_depth: dict[int, int] = {}
        layers: dict[int, Layer] = {}
        for call in reversed(walked):
            own = max(depth.setdefault(id(call), 0), layer_depth.get(id(call.layer), 0))
            depth[id(call)] = layer_depth[id(call.layer)] = own
            layers[id(call.layer)] = call.layer
            for symbol in call.symbols:
                if symbol.call is not None and id(symbol) not in wanted:
                    before = id(symbol.call)
                    depth[before] = max(own + 1, depth.get(before, 0))
                elif symbol.call is not None and not symbol.call.symbols:
                    source = symbol.call.layer
                    layers[id(source)] = source
                    layer_depth[id(source)] = max(own + 1, layer_depth.get(id(source), 0))
        for symbol in self.inputs:
            if symbol.call is not None and not symbol.call.symbols:
                source = symbol.call.layer
                layers.setdefault(id(source), source)
                layer_depth.setdefault(id(source), 0)
                rank.setdefault(id(source), -1)
        calls = sorted(walked, key=lambda call: -depth[id(call)])
        ordered = sorted(layers, key=lambda key: (-layer_depth[key], rank.get(key, 0)))
        return calls, [layers[key] for key in ordered]

    def _walk(
        self,
        symbol: SymbolicTensor,
        inputs: set[int],
        walked: list[Call],
        rank: dict[int, int],
        seen: set[int],
    ) -> None:
        """Go back from a symbol to the inputs; each call is noted after those before it.

        With a stack of its own, since a deep network would exceed Python's recursion limit.
        """
        stack: list[tuple[SymbolicTensor, bool]] = [(symbol, False)]
        while stack:
            symbol, finished = stack.pop()
            call = symbol.call
            assert call is not None
            if finished:
                walked.append(call)
                continue
            if id(symbol) in inputs:
                if not call.symbols:
                    rank.setdefault(id(call.layer), len(rank))
                continue
            if not call.symbols:
                raise ValueError(
                    f"The outputs need the Input {symbol.name!r}, which is not among the inputs of "
                    "the model; add it to them."
                )
            if id(call) in seen:
                continue
            seen.add(id(call))
            rank.setdefault(id(call.layer), len(rank))
            stack.append((symbol, True))
            stack.extend((before, False) for before in reversed(call.symbols))


def _fitted(value: Any, symbol: SymbolicTensor) -> Tensor:
    tensor = value if isinstance(value, Tensor) else Tensor(value)
    if symbol.dtype == "string":
        return tensor  # what its layer made of the texts
    wanted = symbol.shape
    if tensor.ndim == len(wanted) - 1 and wanted[-1] == 1:
        tensor = ops.expand_dims(tensor, -1)
    if not fits(tensor.shape, (None, *wanted[1:])):
        raise ValueError(
            f"The input {symbol.name!r} takes shape {_shown(wanted)}, but was given shape "
            f"{tensor.shape}."
        )
    if tensor.dtype == np.dtype(symbol.dtype):
        return tensor
    cast = ops.cast(tensor, symbol.dtype)
    cast.mask = tensor.mask
    return cast


def _shown(shape: Any) -> str:
    return "(" + ", ".join("any" if n is None else str(n) for n in shape) + ")"


def _described(thing: Any) -> str:
    kind = type(thing).__name__
    return f"an array of shape {thing.shape}" if hasattr(thing, "shape") else f"a {kind}"
