"""Exercises of lesson 08: the rows of a batch, and the step that it makes."""

import numpy as np

from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import sizes, table


def numbers(rng, size, *shape):
    """Whole numbers from -2 to 2 for the tiny cases, any numbers for the larger ones."""
    if size == 1:
        return rng.integers(-2, 3, shape).astype(float)
    return rng.normal(0, 1, shape)


def batch_rows(order, batch_size, step):
    start = step * batch_size
    return order[start : start + batch_size]


def draw_batch_rows(rng, size):
    batch_size = int(rng.integers(2, 2 * size + 2))
    whole = int(rng.integers(1, size + 2))
    left = int(rng.integers(1, batch_size))
    step = int(rng.integers(1, whole + 1))
    return rng.permutation(whole * batch_size + left), batch_size, step


def batch_not_shuffled(order, batch_size, step):
    start = step * batch_size
    return np.arange(start, min(start + batch_size, len(order)))


def batch_last_dropped(order, batch_size, step):
    whole = len(order) // batch_size * batch_size
    return order[:whole][step * batch_size : (step + 1) * batch_size]


def batch_filled_up(order, batch_size, step):
    return np.take(order, np.arange(step * batch_size, (step + 1) * batch_size), mode="wrap")


def training_step(x, t, w, b, learning_rate):
    y = 1 / (1 + np.exp(-(x @ w + b)))
    loss = -np.mean(t * np.log(y) + (1 - t) * np.log(1 - y))
    dz = (y - t) / len(x)
    dw, db = x.T @ dz, dz.sum(axis=0)
    return w - learning_rate * dw, b - learning_rate * db, loss


def draw_training_step(rng, size):
    n, i = sizes(rng, size, 2)
    t = np.zeros((n, 1))
    t[rng.permutation(n)[: rng.integers(1, n)]] = 1
    x, w, b = numbers(rng, size, n, i), numbers(rng, size, i, 1), 0.5 + numbers(rng, size, 1)
    x[0, 0] += 3  # never all nought, so that every mistake shows
    return x, t, w, b, float(rng.choice([0.1, 0.5, 2.0]))


def crossentropy(y, t):
    return -np.mean(t * np.log(y) + (1 - t) * np.log(1 - y))


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def step_with(dz=None, dw=None, db=None, loss=crossentropy, rate=None, after=False, bend=sigmoid):
    """A training step with one part exchanged, which is how a mistake is made."""

    def step(x, t, w, b, learning_rate):
        y = bend(x @ w + b)
        slope = (y - t) / len(x) if dz is None else dz(y, t, x)
        by = learning_rate if rate is None else rate(learning_rate)
        new_w = w - by * (x.T @ slope if dw is None else dw(x, slope))
        new_b = b - by * (slope.sum(axis=0) if db is None else db(slope))
        if after:
            y = bend(x @ new_w + new_b)
        return new_w, new_b, loss(y, t)

    return step


def step_of_every_row(x, t, w, b, learning_rate):
    loss = crossentropy(sigmoid(x @ w + b), t)
    for row, target in zip(x, t, strict=True):
        dz = (sigmoid(row @ w + b) - target) / len(x)
        w, b = w - learning_rate * row[:, None] * dz, b - learning_rate * dz
    return w, b, loss


def step_bias_later(x, t, w, b, learning_rate):
    new_w, _, loss = training_step(x, t, w, b, learning_rate)
    return new_w, training_step(x, t, new_w, b, learning_rate)[1], loss


def step_gradients(x, t, w, b, learning_rate):
    new_w, new_b, loss = step_with(rate=lambda rate: 1.0)(x, t, w, b, learning_rate)
    return w - new_w, b - new_b, loss


