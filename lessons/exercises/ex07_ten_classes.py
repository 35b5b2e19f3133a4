"""Exercises of lesson 07: the softmax, its loss, and how often the largest output is right."""

import numpy as np

from dlcore.backends.numpy import (
    sigmoid,
    softmax,
    sparse_categorical_accuracy,
    sparse_categorical_crossentropy,
)
from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, sizes, table


def beliefs(rng, size, n, k):
    """Rows of positive numbers that add up to 1; eighths for the tiny cases."""
    if size == 1:
        return (1 + rng.multinomial(8 - k, np.full(k, 1 / k), n)) / 8
    return softmax(numbers(rng, size, n, k))


def some_labels(rng, n, k):
    """A class for each row, at least two different ones."""
    labels = rng.integers(0, k, n)
    labels[:2] = rng.choice(k, 2, False)
    return labels


def draw_softmax(rng, size):
    return (numbers(rng, size, *sizes(rng, size, 2)),)


def draw_crossentropy(rng, size):
    n, k = sizes(rng, size, 2)
    return beliefs(rng, size, n, k), some_labels(rng, n, k)


def draw_accuracy(rng, size):
    n, k = (1 + each for each in sizes(rng, size, 2))
    while True:
        y = beliefs(rng, size, n, k)
        best = y == y.max(axis=1, keepdims=True)
        labels = np.where(rng.random(n) < 0.5, y.argmax(axis=1), rng.integers(0, k, n))
        right = y.argmax(axis=1) == labels
        if best.sum() == n and 0 < right.sum() < n and len(set(labels)) > 1:
            return y, labels


def crossentropy_spelled(y, labels):
    p = np.clip(y, 1e-7, 1 - 1e-7)
    return -np.log(p[np.arange(len(labels)), labels])


def kept(y):
    return np.clip(y, 1e-7, 1 - 1e-7)


def picked(y, labels):
    """What the true class of each row was given, kept away from 0 and 1."""
    return kept(y)[np.arange(len(labels)), labels]


def one_hot(y, labels):
    t = np.zeros_like(y)
    t[np.arange(len(labels)), labels] = 1
    return t


def binary_crossentropy(y, labels):
    return -np.log(kept(1 - np.abs(one_hot(y, labels) - y))).mean(axis=1)


def last_of_the_largest(y):
    return y.shape[1] - 1 - y[:, ::-1].argmax(axis=1)


