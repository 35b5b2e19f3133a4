"""Exercises of lesson 08: the batch loop that fit runs, part by part."""

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


def step_with(dz=None, db=None, loss=crossentropy, rate=None, after=False):
    """A training step with one part exchanged, which is how a mistake is made."""

    def step(x, t, w, b, learning_rate):
        y = 1 / (1 + np.exp(-(x @ w + b)))
        slope = (y - t) / len(x) if dz is None else dz(y, t, x)
        by = learning_rate if rate is None else rate(learning_rate)
        new_w = w - by * (x.T @ slope)
        new_b = b - by * (slope.sum(axis=0) if db is None else db(slope))
        if after:
            y = 1 / (1 + np.exp(-(x @ new_w + new_b)))
        return new_w, new_b, loss(y, t)

    return step


def step_gradients(x, t, w, b, learning_rate):
    new_w, new_b, loss = step_with(rate=lambda rate: 1.0)(x, t, w, b, learning_rate)
    return w - new_w, b - new_b, loss


def epoch_loss(losses, sizes):
    return np.sum(losses * sizes) / np.sum(sizes)


def draw_epoch_loss(rng, size):
    steps, batch_size = int(rng.integers(2, size + 3)), int(rng.integers(2, 4 * size))
    rows = np.full(steps, batch_size)
    rows[-1] = rng.integers(1, batch_size)
    losses = rng.integers(1, 9, steps).astype(float) if size == 1 else rng.uniform(0.1, 2, steps)
    losses[-1] += 2  # a last batch that stands out
    return losses, rows


def accuracy(y, t, threshold=0.5):
    return np.mean((y > threshold) == (t == 1))


