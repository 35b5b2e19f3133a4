"""Groups of channels brought to mean 0 and variance 1, for each row."""

from __future__ import annotations

import math
from typing import Any

from dlcore import constraints, initializers, regularizers
from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape
from dlcore.utils.lookup import Identifier


class GroupNormalization(Layer):
    """`y = gamma (x - mean) / sqrt(variance + epsilon) + beta`, for each group of a row.

        y = GroupNormalization(4)(x)          # (n, 28, 28, 16): 4 groups of 4 channels

    Mean and variance go over the channels of a group in all places of one row (Wu and He 2018), so
    that it does the same in training and in predict, however small the batch.

    The weights are gamma and beta, one number for each channel.

    Args:
        groups: how many; as many as there are channels, or -1, normalises each by itself. Default
            32.
        axis: that of the channels; default: the last.
        epsilon: keeps a group that does not vary from a division by 0; default 0.001.
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
        ValueError: if the channels cannot be cut into so many groups.
    """

    supports_masking = True

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
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
        self.groups = int(groups)
        self.axis = int(axis)
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
        _, channels, _ = self._cut(input_shape)
        if self.scale:
            self.gamma = self.add_weight(
                (channels,),
                self.gamma_initializer,
                name="gamma",
                regularizer=self.gamma_regularizer,
                constraint=self.gamma_constraint,
            )
        if self.center:
            self.beta = self.add_weight(
                (channels,),
                self.beta_initializer,
                name="beta",
                regularizer=self.beta_regularizer,
                constraint=self.beta_constraint,
            )

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        axis, channels, groups = self._cut(x.shape)
        others = [i for i in range(x.ndim) if i != axis]
        last = ops.transpose(x, [*others, axis])
        places = math.prod(last.shape[1:-1])
        z = ops.reshape(last, (x.shape[0], places, groups, channels // groups))
        apart = z - ops.mean(z, (1, 3), keepdims=True)
        variance = ops.mean(ops.square(apart), (1, 3), keepdims=True)
        y = ops.reshape(apart / ops.sqrt(variance + self.epsilon), last.shape)
        y = y if self.gamma is None else y * self.gamma
        y = y if self.beta is None else y + self.beta
        back = list(range(x.ndim - 1))
        back.insert(axis, x.ndim - 1)
        return ops.transpose(y, back)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        self._cut(input_shape)
        return input_shape

    def _cut(self, shape: Shape) -> tuple[int, int, int]:
        """The axis of the channels, their number, and that of the groups."""
        rank = len(shape)
        channels = shape[self.axis] if -rank < self.axis < rank and self.axis else None
        groups = channels if self.groups == -1 else self.groups
        if channels is None or groups is None or groups < 1 or channels % groups:
            raise ValueError(
                f"The layer {self.name!r} cuts the axis {self.axis} of its input into "
                f"{self.groups} equal groups, so its size must be known and divisible by that, but "
                f"the shape is {shape}."
            )
        return self.axis % rank, channels, groups
