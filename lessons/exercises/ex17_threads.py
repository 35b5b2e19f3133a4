"""Exercises of lesson 17: how many blocks it takes, and kernels in which a thread has one cell."""

import numpy as np

from dlcore.course import Exercise, WrongAnswer
from dlcore.stand_in import cuda


def grid_size(n, threads):
    return -(-n // threads)


def draw_grid_size(rng, size):
    """A multiple of the threads, one below it, one above it, and fewer than one block holds."""
    threads = int(rng.integers(3, 5 + 40 * size))
    blocks = int(rng.integers(2, 3 + 9 * size))
    n = blocks * threads + int(rng.choice([-1, 0, 1, threads // 2]))
    return (max(1, threads - 2) if rng.random() < 0.2 else n), threads


def relu_kernel(y, x):
    i = cuda.grid(1)
    if i < x.size:
        y[i] = max(x[i], 0)


def launched_relu(kernel, x, threads):
    """What it writes, and how often each cell."""
    from dlcore.stand_in import without_faults

    y = np.full(x.shape, 99, x.dtype)
    done = without_faults(kernel, -(-x.size // threads), threads, y, x)
    return y, done.writes_of_each()


def draw_relu(rng, size):
    """Two threads or more have no cell, and there are not as many blocks as threads in one."""
    threads = int(rng.integers(4, 6 + size))
    blocks = int(rng.choice([each for each in range(2, 5) if each != threads]))
    n = threads * blocks - int(rng.integers(2, threads - 1))
    if size == 1:
        x = rng.permutation(np.arange(n) - n // 2).astype(float)
    else:
        x = rng.normal(-0.2, 1, n)
    x[-1], x[0] = -abs(x[-1]) - 1, abs(x[0]) + 1
    return x, threads


def relu_with(place=None, guard=None, write=None):
    """relu_kernel with one part exchanged."""

    def relu_kernel(y, x):
        i = cuda.grid(1) if place is None else place()
        if (i < x.size) if guard is None else guard(i, x):
            if write is None:
                y[i] = max(x[i], 0)
            else:
                write(y, x, i)

    return relu_kernel


def relu_in_a_loop(y, x):
    for i in range(x.size):
        y[i] = max(x[i], 0)


def relu_where_above(y, x, i):
    value = x[i]
    if value > 0:
        y[i] = value


def relu_only_zeros(y, x, i):
    if x[i] <= 0:
        y[i] = 0


def relu_in_place(y, x, i):
    x[i] = max(x[i], 0)


def relu_of_the_next(y, x, i):
    y[i] = max(x[i - 1], 0) if i else 0


def relu_from_one(y, x):
    i = cuda.grid(1) + 1
    if i <= x.size:
        y[i] = max(x[i], 0)


def relu_by_every_block(y, x):
    for i in range(cuda.threadIdx.x, x.size, cuda.blockDim.x):
        y[i] = max(x[i], 0)


def relu_on_two_axes(y, x):
    _, row = cuda.grid(2)
    if row < x.size:
        y[row] = max(x[row], 0)


def relu_of_all(y, x):
    y[:] = np.maximum(x, 0)


def relu_handed_back(y, x):
    i = cuda.grid(1)
    return max(x[i], 0) if i < x.size else None


def relu_added(y, x, i):
    y[i] += max(x[i], 0)


def relu_twice(y, x, i):
    y[i] = x[i]
    y[i] = max(x[i], 0)


EXERCISES = [
    Exercise(
        id="17.grid_size",
        title="Blocks enough for all",
        level="easy",
        minutes=3,
        answer=grid_size,
        draw=draw_grid_size,
        result_names=("blocks",),
        examples=((10, 4), (8, 4), (9, 4), (7, 4), (3, 4), (1000, 256)),
        hints=(
            "Of 10 cells in blocks of 4 threads, two blocks take 8. Who takes the other two?",
            "n divided by threads, rounded up. A block of which a part has nothing to do is needed "
            "all the same.",
            "-(-n // threads) rounds up, since // rounds down also below 0; so does "
            "(n + threads - 1) // threads.",
        ),
        notes="np.ceil gives a float such as 3.0; a GPU takes whole numbers, int(np.ceil(...)).",
        wrong=(
            WrongAnswer(
                lambda n, threads: n // threads,
                "The last cells get no thread: rounded down, the block that is not full is "
                "missing.",
            ),
            WrongAnswer(
                lambda n, threads: n // threads + 1,
                "That is one block too many where the threads divide n.",
            ),
            WrongAnswer(
                lambda n, threads: round(n / threads + 0.5),
                "round takes a half to the even number, so that one block too many comes out where "
                "n is threads times an odd number.",
            ),
            WrongAnswer(
                lambda n, threads: n // threads + n % threads,
                "n % threads is how many cells are left over; they take one block more, however "
                "many they are.",
            ),
            WrongAnswer(
                lambda n, threads: n // threads + 1 if n % threads else 1,
                "Where threads divides n it takes n // threads blocks, not one.",
            ),
            WrongAnswer(
                lambda n, threads: round(n / threads),
                "It is rounded to the nearest number; rounded down, the last cells get no thread.",
            ),
            WrongAnswer(
                lambda n, threads: max(1, n // threads),
                "One block at least, but the last cells get no thread where there are more.",
            ),
            WrongAnswer(
                lambda n, threads: n / threads,
                "A part of a block cannot be started; round up to a whole number.",
            ),
            WrongAnswer(
                lambda n, threads: -(-n // threads) * threads,
                "This is the number of all threads; wanted is how many blocks they make.",
            ),
            WrongAnswer(
                lambda n, threads: -(-threads // n),
                "n and threads have changed places: n cells are shared out.",
            ),
            WrongAnswer(
                lambda n, threads: -(-n // threads) * threads - n,
                "This is how many threads stay idle; wanted is the number of blocks.",
            ),
            WrongAnswer(
                lambda n, threads: (n - 1) // threads,
                "(n - 1) // threads is the number of the last block, counted from 0; there is one "
                "more.",
            ),
        ),
    ),
    Exercise(
        id="17.relu_kernel",
        title="A thread for each number",
        level="core",
        minutes=5,
        answer=relu_kernel,
        use=launched_relu,
        library=("stand_in.cuda",),
        draw=draw_relu,
        result_names=("y", "writes"),
        examples=((np.array([3, -1, 0, 2, -2, 5, -4, 1, -3, -6.0]), 4),),
        hints=(
            "There is no loop: each thread asks once which place i of the whole grid is its own, "
            "and whether x has such a place.",
            "i = cuda.grid(1) is blockIdx.x * blockDim.x + threadIdx.x. The last block has threads "
            "for which i is x.size or more.",
            "if i < x.size: y[i] = max(x[i], 0).",
        ),
        notes="cuda.grid(1) is short for cuda.blockIdx.x * cuda.blockDim.x + cuda.threadIdx.x.",
        wrong=(
            WrongAnswer(
                relu_with(guard=lambda i, x: True),
                "The last block has threads without a cell; they must not touch the arrays: test "
                "i < x.size first.",
            ),
            WrongAnswer(
                relu_from_one,
                "Places count from 0, and so does cuda.grid(1): without the + 1 it is i < x.size.",
            ),
            WrongAnswer(
                relu_with(guard=lambda i, x: 0 < i < x.size),
                "The first cell is left out: places begin at 0.",
            ),
            WrongAnswer(
                relu_by_every_block,
                "Each block goes over all of x, since its threads step on by blockDim; no loop is "
                "needed, for each cell has a thread in the whole grid.",
            ),
            WrongAnswer(
                relu_on_two_axes,
                "The grid has one axis here, so that y is 0 for every thread: take cuda.grid(1).",
            ),
            WrongAnswer(
                relu_of_all,
                "An array is taken as a whole here; a thread has one place of it, x[i] and y[i].",
            ),
            WrongAnswer(
                relu_handed_back,
                "What a thread returns goes nowhere; it writes, y[i] = max(x[i], 0).",
            ),
            WrongAnswer(
                relu_with(write=relu_added),
                "y is not 0 at the start, but 99 here; write with = and not with +=.",
            ),
            WrongAnswer(
                relu_with(write=lambda y, x, i: y.__setitem__(i, 1 if x[i] > 0 else 0)),
                "This is the slope of relu, 1 or 0; where x is above 0, y is x itself.",
            ),
            WrongAnswer(
                relu_with(guard=lambda i, x: i <= x.size),
                "The last place is x.size - 1, so the test is i < x.size.",
            ),
            WrongAnswer(
                relu_with(guard=lambda i, x: i < x.size - 1),
                "The last cell is left out: the test is i < x.size.",
            ),
            WrongAnswer(
                relu_with(place=lambda: cuda.threadIdx.x),
                "threadIdx counts inside of its block, so every block works on the first cells; "
                "add blockIdx.x * blockDim.x.",
            ),
            WrongAnswer(
                relu_with(
                    place=lambda: cuda.blockIdx.x * cuda.gridDim.x + cuda.threadIdx.x,
                ),
                "gridDim counts the blocks; how many threads a block has is blockDim.",
            ),
            WrongAnswer(
                relu_with(place=lambda: cuda.blockIdx.x + cuda.threadIdx.x),
                "A block begins blockDim threads after the one before, not one: multiply blockIdx "
                "by blockDim.",
            ),
            WrongAnswer(
                relu_with(place=lambda: cuda.blockIdx.x * cuda.blockDim.x),
                "All threads of a block have the same place here; add threadIdx.x.",
            ),
            WrongAnswer(
                relu_with(place=lambda: cuda.threadIdx.x * cuda.blockDim.x + cuda.blockIdx.x),
                "threadIdx and blockIdx have changed places: the block is multiplied by blockDim, "
                "and the thread added.",
            ),
            WrongAnswer(
                relu_in_a_loop,
                "Right numbers, but every thread writes every cell. The loop is gone: here each "
                "cell has one thread.",
            ),
            WrongAnswer(
                relu_with(write=relu_where_above),
                "It writes only where x is above 0. Elsewhere y keeps what stood there, 99 here; "
                "on a GPU that is anything.",
            ),
            WrongAnswer(
                relu_with(write=relu_only_zeros),
                "It writes only the zeros; where x is above 0, y keeps what stood there.",
            ),
            WrongAnswer(
                relu_with(write=relu_in_place),
                "The result is written into x; it belongs into y.",
            ),
            WrongAnswer(
                relu_with(write=relu_of_the_next),
                "Each thread reads the number of the thread before it; read x[i].",
            ),
            WrongAnswer(
                relu_with(write=relu_twice),
                "Right numbers, but each cell is written twice; writing to large memory is what "
                "takes the time, so write it once.",
            ),
            WrongAnswer(
                relu_with(write=lambda y, x, i: y.__setitem__(i, abs(x[i]))),
                "This is the absolute value; relu makes 0 of what is below 0.",
            ),
            WrongAnswer(
                relu_with(write=lambda y, x, i: y.__setitem__(i, min(x[i], 0))),
                "This keeps what is below 0; relu keeps what is above.",
            ),
            WrongAnswer(
                relu_with(guard=lambda i, x: i < cuda.blockDim.x),
                "Only the first block passes this test; what counts is how many cells x has.",
            ),
        ),
    ),
]