def draw_accuracy(rng, size):
    n = int(rng.integers(4, 6 * size))
    while True:
        y = rng.integers(0, 9, (n, 1)) / 8 if size < 3 else rng.uniform(0, 1, (n, 1))
        t = rng.integers(0, 2, (n, 1)).astype(float)
        threshold = float(rng.choice([0.25, 0.75]))
        y[0], t[0] = threshold, 0.0  # exactly at the threshold
        if 0 < accuracy(y, t, threshold) < 1 and 0 < t.sum() < n:
            return y, t, threshold


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
                step_with(dz=lambda y, t, x: (y - t) / x.shape[1]),
                "The gradients are divided by the number of columns; n is the number of rows, "
                "len(x).",
            ),
        ),
    ),
    Exercise(
        id="08.epoch_loss",
        title="The loss of an epoch",
        level="core",
        minutes=4,
        answer=epoch_loss,
        draw=draw_epoch_loss,
        result_names=("the loss",),
        examples=((np.array([1.0, 2.0, 4.0]), np.array([4, 4, 1])),),
        hints=(
            "Each row of the data should count the same. How much does a row of the last, smaller "
            "batch count in a plain mean of the losses?",
            "A batch loss is a mean over its rows: times its size it is their sum. Add these sums "
            "and divide by all the rows.",
            "np.sum(losses * sizes) is the sum over all rows; np.sum(sizes) is their number.",
        ),
        wrong=(
            WrongAnswer(
                lambda losses, sizes: np.mean(losses),
                "Every batch counts the same here, so a row of the small last batch counts for "
                "more than others; weigh each loss by the size of its batch.",
            ),
            WrongAnswer(
                lambda losses, sizes: np.sum(losses * sizes),
                "This is the sum over all rows; divide it by their number, the sum of sizes.",
            ),
            WrongAnswer(
                lambda losses, sizes: np.sum(losses * sizes) / len(sizes),
                "The sum over all rows is divided by the number of batches; divide by the number "
                "of rows.",
            ),
            WrongAnswer(
                lambda losses, sizes: losses[-1],
                "This is the last batch alone; the epoch is the mean over all its rows.",
            ),
            WrongAnswer(
                lambda losses, sizes: np.sum(losses) / np.sum(sizes),
                "The losses are means already; multiply each by its size before they are added.",
            ),
            WrongAnswer(
                lambda losses, sizes: np.sum(losses),
                "The losses of the batches are added up; wanted is their mean, weighed by the "
                "sizes.",
            ),
            WrongAnswer(
                lambda losses, sizes: np.sum(losses * sizes) / (len(sizes) * sizes[0]),
                "This divides as if every batch were full; the rows are counted by np.sum(sizes).",
            ),
            WrongAnswer(
                lambda losses, sizes: np.sum(losses / sizes) / np.sum(1 / sizes),
                "The losses are divided by the sizes, so that small batches weigh more; multiply.",
            ),
            WrongAnswer(
                lambda losses, sizes: np.sum(losses[:-1] * sizes[:-1]) / np.sum(sizes[:-1]),
                "The last batch is left out; its rows count as well.",
            ),
            WrongAnswer(
                lambda losses, sizes: losses * sizes / np.sum(sizes),
                "These are the shares of the batches; what is left is to add them up.",
            ),
        ),
    ),
    Exercise(
        id="08.accuracy",
        title="The share of right answers",
        level="core",
        minutes=5,
        answer=accuracy,
        draw=draw_accuracy,
        result_names=("the accuracy",),
        examples=(
            (table("0.9; 0.5; 0.2"), table("1; 0; 1")),
            (table("0.9; 0.5; 0.25"), table("1; 1; 0"), 0.25),
        ),
        hints=(
            "First turn each output into a yes or no, then compare it with the target, then count.",
            "y > threshold is an array of True and False, and so is t == 1. Where the two are "
            "equal, the answer is right.",
            "np.mean of an array of True and False is the share of True.",
        ),
        wrong=(
            WrongAnswer(
                lambda y, t, threshold=0.5: np.mean((y >= threshold) == (t == 1)),
                "An output exactly at the threshold counts as 1 here; the test is strict: "
                "y > threshold.",
            ),
            WrongAnswer(
                lambda y, t, threshold=0.5: np.mean((y > 0.5) == (t == 1)),
                "The threshold is fixed at 0.5; use the argument threshold.",
            ),
            WrongAnswer(
                lambda y, t, threshold=0.5: np.sum((y > threshold) == (t == 1)),
                "This is how many are right; divide by the number of rows.",
            ),
            WrongAnswer(
                lambda y, t, threshold=0.5: np.sum((y > threshold) & (t == 1)) / np.sum(t == 1),
                "This looks only at the rows whose target is 1; that share is called recall.",
            ),
            WrongAnswer(
                lambda y, t, threshold=0.5: np.mean(y == t),
                "This compares the outputs themselves with 0 and 1; first turn each into a yes or "
                "no: y > threshold.",
            ),
            WrongAnswer(
                lambda y, t, threshold=0.5: np.mean((y > threshold) != (t == 1)),
                "This is the share of wrong answers.",
            ),
            WrongAnswer(
                lambda y, t, threshold=0.5: np.mean((y > threshold) & (t == 1)),
                "A target 0 that gets a low output is right too, and is not counted here.",
            ),
            WrongAnswer(
                lambda y, t, threshold=0.5: 100 * np.mean((y > threshold) == (t == 1)),
                "This is the share in per cent; a share lies between 0 and 1.",
            ),
            WrongAnswer(
                lambda y, t, threshold=0.5: np.mean((y > threshold) == (t.ravel() == 1)),
                "A column (n, 1) is compared with a row (n,), so each output meets every target; "
                "give both the same shape.",
            ),
            WrongAnswer(
                lambda y, t, threshold=0.5: np.mean(y > threshold),
                "This is how often the answer is yes; it has to be compared with the target.",
            ),
            WrongAnswer(
                lambda y, t, threshold=0.5: (y > threshold) == (t == 1),
                "This says for each row whether it is right; the mean of it is the share.",
            ),
            WrongAnswer(
                lambda y, t, threshold=0.5: 1 - np.mean(np.abs(y - t)),
                "This counts how near the outputs come to the targets; first turn each into a yes "
                "or no: y > threshold.",
            ),
        ),
    ),
]
