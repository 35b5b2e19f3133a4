"""Exercises of lesson 07: the way back through softmax and loss at once, and through softmax."""

import numpy as np

from dlcore.backends.numpy import (
    softmax,
    softmax_grad,
    sparse_categorical_crossentropy_from_logits_grad,
)
from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, sizes, table


def beliefs(rng, size, n, k):
    """Rows of positive numbers that add up to 1; eighths for the tiny cases."""
    if size == 1:
        return (1 + rng.multinomial(8 - k, np.full(k, 1 / k), n)) / 8
    return softmax(numbers(rng, size, n, k))


def draw_from_logits_grad(rng, size):
    n, k = sizes(rng, size, 2)
    labels = rng.integers(0, k, n)
    labels[:2] = rng.choice(k, 2, False)
    # What each row counts: never 1/n, and different for each.
    return rng.permutation(np.arange(2.0, n + 2) / 4), beliefs(rng, size, n, k), labels


def draw_softmax_grad(rng, size):
    n, k = sizes(rng, size, 2)
    return numbers(rng, size, n, k), beliefs(rng, size, n, k)


def one_hot(y, labels):
    t = np.zeros_like(y)
    t[np.arange(len(labels)), labels] = 1
    return t


def grad_by(factor):
    """A wrong slope of a row's numbers, with the shares as they should be."""

    def grad(dloss, y, labels):
        return dloss[:, None] * factor(y, one_hot(y, labels))

    return grad


def grad_with_all_labels(dloss, y, labels):
    dz = y.copy()
    dz[:, labels] -= 1
    return dloss[:, None] * dz


def grad_with_whole_rows(dloss, y, labels):
    dz = y.copy()
    dz[labels] -= 1
    return dloss[:, None] * dz


def sum_of(dy, y, axis=1):
    return (dy * y).sum(axis=axis, keepdims=True)


