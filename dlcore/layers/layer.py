"""The base of all layers: names, building on the first call, and what a call passes on."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from dlcore import regularizers
from dlcore.engine import ops, tree
from dlcore.engine.interrupts import one_blas_thread
from dlcore.engine.symbol import Call, SymbolicTensor, first_symbol
from dlcore.engine.tensor import Tensor, floatx
from dlcore.layers.call_words import in_words, input_among, tell_of_lost
from dlcore.layers.shape_inference import (
    Shape,
    inferred,
    on_trial,
    positive,
    shape_tuple,
    shapes_of,
    symbols_of,
)
from dlcore.layers.tracking import Tracking, within
from dlcore.utils.config import Configurable
from dlcore.utils.lookup import (
    Identifier,
    arguments_of,
    arguments_with_bases,
    automatic_name,
    find,
    refuse_unknown,
    snake_case,
)

__all__ = ["Layer", "Shape", "positive", "shape_tuple"]

# In place of an input that is given by name.
_BY_NAME = object()

_TYPES = {name: name for name in ("float32", "float64")}
_kind = functools.cache(np.dtype)  # to read a name each time takes longer


class _Running(threading.local):
    """How many layers are being called, one inside of the other, and their `training`."""

    calls: tuple[int, bool | None] = (0, None)


_running = _Running()


def running_inside() -> bool:
    """Whether a layer is being called: what is called now is inside of it."""
    return _running.calls[0] > 0


class Layer(Tracking, Configurable):
    """A step from one tensor to the next, with weights of its own.

    A layer of your own writes `call(self, x)`, and `build(self, input_shape)` if it has weights:

        class Scale(Layer):
            def build(self, input_shape):
                self.factor = self.add_weight((input_shape[-1],), initializer="ones")

            def call(self, x):
                return x * self.factor

    Its gradient comes from the tape. A `call` that takes an argument `training` is told whether
    the model is being trained; one that takes `mask` is given the mask of its input. A layer of
    several inputs is called on a list of them, and `build` gets the list of their shapes.

    Args:
        name: default: the class in snake case, then with a number: dense, dense_1, …
        trainable: whether training changes the weights; default True.
        dtype: of the weights and of the calculation, "float32" or "float64"; default:
            `floatx()`.
        activity_regularizer: a function of the output, such as "l2"; what it gives is added to
            the loss. Default None.
        input_shape: shape of one row of input, `(8,)`; a Sequential model is built at once then.
        input_dim: the same for one axis: `input_dim=8` is `input_shape=(8,)`.
    """

    # On the class, so that a subclass that forgets super().__init__() works nevertheless.
    row_shape: Shape | None = None
    activity_regularizer: Callable[[Tensor], Any] | None = None
    # Whether inputs become numbers of the layer's type; False keeps whole numbers whole.
    autocast = True
    # Whether the mask of the input is also that of the output.
    supports_masking = False
    _name: str | None = None
    _dtype: str | None = None
    # A Sequential model writes them as an InputLayer of its own.
    not_in_config = frozenset({"input_shape", "input_dim"})

    def __init__(
        self,
        *,
        name: str | None = None,
        trainable: bool = True,
        dtype: Any = None,
        activity_regularizer: Identifier | None = None,
        input_shape: Sequence[int] | None = None,
        input_dim: int | None = None,
        **kwargs: Any,
    ) -> None:
        known = [*arguments_with_bases(type(self)), *arguments_of(Layer.__init__)]
        refuse_unknown(type(self).__name__, kwargs, dict.fromkeys(known))
        if name is not None and not isinstance(name, str):
            raise TypeError(f"The name of a layer is a string, not {name!r}.")
        self._name = name
        self._trainable = bool(trainable)
        self._dtype = None if dtype is None else find(_type_name(dtype), _TYPES, "dtype")
        if activity_regularizer is not None:
            self.activity_regularizer = regularizers.get(activity_regularizer)
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

    @name.setter
    def name(self, value: str) -> None:
        self._name = value

    @property
    def dtype(self) -> str:  # type: ignore[override]
        """The dtype of the weights and of the calculation."""
        if self._dtype is None:
            self._dtype = floatx()
        return self._dtype

    def call(self, x: Any) -> Any:
        """The output for an input; what a subclass writes."""
        raise NotImplementedError(
            f"The layer {self.name!r} has no call(x): write one in the class "
            f"{type(self).__name__}, def call(self, x), that returns the output."
        )

    def row_shape_for(self, row: Shape) -> Shape | None:
        """The shape of a row of data that looks like this: that of the Input; None if unknown."""
        return self.row_shape

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Shape of the output for inputs of this shape; None stands for the number of rows.

        The base finds out by calling the layer on zeros.
        """
        self.build_once(input_shape)
        given = symbols_of(input_shape, self.dtype)
        return shapes_of(inferred(lambda x: self(x, training=False), given))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the output for that of the input; None if there is none.

        By default the mask of the input, where the layer keeps the steps of a sequence apart
        (`supports_masking`).
        """
        return mask if self.supports_masking else None

    def __call__(
        self, x: Any = _BY_NAME, /, *args: Any, training: bool | None = None, **kwargs: Any
    ) -> Any:
        """Build the layer if it is not, and return its output for x.

        Args:
            x: an array or Tensor, a list or dict of them, or symbols as `Input` gives them; also by
                the name that `call` has for it.
            args: further arguments of `call`.
            training: whether the model is being trained; default: as in the layer around.
            kwargs: further arguments of `call`.
        """
        if x is _BY_NAME:
            x = input_among(self, kwargs)
        one = isinstance(x, Tensor)
        if not (one and not args and not kwargs) and first_symbol(x, args, kwargs) is not None:
            if training is not None:
                kwargs["training"] = training
            return self._noted(x, args, kwargs)
        x = self._taken(x) if one else tree.transform(self._taken, x)
        before, names = _running.calls, within.names
        depth, around = before
        training = around if training is None else training
        if depth == 0:
            self._forget_losses()
        _running.calls, within.names = (depth + 1, training), within.and_in(self.name)
        try:
            if not self.built:
                self.build_once(shapes_of(x, open_rows=True))
            mask = _masks(x)
            if training is not None and "training" in _arguments_taken(type(self).call):
                kwargs.setdefault("training", training)
            if mask is not None and "mask" in _arguments_taken(type(self).call):
                kwargs.setdefault("mask", mask)
            if depth == 0:
                with one_blas_thread():  # as in a fit: so the numbers are the same
                    y = self.call(x, *args, **kwargs)
            else:
                y = self.call(x, *args, **kwargs)
        except TypeError as error:
            raise in_words(self, error) from error.__cause__
        finally:
            _running.calls, within.names = before, names
        if mask is not None or type(self).compute_mask is not Layer.compute_mask:
            self._pass_mask_on(x, mask, y)
        if self.activity_regularizer is not None:
            for output in tree.leaves(y):
                # By row, so that the size of the batch does not change its weight.
                rows = output.shape[0] if output.shape else 1
                self.add_loss(self.activity_regularizer(output) / max(rows, 1))
        return y

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

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}, built={self.built}>"

    def _taken(self, value: Any) -> Any:
        """An input as a Tensor, in the dtype of the layer."""
        if value is None:
            return None
        tensor = value if isinstance(value, Tensor) else Tensor(value)
        if not self.autocast or tensor.data.dtype == _kind(self.dtype):
            return tensor
        cast = ops.cast(tensor, self.dtype)
        cast.mask = tensor.mask
        return cast

    def _noted(self, x: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Note a call on symbols, and return the symbols of its outputs."""
        shapes = shapes_of(x)
        self.build_once(shapes)
        calls = self._calls
        if type(self).compute_output_shape is Layer.compute_output_shape:
            y = self._tried(x, args, kwargs)
        else:
            described = self.compute_output_shape(shapes)
            y = symbols_of(described, self.dtype)
            self._foresee_masks(x, y)
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

    def _foresee_masks(self, x: Any, y: Any) -> None:
        """Note of the symbols of the outputs which will have a mask."""
        masked = any(getattr(symbol, "mask_shape", None) for symbol in tree.leaves(x))
        if not masked and type(self).compute_mask is Layer.compute_mask:
            return
        masks = inferred(lambda x: self.compute_mask(x, _masks(x)), x)
        listed = masks if isinstance(masks, list | tuple) else [masks]
        for symbol, mask in zip(tree.leaves(y), listed, strict=False):
            symbol.mask_shape = mask.shape if isinstance(mask, SymbolicTensor) else None

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

    def _note_operation(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Note an operation that met a symbol of this layer, as the call of a layer of its own."""
        layer = Operation(function, name=automatic_name(function.__name__))
        return layer._noted(args[0] if args else None, args[1:], kwargs)

    def _pass_mask_on(self, x: Any, mask: Any, y: Any) -> None:
        masks = self.compute_mask(x, mask)
        if masks is None:
            if not (self.supports_masking or self._keeps_no_mask or on_trial() is not None):
                used = "mask" in _arguments_taken(type(self).call)
                self._keeps_no_mask = tell_of_lost(self, mask, y, used)
            return
        outputs = tree.leaves(y)
        listed = masks if isinstance(masks, list | tuple) else [masks]
        for output, one in zip(outputs, listed, strict=False):
            output.mask = one

    _keeps_no_mask = False


class Operation(Layer):
    """An operation of `dlcore.ops` as a layer; where one is called on symbols, it is made for it.

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

    def _taken(self, value: Any) -> Any:
        return value if isinstance(value, str) else super()._taken(value)  # the letters of einsum

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:  # noqa: D102
        masks = mask if isinstance(mask, list) else [mask]
        return next((m for m in masks if m is not None), None)


def _masks(x: Any) -> Any:
    """The mask of an input, a list of masks for several; None if none has one."""
    if isinstance(x, Tensor):
        return x.mask
    masks = [getattr(leaf, "mask", None) for leaf in tree.leaves(x)]
    return masks if any(mask is not None for mask in masks) else None


def _type_name(dtype: Any) -> str:
    """The name of a dtype; a policy of Keras, as files have it, says it in its config."""
    if isinstance(dtype, dict):
        dtype = dtype.get("config", {}).get("name", dtype)
    return dtype if isinstance(dtype, str) else np.dtype(dtype).name


@functools.cache
def _arguments_taken(call: Callable[..., Any]) -> frozenset[str]:
    """Which of `training` and `mask` a call takes."""
    parameters = inspect.signature(call).parameters.values()
    if any(p.kind == p.VAR_KEYWORD for p in parameters):
        return frozenset({p.name for p in parameters} | {"training"})
    return frozenset(p.name for p in parameters)
