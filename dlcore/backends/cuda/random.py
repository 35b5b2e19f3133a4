"""Random numbers, uniform ones from their counters alone, and dropout."""

from numba import cuda
from numpy import float32, uint32, uint64

from dlcore.backends.cuda.elements import each
from dlcore.backends.cuda.launch import device, launch, spread
from dlcore.backends.cuda.wide import store4


@device
def _unit(bits):
    """The upper 24 bits as a number in [0, 1)."""
    return float32(uint32(bits >> uint32(8))) * float32(2**-24)


def _uniform(u, seed, stream, step, fours):
    """Philox4x32-10, as in the answer key: a thread makes a block of four numbers."""
    low, half = uint64(0xFFFFFFFF), uint64(32)
    key, count = uint64(seed[0]), uint64(step[0])
    block, all_threads = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    while block < uint32(uint32(u.size + 3) // uint32(4)):
        key0, key1 = uint32(key & low), uint32(key >> half)
        a, b = block, uint32(uint64(stream[0]) & low)
        c, d = uint32(count & low), uint32(count >> half)
        for _ in range(10):
            # The product of two numbers of 32 bits has 64: one instruction.
            product0 = uint64(uint64(a) * uint64(0xD2511F53))
            product1 = uint64(uint64(c) * uint64(0xCD9E8D57))
            a, b = uint32(uint32(product1 >> half) ^ b ^ key0), uint32(product1 & low)
            c, d = uint32(uint32(product0 >> half) ^ d ^ key1), uint32(product0 & low)
            key0, key1 = uint32(key0 + uint32(0x9E3779B9)), uint32(key1 + uint32(0xBB67AE85))
        at = uint32(block * uint32(4))
        if block < fours:
            store4(u, at, _unit(a), _unit(b), _unit(c), _unit(d))
        else:
            for k in range(4):
                word = (a, b, c, d)[k]
                if uint32(at + uint32(k)) < u.size:
                    u[uint32(at + uint32(k))] = _unit(word)
        block = uint32(block + all_threads)


def random_uniform(u, seed, stream, step, shape):
    if u.size:
        fours = u.size // 4 if u.aligned else 0
        launch(_uniform, *spread(-(-u.size // 4)), u, seed, stream, step, fours)


@device
def _dropout(x, u, rate, real):
    # A product with 0, not 0: a NaN stays, and is seen. The comparison is one in float32.
    kept = real(0) if rate == real(1) else real(1) / (real(1) - rate)
    return x * (kept if u >= float32(rate) else real(0))


def dropout(y, x, u, rate):
    each(_dropout, y, x, u, attribute=rate)
