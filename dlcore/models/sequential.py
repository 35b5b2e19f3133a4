"""A model that is one layer after the other."""

from __future__ import annotations

from collections.abc import Iterable

from dlcore.layers import InputLayer, Layer
from dlcore.layers.layer import Shape
from dlcore.models.model import Model
from dlcore.tensor import Tensor

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
        layers: Iterable[Layer] | None = None,
        trainable: bool = True,
        name: str | None = None,
    ) -> None:
        if isinstance(layers, Layer):
            raise TypeError("Sequential takes a list of layers: write Sequential([…]).")
        super().__init__(name=name, trainable=trainable)
        self._stack: list[Layer] = []
        for layer in layers or ():
            self.add(layer)

    @property
    def layers(self) -> list[Layer]:
        """The layers in their order, without an Input."""
        return list(self._stack)

    @property
    def input_shape(self) -> Shape | None:
        """Shape of the input with None for the rows; None if it is not known yet."""
        return None if self.row_shape is None else (None, *self.row_shape)

    @property
    def output_shape(self) -> Shape | None:
        """Shape of the output with None for the rows; None if it is not known yet."""
        return None if self.input_shape is None else self.compute_output_shape(self.input_shape)

    def add(self, layer: Layer) -> None:
        """Put a layer at the end.

        Raises:
            TypeError: if it is not a layer.
            ValueError: if it has the name of another one, or does not fit what comes before.
        """
        if isinstance(layer, type) and issubclass(layer, Layer):
            raise TypeError(f"{layer.__name__} is a class; add a layer of it: {layer.__name__}(…).")
        if not isinstance(layer, Layer):
            raise TypeError(f"A model is made of layers, not of {type(layer).__name__}.")
        if isinstance(layer, InputLayer):
            if self._stack or self.row_shape is not None:
                raise ValueError("An Input stands at the start of a model, before all layers.")
            self.row_shape = layer.row_shape
            return
        if any(layer.name == other.name for other in self._stack):
            raise ValueError(
                f"The model has a layer {layer.name!r} already; give the other one another name."
            )
        before = self._shape_before(layer)
        self._stack.append(layer)
        try:
            if before is not None:
                self._build_layer(len(self._stack) - 1, before)
        except Exception:
            self._stack.pop()
            raise
        self.built = before is not None
        if not self._trainable:
            layer.trainable = False

    def pop(self) -> Layer:
        """Take the last layer off and return it.

        Raises:
            ValueError: if there is none.
        """
        if not self._stack:
            raise ValueError("The model has no layer to take off.")
        return self._stack.pop()

    def build(self, input_shape: Shape) -> None:
        """Make the weights of all layers for inputs of this shape, `(None, 8)`."""
        if not self._stack:
            raise ValueError(f"The model {self.name!r} has no layers yet; add some first.")
        self.row_shape = tuple(input_shape[1:])
        shape: Shape = (None, *self.row_shape)
        for i in range(len(self._stack)):
            shape = self._build_layer(i, shape)
        self.built = True

    def call(self, x: Tensor, training: bool | None = None) -> Tensor:  # noqa: D102
        for layer in self._stack:
            x = layer(x, training=training)
        return x

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        for layer in self._stack:
            input_shape = layer.compute_output_shape(input_shape)
        return input_shape

    def _shape_before(self, layer: Layer) -> Shape | None:
        """Shape of what the next layer gets, None if it is not known yet."""
        before = self.output_shape
        own = layer.row_shape
        if own is None:
            return before
        if not self._stack and self.row_shape is None:
            self.row_shape = own
            return (None, *own)
        if before is None:
            raise ValueError(
                f"The layer {layer.name!r} has an input shape {own}, but it is the "
                f"{self._position(len(self._stack))}; only the first layer needs one."
            )
        if before[1:] != own:
            raise ValueError(
                f"The {self._position(len(self._stack))}, {layer.name!r}, was given the input "
                f"shape {own}, but the layers before it give rows of shape {before[1:]}; leave "
                "its input shape out."
            )
        return before

    def _build_layer(self, i: int, shape: Shape) -> Shape:
        layer = self._stack[i]
        try:
            layer.build_once(shape)
            return layer.compute_output_shape(shape)
        except Exception as error:
            error.add_note(f"This is the {self._position(i)} of the model {self.name!r}.")
            raise

    @staticmethod
    def _position(i: int) -> str:
        return f"{_ORDINALS[i] if i < len(_ORDINALS) else f'{i + 1}th'} layer"
