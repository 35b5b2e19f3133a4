"""Exercises of lesson 03: from any number to a probability, and what a probability costs."""

import numpy as np

from dlcore.backends.numpy import binary_crossentropy, sigmoid
from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, sizes, table


def draw_x(rng, size):
    x = numbers(rng, size, *sizes(rng, size, 2))
    x.flat[:2] = 2, -1
    return (x,)


def sigmoid_spelled(x):
    return 1 / (1 + np.exp(-x))


def sigmoid_of_size(x):
    e = np.exp(-np.abs(x))
    return 1 / (1 + e)


def sigmoid_cut(x):
    return np.where(np.abs(x) > 500, 0.5, sigmoid(x))


def draw_outputs(rng, size):
    """Outputs inside of (0, 1), and targets of both kinds in every case."""
    n, k = sizes(rng, size, 2)
    y = rng.integers(1, 8, (n, k)) / 8 if size == 1 else rng.uniform(0.02, 0.98, (n, k))
    t = rng.integers(0, 2, (n, k)).astype(float)
    t.flat[:2] = rng.permutation([0.0, 1.0])
    return y, t


def crossentropy_with(y, t, low):
    y = np.clip(y, low, 1 - low)
    return -np.mean(t * np.log(y) + (1 - t) * np.log(1 - y), axis=1)


def crossentropy_kept_below(y, t):
    y = np.maximum(y, 1e-7)
    return -np.mean(t * np.log(y) + (1 - t) * np.log(1 - y), axis=1)


def crossentropy_mended_afterwards(y, t):
    return np.nan_to_num(-np.mean(t * np.log(y) + (1 - t) * np.log(1 - y), axis=1))


def crossentropy_spelled(y, t):
    y = np.clip(y, 1e-7, 1 - 1e-7)
    return -np.mean(t * np.log(y) + (1 - t) * np.log(1 - y), axis=1)


def clipped(y):
    return np.clip(y, 1e-7, 1 - 1e-7)


def terms(y, t):
    y = clipped(y)
    return t * np.log(y) + (1 - t) * np.log(1 - y)


