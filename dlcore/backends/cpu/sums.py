"""Sums of a row and its greatest number, compiled by Numba.

A sum that is added to number by number waits for each addition to end before the next begins, four
cycles or so. Four sums over four quarters of the row wait together.
"""

# ruff: noqa: D103  The comment says what it is.

import numpy as np

from dlcore.backends._compile import kernel


@kernel
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


@kernel
def greatest_of(x):
    """The greatest number of an array of one axis, past any NaN; ``x.max()`` compiles for long."""
    greatest = x.dtype.type(-np.inf)
    for j in range(x.size):
        greatest = x[j] if x[j] > greatest else greatest
    return greatest
