"""Exercises of lesson 01: one linear neuron and its loss."""

import numpy as np

from dlcore.backends.numpy import dense, mse
from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, sizes, table


def draw_dense(rng, size):
    n, i, o = sizes(rng, size, 3)
    return numbers(rng, size, n, i), numbers(rng, size, i, o), 1 + numbers(rng, size, o)


def dense_bias_in_every_product(x, w, b):
    return x @ w + x.shape[1] * b


def draw_mse(rng, size):
    n, k = sizes(rng, size, 2)
    return numbers(rng, size, n, k), numbers(rng, size, n, k)


def mean_loss(x, t, w, b):
    return np.mean(mse(dense(x, w, b), t))


def mean_loss_spelled(x, t, w, b):
    return np.mean((x @ w + b - t) ** 2)


def draw_mean_loss(rng, size):
    n, i, o = sizes(rng, size, 3)
    x, w, b = numbers(rng, size, n, i), numbers(rng, size, i, o), 1 + numbers(rng, size, o)
    return x, numbers(rng, size, n, o), w, b


def mean_loss_of_means(x, t, w, b):
    return np.mean((np.mean(dense(x, w, b), axis=0) - np.mean(t, axis=0)) ** 2)


EXERCISES = [
    Exercise(
        id="01.dense",
        title="The neuron's output",
        level="easy",
        minutes=4,
        answer=dense,
        draw=draw_dense,
        examples=(
            (table("1 2; 0 3; 2 1"), table("3 1 0 2; 1 1 2 0"), np.array([10.0, 20, 30, 40])),
            # One neuron alone, as in the lesson: its outputs are a column.
            (
                table("1 2 0; 0 3 1; 2 1 1; 3 0 2; 1 1 1; 0 2 3; 2 2 0"),
                table("3; 1; 2"),
                np.ones(1),
            ),
        ),
        hints=(
            "Take one row of x and one column of w. Multiply them number by number and add up "
            "the products: that is one number of z, before the bias.",
            "NumPy does all rows and columns at once: a @ b is the matrix product, and its shapes "
            "must meet in the middle, (n, i) @ (i, o) -> (n, o).",
            "z is x @ w, plus b. NumPy adds b, of shape (o,), to each row by itself.",
        ),
        wrong=(
            WrongAnswer(lambda x, w, b: x @ w, "The bias b is not added: z = x w + b."),
            WrongAnswer(
                lambda x, w, b: x @ (w + b),
                "The bias is added to the weights before the product; add it after: z = x w + b.",
            ),
            WrongAnswer(
                lambda x, w, b: w @ x + b,
                "The product is the wrong way round: x comes first, (n, i) @ (i, o).",
            ),
            WrongAnswer(
                lambda x, w, b: x * w + b,
                "* multiplies number by number, so the shapes of x and w do not fit; the matrix "
                "product @ multiplies rows by columns and adds up.",
            ),
            WrongAnswer(lambda x, w, b: x @ w * b, "The bias is multiplied; it has to be added."),
            WrongAnswer(lambda x, w, b: x @ w - b, "The bias is subtracted; it has to be added."),
            WrongAnswer(
                dense_bias_in_every_product,
                "The bias is added once for each input; it belongs once to each output.",
            ),
            WrongAnswer(
                lambda x, w, b: x @ w / x.shape[1] + b,
                "The products are averaged over the inputs; they are only added up.",
            ),
            WrongAnswer(
                lambda x, w, b: np.maximum(x @ w + b, 0),
                "Negative outputs are cut off at 0; a linear neuron leaves them as they are.",
            ),
            WrongAnswer(
                lambda x, w, b: (x @ w + b).sum(axis=1),
                "The outputs of each row are added up; each neuron keeps its own.",
            ),
            WrongAnswer(
                lambda x, w, b: np.sum(x @ w) + b,
                "The outputs of all rows and neurons are added up to one number; each row and each "
                "neuron has its own.",
            ),
            WrongAnswer(
                lambda x, w, b: x[:, :1] * w[0] + b,
                "Only the first input counts here; the products of all of them are added up.",
            ),
            WrongAnswer(
                lambda x, w, b: x[:, -1:] * w[-1] + b,
                "Only the last input counts here, as when each product overwrites the one before "
                "it; add them up (+=).",
            ),
        ),
    ),
    Exercise(
        id="01.mse",
        title="The loss of each row",
        level="core",
        minutes=6,
        answer=mse,
        draw=draw_mse,
        examples=((table("3 1 0; 1 5 2"), table("1 1 0; 1 1 5")),),
        hints=(
            "Work from the inside out: the misses, their squares, their mean. Write one after the "
            "other and look at the shape of each.",
            "y - t has shape (n, k), and so has its square. The loss has shape (n,): the mean runs "
            "along the columns, and the rows stay.",
            "np.mean(..., axis=1) is the mean along the columns; what goes inside is (y - t) ** 2.",
        ),
        wrong=(
            WrongAnswer(
                lambda y, t: np.mean((y - t) ** 2),
                "This is one number for the whole batch; each row wants its own, so take the mean "
                "along the columns only (axis=1).",
            ),
            WrongAnswer(
                lambda y, t: np.mean(np.abs(y - t), axis=1),
                "The misses are not squared: this is the mean absolute error.",
            ),
            WrongAnswer(
                lambda y, t: np.mean(y - t, axis=1),
                "The misses are averaged with their signs and without a square, so that they "
                "cancel; square them first.",
            ),
            WrongAnswer(
                lambda y, t: np.mean(y - t, axis=1) ** 2,
                "The mean is taken before the square, so misses of opposite sign cancel; square "
                "first.",
            ),
            WrongAnswer(
                lambda y, t: np.sum((y - t) ** 2, axis=1),
                "The squares are added up, but not divided by the number of columns.",
            ),
            WrongAnswer(
                lambda y, t: np.mean((y - t) ** 2, axis=0),
                "The mean runs over the rows (axis=0); it belongs along axis=1.",
            ),
            WrongAnswer(
                lambda y, t: (y - t) ** 2,
                "These are the squares of all misses; what is left is their mean along the "
                "columns (axis=1).",
            ),
            WrongAnswer(
                lambda y, t: np.sqrt(np.mean((y - t) ** 2, axis=1)),
                "The square root is taken at the end; the loss stays squared.",
            ),
            WrongAnswer(
                lambda y, t: np.mean((y - t) ** 2, axis=1) / 2,
                "This is half of the loss: some books put a 1/2 in front, this lesson does not.",
            ),
            WrongAnswer(
                lambda y, t: np.sum((y - t) ** 2, axis=1) / len(y),
                "The squares of a row are divided by the number of rows, len(y); a row has as many "
                "numbers as there are columns, y.shape[1].",
            ),
            WrongAnswer(
                lambda y, t: np.mean(y**2 - t**2, axis=1),
                "y and t are squared one by one; square their difference, (y - t) ** 2.",
            ),
            WrongAnswer(
                lambda y, t: np.mean((y - t) * 2, axis=1),
                "The misses are multiplied by 2; the square is ** 2.",
            ),
            WrongAnswer(
                lambda y, t: np.var(y - t, axis=1),
                "np.var takes the mean of the misses off before it squares, so that a constant "
                "miss would cost nothing; use np.mean of the squares.",
            ),
            WrongAnswer(
                lambda y, t: np.sqrt(np.sum((y - t) ** 2, axis=1)),
                "This is the length of the miss: a root of a sum. Wanted is the mean of the "
                "squares, without a root.",
            ),
        ),
    ),
    Exercise(
        id="01.mean_loss",
        title="One number for the whole batch",
        level="easy",
        minutes=4,
        answer=mean_loss,
        spelled=mean_loss_spelled,
        draw=draw_mean_loss,
        result_names=("the mean loss",),
        examples=(
            (
                table("0 1 2; 1 0 1; 2 2 0; 1 1 1"),
                table("1 0; 2 1; 0 3; 1 1"),
                table("1 0; 2 1; 0 1"),
                np.array([1.0, -1]),
            ),
            (table("0 1; 1 0; 2 2"), table("1; 1; 3"), table("1; 1"), np.array([0.0])),
        ),
        hints=(
            "You have written two functions that together do nearly all of it. Which one comes "
            "first?",
            "dense(x, w, b) gives the outputs y; mse(y, t) gives one loss for each row. What is "
            "left is to turn n losses into one number.",
            "np.mean of an array without an axis is one number.",
        ),
        wrong=(
            WrongAnswer(
                lambda x, t, w, b: np.sum(mse(dense(x, w, b), t)),
                "The losses are added up but not divided by n, so a larger batch looks worse; "
                "take the mean.",
            ),
            WrongAnswer(
                lambda x, t, w, b: mse(dense(x, w, b), t),
                "These are the n losses of the rows; one number is wanted.",
            ),
            WrongAnswer(
                mean_loss_of_means,
                "The outputs are averaged before they are compared, so misses cancel; compare "
                "row by row, then average.",
            ),
            WrongAnswer(
                lambda x, t, w, b: np.sqrt(np.mean(mse(dense(x, w, b), t))),
                "The square root is taken; the loss stays in squared units (kg² for a mass).",
            ),
            WrongAnswer(
                lambda x, t, w, b: np.mean(np.abs(dense(x, w, b) - t)),
                "The misses are averaged without their squares; mse squares them.",
            ),
            WrongAnswer(
                lambda x, t, w, b: np.mean(dense(x, w, b) - t),
                "The misses are averaged with their signs, so that they cancel; mse squares them.",
            ),
            WrongAnswer(
                lambda x, t, w, b: np.mean(mse(x @ w, t)),
                "The outputs lack their bias b; dense(x, w, b) adds it.",
            ),
            WrongAnswer(
                lambda x, t, w, b: np.max(mse(dense(x, w, b), t)),
                "This is the largest loss of a row; the mean of all of them is wanted.",
            ),
            WrongAnswer(
                lambda x, t, w, b: np.mean(dense(x, w, b)),
                "This averages the outputs; they have not been compared with t.",
            ),
            WrongAnswer(
                lambda x, t, w, b: mse(dense(x, w, b), t)[0],
                "This is the loss of the first row alone; average over all rows.",
            ),
            WrongAnswer(
                lambda x, t, w, b: mse(dense(x, w, b), t)[-1] / len(x),
                "Only the loss of the last row counts, as when each overwrites the one before it; "
                "add them up (+=).",
            ),
            WrongAnswer(
                lambda x, t, w, b: np.mean(dense(x, w, b) - t) ** 2,
                "The misses are averaged before they are squared, so that they cancel; square "
                "first, as mse does.",
            ),
            WrongAnswer(
                lambda x, t, w, b: np.sqrt(np.sum((dense(x, w, b) - t) ** 2)),
                "This is the length of all misses: a root of a sum. Wanted is the mean of the "
                "squares, without a root.",
            ),
            WrongAnswer(
                lambda x, t, w, b: np.mean(mse(x, t)),
                "The inputs x are compared with the targets; what has to come near them are the "
                "outputs, dense(x, w, b).",
            ),
            WrongAnswer(
                lambda x, t, w, b: np.mean((dense(x, w, b) - t.ravel()) ** 2),
                "The targets are a row here and the outputs a table, so each output meets every "
                "target; leave t in its shape.",
            ),
        ),
    ),
]
