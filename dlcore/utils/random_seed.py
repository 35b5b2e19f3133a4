"""One seed for all random numbers."""

import random as python_random

import numpy as np

from dlcore.engine import random


def set_random_seed(seed: int) -> None:
    """Seed Python's `random`, NumPy's global generator and dlcore, so that a run repeats.

    Call it before the layers are made. The same program on the same backend then gives the same
    weights bit for bit.

    Args:
        seed: a whole number from 0 to 2^32 - 1.

    Raises:
        ValueError: if the seed is not such a number.
    """
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < 2**32:
        raise ValueError(f"A seed is a whole number from 0 to 2**32 - 1, not {seed!r}.")
    python_random.seed(int(seed))
    np.random.seed(int(seed))  # noqa: NPY002  The learner's own code may draw from it.
    random.set_seed(int(seed))
