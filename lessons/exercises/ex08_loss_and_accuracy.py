"""Exercises of lesson 08: the loss of an epoch, and the share of right answers."""

import numpy as np

from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import table


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
                lambda losses, sizes: losses[0],
                "This is the first batch alone; the epoch is the mean over all its rows.",
            ),
            WrongAnswer(
                lambda losses, sizes: losses[0] * sizes[0] / np.sum(sizes),
                "Only the first batch is counted, over the rows of all; add every batch up.",
            ),
            WrongAnswer(
                lambda losses, sizes: np.sum(losses) * sizes[0] / np.sum(sizes),
                "Every loss is multiplied by the size of the first batch; each has its own.",
            ),
            WrongAnswer(
                lambda losses, sizes: np.sum(losses * sizes) / np.sum(losses),
                "Losses and sizes have changed places: this is a mean of the sizes, weighed by the "
                "losses.",
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
                lambda y, t, threshold=0.5: np.mean(t == 0),
                "Every row is answered with 0 here, as by np.argmax of a single column; the answer "
                "is y > threshold.",
            ),
            WrongAnswer(
                lambda y, t, threshold=0.5: np.mean(np.abs(y - t) < threshold),
                "The threshold is taken for the largest miss allowed; it divides the outputs: "
                "y > threshold is a yes.",
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
