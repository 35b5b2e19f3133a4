"""Lesson 16: how its trainings went, since most of them take longer than a lesson may.

Each was trained once by its recipe, from the seeds 0, 1 and 2 in this order, as far as there are
numbers. The curves, and with them the shares of "raw" and "wider", come from the machine that
`WHERE` names. The other shares were taken before, in November 2026, when the recipes were chosen,
on machines that were not noted down. Another library of matrix products sums in another order, and
a training of thousands of steps then ends a point or two elsewhere: "scaled" from seed 0 at 0.517
there and at 0.534 here. Whoever wants to know trains anew:
`python -m tests.benchmarks.emoji10 NAME SEED`.
"""

from __future__ import annotations

WHERE = "AMD EPYC, 2 cores, Nov 2026"

SHARES: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "raw": ((0.754,), (0.331,)),
    "scaled": ((0.983, 0.994), (0.517, 0.527)),
    "moved": ((0.729, 0.751), (0.553, 0.558)),
    "dropout": ((0.859, 0.878), (0.534, 0.561)),
    "moved, dropout": ((0.669, 0.683), (0.549, 0.564)),
    "batch norm": ((0.741, 0.733), (0.597, 0.579)),
    "longer": ((0.809, 0.809, 0.791), (0.633, 0.631, 0.618)),
    "wider": ((0.852, 0.852, 0.841), (0.664, 0.645, 0.651)),
}
"""By the name of a recipe, the accuracy on all training pictures and on the test pictures."""

CURVES = {
    "raw": (
        (0.111, 0.208, 0.188, 0.251, 0.314, 0.422, 0.492, 0.601, 0.679, 0.755),
        (0.103, 0.198, 0.173, 0.230, 0.223, 0.261, 0.301, 0.325, 0.325, 0.331),
    ),
    "scaled": (
        (0.435, 0.509, 0.640, 0.715, 0.797, 0.870, 0.899, 0.949, 0.958, 0.979),
        (0.376, 0.413, 0.473, 0.494, 0.493, 0.527, 0.518, 0.519, 0.518, 0.534),
    ),
    "moved": (
        (0.393, 0.437, 0.541, 0.580, 0.635, 0.695, 0.709, 0.718, 0.753, 0.761),
        (0.369, 0.399, 0.468, 0.470, 0.491, 0.541, 0.529, 0.530, 0.561, 0.561),
    ),
}
"""Seed 0: after each epoch the accuracy on 1500 training pictures, and on the test pictures."""
