"""What a layer owns: weights, made once; seed generators, extra losses, and the layers inside."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import numpy as np

from dlcore import constraints, initializers, regularizers
from dlcore.engine.random import SeedGenerator
from dlcore.engine.tensor import DType, Tensor
from dlcore.engine.variable import Variable
from dlcore.layers.shape_inference import read_shape
from dlcore.utils import size_limits
from dlcore.utils.lookup import Identifier

# What layers with `stateful=True` carry over from one batch to the next.
States = list["list[np.ndarray] | None"]

_HOLDERS = (list, tuple, dict)  # an attribute of these holds what is in it


class _Within(threading.local):
    """Names of the layers in whose call or build the program is, from the outermost on."""

    names: tuple[str, ...] = ()

    def and_in(self, name: str) -> tuple[str, ...]:
        """The names with that of one layer more, if it is not the innermost already."""
        names = self.names
        return names if names and names[-1] == name else (*names, name)

    @contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """A block in which the program is in that layer as well."""
        before, self.names = self.names, self.and_in(name)
        try:
            yield
        finally:
            self.names = before


within = _Within()


def noted(build: Callable[..., None]) -> Callable[..., None]:
    """A `build` after which the layer knows that it is built, whoever called it.

    A build that calls that of its base, `super().build(input_shape)`, ends when the outer one does.
    """

    @functools.wraps(build)
    def wrapper(self: Any, *args: Any, **kwargs: Any) -> None:
        if self._builds:
            build(self, *args, **kwargs)
            return
        self._builds = "again" if self.built else "first"
        try:
            with within.inside(self.name):
                build(self, *args, **kwargs)
        finally:
            del self._builds
        shapes = [*args, *kwargs.values()]
        self.built, self.build_shape = True, shapes[0] if shapes else None

    wrapper._notes = True  # type: ignore[attr-defined]
    return wrapper


class Tracking:
    """The part of a layer that keeps its variables; `Layer` adds what it computes."""

    name: str
    dtype: str
    # On the class, so that a subclass that forgets super().__init__() works nevertheless.
    built = False
    build_shape: Any = None
    # Within `build`: "first", or "again" where the layer was built before; else nothing.
    _builds = ""
    _trainable = True
    # Whether any layer has ever added a loss; if none has, there is nothing to look for.
    _ever_added = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not hasattr(cls.build, "_notes"):
            cls.build = noted(cls.build)  # type: ignore[method-assign]

    @noted
    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape; None stands for the number of rows.

        The first call of the layer does it, so that it is rarely called by hand.
        """

    def build_once(self, input_shape: Any) -> None:
        """Call `build`, the first time only."""
        if not self.built:
            self.build(input_shape)
            self.built = True
            self.build_shape = input_shape

    def get_build_config(self) -> dict[str, Any] | None:
        """The shape that the layer was built for, for a file; None where nothing is built."""
        if not self.built or type(self).build is Tracking.build or self.build_shape is None:
            return None
        return {"input_shape": self.build_shape}

    def build_from_config(self, config: Mapping[str, Any]) -> None:
        """Make the weights for the shape that `get_build_config` has returned.

        Raises:
            ValueError: if it describes no shape.
        """
        shape = read_shape(config.get("input_shape"))
        if shape is not None:
            self.build_once(shape)

    def add_weight(
        self,
        shape: Sequence[int] = (),
        initializer: Identifier = "glorot_uniform",
        trainable: bool = True,
        name: str = "variable",
        regularizer: Identifier | None = None,
        dtype: DType | None = None,
        constraint: Identifier | None = None,
    ) -> Variable:
        """A new weight of this layer.

        Args:
            shape: its shape; default (), a single number.
            initializer: a name, an Initializer or a function of a shape.
            trainable: whether the optimizer may change it.
            name: such as "kernel".
            regularizer: a function of the weight; what it gives is added to the loss.
            dtype: of the values; default: that of the layer.
            constraint: what each step of an optimizer brings the weight back to.

        Raises:
            ValueError: if the layer is being built a second time.
        """
        if self._builds == "again":
            raise ValueError(
                f"The layer {self.name!r} is built already and has its weights; make a new layer, "
                "or call build only where layer.built is False."
            )
        if size_limits.left.get() is not None:  # a description is being read
            size_limits.spend(shape)
        value = initializers.get(initializer)(tuple(shape))
        kind, can = dtype or self.dtype, trainable and self._trainable
        variable = Variable(value, dtype=kind, trainable=can, name=name)
        variable.constraint = constraints.get(constraint)
        variable.path = "/".join((*(within.names or (self.name,)), name))
        self.__dict__.setdefault("_added", {})[id(variable)] = (variable, trainable)
        if regularizer is not None:
            self.__dict__.setdefault("_regularized", []).append(
                (variable, regularizers.get(regularizer))
            )
        return variable

    def add_loss(self, loss: Tensor) -> None:
        """Add a number to the loss of the step; to be called within `call`.

        Args:
            loss: a Tensor of one number, calculated from the layer's input or weights.
        """
        Tracking._ever_added = True
        self.__dict__.setdefault("_added_losses", []).append(loss)

    @property
    def losses(self) -> list[Tensor]:
        """What is added to the loss: of the weights' regularizers, and of the last call."""
        regularized = self.__dict__.get("_regularized", ())
        own = [function(variable) for variable, function in regularized if variable.trainable]
        own += self.__dict__.get("_added_losses", ())
        return own + [loss for layer in self._inside() for loss in layer.losses]

    @property
    def weights(self) -> list[Variable]:
        """All variables, those that can be trained first, then those of the layers inside."""
        inside = (v for layer in self._inside() for v in layer.weights)
        return distinct([*self.own_weights, *inside])

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
        return distinct([*self.own_seed_generators, *inside])

    @property
    def own_seed_generators(self) -> list[SeedGenerator]:
        """The seed generators without those of the layers inside."""
        return [*held(self, SeedGenerator)]

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
            added.setdefault(id(variable), (variable, can))
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
            hint = " get_weights() of a layer or model of the same form gives such a list."
            if not self.built:
                hint = " Call it on data first: it is not built yet."
            raise ValueError(
                f"{self.name!r} takes {len(expected)} weights of the shapes {expected}, it was "
                f"given {len(given)} of the shapes {given}.{hint}"
            )
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)

    def _own(self) -> Iterator[tuple[Variable, bool]]:
        """Own variables, each with whether it could be trained."""
        added: dict[int, tuple[Variable, bool]] = self.__dict__.get("_added", {})
        yield from added.values()
        for item in held(self, Variable):
            if id(item) not in added:
                yield item, item.trainable

    def _inside(self) -> list[Any]:
        """The layers that are attributes of this one, alone or in a list or dict."""
        return distinct([*held(self, Tracking)])

    def _forget_losses(self) -> None:
        """Drop what `add_loss` has gathered; the outermost layer does it before each call."""
        if not Tracking._ever_added:
            return
        self.__dict__.pop("_added_losses", None)
        for layer in self._inside():
            layer._forget_losses()


