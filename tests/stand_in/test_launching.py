"""The stand-in for a GPU: it computes what a kernel does, and sees what the numbers do not show."""

import subprocess
import sys

import numpy as np
import pytest

from dlcore.stand_in import Fault, cuda, launch, without_faults

TILE = 4


def add_neighbours(y, x):
    """Each thread hands its number on through shared memory."""
    row = cuda.shared.array(8, x.dtype)
    i, t = cuda.grid(1), cuda.threadIdx.x
    row[t] = x[i] if i < x.size else 0
    cuda.syncthreads()
    if i < x.size:
        y[i] = row[t] + row[(t + 1) % cuda.blockDim.x]


def sums_of_blocks(y, x):
    """A tree with a barrier in each round, which a thread that has nothing to add reaches too."""
    row = cuda.shared.array(8, x.dtype)
    t, half = cuda.threadIdx.x, cuda.blockDim.x // 2
    row[t] = x[cuda.grid(1)] if cuda.grid(1) < x.size else 0
    cuda.syncthreads()
    while half:
        if t < half:
            row[t] += row[t + half]
        cuda.syncthreads()
        half //= 2
    if t == 0:
        y[cuda.blockIdx.x] = row[0]


def double(y, x):
    i = cuda.grid(1)
    y[i] = 2 * x[i]


def where(y):
    i, j = cuda.grid(2)
    if j < y.shape[0] and i < y.shape[1]:
        y[j, i] = 100 * cuda.blockIdx.x + 10 * cuda.threadIdx.y + cuda.gridsize(2)[0]


@pytest.mark.parametrize("order", ["ascending", "descending"])
def test_a_kernel_without_a_race_gives_the_same_in_every_order(order):
    x = np.random.default_rng(0).normal(size=13)
    padded = np.append(x, np.zeros(3)).reshape(2, 8)
    y = np.full(13, 99.0)
    assert launch(add_neighbours, 2, 8, y, x, order=order).faults == []
    np.testing.assert_allclose(y, (padded + np.roll(padded, -1, 1)).ravel()[:13])
    y = np.full(2, 99.0)
    assert launch(sums_of_blocks, 2, 8, y, x, order=order).faults == []
    np.testing.assert_allclose(y, padded.sum(axis=1))


def test_x_runs_along_the_columns():
    y = np.full((3, 5), 99.0)
    launch(where, (2, 2), (3, 2), y)
    np.testing.assert_array_equal(y[:, 0], [6, 16, 6])
    np.testing.assert_array_equal(y[0], [6, 6, 6, 106, 106])


def test_who_goes_beside_an_array_is_named_and_the_launch_goes_on():
    x, y = np.arange(10.0), np.full(10, 99.0)
    done = launch(double, 3, 4, y, x)
    np.testing.assert_array_equal(y, 2 * x)
    assert done.faults == [
        "Thread 2 of block 2 reads x[10], but x has shape (10,). 2 threads reach beside an array."
    ]
    assert done.idle() == 2 and done.reads("x") == 12

    def one_before(y, x):
        y[cuda.grid(1)] = x[cuda.grid(1) - 1]

    assert "reads x[-1]" in launch(one_before, 2, 5, y, x).faults[0]


@pytest.mark.parametrize("order", ["ascending", "descending"])
@pytest.mark.parametrize("equal", [False, True])
def test_a_missing_barrier_is_found_whatever_the_numbers_and_the_order_are(order, equal):
    x = np.ones(13) if equal else np.random.default_rng(0).normal(size=13)
    (fault,) = launch(add_neighbours, 2, 8, np.full(13, 99.0), x, order=order, without=(1,)).faults
    assert fault == (
        "Thread 0 of block 0 writes shared array 1[0] and thread 7 of the same block reads it, "
        "with no barrier between; nobody knows who is first. There are 13 such races."
    )


def test_no_barrier_helps_between_blocks():
    def one_cell(y):
        cuda.syncthreads()
        if cuda.threadIdx.x == 0:
            y[0] = 7.0  # the same number, and a race all the same

    (fault,) = launch(one_cell, 2, 3, np.zeros(1)).faults
    assert fault.startswith("Thread 0 of block 0 and thread 0 of block 1 both write y[0]")


