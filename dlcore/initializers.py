"""First values of weights.

An initializer is called with a shape. With a seed it gives the same numbers at each call; without
one it takes a seed from the library's own when it is made (see `dlcore.utils.set_random_seed`),
so that two layers differ.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dlcore import random
from dlcore.tensor import floatx
from dlcore.utils.config import Configurable
from dlcore.utils.lookup import find, helpful_arguments
from dlcore.utils.naming import snake_case
from dlcore.utils.serialization import deserialize_keras_object

Shape = tuple[int, ...]


class Initializer(Configurable):
    """Base of the initializers: `initializer(shape) -> array`."""

    def __call__(self, shape: Shape, dtype: Any = None) -> np.ndarray:
        """First values of a weight of the given shape, float32 by default."""
        return np.asarray(self.draw(tuple(shape)), dtype=dtype or floatx())

    def draw(self, shape: Shape) -> np.ndarray:
        """The values, in any number type; what a subclass writes."""
        raise NotImplementedError(f"{type(self).__name__} has no draw(shape).")


class Constant(Initializer):
    """Every element is `value`, by default 0."""

    @helpful_arguments
    def __init__(self, value: float = 0.0) -> None:
        self.value = value

    def draw(self, shape: Shape) -> np.ndarray:  # noqa: D102
        return np.full(shape, self.value)


class Zeros(Constant):
    """Every element is 0, as biases start."""

    def __init__(self) -> None:
        super().__init__(0.0)


class Ones(Constant):
    """Every element is 1."""

    def __init__(self) -> None:
        super().__init__(1.0)


class _Random(Initializer):
    def __init__(self, seed: int | None) -> None:
        self.seed = seed
        self._seed = int(random.generator().integers(2**63)) if seed is None else seed

    def generator(self) -> np.random.Generator:
        """A generator that starts anew at each call: an initializer repeats itself."""
        return np.random.default_rng(self._seed)


class RandomUniform(_Random):
    """Uniform numbers from `minval` to `maxval`, by default -0.05 to 0.05."""

    @helpful_arguments
    def __init__(
        self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None
    ) -> None:
        super().__init__(seed)
        self.minval, self.maxval = minval, maxval

    def draw(self, shape: Shape) -> np.ndarray:  # noqa: D102
        return self.generator().uniform(self.minval, self.maxval, shape)


class RandomNormal(_Random):
    """Normal numbers of the given mean (0) and standard deviation (0.05)."""

    @helpful_arguments
    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        super().__init__(seed)
        self.mean, self.stddev = mean, stddev

    def draw(self, shape: Shape) -> np.ndarray:  # noqa: D102
        return self.generator().normal(self.mean, self.stddev, shape)


class TruncatedNormal(RandomNormal):
    """Normal numbers; those beyond two standard deviations are drawn again.

    What is left has a standard deviation of 0.8796 times `stddev`.
    """

    def draw(self, shape: Shape) -> np.ndarray:  # noqa: D102
        return self.mean + self.stddev * _truncated(self.generator(), shape)


class VarianceScaling(_Random):
    """Numbers with mean 0 and variance `scale / n`, so that signals keep their size in depth.

    For weights of shape `(inputs, outputs)`, or `(height, width, inputs, outputs)` of a
    convolution, `fan_in = height * width * inputs` and `fan_out = height * width * outputs`.

    Args:
        scale: a positive number; default 1.
        mode: n is "fan_in" (default), "fan_out" or their mean, "fan_avg".
        distribution: "truncated_normal" (default; within two standard deviations, and rescaled
            to have the variance nevertheless), "untruncated_normal" or "uniform".
        seed: default None, a seed from the library's own.
    """

    @helpful_arguments
    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: int | None = None,
    ) -> None:
        super().__init__(seed)
        if not scale > 0:
            raise ValueError(f"scale must be positive, but is {scale}; try 1.0.")
        modes = {name: name for name in ("fan_in", "fan_out", "fan_avg")}
        kinds = {name: name for name in ("truncated_normal", "untruncated_normal", "uniform")}
        self.scale = scale
        self.mode = find(mode, modes, "mode of VarianceScaling")
        self.distribution = find(distribution, kinds, "distribution of VarianceScaling")

    def draw(self, shape: Shape) -> np.ndarray:  # noqa: D102
        fan_in, fan_out = fans(shape)
        n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[self.mode]
        stddev = math.sqrt(self.scale / max(1.0, n))
        if self.distribution == "uniform":
            limit = math.sqrt(3) * stddev
            return self.generator().uniform(-limit, limit, shape)
        if self.distribution == "untruncated_normal":
            return self.generator().normal(0, stddev, shape)
        # The standard deviation of a normal distribution that is cut off at two of them.
        return stddev / 0.87962566103423978 * _truncated(self.generator(), shape)


class GlorotUniform(VarianceScaling):
    """Uniform in ±sqrt(6 / (fan_in + fan_out)), the default (Glorot and Bengio 2010, eq. 16)."""

    @helpful_arguments
    def __init__(self, seed: int | None = None) -> None:
        super().__init__(1.0, "fan_avg", "uniform", seed)


class GlorotNormal(VarianceScaling):
    """Truncated normal of variance 2 / (fan_in + fan_out) (Glorot and Bengio 2010, eq. 12)."""

    @helpful_arguments
    def __init__(self, seed: int | None = None) -> None:
        super().__init__(1.0, "fan_avg", "truncated_normal", seed)


class HeUniform(VarianceScaling):
    """Uniform in ±sqrt(6 / fan_in), for ReLU layers (He et al. 2015, section 2.2)."""

    @helpful_arguments
    def __init__(self, seed: int | None = None) -> None:
        super().__init__(2.0, "fan_in", "uniform", seed)


class HeNormal(VarianceScaling):
    """Truncated normal of variance 2 / fan_in, for ReLU layers (He et al. 2015, section 2.2)."""

    @helpful_arguments
    def __init__(self, seed: int | None = None) -> None:
        super().__init__(2.0, "fan_in", "truncated_normal", seed)


def fans(shape: Shape) -> tuple[int, int]:
    """How many inputs reach one output of a weight of this shape, and how many outputs one input.

    All axes before the last two are the receptive field of a convolution.
    """
    if len(shape) < 2:
        size = shape[0] if shape else 1
        return size, size
    field = math.prod(shape[:-2])
    return field * shape[-2], field * shape[-1]


def _truncated(generator: np.random.Generator, shape: Shape) -> np.ndarray:
    values = generator.normal(size=shape)
    outside = np.abs(values) > 2
    while outside.any():
        values[outside] = generator.normal(size=int(outside.sum()))
        outside = np.abs(values) > 2
    return values


_CLASSES = (
    Constant, GlorotNormal, GlorotUniform, HeNormal, HeUniform, Ones, RandomNormal,
    RandomUniform, TruncatedNormal, VarianceScaling, Zeros,
)  # fmt: skip
_BY_NAME: dict[str, type[Initializer]] = {
    name: kind for kind in _CLASSES for name in (kind.__name__, snake_case(kind.__name__))
}


def get(identifier: Any) -> Any:
    """The initializer meant by a name, a class, an initializer or any function of a shape.

    Raises:
        ValueError: if there is no initializer of that name.
        TypeError: if it is none of these.
    """
    if isinstance(identifier, dict):
        identifier = deserialize_keras_object(identifier)
    if isinstance(identifier, str):
        return find(identifier, _BY_NAME, "initializer")()
    if isinstance(identifier, type) and issubclass(identifier, Initializer):
        return identifier()
    if callable(identifier):
        return identifier
    raise TypeError(
        f"An initializer is a name such as 'he_normal' or an object such as HeNormal(), not "
        f"{type(identifier).__name__}."
    )
