"""Exercises of lesson 02: the slope of the loss, first by trial, then by the two kernels."""

import numpy as np

from dlcore.backends.numpy import dense_grad, mse_grad
from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, sizes, table


def mean_loss(x, t, w, b):
    return np.mean((x @ w + b - t) ** 2)


def slope_by_trial(x, t, w, b, h):
    dw = (mean_loss(x, t, w + h, b) - mean_loss(x, t, w - h, b)) / (2 * h)
    db = (mean_loss(x, t, w, b + h) - mean_loss(x, t, w, b - h)) / (2 * h)
    return dw, db


def draw_slope_by_trial(rng, size):
    while True:
        (n,) = sizes(rng, size, 1)
        x, t = numbers(rng, size, n, 1), numbers(rng, size, n, 1)
        w, b = numbers(rng, size, 1, 1), 1 + numbers(rng, size, 1)
        case = x, t, w, b, float(rng.choice([0.25, 0.5]))
        dw, db = slope_by_trial(*case)
        height = 1 + mean_loss(x, t, w, b)
        # Both slopes are clear of nought and of each other, far beyond the rounding of the loss.
        if min(abs(dw), abs(db), abs(dw - db)) > 0.05 * height and np.mean(x**2) > 0.5:
            return case


def slopes_from(one):
    """A wrong slope_by_trial: ``one(loss, h)`` for each number, ``loss`` a function of its move."""

    def slopes(x, t, w, b, h):
        return (
            one(lambda move: mean_loss(x, t, w + move, b), h),
            one(lambda move: mean_loss(x, t, w, b + move), h),
        )

    return slopes


def slopes_both_moved(x, t, w, b, h):
    slope = (mean_loss(x, t, w + h, b + h) - mean_loss(x, t, w - h, b - h)) / (2 * h)
    return slope, slope


def slopes_x_moved(x, t, w, b, h):
    dw = (mean_loss(x + h, t, w, b) - mean_loss(x - h, t, w, b)) / (2 * h)
    return dw, slope_by_trial(x, t, w, b, h)[1]


def slopes_w_stays_moved(x, t, w, b, h):
    dw, _ = slope_by_trial(x, t, w, b, h)
    return dw, slope_by_trial(x, t, w + h, b, h)[1]


def slopes_w_stays_below(x, t, w, b, h):
    dw, _ = slope_by_trial(x, t, w, b, h)
    return dw, slope_by_trial(x, t, w - h, b, h)[1]


def slopes_w_moved_by_mistake(x, t, w, b, h):
    dw, _ = slope_by_trial(x, t, w, b, h)
    return dw, (mean_loss(x, t, w, b + h) - mean_loss(x, t, w - h, b)) / (2 * h)


def slopes_of_the_root(x, t, w, b, h):
    def miss(w, b):
        return np.sqrt(mean_loss(x, t, w, b))

    dw = (miss(w + h, b) - miss(w - h, b)) / (2 * h)
    return dw, (miss(w, b + h) - miss(w, b - h)) / (2 * h)


def slopes_with_a_tiny_h(x, t, w, b, h):
    return slope_by_trial(x, t, w, b, 1e-12)


def steps_to_the_lower_side(x, t, w, b, h):
    here = mean_loss(x, t, w, b)
    dw = h if mean_loss(x, t, w + h, b) < here else -h
    return dw, h if mean_loss(x, t, w, b + h) < here else -h


def slopes_of_the_outputs(x, t, w, b, h):
    def output(w, b):
        return np.mean(x @ w + b)

    dw = (output(w + h, b) - output(w - h, b)) / (2 * h)
    return dw, (output(w, b + h) - output(w, b - h)) / (2 * h)


def slopes_of_the_misses(x, t, w, b, h):
    def miss(w, b):
        return np.mean(np.abs(x @ w + b - t))

    dw = (miss(w + h, b) - miss(w - h, b)) / (2 * h)
    return dw, (miss(w, b + h) - miss(w, b - h)) / (2 * h)


def times(factor):
    """A wrong slope_by_trial: both slopes times ``factor(x, h)``."""

    def slopes(x, t, w, b, h):
        dw, db = slope_by_trial(x, t, w, b, h)
        return dw * factor(x, h), db * factor(x, h)

    return slopes


def draw_mse_grad(rng, size):
    n, k = sizes(rng, size, 2)
    # No two rows count the same, and none counts 1 / n.
    dloss = rng.permutation(np.arange(2, n + 2)) / 4
    return dloss, numbers(rng, size, n, k), numbers(rng, size, n, k)


