"""Channels brought to mean 0 and variance 1 over the batch."""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore import backends, constraints, initializers, regularizers
from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape
from dlcore.utils.lookup import Identifier


class BatchNormalization(Layer):
    """`y = gamma (x - mean) / sqrt(variance + epsilon) + beta`, for each channel (column, filter).

        model = Sequential([Conv2D(32, 3, use_bias=False), BatchNormalization(), ReLU()])

    While training, mean and variance are those of the batch, over all axes but that of the channels
    (Ioffe and Szegedy 2015); gamma and beta are learnt. In evaluate and predict they are moving
    averages of what the batches had:

        moving_mean <- momentum moving_mean + (1 - momentum) mean

    and the same for `moving_variance`, with the variance divided by n, not n - 1. A frozen layer
    (`trainable = False`) uses the moving averages in training too, and leaves them as they are.

    The weights are gamma, beta, moving_mean and moving_variance, of shape (channels,).

    Args:
        axis: that of the channels; default: the last.
        momentum: how much of the averages a step keeps; default 0.99. With few steps an epoch take
            less, such as 0.9: the averages need about 1 / (1 - momentum) steps to follow.
        epsilon: keeps a channel that does not vary from a division by 0; default 0.001.
        center: whether there is a beta; default True.
        scale: whether there is a gamma; default True.
        beta_initializer: default "zeros".
        gamma_initializer: default "ones".
        moving_mean_initializer: default "zeros".
        moving_variance_initializer: default "ones".
        beta_regularizer: default None.
        gamma_regularizer: default None.
        beta_constraint: of beta after each step, such as "max_norm"; default None.
        gamma_constraint: the same of gamma.
        kwargs: those of `Layer`.
    """

    supports_masking = True

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Identifier = "zeros",
        gamma_initializer: Identifier = "ones",
        moving_mean_initializer: Identifier = "zeros",
        moving_variance_initializer: Identifier = "ones",
        beta_regularizer: Identifier | None = None,
        gamma_regularizer: Identifier | None = None,
        beta_constraint: Identifier | None = None,
        gamma_constraint: Identifier | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if not 0 <= momentum <= 1:
            raise ValueError(
                f"BatchNormalization {self.name!r}: momentum is the share that is kept of the "
                f"moving averages, from 0 to 1, not {momentum!r}; try 0.99."
            )
        self.axis = int(axis)
        self.momentum = float(momentum)
        self.epsilon = float(epsilon)
        self.center = center
        self.scale = scale
        self.beta_initializer = initializers.get(beta_initializer)
        self.gamma_initializer = initializers.get(gamma_initializer)
        self.moving_mean_initializer = initializers.get(moving_mean_initializer)
        self.moving_variance_initializer = initializers.get(moving_variance_initializer)
        self.beta_regularizer = regularizers.get(beta_regularizer)
        self.gamma_regularizer = regularizers.get(gamma_regularizer)
        self.beta_constraint = constraints.get(beta_constraint)
        self.gamma_constraint = constraints.get(gamma_constraint)
        self.gamma: Any = None
        self.beta: Any = None
        self.moving_mean: Any = None
        self.moving_variance: Any = None

    def build(self, input_shape: Shape) -> None:  # noqa: D102
        shape = (self._channels(input_shape),)
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
        self.moving_mean = self.add_weight(
            shape, self.moving_mean_initializer, trainable=False, name="moving_mean"
        )
        self.moving_variance = self.add_weight(
            shape, self.moving_variance_initializer, trainable=False, name="moving_variance"
        )

    def call(self, x: Tensor, training: bool = False, mask: Any = None) -> Tensor:  # noqa: D102
        if self._channels(x.shape) != self.moving_mean.size:
            raise ValueError(
                f"The layer {self.name!r} takes inputs with {self.moving_mean.size} channels on "
                f"axis {self.axis}, but was given shape {x.shape}."
            )
        if not training or not self.trainable:
            return self._normalised(x, self.moving_mean, self.moving_variance)
        if mask is not None:
            mean, variance = self._masked_moments(x, ops.convert_to_tensor(mask))
            y = self._normalised(x, mean, variance)
            self._remember(mean.data, variance.data)
            return y
        gamma = np.ones(self.moving_mean.shape, x.dtype) if self.gamma is None else self.gamma
        beta = np.zeros(self.moving_mean.shape, x.dtype) if self.beta is None else self.beta
        y, *statistics = ops.batch_norm(x, gamma, beta, self.axis, self.epsilon)
        self._remember(*statistics)
        return y

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        self._channels(input_shape)
        return input_shape

    def _channels(self, shape: Shape) -> int:
        rank = len(shape)
        size = shape[self.axis] if rank > 1 and -rank <= self.axis < rank else None
        if size is None or self.axis % rank == 0:
            raise ValueError(
                f"The layer {self.name!r} normalises the channels on axis {self.axis}, which must "
                f"be there, have a known size and not be that of the rows; the shape is {shape}."
            )
        return size

    def _normalised(self, x: Tensor, mean: Any, variance: Any) -> Tensor:
        return ops.batch_normalization(
            x, mean, variance, self.axis, self.beta, self.gamma, self.epsilon
        )

    def _remember(self, mean: np.ndarray, variance: np.ndarray) -> None:
        """Move the averages towards the statistics of this batch, where they stand."""
        for average, value in ((self.moving_mean, mean), (self.moving_variance, variance)):
            backends.call("moving_average", (average.data,), (value,), {"momentum": self.momentum})

    def _masked_moments(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and variance over the steps that count; a mask has no axis of channels."""
        if mask.shape != x.shape[:-1]:
            raise ValueError(
                f"The layer {self.name!r} was given a mask of shape {mask.shape}; for inputs of "
                f"shape {x.shape} it must have shape {x.shape[:-1]}."
            )
        axes = [i for i in range(x.ndim) if i != self.axis % x.ndim]
        counts = ops.cast(ops.reshape(mask, (*mask.shape, 1)), x.dtype)
        # As in Keras: the number of steps plus 1e-7, for a batch of which none counts.
        weights = counts * np.ones(x.shape, x.dtype)
        total = ops.sum(weights, axes) + 1e-7
        shape = [n if i not in axes else 1 for i, n in enumerate(x.shape)]
        mean = ops.sum(ops.where(counts, x, 0.0), axes) / total
        deviation = ops.where(counts, x - ops.reshape(mean, shape), 0.0)
        return mean, ops.sum(ops.square(deviation), axes) / total