def held(owner: Any, kind: Any) -> Iterator[Any]:
    """What the attributes of an object hold of a type, alone or in a list, tuple or dict."""
    for value in owner.__dict__.values():  # most are numbers and names: each predict looks here
        if isinstance(value, kind):
            yield value
        elif isinstance(value, _HOLDERS):
            items = value.values() if isinstance(value, dict) else value
            yield from (item for item in items if isinstance(item, kind))


def distinct(found: Sequence[Any]) -> list[Any]:
    """Each thing once, where it stands first."""
    return list({id(item): item for item in found}.values())


class Nest(Protocol):
    """What may have layers inside: a layer or a model."""

    def _inside(self) -> list[Any]: ...


def stateful_layers(layer: Nest) -> list[Any]:
    """The layers with `stateful=True` inside of a layer or model, itself included; each once."""
    own = [layer] if getattr(layer, "stateful", False) and hasattr(layer, "set_states") else []
    return distinct(own + [one for inside in layer._inside() for one in stateful_layers(inside)])


def states_of(model: Nest) -> States:
    """Copies of the states of all stateful layers; None for a layer that has none yet.

    They live where arrays live.
    """
    return [
        None if layer.states is None else [state.data.copy() for state in layer.states]
        for layer in stateful_layers(model)
    ]


def go_back(model: Nest, states: Sequence[Any]) -> None:
    """Put states back, as `states_of` gave them."""
    for layer, values in zip(stateful_layers(model), states, strict=True):
        layer.set_states(values)


def all_inside(layer: Any) -> list[Any]:
    """The layer and all inside of it, each once."""
    found: dict[int, Any] = {}
    todo = [layer]
    while todo:
        one = todo.pop()
        if id(one) not in found:
            found[id(one)] = one
            todo += one._inside()
    return list(found.values())


def is_the_librarys(layer: Any) -> bool:
    """Whether all that is called in a layer, or in one inside of it, is the library's."""
    for one in all_inside(layer):
        if not has_home_here(type(one)):
            return False
        for value in one.__dict__.values():
            if callable(value) and not isinstance(value, Tracking) and not has_home_here(value):
                return False
    return True


def has_home_here(value: Any) -> bool:
    """Whether a class or function, or the class of anything else, is the library's."""
    module = getattr(value, "__module__", None) or getattr(type(value), "__module__", "")
    return str(module).partition(".")[0] == "dlcore"
