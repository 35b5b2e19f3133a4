"""Random tensors of a shape, with the arguments of `keras.random`, in its order.

A seed is a whole number, for the same numbers at every call; a `SeedGenerator`, which moves on with
each call; or None, the numbers that follow from the seed of `utils.set_random_seed`. All come from
the kernel `random_uniform`, so that a step that draws can be recorded: a replayed one draws anew.
A layer keeps a `SeedGenerator` of its own where a run is to be resumed with the same numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore import backends
from dlcore.backends import memory
from dlcore.engine import ops
from dlcore.engine.random import SeedGenerator, shared
from dlcore.engine.tensor import Tensor, TensorLike, floatx

__all__ = ["categorical", "dropout", "normal", "randint", "shuffle", "truncated_normal", "uniform"]

# How often truncated_normal draws what lies outside again: of 10^11 numbers one is left over.
_AGAIN = 8


def uniform(
    shape: Sequence[int],
    minval: TensorLike = 0.0,
    maxval: TensorLike = 1.0,
    dtype: Any = None,
    seed: int | SeedGenerator | None = None,
) -> Tensor:
    """Uniform numbers from `minval` on, below `maxval`.

    Args:
        shape: sizes of the axes, such as (3, 4).
        minval: the lower bound, default 0.
        maxval: the upper bound, default 1.
        dtype: "float32" or "float64"; default: `floatx()`.
        seed: see above; default None.

    Raises:
        TypeError: if the shape is none, or the dtype holds whole numbers.
        ValueError: if minval is greater than maxval.
    """
    kind = _floating("uniform", dtype)
    u = Tensor(_generator(seed).uniform(_sizes("uniform", shape)))
    low, high = ops.cast(minval, kind), ops.cast(maxval, kind)
    least, most = memory.to_host(low.data), memory.to_host(high.data)
    if (least > most).any():
        raise ValueError(
            f"random.uniform draws from minval to maxval, but {least} is greater than "
            f"{most}; it takes (shape, minval, maxval, dtype, seed)."
        )
    found = ops.cast(u, kind) * (high - low) + low
    if isinstance(maxval, Tensor):
        return found
    # Rounding must not lead to the upper bound itself.
    return ops.minimum(found, np.maximum(np.nextafter(most, least), least))


def normal(
    shape: Sequence[int],
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: Any = None,
    seed: int | SeedGenerator | None = None,
) -> Tensor:
    """Normal numbers of a mean (default 0) and a standard deviation (default 1).

    Args:
        shape: sizes of the axes, such as (3, 4).
        mean: default 0.
        stddev: default 1.
        dtype: "float32" or "float64"; default: `floatx()`.
        seed: see above; default None.

    Raises:
        TypeError: if the shape is none, or the dtype holds whole numbers.
    """
    kind = _floating("normal", dtype)
    z = Tensor(_generator(seed).normal(_sizes("normal", shape)))
    return _spread(ops.cast(z, kind), mean, stddev)


def truncated_normal(
    shape: Sequence[int],
    mean: TensorLike = 0.0,
    stddev: TensorLike = 1.0,
    dtype: Any = None,
    seed: int | SeedGenerator | None = None,
) -> Tensor:
    """Normal numbers; those beyond two standard deviations are drawn again.

    Args:
        shape: sizes of the axes, such as (3, 4).
        mean: default 0.
        stddev: that of the numbers before any are drawn again; default 1.
        dtype: "float32" or "float64"; default: `floatx()`.
        seed: see above; default None.

    Raises:
        TypeError: if the shape is none, or the dtype holds whole numbers.
    """
    kind, sizes = _floating("truncated_normal", dtype), _sizes("truncated_normal", shape)
    generator = _generator(seed)
    z = Tensor(generator.normal(sizes))
    for _ in range(_AGAIN):
        z = ops.where(ops.abs(z) > 2, generator.normal(sizes), z)
    return _spread(ops.cast(ops.clip(z, -2.0, 2.0), kind), mean, stddev)


def randint(
    shape: Sequence[int],
    minval: int,
    maxval: int,
    dtype: Any = "int32",
    seed: int | SeedGenerator | None = None,
) -> Tensor:
    """Whole numbers from `minval` to `maxval - 1`, each as likely as the others.

    Args:
        shape: sizes of the axes, such as (3, 4).
        minval: the least of them.
        maxval: one more than the greatest.
        dtype: of whole numbers; default "int32".
        seed: see above; default None.

    Raises:
        TypeError: if the shape is none, a bound is not whole, or the dtype is not for such numbers.
        ValueError: if minval is not less than maxval.
    """
    sizes, kind = _sizes("randint", shape), np.dtype(dtype)
    if kind.kind not in "iu":
        raise TypeError(f"random.randint gives whole numbers, such as int32, not {kind}.")
    low, high = _whole("minval", minval), _whole("maxval", maxval)
    if low >= high:
        raise ValueError(
            f"random.randint draws from minval on, below maxval, but there is no whole number from "
            f"{low} on below {high}."
        )
    generator = _generator(seed)
    # Two draws give 48 random bits, enough for ranges of which float32 knows not every number.
    fine, coarse = (ops.cast(generator.uniform(sizes), "float64") for _ in range(2))
    share = coarse + fine * 2.0**-24
    return ops.cast(ops.cast(share * float(high - low), "int64") + low, kind)


def categorical(
    logits: TensorLike,
    num_samples: int,
    dtype: Any = "int32",
    seed: int | SeedGenerator | None = None,
) -> Tensor:
    """Class numbers, drawn for each row with the probabilities softmax(logits).

    The greatest of the logits, each with its own -log(-log(u)) added, for uniform u (Gumbel 1954).

    Args:
        logits: shape (n, classes); logarithms of probabilities, up to a number for each row.
        num_samples: how many are drawn for each row.
        dtype: of the class numbers; default "int32".
        seed: see above; default None.

    Returns:
        A Tensor of shape (n, num_samples).

    Raises:
        ValueError: if the logits do not have two axes.
    """
    x = ops.convert_to_tensor(logits)
    if x.ndim != 2:
        raise ValueError(
            f"random.categorical takes logits of shape (n, classes), but was given shape {x.shape}"
            + ("; write logits[None]." if x.ndim == 1 else ".")
        )
    n, classes = x.shape
    samples = _sizes("categorical", (num_samples,))[0]
    # Never 0, of which the logarithm is infinite.
    u = ops.maximum(_generator(seed).uniform((n, samples, classes)), 2.0**-25)
    noise = -ops.log(-ops.log(u))
    return ops.cast(ops.argmax(ops.expand_dims(ops.stop_gradient(x), 1) + noise, -1), dtype)


def shuffle(x: TensorLike, axis: int = 0, seed: int | SeedGenerator | None = None) -> Tensor:
    """What lies along an axis in a random order, which is the same in all other places.

    The order is found from numbers that are read, so that a step with it is not replayed.

    Args:
        x: any numbers.
        axis: default 0, the rows.
        seed: see above; default None.

    Raises:
        ValueError: if there is no such axis.
    """
    x = ops.convert_to_tensor(x)
    if not -x.ndim <= axis < x.ndim:
        raise ValueError(f"There is no axis {axis} in an array of {x.ndim} axes.")
    order = ops.argsort(Tensor(_generator(seed).uniform((x.shape[axis],))))
    return ops.take(x, order, axis)


def dropout(
    inputs: TensorLike,
    rate: float,
    noise_shape: Sequence[int | None] | None = None,
    seed: int | SeedGenerator | None = None,
) -> Tensor:
    """What the layer Dropout does while training: 0 for a share of the numbers, larger others.

    Args:
        inputs: any numbers.
        rate: the share that becomes 0, from 0 to below 1; the others are divided by 1 - rate.
        noise_shape: the shape of inputs, with 1 for an axis whose numbers go together; None, as a
            whole or in a place, is the size of inputs. Default None.
        seed: see above; default None.

    Raises:
        ValueError: if the rate is out of its range.
    """
    if not 0 <= rate < 1:
        raise ValueError(f"random.dropout: rate lies in [0, 1), but is {rate}; try 0.5.")
    x = ops.convert_to_tensor(inputs)
    kept = noise_shape or [None] * x.ndim
    shape = [size if n is None else n for n, size in zip(kept, x.shape, strict=True)]
    return ops.dropout(x, _generator(seed).uniform(_sizes("dropout", shape)), rate)


class _Repeating(SeedGenerator):
    """The numbers of a seed from their start on, counted by Python: they are the same each time."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.count = 0

    def uniform(self, shape: tuple[int, ...]) -> np.ndarray:
        self.count += 1
        place = np.array(self.count - 1, np.int64)
        return backends.compute("random_uniform", self.seed, self.stream, place, shape=shape)


