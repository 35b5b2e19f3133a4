"""Initializers: the base, those that draw nothing, and those that follow the weight's shape."""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np

from dlcore.engine import random
from dlcore.engine.tensor import DType, Tensor, floatx
from dlcore.utils.config import Configurable
from dlcore.utils.lookup import helpful_arguments, number, one_of, positive

Shape = tuple[int, ...]


class Initializer(Configurable):
    """Base of the initializers: `initializer(shape) -> array`.

    One of your own writes `draw(shape)`:

        class Ramp(Initializer):
            def draw(self, shape):
                return np.linspace(0, 1, math.prod(shape)).reshape(shape)
    """

    def __call__(self, shape: Shape, dtype: DType | None = None) -> np.ndarray:
        """First values of a weight of the given shape, float32 by default."""
        return np.asarray(self.draw(tuple(shape)), dtype=dtype or floatx())

    def draw(self, shape: Shape) -> np.ndarray:
        """The values, in any dtype; what a subclass writes."""
        raise NotImplementedError(f"{type(self).__name__} has no draw(shape).")


class Constant(Initializer):
    """Every element is `value`, by default 0; or an array gives the elements one by one.

        # vectors: shape (words, columns), trained elsewhere
        Embedding(*vectors.shape, embeddings_initializer=Constant(vectors), trainable=False)

    An array has the shape of the weight, or one that is repeated to it, such as that of a row.

    Raises:
        TypeError: if the value is neither a number nor an array of numbers.
        ValueError: if one is NaN or infinite; when called, if the array does not fit the weight.
    """

    @helpful_arguments
    def __init__(self, value: Any = 0.0) -> None:
        if isinstance(value, np.ndarray | Tensor | list | tuple) and np.ndim(value):
            self.value: Any = _finite(np.array(value))
        else:
            self.value = number("value", value)

    def draw(self, shape: Shape) -> np.ndarray:  # noqa: D102
        try:
            return np.broadcast_to(self.value, shape).copy()
        except ValueError:
            raise ValueError(
                f"Constant holds an array of shape {np.shape(self.value)}, but the weight has "
                f"shape {shape}."
            ) from None


class Zeros(Constant):
    """Every element is 0, as biases start."""

    def __init__(self) -> None:
        super().__init__(0.0)


class Ones(Constant):
    """Every element is 1."""

    def __init__(self) -> None:
        super().__init__(1.0)


class Identity(Initializer):
    """`gain`, by default 1, on the diagonal of a matrix, and 0 elsewhere.

    Raises:
        ValueError: when called, if the weight is no matrix.
    """

    @helpful_arguments
    def __init__(self, gain: float = 1.0) -> None:
        self.gain = number("gain", gain)

    def draw(self, shape: Shape) -> np.ndarray:  # noqa: D102
        if len(shape) != 2:
            raise ValueError(
                f"Identity is for weights of two axes, such as the kernel of Dense, but this one "
                f"has shape {shape}."
            )
        return self.gain * np.eye(*shape)


class RandomInitializer(Initializer):
    """Base of those that draw random numbers.

    With a seed it gives the same numbers at each call. Without one it takes a seed from the
    library's own when it is made, and gives other numbers at each call, so that two layers that
    share it do not start alike.

    Raises:
        ValueError: if the seed is no whole number from 0 up.
    """

    def __init__(self, seed: int | None = None) -> None:
        whole = isinstance(seed, int | np.integer) and not isinstance(seed, bool)
        if seed is not None and not (whole and seed >= 0):
            raise ValueError(f"The seed of an initializer is a whole number, not {seed!r}.")
        self.seed = None if seed is None else int(seed)
        self._seed = int(random.generator().integers(2**63) if seed is None else seed)
        self._calls = 0

    def generator(self) -> np.random.Generator:
        """A generator for one weight: with a seed always the same, without one always another."""
        self._calls += 1
        again = self.seed is None and self._calls > 1
        return np.random.default_rng([self._seed, self._calls] if again else self._seed)


class VarianceScaling(RandomInitializer):
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
        self.scale = positive("scale", scale)
        self.mode = one_of(mode, ("fan_in", "fan_out", "fan_avg"), "mode of VarianceScaling")
        kinds = ("truncated_normal", "untruncated_normal", "uniform", "normal")
        kind = one_of(distribution, kinds, "distribution of VarianceScaling")
        self.distribution = "truncated_normal" if kind == "normal" else kind

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
        return stddev / 0.87962566103423978 * truncated_normal(self.generator(), shape)


class _Scaling(VarianceScaling):
    """One of the scalings that have a name."""

    fixed: ClassVar[tuple[float, str, str]]

    @helpful_arguments
    def __init__(self, seed: int | None = None) -> None:
        super().__init__(*self.fixed, seed)


class GlorotUniform(_Scaling):
    """Uniform in ±sqrt(6 / (fan_in + fan_out)), the default (Glorot and Bengio 2010, eq. 16)."""

    fixed = (1.0, "fan_avg", "uniform")


class GlorotNormal(_Scaling):
    """Truncated normal of variance 2 / (fan_in + fan_out) (Glorot and Bengio 2010, eq. 12)."""

    fixed = (1.0, "fan_avg", "truncated_normal")


class LecunUniform(_Scaling):
    """Uniform in ±sqrt(3 / fan_in) (LeCun et al. 1998, "Efficient BackProp", section 4.6)."""

    fixed = (1.0, "fan_in", "uniform")


class LecunNormal(_Scaling):
    """Truncated normal of variance 1 / fan_in (LeCun et al. 1998, section 4.6), for SELU layers."""

    fixed = (1.0, "fan_in", "truncated_normal")


class HeUniform(_Scaling):
    """Uniform in ±sqrt(6 / fan_in), for ReLU layers (He et al. 2015, section 2.2)."""

    fixed = (2.0, "fan_in", "uniform")


class HeNormal(_Scaling):
    """Truncated normal of variance 2 / fan_in, for ReLU layers (He et al. 2015, section 2.2)."""

    fixed = (2.0, "fan_in", "truncated_normal")


def _finite(array: np.ndarray) -> np.ndarray:
    """The array of a Constant, if it holds numbers and no NaN or infinity."""
    if array.dtype.kind not in "fiu":
        raise TypeError(f"The value of Constant is a number or an array of numbers, not {array!r}.")
    if not np.isfinite(array).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"The value of Constant is finite, but holds {array[place]} at {place}.")
    return array


def fans(shape: Shape) -> tuple[int, int]:
    """How many inputs reach one output of a weight of this shape, and how many outputs one input.

    All axes before the last two are the receptive field of a convolution.
    """
    if len(shape) < 2:
        size = shape[0] if shape else 1
        return size, size
    field = math.prod(shape[:-2])
    return field * shape[-2], field * shape[-1]


def truncated_normal(generator: np.random.Generator, shape: Shape) -> np.ndarray:
    """Standard normal numbers; those beyond two deviations are drawn again."""
    values = generator.normal(size=shape)
    outside = np.abs(values) > 2
    while outside.any():
        values[outside] = generator.normal(size=int(outside.sum()))
        outside = np.abs(values) > 2
    return values
