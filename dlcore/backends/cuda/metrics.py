"""The rows of a batch, and what is counted of it."""

from numba import cuda
from numpy import uint32

from dlcore.backends.cuda.launch import launch, spread
from dlcore.backends.cuda.primitives import rows_at


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
