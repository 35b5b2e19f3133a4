"""Windows that slide over a series of numbers, as batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from dlcore.engine import random


class TimeseriesBatches:
    """Batches of windows; fit, evaluate and predict take them, and each pass is one over all.

    What `timeseries_dataset_from_array` gives; `len` is the number of batches.

    Args:
        data: the series, shape (steps, ...).
        targets: for each step on which a window may start its target; None: there are none.
        starts: on which steps windows start.
        offsets: which steps a window has, counted from its start.
        batch_size: of how many windows a batch is; None: each comes alone, without a batch axis.
        seed: of the order, which differs in each pass; None: that of `starts`.
    """

    def __init__(
        self,
        data: np.ndarray,
        targets: np.ndarray | None,
        starts: np.ndarray,
        offsets: np.ndarray,
        batch_size: int | None,
        seed: int | None,
    ) -> None:
        self._data, self._targets, self._starts, self._offsets = data, targets, starts, offsets
        self._batch_size, self._seed, self._passes = batch_size, seed, 0

    def __len__(self) -> int:
        return -(-len(self._starts) // (self._batch_size or 1))

    def __iter__(self) -> Iterator[Any]:
        starts = self._starts
        if self._seed is not None:
            starts = np.random.default_rng((self._seed, self._passes)).permutation(starts)
        self._passes += 1
        size = self._batch_size or 1
        for first in range(0, len(starts), size):
            rows = starts[first : first + size]
            windows = self._data[rows[:, None] + self._offsets]
            found = (windows,) if self._targets is None else (windows, self._targets[rows])
            if self._batch_size is None:
                found = tuple(array[0] for array in found)
            yield found if len(found) > 1 else found[0]

    def __repr__(self) -> str:
        return (
            f"<{len(self)} batches from {len(self._starts)} windows of {len(self._offsets)} steps>"
        )


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
) -> TimeseriesBatches:
    """Batches of windows over a series, each with the target that stands where it starts.

    For the target that comes `delay` steps after the start of its window, give the targets from
    there on::

        readings = np.arange(40.0).reshape(20, 2)
        batches = timeseries_dataset_from_array(readings[:-5], readings[5:, 0], sequence_length=3)
        for x, y in batches:
            pass  # x of shape (13, 3, 2), and y of shape (13,)

    Args:
        data: the series, shape (steps, ...).
        targets: one for each step on which a window may start; None: batches are windows alone.
        sequence_length: how many steps a window has.
        sequence_stride: how far apart the starts of two windows are; default 1.
        sampling_rate: how far apart two steps of a window are; default 1.
        batch_size: windows at a time; default 128. None: each alone, without a batch axis.
        shuffle: whether windows come in a random order, another in each pass; default False.
        seed: of this order; default: drawn from the seed that `utils.set_random_seed` sets.
        start_index: the first step that is used; default 0.
        end_index: the step before which the series ends; default: all steps.

    Raises:
        TypeError: if a number is no whole number.
        ValueError: if a number lies outside of the series, or no window fits into it.
    """
    series = np.asarray(data)
    if series.ndim == 0 or not len(series):
        raise ValueError(f"data is a series of steps, but its shape is {series.shape}.")
    length = _whole(sequence_length, "sequence_length", 1)
    stride = _whole(sequence_stride, "sequence_stride", 1)
    rate = _whole(sampling_rate, "sampling_rate", 1)
    first = 0 if start_index is None else _whole(start_index, "start_index", 0)
    last = len(series) if end_index is None else _whole(end_index, "end_index", 1)
    if not first < last <= len(series):
        raise ValueError(
            f"start_index {first} and end_index {last} do not lie one after the other in the "
            f"{len(series)} steps of data."
        )
    series = series[first:last]
    count = len(series) - (length - 1) * rate
    if count < 1:
        raise ValueError(
            f"A window of {length} steps, {rate} apart, needs {(length - 1) * rate + 1} steps, but "
            f"data has {len(series)}; take a smaller sequence_length or sampling_rate."
        )
    aims = None
    if targets is not None:
        aims = np.asarray(targets)[first:last]
        count = min(count, len(aims))
        if count < 1:
            raise ValueError(
                f"targets has {len(np.asarray(targets))} entries, none of them from step {first} "
                "on; give one for each step on which a window may start."
            )
    size = None if batch_size is None else _whole(batch_size, "batch_size", 1)
    if shuffle and seed is None:
        seed = int(random.generator().integers(1_000_000))
    order = _whole(seed, "seed", 0) if shuffle else None
    starts, offsets = np.arange(0, count, stride), np.arange(length) * rate
    return TimeseriesBatches(series, aims, starts, offsets, size, order)


def _whole(value: Any, name: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise TypeError(f"{name} is a whole number, not {value!r}.")
    if value < least:
        raise ValueError(f"{name} is at least {least}, not {value}.")
    return int(value)