def draw_dense_grad(rng, size):
    n, i, o = sizes(rng, size, 3)
    return numbers(rng, size, n, o), numbers(rng, size, n, i), numbers(rng, size, i, o)


def back_with(dx=None, dw=None, db=None):
    """A wrong dense_grad, with one of its three results exchanged."""

    def grad(dz, x, w):
        right = dense_grad(dz, x, w)
        made = [each and each(dz, x, w) for each in (dx, dw, db)]
        return tuple(r if m is None else m for r, m in zip(right, made, strict=True))

    return grad


def back_in_another_order(dz, x, w):
    dx, dw, db = dense_grad(dz, x, w)
    return dw, db, dx


def back_with_the_step(dz, x, w):
    dx, dw, db = dense_grad(dz, x, w)
    return dx, w - dw, db


EXERCISES = [
    Exercise(
        id="02.slope_by_trial",
        title="The slope, by trial",
        level="easy",
        minutes=5,
        answer=slope_by_trial,
        draw=draw_slope_by_trial,
        tolerance=1e-3,
        result_names=("dw", "db"),
        examples=((table("1; 2; -1"), table("2; 3; 1"), np.zeros((1, 1)), np.array([1.0]), 0.5),),
        hints=(
            "You need the loss at two places for each slope: a step to one side and a step to the "
            "other. mean_loss tells it, and while one number moves the other stays.",
            "For dw the places are w + h and w - h, both with b as it is. They lie 2 h apart, so "
            "that is what the difference of the two losses is divided by.",
            "dw is (mean_loss(x, t, w + h, b) - mean_loss(x, t, w - h, b)) / (2 * h). In db it is "
            "b that moves.",
        ),
        wrong=(
            WrongAnswer(
                slopes_from(lambda loss, h: (loss(h) - loss(0)) / h),
                "This looks to one side only, so the bend of the bowl gets into the slope; take "
                "the difference between a step up and a step down.",
            ),
            WrongAnswer(
                slopes_from(lambda loss, h: (loss(0) - loss(-h)) / h),
                "This compares a step down with the place itself, so the bend of the bowl gets "
                "into the slope; the other place is a step up, at + h.",
            ),
            WrongAnswer(
                slopes_from(lambda loss, h: (loss(h) - loss(0)) / (2 * h)),
                "The place itself is taken for the lower one: the difference has to be between a "
                "step up, + h, and a step down, - h.",
            ),
            WrongAnswer(
                slopes_from(lambda loss, h: (loss(h) - loss(-h)) / h),
                "Both slopes are twice as large as they should be: one h to each side makes a way "
                "of 2 h, and that is what the difference is divided by.",
            ),
            WrongAnswer(
                slopes_from(lambda loss, h: loss(h) - loss(-h)),
                "This is the difference of two losses; the slope is the difference divided by the "
                "way, 2 h.",
            ),
            WrongAnswer(
                slopes_from(lambda loss, h: (loss(h) - loss(-h)) / 2 * h),
                "/ 2 * h divides by 2 and then multiplies by h; with brackets, / (2 * h), it "
                "divides by both.",
            ),
            WrongAnswer(
                slopes_from(lambda loss, h: (loss(h) - loss(-h)) / 2),
                "The difference is divided by 2; the two places are 2 h apart.",
            ),
            WrongAnswer(
                slopes_from(lambda loss, h: (loss(-h) - loss(h)) / (2 * h)),
                "The sign is turned: the slope is the loss at + h less the loss at - h, and "
                "positive where the loss rises.",
            ),
            WrongAnswer(
                slopes_from(lambda loss, h: (loss(h) + loss(-h)) / (2 * h)),
                "The two losses are added; the slope comes from their difference.",
            ),
            WrongAnswer(
                slopes_from(lambda loss, h: loss(h) - loss(-h) / (2 * h)),
                "The brackets are missing: / comes before -, so only the second loss is divided.",
            ),
            WrongAnswer(
                slopes_from(lambda loss, h: loss(h) - loss(-h) / 2 * h),
                "The brackets are missing: only the second loss is divided, and / 2 * h divides "
                "by 2 and then multiplies by h.",
            ),
            WrongAnswer(
                slopes_x_moved, "For the first slope x is moved; it is w that we can change."
            ),
            WrongAnswer(
                slopes_both_moved,
                "w and b are moved together; each slope is for one number, with the other left "
                "where it is.",
            ),
            WrongAnswer(
                slopes_w_stays_moved,
                "For the second slope w still stands a step off; put it back before b moves.",
            ),
            WrongAnswer(
                slopes_w_stays_below,
                "For the second slope w still stands at w - h; put it back before b is tried.",
            ),
            WrongAnswer(
                slopes_w_moved_by_mistake,
                "In both looks for db it is b that moves; the second one moves w here.",
            ),
            WrongAnswer(
                lambda x, t, w, b, h: slope_by_trial(x, t, w, b, h)[::-1],
                "The two have changed places: dw comes first.",
            ),
            WrongAnswer(
                lambda x, t, w, b, h: (slope_by_trial(x, t, w, b, h)[0],) * 2,
                "The slope of w is given twice; for db it is b that moves.",
            ),
            WrongAnswer(
                times(lambda x, h: len(x)),
                "This is n times too steep, as with the sum of all losses; L is their mean.",
            ),
            WrongAnswer(
                slopes_of_the_misses,
                "The misses are not squared: L is the mean of their squares, as in mean_loss.",
            ),
            WrongAnswer(
                slopes_of_the_root,
                "This is the slope of the typical miss; L is the mean of the squares, without the "
                "root.",
            ),
            WrongAnswer(
                slopes_with_a_tiny_h,
                "The given h is not used; with one as small as here both losses are the same in "
                "the digits that there are.",
            ),
            WrongAnswer(
                steps_to_the_lower_side,
                "This is a step to the lower side, as in lesson 01; a slope says how much the loss "
                "rises, for each unit.",
            ),
            WrongAnswer(
                slopes_of_the_outputs,
                "This is how fast the outputs change; the loss is what we want the slope of.",
            ),
        ),
    ),
    Exercise(
        id="02.mse_grad",
        title="From the loss back to the outputs",
        level="core",
        minutes=5,
        answer=mse_grad,
        draw=draw_mse_grad,
        examples=((np.array([0.5, 0.25]), table("3 1 0; 1 5 2"), table("1 1 0; 2 1 4")),),
        hints=(
            "One number at a time: how does loss_r change when y_rj does? It is a mean of k "
            "squares, and only one of them holds this y_rj.",
            "The slope of (y - t)^2 is 2 (y - t), and the mean divides it by k. Then each row is "
            "multiplied by what it counts, its number in dloss.",
            "dloss[:, None] is dloss as a column, so that it multiplies the rows; k is y.shape[1].",
        ),
        wrong=(
            WrongAnswer(
                lambda dloss, y, t: dloss[:, None] * (y - t) / y.shape[1],
                "The 2 of the square is missing: the slope of (y - t)^2 is 2 (y - t).",
            ),
            WrongAnswer(
                lambda dloss, y, t: dloss[:, None] * 2 * (y - t),
                "The loss of a row is a mean over k columns, so its slope is divided by k as well.",
            ),
            WrongAnswer(
                lambda dloss, y, t: dloss[:, None] * (y - t),
                "The slope of a square brings a factor 2, and the mean over the columns a "
                "division by k; both are missing.",
            ),
            WrongAnswer(
                lambda dloss, y, t: dloss[:, None] * 2 * (y - t) / len(y),
                "This is divided by the number of rows; the mean runs over the k columns, and "
                "what each row counts is in dloss.",
            ),
            WrongAnswer(
                lambda dloss, y, t: dloss[:, None] * 2 * (y - t) / y.size,
                "This is divided by all numbers there are, n times k; by k alone, for what each "
                "row counts is in dloss.",
            ),
            WrongAnswer(
                lambda dloss, y, t: dloss[:, None] * 2 * (t - y) / y.shape[1],
                "The sign is turned: an output above its target has to come down, so the slope "
                "there is positive, y - t.",
            ),
            WrongAnswer(
                lambda dloss, y, t: 2 * (y - t) / y.shape[1],
                "dloss is not used: it says how much each row counts in the mean loss, so it "
                "multiplies its row.",
            ),
            WrongAnswer(
                lambda dloss, y, t: 2 * (y - t) / y.size,
                "dloss is not used, and 1 / n stands in its place; what a row counts is its "
                "number in dloss, whatever that is.",
            ),
            WrongAnswer(
                lambda dloss, y, t: dloss * 2 * (y - t) / y.shape[1],
                "dloss has one number for each row; dloss[:, None] makes a column of it, which "
                "then multiplies the rows.",
            ),
            WrongAnswer(
                lambda dloss, y, t: dloss[:, None] * (y - t) ** 2 / y.shape[1],
                "These are the squares themselves, the loss on its way forward; the slope of "
                "(y - t)^2 is 2 (y - t).",
            ),
            WrongAnswer(
                lambda dloss, y, t: dloss[:, None] * 2 * (y - t) ** 2 / y.shape[1],
                "`(y - t) ** 2` stands where `y - t` belongs: this is the loss, not its slope.",
            ),
            WrongAnswer(
                lambda dloss, y, t: dloss[:, None] * 2 * np.abs(y - t) / y.shape[1],
                "The sign of the miss is lost: where y lies below t the slope is negative.",
            ),
            WrongAnswer(
                lambda dloss, y, t: dloss[:, None] * 2 * np.sign(y - t) / y.shape[1],
                "Only the sign of the miss is used; the slope of a square grows with the miss.",
            ),
            WrongAnswer(
                lambda dloss, y, t: dloss[:, None] * 2 * y - t / y.shape[1],
                "The brackets around y - t are missing, so that only t is divided, and only y "
                "multiplied.",
            ),
            WrongAnswer(
                lambda dloss, y, t: dloss[:, None] * (2 * y - t) / y.shape[1],
                "Only y is doubled: the brackets belong around y - t, and the 2 in front of them.",
            ),
            WrongAnswer(
                lambda dloss, y, t: dloss[:, None] * 2 * y / y.shape[1],
                "The targets are not used: the slope is that of (y - t)^2.",
            ),
            WrongAnswer(
                lambda dloss, y, t: 2 * (y - t) / y.shape[1] / dloss[:, None],
                "dloss divides here; what a row counts multiplies its slopes.",
            ),
            WrongAnswer(
                lambda dloss, y, t: dloss.mean() * 2 * (y - t) / y.shape[1],
                "The mean of dloss is used for all rows; each row has its own number.",
            ),
            WrongAnswer(
                lambda dloss, y, t: dloss * np.mean(2 * (y - t), axis=1),
                "The columns are averaged, which leaves one number for each row; every output "
                "has a slope of its own, so divide by k and keep them all.",
            ),
            WrongAnswer(
                lambda dloss, y, t: dloss[:, None] * np.mean(2 * (y - t), axis=1, keepdims=True),
                "The columns are averaged to a single one; every output has a slope of its own, "
                "so divide by k and keep them all.",
            ),
        ),
    ),
    Exercise(
        id="02.dense_grad",
        title="From the outputs back to w and b",
        level="stretch",
        minutes=8,
        answer=dense_grad,
        draw=draw_dense_grad,
        examples=(
            (
                table("1 0; 2 1; 0 3"),
                table("1 2 0 1; 0 1 1 2; 3 0 1 1"),
                table("1 2; 0 1; 1 1; 2 0"),
            ),
        ),
        hints=(
            "Go by the shapes: dx has that of x, dw that of w, db that of b. Which two of dz, x "
            "and w does each need, and in which order do their shapes meet in the middle?",
            "dw [i, o] is x [n, i] turned, times dz [n, o]; dx [n, i] is dz [n, o] times w [i, o] "
            "turned. And b was added to every row, so the rows of dz are added up.",
            "x.T is x turned, and so is w.T; @ multiplies. dz.sum(axis=0) adds up the rows. "
            "Return dx, dw, db, in this order.",
        ),
        wrong=(
            WrongAnswer(
                back_with(
                    dw=lambda dz, x, w: x.T @ dz / len(x), db=lambda dz, x, w: dz.mean(axis=0)
                ),
                "dw and db are divided by n; the mean over the batch is already in dz, because "
                "dloss was 1/n.",
            ),
            WrongAnswer(
                back_with(dw=lambda dz, x, w: x.T @ dz / len(x)),
                "dw is divided by n; the mean over the batch is already in dz, because dloss was "
                "1/n.",
            ),
            WrongAnswer(
                back_with(db=lambda dz, x, w: dz.mean(axis=0)),
                "db is a mean over the rows; b was added to every row, so their slopes are added "
                "up.",
            ),
            WrongAnswer(
                back_with(db=lambda dz, x, w: dz.sum(axis=1)),
                "db is summed along axis 1, which gives a number for each row; b has one for each "
                "column, axis 0.",
            ),
            WrongAnswer(
                back_with(db=lambda dz, x, w: dz.sum()),
                "db is one number here; each of the o biases has a slope of its own, so sum over "
                "the rows only (axis=0).",
            ),
            WrongAnswer(
                back_with(db=lambda dz, x, w: dz),
                "db has a row for every example; b is one row that served all of them, so add "
                "them up.",
            ),
            WrongAnswer(
                back_with(db=lambda dz, x, w: dz.sum(axis=0, keepdims=True)),
                "db is a table of one row here (keepdims); b has the shape (o,), so let the sum "
                "drop the axis.",
            ),
            WrongAnswer(
                back_with(dw=lambda dz, x, w: dz.T @ x),
                "dw is the transpose, [o, i]; it needs the shape of w, [i, o]: x.T @ dz.",
            ),
            WrongAnswer(
                back_with(dw=lambda dz, x, w: x.reshape(x.shape[::-1]) @ dz),
                "x is given another shape with its numbers in the old order; .T turns rows into "
                "columns.",
            ),
            WrongAnswer(
                back_with(dx=lambda dz, x, w: dz @ w.reshape(w.shape[::-1])),
                "w is given another shape with its numbers in the old order; .T turns rows into "
                "columns.",
            ),
            WrongAnswer(
                back_with(dw=lambda dz, x, w: np.outer(x.sum(axis=0), dz.sum(axis=0))),
                "x and dz are added up over the rows before they are multiplied; multiply row by "
                "row and then add up, which x.T @ dz does.",
            ),
            WrongAnswer(
                back_with(dw=lambda dz, x, w: np.outer(x[-1], dz[-1]), db=lambda dz, x, w: dz[-1]),
                "Each round overwrites dw and db, so that only the last row counts; add them up "
                "(+=).",
            ),
            WrongAnswer(
                back_with(dw=lambda dz, x, w: np.outer(x[-1], dz[-1])),
                "dw holds the last row alone, as when each product overwrites the one before it; "
                "add them up (+=), or let x.T @ dz do it.",
            ),
            WrongAnswer(
                back_with(dw=lambda dz, x, w: np.outer(x[0], dz[0])),
                "dw holds the first row alone; the rows are added up.",
            ),
            WrongAnswer(
                back_with(db=lambda dz, x, w: dz[0]),
                "db holds the first row alone; the rows are added up.",
            ),
            WrongAnswer(
                back_with(db=lambda dz, x, w: dz[-1]),
                "db holds the last row alone; the rows are added up.",
            ),
            WrongAnswer(
                back_with(dx=lambda dz, x, w: dz @ w),
                "dz [n, o] and w [i, o] do not meet in the middle; w turned, w.T, does, and "
                "dz @ w.T is dx.",
            ),
            WrongAnswer(
                back_with(dx=lambda dz, x, w: (x @ w) @ w.T),
                "dx comes from dz, the slopes of the outputs; here the outputs themselves, x @ w, "
                "stand in its place.",
            ),
            WrongAnswer(
                lambda dz, x, w: dense_grad(x @ w, x, w),
                "z itself goes back here, x @ w; what goes back are its slopes, dz.",
            ),
            WrongAnswer(
                back_with(dw=lambda dz, x, w: np.tile(x.sum(axis=0)[:, None], dz.shape[1])),
                "dw is made of x alone; what comes from above, dz, multiplies it: x.T @ dz.",
            ),
            WrongAnswer(
                back_with(dx=lambda dz, x, w: np.tile(w.sum(axis=1), (len(x), 1))),
                "dx is made of w alone; what comes from above, dz, multiplies it: dz @ w.T.",
            ),
            WrongAnswer(
                back_with(dx=lambda dz, x, w: (dz @ w.T) * x),
                "dx is multiplied by x once more; it is dz @ w.T.",
            ),
            WrongAnswer(
                back_with(db=lambda dz, x, w: np.ones(dz.shape[1], dz.dtype)),
                "db is 1 here, the slope of z with respect to b; what comes from above multiplies "
                "it, and the rows are added up.",
            ),
            WrongAnswer(back_in_another_order, "The order is dx, dw, db; dx comes last here."),
            WrongAnswer(
                lambda dz, x, w: (-(dz @ w.T), -(x.T @ dz), -dz.sum(axis=0)),
                "All three have the other sign; the minus belongs to the step, not to the slope.",
            ),
            WrongAnswer(
                back_with_the_step,
                "This takes a step already, w - dw; wanted is the slope dw alone.",
            ),
        ),
    ),
]
