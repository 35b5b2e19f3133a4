"""Whole numbers as columns of zeros and ones, or of counts."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore.backends import may_look, memory
from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.layers.index_lookup import mode_called, one_array, refuse_sparse
from dlcore.layers.layer import Layer, Shape, positive
from dlcore.layers.shape_inference import on_trial
from dlcore.utils import size_limits


class CategoryEncoding(Layer):
    """A column for each of `num_tokens` categories, which are numbered from 0.

        layer = CategoryEncoding(4, output_mode="one_hot")
        layer([3, 0])  # [[0, 0, 0, 1], [1, 0, 0, 0]]

    Input: whole numbers, `(n,)`, `(n, k)` or of more axes. Output: `(…, k, num_tokens)` for
    "one_hot" (without the axis k where it is 1), and `(…, num_tokens)` for the others, where a row
    of k numbers is one set of categories.

    Args:
        num_tokens: how many categories there are.
        output_mode: "multi_hot" (1 for each category that occurs in a row, the default),
            "one_hot", or "count" (how often it does).
        sparse: taken as in Keras, where True is for TensorFlow.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if a number is negative, has a fraction or is num_tokens or more; it names the
            number, its row and the range.
    """

    autocast = False

    def __init__(
        self,
        num_tokens: int | None = None,
        output_mode: str = "multi_hot",
        sparse: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        owner = f"CategoryEncoding {self.name!r}"
        if num_tokens is None:
            raise ValueError(
                f"{owner} needs num_tokens, how many categories there are; where that is not "
                "known, IntegerLookup finds it by adapt(data)."
            )
        self.num_tokens = positive(num_tokens, "num_tokens", owner)
        size_limits.refuse_giant([self.num_tokens])
        self.output_mode = mode_called(output_mode, ("multi_hot", "one_hot", "count"))
        refuse_sparse(owner, sparse)
        self.sparse = False

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """The columns for numbers; a list is one array."""
        return super().__call__(*map(one_array, args), **kwargs)

    def call(self, x: Tensor, count_weights: Any = None) -> Tensor:
        """The columns.

        Args:
            x: whole numbers.
            count_weights: for "count", what each number counts, in the shape of x; default 1.
        """
        if count_weights is not None and self.output_mode != "count":
            raise ValueError(
                f"The layer {self.name!r} has output_mode={self.output_mode!r}: count_weights are "
                "for 'count' alone."
            )
        notes = on_trial()
        if notes is not None:
            notes.append((self, x))
        if may_look():
            self.check_inputs(memory.to_host(x.data))
        x = ops.reshape(x, (1,)) if x.ndim == 0 else x
        if self.output_mode == "one_hot" and x.ndim > 1 and x.shape[-1] == 1:
            x = ops.reshape(x, x.shape[:-1])
        y = ops.one_hot(x, self.num_tokens, self.dtype)
        if self.output_mode == "one_hot":
            return y
        if self.output_mode == "multi_hot":
            return ops.max(y, axis=-2)
        if count_weights is not None:
            y = y * ops.expand_dims(ops.convert_to_tensor(count_weights, self.dtype), -1)
        return ops.sum(y, axis=-2)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        shape = tuple(input_shape)
        kept = self.output_mode == "one_hot" and not (len(shape) > 1 and shape[-1] == 1)
        return (*(shape if kept else shape[:-1]), self.num_tokens)

    def check_inputs(self, x: np.ndarray, what: str = "its input") -> None:
        """Raise a ValueError if there is a number in x that no category has.

        Args:
            x: what the layer is to be called on.
            what: how messages call it.
        """
        wrong = ~((x >= 0) & (x < self.num_tokens))
        if x.dtype.kind == "f":
            wrong |= x != np.floor(x)
        if wrong.any():
            place = tuple(int(i) for i in np.argwhere(wrong)[0])
            row = f" in row {place[0]}" if place else ""
            raise ValueError(
                f"The layer {self.name!r} takes whole numbers from 0 to {self.num_tokens - 1} (its "
                f"num_tokens is {self.num_tokens}), but {what} holds {x[place]:g}{row}; make "
                "num_tokens greater, or number the categories by IntegerLookup."
            )