EXERCISES = [
    Exercise(
        id="08.batch_rows",
        title="The rows of one batch",
        level="easy",
        minutes=5,
        answer=batch_rows,
        draw=draw_batch_rows,
        result_names=("rows",),
        examples=(
            (np.array([4, 0, 3, 1, 2]), 2, 1),
            (np.array([4, 0, 3, 1, 2]), 2, 2),
            (np.array([2, 0, 1]), 3, 0),
        ),
        hints=(
            "The epoch cuts order into pieces of batch_size, one after the other. Where does the "
            "piece number step begin, if the first has the number 0?",
            "It begins at step * batch_size and ends batch_size places later.",
            "order[start:stop] cuts a piece out, and it ends by itself where order ends: the last "
            "batch needs no case of its own.",
        ),
        wrong=(
            WrongAnswer(
                lambda order, batch_size, step: order[step : step + batch_size],
                "The piece begins at step itself; batch number step begins at step * batch_size.",
            ),
            WrongAnswer(
                batch_not_shuffled,
                "These are the places in order, not what stands there: the rows come unshuffled.",
            ),
            WrongAnswer(
                batch_last_dropped,
                "The last, smaller batch is dropped; its rows would never be learnt from.",
            ),
            WrongAnswer(
                batch_filled_up,
                "The last batch is filled up with rows from the start, which then count twice.",
            ),
            WrongAnswer(
                lambda order, size, step: order[max(step - 1, 0) * size : step * size],
                "The batches are counted from 1; here the first one has the number 0.",
            ),
            WrongAnswer(
                lambda order, size, step: order[step * size : step * size + size + 1],
                "This has one row too many: a slice ends before its second number.",
            ),
            WrongAnswer(
                lambda order, size, step: order[step * size : step * size + size - 1],
                "This has one row too few: a slice ends before its second number, so there is "
                "nothing to take off.",
            ),
            WrongAnswer(
                lambda order, size, step: order[step * size : size],
                "The slice ends at batch_size, counted from the start of order; it has to end "
                "batch_size places after it began.",
            ),
            WrongAnswer(
                lambda order, size, step: order[step * size :],
                "The slice has no end, so all rows to come are in it; it ends after batch_size.",
            ),
            WrongAnswer(
                lambda order, size, step: order[:size],
                "This is the first batch whatever step is; batch number step begins at "
                "step * batch_size.",
            ),
            WrongAnswer(
                lambda order, size, step: np.array_split(order, -(-len(order) // size))[step],
                "The parts are made nearly equal here; all batches are full but the last.",
            ),
            WrongAnswer(
                lambda order, size, step: np.array_split(order, size)[step],
                "order is cut into batch_size parts; a batch is one part of batch_size rows.",
            ),
            WrongAnswer(
                lambda order, size, step: order[step::size],
                "This takes every batch_size-th row, beginning at step; a batch is one piece, "
                "its rows side by side.",
            ),
        ),
    ),
    Exercise(
        id="08.training_step",
        title="One step: forward, back, update",
        level="stretch",
        minutes=10,
        answer=training_step,
        draw=draw_training_step,
        examples=((table("2 1; 1 0; -1 2"), table("1; 0; 0"), table("1; -1"), np.ones(1), 0.5),),
        result_names=("w", "b", "loss"),
        hints=(
            "Four things in a row: the outputs y, the mean loss, the gradients dw and db, and at "
            "last the new w and b. The loss belongs to the old weights.",
            "y = 1 / (1 + exp(-(x w + b))). With sigmoid and crossentropy together, the slope of "
            "the mean loss at z is dz = (y - t) / n. From there dense goes back as always: "
            "dw = x^T dz, and db adds up the rows of dz.",
            "dz = (y - t) / len(x); dw = x.T @ dz; db = dz.sum(axis=0); and return "
            "w - learning_rate * dw, b - learning_rate * db, loss with "
            "loss = -np.mean(t * np.log(y) + (1 - t) * np.log(1 - y)).",
        ),
        wrong=(
            WrongAnswer(
                step_with(rate=lambda rate: -rate),
                "The step goes uphill: the gradient points up, so learning_rate times it is "
                "subtracted.",
            ),
            WrongAnswer(
                step_with(dz=lambda y, t, x: y - t),
                "The gradients are those of the sum of the losses; the mean divides them by n.",
            ),
            WrongAnswer(
                step_with(after=True),
                "The loss is taken after the update; it belongs to the weights that made y.",
            ),
            WrongAnswer(
                step_with(rate=lambda rate: 1.0),
                "The whole gradient is subtracted; multiply it by learning_rate first.",
            ),
            WrongAnswer(
                step_with(db=lambda dz: 0.0), "The bias stays as it was; it has a gradient too."
            ),
            WrongAnswer(
                step_gradients,
                "These are the gradients; the step returns the new weights, "
                "w - learning_rate * dw.",
            ),
            WrongAnswer(
                step_with(dz=lambda y, t, x: (y - t) * y * (1 - y) / len(x)),
                "dz has the slope of the sigmoid, y (1 - y), once too often: together with the "
                "crossentropy it cancels, and (y - t) / n is left.",
            ),
            WrongAnswer(
                step_with(db=lambda dz: dz.mean(axis=0)),
                "db is the mean of dz; dz is divided by n already, so its rows are only added up.",
            ),
            WrongAnswer(
                step_with(loss=lambda y, t: len(t) * crossentropy(y, t)),
                "The loss is the sum over the rows; their mean is wanted.",
            ),
            WrongAnswer(
                step_with(loss=lambda y, t: -crossentropy(y, t)),
                "The minus in front of the loss is missing: the logarithms are negative, the loss "
                "is positive.",
            ),
            WrongAnswer(
                step_with(loss=lambda y, t: np.mean((y - t) ** 2)),
                "The loss is the mean squared miss; for a yes or no it is the crossentropy, with "
                "the logarithms.",
            ),
            WrongAnswer(
                step_with(loss=lambda y, t: -np.mean(t * np.log(y))),
                "The rows with target 0 are left out of the loss; they count with "
                "(1 - t) log(1 - y).",
            ),
            WrongAnswer(
                step_with(bend=lambda z: z),
                "The sigmoid is missing: x w + b is z, and y = 1 / (1 + exp(-z)) lies between 0 "
                "and 1, which the logarithms need.",
            ),
            WrongAnswer(
                step_with(dz=lambda y, t, x: (y - t) / len(x) ** 2),
                "The gradients are divided by n twice; dz = (y - t) / n has it already.",
            ),
            WrongAnswer(
                step_with(dw=lambda x, dz: dz.T @ x),
                "dw comes out as a row, and with the column w it makes a square; x^T dz has the "
                "shape of w.",
            ),
            WrongAnswer(
                step_with(db=lambda dz: dz),
                "dz is not added up for the bias, which gets a number for each row; db is the sum "
                "of the rows of dz.",
            ),
            WrongAnswer(
                step_with(db=lambda dz: dz.sum(axis=1)),
                "dz is added up along axis 1, so that each row keeps its own number; db adds up "
                "the rows of dz, along axis 0.",
            ),
            WrongAnswer(
                step_of_every_row,
                "Every row makes a step of its own, at weights that the rows before it have moved; "
                "the batch makes one step, all of it at the old weights.",
            ),
            WrongAnswer(
                step_bias_later,
                "db is taken at the new w; both gradients belong to the old weights, which made y.",
            ),
            WrongAnswer(
                step_with(dz=lambda y, t, x: (y - t) / x.shape[1]),
                "The gradients are divided by the number of columns; n is the number of rows, "
                "len(x).",
            ),
        ),
    ),
]
