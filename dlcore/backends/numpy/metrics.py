"""The rows of a batch, and what is counted of it, as formulas in NumPy.

With these inside of the recorded step nothing is left to be done in Python for each batch.
"""

import numpy as np

from dlcore.backends.declare import Shape, kernel


def _taken(x: Shape, order: Shape, start: Shape, rows: int) -> tuple[Shape, ...]:
    return ((rows, x[1]),)


@kernel("x[m, k], order[n]:int, start[]:int -> y[b, k]", rule=_taken)
def take_rows(x, order, start, rows=1):
    """y_i = x[order[start + i]]: the rows of the next batch in a shuffled order"""
    first = int(start)
    return x[order[first : first + rows]]


@kernel("y[m, k], x[b, k], start[]:int -> y[m, k]")
def put_rows(y, x, start):
    """y_{start + i} <- x_i: the rows of a batch into a table, the opposite of take_rows"""
    first = int(start)
    return np.concatenate([y[:first], x, y[first + len(x) :]])


@kernel("y[n, k], t[n, k] -> a[n]")
def binary_accuracy(y, t, threshold=0.5):
    """a = the share of the outputs of a row with (y > threshold) = t"""
    return np.mean((y > threshold) == t, axis=1, dtype=y.dtype)


@kernel("y[n, k], t[n, k] -> a[n]")
def categorical_accuracy(y, t):
    """a = 1 where argmax y = argmax t in a row, else 0"""
    return (y.argmax(axis=1) == t.argmax(axis=1)).astype(y.dtype)


@kernel("y[n, k], t[n]:int -> a[n]")
def sparse_categorical_accuracy(y, t):
    """a = 1 where argmax y = t in a row, else 0"""
    return (y.argmax(axis=1) == t).astype(y.dtype)


@kernel("state[2], values[n], weights[n] -> state[2]")
def add_to_mean(state, values, weights):
    """state_0 <- state_0 + sum_i weights_i values_i; state_1 <- state_1 + sum_i weights_i;
    their quotient is the mean
    """
    return state + np.array([weights @ values, weights.sum()], state.dtype)


@kernel("notes[2]:int, loss[] -> notes[2]:int")
def note_loss(notes, loss):
    """notes_0 <- notes_0 + 1, the number of the step; notes_1 <- that number where it is still 0
    and the loss is not finite
    """
    step = notes[0] + 1
    broken = notes[1] == 0 and not np.isfinite(loss)
    return np.array([step, step if broken else notes[1]], notes.dtype)
