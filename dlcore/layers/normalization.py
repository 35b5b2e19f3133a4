"""Columns brought to mean 0 and variance 1, with numbers taken from the data once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from dlcore.backends import memory
from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape


class Normalization(Layer):
    """`y = (x - mean) / sqrt(variance)`, so that all columns are of one size.

        layer = Normalization()
        layer.adapt(x_train)                  # finds the mean and the variance of each column
        model = Sequential([layer, Dense(8, activation="relu"), Dense(1)])

    The numbers belong to the model from then on, so that whoever uses it need not normalise. Before
    `adapt` the layer leaves its input as it is. Training does not change them.

    The weights are mean and variance, of the sizes of the kept axes, and count, a whole number that
    Keras has for older files.

    Args:
        axis: the axis, or axes, along which each place has a mean and a variance of its own;
            default: the last, that is, each column or channel. None: one mean for all numbers.
        mean: given instead of `adapt`; there are no weights then.
        variance: given together with the mean.
        invert: True goes back, `y = mean + x sqrt(variance)`; default False.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if only one of mean and variance is given, or their shapes do not fit.
    """

    supports_masking = True
    not_in_config = Layer.not_in_config | {"mean", "variance"}

    def __init__(
        self,
        axis: int | Sequence[int] | None = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        if axis is None:
            axis = ()
        self.axis = (int(axis),) if isinstance(axis, int | np.integer) else tuple(map(int, axis))
        if np.shape(mean) != np.shape(variance) or (mean is None) != (variance is None):
            raise ValueError(
                f"Normalization {self.name!r} takes a mean and a variance of the same shape, or "
                "neither: then adapt(data) finds them."
            )
        if mean is not None and np.ndim(mean) > len(self.axis):
            raise ValueError(
                f"Normalization {self.name!r}: the mean has shape {np.shape(mean)}, but there are "
                f"only {len(self.axis)} axes with means of their own, {self.axis}."
            )
        self.input_mean = mean
        self.input_variance = variance
        self.invert = invert
        self._kept: tuple[int, ...] = ()
        self._sizes: tuple[Any, ...] = ()

    def build(self, input_shape: Shape) -> None:  # noqa: D102
        rank = len(input_shape)
        for axis in self.axis:
            if not -rank <= axis < rank or input_shape[axis] is None:
                raise ValueError(
                    f"The layer {self.name!r} has a mean for each place on axis {axis}, which must "
                    f"be there and have a known size; the shape is {input_shape}. A single column "
                    "has shape (n, 1); axis=None takes one mean for all numbers."
                )
        self._kept = tuple(sorted(axis % rank for axis in self.axis))
        self._sizes = tuple(n if i in self._kept else 1 for i, n in enumerate(input_shape))
        if self.input_mean is None:
            shape = [self._sizes[i] for i in self._kept]
            self.adapt_mean = self.add_weight(shape, "zeros", trainable=False, name="mean")
            self.adapt_variance = self.add_weight(shape, "ones", trainable=False, name="variance")
            self.count = self.add_weight((), "zeros", False, name="count", dtype="int32")

    @property
    def mean(self) -> Tensor:
        """The mean, in a shape that broadcasts with the input."""
        return self._statistic("adapt_mean", self.input_mean)

    @property
    def variance(self) -> Tensor:
        """The variance, in a shape that broadcasts with the input."""
        return self._statistic("adapt_variance", self.input_variance)

    def adapt(self, data: Any) -> None:
        """Take mean and variance from data, instead of those of an `adapt` before.

        Args:
            data: an array, a list of numbers, or something that gives batches, each an array or a
                tuple that begins with one.

        Raises:
            ValueError: if there are no data, or their shape is not the one that the layer knows, or
                mean and variance were given to the constructor.
        """
        if self.input_mean is not None:
            raise ValueError(
                f"The layer {self.name!r} was given its mean and variance: adapt has nothing "
                "to find; leave them out of the constructor."
            )
        count, mean, variance = 0, np.zeros(()), np.zeros(())
        for batch in _batches(data):
            self.build_once((None, *batch.shape[1:]))
            self._check(batch.shape)
            over = tuple(i for i in range(batch.ndim) if i not in self._kept)
            new = math.prod(batch.shape[i] for i in over)
            if not new:
                continue
            # Two sets of numbers as one (Chan, Golub and LeVeque 1979, eq. 2.1).
            share = new / (count + new)
            difference = batch.mean(axis=over) - mean
            variance = (1 - share) * variance + share * batch.var(axis=over)
            variance = variance + share * (1 - share) * difference**2
            mean = mean + share * difference
            count += new
        if not count:
            raise ValueError(f"The layer {self.name!r} was given no data to adapt to.")
        self.adapt_mean.assign(mean)
        self.adapt_variance.assign(variance)

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        self._check(x.shape)
        # As in Keras: a column that does not vary is divided by 1e-7.
        deviation = ops.maximum(ops.sqrt(self.variance), 1e-7)
        if self.invert:
            return ops.add(self.mean, ops.multiply(x, deviation))
        return ops.divide(ops.subtract(x, self.mean), deviation)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        return input_shape

    def get_config(self) -> dict[str, Any]:  # noqa: D102
        given = {"mean": self.input_mean, "variance": self.input_variance}
        lists = {k: None if v is None else np.asarray(v).tolist() for k, v in given.items()}
        return {**super().get_config(), **lists}

    def _check(self, shape: Shape) -> None:
        if len(shape) != len(self._sizes) or any(shape[i] != self._sizes[i] for i in self._kept):
            wanted = tuple(n if i in self._kept else None for i, n in enumerate(self._sizes))
            raise ValueError(
                f"The layer {self.name!r} was built for data of shape {wanted}, where None may be "
                f"any size, but was given shape {shape}."
            )

    def _statistic(self, weight: str, given: Any) -> Tensor:
        if not self.built:
            raise AttributeError(
                f"The layer {self.name!r} has no mean and variance yet; call adapt(data) first."
            )
        if given is None:
            return ops.reshape(getattr(self, weight), self._sizes)
        value = np.asarray(given, self.dtype)
        # Given for the last of the kept axes; for the others, and as a single number, for all.
        shape = [1] * len(self._sizes)
        for axis, size in zip(reversed(self._kept), reversed(value.shape), strict=False):
            shape[axis] = size
        return Tensor(value.reshape(shape))


def _batches(data: Any) -> Iterable[np.ndarray]:
    """The data as arrays in 64 bits."""
    if isinstance(data, Tensor):
        data = memory.to_host(data.data)
    if isinstance(data, list | tuple) and not (data and hasattr(data[0], "shape")):
        data = np.asarray(data) if not (data and isinstance(data[0], tuple)) else data
    if isinstance(data, np.ndarray):
        data = [data]
    for batch in data:
        batch = batch[0] if isinstance(batch, tuple) else batch
        yield np.asarray(batch.numpy() if isinstance(batch, Tensor) else batch, np.float64)
