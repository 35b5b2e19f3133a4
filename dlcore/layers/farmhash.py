"""FarmHash's 64-bit fingerprint of bytes, by which TensorFlow sorts unknown words into buckets.

    fingerprint("Hello".encode()) % 3           # 0

The function is `farmhashna::Hash64` of Google's FarmHash 1.1 (Pike and Alakuijala 2014). It is
part of what a trained model means: with another hash an unknown word would get another number.
"""

from __future__ import annotations

from collections.abc import Callable

_ALL = (1 << 64) - 1
_K0, _K1, _K2 = 0xC3A5C85C97CB3127, 0xB492B66FBE98F273, 0x9AE16A3B2F90404F


def fingerprint(data: bytes) -> int:
    """A whole number of 64 bits for some bytes, the same on every machine."""
    n = len(data)

    def at(i: int) -> int:
        return int.from_bytes(data[i : i + 8], "little")

    if n <= 16:
        return _short(data, at)
    if n <= 32:
        return _to_32(n, at)
    if n <= 64:
        return _to_64(n, at)
    return _long(n, at)


def _turned(x: int, by: int) -> int:
    x &= _ALL
    return (x >> by | x << (64 - by)) & _ALL


def _mixed(x: int) -> int:
    x &= _ALL
    return x ^ x >> 47


def _of_two(u: int, v: int, mul: int) -> int:
    a = _mixed((u ^ v) * mul)
    b = _mixed((v ^ a) * mul)
    return b * mul & _ALL


def _short(data: bytes, at: Callable[[int], int]) -> int:
    n = len(data)
    mul = _K2 + n * 2
    if n >= 8:
        a, b = at(0) + _K2 & _ALL, at(n - 8)
        c = _turned(b, 37) * mul + a & _ALL
        d = (_turned(a, 25) + b) * mul & _ALL
        return _of_two(c, d, mul)
    if n >= 4:
        a, b = at(0) & 0xFFFFFFFF, at(n - 4) & 0xFFFFFFFF
        return _of_two(n + (a << 3), b, mul)
    if n:
        y = data[0] + (data[n >> 1] << 8)
        z = n + (data[-1] << 2)
        return _mixed(y * _K2 & _ALL ^ z * _K0 & _ALL) * _K2 & _ALL
    return _K2


def _to_32(n: int, at: Callable[[int], int]) -> int:
    mul = _K2 + n * 2
    a, b = at(0) * _K1, at(8)
    c, d = at(n - 8) * mul, at(n - 16) * _K2
    first = _turned(a + b, 43) + _turned(c, 30) + d & _ALL
    return _of_two(first, a + _turned(b + _K2, 18) + c & _ALL, mul)


def _to_64(n: int, at: Callable[[int], int]) -> int:
    mul = _K2 + n * 2
    a, b = at(0) * _K2, at(8)
    c, d = at(n - 8) * mul, at(n - 16) * _K2
    y = _turned(a + b, 43) + _turned(c, 30) + d & _ALL
    z = _of_two(y, a + _turned(b + _K2, 18) + c & _ALL, mul)
    e, f = at(16) * mul, at(24)
    g, h = (y + at(n - 32)) * mul, (z + at(n - 24)) * mul
    first = _turned(e + f, 43) + _turned(g, 30) + h & _ALL
    return _of_two(first, e + _turned(f + a, 18) + g & _ALL, mul)


def _weak(at: Callable[[int], int], i: int, a: int, b: int) -> tuple[int, int]:
    """A hash of 32 bytes from place i with two seeds."""
    w, x, y, z = (at(i + 8 * k) for k in range(4))
    a = a + w & _ALL
    b = _turned(b + a + z, 21)
    c = a
    a = a + x + y & _ALL
    return a + z & _ALL, b + _turned(a, 44) + c & _ALL


def _long(n: int, at: Callable[[int], int]) -> int:
    seed = 81
    y = seed * _K1 + 113 & _ALL
    z = _mixed(y * _K2 + 113) * _K2 & _ALL
    v, w = (0, 0), (0, 0)
    x = seed * _K2 + at(0) & _ALL
    end = (n - 1) // 64 * 64
    for i in range(0, end, 64):
        x = _turned(x + y + v[0] + at(i + 8), 37) * _K1 & _ALL
        y = _turned(y + v[1] + at(i + 48), 42) * _K1 & _ALL
        x ^= w[1]
        y = y + v[0] + at(i + 40) & _ALL
        z = _turned(z + w[0], 33) * _K1 & _ALL
        v = _weak(at, i, v[1] * _K1, x + w[0])
        w = _weak(at, i + 32, z + w[1], y + at(i + 16))
        z, x = x, z
    mul = _K1 + ((z & 0xFF) << 1)
    i = n - 64
    w = (w[0] + (n - 1 & 63) & _ALL, w[1])
    v = (v[0] + w[0] & _ALL, v[1])
    w = (w[0] + v[0] & _ALL, w[1])
    x = _turned(x + y + v[0] + at(i + 8), 37) * mul & _ALL
    y = _turned(y + v[1] + at(i + 48), 42) * mul & _ALL
    x ^= w[1] * 9 & _ALL
    y = y + v[0] * 9 + at(i + 40) & _ALL
    z = _turned(z + w[0], 33) * mul & _ALL
    v = _weak(at, i, v[1] * mul, x + w[0])
    w = _weak(at, i + 32, z + w[1], y + at(i + 16))
    z, x = x, z
    first = _of_two(v[0], w[0], mul) + _mixed(y) * _K0 + z & _ALL
    return _of_two(first, _of_two(v[1], w[1], mul) + x & _ALL, mul)
