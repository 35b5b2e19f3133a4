"""How often a window fits on an axis; what convolution and pooling have in common."""

from __future__ import annotations


def steps(
    size: int, window: int, stride: int = 1, before: int = 0, after: int = 0, dilation: int = 1
) -> int:
    """How many places a window takes on an axis: none, if the axis is too short for it.

    A window of k cells that lie d apart reaches over `d (k - 1) + 1` cells; it moves by the stride.

    Args:
        size: length of the axis.
        window: number of cells of the window.
        stride: cells from one place to the next.
        before: cells of padding in front of the axis.
        after: cells of padding behind it.
        dilation: distance between the cells of the window.
    """
    reach = dilation * (window - 1) + 1
    return max(0, (size + before + after - reach) // stride + 1)
