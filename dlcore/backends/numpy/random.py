"""Random numbers, uniform ones from their counters alone, and dropout: formulas in NumPy."""

import numpy as np

from dlcore.backends.declare import Shape, kernel


def _given(*_: Shape, shape: Shape) -> tuple[Shape, ...]:
    return (tuple(shape),)


@kernel("seed[]:int, stream[]:int, step[]:int -> u[*]", rule=_given)
def random_uniform(seed, stream, step, shape=()):
    """u = uniform numbers in [0, 1) from Philox4x32-10 with key seed and counter (stream, step)"""
    # Philox4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3", section 4):
    # ten rounds of multiplying and mixing turn a counter of four 32-bit words into four random
    # ones. Each block of four numbers has its own counter, so the order of work does not matter.
    size = int(np.prod(shape))
    low = np.uint64(0xFFFFFFFF)
    half = np.uint64(32)
    key0, key1 = np.uint64(seed) & low, np.uint64(seed) >> half
    a = np.arange((size + 3) // 4, dtype=np.uint64)
    b = np.full_like(a, np.uint64(stream) & low)
    c = np.full_like(a, np.uint64(step) & low)
    d = np.full_like(a, np.uint64(step) >> half)
    for _ in range(10):
        product0 = a * np.uint64(0xD2511F53)
        product1 = c * np.uint64(0xCD9E8D57)
        a, b = (product1 >> half) ^ b ^ key0, product1 & low
        c, d = (product0 >> half) ^ d ^ key1, product0 & low
        key0 = (key0 + np.uint64(0x9E3779B9)) & low
        key1 = (key1 + np.uint64(0xBB67AE85)) & low
    bits = np.stack([a, b, c, d], axis=1).reshape(-1)[:size]
    # The upper 24 bits: a float32 holds them exactly.
    return ((bits >> np.uint64(8)).astype(np.float32) * np.float32(2**-24)).reshape(shape)


@kernel("x[*], u[*] -> y[*]")
def dropout(x, u, rate=0.5):
    """y = x / (1 - rate) where u >= rate, else 0, for uniform numbers u in [0, 1);
    of a gradient dy, with the same u, it makes dx
    """
    # Srivastava et al. 2014. The comparison is one in float32, the number type of all u.
    scale = 0 if rate == 1 else 1 / (1 - rate)
    return x * (u >= np.float32(rate)) * scale
