"""Declarations: what a training step does around the network: its next rows, and its results.

With these inside of the recorded step nothing is left to be done in Python for each batch.
"""

from dlcore.backends.contract.kernel import Shape, declare


def _taken(x: Shape, order: Shape, start: Shape, rows: int) -> tuple[Shape, ...]:
    return ((rows, x[1]),)


declare(
    "take_rows",
    "x[m,k], order[n]:int, start[]:int -> y[b,k]",
    "y_i = x[order[start + i]]: the rows of the next batch in a shuffled order",
    _taken,
    rows=1,
)
declare(
    "binary_accuracy",
    "y[n,k], t[n,k] -> a[n]",
    "a = the share of the outputs of a row with (y > threshold) = t",
    threshold=0.5,
)
declare(
    "categorical_accuracy",
    "y[n,k], t[n,k] -> a[n]",
    "a = 1 where the first greatest y of a row stands where its first greatest t does, else 0",
)
declare(
    "sparse_categorical_accuracy",
    "y[n,k], t[n]:int -> a[n]",
    "a = 1 where the first greatest y of a row stands at the class number t, else 0",
)
declare(
    "add_to_mean",
    "state[2], values[n], weights[n] -> state[2]",
    "state_0 <- state_0 + sum_i weights_i values_i; state_1 <- state_1 + sum_i weights_i; "
    "their quotient is the mean",
)