def test_a_barrier_that_some_never_reach():
    def leaves(y):
        if cuda.grid(1) >= 5:
            return
        cuda.syncthreads()
        y[cuda.grid(1)] = 1

    (fault,) = launch(leaves, 2, 4, np.zeros(5)).faults
    assert fault.startswith("1 thread of block 1 waits at a barrier that 3 never reach")

    def parts(y):
        if cuda.threadIdx.x:
            cuda.syncthreads()
        else:
            cuda.syncthreads()

    assert "2 different barriers" in launch(parts, 1, 4, np.zeros(4)).faults[0]
    with pytest.raises(Fault, match="different barriers"):
        without_faults(parts, 1, 4, np.zeros(4))


def test_shared_memory_belongs_to_a_block_and_begins_as_nan():
    def leaks(y):
        row = cuda.shared.array(1, y.dtype)
        y[cuda.blockIdx.x] = row[0]
        row[0] = 5

    y = np.zeros(3)
    launch(leaks, 3, 1, y)
    assert np.isnan(y).all()


@pytest.mark.parametrize("barrier", [True, False])
def test_a_shared_array_that_is_made_in_a_loop_is_one_and_the_same(barrier):
    def hands_on(y, x):
        t = cuda.threadIdx.x
        for i in range(2):
            row = cuda.shared.array(4, x.dtype)
            row[t] = x[4 * i + t]
            cuda.syncthreads()
            y[4 * i + t] = row[3 - t]
            if barrier:
                cuda.syncthreads()

    faults = launch(hands_on, 1, 4, np.zeros(8), np.arange(8.0)).faults
    assert faults == [] if barrier else "writes shared array 1[0] and thread 3" in faults[0]


def test_a_place_that_a_shared_array_has_not_got():
    def beside(y):
        row = cuda.shared.array((2, 4), y.dtype)
        y[0] = row[2, 0]

    (fault,) = launch(beside, 1, 1, np.zeros(1)).faults
    assert fault == (
        "Thread 0 of block 0 reads shared array 1[2, 0], but shared array 1 has shape (2, 4)."
    )


def test_neighbours_that_read_neighbours_need_few_pieces():
    def along(c, a):
        for j in range(a.shape[1]):
            c[cuda.grid(1), j] = a[cuda.grid(1), j]

    def down(c, a):
        for j in range(a.shape[0]):
            c[j, cuda.grid(1)] = a[j, cuda.grid(1)]

    a = np.ones((32, 32), np.float32)
    pieces = [launch(each, 1, 32, a.copy(), a).pieces("a") for each in (along, down)]
    assert pieces == [32 * 32, 32 * 4]
    wide = a.astype(np.float64)
    assert launch(down, 1, 32, wide.copy(), wide).pieces("a") == 32 * 8


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("y[0:2] = 1", "one number of y at a time"),
        ("y[0.5] = 1", "whole numbers: y[i]"),
        ("y[0, 0] = 1", "one number of y at a time"),
        ("y[0] = np.maximum(y, 0)[0]", "one number of y at a time: y[i]"),
        ("return 1", "A kernel returns nothing"),
        ("y.sum()", "y.sum is not there in a kernel"),
        ("cuda.jit(y)", "Leave @cuda.jit out"),
        ("cuda.atomic.add(y, 0, 1)", "The stand-in has no cuda.atomic"),
        ("cuda.shared.array(100_000, y.dtype)", "A block shares at most 49152 bytes"),
    ],
)
def test_what_a_kernel_may_not_do_is_said(line, says):
    scope = {"cuda": cuda, "np": np}
    exec(f"def kernel(y):\n    {line}", scope)
    with pytest.raises((TypeError, AttributeError, Fault), match=".") as caught:
        launch(scope["kernel"], 1, 1, np.zeros(3))
    assert says in str(caught.value)


@pytest.mark.parametrize(
    ("grid", "threads", "says"),
    [
        (0, 4, "The grid is 0"),
        (2.5, 4, "The grid is 2.5"),
        (1, 2048, "at most 1024 threads"),
        (1, (1, 1, 1, 1), "The block is"),
    ],
)
def test_sizes_that_no_gpu_takes(grid, threads, says):
    with pytest.raises(ValueError, match=says):
        launch(double, grid, threads, np.zeros(4), np.zeros(4))


def test_outside_of_a_launch_there_is_no_thread():
    with pytest.raises(Fault, match="started by launch"):
        cuda.grid(1)


def test_it_runs_where_there_is_no_numba():
    code = (
        "import sys; sys.modules['numba'] = None\n"
        "import numpy as np\n"
        "from dlcore.stand_in import cuda, launch\n"
        "def k(y):\n    y[cuda.grid(1)] = 1\n"
        "y = np.zeros(4); launch(k, 2, 2, y); assert y.all()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
