"""Exercises of lesson 11: numbers left out at random, and a price on large weights."""

import numpy as np

from dlcore.backends.numpy import dropout
from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, sizes, table


def draw_dropout(rng, size):
    """Rates of which 1 - rate is another number; one u is exactly the rate, no x is 0."""
    shape = sizes(rng, size, 2)
    rate = float(rng.choice([0.125, 0.25, 0.75]))
    x = numbers(rng, size, *shape)
    x[np.abs(x) < 0.5] = 2
    while True:
        u = rng.integers(0, 8, shape) / 8 if size == 1 else rng.random(shape)
        u[tuple(rng.integers(0, each) for each in shape)] = rate
        kept = u >= rate
        rows_differ, columns_differ = (kept != kept[:1]).any(), (kept != kept[:, :1]).any()
        if rows_differ and columns_differ and abs(kept.mean() - (1 - rate)) > 0.02:
            return x, u, rate


def penalised_grad(dw, w, l2):
    return dw + 2 * l2 * w


def draw_penalised_grad(rng, size):
    """No weight is 1 or -1, where a square could be taken for the number."""
    shape = sizes(rng, size, 2)
    w = rng.choice([-4, -3, -2, 0, 2, 3], shape) if size == 1 else rng.normal(0, 2, shape)
    w.flat[:2] = 3, -2
    return numbers(rng, size, *shape), w.astype(float), float(rng.choice([0.25, 0.5, 2]))


def scaled_by_what_was_kept(x, u, rate=0.5):
    kept = u >= rate
    return x * kept / kept.mean()


def scaled_to_the_same_sum(x, u, rate=0.5):
    y = x * (u >= rate)
    total = y.sum()
    return y * x.sum() / (total if total else 1)


def without_the_smallest(x, u, rate=0.5):
    limit = np.sort(u, axis=None)[int(rate * u.size)]
    return x * (u > limit) / (1 - rate)


