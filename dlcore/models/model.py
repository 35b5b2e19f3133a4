"""The base of all models."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from dlcore import saving
from dlcore.layers import Layer
from dlcore.models import summary as tables
from dlcore.trainer import Trainer


class Model(Trainer, Layer):
    """A layer made of layers, which can be trained.

        class TwoRoads(Model):
            def __init__(self):
                super().__init__()
                self.left, self.right = Dense(4, "relu"), Dense(4, "tanh")
                self.out = Dense(1)

            def call(self, x):
                return self.out(self.left(x) + self.right(x))

    Layers that are attributes (also in a list or a dict) belong to the model.

    Args:
        kwargs: those of `Layer`, such as name.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if args or {"inputs", "outputs"} & kwargs.keys():
            raise TypeError(
                "Model takes no inputs and outputs; stack layers with Sequential([…]), or write a "
                "subclass of Model with a method call(self, x)."
            )
        super().__init__(**kwargs)

    @property
    def layers(self) -> list[Layer]:
        """The layers of the model, in the order in which they were given to it."""
        return self._inside()

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of a name or of an index from 0.

        Raises:
            ValueError: if there is none.
        """
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ValueError(f"The model has {len(layers)} layers, none has the index {index}.")
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        names = ", ".join(layer.name for layer in layers)
        raise ValueError(f"The model has no layer {name!r}; its layers are {names}.")

    def summary(self, print_fn: Callable[[str], Any] | None = None) -> None:
        """Print a table of the layers, the shapes of their outputs and their numbers of weights.

        Args:
            print_fn: what to do with the text instead of printing it.
        """
        (print_fn or tables.print_text)(tables.as_text(self))

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

    def _repr_html_(self) -> str:
        return tables.as_html(self)
