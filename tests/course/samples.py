"""Exercises for the tests of the course engine, in the form of a lesson's file."""

import numpy as np

from dlcore.backends import numpy as kernels
from dlcore.course import Exercise, WrongAnswer

HINTS = ("Look at the shapes.", "Which product joins them?", "It is x @ w.")


def whole_or_normal(rng, size, shape):
    """Whole numbers for tiny cases, normal ones else."""
    if size == 1:
        return rng.integers(-3, 4, shape).astype(float)
    return rng.normal(size=shape)


def draw_dense(rng, size):
    n, i, o = size, size + 1, size
    shapes = (n, i), (i, o), (o,)
    return tuple(whole_or_normal(rng, size, shape) for shape in shapes)


def no_bias(x, w, b):
    return x @ w


def minus_bias(x, w, b):
    return x @ w - b


def changes_bias(x, w, b):
    b += 1
    return x @ w + b - 1


DENSE = Exercise(
    id="01.dense",
    title="The forward pass",
    level="easy",
    minutes=5,
    answer=kernels.dense,
    draw=draw_dense,
    hints=HINTS,
    wrong=(
        WrongAnswer(no_bias, "The bias b is not added: this is z = x w."),
        WrongAnswer(minus_bias, "The bias b is subtracted: the sign is wrong."),
        WrongAnswer(changes_bias, "The bias is changed on the way."),
    ),
)


def draw_grad(rng, size):
    n, i, o = size, size + 1, size + 2
    shapes = (n, o), (n, i), (i, o)
    return tuple(whole_or_normal(rng, size, shape) for shape in shapes)


def mean_bias(dz, x, w):
    return dz @ w.T, x.T @ dz, dz.mean(axis=0)


def negative(dz, x, w):
    return -dz @ w.T, -x.T @ dz, -dz.sum(axis=0)


DENSE_GRAD = Exercise(
    id="02.dense_grad",
    title="The gradient of a layer",
    level="core",
    minutes=10,
    answer=kernels.dense_grad,
    draw=draw_grad,
    examples=((np.eye(2, 1, dtype=np.float32), np.ones((2, 3)), np.ones((3, 1))),),
    hints=HINTS,
    wrong=(
        WrongAnswer(mean_bias, "db is the mean over the rows; it is the sum."),
        WrongAnswer(negative, "All three have the wrong sign."),
    ),
)


def draw_x(rng, size):
    return (whole_or_normal(rng, size, (size + 1, size + 1)),)


def absolute(x):
    return np.abs(x)


def lower(x):
    return np.minimum(x, 0)


def forgot_return(x):
    np.maximum(x, 0)


def batch_mean(x):
    return np.maximum(x, 0).mean()


def off_the_map(x):
    return np.maximum(x, 0)[0, 99]


RELU = Exercise(
    id="04.relu",
    title="Bending the line",
    level="core",
    minutes=5,
    answer=kernels.relu,
    draw=draw_x,
    hints=HINTS,
    notes="np.maximum broadcasts the 0.",
    wrong=(
        WrongAnswer(absolute, "This is |x|: negative numbers become positive."),
        WrongAnswer(lower, "This keeps the negative side."),
        WrongAnswer(forgot_return, "The result is computed and not returned."),
        WrongAnswer(batch_mean, "The mean is taken too early."),
        WrongAnswer(off_the_map, "Column 99 is not there."),
    ),
)


def slope(x, y):
    """The slope of the line through the origin, a plain number."""
    return float(np.sum(x * y) / np.sum(x * x))


def slope_upside_down(x, y):
    return float(np.sum(x * y) / np.sum(y * y))


def slope_of_sums(x, y):
    return float(np.sum(y) / np.sum(x))


def draw_points(rng, size):
    return rng.uniform(1, 2, size + 1), rng.uniform(1, 2, size + 1)


SLOPE = Exercise(
    id="04.slope",
    title="A slope",
    level="stretch",
    minutes=15,
    answer=slope,
    draw=draw_points,
    hints=HINTS,
    wrong=(
        WrongAnswer(slope_upside_down, "x and y have changed places."),
        WrongAnswer(slope_of_sums, "This is the ratio of the means."),
    ),
)

EXERCISES = [DENSE, DENSE_GRAD, RELU, SLOPE]
