"""The base of all models."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np

from dlcore.engine import tree
from dlcore.engine.symbol import Call, SymbolicTensor
from dlcore.files import compile_config, graph_config
from dlcore.files.archive import save_model
from dlcore.files.weights import load_weights, save_weights
from dlcore.layers import Layer
from dlcore.layers.shape_inference import inferred, read_shape, shapes_of, symbols_of
from dlcore.layers.text import readers
from dlcore.models import summary as tables
from dlcore.models.graph import Graph
from dlcore.trainer import Trainer
from dlcore.utils import size_limits
from dlcore.utils.config import accepted_arguments, arguments_in
from dlcore.utils.lookup import helpful_arguments
from dlcore.utils.object_registration import custom_object_scope
from dlcore.utils.serialization import deserialize_keras_object, serialize_keras_object


class Model(Trainer):
    """Layers that can be trained together.

    Either a graph of layers that were called on symbols, with one or several inputs and outputs:

        x = Input((8,))
        h = Dense(10, activation="relu")(x)
        model = Model(x, Dense(1, activation="sigmoid")(h))

    or a class of your own, with a method `call`:

        class TwoRoads(Model):
            def __init__(self):
                super().__init__()
                self.left, self.right = Dense(4, "relu"), Dense(4, "tanh")
                self.out = Dense(1)

            def call(self, x):
                return self.out(self.left(x) + self.right(x))

    Layers that are attributes (also in a list or a dict) belong to the model.

    Args:
        inputs: a symbol as `Input` gives it, or a list, tuple or dict of them.
        outputs: symbols that were calculated from them, in any structure.
        kwargs: those of `Layer`, such as name.
    """

    autocast = False
    supports_masking = True
    _graph: Graph | None = None

    def __init__(self, inputs: Any = None, outputs: Any = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if inputs is None and outputs is None:
            return
        if inputs is None or outputs is None:
            raise TypeError(
                "Model takes inputs and outputs together: x = Input((8,)); Model(x, Dense(1)(x))."
            )
        self._graph = Graph(inputs, outputs)
        self._layers = self._graph.layers
        names = Counter(layer.name for layer in self._layers)
        twice = next((name for name, count in names.items() if count > 1), None)
        if twice is not None:
            raise ValueError(
                f"Two layers of the model are called {twice!r}; give one of them another name."
            )
        if len(self._graph.inputs) == 1:
            self.row_shape = self._graph.inputs[0].shape[1:]
        self.built = True
        if not self._trainable:
            self.trainable = False

    def build(self, input_shape: Any) -> None:
        """Make the weights of the layers for inputs of this shape, `(None, 8)`.

        A model of your own is called on zeros for that; the first data do it otherwise.
        """
        if self._graph is None and type(self).build is Model.build:
            given = symbols_of(input_shape, self.dtype)
            inferred(lambda x: self(x, training=False), given)

    def build_once(self, input_shape: Any) -> None:
        """Call the `build` of a class of one's own; without one the layers build themselves."""
        if type(self).build is not Model.build:
            super().build_once(input_shape)
        elif not self.built:
            self.built, self.build_shape = True, input_shape

    def call(self, x: Any) -> Any:
        """The outputs for inputs; what a subclass writes, unless it gave inputs and outputs."""
        if self._graph is None:
            raise NotImplementedError(
                f"The model {self.name!r} has no call(x): write one in your class, make it of "
                "inputs and outputs, Model(x, y), or stack layers with Sequential([…])."
            )
        return self._graph.run(x)

    def _taken(self, value: Any) -> Any:
        """An input as a Tensor; texts as what their layer makes of them."""
        if isinstance(value, np.ndarray) and value.dtype.kind not in "fiub":
            pairs = zip(readers(self), self.inputs or (), strict=True)
            found = [(reader, symbol.shape[1:]) for reader, symbol in pairs if reader is not None]
            if len(found) == 1:
                value = found[0][0].read_input(value, found[0][1])
        return super()._taken(value)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """None: the layers inside have set the masks of the outputs."""
        return None

    def _foresee_masks(self, x: Any, y: Any) -> None:
        if self._graph is None:
            return
        outputs: Any = self._graph.output
        if any(getattr(symbol, "mask_shape", None) for symbol in tree.leaves(x)):
            outputs = inferred(lambda x: self(x, training=False), x)
        for symbol, inside in zip(tree.leaves(y), tree.leaves(outputs), strict=True):
            symbol.mask_shape = inside.mask_shape

    @property
    def inputs(self) -> list[SymbolicTensor] | None:
        """The symbols of the inputs, one after the other; None where none are known."""
        return None if self._graph is None else list(self._graph.inputs)

    @property
    def outputs(self) -> list[SymbolicTensor] | None:
        """The symbols of the outputs, one after the other; None where none are known."""
        return None if self._graph is None else list(self._graph.outputs)

    @property
    def calls(self) -> list[Call]:
        """The calls of its layers from the inputs to the outputs; empty where none are known."""
        return [] if self._graph is None else list(self._graph.calls)

    @property
    def input_names(self) -> list[str]:
        """Names of the inputs: those of their Input."""
        return [symbol.name for symbol in self.inputs or ()]

    @property
    def output_names(self) -> list[str]:
        """Names of the outputs: those of the layers that give them, numbered where they repeat."""
        names: list[str] = []
        for symbol in self.outputs or ():
            assert symbol.call is not None
            name, count = symbol.call.layer.name, 0
            while (name if not count else f"{name}_{count}") in names:
                count += 1
            names.append(name if not count else f"{name}_{count}")
        return names

    @property
    def input(self) -> Any:
        """The symbols of the inputs, in the structure in which the model takes them.

        Raises:
            AttributeError: if the model does not start with an Input.
        """
        return self._known_graph().input

    @property
    def output(self) -> Any:
        """The symbols of the outputs, in the structure in which the model gives them.

        Raises:
            AttributeError: if the model does not start with an Input.
        """
        return self._known_graph().output

    @property
    def input_shape(self) -> Any:
        """Shapes of the inputs with None for the rows; None if they are not known."""
        return None if self._graph is None else shapes_of(self._graph.input)

    @property
    def output_shape(self) -> Any:
        """Shapes of the outputs with None for the rows; None if they are not known."""
        return None if self._graph is None else shapes_of(self._graph.output)

    @property
    def layers(self) -> list[Layer]:
        """The layers of the model, in the order in which they were given to it."""
        return list(self._layers) if self._graph is not None else self._inside()

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
        save_model(self, filepath, overwrite)

    def save_weights(self, filepath: str | os.PathLike[str], overwrite: bool = True) -> None:
        """Write the weights, and the state of the optimizer, into a file that Keras reads too.

        Args:
            filepath: ends in ".weights.h5".
            overwrite: False refuses to replace a file; default True.

        Raises:
            ValueError: if the name has another ending, or the model is not built.
            FileExistsError: if there is such a file and `overwrite` is False.
        """
        save_weights(self, filepath, overwrite)

    def load_weights(self, filepath: str | os.PathLike[str], skip_mismatch: bool = False) -> None:
        """Read weights that `save_weights` has written, here or in Keras, in a like model.

        To go on with the training, compile the model first: the state of the optimizer is then
        read as well.

        Args:
            filepath: ends in ".weights.h5".
            skip_mismatch: True takes what fits, such as all but a new last layer, and warns of the
                layers that keep their own weights; default False.

        Raises:
            FileNotFoundError: if there is no such file.
            ValueError: if it is damaged or of another model; nothing is changed then.
        """
        load_weights(self, filepath, skip_mismatch)

    def to_json(self, **kwargs: Any) -> str:
        """The layers of the model and how it is trained, without the weights, as JSON.

        Args:
            kwargs: those of `json.dumps`, such as indent=2.
        """
        return json.dumps(serialize_keras_object(self), **kwargs)

    def get_config(self) -> dict[str, Any]:
        """The layers of the model, as plain data for a JSON file; without weights."""
        # One of a class with arguments of its own is described by these.
        maker = next(kind for kind in type(self).__mro__ if "__init__" in vars(kind))
        if maker is Model and graph_config.is_nested(self):
            return graph_config.described(self)
        return arguments_in(self, leaving_out=("inputs", "outputs"), general=Model)

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Self:
        """A new model, with weights of its own, from what `get_config` has returned.

        Raises:
            ValueError: if it mentions something unknown, or asks for weights of more than 2^28
                numbers.
        """
        with custom_object_scope(custom_objects), size_limits.described(config):
            if graph_config.describes_graph(config):
                return graph_config.made(cls, config)
            arguments = {name: deserialize_keras_object(v) for name, v in config.items()}
            return cls(**accepted_arguments(cls, arguments))

    def get_compile_config(self) -> dict[str, Any]:
        """What `compile` was given, as plain data; empty if the model is not compiled."""
        return compile_config.described(self)

    def compile_from_config(self, config: Mapping[str, Any]) -> None:
        """Compile the model as `get_compile_config` of dlcore or Keras has described it.

        Raises:
            ValueError: if it asks for something that dlcore does not have.
        """
        compile_config.compiled(self, config)

    def get_build_config(self) -> dict[str, Any] | None:
        """The shape of the input that the model was built for."""
        shape = getattr(self, "input_shape", None) or getattr(self, "build_shape", None)
        return None if shape is None else {"input_shape": shape}

    def build_from_config(self, config: Mapping[str, Any]) -> None:
        """Make the weights for the shape that `get_build_config` has returned."""
        shape = read_shape(config.get("input_shape"))
        if shape is not None and not self.built:
            # Calls the layers inside, so that they are built as well.
            self.compute_output_shape(shape)

    @helpful_arguments
    def summary(
        self, line_length: int | None = None, positions: Sequence[float] | None = None,
        print_fn: Callable[[str], Any] | None = None, expand_nested: bool = False,
        show_trainable: bool = False, layer_range: Sequence[str] | None = None,
    ) -> None:  # fmt: skip
        """Print a table of the layers, the shapes of their outputs and their numbers of weights.

        Args:
            line_length: letters of a line; default: what the longest entries need.
            positions: where each column ends, as shares of a line, such as [0.45, 0.8, 1.0], or in
                letters.
            print_fn: what to do with the text instead of printing it.
            expand_nested: whether the layers of a model that is a layer follow it; default False.
            show_trainable: whether a column tells which layers are trained; default False.
            layer_range: the names of the first and the last layer to show; default: all.

        Raises:
            ValueError: if a line is too short, or there is no layer of such a name.
        """
        if callable(line_length):
            raise TypeError("A function for the text is given by name: summary(print_fn=…).")
        text = tables.as_text(
            self, line_length, positions, expand_nested=expand_nested,
            show_trainable=show_trainable, layer_range=layer_range,
        )  # fmt: skip
        (print_fn or tables.print_text)(text)

    def _repr_html_(self) -> str:
        return tables.as_html(self)

    def _known_graph(self) -> Graph:
        if self._graph is None:
            raise AttributeError(
                f"The model {self.name!r} has no symbols of inputs and outputs; start it with an "
                "Input."
            )
        return self._graph
