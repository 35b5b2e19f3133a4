"""What the cells of SimpleRNN, LSTM and GRU share: arguments, weights and dropout."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from dlcore import activations, constraints, initializers, regularizers
from dlcore.engine import ops
from dlcore.engine.random import SeedGenerator
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape, positive
from dlcore.utils.lookup import Identifier

# For the inputs and for the state: one tensor for each gate, None where nothing is left out.
Dropped = tuple[list[Tensor] | None, list[Tensor] | None]


def _arguments(
    units: int,
    activation: Identifier = "tanh",
    recurrent_activation: Identifier = "sigmoid",
    use_bias: bool = True,
    kernel_initializer: Identifier = "glorot_uniform",
    recurrent_initializer: Identifier = "orthogonal",
    bias_initializer: Identifier = "zeros",
    unit_forget_bias: bool = True,
    kernel_regularizer: Identifier | None = None,
    recurrent_regularizer: Identifier | None = None,
    bias_regularizer: Identifier | None = None,
    kernel_constraint: Identifier | None = None,
    recurrent_constraint: Identifier | None = None,
    bias_constraint: Identifier | None = None,
    dropout: float = 0.0,
    recurrent_dropout: float = 0.0,
    reset_after: bool = True,
    return_sequences: bool = False,
    return_state: bool = False,
    go_backwards: bool = False,
    stateful: bool = False,
    unroll: bool = False,
    seed: int | None = None,
    **kwargs: Any,
) -> None:
    """The table of all arguments that SimpleRNN, LSTM, GRU and their cells take, with defaults."""


_TABLE = inspect.signature(_arguments)
# Some that stand together in each constructor.
INITIALIZERS = ("kernel_initializer", "recurrent_initializer", "bias_initializer")
REGULARIZERS = ("kernel_regularizer", "recurrent_regularizer", "bias_regularizer")
CONSTRAINTS = ("kernel_constraint", "recurrent_constraint", "bias_constraint")
DROPOUT = ("dropout", "recurrent_dropout")
OUTPUTS = ("return_sequences", "return_state", "go_backwards", "stateful", "unroll")


def takes(*names: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let a constructor take these arguments of the table, in this order, and **kwargs.

    What it decorates is given them all by name.
    """
    table = _TABLE.parameters
    itself = inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    signature = _TABLE.replace(
        parameters=[itself, *(table[name] for name in ("units", *names, "kwargs"))]
    )

    def decorate(init: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(init)
        def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
            try:
                bound = signature.bind(self, *args, **kwargs)
            except TypeError as error:
                raise TypeError(f"{type(self).__name__}.__init__() {error}") from None
            bound.apply_defaults()
            given = {name: bound.arguments[name] for name in ("units", *names)}
            init(self, **given, **bound.arguments["kwargs"])

        __init__.__signature__ = signature  # type: ignore[attr-defined]
        return __init__

    return decorate


class RecurrentCell(Layer):
    """One step of a recurrent layer: `call(x, states) -> output, new states`.

    A subclass says how many `gates` it has and writes `step`. Its arguments are those of the
    layer that is made of it.
    """

    gates = 1
    # Of the cells with gates.
    recurrent_activation: Any = None
    reset_after = True

    def __init__(
        self,
        *,
        units: int,
        activation: Identifier,
        use_bias: bool,
        kernel_initializer: Identifier,
        recurrent_initializer: Identifier,
        bias_initializer: Identifier,
        kernel_regularizer: Identifier | None,
        recurrent_regularizer: Identifier | None,
        bias_regularizer: Identifier | None,
        kernel_constraint: Identifier | None,
        recurrent_constraint: Identifier | None,
        bias_constraint: Identifier | None,
        dropout: float,
        recurrent_dropout: float,
        seed: int | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        owner = type(self).__name__.removesuffix("Cell")
        self.units = positive(units, "units", owner)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.recurrent_initializer = initializers.get(recurrent_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.recurrent_regularizer = regularizers.get(recurrent_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.recurrent_constraint = constraints.get(recurrent_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.dropout = _share(dropout, "dropout", owner)
        self.recurrent_dropout = _share(recurrent_dropout, "recurrent_dropout", owner)
        self.seed = seed
        self.seed_generator = SeedGenerator(seed)
        self.kernel: Any = None
        self.recurrent_kernel: Any = None
        self.bias: Any = None

    @property
    def state_size(self) -> Any:
        """Number of columns of each state."""
        return self.units

    @property
    def output_size(self) -> int:
        """Number of columns of the output."""
        return self.units

    def build(self, input_shape: Shape) -> None:  # noqa: D102
        wide = self.gates * self.units
        self.kernel = self.add_weight(
            (input_shape[-1], wide),  # type: ignore[arg-type]
            self.kernel_initializer,
            name="kernel",
            regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )
        self.recurrent_kernel = self.add_weight(
            (self.units, wide),
            self.recurrent_initializer,
            name="recurrent_kernel",
            regularizer=self.recurrent_regularizer,
            constraint=self.recurrent_constraint,
        )
        if self.use_bias:
            self.bias = self.add_weight(
                self.bias_shape,
                self.first_bias,
                name="bias",
                regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )

    @property
    def bias_shape(self) -> tuple[int, ...]:
        """Shape of the bias."""
        return (self.gates * self.units,)

    def first_bias(self, shape: tuple[int, ...]) -> np.ndarray:
        """First values of the bias."""
        return self.bias_initializer(shape)

    def call(  # type: ignore[override]
        self, x: Tensor, states: Any, training: bool = False
    ) -> tuple[Tensor, list[Tensor]]:
        """The output and the states after one step.

        Args:
            x: the inputs of the step, shape (n, i).
            states: the list of the states before it, each of shape (n, units).
            training: whether there is dropout.
        """
        states = list(states) if isinstance(states, list | tuple) else [states]
        return self.step(x, states, self.draw(x, training))

    @property
    def is_usual(self) -> bool:
        """Whether it is the cell that the kernels compute, the one with tanh and sigmoid."""
        return (
            self.activation is activations.get("tanh")
            and self.recurrent_activation in (None, activations.get("sigmoid"))
            and self.reset_after
        )

    def has_kernel(self, training: bool) -> bool:
        """Whether the kernels for whole sequences compute this cell."""
        return self.is_usual and not (training and self.recurrent_dropout)

    def step(
        self, x: Tensor, states: list[Tensor], dropped: Dropped
    ) -> tuple[Tensor, list[Tensor]]:
        """The output and the states after one step; what a subclass writes."""
        raise NotImplementedError(f"The cell {self.name!r} has no step(x, states, dropped).")

    def draw(self, x: Tensor, training: bool) -> Dropped:
        """What the inputs and the state are multiplied by: 0 where left out, else 1 / (1 - rate).

        One draw serves all steps of a sequence (Gal and Ghahramani 2016). As in Keras each gate
        has its own where the state is dropped out too.

        Args:
            x: inputs of shape (n, ..., i).
            training: no draw without it.
        """
        if not training:
            return None, None
        n, columns = x.shape[0], x.shape[-1]
        count = self.gates if self.recurrent_dropout else 1
        inputs = [
            self._kept((n, columns), self.dropout) for _ in range(count if self.dropout else 0)
        ]
        state = [
            self._kept((n, self.units), self.recurrent_dropout)
            for _ in range(count if self.recurrent_dropout else 0)
        ]
        return inputs or None, state or None

    def without_dropped(self, x: Tensor, training: bool) -> Tensor:
        """Sequences (n, t, i) without the columns that dropout leaves out, in all steps alike."""
        dropped = self.draw(x, training)[0]
        return x if dropped is None else ops.multiply(x, ops.expand_dims(dropped[0], 1))

    @staticmethod
    def left_over(x: Tensor, dropped: list[Tensor] | None) -> Tensor:
        """What dropout leaves of x, where all gates have the same of it."""
        return x if dropped is None else ops.multiply(x, dropped[0])

    def _kept(self, shape: tuple[int, ...], rate: float) -> Tensor:
        return ops.dropout(np.ones(shape, self.dtype), self.seed_generator.uniform(shape), rate)

    def products(self, x: Tensor, w: Any, b: Any, dropped: list[Tensor] | None) -> Tensor:
        """`x w + b` for all gates, each gate with what its own inputs are multiplied by."""
        if dropped is None or len(dropped) == 1:
            return ops.dense(self.left_over(x, dropped), w, b)
        parts = [
            ops.matmul(ops.multiply(x, kept), part)
            for kept, part in zip(dropped, ops.split(w, self.gates, 1), strict=True)
        ]
        z = ops.concatenate(parts, 1)
        return z if b is None else ops.add(z, b)


def _share(value: Any, what: str, owner: str) -> float:
    if not isinstance(value, int | float | np.number) or not 0 <= value <= 1:
        raise ValueError(
            f"{owner}: {what} is the share that is left out, from 0 to 1, not {value!r}; try 0.2."
        )
    return float(value)
