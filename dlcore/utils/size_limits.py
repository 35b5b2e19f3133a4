"""How large the weights and tensors may be that the description of a model asks for.

A description is a few words, whoever wrote it; what they ask for may fill the memory. With a file
there are as many numbers as it has bytes at most; a description alone has a fixed number.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

# More numbers than any tensor has with which a model is tried when it is made.
_MOST = 1 << 28
# More than any metric has of thresholds, labels or classes.
_MOST_COUNTED = 10_000

# How many numbers may still be made; None where no description is read.
left: ContextVar[float | None] = ContextVar("left", default=None)
# What `left` began with, as the end of a sentence.
_than: ContextVar[str] = ContextVar("than", default="")


@contextmanager
def at_most(numbers: int, than: str) -> Iterator[None]:
    """Within `with`, weights are made of so many numbers at most, taken together.

    Args:
        numbers: how many.
        than: what messages say after "more numbers than", such as "the file has".
    """
    tokens = left.set(numbers), _than.set(than)
    try:
        yield
    finally:
        left.reset(tokens[0])
        _than.reset(tokens[1])


class TooLargeError(ValueError):
    """What is wrong with a description, as half a sentence."""


@contextmanager
def described(config: Any) -> Iterator[None]:
    """Within `with`, objects are made as a description says, and none of them is a giant.

    Nothing changes where a limit is in force already, as that of a file.

    Raises:
        ValueError: if the description asks for too much; it is then not to be made.
    """
    if left.get() is not None:
        yield
        return
    try:
        with at_most(_MOST, "one without a file may ask for"):
            look_over(config)
            yield
    except TooLargeError as error:
        raise ValueError(
            f"An object is not made: {error}; make one of that size by calling its class."
        ) from None


def look_over(config: Any) -> None:
    """Look for sizes in a description that would fill the memory before any weight is made.

    Raises:
        TooLargeError: if there is one.
    """
    stack = [("", config)]
    while stack:
        key, value = stack.pop()
        if isinstance(value, Mapping):
            stack.extend(value.items())
        elif isinstance(value, list | tuple):
            sizes = [n for n in value if isinstance(n, int)]
            if str(key).endswith("shape") and min(sizes, default=1) > 0:
                refuse_giant(sizes)
            stack.extend((key, item) for item in value if isinstance(item, dict | list | tuple))
        elif str(key).startswith("num_") and isinstance(value, int) and value > _MOST_COUNTED:
            raise TooLargeError(f"its description sets {key!r} to {value}")


def spend(shape: Sequence[int]) -> None:
    """Count a new weight, if a description is read.

    Raises:
        TooLargeError: if there are more numbers than allowed; the weight is then not to be made.
    """
    before = left.get()
    if before is None:
        return
    after = before - math.prod(shape)
    if after < 0:
        raise TooLargeError(
            f"its description asks for a weight of shape {tuple(shape)}, more numbers than "
            f"{_than.get()}"
        )
    left.set(after)


def refuse_giant(shape: Sequence[int | None]) -> None:
    """Look at the shape of a tensor that is to be made.

    Raises:
        TooLargeError: if a description asks for it and it is too large to be meant.
    """
    if left.get() is not None and math.prod(size or 1 for size in shape) > _MOST:
        raise TooLargeError(f"its description asks for a tensor of shape {tuple(shape)}")
