"""Exercises of lesson 01: one linear neuron, its loss, and a step by trial."""

import numpy as np

from dlcore.backends.numpy import dense, mse
from dlcore.course import Exercise, WrongAnswer


def numbers(rng, size, *shape):
    """Whole numbers from -3 to 3 for the tiny cases, any numbers for the larger ones."""
    if size == 1:
        return rng.integers(-3, 4, shape).astype(float)
    return rng.normal(0, 2, shape)


def draw_dense(rng, size):
    n, i, o = rng.integers(1, 2 * size + 2, 3)
    return numbers(rng, size, n, i), numbers(rng, size, i, o), 1 + numbers(rng, size, o)


def dense_without_bias(x, w, b):
    return x @ w


def dense_bias_inside(x, w, b):
    return x @ (w + b)


def dense_wrong_way_round(x, w, b):
    return w @ x + b


def dense_not_summed(x, w, b):
    return x * w.T + b


def draw_mse(rng, size):
    n, k = rng.integers(2, 2 * size + 2, 2)
    return numbers(rng, size, n, k), numbers(rng, size, n, k)


def mse_of_all(y, t):
    return np.mean((y - t) ** 2)


def mse_not_squared(y, t):
    return np.mean(np.abs(y - t), axis=1)


def mse_square_of_mean(y, t):
    return np.mean(y - t, axis=1) ** 2


def mse_summed(y, t):
    return np.sum((y - t) ** 2, axis=1)


def mse_over_rows(y, t):
    return np.mean((y - t) ** 2, axis=0)


def mean_loss(x, t, w, b):
    return np.mean(mse(dense(x, w, b), t))


def draw_mean_loss(rng, size):
    n, i, o = rng.integers(2, 2 * size + 2), rng.integers(1, size + 1), rng.integers(1, 3)
    x, w, b = numbers(rng, size, n, i), numbers(rng, size, i, o), numbers(rng, size, o)
    return x, numbers(rng, size, n, o), w, b


def mean_loss_summed(x, t, w, b):
    return np.sum(mse(dense(x, w, b), t))


def mean_loss_per_row(x, t, w, b):
    return mse(dense(x, w, b), t)


def mean_loss_of_means(x, t, w, b):
    return np.mean((np.mean(dense(x, w, b), axis=0) - np.mean(t, axis=0)) ** 2)


def mean_loss_rooted(x, t, w, b):
    return np.sqrt(np.mean(mse(dense(x, w, b), t)))


def trial_step(x, t, w, b, dw, db):
    if mean_loss(x, t, w + dw, b + db) < mean_loss(x, t, w, b):
        return w + dw, b + db
    return w, b


def draw_trial_step(rng, size):
    while True:
        x, t, w, b = draw_mean_loss(rng, size)
        dw, db = numbers(rng, size, *w.shape), numbers(rng, size, *b.shape)
        now, then = mean_loss(x, t, w, b), mean_loss(x, t, w + dw, b + db)
        # Rounding must not decide: the two losses are well apart.
        if abs(now - then) > 0.01 * (1 + now):
            return x, t, w, b, dw, db


def trial_always_kept(x, t, w, b, dw, db):
    return w + dw, b + db


def trial_never_kept(x, t, w, b, dw, db):
    return w, b


def trial_uphill(x, t, w, b, dw, db):
    if mean_loss(x, t, w + dw, b + db) > mean_loss(x, t, w, b):
        return w + dw, b + db
    return w, b


def trial_weight_only(x, t, w, b, dw, db):
    if mean_loss(x, t, w + dw, b) < mean_loss(x, t, w, b):
        return w + dw, b
    return w, b


def column(*values):
    return np.array(values, float)[:, None]


