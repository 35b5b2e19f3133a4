"""Random numbers, uniform ones from their counters alone, and dropout: compiled by Numba."""

import numpy as np
from numba import prange

from dlcore.backends.numba.compile import compiled


@compiled
def _fill_uniform(u, seed, stream, step):
    # Philox4x32-10, as in the answer key, one block of four numbers after the other.
    low, half = np.uint64(0xFFFFFFFF), np.uint64(32)
    seed0, stream0, step0 = np.uint64(seed[()]), np.uint64(stream[()]), np.uint64(step[()])
    for block in range((u.size + 3) // 4):
        key0, key1 = seed0 & low, seed0 >> half
        a, b, c, d = np.uint64(block), stream0 & low, step0 & low, step0 >> half
        for _ in range(10):
            product0 = a * np.uint64(0xD2511F53)
            product1 = c * np.uint64(0xCD9E8D57)
            a, b = (product1 >> half) ^ b ^ key0, product1 & low
            c, d = (product0 >> half) ^ d ^ key1, product0 & low
            key0 = (key0 + np.uint64(0x9E3779B9)) & low
            key1 = (key1 + np.uint64(0xBB67AE85)) & low
        for k, bits in enumerate((a, b, c, d)):
            if 4 * block + k < u.size:
                u[4 * block + k] = np.float32(bits >> np.uint64(8)) * np.float32(2**-24)


def random_uniform(u, seed, stream, step, shape):
    _fill_uniform(u.reshape(-1), seed, stream, step)


@compiled(large=lambda y, *_: y.size > 100_000)
def dropout(y, x, u, rate):
    real, least = x.dtype.type, np.float32(rate)
    scale, nothing = real(0 if rate == 1 else 1 / (1 - rate)), real(0)
    for i in prange(x.size):
        # A product with 0, not 0: a NaN stays, and is seen.
        y[i] = x[i] * (scale if u[i] >= least else nothing)
