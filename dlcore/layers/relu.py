"""The activations of the relu family as layers, with their arguments."""

from __future__ import annotations

from typing import Any

from dlcore import activations
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape


class ReLU(Layer):
    """`y = max(x, 0)`, unless the arguments bend it.

        y = ReLU(max_value=6)(x)              # kept between 0 and 6

    Args:
        max_value: above this y is max_value; default None, no bound.
        negative_slope: below the threshold y is negative_slope (x - threshold); default 0.
        threshold: up to here x counts as negative; default 0.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if one of them is negative.
    """

    supports_masking = True
    activation = staticmethod(activations.relu)

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.max_value = None if max_value is None else _not_negative(self, "max_value", max_value)
        self.negative_slope = _not_negative(self, "negative_slope", negative_slope)
        self.threshold = _not_negative(self, "threshold", threshold)

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        return activations.relu(x, self.negative_slope, self.max_value, self.threshold)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        return input_shape


class LeakyReLU(Layer):
    """`y = x` where x is positive, else `negative_slope x`.

        LeakyReLU(0.1)(np.array([-2.0, 3.0]))   # [-0.2, 3.0]

    Args:
        negative_slope: default 0.3. Older code calls it alpha, which is taken as well.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if the slope is negative.
    """

    supports_masking = True
    activation = staticmethod(activations.leaky_relu)

    def __init__(self, negative_slope: float = 0.3, **kwargs: Any) -> None:
        negative_slope = kwargs.pop("alpha", negative_slope)
        super().__init__(**kwargs)
        self.negative_slope = _not_negative(self, "negative_slope", negative_slope)

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        return activations.leaky_relu(x, self.negative_slope)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        return input_shape


class ELU(Layer):
    """`y = x` where x is positive, else `alpha (exp(x) - 1)` (Clevert et al. 2016).

        ELU()(np.array([-1.0, 3.0]))          # [-0.6321, 3.0]

    Args:
        alpha: what -y comes near to for very negative x; default 1.
        kwargs: those of `Layer`.
    """

    supports_masking = True
    activation = staticmethod(activations.elu)

    def __init__(self, alpha: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.alpha = alpha

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        return activations.elu(x, self.alpha)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        return input_shape


def _not_negative(layer: Layer, what: str, value: Any) -> float:
    try:
        if value >= 0:
            return value
    except TypeError:
        pass
    kind = type(layer).__name__
    raise ValueError(f"{kind} {layer.name!r}: {what} is a number of at least 0, not {value!r}.")