EXERCISES = [
    Exercise(
        id="11.dropout",
        title="Left out at random",
        level="core",
        minutes=6,
        answer=dropout,
        draw=draw_dropout,
        examples=(
            (table("3 -2 4; 6 1 -3"), table("0.5 0.125 0.25; 0 0.75 0.875"), 0.25),
            # Not with rate 0: whoever divides by rate would hear of a division by 0 alone.
            (table("2 -1; 5 3; 4 -6"), table("0.75 0.5; 0.25 0.875; 0 0.125"), 0.75),
        ),
        hints=(
            "Which numbers stay? And by how much do they have to grow, so that the mean over many "
            "draws is that of x?",
            "u >= rate is True where a number stays; a share of 1 - rate does. Multiplied, True "
            "counts as 1 and False as 0.",
            "x * (u >= rate) leaves out; divide that by 1 - rate.",
        ),
        wrong=(
            WrongAnswer(
                lambda x, u, rate=0.5: x * (u >= rate),
                "What is kept stays as it was, so that the mean of y is smaller than that of x; "
                "divide what is kept by 1 - rate.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x * (u >= rate) / rate,
                "It is divided by the share that is left out; divide by the share that is kept, "
                "1 - rate.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x * (u >= rate) * (1 - rate),
                "What is kept is made smaller; here it grows while training, by 1 / (1 - rate). "
                "The first paper multiplied by 1 - rate, but when predicting.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x * (u < rate) / (1 - rate),
                "The share that should go is kept: a number stays where u is not below rate.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x * (u > rate) / (1 - rate),
                "A number whose u is exactly the rate is lost here; it is kept, so that with rate "
                "0 nothing is lost.",
            ),
            WrongAnswer(
                scaled_by_what_was_kept,
                "It is divided by the share that happened to be kept this time; the factor is "
                "fixed, 1 / (1 - rate), and only the mean over many draws is that of x.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x * (u[:1] >= rate) / (1 - rate),
                "The first row of u decides for all rows; each number has its own u.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x * (u[:, :1] >= rate) / (1 - rate),
                "The first column of u decides for the whole row; each number has its own u.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x * (u < rate) / rate,
                "Here rate is the share that is kept, as some books have it; in this course and in "
                "Keras it is the share that is left out.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: (u >= rate) / (1 - rate),
                "These are the factors of x; x itself is missing.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x * (u >= 0.5) * 2,
                "The rate is fixed at 0.5; use the argument rate.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x / (1 - rate),
                "Nothing is left out here: where u is below rate, y is 0.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: np.where(u >= rate, x / (1 - rate), x),
                "What should be left out keeps its x; it becomes 0.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: np.where(u >= rate, x, x / (1 - rate)),
                "The numbers to be left out are the ones that grow here, and none becomes 0.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x * u / (1 - rate),
                "u itself multiplies x; it only decides: u >= rate is 1 or 0.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x * (x >= rate) / (1 - rate),
                "x is compared with the rate; it is u that decides.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x * (u >= 1 - rate) / (1 - rate),
                "u is compared with 1 - rate, so that a share of 1 - rate is left out; compare it "
                "with rate.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x * (u >= rate) / (1 + rate),
                "It is divided by 1 + rate; the share that is kept is 1 - rate.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x[u >= rate] / (1 - rate),
                "Only the numbers that stay are returned; the others belong to y as well, as 0, "
                "each in its place.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x * (u >= rate).mean(),
                "Every number is made smaller by the share that stays; some become 0, and the "
                "others grow.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x * (u >= rate) * rate,
                "What is kept is multiplied by rate; it is divided by the share that is kept, "
                "1 - rate.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x * (u >= rate) * (1 + rate),
                "What is kept grows by the factor 1 + rate, which is not enough for the mean; "
                "divide it by 1 - rate.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x * (u >= rate) / np.sqrt(1 - rate),
                "The square root keeps the mean of the squares; the mean itself is kept by "
                "1 / (1 - rate).",
            ),
            WrongAnswer(
                scaled_to_the_same_sum,
                "It is scaled so that this y has the sum of x; the factor is fixed, "
                "1 / (1 - rate), and only the mean over many draws is that of x.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x * (u >= rate) / 1 - rate,
                "A quotient goes before a difference, so that rate is taken away from everything "
                "here; 1 - rate needs brackets.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x * u >= rate / (1 - rate),
                "A product goes before a comparison, so that x * u is compared here; u >= rate "
                "needs brackets.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x * np.round(u) / (1 - rate),
                "A rounded u is 1 above one half, whatever the rate is; compare u with rate.",
            ),
            WrongAnswer(
                without_the_smallest,
                "A fixed number of places is left out, those with the smallest u; each number is "
                "asked for itself, u >= rate.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: np.where(u >= rate, x + 1 / (1 - rate), 0),
                "1 / (1 - rate) is added to what is kept; it is a factor.",
            ),
            WrongAnswer(
                lambda x, u, rate=0.5: x * (u > rate),
                "Two things: a number whose u is exactly the rate stays, and what stays is divided "
                "by 1 - rate.",
            ),
        ),
    ),
    Exercise(
        id="11.penalised_grad",
        title="The slope of a penalty",
        level="core",
        minutes=4,
        answer=penalised_grad,
        draw=draw_penalised_grad,
        result_names=("dw",),
        examples=((table("1 -2 0.5; 3 0 -1"), table("3 -2 0; -4 2 0.5"), 0.25),),
        hints=(
            "The slope of a sum is the sum of the slopes: dw is that of the loss. What does l2 "
            "times the square of one weight add to it?",
            "The square of w has the slope 2 w. All other weights in the sum stand still when this "
            "one moves.",
            "dw plus 2 * l2 * w, number by number.",
        ),
        wrong=(
            WrongAnswer(
                lambda dw, w, l2: dw + l2 * w,
                "The slope of l2 w^2 is 2 l2 w; the 2 goes only where the penalty is halved.",
            ),
            WrongAnswer(
                lambda dw, w, l2: dw + l2 * w**2,
                "This adds the penalty of each weight; what is added is its slope, 2 l2 w.",
            ),
            WrongAnswer(
                lambda dw, w, l2: dw - 2 * l2 * w,
                "The sign is turned: like this, a step makes the weights larger.",
            ),
            WrongAnswer(
                lambda dw, w, l2: dw + l2 * np.sign(w),
                "This is the slope of l2 times |w|, which other penalties take; here it is w^2.",
            ),
            WrongAnswer(
                lambda dw, w, l2: dw + l2 * np.sum(w**2),
                "One number is added everywhere, the whole penalty; each weight adds the slope of "
                "its own square.",
            ),
            WrongAnswer(
                lambda dw, w, l2: dw + 2 * l2 * np.sum(w),
                "The weights are added up; each gets 2 l2 times itself.",
            ),
            WrongAnswer(
                lambda dw, w, l2: dw + 2 * l2 * w / w.size,
                "It is divided by the number of weights, as for a mean; the penalty is a sum.",
            ),
            WrongAnswer(
                lambda dw, w, l2: 2 * l2 * w,
                "This is the slope of the penalty alone; that of the loss, dw, is added to it.",
            ),
            WrongAnswer(
                lambda dw, w, l2: dw + 2 * w,
                "l2 is missing: it says how much the penalty counts.",
            ),
            WrongAnswer(
                lambda dw, w, l2: dw + 2 * l2 * np.abs(w),
                "The sign of the weights is lost: a negative weight is pulled up, to 0, and its "
                "slope is negative.",
            ),
            WrongAnswer(
                lambda dw, w, l2: 2 * (dw + l2 * w),
                "dw is doubled as well; only the penalty has the 2.",
            ),
            WrongAnswer(
                lambda dw, w, l2: dw + 2 * l2 * dw,
                "The slope of the loss is added once more; the penalty is one of the weights w.",
            ),
            WrongAnswer(
                lambda dw, w, l2: dw + 2 * l2 * w * dw,
                "What is added is multiplied by dw as well; the penalty knows nothing of the loss.",
            ),
            WrongAnswer(
                lambda dw, w, l2: dw * 2 * l2 * w,
                "The two slopes are multiplied; a sum of loss and penalty adds them.",
            ),
            WrongAnswer(
                lambda dw, w, l2: w - dw - 2 * l2 * w,
                "This is w after a step; only the slope is wanted.",
            ),
            WrongAnswer(
                lambda dw, w, l2: dw + 2 * l2 * w**2,
                "The square has been left as it is and doubled; its slope is 2 w, without the "
                "square.",
            ),
            WrongAnswer(
                lambda dw, w, l2: dw + l2**2 * w,
                "l2 is squared; the 2 in its name is that of w^2, and what is added is 2 l2 w.",
            ),
            WrongAnswer(
                lambda dw, w, l2: dw + l2 * w / np.linalg.norm(w),
                "This is the slope of l2 times the length of w, a root; the penalty has no root, "
                "and its slope is 2 l2 w.",
            ),
            WrongAnswer(
                lambda dw, w, l2: dw + 2 * l2 * np.linalg.norm(w),
                "The length of all weights together is added everywhere; each weight adds 2 l2 "
                "times itself.",
            ),
            WrongAnswer(
                lambda dw, w, l2: (dw + 2 * l2) * w,
                "dw is multiplied by w as well; the brackets are too many.",
            ),
            WrongAnswer(
                lambda dw, w, l2: (1 - 2 * l2) * dw,
                "The slope of the loss is made smaller here; it stays, and 2 l2 w is added to it.",
            ),
            WrongAnswer(
                lambda dw, w, l2: dw + 2 * l2 * w / len(w),
                "It is divided by the number of rows of w, as for a mean; the penalty is a sum.",
            ),
            WrongAnswer(
                lambda dw, w, l2: dw + 2 * l2 * w.sum(axis=0),
                "The weights of each column are added up; each weight adds 2 l2 times itself.",
            ),
            WrongAnswer(
                lambda dw, w, l2: dw + l2 * np.sum(w**2) + 2 * l2 * w,
                "The penalty itself is added as well; into a slope goes its slope alone.",
            ),
            WrongAnswer(
                lambda dw, w, l2: 2 * dw + l2 * w,
                "The 2 stands at dw; it is the penalty that has a square.",
            ),
            WrongAnswer(
                lambda dw, w, l2: np.sum(dw) + l2 * np.sum(w**2),
                "This is one number, sums of dw and of squares; a slope is wanted for each weight.",
            ),
            WrongAnswer(
                lambda dw, w, l2: dw + 2 * l2,
                "w is missing: the slope of a square grows with the weight.",
            ),
            WrongAnswer(
                lambda dw, w, l2: dw,
                "The penalty is left out; add its slope.",
            ),
        ),
    ),
]