def softmax_of_the_batch(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def softmax_down_the_columns(x):
    e = np.exp(x - x.max(axis=0))
    return e / e.sum(axis=0)


def softmax_with_one_shift(x):
    e = np.exp(x - x.max())
    return e / e.sum(axis=1, keepdims=True)


def softmax_with_the_smallest_shift(x):
    e = np.exp(x - x.min(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def softmax_with_the_shift_below_the_line(x):
    return np.exp(x) / np.exp(x - x.max(axis=1, keepdims=True)).sum(axis=1, keepdims=True)


def softmax_with_the_first_of_each_row(x):
    e = np.exp(x - x[:, :1])
    return e / e.sum(axis=1, keepdims=True)


def softmax_with_a_shift_of_1000(x):
    e = np.exp(x - 1000)
    return e / e.sum(axis=1, keepdims=True)


def softmax_with_the_mean_of_all(x):
    e = np.exp(x - x.mean())
    return e / e.sum(axis=1, keepdims=True)


def softmax_with_zeros_for_what_is_no_number(x):
    e = np.exp(x)
    return np.nan_to_num(e / e.sum(axis=1, keepdims=True))


def softmax_of_absolute_values(x):
    e = np.exp(-np.abs(x))
    return e / e.sum(axis=1, keepdims=True)


def softmax_of_powers_of_two(x):
    e = 2 ** (x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def log_softmax(x):
    x = x - x.max(axis=1, keepdims=True)
    return x - np.log(np.exp(x).sum(axis=1, keepdims=True))


EXERCISES = [
    Exercise(
        id="07.softmax",
        title="From any numbers to one belief",
        level="core",
        minutes=6,
        answer=softmax,
        draw=draw_softmax,
        examples=(
            (table("0 1 3; 2 0 -1"),),
            # Far out, the largest first and last, and the rows far from each other.
            (table("1000 1001 998 999; 800 -3 0 1; 2 -1 0 800; -3 0 1 2; 1 3 -2 0"),),
        ),
        hints=(
            "First make every number positive, then divide each by the sum of its row. Before "
            "that, see to it that no number is too large for np.exp: what may you take away from "
            "all numbers of a row?",
            "x.max(axis=1, keepdims=True) is the largest of each row, as a column of shape [n, 1]; "
            "x minus that column has 0 as its largest number in every row.",
            "e = np.exp(x - x.max(axis=1, keepdims=True)), and then e divided by "
            "e.sum(axis=1, keepdims=True).",
        ),
        wrong=(
            WrongAnswer(
                lambda x: np.exp(x) / np.exp(x).sum(axis=1, keepdims=True),
                "exp of a large number is infinite on a computer, with 32 bits from 89 on, and "
                "infinity over infinity is not a number; take the largest of each row away first.",
            ),
            WrongAnswer(
                softmax_with_one_shift,
                "The largest number of the whole batch is taken away from every row, so that a row "
                "far below it has only zeros to divide; take away the largest of each row.",
            ),
            WrongAnswer(
                softmax_with_the_smallest_shift,
                "What is taken away is not the largest of each row, so that a large number stays "
                "large and exp of it infinite; take away x.max(axis=1, keepdims=True).",
            ),
            WrongAnswer(
                softmax_of_the_batch,
                "The whole batch shares one unit of belief here; each row has a unit of its own "
                "(axis=1, keepdims=True).",
            ),
            WrongAnswer(
                softmax_down_the_columns,
                "The columns add up to 1 here; it is the rows that should (axis=1).",
            ),
            WrongAnswer(
                lambda x: x / x.sum(axis=1, keepdims=True),
                "The numbers are divided as they are; exp comes first and makes them positive.",
            ),
            WrongAnswer(
                sigmoid,
                "This squeezes each number by itself, as the sigmoid does; here the numbers of a "
                "row share one unit.",
            ),
            WrongAnswer(
                lambda x: np.exp(x - x.max(axis=1, keepdims=True)),
                "The exponentials are not divided by their sum, so a row does not add up to 1.",
            ),
            WrongAnswer(
                lambda x: np.exp(x),
                "These are the exponentials alone: divide each by the sum of its row, and take the "
                "largest of the row away first.",
            ),
            WrongAnswer(
                lambda x: np.eye(x.shape[1])[x.argmax(axis=1)],
                "The largest gets everything and the others nothing; softmax leaves the others "
                "their shares.",
            ),
            WrongAnswer(
                lambda x: softmax(-x),
                "The sign is turned: the largest logit should get the largest share.",
            ),
            WrongAnswer(
                log_softmax,
                "This is the logarithm of the shares; leave the logarithm to the loss.",
            ),
            WrongAnswer(
                lambda x: softmax(x / x.max(axis=1, keepdims=True)),
                "Each row is divided by its largest number; take it away instead (x - ...): only "
                "differences count.",
            ),
            WrongAnswer(
                lambda x: np.exp(x - x.max(axis=1, keepdims=True)) / np.abs(x).sum(),
                "The exponentials are divided by a sum of logits; divide them by the sum of the "
                "exponentials of their row.",
            ),
            WrongAnswer(
                lambda x: np.abs(x) / np.abs(x).sum(axis=1, keepdims=True),
                "Absolute values make the numbers positive, but a logit of -3 is not worth as much "
                "as one of 3; exp keeps the order.",
            ),
            WrongAnswer(
                softmax_of_absolute_values,
                "The sign of a number is lost in np.abs; only the largest of the row is taken "
                "away before exp.",
            ),
            WrongAnswer(
                softmax_of_powers_of_two,
                "Powers of 2 are shared out here; softmax takes powers of e, np.exp.",
            ),
            WrongAnswer(
                lambda x: np.exp(x - x.max(axis=1, keepdims=True)) / x.shape[1],
                "The exponentials are divided by their number; divide by their sum.",
            ),
            WrongAnswer(
                lambda x: softmax((x - x.mean(axis=1, keepdims=True)) / x.std()),
                "The numbers are scaled by their spread first; softmax takes the differences as "
                "they are.",
            ),
            WrongAnswer(
                lambda x: sigmoid(x) / sigmoid(x).sum(axis=1, keepdims=True),
                "Sigmoids are divided by their sum here; softmax shares out the exponentials, "
                "np.exp.",
            ),
            WrongAnswer(
                softmax_with_the_shift_below_the_line,
                "The largest is taken away below the line only; above it exp(1000) is still "
                "infinite. Make e = np.exp(x - ...) once, and divide e by its sum.",
            ),
            WrongAnswer(
                softmax_with_the_first_of_each_row,
                "The first number of each row is taken away; one that is far larger stays large, "
                "and exp of it infinite. Take away the largest.",
            ),
            WrongAnswer(
                lambda x: softmax(np.clip(x, -80, 80)),
                "What is above 80 is cut off before exp, so that 998 and 1001 get the same share; "
                "take the largest of the row away, and every difference is kept.",
            ),
            WrongAnswer(
                softmax_with_the_mean_of_all,
                "The mean of the whole batch is taken away from every row; take away the largest "
                "of each row.",
            ),
            WrongAnswer(
                softmax_with_zeros_for_what_is_no_number,
                "np.nan_to_num turns infinity over infinity into 0, so that the row does not add "
                "up to 1; take the largest of each row away first, and nothing becomes infinite.",
            ),
            WrongAnswer(
                lambda x: x**2 / (x**2).sum(axis=1, keepdims=True),
                "Squares make the numbers positive, but a logit of -3 is then worth as much as one "
                "of 3; exp keeps the order.",
            ),
            WrongAnswer(
                softmax_with_a_shift_of_1000,
                "1000 is taken away from every row; where the numbers are far below it all of exp "
                "is 0. Take away the largest of each row.",
            ),
        ),
    ),
    Exercise(
        id="07.sparse_categorical_crossentropy",
        title="What the true class was given",
        level="core",
        minutes=5,
        answer=sparse_categorical_crossentropy,
        spelled=crossentropy_spelled,
        draw=draw_crossentropy,
        examples=(
            (table("0.5 0.25 0.25; 0.125 0.75 0.125"), np.array([1, 0])),
            # A true class that was given nothing, and one that was given everything.
            (table("0 0.75 0.25; 0.5 0.25 0.25; 0 0 1; 0.125 0.5 0.375"), np.array([0, 2, 2, 1])),
        ),
        hints=(
            "One number of each row counts: what its true class was given. Pick these n numbers "
            "first.",
            "y[np.arange(n), labels] pairs row 0 with labels[0], row 1 with labels[1], and so on; "
            "n is len(labels). np.clip keeps them in [1e-7, 1 - 1e-7].",
            "p = np.clip(y, 1e-7, 1 - 1e-7), and the loss is "
            "-np.log(p[np.arange(len(labels)), labels]).",
        ),
        wrong=(
            WrongAnswer(
                lambda y, labels: -np.log(y[np.arange(len(labels)), labels]),
                "Right, until the true class is given 0: log(0) is minus infinity. Keep the "
                "probability in [1e-7, 1 - 1e-7] first.",
            ),
            WrongAnswer(
                lambda y, labels: -np.log(kept(y)[:, labels]),
                "y[:, labels] takes the classes of all labels from every row; pair each row with "
                "its own: y[np.arange(n), labels].",
            ),
            WrongAnswer(
                lambda y, labels: -np.log(kept(y).max(axis=1)),
                "This asks the class with the largest output; the loss asks the true one, the "
                "label.",
            ),
            WrongAnswer(
                lambda y, labels: -np.log(picked(y, labels)).mean(),
                "This is one number for the batch; each row wants its own.",
            ),
            WrongAnswer(
                lambda y, labels: -np.log(picked(y, labels)).sum(),
                "The losses of the rows are added up; each row wants its own.",
            ),
            WrongAnswer(
                lambda y, labels: np.log(picked(y, labels)),
                "The minus sign is missing: the logarithm of a probability is negative, a loss is "
                "not.",
            ),
            WrongAnswer(
                lambda y, labels: -np.log(picked(y, labels - 1)),
                "The classes are counted from 1 here; the first class has the label 0.",
            ),
            WrongAnswer(
                lambda y, labels: -np.log(1 - picked(y, labels)),
                "This charges what the true class was not given, with the logarithm of 1 - p; it "
                "is -log p.",
            ),
            WrongAnswer(
                lambda y, labels: -np.log(kept(y)[0, labels]),
                "All labels are looked up in the first row; each row has its own: "
                "y[np.arange(n), labels].",
            ),
            WrongAnswer(
                lambda y, labels: -np.log(kept(y)[:, 0]),
                "This is what the first class was given; each row asks for its own label.",
            ),
            WrongAnswer(
                lambda y, labels: 1 - picked(y, labels),
                "This is 1 - p; the loss is -log p, which grows on and on as p falls to 0.",
            ),
            WrongAnswer(
                picked,
                "This is the probability of the true class; the loss is minus its logarithm.",
            ),
            WrongAnswer(
                lambda y, labels: -picked(y, labels),
                "The logarithm is missing: the loss is -log p.",
            ),
            WrongAnswer(
                lambda y, labels: -np.log2(picked(y, labels)),
                "This is the logarithm to the base 2; the loss takes the natural one, np.log.",
            ),
            WrongAnswer(
                lambda y, labels: -np.log10(picked(y, labels)),
                "This is the logarithm to the base 10; the loss takes the natural one, np.log.",
            ),
            WrongAnswer(
                lambda y, labels: -np.log(picked(y, labels)) / y.shape[1],
                "The loss is divided by the number of classes; only one class is charged, so "
                "there is nothing to average.",
            ),
            WrongAnswer(
                lambda y, labels: -np.log(kept(y)).sum(axis=1),
                "Every class is charged here; only the probability of the true class counts.",
            ),
            WrongAnswer(
                lambda y, labels: -np.log(kept(y)).mean(axis=1),
                "This averages over all classes; only the probability of the true class counts.",
            ),
            WrongAnswer(
                lambda y, labels: -(y * np.log(kept(y))).sum(axis=1),
                "The outputs weigh their own logarithms, and the labels are not used; the loss "
                "asks the true class alone.",
            ),
            WrongAnswer(
                lambda y, labels: -np.log(kept(1 - np.abs(one_hot(y, labels) - y))).sum(axis=1),
                "The wrong classes are charged as well, each for its 1 - y: that is the binary "
                "crossentropy of lesson 03. Here they are charged by the share that they took.",
            ),
            WrongAnswer(
                lambda y, labels: -labels * np.log(picked(y, labels)),
                "The logarithm is multiplied by the number of the class; a label only says where "
                "to look.",
            ),
            WrongAnswer(
                binary_crossentropy,
                "This is the binary crossentropy of lesson 03, a mean over all classes; here only "
                "the true class is charged.",
            ),
            WrongAnswer(
                lambda y, labels: -np.log(picked(softmax(y), labels)),
                "The softmax is taken once more; y is what a softmax has shared out already.",
            ),
            WrongAnswer(
                lambda y, labels: -(labels[:, None] * np.log(kept(y))).sum(axis=1),
                "The class number is used as a weight; the weight is 1 for the true class and 0 "
                "for the others.",
            ),
            WrongAnswer(
                lambda y, labels: -np.log(kept(y)[labels]),
                "y[labels] picks whole rows, but labels pick columns: y[np.arange(n), labels].",
            ),
            WrongAnswer(
                lambda y, labels: -np.log(kept(y)[labels, np.arange(len(labels))]),
                "Rows and columns have changed places: y[np.arange(n), labels], for labels pick "
                "columns.",
            ),
            WrongAnswer(
                lambda y, labels: -np.log(kept(y)[np.arange(y.shape[1]), labels]),
                "np.arange goes over the classes here; it goes over the rows, n = len(labels).",
            ),
            WrongAnswer(
                lambda y, labels: np.full(len(y), -np.log(picked(y, labels)).mean()),
                "Every row gets the mean of the batch; each has a loss of its own.",
            ),
            WrongAnswer(
                lambda y, labels: -picked(y, labels) * np.log(picked(y, labels)),
                "The logarithm is multiplied by p here; the target of the true class is 1, so the "
                "loss is -log p alone.",
            ),
            WrongAnswer(
                lambda y, labels: np.clip(-np.log(y[np.arange(len(y)), labels]), 0, 16),
                "The loss is cut off here; keep the probability in [1e-7, 1 - 1e-7] before the "
                "logarithm.",
            ),
            WrongAnswer(
                lambda y, labels: -np.log(np.clip(picked(y, labels), 1e-3, 1 - 1e-3)),
                "The probability is kept away from 0 and 1 by 1e-3; 1e-7 is enough.",
            ),
        ),
    ),
    Exercise(
        id="07.sparse_categorical_accuracy",
        title="Right or wrong",
        level="easy",
        minutes=3,
        answer=sparse_categorical_accuracy,
        draw=draw_accuracy,
        examples=(
            (
                table("0.125 0.375 0.25 0.25; 0.5 0.125 0.25 0.125; 0.25 0.125 0.5 0.125"),
                np.array([1, 3, 2]),
            ),
            # Of equal ones the first is named.
            (
                table("0.375 0.375 0.125 0.125; 0.125 0.375 0.375 0.125; 0.25 0.125 0.125 0.5"),
                np.array([1, 1, 3]),
            ),
        ),
        hints=(
            "Which class does the network name in a row? Compare that with the label.",
            "np.argmax(y, axis=1) gives the class with the largest output of each row, and == "
            "compares two arrays number by number, to True and False.",
            "y.argmax(axis=1) == t, as numbers: .astype(float) turns True into 1.",
        ),
        wrong=(
            WrongAnswer(
                lambda y, t: np.mean(y.argmax(axis=1) == t),
                "This is the share of the batch; each row wants its own 1 or 0.",
            ),
            WrongAnswer(
                lambda y, t: np.sum(y.argmax(axis=1) == t),
                "This counts the right rows; each row wants its own 1 or 0.",
            ),
            WrongAnswer(
                lambda y, t: np.all(y.argmax(axis=1) == t),
                "This asks whether the whole batch is right; each row wants its own 1 or 0.",
            ),
            WrongAnswer(
                lambda y, t: (y.argmax(axis=1) == np.argmax(t)).astype(float),
                "np.argmax(t) is the row with the largest label; t holds class numbers already, so "
                "compare with t itself.",
            ),
            WrongAnswer(
                lambda y, t: y.argmax(axis=0),
                "This looks down each column (axis=0) for a row; the classes lie along the row "
                "(axis=1).",
            ),
            WrongAnswer(
                lambda y, t: y.argmax(axis=1),
                "These are the classes that are named; what is left is to compare them with t.",
            ),
            WrongAnswer(
                lambda y, t: (y.argmax() == t).astype(float),
                "This is one place in the whole table; each row has a largest output of its own "
                "(axis=1).",
            ),
            WrongAnswer(
                lambda y, t: (y[np.arange(len(t)), t] > 0.5).astype(float),
                "This asks whether the true class got more than one half; with many classes less "
                "can be the most.",
            ),
            WrongAnswer(
                lambda y, t: (y.argmax(axis=1) != t).astype(float),
                "This is 1 where the answer is wrong; it should be 1 where it is right.",
            ),
            WrongAnswer(
                lambda y, t: y[np.arange(len(t)), t],
                "This is the probability of the true class; the question is only whether it is the "
                "largest of its row.",
            ),
            WrongAnswer(
                lambda y, t: (y.argmax(axis=1) + 1 == t).astype(float),
                "The classes are counted from 1 here; argmax counts from 0, and so do the labels.",
            ),
            WrongAnswer(
                lambda y, t: (y.max(axis=1) == t).astype(float),
                "The largest output itself is compared with the label; compare the place where it "
                "stands (argmax, not max).",
            ),
            WrongAnswer(
                lambda y, t: (y.argmin(axis=1) == t).astype(float),
                "This asks the class with the smallest output; the largest one is named (argmax).",
            ),
            WrongAnswer(
                lambda y, t: (y == y.max(axis=1, keepdims=True)).astype(float),
                "This marks the largest output of each row, and the labels are not used; each row "
                "wants one number.",
            ),
            WrongAnswer(
                lambda y, t: np.abs(y.argmax(axis=1) - t).astype(float),
                "This is how far apart the two class numbers are; a class is no amount, so it is "
                "right or wrong.",
            ),
            WrongAnswer(
                lambda y, t: (y[np.arange(len(t)), t] == y.max(axis=1)).astype(float),
                "Where two outputs are the largest, each of them counts as right here; one class "
                "is named, the first of them (argmax).",
            ),
            WrongAnswer(
                lambda y, t: (last_of_the_largest(y) == t).astype(float),
                "Of equal largest outputs the last one is named here; np.argmax names the first.",
            ),
            WrongAnswer(
                lambda y, t: (y[np.arange(len(t)), t] >= 0.5).astype(float),
                "This asks whether the true class got one half or more; here the largest of the "
                "row decides, however small.",
            ),
            WrongAnswer(
                lambda y, t: ((y > 0.5).argmax(axis=1) == t).astype(float),
                "One half was the border of a single yes or no; here the largest of the row "
                "decides, however small.",
            ),
            WrongAnswer(
                lambda y, t: (y.argmax(axis=0) == t).astype(float),
                "argmax goes down the columns here (axis=0); the classes lie along the row: "
                "axis=1.",
            ),
            WrongAnswer(
                lambda y, t: (y.argmax(axis=1) == np.argmax(t, axis=1)).astype(float),
                "t holds class numbers already, one a row; compare with t itself.",
            ),
            WrongAnswer(
                lambda y, t: (y.argmax(axis=1, keepdims=True) == t).astype(float),
                "The named classes stand in a column here, so that each is compared with all "
                "labels; leave keepdims out.",
            ),
        ),
    ),
]
