"""Exercises of lesson 08: the batch loop that fit runs, part by part."""

import numpy as np

from dlcore.course import Exercise, WrongAnswer


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


def batch_from_step(order, batch_size, step):
    return order[step : step + batch_size]


def batch_not_shuffled(order, batch_size, step):
    start = step * batch_size
    return np.arange(start, min(start + batch_size, len(order)))


def batch_last_dropped(order, batch_size, step):
    whole = len(order) // batch_size * batch_size
    return order[:whole][step * batch_size : (step + 1) * batch_size]


def batch_filled_up(order, batch_size, step):
    return np.take(order, np.arange(step * batch_size, (step + 1) * batch_size), mode="wrap")


def batch_counted_from_one(order, batch_size, step):
    return order[(step - 1) * batch_size : step * batch_size]


def batch_one_too_many(order, batch_size, step):
    start = step * batch_size
    return order[start : start + batch_size + 1]


def batch_one_too_few(order, batch_size, step):
    start = step * batch_size
    return order[start : start + batch_size - 1]


def training_step(x, t, w, b, learning_rate):
    y = 1 / (1 + np.exp(-(x @ w + b)))
    loss = -np.mean(t * np.log(y) + (1 - t) * np.log(1 - y))
    dz = (y - t) / len(x)
    dw, db = x.T @ dz, dz.sum(axis=0)
    return w - learning_rate * dw, b - learning_rate * db, loss


def draw_training_step(rng, size):
    n, i = rng.integers(2, 3 * size + 2), rng.integers(1, size + 2)
    t = np.zeros((n, 1))
    t[rng.permutation(n)[: rng.integers(1, n)]] = 1
    x, w, b = numbers(rng, size, n, i), numbers(rng, size, i, 1), 0.5 + numbers(rng, size, 1)
    x[0, 0] += 3  # never all nought, so that every mistake shows
    return x, t, w, b, float(rng.choice([0.1, 0.5, 2.0]))


def _step(x, t, w, b, learning_rate, after=False, change=lambda dz, x: dz):
    y = 1 / (1 + np.exp(-(x @ w + b)))
    loss = -np.mean(t * np.log(y) + (1 - t) * np.log(1 - y))
    dz = change((y - t) / len(x), x)
    w, b = w - learning_rate * (x.T @ dz), b - learning_rate * dz.sum(axis=0)
    if after:
        y = 1 / (1 + np.exp(-(x @ w + b)))
        loss = -np.mean(t * np.log(y) + (1 - t) * np.log(1 - y))
    return w, b, loss


def step_uphill(x, t, w, b, learning_rate):
    return _step(x, t, w, b, -learning_rate)


def step_summed(x, t, w, b, learning_rate):
    return _step(x, t, w, b, learning_rate, change=lambda dz, x: dz * len(x))


def step_loss_after(x, t, w, b, learning_rate):
    return _step(x, t, w, b, learning_rate, after=True)


def step_without_rate(x, t, w, b, learning_rate):
    return _step(x, t, w, b, 1.0)


def step_weight_only(x, t, w, b, learning_rate):
    w, _, loss = _step(x, t, w, b, learning_rate)
    return w, b, loss


def step_gradients(x, t, w, b, learning_rate):
    stepped, biased, loss = _step(x, t, w, b, 1.0)
    return w - stepped, b - biased, loss


def epoch_loss(losses, sizes):
    return np.sum(losses * sizes) / np.sum(sizes)


def draw_epoch_loss(rng, size):
    steps, batch_size = int(rng.integers(2, size + 3)), int(rng.integers(2, 4 * size))
    sizes = np.full(steps, batch_size)
    sizes[-1] = rng.integers(1, batch_size)
    losses = rng.integers(1, 9, steps).astype(float) if size == 1 else rng.uniform(0.1, 2, steps)
    losses[-1] += 2  # a last batch that stands out
    return losses, sizes


def epoch_plain_mean(losses, sizes):
    return np.mean(losses)


def epoch_not_divided(losses, sizes):
    return np.sum(losses * sizes)


def epoch_by_batches(losses, sizes):
    return np.sum(losses * sizes) / len(sizes)


def epoch_last(losses, sizes):
    return losses[-1]


def epoch_sum_over_rows(losses, sizes):
    return np.sum(losses) / np.sum(sizes)


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


def accuracy_not_strict(y, t, threshold=0.5):
    return np.mean((y >= threshold) == (t == 1))


def accuracy_fixed(y, t, threshold=0.5):
    return np.mean((y > 0.5) == (t == 1))


def accuracy_counted(y, t, threshold=0.5):
    return np.sum((y > threshold) == (t == 1))