EXERCISES = [
    Exercise(
        id="03.sigmoid",
        title="From any number to a probability",
        level="easy",
        minutes=4,
        answer=sigmoid,
        spelled=sigmoid_spelled,
        draw=draw_x,
        examples=(
            (table("0 2 -1; 3 -3 0.5"),),
            (table("-1000 1000; 0.5 -2; 1 4"),),
            # Far below 0 alone: what is small is compared with what is small.
            (table("-14 -12 -11; -13 -15 -11.5"),),
        ),
        hints=(
            "Work from the inside out: the exponential of -x, then 1 plus that, then 1 divided by "
            "it.",
            "np.exp takes the exponential of every number of an array. Mind the sign: where x is "
            "large, exp(-x) is close to 0, and the result close to 1.",
            "1 / (1 + np.exp(-x)) is all of it, with the brackets. NumPy may warn where x is far "
            "below 0: the exponential becomes infinite there, and 1 divided by it is 0, as it "
            "should be.",
        ),
        wrong=(
            WrongAnswer(
                lambda x: 1 / (1 + np.exp(x)),
                "This falls where it should rise: the sign in the exponent is missing, exp(-x).",
            ),
            WrongAnswer(
                lambda x: np.exp(x) / (1 + np.exp(x)),
                "This is right on paper, but exp(x) overflows for large x, and infinity over "
                "infinity is not a number; with exp(-x) the worst is 1 over infinity, which is 0.",
            ),
            WrongAnswer(
                lambda x: 1 / (1 - np.exp(-x)),
                "The sign in the denominator is wrong: it is 1 + exp(-x), which is never 0.",
            ),
            WrongAnswer(
                lambda x: np.tanh(x),
                "This is tanh, which runs from -1 to 1; the sigmoid runs from 0 to 1.",
            ),
            WrongAnswer(
                lambda x: np.where(x > 0, 1.0, 0.0),
                "This is a step from 0 to 1; the sigmoid passes through all the numbers between.",
            ),
            WrongAnswer(
                sigmoid_of_size,
                "|x| stands in the exponent for both signs, so negative x come out above one half; "
                "for them the result is exp(-|x|) / (1 + exp(-|x|)).",
            ),
            WrongAnswer(
                lambda x: 1 / 1 + np.exp(-x),
                "This is 1 + exp(-x), the denominator alone: / comes before +, so the brackets "
                "count, 1 / (1 + exp(-x)).",
            ),
            WrongAnswer(
                lambda x: 1 + np.exp(x),
                "This is 1 + exp(x): a power -1 or a second minus takes hold of the exponential "
                "alone; 1 is divided by the whole of 1 + exp(-x).",
            ),
            WrongAnswer(
                lambda x: sigmoid(2 * x),
                "This is twice as steep: inside stands 2 x in place of x (0.5 * (1 + tanh(x / 2)) "
                "would be right as well).",
            ),
            WrongAnswer(
                lambda x: sigmoid(np.log(10) * x),
                "This has powers of 10; e is another number, 2.718, and np.exp(-x) its power.",
            ),
            WrongAnswer(
                lambda x: sigmoid(np.log(2) * x),
                "This has powers of 2; e is another number, 2.718, and np.exp(-x) its power.",
            ),
            WrongAnswer(
                lambda x: np.exp(-x),
                "This is the exponential alone; the sigmoid is 1 / (1 + exp(-x)).",
            ),
            WrongAnswer(
                lambda x: 1 / np.exp(-x),
                "The 1 in the denominator is missing: 1 + exp(-x), so that the result stays below "
                "1.",
            ),
            WrongAnswer(
                lambda x: np.clip(x, 0, 1),
                "Everything outside of 0 and 1 is cut off: a line with two corners; the sigmoid "
                "bends all the way.",
            ),
            WrongAnswer(
                lambda x: np.clip(0.5 + x / 4, 0, 1),
                "This is the straight line that touches the sigmoid in the middle; the sigmoid "
                "bends, 1 / (1 + exp(-x)).",
            ),
            WrongAnswer(
                lambda x: (x - x.min()) / (x.max() - x.min()),
                "This stretches the smallest number to 0 and the largest to 1, so each result "
                "depends on all the others; the sigmoid looks at one number alone.",
            ),
            WrongAnswer(
                lambda x: np.exp(x) / np.exp(x).sum(),
                "This divides by the sum over all numbers, so that they share out 1; the sigmoid "
                "looks at one number alone.",
            ),
            WrongAnswer(
                lambda x: sigmoid(x) * (1 - sigmoid(x)),
                "This is the slope of the sigmoid; the function itself is asked for.",
            ),
            WrongAnswer(
                sigmoid_cut,
                "Where the exponential would overflow the result is one half here; far above 0 "
                "the sigmoid is close to 1, and far below close to 0.",
            ),
            WrongAnswer(
                lambda x: np.where(x < -500, 1, sigmoid(x)),
                "Where x is far below 0 the result is 1 here; the sigmoid is close to 0 there.",
            ),
            WrongAnswer(
                lambda x: sigmoid(np.clip(x, -10, 10)),
                "x is cut off at -10 and 10, but out there the sigmoid goes on falling and rising: "
                "at -14 it is 8e-7, not 5e-5. No x is too large for 1 / (1 + exp(-x)).",
            ),
            WrongAnswer(
                lambda x: sigmoid(x[:, 0]),
                "Only the first column comes out, one number for each row; np.exp takes the whole "
                "table at once, and the result has the shape of x.",
            ),
            WrongAnswer(
                lambda x: sigmoid(x) / sigmoid(x).sum(axis=-1, keepdims=True),
                "This is divided by the sum of its row, so that a row adds up to 1; each number "
                "is squeezed by itself, whatever stands beside it.",
            ),
        ),
    ),
    Exercise(
        id="03.binary_crossentropy",
        title="What a probability costs",
        level="core",
        minutes=6,
        answer=binary_crossentropy,
        spelled=crossentropy_spelled,
        draw=draw_outputs,
        examples=(
            (table("0.9 0.2 0.5; 0.1 0.7 0.8"), table("1 0 1; 1 0 0")),
            # A target of 1 that was given no chance at all, and one that was certain.
            (table("0 0.25; 1 0.5; 0.75 0.125"), table("1 0; 1 0; 0 1")),
        ),
        hints=(
            "First keep y away from 0 and 1. Then one number at a time: what is the probability "
            "that was given to what happened, where t is 1, and where t is 0?",
            "t * np.log(y) counts where t is 1 and is 0 elsewhere; (1 - t) * np.log(1 - y) does "
            "the same for t = 0. Add the two; the mean runs along the columns, and there is a "
            "minus in front.",
            "y = np.clip(y, 1e-7, 1 - 1e-7), and then -np.mean(..., axis=1) of the sum of the "
            "two terms.",
        ),
        wrong=(
            WrongAnswer(
                lambda y, t: -np.mean(t * np.log(y) + (1 - t) * np.log(1 - y), axis=1),
                "This is right until an output is exactly 0 or 1: log(0) is minus infinity. Keep y "
                "in [1e-7, 1 - 1e-7] first.",
            ),
            WrongAnswer(
                lambda y, t: -np.mean(t * np.log(clipped(y)), axis=1),
                "Only what has the target 1 costs something here; the second half, "
                "(1 - t) log(1 - y), is missing.",
            ),
            WrongAnswer(
                lambda y, t: -np.mean((1 - t) * np.log(1 - clipped(y)), axis=1),
                "Only what has the target 0 costs something here; the first half, t log(y), is "
                "missing.",
            ),
            WrongAnswer(
                crossentropy_kept_below,
                "Only the lower end is kept away from; where y is 1, 1 - y is 0, and log(1 - y) is "
                "minus infinity: keep y in [1e-7, 1 - 1e-7].",
            ),
            WrongAnswer(
                crossentropy_mended_afterwards,
                "np.nan_to_num puts a huge number where infinity was, and 0 where nothing could be "
                "computed; keep y in [1e-7, 1 - 1e-7] before the logarithms.",
            ),
            WrongAnswer(
                lambda y, t: -np.mean(np.log(np.abs(clipped(y) - t)), axis=1),
                "|y - t| is the probability of what did not happen; the logarithm is taken of that "
                "of what happened.",
            ),
            WrongAnswer(
                lambda y, t: -np.mean(terms(sigmoid(y), t), axis=1),
                "y is squeezed once more; it is a probability already.",
            ),
            WrongAnswer(
                lambda y, t: (
                    -np.mean(t * np.log1p(clipped(y)) + (1 - t) * np.log1p(1 - clipped(y)), axis=1)
                ),
                "np.log1p(y) is the logarithm of 1 + y; here it is np.log.",
            ),
            WrongAnswer(
                lambda y, t: -np.sum(terms(y, t), axis=1),
                "The columns are added up; the loss of a row is their mean.",
            ),
            WrongAnswer(
                lambda y, t: -np.mean(terms(y, t)),
                "This is one number for the whole batch; each row wants its own, so take the mean "
                "along axis 1.",
            ),
            WrongAnswer(
                lambda y, t: -np.mean(terms(y, t), axis=0),
                "The mean runs over the rows (axis=0); it belongs along axis=1.",
            ),
            WrongAnswer(
                lambda y, t: np.mean(terms(y, t), axis=1),
                "The minus sign is missing: logarithms of numbers below 1 are negative, a loss is "
                "not.",
            ),
            WrongAnswer(
                lambda y, t: -terms(y, t),
                "These are the losses of all numbers; what is left is their mean along the columns "
                "(axis=1).",
            ),
            WrongAnswer(
                lambda y, t: -np.mean(terms(y, t), axis=1) / np.log(2),
                "This is in bits (np.log2); the library counts in nats, np.log.",
            ),
            WrongAnswer(
                lambda y, t: -np.mean(terms(y, t), axis=1) / np.log(10),
                "This is the logarithm to the base 10 (np.log10); here it is the natural one, "
                "np.log.",
            ),
            WrongAnswer(
                lambda y, t: np.mean((y - t) ** 2, axis=1),
                "This is the squared miss of lesson 01; here the loss is minus the logarithm of "
                "the probability that was given to what happened.",
            ),
            WrongAnswer(
                lambda y, t: np.mean(np.abs(y - t), axis=1),
                "These are the plain misses; the loss is minus the logarithm of the probability "
                "that was given to what happened.",
            ),
            WrongAnswer(
                lambda y, t: (
                    -np.mean(t * np.log(clipped(y)) - (1 - t) * np.log(1 - clipped(y)), axis=1)
                ),
                "The second half has the wrong sign: the two halves are added, and one minus "
                "stands in front of both, -(... + ...).",
            ),
            WrongAnswer(
                lambda y, t: -np.mean(terms(1 - y, t), axis=1),
                "The two logarithms have changed places: log(y) goes with t, and log(1 - y) with "
                "1 - t.",
            ),
            WrongAnswer(
                lambda y, t: (
                    -np.mean(t * np.log(clipped(y)) + (1 - t) * (1 - np.log(clipped(y))), axis=1)
                ),
                "The second half has 1 - log(y); it is the logarithm of 1 - y.",
            ),
            WrongAnswer(
                lambda y, t: -np.mean(t * np.log(clipped(y)) + np.log(1 - clipped(y)), axis=1),
                "The factor 1 - t is missing, so that every number pays for the second half too.",
            ),
            WrongAnswer(
                lambda y, t: (
                    -np.mean(np.log(clipped(y)) + (1 - t) * np.log(1 - clipped(y)), axis=1)
                ),
                "The factor t is missing, so that every number pays for the first half too.",
            ),
            WrongAnswer(
                lambda y, t: crossentropy_with(y, t, 1e-15),
                "y is kept at another distance from 0 and 1 than in the library: there it is 1e-7, "
                "and 1e-15 is too small for float32, where 1 - 1e-15 is 1.",
            ),
            WrongAnswer(
                lambda y, t: crossentropy_with(y, t, 1e-3),
                "y is kept at another distance from 0 and 1 than in the library: there it is 1e-7.",
            ),
            WrongAnswer(
                lambda y, t: (
                    -np.mean(
                        clipped(y) * np.log(clipped(t)) + (1 - clipped(y)) * np.log(1 - clipped(t)),
                        axis=1,
                    )
                ),
                "y and t have changed places: the outputs come first here, (y, t), and the "
                "logarithms are taken of them; Keras takes the target first.",
            ),
            WrongAnswer(
                lambda y, t: -np.sum(terms(y, t), axis=1) / len(y),
                "The sum of a row is divided by the number of rows, len(y); a row has as many "
                "numbers as there are columns, y.shape[1].",
            ),
            WrongAnswer(
                lambda y, t: -np.log(np.mean(np.where(t == 1, clipped(y), 1 - clipped(y)), axis=1)),
                "The mean is taken before the logarithm; take the logarithms first, then their "
                "mean.",
            ),
        ),
    ),
]
