"""Weights whose rows, or columns, stand at right angles."""

from __future__ import annotations

import math

import numpy as np

from dlcore.initializers.base import RandomInitializer, Shape
from dlcore.utils.lookup import helpful_arguments, number


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
