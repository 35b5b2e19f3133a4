"""The base of all layers: weights, names, and building on the first call."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from dlcore import initializers, ops
from dlcore.random import SeedGenerator
from dlcore.tensor import Tensor, Variable, no_grad
from dlcore.utils.config import Configurable
from dlcore.utils.lookup import arguments_of, refuse_unknown
from dlcore.utils.naming import automatic_name, snake_case

Shape = tuple[int | None, ...]


class Layer(Configurable):
    """A step from one tensor to the next, with weights of its own.

    A layer of your own writes `call(self, x)`, and `build(self, input_shape)` if it has weights:

        class Scale(Layer):
            def build(self, input_shape):
                self.factor = self.add_weight((input_shape[-1],), initializer="ones")

            def call(self, x):
                return x * self.factor

    Its gradient comes from the tape. A `call` that takes an argument `training` is told whether
    the model is being trained.

    Args:
        name: default: the class in snake case, then with a number: dense, dense_1, …
        trainable: whether training changes the weights; default True.
        input_shape: shape of one row of input, `(8,)`; a Sequential model is built at once then.
        input_dim: the same for one axis: `input_dim=8` is `input_shape=(8,)`.
    """

    # On the class, so that a subclass that forgets super().__init__() works nevertheless.
    built = False
    row_shape: Shape | None = None
    _name: str | None = None
    _trainable = True
    # A Sequential model writes them as an InputLayer of its own.
    not_in_config = frozenset({"input_shape", "input_dim"})

    def __init__(
        self,
        *,
        name: str | None = None,
        trainable: bool = True,
        input_shape: Sequence[int] | None = None,
        input_dim: int | None = None,
        **kwargs: Any,
    ) -> None:
        known = [*arguments_of(type(self).__init__), *arguments_of(Layer.__init__)]
        refuse_unknown(type(self).__name__, kwargs, dict.fromkeys(known))
        if name is not None and not isinstance(name, str):
            raise TypeError(f"The name of a layer is a string, not {name!r}.")
        self._name = name
        self._trainable = bool(trainable)
        if input_dim is not None:
            input_shape = (input_dim,)
        if input_shape is not None:
            self.row_shape = shape_tuple(input_shape, "input_shape")
        _ = self.name  # taken now, so that the layers of a program are counted as they are made

    @property
    def name(self) -> str:
        """Name of the layer, as summaries and error messages give it."""
        if self._name is None:
            self._name = automatic_name(snake_case(type(self).__name__))
        return self._name

    def build(self, input_shape: Shape) -> None:
        """Make the weights for inputs of this shape; None stands for the number of rows."""

    def call(self, x: Any) -> Any:
        """The output for an input; what a subclass writes."""
        raise NotImplementedError(f"The layer {self.name!r} has no call(x).")

    def __call__(self, x: Any, *args: Any, training: bool | None = None, **kwargs: Any) -> Any:
        """Build the layer if it is not, and return its output for x."""
        if not isinstance(x, Tensor):
            x = ops.convert_to_tensor(x)
        if not self.built:
            self.build_once((None, *x.shape[1:]))
        if training is not None and _takes_training(type(self).call):
            kwargs["training"] = training
        return self.call(x, *args, **kwargs)

    def build_once(self, input_shape: Shape) -> None:
        """Call `build`, the first time only."""
        if not self.built:
            self.build(input_shape)
            self.built = True

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Shape of the output for inputs of this shape; None stands for the number of rows.

        The base finds out by calling the layer on two rows of zeros.
        """
        self.build_once(input_shape)
        rows = tuple(2 if size is None else size for size in input_shape)
        with no_grad():
            return (None, *self(np.zeros(rows, np.float32), training=False).shape[1:])

    def add_weight(
        self,
        shape: Sequence[int] = (),
        initializer: Any = "glorot_uniform",
        trainable: bool = True,
        name: str = "variable",
    ) -> Variable:
        """A new weight of this layer.

        Args:
            shape: its shape; default (), a single number.
            initializer: a name, an Initializer or a function of a shape.
            trainable: whether the optimizer may change it.
            name: such as "kernel".
        """
        value = initializers.get(initializer)(tuple(shape))
        variable = Variable(value, trainable=trainable and self._trainable, name=name)
        self.__dict__.setdefault("_added", {})[id(variable)] = (variable, trainable)
        return variable

    @property
    def weights(self) -> list[Variable]:
        """All variables, those that can be trained first, then those of the layers inside."""
        inside = (v for layer in self._inside() for v in layer.weights)
        return _distinct([*self.own_weights, *inside])

    @property
    def own_weights(self) -> list[Variable]:
        """The weights without those of the layers inside."""
        own = [*self._own()]
        return [v for v, can in own if can] + [v for v, can in own if not can]

    @property
    def trainable_weights(self) -> list[Variable]:
        """The variables that training changes; none where `trainable` is False."""
        return [variable for variable in self.weights if variable.trainable]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        """The variables that training leaves as they are."""
        return [variable for variable in self.weights if not variable.trainable]

    @property
    def seed_generators(self) -> list[SeedGenerator]:
        """The seed generators of this layer and of the layers inside."""
        inside = (g for layer in self._inside() for g in layer.seed_generators)
        return _distinct([*self.own_seed_generators, *inside])

    @property
    def own_seed_generators(self) -> list[SeedGenerator]:
        """The seed generators without those of the layers inside."""
        values = self.__dict__.values()
        return [item for v in values for item in _items(v) if isinstance(item, SeedGenerator)]

    @property
    def variables(self) -> list[Variable]:
        """All that changes from step to step: the weights, then the steps of seed generators.

        As in Keras these steps are no weights: `get_weights` and `count_params` leave them out.
        """
        return [*self.weights, *(generator.step for generator in self.seed_generators)]

    @property
    def non_trainable_variables(self) -> list[Variable]:
        """The variables that the optimizer leaves as they are."""
        return [variable for variable in self.variables if not variable.trainable]

    trainable_variables = trainable_weights

    @property
    def trainable(self) -> bool:
        """Whether training changes the weights; assigning it reaches the layers inside."""
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        added = self.__dict__.setdefault("_added", {})
        for variable, can in [*self._own()]:
            added[id(variable)] = (variable, can)
            variable.trainable = can and self._trainable
        for layer in self._inside():
            layer.trainable = value

    def count_params(self) -> int:
        """How many numbers the weights hold.

        Raises:
            ValueError: if the layer is not built yet.
        """
        if not self.built:
            raise ValueError(
                f"The layer {self.name!r} has no weights yet, since it has not seen an input; "
                "give the model an Input or call it on data first."
            )
        return sum(variable.size for variable in self.weights)

    def get_weights(self) -> list[np.ndarray]:
        """Copies of all weights, as arrays, in the order of `weights`."""
        return [variable.numpy() for variable in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Put other values into the weights.

        Args:
            weights: arrays in the order and of the shapes that `get_weights` returns.

        Raises:
            ValueError: if their number or a shape is another; nothing is changed then.
        """
        variables = self.weights
        arrays = [np.asarray(weight) for weight in weights]
        expected, given = [v.shape for v in variables], [array.shape for array in arrays]
        if expected != given:
            hint = "" if self.built else " Call it on data first: it is not built yet."
            raise ValueError(
                f"{self.name!r} takes {len(expected)} weights of the shapes {expected}, it was "
                f"given {len(given)} of the shapes {given}.{hint}"
            )
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    def _own(self) -> Iterator[tuple[Variable, bool]]:
        """Own variables, each with whether it could be trained."""
        added: dict[int, tuple[Variable, bool]] = self.__dict__.get("_added", {})
        yield from added.values()
        for value in self.__dict__.values():
            for item in _items(value):
                if isinstance(item, Variable) and id(item) not in added:
                    yield item, item.trainable

    def _inside(self) -> list[Layer]:
        """The layers that are attributes of this one, alone or in a list or dict."""
        values = self.__dict__.values()
        found = [item for value in values for item in _items(value) if isinstance(item, Layer)]
        return _distinct(found)


def shape_tuple(shape: Any, what: str) -> Shape:
    """A shape without the number of rows, as a tuple.

    Raises:
        ValueError: if it is not a sequence of positive whole numbers (or None).
    """
    if isinstance(shape, int | np.integer):
        raise ValueError(f"{what} is a tuple: write {what}=({shape},) instead of {what}={shape}.")
    sizes = tuple(shape)
    for size in sizes:
        whole = isinstance(size, int | np.integer) and not isinstance(size, bool)
        if size is not None and not (whole and size > 0):
            raise ValueError(f"{what} holds positive whole numbers, but is {sizes}.")
    return tuple(None if size is None else int(size) for size in sizes)


def positive(value: Any, what: str, layer: str) -> int:
    """`value` as an int; a ValueError names the layer if it is not a whole number above 0."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ValueError(f"{layer}: {what} is a whole number of at least 1, not {value!r}.")
    return int(value)


@functools.cache
def _takes_training(call: Callable[..., Any]) -> bool:
    parameters = inspect.signature(call).parameters.values()
    return any(p.name == "training" or p.kind == p.VAR_KEYWORD for p in parameters)


def _items(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple):
        yield from value
    elif isinstance(value, dict):
        yield from value.values()
    else:
        yield value


def _distinct(items: Sequence[Any]) -> list[Any]:
    return list({id(item): item for item in items}.values())
