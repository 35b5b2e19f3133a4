"""Initializers that draw numbers whatever the shape of the weight: normal, uniform, orthogonal."""

from __future__ import annotations

import math

import numpy as np

from dlcore.initializers.initializer import RandomInitializer, Shape, truncated_normal
from dlcore.utils.lookup import helpful_arguments, not_negative, number


class RandomUniform(RandomInitializer):
    """Uniform numbers from `minval` to `maxval`, by default -0.05 to 0.05.

    Raises:
        ValueError: if minval is greater than maxval.
    """

    @helpful_arguments
    def __init__(
        self, minval: float = -0.05, maxval: float = 0.05, seed: int | None = None
    ) -> None:
        super().__init__(seed)
        self.minval, self.maxval = number("minval", minval), number("maxval", maxval)
        if self.minval > self.maxval:
            raise ValueError(
                f"minval must not be greater than maxval, but is {self.minval:g}, and maxval "
                f"{self.maxval:g}."
            )

    def draw(self, shape: Shape) -> np.ndarray:  # noqa: D102
        return self.generator().uniform(self.minval, self.maxval, shape)


class RandomNormal(RandomInitializer):
    """Normal numbers of the given mean (0) and standard deviation (0.05).

    Raises:
        ValueError: if stddev is negative.
    """

    @helpful_arguments
    def __init__(self, mean: float = 0.0, stddev: float = 0.05, seed: int | None = None) -> None:
        super().__init__(seed)
        self.mean = number("mean", mean)
        self.stddev = not_negative("stddev", stddev, advice=0.05)

    def draw(self, shape: Shape) -> np.ndarray:  # noqa: D102
        return self.generator().normal(self.mean, self.stddev, shape)


class TruncatedNormal(RandomNormal):
    """Normal numbers; those beyond two standard deviations are drawn again.

    What is left has a standard deviation of 0.8796 times `stddev`.
    """

    def draw(self, shape: Shape) -> np.ndarray:  # noqa: D102
        return self.mean + self.stddev * truncated_normal(self.generator(), shape)


class Orthogonal(RandomInitializer):
    """A matrix with orthonormal columns (rows, if it is wider than high), times `gain`.

    Multiplying by it changes no lengths, so that a signal neither fades nor grows over many steps
    of a recurrent layer (Saxe et al. 2014, "Exact solutions to the nonlinear dynamics of learning
    in deep linear neural networks"). All axes but the last count as one, as for the kernel of a
    convolution. The matrix is uniform among all such (Mezzadri 2007, section 5).

    Args:
        gain: default 1.
        seed: default None, a seed from the library's own.

    Raises:
        ValueError: when called, if the weight has fewer than two axes.
    """

    @helpful_arguments
    def __init__(self, gain: float = 1.0, seed: int | None = None) -> None:
        super().__init__(seed)
        self.gain = number("gain", gain)

    def draw(self, shape: Shape) -> np.ndarray:  # noqa: D102
        if len(shape) < 2:
            raise ValueError(
                f"Orthogonal is for weights of two or more axes, but this one has shape {shape}."
            )
        rows, columns = math.prod(shape[:-1]), shape[-1]
        tall = self.generator().normal(size=(max(rows, columns), min(rows, columns)))
        q, r = np.linalg.qr(tall)
        # The signs of r are a convention of the decomposition; they would make some q more likely.
        q = q * np.sign(np.diag(r))
        return self.gain * (q.T if rows < columns else q).reshape(shape)
