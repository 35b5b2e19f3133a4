"""How large the weights and tensors may be that the description of a model in a file asks for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

# More numbers than any tensor has with which a model is tried when it is made.
_MOST = 1 << 28

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


def refuse_giant(shape: Sequence[int | None]) -> None:
    """Look at the shape of a tensor that is to be made.

    Raises:
        ValueError: if a file asks for it and it is too large to be meant.
    """
    if _left.get() < math.inf and math.prod(size or 1 for size in shape) > _MOST:
        raise ValueError(f"its description asks for a tensor of shape {tuple(shape)}")
