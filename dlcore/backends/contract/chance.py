"""Declaration: chance."""

from __future__ import annotations

from dlcore.backends.contract.kernel import Shape, declare


def _given(*_: Shape, shape: Shape) -> tuple[Shape, ...]:
    return (tuple(shape),)


declare(
    "random_uniform",
    "seed[]:int, stream[]:int, step[]:int -> u[*]",
    "u = uniform numbers in [0, 1) from Philox4x32-10 with key seed and counter (stream, step)",
    _given,
    shape=(),
)
