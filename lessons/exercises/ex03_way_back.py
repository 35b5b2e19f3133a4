"""Exercises of lesson 03: the slopes of the sigmoid and of its loss, apart and together."""

import numpy as np

from dlcore.backends.numpy import (
    binary_crossentropy_from_logits_grad,
    binary_crossentropy_grad,
    sigmoid,
    sigmoid_grad,
)
from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, sizes, table


def targets(rng, n, k):
    t = rng.integers(0, 2, (n, k)).astype(float)
    t.flat[:2] = rng.permutation([0.0, 1.0])
    return t


def shares(rng, n):
    """What each row counts: never 1 and never 1/n, and different for each."""
    return rng.permutation(np.arange(2.0, n + 2) / 4)


def draw_sigmoid_grad(rng, size):
    x = numbers(rng, size, *sizes(rng, size, 2))
    return numbers(rng, size, *x.shape), sigmoid(x)


def draw_crossentropy_grad(rng, size):
    n, k = sizes(rng, size, 2)
    y = rng.integers(1, 8, (n, k)) / 8 if size == 1 else rng.uniform(0.05, 0.95, (n, k))
    return shares(rng, n), y, targets(rng, n, k)


def crossentropy_grad_spelled(dloss, y, t):
    p = np.clip(y, 1e-7, 1 - 1e-7)
    dp = (p - t) / (p * (1 - p)) / y.shape[1]
    return dloss[:, None] * np.where(p == y, dp, 0)


def slope(y, t):
    """The slope of the loss of one number, 0 where y was cut off."""
    p = np.clip(y, 1e-7, 1 - 1e-7)
    return np.where(p == y, (p - t) / (p * (1 - p)), 0)


def grad_without_clip(dloss, y, t):
    return dloss[:, None] * (y - t) / (y * (1 - y)) / y.shape[1]


def grad_with_clip_alone(dloss, y, t):
    p = np.clip(y, 1e-7, 1 - 1e-7)
    return dloss[:, None] * (p - t) / (p * (1 - p)) / y.shape[1]


def grad_with_cut_at_0_and_1_alone(dloss, y, t):
    p = np.clip(y, 1e-7, 1 - 1e-7)
    dp = (p - t) / (p * (1 - p)) / y.shape[1]
    return dloss[:, None] * np.where((y > 0) & (y < 1), dp, 0)


def grad_where_cut_off(dloss, y, t):
    p = np.clip(y, 1e-7, 1 - 1e-7)
    return dloss[:, None] * np.where(p == y, 0, (p - t) / (p * (1 - p))) / y.shape[1]


def grad_without_bracket(dloss, y, t):
    p = np.clip(y, 1e-7, 1 - 1e-7)
    return dloss[:, None] * np.where(p == y, (p - t) / p * (1 - p), 0) / y.shape[1]


def grad_by(factor):
    """A wrong slope, with the cut and the shares as they should be."""

    def grad(dloss, y, t):
        p = np.clip(y, 1e-7, 1 - 1e-7)
        return dloss[:, None] * np.where(p == y, factor(p, t), 0) / y.shape[1]

    return grad


def draw_from_logits_grad(rng, size):
    n, k = sizes(rng, size, 2)
    z = numbers(rng, size, n, k)
    z.flat[:2] = 2, -1
    return shares(rng, n), z, targets(rng, n, k)


def from_logits_grad_spelled(dloss, z, t):
    return dloss[:, None] * (1 / (1 + np.exp(-z)) - t) / z.shape[1]


def logits_grad_by(factor):
    """A wrong slope of a row's numbers, with the shares as they should be."""

    def grad(dloss, z, t):
        return dloss[:, None] * factor(z, sigmoid(z), t) / z.shape[1]

    return grad


def logits_grad_overflowing(dloss, z, t):
    return dloss[:, None] * (np.exp(z) / (1 + np.exp(z)) - t) / z.shape[1]


def logits_grad_the_long_way(dloss, z, t):
    return sigmoid_grad(binary_crossentropy_grad(dloss, sigmoid(z), t), sigmoid(z))