EXERCISES = [
    Exercise(
        id="01.dense",
        title="The neuron's output",
        level="easy",
        minutes=4,
        answer=dense,
        draw=draw_dense,
        examples=((column(1, 2), np.array([[3.0]]), np.array([10.0])),),
        hints=(
            "Take one row of x and one column of w. Multiply them number by number and add up "
            "the products: that is one number of z, before the bias.",
            "NumPy does all rows and columns at once: a @ b is the matrix product, and its shapes "
            "must meet in the middle, (n, i) @ (i, o) -> (n, o).",
            "z is x @ w, plus b. NumPy adds b, of shape (o,), to each row by itself.",
        ),
        wrong=(
            WrongAnswer(dense_without_bias, "The bias b is not added: z = x w + b."),
            WrongAnswer(
                dense_bias_inside,
                "The bias is added to the weights before the product; add it after: z = x w + b.",
            ),
            WrongAnswer(
                dense_wrong_way_round,
                "The product is the wrong way round: x comes first, (n, i) @ (i, o).",
            ),
            WrongAnswer(
                dense_not_summed,
                "The inputs are multiplied by their weights, but the products are not added up; "
                "the matrix product @ does both.",
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
        examples=((column(3, 1), column(1, 1)), (np.array([[1.0, 5.0]]), np.array([[1.0, 1.0]]))),
        hints=(
            "Work from the inside out: the misses, their squares, their mean. Write one after the "
            "other and look at the shape of each.",
            "y - t has shape (n, k), and so has its square. The loss has shape (n,): the mean runs "
            "along the columns, and the rows stay.",
            "np.mean(..., axis=1) is the mean along the columns; what goes inside is (y - t) ** 2.",
        ),
        wrong=(
            WrongAnswer(
                mse_of_all,
                "This is one number for the whole batch; each row wants its own, so take the mean "
                "along the columns only (axis=1).",
            ),
            WrongAnswer(
                mse_not_squared,
                "The misses are not squared: this is the mean absolute error.",
            ),
            WrongAnswer(
                mse_square_of_mean,
                "The mean is taken before the square, so misses of opposite sign cancel; square "
                "first.",
            ),
            WrongAnswer(
                mse_summed, "The squares are added up, but not divided by the number of columns."
            ),
            WrongAnswer(
                mse_over_rows, "The mean runs over the rows (axis=0); it belongs along axis=1."
            ),
        ),
    ),
    Exercise(
        id="01.mean_loss",
        title="One number for the whole batch",
        level="easy",
        minutes=4,
        answer=mean_loss,
        draw=draw_mean_loss,
        result_names=("the mean loss",),
        examples=((column(0, 1), column(1, 1), np.array([[1.0]]), np.array([0.0])),),
        hints=(
            "You have written two functions that together do nearly all of it. Which one comes "
            "first?",
            "dense(x, w, b) gives the outputs y; mse(y, t) gives one loss for each row. What is "
            "left is to turn n losses into one number.",
            "np.mean of an array without an axis is one number.",
        ),
        wrong=(
            WrongAnswer(
                mean_loss_summed,
                "The losses are added up but not divided by n, so a larger batch looks worse; "
                "take the mean.",
            ),
            WrongAnswer(
                mean_loss_per_row, "These are the n losses of the rows; one number is wanted."
            ),
            WrongAnswer(
                mean_loss_of_means,
                "The outputs are averaged before they are compared, so misses cancel; compare "
                "row by row, then average.",
            ),
            WrongAnswer(
                mean_loss_rooted,
                "The square root is taken; the loss stays in squared units (kg² for a mass).",
            ),
        ),
    ),
    Exercise(
        id="01.trial_step",
        title="Keep a change that helps",
        level="stretch",
        minutes=7,
        answer=trial_step,
        draw=draw_trial_step,
        result_names=("w", "b"),
        examples=(
            (
                column(0, 1),
                column(0, 2),
                np.array([[1.0]]),
                np.zeros(1),
                np.ones((1, 1)),
                np.zeros(1),
            ),
            (column(0, 1), column(1, 1), np.zeros((1, 1)), np.ones(1), np.ones((1, 1)), np.ones(1)),
        ),
        hints=(
            "There are two neurons to compare: the one that we have, and the one that we would "
            "have after the change. Which number says which is better?",
            "The changed neuron is w + dw and b + db; mean_loss gives a number for each.",
            "if mean_loss of the changed one is smaller: return w + dw, b + db. After the if: "
            "return w, b.",
        ),
        wrong=(
            WrongAnswer(
                trial_always_kept,
                "The change is kept in every case, also where the mean loss rises.",
            ),
            WrongAnswer(trial_never_kept, "The change is never kept, even where the loss falls."),
            WrongAnswer(
                trial_uphill,
                "This climbs: the change is kept where the loss rises. Turn the comparison round.",
            ),
            WrongAnswer(
                trial_weight_only, "Only w is changed; the trial is w + dw together with b + db."
            ),
        ),
    ),
]
