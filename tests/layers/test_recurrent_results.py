"""Recurrent layers learn what came first in a sequence, for seeds 0, 1 and 2."""

import numpy as np
import pytest

from dlcore import Sequential
from dlcore.layers import GRU, LSTM, Dense, Embedding
from dlcore.optimizers import Adam
from dlcore.utils import set_random_seed

A, B = 8, 9


def letters(n, steps, rng):
    """Sequences of 6 to `steps` letters with one A and one B, filled up with 0; was A first?"""
    x = rng.integers(1, 8, (n, steps))
    lengths = rng.integers(6, steps + 1, n)
    a, b = np.array([rng.permutation(length)[:2] for length in lengths]).T
    x[np.arange(n), a], x[np.arange(n), b] = A, B
    x[np.arange(steps) >= lengths[:, None]] = 0
    return x, a < b


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("kind", [LSTM, GRU])
def test_which_letter_came_first(kind, seed):
    set_random_seed(seed)
    x, y = letters(1200, 12, np.random.default_rng(seed))
    model = Sequential([Embedding(10, 6, mask_zero=True), kind(16), Dense(1, activation="sigmoid")])
    model.compile(Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    model.fit(x[:1000], y[:1000], epochs=12, verbose=0)
    assert model.evaluate(x[1000:], y[1000:], verbose=0)[1] >= 0.97
