"""How many numbers the weights that are made may hold, while a file is read."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

_left: ContextVar[float] = ContextVar("left", default=math.inf)


@contextmanager
def at_most(numbers: int) -> Iterator[None]:
    """Within `with`, weights are made of so many numbers at most, taken together."""
    token = _left.set(numbers)
    try:
        yield
    finally:
        _left.reset(token)


def spend(shape: Sequence[int]) -> None:
    """Count a new weight.

    Raises:
        ValueError: if there are more numbers than allowed; the weight is then not to be made.
    """
    left = _left.get() - math.prod(shape)
    if left < 0:
        raise ValueError(
            f"its description asks for a weight of shape {tuple(shape)}, for which the file has "
            "no numbers"
        )
    _left.set(left)
