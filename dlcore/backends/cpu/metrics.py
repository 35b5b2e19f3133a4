"""The rows of a batch, and what is counted of it, compiled by Numba."""

from numba import prange

from dlcore.backends.numba.compile import compiled


@compiled(large=lambda y, *_: y.size > 100_000)
def take_rows(y, x, order, start, rows):
    first = start[()]
    for i in prange(y.shape[0]):
        row = order[first + i]
        for j in range(y.shape[1]):
            y[i, j] = x[row, j]


@compiled
def put_rows(y, x, start):
    first = start[()]
    for i in range(x.shape[0]):
        for j in range(x.shape[1]):
            y[first + i, j] = x[i, j]


@compiled
def _argmax(y, i):
    # As NumPy's argmax: the first one, and a NaN is greater than all.
    best = 0
    for j in range(y.shape[1]):
        if y[i, best] != y[i, best]:
            break
        if not y[i, j] <= y[i, best]:
            best = j
    return best


@compiled
def binary_accuracy(a, y, t, threshold):
    bound = y.dtype.type(threshold)
    for i in range(y.shape[0]):
        right = 0
        for j in range(y.shape[1]):
            right += (1 if y[i, j] > bound else 0) == t[i, j]
        a[i] = right / y.shape[1]


@compiled
def categorical_accuracy(a, y, t):
    for i in range(y.shape[0]):
        a[i] = 1 if _argmax(y, i) == _argmax(t, i) else 0


@compiled
def sparse_categorical_accuracy(a, y, t):
    for i in range(y.shape[0]):
        a[i] = 1 if _argmax(y, i) == t[i] else 0


@compiled
def add_to_mean(state, values, weights):
    total, count = state[0], state[1]
    for i in range(values.size):
        total += weights[i] * values[i]
        count += weights[i]
    state[0], state[1] = total, count


@compiled
def note_loss(notes, loss):
    notes[0] += 1
    # A number that is not finite is left over by itself, as infinity - infinity, no longer as 0.
    if notes[1] == 0 and loss[()] - loss[()] != 0:
        notes[1] = notes[0]
