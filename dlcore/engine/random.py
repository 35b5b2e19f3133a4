"""Random numbers for the whole library, started from one seed.

Weights and shuffling draw from a NumPy generator. What is drawn inside a training step (dropout,
augmentation) uses the kernel ``random_uniform`` instead: it takes its place in the sequence as an
input, so that a step can be repeated; each layer has a `SeedGenerator` here with its own stream.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from dlcore import backends
from dlcore.backends import memory
from dlcore.engine.variable import Variable

__all__ = [
    "SeedGenerator",
    "generator",
    "global_seed",
    "next_stream",
    "permutation",
    "restore",
    "set_seed",
    "state",
]

_ONE = np.ones((), np.int64)

_generator = np.random.default_rng()
_seed = int(_generator.integers(2**63))
_streams = 0
_shared: SeedGenerator | None = None

# All that random numbers follow from: the generator, the seed, and two counts.
State = tuple[np.random.Generator, int, int, int]


def set_seed(seed: int) -> None:
    """Start all random numbers anew from ``seed``, a whole number from 0 to 2^63 - 1.

    Raises:
        ValueError: if the seed is not such a number.
    """
    restore((np.random.default_rng(_checked(seed)), int(seed), 0, 0))


def generator() -> np.random.Generator:
    """The generator that weights and shuffling draw from."""
    return _generator


def global_seed() -> int:
    """The seed that ``random_uniform`` takes as its key."""
    return _seed


def next_stream() -> int:
    """A number that no other layer of this run has, from 0 up."""
    global _streams
    _streams += 1
    return _streams - 1


def permutation(n: int) -> np.ndarray:
    """The numbers 0 to n - 1 in a random order."""
    return _generator.permutation(n)


def shared() -> SeedGenerator:
    """What functions without a seed of their own draw from, in a stream that no layer has."""
    global _shared
    if _shared is None:
        _shared = SeedGenerator(0)
        memory.write(_shared.seed, _seed)
        memory.write(_shared.stream, 2**32 - 1)
    return _shared


def state() -> State:
    """What all random numbers follow from now; `restore` goes back to it after a `set_seed`."""
    return (
        _generator,
        _seed,
        _streams,
        0 if _shared is None else int(memory.to_host(_shared.step.data)),
    )


def restore(state: State) -> None:
    """Go on with the random numbers of a `state`, as if no seed had been set in between."""
    global _generator, _seed, _streams
    _generator, _seed, _streams, step = state
    if _shared is not None or step:  # in its own arrays, which a recorded step may read
        memory.write(shared().seed, _seed)
        memory.write(shared().step.data, step)


class SeedGenerator:
    """Numbers for inside a training step, from a stream of their own; a layer keeps one.

    Where it stands lies in arrays of no axes that the kernels read: `seed`, `stream`, and `step`,
    which every draw moves on by one. So a step that draws can be recorded, repeated and resumed.

    Args:
        seed: a whole number from 0 to 2^63 - 1, for the same numbers whatever is drawn elsewhere;
            default None: the global seed, and a stream that no other layer has.

    Raises:
        ValueError: if the seed is not such a number.
    """

    def __init__(self, seed: int | None = None) -> None:
        given = seed is not None
        self.seed = memory.full((), _checked(seed) if given else _seed, np.int64)
        self.stream = memory.full((), 0 if given else next_stream(), np.int64)
        self.step = Variable(np.int64(0), trainable=False, name="step")
        memory.lives(self, "seed", "stream")

    def uniform(self, shape: tuple[int, ...]) -> np.ndarray:
        """The next uniform numbers in [0, 1), float32, of the given shape."""
        step = self.step.data
        u = backends.compute("random_uniform", self.seed, self.stream, step, shape=shape)
        backends.call("binary", (step,), (step, _ONE), {"op": "add"})
        return u

    def normal(self, shape: tuple[int, ...]) -> np.ndarray:
        """The next normal numbers of mean 0 and variance 1, float32, of the given shape.

        Each is made of two uniform ones (Box and Muller 1958).
        """
        radius = backends.compute("binary", self.uniform(shape), -np.float32(1), op="multiply")
        radius = backends.compute("unary", radius, op="log1p")
        radius = backends.compute("binary", radius, np.float32(-2), op="multiply")
        radius = backends.compute("unary", radius, op="sqrt")
        turn = backends.compute("binary", self.uniform(shape), np.float32(2 * np.pi), op="multiply")
        turn = backends.compute("unary", turn, op="cos")
        return backends.compute("binary", radius, turn, op="multiply")


def _checked(seed: Any) -> int:
    if not isinstance(seed, int | np.integer) or isinstance(seed, bool) or not 0 <= seed < 2**63:
        raise ValueError(f"A seed is a whole number from 0 to 2**63 - 1, not {seed!r}.")
    return int(seed)
