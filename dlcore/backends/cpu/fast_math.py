"""What is done to a row of numbers, written so that it becomes vector instructions.

A loop over slices, with plain indices, the compiler turns into instructions for many numbers at
once, and it is ready sooner than with an assignment of whole arrays.

A sum that is added to number by number waits for each addition to end before the next begins, four
cycles or so. Four sums over four quarters of the row wait together.

`math.exp` and `math.tanh` go number by number, 3 to 11 ns each. What is written here instead are
sums and products alone, some 0.5 ns a number; `plus_product` is one of each in one instruction.
Both curves follow from exp(x) for x <= 0. With n the whole number nearest to x / log 2 and
r = x - n log 2, which lies between -0.35 and 0.35, exp(x) = 2^n exp(r) (Cody and Waite 1980,
chapter 6); exp(r) is its Taylor series. Twelve terms give float64 to its last digits, and
seven float32.
"""

import numpy as np

from dlcore.backends.numba.compile import compiled
from dlcore.backends.numba.registers import number, plus_product, put

# log 2 in two parts: a whole number times the first is exact, also in float32.
LOG2_HIGH, LOG2_LOW = 0.693145751953125, 1.428606820309417e-06


@compiled
def copy(y, x):
    for j in range(y.size):
        y[j] = x[j]


@compiled
def clear(y):
    for j in range(y.size):
        y[j] = 0


@compiled
def zeros(size, dtype):
    """A new array of one axis, filled with 0."""
    made = np.empty(size, dtype)
    clear(made)
    return made


@compiled
def add(total, x):
    for j in range(total.size):
        total[j] += x[j]


@compiled
def through_relu(dz, dy, y):
    """Dz = dy where y > 0, else 0."""
    for j in range(dz.size):
        slope = dy[j]
        dz[j] = slope if y[j] > 0 else 0


@compiled
def add_run(total, to, x, at, count):
    """Add so many numbers of x from a position on to those of total, see ``registers``."""
    for k in range(count):
        put(total, to + k, number(total, to + k) + number(x, at + k))


@compiled
def sum_of(x):
    """The sum of an array of one axis, in 64 bits."""
    quarter = x.size // 4
    a, b, c, d = (
        x[:quarter],
        x[quarter : 2 * quarter],
        x[2 * quarter : 3 * quarter],
        x[3 * quarter :],
    )
    sum_a, sum_b, sum_c, sum_d = 0.0, 0.0, 0.0, 0.0
    for j in range(quarter):
        sum_a += a[j]
        sum_b += b[j]
        sum_c += c[j]
        sum_d += d[j]
    for j in range(quarter, d.size):
        sum_d += d[j]
    return sum_a + sum_b + sum_c + sum_d


@compiled
def max_of(x):
    """The maximum of an array of one axis, past any NaN; ``x.max()`` compiles for long."""
    maximum = x.dtype.type(-np.inf)
    for j in range(x.size):
        maximum = x[j] if x[j] > maximum else maximum
    return maximum


@compiled
def fading(x, least):
    """A number, or 0 if it is closer to 0 than the least normal one. A NaN stays."""
    return 0 * x if abs(x) < least else x


@compiled
def _exp_parts(x, real):
    """2^n and p, with exp(x) = 2^n (1 + p), for x <= 0; below -87 as for -87, where it is 1e-38.

    real is the dtype: a plain 0.5 would make float64 of float32.
    """
    x = max(x, real(-87))  # which leaves a NaN as it is
    n = np.floor(plus_product(real(0.5), x, real(1 / 0.6931471805599453)))
    r = plus_product(plus_product(x, n, real(-LOG2_HIGH)), n, real(-LOG2_LOW))
    p = real(0)
    if real(1) + real(1e-9) > real(1):  # not in float32, which the compiler knows
        for factorial in (479001600, 39916800, 3628800, 362880, 40320):
            p = plus_product(real(1 / factorial), p, r)
    for factorial in (5040, 720, 120, 24, 6, 2, 1):
        p = plus_product(real(1 / factorial), p, r)
    # 2^n by its bits: in a float32 the exponent stands above 23 other bits, with 127 added to it.
    power = np.int32((np.int32(n) + np.int32(127)) << np.int32(23)).view(np.float32)
    return real(power), p * r


@compiled
def exp_of(x, real):
    """exp(x) for x <= 0; 0 below -87, where float32 has no full numbers left."""
    power, p = _exp_parts(x, real)
    return real(0) if x < -87 else plus_product(power, power, p)


@compiled
def sigmoid_of(x, real):
    """1 / (1 + exp(-x)), written with exp(-|x|), which cannot overflow."""
    power, p = _exp_parts(-abs(x), real)
    e = plus_product(power, power, p)
    return (real(1) if x >= 0 else e) / (real(1) + e)


@compiled
def tanh_of(x, real):
    """(1 - exp(-2 x)) / (1 + exp(-2 x)), likewise with |x|."""
    power, p = _exp_parts(real(-2) * abs(x), real)
    # exp - 1 in one piece keeps the digits of an x close to 0.
    e = plus_product(power - real(1), power, p)
    t = -e / (real(2) + e)
    return t if x >= 0 else -t


@compiled
def to_sigmoid(y):
    """Y = sigmoid(y) in an array of one axis.

    In place, with one array: given it twice, as y and x, a loop would go number by number.
    """
    real = y.dtype.type
    for i in range(y.size):
        y[i] = sigmoid_of(y[i], real)


@compiled
def to_tanh(y):
    """Y = tanh(y) in an array of one axis, in place."""
    real = y.dtype.type
    for i in range(y.size):
        y[i] = tanh_of(y[i], real)