def _generator(seed: int | SeedGenerator | None) -> SeedGenerator:
    if seed is None:
        return shared()
    return seed if isinstance(seed, SeedGenerator) else _Repeating(seed)


def _spread(z: Tensor, mean: TensorLike, stddev: TensorLike) -> Tensor:
    return z * ops.cast(stddev, z.dtype) + ops.cast(mean, z.dtype)


def _floating(name: str, dtype: Any) -> np.dtype:
    kind = np.dtype(dtype or floatx())
    if kind.kind != "f":
        raise TypeError(
            f"random.{name} gives numbers with a fraction, float32 or float64, not {kind}; whole "
            "numbers come from random.randint."
        )
    return kind


def _sizes(name: str, shape: Any) -> tuple[int, ...]:
    try:
        sizes = tuple(size.__index__() for size in shape)
    except (TypeError, AttributeError):
        told = f"it was given {shape!r}" if not hasattr(shape, "shape") else "this is a tensor"
        raise TypeError(
            f"random.{name} takes the sizes of the axes as a tuple, such as (3, 4), but {told}."
        ) from None
    if any(size < 0 for size in sizes):
        raise ValueError(f"random.{name}: no size is negative, but the shape is {sizes}.")
    return sizes


def _whole(what: str, value: Any) -> int:
    number = float(value)
    if not math.isfinite(number) or number != math.floor(number):
        raise TypeError(f"random.randint: {what} is a whole number, not {value!r}.")
    return int(value)
