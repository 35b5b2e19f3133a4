"""A relu whose slope below zero is learnt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore import constraints, initializers, regularizers
from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape
from dlcore.utils.lookup import Identifier


class PReLU(Layer):
    """`y = x` where x is positive, else `alpha x` with a learnt alpha (He et al. 2015).

        y = PReLU(shared_axes=[1, 2])(x)      # images: one alpha for each channel

    The weight is alpha, one for each number of a row.

    Args:
        alpha_initializer: default "zeros".
        alpha_regularizer: default None.
        alpha_constraint: of alpha after each step, such as "max_norm"; default None.
        shared_axes: axes along which one alpha serves, counted from 1, the first after the rows;
            default None.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if there is no such axis, or the size of another one is not known.
    """

    supports_masking = True

    def __init__(
        self,
        alpha_initializer: Identifier = "zeros",
        alpha_regularizer: Identifier | None = None,
        alpha_constraint: Identifier | None = None,
        shared_axes: int | Sequence[int] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        if shared_axes is not None:
            shared_axes = [int(axis) for axis in np.atleast_1d(shared_axes)]
        self.shared_axes = shared_axes
        self.alpha: Any = None

    def build(self, input_shape: Shape) -> None:  # noqa: D102
        shared = self.shared_axes or []
        sizes = [1 if i in shared else size for i, size in enumerate(input_shape)][1:]
        if None in sizes or not all(1 <= axis < len(input_shape) for axis in shared):
            raise ValueError(
                f"The layer {self.name!r} has a slope for each number of a row, of shape "
                f"{input_shape[1:]}, but for those along the axes {shared} of {len(input_shape)}; "
                "an axis of unknown size must be among them, and 0, that of the rows, cannot."
            )
        self.alpha = self.add_weight(
            tuple(sizes),  # type: ignore[arg-type]
            self.alpha_initializer,
            name="alpha",
            regularizer=self.alpha_regularizer,
            constraint=self.alpha_constraint,
        )

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        return ops.relu(x) - self.alpha * ops.relu(-x)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        return input_shape