EXERCISES = [
    Exercise(
        id="03.sigmoid_grad",
        title="Back through the sigmoid",
        level="easy",
        minutes=3,
        answer=sigmoid_grad,
        draw=draw_sigmoid_grad,
        examples=((table("1 2 -3; 4 -1 2"), table("0.5 0.25 0.75; 0.125 0.875 1")),),
        hints=(
            "Two things are multiplied: what comes from above, and the slope of the sigmoid at "
            "this place.",
            "The slope is y (1 - y). You are given y already, so nothing has to be squeezed again.",
            "dy * y * (1 - y), with the brackets around 1 - y.",
        ),
        wrong=(
            WrongAnswer(
                lambda dy, y: y * (1 - y),
                "This is the slope alone; multiply it by dy, which comes from above.",
            ),
            WrongAnswer(
                lambda dy, y: dy * (1 - y**2),
                "1 - y^2 is the slope of tanh; that of the sigmoid is y (1 - y).",
            ),
            WrongAnswer(
                lambda dy, y: dy * sigmoid(y) * (1 - sigmoid(y)),
                "The sigmoid is taken a second time; y is already sigmoid(x), so the slope is "
                "y (1 - y).",
            ),
            WrongAnswer(
                lambda dy, y: dy * y,
                "The factor 1 - y is missing: close to 1 the curve is as flat as close to 0.",
            ),
            WrongAnswer(
                lambda dy, y: dy * (1 - y),
                "The factor y is missing: close to 0 the curve is as flat as close to 1.",
            ),
            WrongAnswer(
                lambda dy, y: dy * y * (y - 1),
                "The sign is turned: the sigmoid rises everywhere, so its slope y (1 - y) is never "
                "negative.",
            ),
            WrongAnswer(
                lambda dy, y: dy * y * 1 - y,
                "The brackets are missing: * comes before -, so only y is subtracted; write "
                "dy * y * (1 - y).",
            ),
            WrongAnswer(
                lambda dy, y: dy * y - y * (1 - y),
                "The slope is subtracted from dy y; dy multiplies the slope, dy * y * (1 - y).",
            ),
            WrongAnswer(
                lambda dy, y: dy + y * (1 - y), "The slope is added to dy; it has to be multiplied."
            ),
            WrongAnswer(
                lambda dy, y: y * (1 - dy) * dy,
                "dy and y have changed places: y (1 - y) is the slope, and dy multiplies.",
            ),
            WrongAnswer(
                lambda dy, y: dy / (y * (1 - y)),
                "dy is divided by the slope; going back multiplies by it, dy * y * (1 - y).",
            ),
            WrongAnswer(
                lambda dy, y: dy @ (y * (1 - y)).T,
                "@ adds up along the rows; here number meets number, with *: dy * y * (1 - y).",
            ),
            WrongAnswer(
                lambda dy, y: dy[:, None] * y * (1 - y),
                "dy[:, None] puts an axis in between; dy has the shape of y already, so they are "
                "multiplied as they are.",
            ),
            WrongAnswer(
                lambda dy, y: dy * y * (1 - y) / y.shape[-1],
                "Nothing is divided by the number of columns here: the mean belongs to the loss, "
                "and the sigmoid takes each number by itself.",
            ),
            WrongAnswer(
                lambda dy, y: dy / 4,
                "One quarter is the slope in the middle alone; elsewhere it is flatter, y (1 - y).",
            ),
            WrongAnswer(
                lambda dy, y: dy * y**2,
                "y is multiplied by itself; the second factor is 1 - y.",
            ),
            WrongAnswer(
                lambda dy, y: dy * (1 - 2 * y),
                "1 - 2 y is how the slope itself changes with y; the slope is y (1 - y).",
            ),
            WrongAnswer(
                lambda dy, y: np.where(y > 0.5, dy, 0),
                "dy goes through or is stopped here; the sigmoid lets a part of it through "
                "everywhere, y (1 - y).",
            ),
            WrongAnswer(
                lambda dy, y: dy * np.gradient(y, axis=-1),
                "np.gradient takes the differences between neighbours in y; the slope of the "
                "sigmoid is y (1 - y).",
            ),
            WrongAnswer(
                lambda dy, y: dy * (1 - y) ** 2,
                "This is (1 - y)^2; one of the two factors is y: y (1 - y).",
            ),
        ),
    ),
    Exercise(
        id="03.binary_crossentropy_grad",
        title="Back through the loss",
        level="core",
        minutes=6,
        answer=binary_crossentropy_grad,
        spelled=crossentropy_grad_spelled,
        draw=draw_crossentropy_grad,
        examples=(
            (
                np.array([0.5, 1.0]),
                table("0.5 0.25 0.75; 0.125 0.875 0.5"),
                table("1 0 1; 1 0 0"),
            ),
            # What was cut off on the way forward: an output of 0, and one of 1.
            (
                np.array([0.75, 0.5, 1.0]),
                table("0 0.25; 1 0.5; 0.75 0.125"),
                table("1 0; 1 0; 0 1"),
            ),
            # Close to 0 and beyond the clip, for a target of 0 and for one of 1.
            (
                np.array([0.75, 0.5]),
                table("1e-9 0.25 0.5 0.75; 0.875 1e-9 0.125 0.25"),
                table("0 1 0 1; 1 1 0 0"),
            ),
        ),
        hints=(
            "The formula above is for one number, between the two ends of the clip. Write it for "
            "the whole table first; then see to what was cut off, to the k columns, and to what "
            "each row counts.",
            "dloss has shape [n]; dloss[:, None] is a column, which multiplies every number of its "
            "row. With p = np.clip(y, 1e-7, 1 - 1e-7), p == y holds where nothing was cut off.",
            "np.where(p == y, (p - t) / (p * (1 - p)), 0), times dloss[:, None], divided by "
            "y.shape[1].",
        ),
        wrong=(
            WrongAnswer(
                grad_without_clip,
                "Where y is exactly 0 or 1 this divides by 0. Such an output was cut off on the "
                "way forward, so the slope is 0 there.",
            ),
            WrongAnswer(
                grad_with_clip_alone,
                "Where y was cut off, moving it a little changes nothing, so the slope is 0 there; "
                "keep the formula where p == y.",
            ),
            WrongAnswer(
                grad_with_cut_at_0_and_1_alone,
                "An output between 0 and 1e-7 was cut off as well, and its slope is 0: compare "
                "with what the clip gave, p == y, not with 0 and 1.",
            ),
            WrongAnswer(
                grad_where_cut_off,
                "The two choices of np.where have changed places: first comes what holds where "
                "p == y, the formula, and then 0.",
            ),
            WrongAnswer(
                lambda dloss, y, t: dloss[:, None] * (y - t) / y.shape[1],
                "1 / (y (1 - y)) is missing: it cancels only behind the sigmoid, and here the "
                "slope at y is asked for. Where y was cut off it is 0.",
            ),
            WrongAnswer(
                grad_by(lambda p, t: (t - p) / (p * (1 - p))),
                "The sign is turned: an output above its target has to come down, so the slope "
                "there is positive, y - t.",
            ),
            WrongAnswer(
                lambda dloss, y, t: dloss[:, None] * slope(y, t),
                "The loss of a row is a mean over its k columns, so the slope is divided by k, "
                "y.shape[1].",
            ),
            WrongAnswer(
                lambda dloss, y, t: slope(y, t) / y.shape[1],
                "dloss is not used: it says how much each row counts, so it multiplies its row.",
            ),
            WrongAnswer(
                lambda dloss, y, t: dloss[:, None] * slope(y, t) / len(y),
                "This is divided by the number of rows; the mean runs over the k columns, and what "
                "each row counts is in dloss.",
            ),
            WrongAnswer(
                lambda dloss, y, t: dloss.mean() * slope(y, t) / y.shape[1],
                "Every row is multiplied by the mean of dloss; each has a number of its own, "
                "dloss[:, None].",
            ),
            WrongAnswer(
                grad_by(lambda p, t: p - t),
                "This is y - t, without the division by y (1 - y); that factor goes only when the "
                "slope of the sigmoid comes in as well.",
            ),
            WrongAnswer(
                grad_by(lambda p, t: 2 * (p - t)),
                "This is the slope of the squared miss; that of the logarithms is "
                "(y - t) / (y (1 - y)).",
            ),
            WrongAnswer(
                grad_without_bracket,
                "The brackets are missing: / y * (1 - y) divides by y and then multiplies by "
                "1 - y; write / (y * (1 - y)).",
            ),
            WrongAnswer(
                grad_by(lambda p, t: (p - t) / p * 1 - p),
                "The brackets are missing, so that y is subtracted at the end; write "
                "/ (y * (1 - y)).",
            ),
            WrongAnswer(
                grad_by(lambda p, t: np.abs(p - t) / (p * (1 - p))),
                "The miss has lost its sign: y - t is negative where an output has to rise.",
            ),
            WrongAnswer(
                lambda dloss, y, t: np.mean(dloss[:, None] * slope(y, t), axis=0),
                "The rows are averaged away; each output of each row has a slope of its own, and "
                "the result has the shape of y.",
            ),
            WrongAnswer(
                grad_by(lambda p, t: -t / p),
                "Only the slope of the first half is here; that of the second, (1 - t) / (1 - y), "
                "is added.",
            ),
            WrongAnswer(
                grad_by(lambda p, t: -t / p - (1 - t) / (1 - p)),
                "The slope of the second half has the wrong sign: log(1 - y) falls where y rises, "
                "so with the minus in front of the loss it is + (1 - t) / (1 - y).",
            ),
            WrongAnswer(
                grad_by(lambda p, t: t / p - (1 - t) / (1 - p) + 2 * (p - t)),
                "The slope of the squared miss is in here as well; the loss has only the "
                "logarithms.",
            ),
            WrongAnswer(
                grad_by(lambda p, t: (p - t) * p * (1 - p)),
                "y - t is multiplied by y (1 - y); it is divided by it: the slope is steep where y "
                "is close to 0 or 1.",
            ),
            WrongAnswer(
                grad_by(lambda p, t: -(t * np.log(p) + (1 - t) * np.log(1 - p))),
                "This is the loss itself; its slope is (y - t) / (y (1 - y)).",
            ),
            WrongAnswer(
                lambda dloss, y, t: (dloss[:, None] * slope(y, t)).mean(axis=1),
                "The columns of a row are averaged to one number; each output keeps its own slope, "
                "divided by k.",
            ),
        ),
    ),
    Exercise(
        id="03.binary_crossentropy_from_logits_grad",
        title="Back through both at once",
        level="core",
        minutes=5,
        answer=binary_crossentropy_from_logits_grad,
        spelled=from_logits_grad_spelled,
        draw=draw_from_logits_grad,
        examples=(
            (np.array([0.5, 1.0]), table("0 2 -1; 3 -2 1"), table("1 0 1; 1 1 0")),
            # Far out on both sides, and badly wrong on one of them.
            (
                np.array([0.75, 0.5, 1.0]),
                table("-1000 1; 1000 -2; 0.5 3"),
                table("1 0; 1 1; 0 0"),
            ),
        ),
        hints=(
            "z is not a probability yet. What turns it into one, and what is the slope at z then?",
            "With y = sigmoid(z) the slope of one number is y - t. It is divided by the number of "
            "columns, and multiplied by what its row counts.",
            "dloss[:, None] * (sigmoid(z) - t) / z.shape[1]",
        ),
        wrong=(
            WrongAnswer(
                logits_grad_by(lambda z, y, t: z - t),
                "z itself is compared with the target; squeeze it first: sigmoid(z) - t.",
            ),
            WrongAnswer(
                logits_grad_by(lambda z, y, t: (y - t) * y * (1 - y)),
                "The slope of the sigmoid, y (1 - y), is in here once more; it has cancelled "
                "against that of the logarithms, so that y - t is left.",
            ),
            WrongAnswer(
                logits_grad_by(lambda z, y, t: t - y),
                "The sign is turned: an output above its target has to come down, so the slope is "
                "y - t.",
            ),
            WrongAnswer(
                lambda dloss, z, t: dloss[:, None] * (sigmoid(z) - t),
                "The loss of a row is a mean over its k columns, so the slope is divided by k, "
                "z.shape[1].",
            ),
            WrongAnswer(
                lambda dloss, z, t: (sigmoid(z) - t) / z.shape[1],
                "dloss is not used: it says how much each row counts, so it multiplies its row.",
            ),
            WrongAnswer(
                lambda dloss, z, t: dloss[:, None] * (sigmoid(z) - t) / len(z),
                "This is divided by the number of rows; the mean runs over the k columns, and what "
                "each row counts is in dloss.",
            ),
            WrongAnswer(
                lambda dloss, z, t: (sigmoid(z) - t) / z.size,
                "Every row counts 1/n here; what it counts is given, dloss[:, None], and k alone "
                "divides.",
            ),
            WrongAnswer(
                logits_grad_by(lambda z, y, t: 1 - y - t),
                "The sign of z is turned before it is squeezed, and sigmoid(-z) is 1 - y; wanted "
                "is sigmoid(z) - t.",
            ),
            WrongAnswer(
                logits_grad_by(lambda z, y, t: y * (1 - y) - t),
                "The slope of the sigmoid is compared with the target; what is compared is the "
                "probability, sigmoid(z) - t.",
            ),
            WrongAnswer(
                logits_grad_by(lambda z, y, t: (y - t) ** 2),
                "The miss is squared: that was the loss of lesson 01; here the slope is y - t "
                "itself.",
            ),
            WrongAnswer(
                logits_grad_by(lambda z, y, t: np.abs(y - t)),
                "The miss has lost its sign: y - t is negative where an output has to rise.",
            ),
            WrongAnswer(
                logits_grad_by(lambda z, y, t: sigmoid(z - t)),
                "The target is subtracted before z is squeezed; squeeze first: sigmoid(z) - t.",
            ),
            WrongAnswer(
                lambda dloss, z, t: np.mean(dloss[:, None] * (sigmoid(z) - t)),
                "This is one number for the whole batch; each output of each row has a slope of "
                "its own.",
            ),
            WrongAnswer(
                logits_grad_by(lambda z, y, t: 2 * (y - t)),
                "The 2 belongs to the squared miss; here nothing was squared, and the slope is "
                "y - t.",
            ),
            WrongAnswer(
                logits_grad_overflowing,
                "This is right on paper, but exp(z) overflows for large z, and infinity over "
                "infinity is not a number; sigmoid, or 1 / (1 + exp(-z)), does not.",
            ),
            WrongAnswer(
                logits_grad_the_long_way,
                "This goes the long way, through y, and where y was cut off it gives 0; y - t "
                "needs no cut, and keeps its slope far out.",
            ),
            WrongAnswer(
                logits_grad_by(lambda z, y, t: y),
                "The target is missing: this is y, and the slope is y - t.",
            ),
            WrongAnswer(
                logits_grad_by(lambda z, y, t: np.clip(slope(z, t), -10, 10)),
                "z is put where y belongs, in (y - t) / (y (1 - y)); with y = sigmoid(z) all of "
                "that comes down to y - t.",
            ),
            WrongAnswer(
                logits_grad_by(lambda z, y, t: slope(y, t)),
                "This is the slope at y, (y - t) / (y (1 - y)); at z the factor y (1 - y) of the "
                "sigmoid cancels it, and y - t is left.",
            ),
            WrongAnswer(
                logits_grad_by(lambda z, y, t: sigmoid(y) - t),
                "The sigmoid is taken twice; once is enough: sigmoid(z) - t.",
            ),
            WrongAnswer(
                logits_grad_by(lambda z, y, t: np.where(z > 0, 1.0, 0.0) - t),
                "z is turned into yes or no, so that a row on the right side of 0 never learns "
                "more; take the probability, sigmoid(z) - t.",
            ),
            WrongAnswer(
                lambda dloss, z, t: (dloss[:, None] * (sigmoid(z) - t)).mean(axis=1),
                "The columns of a row are averaged to one number; each output keeps its own slope, "
                "divided by k.",
            ),
            WrongAnswer(
                lambda dloss, z, t: dloss.mean() * (sigmoid(z) - t) / z.shape[1],
                "Every row is multiplied by the mean of dloss; each has a number of its own, "
                "dloss[:, None].",
            ),
            WrongAnswer(
                lambda dloss, z, t: dloss[:, None] * (np.tanh(z) - t) / z.shape[1],
                "tanh runs from -1 to 1; the probability is sigmoid(z).",
            ),
        ),
    ),
]
