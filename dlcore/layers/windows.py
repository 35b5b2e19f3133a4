"""What the layers with a moving window say about the shapes that they are given."""

from __future__ import annotations

from collections.abc import Sequence

from dlcore.layers.layer import Shape


def check_axes(name: str, rank: int, shape: Shape) -> None:
    """Refuse what are no sequences (rank 1) or pictures (rank 2) with an axis of channels.

    Raises:
        ValueError: if the number of axes is another.
    """
    if len(shape) == rank + 2:
        return
    takes = "sequences of shape (n, steps, channels)"
    if rank == 2:
        takes = "pictures of shape (n, height, width, channels)"
    mend = ""
    if len(shape) == rank + 1:
        mend = "; add the axis of channels by x[..., None]"
    elif rank == 1 and len(shape) == 4:
        mend = "; for pictures there are the layers with 2D in their name"
    raise ValueError(f"The layer {name!r} takes {takes}, but was given shape {shape}{mend}.")


def by(sizes: Sequence[int | None]) -> str:
    """`3 by 4`, the way people speak of the sizes of a picture."""
    return " by ".join("any number" if size is None else str(size) for size in sizes)