def accuracy_of_ones(y, t, threshold=0.5):
    return np.sum((y > threshold) & (t == 1)) / np.sum(t == 1)


def accuracy_without_threshold(y, t, threshold=0.5):
    return np.mean(y == t)


def accuracy_of_misses(y, t, threshold=0.5):
    return np.mean((y > threshold) != (t == 1))


def accuracy_without_zeros(y, t, threshold=0.5):
    return np.mean((y > threshold) & (t == 1))


def column(*values):
    return np.array(values, float)[:, None]


EXERCISES = [
    Exercise(
        id="08.batch_rows",
        title="The rows of one batch",
        level="easy",
        minutes=5,
        answer=batch_rows,
        draw=draw_batch_rows,
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
                batch_from_step,
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
                batch_counted_from_one,
                "The batches are counted from 1; here the first one has the number 0.",
            ),
            WrongAnswer(
                batch_one_too_many,
                "This has one row too many: a slice ends before its second number.",
            ),
            WrongAnswer(
                batch_one_too_few,
                "This has one row too few: a slice ends before its second number, so there is "
                "nothing to take off.",
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
        examples=(
            (column(1, -1), column(1, 0), column(0), np.zeros(1), 1.0),
            (column(2, 1, -1), column(1, 0, 0), column(1), np.ones(1), 0.5),
        ),
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
                step_uphill,
                "The step goes uphill: the gradient points up, so learning_rate times it is "
                "subtracted.",
            ),
            WrongAnswer(
                step_summed,
                "The gradients are those of the sum of the losses; the mean divides them by n.",
            ),
            WrongAnswer(
                step_loss_after,
                "The loss is taken after the update; it belongs to the weights that made y.",
            ),
            WrongAnswer(
                step_without_rate,
                "The whole gradient is subtracted; multiply it by learning_rate first.",
            ),
            WrongAnswer(step_weight_only, "The bias stays as it was; it has a gradient too."),
            WrongAnswer(
                step_gradients,
                "These are the gradients; the step returns the new weights, "
                "w - learning_rate * dw.",
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
        examples=((np.array([1.0, 1.0, 4.0]), np.array([4, 4, 1])),),
        hints=(
            "Each row of the data should count the same. How much does a row of the last, smaller "
            "batch count in a plain mean of the losses?",
            "A batch loss is a mean over its rows: times its size it is their sum. Add these sums "
            "and divide by all the rows.",
            "np.sum(losses * sizes) is the sum over all rows; np.sum(sizes) is their number.",
        ),
        wrong=(
            WrongAnswer(
                epoch_plain_mean,
                "Every batch counts the same here, so a row of the small last batch counts for "
                "more than others; weigh each loss by the size of its batch.",
            ),
            WrongAnswer(
                epoch_not_divided,
                "This is the sum over all rows; divide it by their number, the sum of sizes.",
            ),
            WrongAnswer(
                epoch_by_batches,
                "The sum over all rows is divided by the number of batches; divide by the number "
                "of rows.",
            ),
            WrongAnswer(
                epoch_last, "This is the last batch alone; the epoch is the mean over all its rows."
            ),
            WrongAnswer(
                epoch_sum_over_rows,
                "The losses are means already; multiply each by its size before they are added.",
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
        examples=(
            (column(0.9, 0.5, 0.2), column(1, 0, 1)),
            (column(0.9, 0.5, 0.25), column(1, 1, 0), 0.25),
        ),
        hints=(
            "First turn each output into a yes or no, then compare it with the target, then count.",
            "y > threshold is an array of True and False, and so is t == 1. Where the two are "
            "equal, the answer is right.",
            "np.mean of an array of True and False is the share of True.",
        ),
        wrong=(
            WrongAnswer(
                accuracy_not_strict,
                "An output exactly at the threshold counts as 1 here; the test is strict: "
                "y > threshold.",
            ),
            WrongAnswer(
                accuracy_fixed, "The threshold is fixed at 0.5; use the argument threshold."
            ),
            WrongAnswer(
                accuracy_counted, "This is how many are right; divide by the number of rows."
            ),
            WrongAnswer(
                accuracy_of_ones,
                "This looks only at the rows whose target is 1; that share is called recall.",
            ),
            WrongAnswer(
                accuracy_without_threshold,
                "This compares the outputs themselves with 0 and 1; first turn each into a yes or "
                "no: y > threshold.",
            ),
            WrongAnswer(accuracy_of_misses, "This is the share of wrong answers."),
            WrongAnswer(
                accuracy_without_zeros,
                "A target 0 that gets a low output is right too, and is not counted here.",
            ),
        ),
    ),
]
