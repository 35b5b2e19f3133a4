"""A model that is one layer after the other."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from dlcore.engine import tree
from dlcore.engine.symbol import SymbolicTensor
from dlcore.engine.tensor import Tensor
from dlcore.files import stack_config
from dlcore.layers import Input, InputLayer, Layer
from dlcore.layers.layer import Shape
from dlcore.layers.shape_inference import fits, inferred
from dlcore.layers.tracking import within
from dlcore.models.graph import Graph
from dlcore.models.model import Model
from dlcore.utils import size_limits
from dlcore.utils.object_registration import custom_object_scope

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


class Sequential(Model):
    """Each layer takes what the one before gives.

        model = Sequential([Input((8,)), Dense(10, activation="relu"), Dense(1)])

    With an Input, or `input_dim` or `input_shape` at the first layer, the weights are made at
    once; else when the first data come.

    Args:
        layers: the layers; more can be added with `add`.
        name: default: sequential, sequential_1, …
        trainable: default True.
    """

    def __init__(
        self,
        layers: Iterable[Any] | None = None,
        trainable: bool = True,
        name: str | None = None,
    ) -> None:
        if isinstance(layers, Layer):
            raise TypeError("Sequential takes a list of layers: write Sequential([…]).")
        super().__init__(name=name, trainable=trainable)
        self._stack: list[Layer] = []
        # The symbol of the Input, then that of the output of each layer; empty before it is known.
        self._way: list[SymbolicTensor] = []
        self._drawn: Graph | None = None
        for layer in layers or ():
            self.add(layer)

    @property
    def layers(self) -> list[Layer]:
        """The layers in their order, without an Input."""
        return list(self._stack)

    def add(self, layer: Any) -> None:
        """Put a layer at the end; one that the model has already shares its weights.

        Raises:
            TypeError: if it is not a layer.
            ValueError: if it has the name of another one, or does not fit what comes before.
        """
        if isinstance(layer, type) and issubclass(layer, Layer):
            raise TypeError(f"{layer.__name__} is a class; add a layer of it: {layer.__name__}(…).")
        if isinstance(layer, InputLayer):
            layer = layer.output
        if isinstance(layer, SymbolicTensor):
            if self._stack or self._way:
                raise ValueError("An Input stands at the start of a model, before all layers.")
            self._start(layer)
            return
        if not isinstance(layer, Layer):
            raise TypeError(f"A model is made of layers, not of {type(layer).__name__}.")
        # The same layer at two places has its weights once.
        name = layer.name
        if any(other._name == name and other is not layer for other in self._stack):
            raise ValueError(
                f"The model has a layer {layer.name!r} already; give the other one another name."
            )
        self._take_shape_of(layer)
        self._stack.append(layer)
        try:
            if self._way:
                self._way.append(self._called(len(self._stack) - 1))
        except Exception:
            self._stack.pop()
            raise
        self._draw()
        if not self._trainable:
            layer.trainable = False

    def pop(self) -> Layer:
        """Take the last layer off and return it.

        Raises:
            ValueError: if there is none.
        """
        if not self._stack:
            raise ValueError("The model has no layer to take off.")
        layer = self._stack.pop()
        if self._way:
            self._way.pop()
            layer._calls.pop()
        self._draw()
        return layer

    def build(self, input_shape: Shape) -> None:
        """Make the weights of all layers for inputs of this shape, `(None, 8)`.

        Raises:
            ValueError: if there are no layers, or the model starts with another shape already.
        """
        if not self._stack:
            raise ValueError(f"The model {self.name!r} has no layers yet; add some first.")
        if not self._way:
            self._start(Input(batch_shape=(None, *input_shape[1:])))
        elif not fits(input_shape, self._way[0].shape):
            raise ValueError(
                f"The model {self.name!r} takes inputs of shape {self._way[0].shape} already, so "
                f"that it cannot be built for {tuple(input_shape)}; make a new model."
            )
        while len(self._way) <= len(self._stack):
            self._way.append(self._called(len(self._way) - 1))
        self._draw()

    def get_config(self) -> dict[str, Any]:  # noqa: D102
        return stack_config.described(self)

    @classmethod
    def from_config(cls, config: Any, custom_objects: Any = None) -> Any:  # noqa: D102
        with custom_object_scope(custom_objects), size_limits.described(config):
            return stack_config.made(cls, config)

    def call(self, x: Tensor, training: bool | None = None) -> Any:  # noqa: D102
        for layer in self._stack:
            x = layer(x, training=training)
        return x

    def compute_output_shape(self, input_shape: Any) -> Any:  # noqa: D102
        if self.built and tuple(input_shape[1:]) == self._way[0].shape[1:]:
            return tree.transform(lambda end: (input_shape[0], *end.shape[1:]), self._way[-1])
        for layer in self._stack:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    def row_shape_for(self, row: Shape) -> Shape | None:
        """The shape of the rows, or `row` where the layers take such rows as well.

        As in Keras a stack is not bound to the shape that it was built for: an LSTM built on four
        steps takes seven, only the columns must be those of its weights.
        """
        own = self.row_shape
        if own is None or len(own) != len(row) or fits(row, own):
            return own
        try:
            inferred(lambda x: self(x, training=False), SymbolicTensor((1, *row), self.dtype))
        except Exception:
            # Whatever a layer says of rows that it was not built for.
            return own
        return row

    def _start(self, symbol: SymbolicTensor) -> None:
        self._way = [symbol]
        self.row_shape = symbol.shape[1:]

    def _take_shape_of(self, layer: Layer) -> None:
        """Start the model with the `input_shape` of a first layer, and refuse it further on.

        A model as first layer that knows its input brings it along as well.
        """
        own = layer.row_shape
        if own is None or (isinstance(layer, Model) and self._stack):
            return
        if not self._stack and not self._way:
            dtype = getattr(layer, "input_dtype", None)
            if isinstance(layer, Model) and layer.inputs:
                dtype = layer.input.dtype
            self._start(Input(own, dtype=dtype))
            return
        position = self._position(len(self._stack))
        if not self._way:
            raise ValueError(
                f"The layer {layer.name!r} has an input shape {own}, but it is the {position}; "
                "only the first layer needs one."
            )
        before = self._way[-1].shape[1:]
        if before != own:
            raise ValueError(
                f"The {position}, {layer.name!r}, was given the input shape {own}, but the layers "
                f"before it give rows of shape {before}; leave its input shape out."
            )

    def _called(self, i: int) -> SymbolicTensor:
        """The symbol of what a layer makes of the one before."""
        try:
            with within.inside(self.name):
                return self._stack[i](self._way[i])
        except Exception as error:
            error.add_note(f"This is the {self._position(i)} of the model {self.name!r}.")
            raise

    def _draw(self) -> None:
        """Keep what is known of the model up to date with its layers."""
        self.built = bool(self._stack) and len(self._way) == len(self._stack) + 1
        self._drawn = None

    @property
    def _graph(self) -> Graph | None:  # type: ignore[override]
        """The graph of the layers, drawn when it is asked for: not anew for each that is added."""
        if self._drawn is None and self.built:
            self._drawn = Graph(self._way[0], self._way[-1])
        return self._drawn

    @staticmethod
    def _position(i: int) -> str:
        return f"{_ORDINALS[i] if i < len(_ORDINALS) else f'{i + 1}th'} layer"
