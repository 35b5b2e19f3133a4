"""Cells added around sequences and images, cut off from them, or repeated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.engine import ops
from dlcore.engine.ops.windows import channels_last, sizes
from dlcore.engine.tensor import Tensor
from dlcore.layers.layer import Layer, Shape
from dlcore.layers.shape_inference import check_axes

Pairs = tuple[tuple[int, int], ...]


class _Border(Layer):
    """Base of what changes the length of the `rank` axes between rows and channels."""

    rank = 2

    def build(self, input_shape: Shape) -> None:  # noqa: D102
        self.compute_output_shape(input_shape)

    def compute_output_shape(self, input_shape: Shape) -> Shape:  # noqa: D102
        check_axes(self.name, self.rank, input_shape)
        space = [
            None if size is None else self.length(size, i)
            for i, size in enumerate(input_shape[1:-1])
        ]
        return (input_shape[0], *space, input_shape[-1])

    def length(self, size: int, axis: int) -> int:
        """How long an axis becomes."""
        raise NotImplementedError

    def pairs(self, what: str, value: Any) -> Pairs:
        """Numbers of cells before and behind, for each axis."""
        return _pairs(value, self.rank, f"{type(self).__name__} {self.name!r}: {what}")


class ZeroPadding1D(_Border):
    """Steps of zeros before and behind.

        y = ZeroPadding1D((2, 0))(x)          # (n, 10, 3) -> (n, 12, 3)

    Args:
        padding: how many on each side, or a pair (before, behind); default 1.
        data_format: only "channels_last".
        kwargs: those of `Layer`.

    Raises:
        ValueError: if padding does not hold whole numbers from 0.
    """

    rank = 1

    def __init__(
        self,
        padding: int | Sequence[int] = 1,
        data_format: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self._around = self.pairs("padding", padding)
        self.padding = self._around[0]
        self.data_format = channels_last(data_format, f"ZeroPadding1D {self.name!r}")

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        self.compute_output_shape(x.shape)
        return ops.pad(x, [(0, 0), *self._around, (0, 0)])

    def length(self, size: int, axis: int) -> int:  # noqa: D102
        return size + sum(self._around[axis])


class ZeroPadding2D(_Border):
    """Rows and columns of zeros around each image.

        y = ZeroPadding2D(1)(x)               # (n, 28, 28, 3) -> (n, 30, 30, 3)

    Args:
        padding: how many on each side; or a pair, for rows and for columns; or a pair of pairs,
            ((above, below), (left, right)). Default 1.
        data_format: only "channels_last".
        kwargs: those of `Layer`.

    Raises:
        ValueError: if padding does not hold whole numbers from 0.
    """

    def __init__(
        self, padding: Any = (1, 1), data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.padding = self.pairs("padding", padding)
        self.data_format = channels_last(data_format, f"ZeroPadding2D {self.name!r}")

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        self.compute_output_shape(x.shape)
        return ops.pad(x, [(0, 0), *self.padding, (0, 0)])

    def length(self, size: int, axis: int) -> int:  # noqa: D102
        return size + sum(self.padding[axis])


class _Cropping(_Border):
    """Base of what cuts cells off."""

    _off: Pairs

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        shape = self.compute_output_shape(x.shape)
        starts = (0, *(before for before, _ in self._off), 0)
        return ops.slice(x, starts, shape)  # type: ignore[arg-type]

    def length(self, size: int, axis: int) -> int:  # noqa: D102
        left = size - sum(self._off[axis])
        if left < 1:
            raise ValueError(
                f"The layer {self.name!r} cuts {' and '.join(map(str, self._off[axis]))} cells off "
                f"an axis that has {size}; nothing would be left."
            )
        return left


class Cropping1D(_Cropping):
    """Without the first and the last steps.

        y = Cropping1D((2, 1))(x)             # (n, 10, 3) -> (n, 7, 3)

    Args:
        cropping: how many on each side, or a pair (before, behind); default 1.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if cropping does not hold whole numbers from 0, or nothing is left.
    """

    rank = 1

    def __init__(self, cropping: int | Sequence[int] = (1, 1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._off = self.pairs("cropping", cropping)
        self.cropping = self._off[0]


class Cropping2D(_Cropping):
    """Without the outer rows and columns of each image.

        y = Cropping2D(2)(x)                  # (n, 28, 28, 3) -> (n, 24, 24, 3)

    Args:
        cropping: how many on each side; or a pair, for rows and for columns; or a pair of pairs,
            ((above, below), (left, right)). Default 0.
        data_format: only "channels_last".
        kwargs: those of `Layer`.

    Raises:
        ValueError: if cropping does not hold whole numbers from 0, or nothing is left.
    """

    def __init__(
        self, cropping: Any = ((0, 0), (0, 0)), data_format: str | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.cropping = self._off = self.pairs("cropping", cropping)
        self.data_format = channels_last(data_format, f"Cropping2D {self.name!r}")


class UpSampling1D(_Border):
    """Each step several times.

        y = UpSampling1D(2)(x)                # (n, 10, 3) -> (n, 20, 3)

    Args:
        size: how often; default 2.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if size is no whole number above 0.
    """

    rank = 1

    def __init__(self, size: int = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = sizes(size, 1, f"UpSampling1D {self.name!r}: size")[0]

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        self.compute_output_shape(x.shape)
        return ops.repeat(x, self.size, axis=1)

    def length(self, size: int, axis: int) -> int:  # noqa: D102
        return size * self.size


class UpSampling2D(_Border):
    """Larger images: each pixel several times, or with what lies between.

        y = UpSampling2D((2, 3))(x)           # (n, 10, 10, 3) -> (n, 20, 30, 3)

    Args:
        size: how many times as many rows and columns; default 2.
        data_format: only "channels_last".
        interpolation: "nearest" (default): each pixel is repeated; "bilinear": on the straight line
            between the middles of the pixels.
        kwargs: those of `Layer`.

    Raises:
        ValueError: if size does not hold whole numbers above 0, or there is no such interpolation.
    """

    def __init__(
        self,
        size: int | Sequence[int] = (2, 2),
        data_format: str | None = None,
        interpolation: str = "nearest",
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        owner = f"UpSampling2D {self.name!r}"
        self.size = sizes(size, 2, f"{owner}: size")
        self.data_format = channels_last(data_format, owner)
        self.interpolation = str(interpolation).lower()
        if self.interpolation not in ("nearest", "bilinear"):
            raise ValueError(
                f"{owner}: interpolation is 'nearest' or 'bilinear', not {interpolation!r}."
            )

    def call(self, x: Tensor) -> Tensor:  # noqa: D102
        self.compute_output_shape(x.shape)
        if self.interpolation == "nearest":
            return ops.repeat(ops.repeat(x, self.size[0], axis=1), self.size[1], axis=2)
        n, h, w, c = x.shape
        rows, columns = (
            _between(size, times, x.dtype) for size, times in zip((h, w), self.size, strict=True)
        )
        y = ops.matmul(rows, ops.reshape(x, (n, h, w * c)))
        y = ops.matmul(columns, ops.reshape(y, (n * len(rows), w, c)))
        return ops.reshape(y, (n, len(rows), len(columns), c))

    def length(self, size: int, axis: int) -> int:  # noqa: D102
        return size * self.size[axis]


def _between(size: int, times: int, dtype: np.dtype) -> np.ndarray:
    """What each of the new places takes of the old ones, by the distance from their middles."""
    places = np.clip((np.arange(size * times) + 0.5) / times - 0.5, 0, size - 1)
    return np.maximum(0, 1 - np.abs(places[:, None] - np.arange(size))).astype(dtype)


def _pairs(value: Any, rank: int, what: str) -> Pairs:
    if _whole(value):
        return ((int(value), int(value)),) * rank
    listed = value if isinstance(value, list | tuple) and len(value) == 2 else ()
    if rank == 1 and listed and all(map(_whole, listed)):
        return ((int(listed[0]), int(listed[1])),)
    if rank == 2 and listed:
        both = [(part, part) if _whole(part) else part for part in listed]
        if all(isinstance(p, list | tuple) and len(p) == 2 and all(map(_whole, p)) for p in both):
            return tuple((int(before), int(behind)) for before, behind in both)
    example = "1 or (2, 0)" if rank == 1 else "1, (2, 1) or ((1, 0), (2, 2))"
    raise ValueError(f"{what} holds whole numbers from 0, such as {example}, not {value!r}.")


def _whole(value: Any) -> bool:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return whole and bool(value >= 0)
