"""Exercises of lesson 01: one linear neuron, its loss, and a step by trial."""

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


def trial_step(x, t, w, b, dw, db):
    if mean_loss(x, t, w + dw, b + db) < mean_loss(x, t, w, b):
        return w + dw, b + db
    return w, b


def draw_trial_step(rng, size):
    while True:
        n, i = sizes(rng, (size + 1) // 2, 2)
        x, t = numbers(rng, size, n, i), numbers(rng, size, n, 1)
        w, b = numbers(rng, size, i, 1), 1 + numbers(rng, size, 1)
        dw, db = numbers(rng, size, *w.shape) / 2, numbers(rng, size, *b.shape)
        if rng.random() < 0.4:
            # A change that helps every row a little, and leaves all of them far off.
            t, dw, db = dense(x, w, b) + 4 + np.abs(t), 0 * dw, np.ones(1)
        now, then = mean_loss(x, t, w, b), mean_loss(x, t, w + dw, b + db)
        # Rounding must not decide: the two losses are well apart.
        if abs(now - then) > 0.01 * (1 + now):
            return x, t, w, b, dw, db


def trial_by(better, otherwise=lambda w, b, dw, db: (w, b)):
    """A wrong step that keeps the change where ``better`` says so."""

    def step(x, t, w, b, dw, db):
        new, old = dense(x, w + dw, b + db) - t, dense(x, w, b) - t
        return (w + dw, b + db) if better(new, old) else otherwise(w, b, dw, db)

    return step


def lower(new, old):
    return np.mean(new**2) < np.mean(old**2)


def trial_weight_only(x, t, w, b, dw, db):
    if mean_loss(x, t, w + dw, b) < mean_loss(x, t, w, b):
        return w + dw, b
    return w, b


def trial_bias_only(x, t, w, b, dw, db):
    if mean_loss(x, t, w, b + db) < mean_loss(x, t, w, b):
        return w, b + db
    return w, b


def trial_one_by_one(x, t, w, b, dw, db):
    w, _ = trial_weight_only(x, t, w, b, dw, db)
    _, b = trial_bias_only(x, t, w, b, dw, db)
    return w, b


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
        examples=((table("0 1; 1 0; 2 2"), table("1; 1; 3"), table("1; 1"), np.array([0.0])),),
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
                table("0 1; 1 1; 2 0"),
                table("3; 4; 3"),
                table("1; 1"),
                np.zeros(1),
                table("0; 1"),
                np.ones(1),
            ),
            (
                table("0 1; 1 1; 2 0"),
                table("1; 1; 1"),
                np.zeros((2, 1)),
                np.ones(1),
                np.ones((2, 1)),
                np.ones(1),
            ),
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
                trial_by(lambda new, old: True),
                "The change is kept in every case, also where the mean loss rises.",
            ),
            WrongAnswer(
                trial_by(lambda new, old: False),
                "The change is never kept, even where the loss falls.",
            ),
            WrongAnswer(
                trial_by(lambda new, old: not lower(new, old)),
                "This climbs: the change is kept where the loss rises. Turn the comparison round.",
            ),
            WrongAnswer(
                trial_weight_only, "Only w is changed; the trial is w + dw together with b + db."
            ),
            WrongAnswer(
                trial_bias_only, "Only b is changed; the trial is w + dw together with b + db."
            ),
            WrongAnswer(
                trial_one_by_one,
                "w and b are tried one after the other; the trial changes both together.",
            ),
            WrongAnswer(
                trial_by(lower, lambda w, b, dw, db: (w - dw, b - db)),
                "Where the change does not help, this goes the other way; w and b stay as they are "
                "then.",
            ),
            WrongAnswer(
                lambda x, t, w, b, dw, db: (dw, db),
                "These are the changes themselves; wanted are the new w and b.",
            ),
            WrongAnswer(
                trial_by(lower, lambda w, b, dw, db: (0 * w, 0 * b)),
                "Where the change does not help, w and b become 0; return them as they are.",
            ),
            WrongAnswer(
                trial_by(lambda new, old: (new**2 < old**2).all()),
                "The change is kept only where it helps every single row; the mean loss decides.",
            ),
            WrongAnswer(
                trial_by(lambda new, old: np.mean(new) < np.mean(old)),
                "The misses are compared with their signs; mean_loss squares them first.",
            ),
        ),
    ),
]
