"""A vector for each whole number: letters, words and categories as numbers that can be learnt."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore import constraints, initializers, regularizers
from dlcore.backends import may_look, memory
from dlcore.engine import ops
from dlcore.engine.ops.axes import rows
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape, positive
from dlcore.layers.shape_inference import on_trial
from dlcore.utils.lookup import Identifier


class Embedding(Layer):
    """`y = embeddings[x]`: row x of a table, for each whole number x.

        layer = Embedding(27, 8, mask_zero=True)
        y = layer(x)                          # (n, steps) -> (n, steps, 8)

    Input `(n, steps)`, or of any other shape: whole numbers from 0 to input_dim - 1, in any number
    type. Output: the same shape with an axis of output_dim more. The table, named embeddings, is
    `(input_dim, output_dim)`; training changes the rows that were looked up.

    Args:
        input_dim: how many different numbers there are: one more than the largest.
        output_dim: length of each vector.
        embeddings_initializer: default "uniform".
        embeddings_regularizer: default None.
        embeddings_constraint: of the table after each step, such as "max_norm"; default None.
        mask_zero: whether 0 stands for no step at all, at the end of shorter sequences: layers
            that take masks, such as LSTM, then leave these steps out. Default False.
        weights: first values of the table, (input_dim, output_dim); default None.
        input_length: the number of steps, as in older programs; default None.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if a number is negative, has a fraction or is too great for the table; it names
            the number, its row and the range.
    """

    autocast = False
    not_in_config = frozenset({"input_shape", "weights", "input_length"})

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Identifier = "uniform",
        embeddings_regularizer: Identifier | None = None,
        embeddings_constraint: Identifier | None = None,
        mask_zero: bool = False,
        weights: Any = None,
        input_length: int | None = None,
        **kwargs: Any,
    ) -> None:
        if input_length is not None:
            kwargs.setdefault("input_shape", (input_length,))
        super().__init__(**kwargs)
        owner = f"Embedding {self.name!r}"
        self.input_dim = positive(input_dim, "input_dim", owner)
        self.output_dim = positive(output_dim, "output_dim", owner)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = bool(mask_zero)
        self.supports_masking = self.mask_zero
        self.embeddings: Any = None
        if weights is not None:
            self.build_once((None,))
            self.set_weights(weights if isinstance(weights, list) else [weights])

    def build(self, input_shape: Shape | None = None) -> None:  # noqa: D102
        self.embeddings = self.add_weight(
            (self.input_dim, self.output_dim),
            self.embeddings_initializer,
            name="embeddings",
            regularizer=self.embeddings_regularizer,
            constraint=self.embeddings_constraint,
        )

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        notes = on_trial()
        if notes is not None:
            notes.append((self, x))
        # A glance at the values that computes nothing: a replayed step goes without it.
        if may_look():
            self.check_inputs(memory.to_host(x.data))
        return rows(self.embeddings, ops.convert_to_tensor(x, np.int64))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:  # noqa: D102
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        return (*input_shape, self.output_dim)

    def check_inputs(self, x: np.ndarray, what: str = "its input") -> None:
        """Raise a ValueError if there is a number in x that the table has no row for.

        Args:
            x: what the layer is to be called on.
            what: how messages call it.
        """
        wrong = ~((x >= 0) & (x < self.input_dim))
        if x.dtype.kind == "f":
            wrong |= x != np.floor(x)
        if not wrong.any():
            return
        place = tuple(int(i) for i in np.argwhere(wrong)[0])
        value, top = x[place], self.input_dim - 1
        row = ", ".join(
            f"{axis} {i}" for axis, i in zip(("row", "step", "part"), place, strict=False)
        )
        if value > top:
            mend = f"make input_dim at least {int(np.nanmax(x)) + 1}, or mend the numbers"
        else:
            mend = "number the categories from 0: values, x = np.unique(x, return_inverse=True)"
        raise ValueError(
            f"The layer {self.name!r} takes whole numbers from 0 to {top} (its input_dim is "
            f"{self.input_dim}), but {what} holds {value:g} in {row}; {mend}."
        )
