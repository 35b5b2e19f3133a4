"""Pictures of another size, by the formulas of `keras.ops.image.resize` without anti-aliasing.

Along each axis a new pixel is a weighted mean of old ones. Where it lies among them is

    s = (i + 1/2) n / m - 1/2

for the place i of m new pixels and n old ones, and an old pixel at j weighs kernel(s - j), the
kernel of the interpolation; the weights of those that there are add up to 1.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dlcore.utils.lookup import find


def _triangle(d: np.ndarray) -> np.ndarray:
    return np.maximum(1 - d, 0)


def _cubic(d: np.ndarray) -> np.ndarray:
    """R. Keys, "Cubic Convolution Interpolation for Digital Image Processing" (1981), eq. 15."""
    near = (1.5 * d - 2.5) * d * d + 1
    far = ((-0.5 * d + 2.5) * d - 4) * d + 2
    return np.where(d <= 1, near, np.where(d < 2, far, 0))


def _lanczos(radius: int) -> Callable[[np.ndarray], np.ndarray]:
    return lambda d: np.where(d < radius, np.sinc(d) * np.sinc(d / radius), 0)


# Each with how far its kernel reaches. Two that are not meant to be looked up by distance: the
# nearest pixel, and the mean over the area that a new pixel covers.
_KERNELS = {
    "bilinear": (1, _triangle),
    "bicubic": (2, _cubic),
    "lanczos3": (3, _lanczos(3)),
    "lanczos5": (5, _lanczos(5)),
    "nearest": (0, None),
    "area": (0, None),
}
INTERPOLATIONS = tuple(_KERNELS)


def resized(
    x: np.ndarray,
    size: tuple[int, int],
    interpolation: str = "bilinear",
    crop_to_aspect_ratio: bool = False,
    pad_to_aspect_ratio: bool = False,
) -> np.ndarray:
    """A picture of another size.

    Args:
        x: (height, width, channels).
        size: the new height and width.
        interpolation: "bilinear" (default), "nearest", "bicubic", "area", "lanczos3", "lanczos5".
        crop_to_aspect_ratio: whether the sides are cut off where the shape differs, rather than
            that it is distorted.
        pad_to_aspect_ratio: whether black is added at the sides where the shape differs.

    Returns:
        (size[0], size[1], channels) float32.

    Raises:
        ValueError: there is no such interpolation.
    """
    x = np.asarray(x, np.float32)
    height, width = x.shape[:2]
    fitting = int(width * size[0] / size[1]), int(height * size[1] / size[0])
    if crop_to_aspect_ratio:
        rows, columns = (max(min(n, m), 1) for n, m in zip(fitting, (height, width), strict=True))
        top, left = (height - rows) // 2, (width - columns) // 2
        x = x[top : top + rows, left : left + columns]
    elif pad_to_aspect_ratio:
        top, left = max(fitting[0] - height, 0) // 2, max(fitting[1] - width, 0) // 2
        x = np.pad(x, ((top, top), (left, left), (0, 0)))
    return _along(_along(x, 0, size[0], interpolation), 1, size[1], interpolation)


def _along(x: np.ndarray, axis: int, new: int, interpolation: str) -> np.ndarray:
    if x.shape[axis] == new:
        return x
    places, weights = _taps(x.shape[axis], new, interpolation)
    shape = (new, 1, 1) if axis == 0 else (1, new, 1)
    y = np.zeros((*x.shape[:axis], new, *x.shape[axis + 1 :]), np.float32)
    for place, weight in zip(places.T, weights.T, strict=True):
        y += np.take(x, place, axis) * weight.reshape(shape)
    return y


def _taps(old: int, new: int, interpolation: str) -> tuple[np.ndarray, np.ndarray]:
    """For each new pixel the places of some old ones, (new, k), and their weights, (new, k)."""
    reach, kernel = find(interpolation, _KERNELS, "interpolation")
    scale = old / new
    if interpolation == "nearest":
        places = (2 * np.arange(new)[:, None] + 1) * old // (2 * new)
        return places, np.ones((new, 1), np.float32)
    if kernel is None:
        starts = np.arange(new)[:, None] * scale
        places = np.floor(starts).astype(int) + np.arange(int(np.ceil(scale)) + 1)
        ends = np.minimum(places + 1, starts + scale)
        weights = np.maximum(ends - np.maximum(places, starts), 0)
    else:
        middles = (np.arange(new)[:, None] + 0.5) * scale - 0.5
        places = np.floor(middles).astype(int) + np.arange(1 - reach, reach + 1)
        weights = kernel(np.abs(middles - places))
    weights = np.where((places >= 0) & (places < old), weights, 0)
    weights = weights / weights.sum(axis=1, keepdims=True)
    return np.clip(places, 0, old - 1), weights.astype(np.float32)
