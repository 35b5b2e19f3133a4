"""Lesson 12: times that were measured once, for the picture before anything is measured.

They are orders of size: each the least of many calls, on one thread of a machine that had other
work to do. Whoever wants to know measures anew.
"""

from __future__ import annotations

from dlcore.widgets.rungs import RUNGS

WHERE = "AMD EPYC, 2 cores, busy, Nov 2026"

# Microseconds of a product of two matrices [n, n], by n, in the order of RUNGS.
_MICROSECONDS: dict[int, tuple[float, ...]] = {
    1: (1.5, 1, 3.4, 1.7, 1, 1.1, 15, 1.3, 250000),
    2: (5.1, 2.2, 7.4, 0.93, 0.93, 1.2, 15, 1.5, 170000),
    4: (29, 8.7, 14, 0.96, 0.94, 1.2, 15, 1.5, 200000),
    8: (210, 52, 27, 1.1, 1.1, 1.3, 15, 1.5, 260000),
    16: (1600, 370, 58, 2.6, 1.7, 1.5, 15, 1.7, 240000),
    32: (14000, 2800, 140, 16, 4.5, 2.5, 17, 2.7, 260000),
    64: (120000, 23000, 370, 150, 18, 8.2, 23, 8.2, 290000),
    128: (1.4e06, 230000, 1500, 2500, 130, 49, 67, 49, 360000),
    256: (1.1e07, 4.1e06, 8200, 22000, 840, 360, 380, 360, 230000),
}

RECORDED = {
    n: {rung.name: 1e-6 * each for rung, each in zip(RUNGS, times, strict=True)}
    for n, times in _MICROSECONDS.items()
}
"""Seconds by the size n and the name of a rung."""
