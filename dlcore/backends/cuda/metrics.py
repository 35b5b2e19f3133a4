"""The rows of a batch, and what is counted of it."""

from numba import cuda
from numpy import uint32

from dlcore.backends.cuda.launch import device, launch, spread
from dlcore.backends.cuda.primitives import rows_at
from dlcore.backends.cuda.sums import lanes_of, rows_grid, sum_of


def take_rows(y, x, order, start, rows):
    rows_at(y, x, order, start)


def _put(y, x, start, length):
    e, step = uint32(cuda.grid(1)), uint32(cuda.gridsize(1))
    first = uint32(uint32(start[0]) * length)
    while e < x.size:
        y[uint32(first + e)] = x[e]
        e = uint32(e + step)


def put_rows(y, x, start):
    if x.size:
        launch(_put, *spread(x.size), y, x, start, y.shape[1])


def _note(notes, loss):
    # A number that is not finite is left over by itself, as infinity - infinity, no longer as 0.
    notes[0] += 1
    value = loss[0]
    if notes[1] == 0 and value - value != loss.dtype.type(0):
        notes[1] = notes[0]


def note_loss(notes, loss):
    launch(_note, 1, 1, notes, loss)


def _binary(a, y, t, n, k, lanes, bound, count):
    real = y.dtype.type
    sums = cuda.shared.array(256, y.dtype)
    own, row = uint32(cuda.threadIdx.x), uint32(uint32(cuda.grid(1)) // lanes)
    lane, first = uint32(own % lanes), uint32(uint32(own // lanes) * lanes)
    start = uint32(row * k)
    stop = uint32(start + k) if row < n else start
    right = real(0)
    at = uint32(start + lane)
    while at < stop:
        found = real(1) if y[at] > bound else real(0)
        right += real(1) if found == t[at] else real(0)
        at = uint32(at + lanes)
    sums[own] = right
    cuda.syncthreads()
    if lane == 0 and row < n:
        a[row] = sum_of(sums, first, lanes) / count


def binary_accuracy(a, y, t, threshold):
    (n, k), lanes, real = y.shape, lanes_of(y.shape[1]), y.dtype.type
    launch(_binary, *rows_grid(n, lanes), a, y, t, n, k, lanes, real(threshold), real(k))


@device
def _before(value, place, best, best_place):
    """Whether one number is the maximum rather than another: a NaN, a greater one, the first."""
    if value != value:
        return best == best or place < best_place
    return value > best or (value == best and place < best_place)


@device
def _best_of(x, start, lane, k, lanes):
    """The place of the maximum among the numbers of a row that a thread has."""
    best = lane
    column = uint32(lane + lanes)
    while column < k:
        value, known = x[uint32(start + column)], x[uint32(start + best)]
        best = column if _before(value, column, known, best) else best
        column = uint32(column + lanes)
    return best


@device
def _best_place(x, places, start, first, k, lanes):
    """The place of the maximum of a row, of those that its threads have left in places."""
    best = places[first]
    for i in range(1, min(lanes, k)):
        place = places[uint32(first + uint32(i))]
        value, known = x[uint32(start + place)], x[uint32(start + best)]
        best = place if _before(value, place, known, best) else best
    return best


def _both_argmax(a, y, t, n, k, lanes):
    real = y.dtype.type
    places = cuda.shared.array(256, uint32)
    targets = cuda.shared.array(256, uint32)
    own, row = uint32(cuda.threadIdx.x), uint32(uint32(cuda.grid(1)) // lanes)
    lane, first = uint32(own % lanes), uint32(uint32(own // lanes) * lanes)
    start = uint32(row * k) if row < n else uint32(0)
    if lane < k:
        places[own] = _best_of(y, start, lane, k, lanes)
        targets[own] = _best_of(t, start, lane, k, lanes)
    cuda.syncthreads()
    if lane == 0 and row < n:
        found = _best_place(y, places, start, first, k, lanes)
        right = _best_place(t, targets, start, first, k, lanes)
        a[row] = real(1) if found == right else real(0)


def categorical_accuracy(a, y, t):
    (n, k), lanes = y.shape, lanes_of(y.shape[1])
    launch(_both_argmax, *rows_grid(n, lanes), a, y, t, n, k, lanes)


def _argmax(a, y, labels, n, k, lanes):
    real = y.dtype.type
    places = cuda.shared.array(256, uint32)
    own, row = uint32(cuda.threadIdx.x), uint32(uint32(cuda.grid(1)) // lanes)
    lane, first = uint32(own % lanes), uint32(uint32(own // lanes) * lanes)
    start = uint32(row * k) if row < n else uint32(0)
    if lane < k:
        places[own] = _best_of(y, start, lane, k, lanes)
    cuda.syncthreads()
    if lane == 0 and row < n:
        found = _best_place(y, places, start, first, k, lanes)
        a[row] = real(1) if found == labels[row] else real(0)


def sparse_categorical_accuracy(a, y, t):
    (n, k), lanes = y.shape, lanes_of(y.shape[1])
    launch(_argmax, *rows_grid(n, lanes), a, y, t, n, k, lanes)


def _add(state, values, weights):
    """One block: its threads share the batch out, and one of them adds up what they have."""
    real = state.dtype.type
    totals = cuda.shared.array(256, state.dtype)
    counts = cuda.shared.array(256, state.dtype)
    t, threads = uint32(cuda.threadIdx.x), uint32(cuda.blockDim.x)
    total, count = real(0), real(0)
    i = t
    while i < values.size:
        total += real(weights[i] * values[i])
        count += real(weights[i])
        i = uint32(i + threads)
    totals[t], counts[t] = total, count
    cuda.syncthreads()
    if t == 0:
        state[0] += sum_of(totals, uint32(0), threads)
        state[1] += sum_of(counts, uint32(0), threads)


def add_to_mean(state, values, weights):
    launch(_add, 1, spread(values.size)[1], state, values, weights)
