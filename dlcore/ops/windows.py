"""Windows that move over the axes of a picture or a sequence; for convolution and pooling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from dlcore.backends.contract import windows

Sizes = tuple[int, ...]


def sizes(value: Any, rank: int, what: str) -> Sizes:
    """A whole number for every axis, from one number for all or a sequence of them.

    Raises:
        ValueError: if there is another number of them, or one is no whole number above 0.
    """
    listed = (value,) * rank if isinstance(value, int | np.integer) else value
    good = isinstance(listed, Sequence | np.ndarray) and len(listed) == rank
    if not good or not all(_positive(size) for size in listed):
        example = "3" if rank == 1 else f"3 or ({', '.join('3' * rank)})"
        raise ValueError(
            f"{what} is a whole number above 0{'' if rank == 1 else ' for each axis'}, such as "
            f"{example}, not {value!r}."
        )
    return tuple(int(size) for size in listed)


def pads(padding: str, size: int, window: int, stride: int, dilation: int = 1) -> tuple[int, int]:
    """How many cells of padding an axis gets in front and behind.

    Args:
        padding: "valid": none; "same": so many that there are size / stride places, rounded up,
            the odd one behind; "causal": all in front, so that no place sees what comes after it.
        size: length of the axis.
        window: number of cells of the window.
        stride: cells from one place of the window to the next.
        dilation: distance between the cells of the window.
    """
    reach = dilation * (window - 1) + 1
    if padding == "causal":
        return reach - 1, 0
    if padding == "same":
        places = -(-size // stride)
        total = max(0, (places - 1) * stride + reach - size)
        return total // 2, total - total // 2
    return 0, 0


def steps(
    size: int | None, window: int, stride: int, padding: str, dilation: int = 1
) -> int | None:
    """How many places a window takes on an axis, None where the size is not known.

    Args: as those of `pads`.
    """
    if size is None:
        return None
    before, after = pads(padding, size, window, stride, dilation)
    return windows.steps(size, window, stride, before, after, dilation)


def channels_last(data_format: str | None, what: str) -> str:
    """Refuse pictures with the channels in front.

    Raises:
        ValueError: if the format is not None or "channels_last".
    """
    if data_format not in (None, "channels_last"):
        raise ValueError(
            f"{what}: data_format can only be 'channels_last', with the channels as the last axis, "
            f"not {data_format!r}; np.moveaxis(x, 1, -1) puts the channels last."
        )
    return "channels_last"


def padding_named(padding: Any, what: str, known: Sequence[str]) -> str:
    """The padding in small letters.

    Raises:
        ValueError: if it is none of those known.
    """
    name = padding.lower() if isinstance(padding, str) else padding
    if name not in known:
        listed = " or ".join(map(repr, known))
        raise ValueError(f"{what}: padding is {listed}, not {padding!r}.")
    return name


def _positive(size: Any) -> bool:
    whole = isinstance(size, int | np.integer) and not isinstance(size, bool)
    return whole and size > 0
