"""Each row brought to mean 0 and variance 1."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore import constraints, initializers, regularizers
from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape
from dlcore.utils.lookup import Identifier


class LayerNormalization(Layer):
    """`y = gamma (x - mean) / sqrt(variance + epsilon) + beta`, for each row, or step of a row.

        layer = LayerNormalization()
        y = layer(x)                          # (n, 8) -> (n, 8)

    Mean and variance go over the given axes of one row (Ba, Kiros and Hinton 2016): unlike
    `BatchNormalization` it does the same in training and in predict, and does not mix rows.

    The weights are gamma and beta, of the shape that the input has in the given axes.

    Args:
        axis: the axis, or a list of them, over which mean and variance go; default: the last.
        epsilon: keeps a row that does not vary from a division by 0; default 0.001.
        center: whether there is a beta; default True.
        scale: whether there is a gamma; default True.
        beta_initializer: default "zeros".
        gamma_initializer: default "ones".
        beta_regularizer: default None.
        gamma_regularizer: default None.
        beta_constraint: of beta after each step, such as "max_norm"; default None.
        gamma_constraint: the same of gamma.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if the input has no such axis, or its size is not known.
    """

    supports_masking = True

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Identifier = "zeros",
        gamma_initializer: Identifier = "ones",
        beta_regularizer: Identifier | None = None,
        gamma_regularizer: Identifier | None = None,
        beta_constraint: Identifier | None = None,
        gamma_constraint: Identifier | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.axis = int(axis) if isinstance(axis, int | np.integer) else [int(i) for i in axis]
        self.epsilon = float(epsilon)
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.gamma: Any = None
        self.beta: Any = None

    def build(self, input_shape: Shape) -> None:  # noqa: D102
        shape = tuple(self._sizes(input_shape).values())
        if self.scale:
            self.gamma = self.add_weight(
                shape,
                self.gamma_initializer,
                name="gamma",
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
            )
        if self.center:
            self.beta = self.add_weight(
                shape,
                self.beta_initializer,
                name="beta",
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
            )

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        sizes = self._sizes(x.shape)
        for weight in (self.gamma, self.beta):
            if weight is not None and weight.shape != tuple(sizes.values()):
                raise ValueError(
                    f"The layer {self.name!r} was built for sizes {weight.shape} on axes "
                    f"{self.axis}, but was given shape {x.shape}."
                )
        return ops.layer_normalization(x, self.gamma, self.beta, list(sizes), self.epsilon)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        self._sizes(input_shape)
        return input_shape

    def _sizes(self, shape: Shape) -> dict[int, int]:
        """The axes that are normalised, counted from the first, and their sizes."""
        rank = len(shape)
        sizes = {}
        for axis in [self.axis] if isinstance(self.axis, int) else self.axis:
            size = shape[axis] if -rank <= axis < rank else None
            if size is None or axis % rank == 0:
                raise ValueError(
                    f"The layer {self.name!r} normalises axis {axis}, which must be there, have a "
                    f"known size and not be that of the rows; the shape is {shape}."
                )
            sizes[axis % rank] = size
        return dict(sorted(sizes.items()))
