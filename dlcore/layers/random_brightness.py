"""Images made lighter or darker, plainer or fainter, at random while training."""

from __future__ import annotations

from typing import Any

from dlcore.engine import ops
from dlcore.engine.tensor import Tensor
from dlcore.layers.random_transform import RandomTransform, factor_range
from dlcore.utils.lookup import number


class _RandomColour(RandomTransform):
    """Base of what changes the numbers of the pixels, within the range that they may have."""

    def __init__(self, value_range: Any, seed: int | None, **kwargs: Any) -> None:
        super().__init__(seed, **kwargs)
        owner = f"{type(self).__name__} {self.name!r}"
        if not isinstance(value_range, list | tuple) or len(value_range) != 2:
            raise ValueError(
                f"{owner}: value_range is the lowest and the highest number that a pixel may have, "
                f"such as (0, 255) or (0, 1), not {value_range!r}."
            )
        low, high = sorted(number("value_range", value) for value in value_range)
        self.value_range = (low, high)

    def call(self, x: Tensor, training: bool = True) -> Tensor:  # noqa: D102
        self.compute_output_shape(x.shape)
        return ops.clip(self.changed(x), *self.value_range) if training else x

    def changed(self, x: Tensor) -> Tensor:
        """The images with what was drawn for each; what a subclass writes."""
        raise NotImplementedError(f"The layer {self.name!r} has no changed(x).")

    def one_each(self, x: Tensor, low: float, high: float) -> Tensor:
        """A number from low to high for each image, of a shape that goes with theirs."""
        return ops.cast(ops.reshape(self.draw(x.shape[0], low, high), (-1, 1, 1, 1)), x.dtype)


class RandomBrightness(_RandomColour):
    """While training, each image becomes lighter or darker: the same number is added everywhere.

        layer = RandomBrightness(0.2)         # by up to a fifth of the range, 51 of 255

    Args:
        factor: a fraction f of the range of values, from -f to f; or a pair (lowest, highest). With
            1 an image becomes white, with -1 black.
        value_range: the lowest and the highest number that a pixel may have; default (0, 255). What
            falls outside becomes the nearest of the two.
        seed: default None: numbers of its own, which `set_random_seed` repeats.
        kwargs: `data_format`, only "channels_last", and those of `Layer`.

    Raises:
        ValueError: if the factor is not from -1 to 1, or the range is no pair of numbers.
    """

    def __init__(
        self, factor: Any, value_range: Any = (0, 255), seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(value_range, seed, **kwargs)
        owner = f"RandomBrightness {self.name!r}"
        self.factor = factor_range(factor, "factor", owner, "an image all white")

    def changed(self, x: Tensor) -> Tensor:  # noqa: D102
        low, high = self.value_range
        return x + self.one_each(x, *self.factor) * (high - low)


class RandomContrast(_RandomColour):
    """While training, what each pixel differs from the mean of its image becomes more or less.

        layer = RandomContrast(0.2)           # 0.8 to 1.2 times as much

    `(x - mean) c + mean`, with the mean of each channel of each image, and c drawn for each image.

    Args:
        factor: a fraction f: c lies from 1 - f to 1 + f; or a pair (a, b), from 1 - a to 1 + b. The
            smaller number of the pair counts as a, as in Keras.
        value_range: the lowest and the highest number that a pixel may have; default (0, 255). What
            falls outside becomes the nearest of the two.
        seed: default None: numbers of its own, which `set_random_seed` repeats.
        kwargs: `data_format`, only "channels_last", and those of `Layer`.

    Raises:
        ValueError: if the factor is not from 0 to 1, or the range is no pair of numbers.
    """

    def __init__(
        self, factor: Any, value_range: Any = (0, 255), seed: int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(value_range, seed, **kwargs)
        # Keras 3.15 keeps the pair (0, f) for a number f, against its own description.
        pair = factor if isinstance(factor, list | tuple) else (factor, factor)
        owner = f"RandomContrast {self.name!r}"
        self.factor = factor_range(pair, "factor", owner, "twice the contrast, or none")
        if self.factor[0] < 0:
            raise ValueError(
                f"{owner}: factor is a number, or a pair of numbers, from 0 to 1, not {factor!r}."
            )

    def changed(self, x: Tensor) -> Tensor:  # noqa: D102
        mean = ops.mean(x, axis=(1, 2), keepdims=True)
        less, more = self.factor
        return (x - mean) * self.one_each(x, 1 - less, 1 + more) + mean