EXERCISES = [
    Exercise(
        id="07.sparse_categorical_crossentropy_from_logits_grad",
        title="Back through both at once",
        level="core",
        minutes=6,
        answer=sparse_categorical_crossentropy_from_logits_grad,
        draw=draw_from_logits_grad,
        examples=(
            (
                np.array([0.5, 2.0]),
                table("0.5 0.25 0.25; 0.125 0.75 0.125"),
                np.array([1, 0]),
            ),
        ),
        hints=(
            "Every class has a slope. All but the true one have what they were given; from the "
            "true one 1 is taken away. Then each row counts as much as dloss says.",
            "dz = y.copy() is a copy to work on. dz[np.arange(n), labels] are the n numbers of the "
            "true classes, and 1 can be taken away from them with -= 1; n is len(labels).",
            "After that, dloss[:, None] * dz: the column dloss[:, None] multiplies every number "
            "of its row.",
        ),
        wrong=(
            WrongAnswer(
                lambda dloss, y, labels: y - one_hot(y, labels),
                "dloss is not used: it says how much each row counts, so it multiplies its row.",
            ),
            WrongAnswer(
                grad_by(lambda y, t: t - y),
                "The sign is turned: what was given too much has to come down, so its slope is "
                "positive, y - t.",
            ),
            WrongAnswer(
                grad_by(lambda y, t: (y - t) * y * (1 - y)),
                "y (1 - y) is in here once more; between softmax and logarithm it has cancelled, "
                "and y - t is all that is left.",
            ),
            WrongAnswer(
                grad_by(lambda y, t: t * (y - 1)),
                "Only the true class has a slope here; the others took a share of the unit too, "
                "and have to give it back.",
            ),
            WrongAnswer(
                grad_by(lambda y, t: (1 - t) * y),
                "The true class has no slope here; it has to rise, so its slope is y - 1.",
            ),
            WrongAnswer(
                grad_by(lambda y, t: np.where(t == 1, -1, y)),
                "The true class has -1 here; take 1 away from what it was given (-= 1).",
            ),
            WrongAnswer(
                grad_by(lambda y, t: -t / y),
                "This is the slope with respect to the probability; the way back through the "
                "softmax is still missing.",
            ),
            WrongAnswer(
                lambda dloss, y, labels: dloss[:, None] * (y - labels[:, None]),
                "The number of the class is taken away; take away 1 at its place.",
            ),
            WrongAnswer(
                grad_with_all_labels,
                "dz[:, labels] takes away 1 in the columns of all labels, in every row; pair each "
                "row with its own label: dz[np.arange(n), labels].",
            ),
            WrongAnswer(
                grad_by(lambda y, t: y - 1),
                "1 is taken away from every class; only the true one should have had it.",
            ),
            WrongAnswer(
                grad_by(lambda y, t: y),
                "The labels are not used: 1 is taken away at the place of the true class.",
            ),
            WrongAnswer(
                lambda dloss, y, labels: dloss[:, None] * y - one_hot(y, labels),
                "dloss multiplies y alone; put brackets around y - t, for it multiplies the whole "
                "slope.",
            ),
            WrongAnswer(
                lambda dloss, y, labels: y - dloss[:, None] * one_hot(y, labels),
                "dloss multiplies the 1 alone; put brackets around y - t, for it multiplies the "
                "whole slope.",
            ),
            WrongAnswer(
                lambda dloss, y, labels: dloss.mean() * (y - one_hot(y, labels)),
                "Every row is multiplied by the mean of dloss; each has a number of its own, "
                "dloss[:, None].",
            ),
            WrongAnswer(
                lambda dloss, y, labels: dloss[:, None] * (y - one_hot(y, labels)) / len(y),
                "This is divided by the number of rows; what each row counts is in dloss already.",
            ),
            WrongAnswer(
                lambda dloss, y, labels: dloss[:, None] * (y - one_hot(y, labels)) / y.shape[1],
                "This is divided by the number of classes; the loss of a row is no mean over the "
                "classes here, as it was in lesson 03.",
            ),
            WrongAnswer(
                grad_by(lambda y, t: softmax(y) - t),
                "The softmax is taken a second time; y is softmax(z) already.",
            ),
            WrongAnswer(
                lambda dloss, y, labels: dloss[:, None] * (y - one_hot(y, labels - 1)),
                "The classes are counted from 1 here; the first class has the label 0.",
            ),
            WrongAnswer(
                grad_by(lambda y, t: np.abs(y - t)),
                "The slopes have lost their signs: the logit of the true class has to rise, so its "
                "slope is negative.",
            ),
            WrongAnswer(
                grad_by(lambda y, t: 2 * (y - t)),
                "This is twice as much: 2 (y - t) belongs to the squared miss.",
            ),
            WrongAnswer(
                grad_by(lambda y, t: (y - t) / (y * (1 - y))),
                "This still divides by y (1 - y), as the slope for the output does; for the logit "
                "it has cancelled.",
            ),
            WrongAnswer(
                grad_by(lambda y, t: t * (y - 1) + (1 - t) * (y - 1) * -1),
                "The other classes have 1 - y here; their slope is what they were given, y.",
            ),
            WrongAnswer(
                grad_by(lambda y, t: y + t),
                "1 is added at the true class; it is taken away (-= 1).",
            ),
            WrongAnswer(
                lambda dloss, y, labels: dloss[:, None] * (y - one_hot(y, y.argmax(axis=1))),
                "1 is taken away from the class that was named, not from the label.",
            ),
            WrongAnswer(
                grad_with_whole_rows,
                "dz[labels] takes 1 away from whole rows, but labels pick columns: "
                "dz[np.arange(n), labels].",
            ),
            WrongAnswer(
                lambda dloss, y, labels: dloss.sum() * (y - one_hot(y, labels)),
                "Every row is multiplied by the sum of dloss; each has a number of its own, "
                "dloss[:, None].",
            ),
            WrongAnswer(
                lambda dloss, y, labels: dloss * (y[np.arange(len(y)), labels] - 1),
                "These are the slopes of the true classes alone, one a row; every class has a "
                "slope, so dz has the shape of y.",
            ),
            WrongAnswer(
                lambda dloss, y, labels: np.where(one_hot(y, labels), dloss[:, None] * (y - 1), y),
                "dloss multiplies the true class alone; it multiplies all slopes of its row.",
            ),
        ),
    ),
    Exercise(
        id="07.softmax_grad",
        title="Back through the softmax alone",
        level="stretch",
        minutes=9,
        answer=softmax_grad,
        draw=draw_softmax_grad,
        examples=((table("1 -2 3; 2 0 -1"), table("0.5 0.25 0.25; 0.125 0.125 0.75")),),
        hints=(
            "In each row there is one number that all its classes have in common: the sum over i "
            "of dy_i y_i. Calculate that first, and look at its shape.",
            "(dy * y).sum(axis=1, keepdims=True) is that number for each row, as a column of shape "
            "[n, 1]. It is taken away from every dy of its row.",
            "y times (dy minus that column): y * (dy - ...).",
        ),
        wrong=(
            WrongAnswer(
                lambda dy, y: dy * y * (1 - y),
                "This is the rule of the sigmoid: it leaves out that raising one logit lowers all "
                "the other outputs.",
            ),
            WrongAnswer(
                lambda dy, y: y * (1 - y),
                "dy is not used: it comes from above, and each output's slope is multiplied by it.",
            ),
            WrongAnswer(
                lambda dy, y: y * (dy - sum_of(dy, y, 0)),
                "The sum runs down the columns (axis=0); the outputs of a row share one unit "
                "(axis=1).",
            ),
            WrongAnswer(
                lambda dy, y: y * (dy - sum_of(dy, y, None)),
                "The sum runs over the whole batch; each row has its own (axis=1, keepdims=True).",
            ),
            WrongAnswer(
                lambda dy, y: dy - sum_of(dy, y),
                "The factor y in front is missing: y_j (dy_j - ...).",
            ),
            WrongAnswer(
                lambda dy, y: y * (dy - dy.mean(axis=1, keepdims=True)),
                "The plain mean of dy is taken away; it is the mean weighed by y, the sum of "
                "dy_i y_i.",
            ),
            WrongAnswer(
                lambda dy, y: y * (dy - dy.sum(axis=1, keepdims=True)),
                "The sum lacks its weights: it is the sum of dy_i y_i, not of dy_i.",
            ),
            WrongAnswer(
                lambda dy, y: y * (dy - y * dy.sum(axis=1, keepdims=True)),
                "The sum of dy_i is multiplied by the y of one class; each dy_i has its own y_i, "
                "and both belong into the sum.",
            ),
            WrongAnswer(
                lambda dy, y: dy * y * (1 - y) - y * sum_of(dy, y),
                "The class itself is counted twice: with the factor 1 - y in front, the sum runs "
                "over the others only.",
            ),
            WrongAnswer(
                lambda dy, y: y * (dy - dy.max(axis=1, keepdims=True)),
                "The largest dy is taken away; it is the sum of dy_i y_i.",
            ),
            WrongAnswer(
                lambda dy, y: y * (dy + sum_of(dy, y)),
                "The sum is taken away, not added: the others lose what one gains.",
            ),
            WrongAnswer(
                lambda dy, y: y * (sum_of(dy, y) - dy),
                "The sign is turned: it is dy minus the sum, times y.",
            ),
            WrongAnswer(
                lambda dy, y: dy * y,
                "What the others lose is missing: take the sum of dy_i y_i away from dy first.",
            ),
            WrongAnswer(
                lambda dy, y: y * dy - sum_of(dy, y),
                "The sum is not multiplied by y: both parts are, y (dy - sum).",
            ),
            WrongAnswer(
                lambda dy, y: dy - y * dy.sum(axis=1, keepdims=True),
                "This is the way back through the logarithm of the softmax; through the softmax it "
                "is y (dy - sum of dy_i y_i).",
            ),
            WrongAnswer(
                lambda dy, y: dy * (y - sum_of(dy, y)),
                "dy and y have changed places in front of the bracket: y multiplies, and the sum "
                "is taken from dy.",
            ),
            WrongAnswer(
                lambda dy, y: softmax(y) * (dy - sum_of(dy, softmax(y))),
                "The softmax is taken a second time; y is softmax(x) already.",
            ),
            WrongAnswer(
                lambda dy, y: y * (dy - (dy * y).mean(axis=1, keepdims=True)),
                "The products dy_i y_i are averaged; they are added up, for y is a weight already.",
            ),
            WrongAnswer(
                lambda dy, y: y * (dy - (dy * y).max(axis=1, keepdims=True)),
                "The largest of the products dy_i y_i is taken away; it is their sum.",
            ),
            WrongAnswer(
                lambda dy, y: dy * (y - (y * y).sum(axis=1, keepdims=True)),
                "The sum is one of y_i y_i here; what comes from above belongs into it: dy_i y_i.",
            ),
            WrongAnswer(
                lambda dy, y: y * (1 - y) * (dy - sum_of(dy, y)),
                "The factor 1 - y is too much: what the others lose is in the sum already.",
            ),
            WrongAnswer(
                lambda dy, y: dy - y,
                "y - t is the way back through softmax and logarithm together; here dy comes from "
                "above and goes through the softmax alone.",
            ),
            WrongAnswer(
                lambda dy, y: y * (dy - (sum_of(dy, y) - dy * y)),
                "The sum leaves out j itself; it runs over all classes, j too.",
            ),
            WrongAnswer(
                lambda dy, y: dy * y * (1 - y) - (sum_of(dy, y) - dy * y),
                "The sum over the others lacks the factor y_j: each of them counts dy_i y_i y_j.",
            ),
            WrongAnswer(
                lambda dy, y: dy * y * (1 - y) + y * (sum_of(dy, y) - dy * y),
                "The part of the other classes is added; raising one logit lowers them, so it is "
                "taken away.",
            ),
            WrongAnswer(
                lambda dy, y: y * (dy - sum_of(dy[:, :-1], y[:, :-1])),
                "The last class is missing in the sum, which runs over all k: range(k) ends with "
                "k - 1 by itself.",
            ),
            WrongAnswer(
                lambda dy, y: y * dy * (1 - sum_of(dy, y)),
                "The sum is multiplied by dy here; it is taken away from it, y (dy - sum).",
            ),
            WrongAnswer(
                lambda dy, y: y * (1 - y) * dy - sum_of(dy, y),
                "With the factor 1 - y in front the sum runs over the other classes only, and "
                "each of them counts dy_i y_i y_j.",
            ),
        ),
    ),
]
