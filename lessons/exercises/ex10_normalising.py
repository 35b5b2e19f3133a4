"""Exercises of lesson 10: each column brought to mean 0 and deviation 1, and the way back."""

import numpy as np

from dlcore.backends.numpy import batch_norm, batch_norm_grad, moving_average
from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, sizes, table


def draw_scales(rng, size, *shape):
    """Numbers that are never 0, 1 or -1, so that a factor shows."""
    if size == 1:
        return rng.choice([-3.0, -2.0, 2.0, 3.0], shape)
    return rng.choice([-1.0, 1.0], shape) * rng.uniform(1.5, 3, shape)


def draw_rows(rng, size):
    """More rows than columns, and columns whose means are not near 0; epsilon is large."""
    c, n = sorted(sizes(rng, size, 2))
    x = numbers(rng, size, n, c) + rng.choice([-2.0, 1.0, 3.0], c)
    x[0] += 3  # no column is constant, so that every mistake shows
    return x, float(rng.choice([0.25, 1.0, 4.0]))


def draw_batch_norm(rng, size):
    x, epsilon = draw_rows(rng, size)
    c = x.shape[1]
    return x, draw_scales(rng, size, c), draw_scales(rng, size, c), epsilon


def draw_batch_norm_grad(rng, size):
    x, epsilon = draw_rows(rng, size)
    dy = numbers(rng, size, *x.shape)
    dy[0] += 4  # no sum is near 0
    gamma = draw_scales(rng, size, x.shape[1])
    return dy, x, gamma, x.mean(axis=0), x.var(axis=0), epsilon


def draw_moving_average(rng, size):
    (c,) = sizes(rng, size, 1)
    value = numbers(rng, size, c)
    return numbers(rng, size, c) + 4, value, float(rng.choice([0.125, 0.25, 0.75, 0.875]))


def norm_with(mean=None, variance=None, deviation=None, y=None, results=None):
    """batch_norm with one part exchanged, which is how a mistake is made."""

    def norm(x, gamma, beta, epsilon=1e-3):
        middle = x.mean(axis=0) if mean is None else mean(x)
        v = x.var(axis=0) if variance is None else variance(x)
        by = np.sqrt(v + epsilon) if deviation is None else deviation(v, epsilon)
        h = (x - middle) / by
        given = gamma * h + beta if y is None else y(h, x, gamma, beta, by)
        return (given, middle, v) if results is None else results(given, middle, v, epsilon)

    return norm


def every_column(value, x):
    """One number for the whole batch, once for each column."""
    return np.full(x.shape[1], value, x.dtype)


def norm_along_the_rows(x, gamma, beta, epsilon=1e-3):
    mean, variance = x.mean(axis=1), x.var(axis=1)
    h = (x - mean[:, None]) / np.sqrt(variance[:, None] + epsilon)
    return gamma * h + beta, mean, variance


def norm_and_epsilon_behind(x, gamma, beta, epsilon=1e-3):
    mean, variance = x.mean(axis=0), x.var(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        h = (x - mean) / np.sqrt(variance) + epsilon
    return gamma * h + beta, mean, variance


def norm_to_the_unit_range(x, gamma, beta, epsilon=1e-3):
    h = (x - x.min(axis=0)) / (np.ptp(x, axis=0) + epsilon)
    return gamma * h + beta, x.mean(axis=0), x.var(axis=0)


def norm_and_what_it_has_then(x, gamma, beta, epsilon=1e-3):
    y = batch_norm(x, gamma, beta, epsilon)[0]
    return y, y.mean(axis=0), y.var(axis=0)


def back_with(dx=None, dgamma=None, dbeta=None, deviation=None, results=None):
    """batch_norm_grad with one part exchanged."""

    def back(dy, x, gamma, mean, variance, epsilon=1e-3):
        n = len(x)
        v = np.sqrt(variance + epsilon) if deviation is None else deviation(variance, epsilon)
        h = (x - mean) / v
        of_gamma, of_beta = (dy * h).sum(axis=0), dy.sum(axis=0)
        of_x = gamma / v * (dy - of_beta / n - h * of_gamma / n)
        if dx is not None:
            of_x = dx(dy, h, gamma, v, of_gamma, of_beta, n, x)
        if dgamma is not None:
            of_gamma = dgamma(dy, h, gamma, v, x)
        if dbeta is not None:
            of_beta = dbeta(dy, h, gamma, v, x)
        return (of_x, of_gamma, of_beta) if results is None else results(of_x, of_gamma, of_beta)

    return back


def back_with_one_mean(dy, x, gamma, mean, variance, epsilon=1e-3):
    return batch_norm_grad(dy, x, gamma, np.full_like(mean, x.mean()), variance, epsilon)


def back_along_the_rows(dy, x, gamma, mean, variance, epsilon=1e-3):
    h = (x - mean) / np.sqrt(variance + epsilon)
    dgamma, dbeta = (dy * h).sum(axis=1), dy.sum(axis=1)
    inner = dy - dbeta[:, None] / len(x) - h * dgamma[:, None] / len(x)
    return gamma / np.sqrt(variance + epsilon) * inner, dgamma, dbeta


EXERCISES = [
    Exercise(
        id="10.batch_norm",
        title="Each column to mean 0 and deviation 1",
        level="core",
        minutes=7,
        answer=batch_norm,
        draw=draw_batch_norm,
        examples=(
            (table("1 0; 3 2; 2 7"), np.array([2.0, -3.0]), np.array([3.0, 2.0]), 1.0),
            # The second column does not vary.
            (
                table("0 2 4; 2 2 -1; 4 2 1; 6 2 3"),
                np.array([2.0, 3.0, -2.0]),
                np.array([-3.0, 2.0, 2.0]),
                0.25,
            ),
        ),
        hints=(
            "Four steps: the mean of each column, its variance, h from both, and y from h. Three "
            "things are returned.",
            "x.mean(axis=0) and x.var(axis=0) are arrays of c numbers, one for each column, and "
            "NumPy lines them up with the columns of x.",
            "h = (x - mean) / np.sqrt(variance + epsilon), and then "
            "return gamma * h + beta, mean, variance.",
        ),
        wrong=(
            WrongAnswer(
                norm_along_the_rows,
                "The mean and the variance are those of each row; each column has its own, over "
                "all rows: axis=0.",
            ),
            WrongAnswer(
                norm_with(
                    mean=lambda x: every_column(x.mean(), x),
                    variance=lambda x: every_column(x.var(), x),
                ),
                "One mean and one variance serve the whole batch; each column has its own: axis=0.",
            ),
            WrongAnswer(
                norm_with(variance=lambda x: x.var(axis=0, ddof=1)),
                "The variance is divided by n - 1 here; that of the batch is divided by n.",
            ),
            WrongAnswer(
                norm_with(deviation=lambda v, epsilon: np.sqrt(v) + epsilon),
                "epsilon is added to the root; it goes under the root, to the variance.",
            ),
            WrongAnswer(
                norm_with(deviation=lambda v, epsilon: np.sqrt(v)),
                "epsilon is missing: a column that does not vary is divided by 0.",
            ),
            WrongAnswer(
                norm_with(deviation=lambda v, epsilon: np.sqrt(v + 1e-3)),
                "epsilon is fixed at 0.001; use the argument.",
            ),
            WrongAnswer(
                norm_with(deviation=lambda v, epsilon: v + epsilon),
                "This divides by the variance; divide by its root, the deviation.",
            ),
            WrongAnswer(
                norm_with(deviation=lambda v, epsilon: np.sqrt(v**2 + epsilon)),
                "The variance is squared once more; it is a square already.",
            ),
            WrongAnswer(
                norm_with(y=lambda h, x, gamma, beta, by: h),
                "The scale and the shift that are learnt are missing: y = gamma h + beta.",
            ),
            WrongAnswer(
                norm_with(y=lambda h, x, gamma, beta, by: gamma * h),
                "beta is missing: y = gamma h + beta.",
            ),
            WrongAnswer(
                norm_with(y=lambda h, x, gamma, beta, by: h + beta),
                "gamma is missing: y = gamma h + beta.",
            ),
            WrongAnswer(
                norm_with(y=lambda h, x, gamma, beta, by: beta * h + gamma),
                "gamma and beta have changed places: gamma multiplies, beta is added.",
            ),
            WrongAnswer(
                norm_with(y=lambda h, x, gamma, beta, by: gamma * (h + beta)),
                "gamma multiplies beta as well; beta is added last.",
            ),
            WrongAnswer(
                norm_with(y=lambda h, x, gamma, beta, by: gamma * x / by + beta),
                "The mean is not taken away: h = (x - mean) / sqrt(variance + epsilon).",
            ),
            WrongAnswer(
                norm_with(y=lambda h, x, gamma, beta, by: gamma * (h * by) + beta),
                "The columns are shifted and not divided; divide by the root of "
                "variance + epsilon.",
            ),
            WrongAnswer(
                norm_with(y=lambda h, x, gamma, beta, by: gamma * (x / by - x.mean(axis=0)) + beta),
                "The mean is subtracted behind the division; take it away first, in brackets.",
            ),
            WrongAnswer(
                norm_and_epsilon_behind,
                "epsilon is added to h; it goes under the root, to the variance.",
            ),
            WrongAnswer(
                norm_with(deviation=lambda v, epsilon: np.maximum(np.sqrt(v), epsilon)),
                "epsilon serves as the least deviation here; it is added to the variance, under "
                "the root.",
            ),
            WrongAnswer(
                norm_with(variance=lambda x: (x**2).mean(axis=0)),
                "This is the mean of the squares of x; subtract the mean before squaring.",
            ),
            WrongAnswer(
                norm_with(variance=lambda x: np.abs(x - x.mean(axis=0)).mean(axis=0)),
                "This is the mean of the distances from the mean; the variance is the mean of "
                "their squares.",
            ),
            WrongAnswer(
                norm_with(variance=lambda x: ((x - x.mean(axis=0)) ** 2).sum(axis=0)),
                "The squares are added up; the variance is their mean.",
            ),
            WrongAnswer(
                norm_with(results=lambda y, mean, v, epsilon: (y, mean, np.sqrt(v))),
                "Third comes the variance, not its root.",
            ),
            WrongAnswer(
                norm_with(results=lambda y, mean, v, epsilon: (y, mean, v + epsilon)),
                "Third comes the variance by itself, without epsilon.",
            ),
            WrongAnswer(
                norm_with(results=lambda y, mean, v, epsilon: (y, mean, 1 / np.sqrt(v + epsilon))),
                "Third comes the variance, not 1 over the deviation.",
            ),
            WrongAnswer(
                norm_with(results=lambda y, mean, v, epsilon: (y, v, mean)),
                "Mean and variance have changed places: y, mean, variance.",
            ),
            WrongAnswer(
                norm_and_what_it_has_then,
                "Mean and variance are taken of y; return those of x, by which it was made.",
            ),
            WrongAnswer(
                norm_to_the_unit_range,
                "Each column is brought to the range from 0 to 1; take its mean away, and divide "
                "by its deviation.",
            ),
        ),
    ),
    Exercise(
        id="10.moving_average",
        title="A memory for mean and variance",
        level="easy",
        minutes=3,
        answer=moving_average,
        draw=draw_moving_average,
        examples=((np.array([4.0, 2.0, 0.0]), np.array([0.0, 10.0, 8.0]), 0.75),),
        hints=(
            "The new average lies between the old one and the value of this batch. momentum says "
            "how much of the old one stays.",
            "If the share momentum of the old average stays, how large is the share of the value, "
            "so that both add up to 1?",
            "momentum * average + (1 - momentum) * value.",
        ),
        wrong=(
            WrongAnswer(
                lambda average, value, momentum=0.99: (1 - momentum) * average + momentum * value,
                "The two shares have changed places: momentum is the share of the old average "
                "that stays. (PyTorch counts the other way round.)",
            ),
            WrongAnswer(
                lambda average, value, momentum=0.99: momentum * average + value,
                "The value enters whole, so that the average ends far above the values; its share "
                "is 1 - momentum.",
            ),
            WrongAnswer(
                lambda average, value, momentum=0.99: average + (1 - momentum) * value,
                "The old average stays whole, so that it grows without end; its share is momentum.",
            ),
            WrongAnswer(
                lambda average, value, momentum=0.99: (average + value) / 2,
                "Both count one half; their shares are momentum and 1 - momentum.",
            ),
            WrongAnswer(
                lambda average, value, momentum=0.99: value,
                "Nothing is remembered: the value alone is returned.",
            ),
            WrongAnswer(
                lambda average, value, momentum=0.99: average,
                "Nothing is added: the average stays as it was.",
            ),
            WrongAnswer(
                lambda average, value, momentum=0.99: momentum * (average + value),
                "The value has the share momentum too; the shares have to add up to 1.",
            ),
            WrongAnswer(
                lambda average, value, momentum=0.99: 0.99 * average + 0.01 * value,
                "The momentum is fixed at 0.99; use the argument.",
            ),
            WrongAnswer(
                lambda average, value, momentum=0.99: momentum * average,
                "The value of the batch is missing; its share is 1 - momentum.",
            ),
            WrongAnswer(
                lambda average, value, momentum=0.99: momentum * average - (1 - momentum) * value,
                "The value is subtracted; its share is added.",
            ),
            WrongAnswer(
                lambda average, value, momentum=0.99: average + (1 - momentum) * (average - value),
                "The average moves away from the value; the difference has the wrong sign.",
            ),
            WrongAnswer(
                lambda average, value, momentum=0.99: (
                    momentum * average + (1 - momentum) * value.mean()
                ),
                "The mean of all values enters; each number is averaged by itself.",
            ),
            WrongAnswer(
                lambda average, value, momentum=0.99: momentum * average - value,
                "The value is subtracted whole; its share, 1 - momentum, is added.",
            ),
            WrongAnswer(
                lambda average, value, momentum=0.99: (momentum * average + value) / (1 + momentum),
                "The shares are momentum and 1 of 1 + momentum here; they are momentum and "
                "1 - momentum.",
            ),
            WrongAnswer(
                lambda average, value, momentum=0.99: (
                    (momentum * average + (1 - momentum) * value) / (1 - momentum)
                ),
                "The result is divided by 1 - momentum, which mends an average that began at 0, as "
                "in Adam; the shares add up to 1 already.",
            ),
        ),
    ),
    Exercise(
        id="10.batch_norm_grad",
        title="Back through mean and variance",
        level="stretch",
        minutes=12,
        answer=batch_norm_grad,
        draw=draw_batch_norm_grad,
        examples=(
            (
                table("4 2; 1 -1; -2 3"),
                table("1 0; 3 2; 2 7"),
                np.array([2.0, -3.0]),
                np.array([2.0, 3.0]),
                np.array([2.0, 26.0]) / 3,
                1.0,
            ),
            # The second column does not vary.
            (
                table("5 3; 1 -2; -1 3; 0 4"),
                table("0 2; 2 2; 4 2; 6 2"),
                np.array([2.0, 3.0]),
                np.array([3.0, 2.0]),
                np.array([5.0, 0.0]),
                0.25,
            ),
        ),
        hints=(
            "h is made again from x, mean and variance. dgamma and dbeta are sums over the rows, "
            "and dx needs both.",
            "deviation = np.sqrt(variance + epsilon) and h = (x - mean) / deviation. Then dgamma "
            "is (dy * h).sum(axis=0), and dbeta is dy.sum(axis=0).",
            "dx = gamma / deviation * (dy - dbeta / n - h * dgamma / n), with n = len(x).",
        ),
        wrong=(
            WrongAnswer(
                back_with(dx=lambda dy, h, gamma, v, dg, db, n, x: gamma * dy / v),
                "In dx mean and variance are taken for constants; each depends on every row, and "
                "two terms come from there.",
            ),
            WrongAnswer(
                back_with(dx=lambda dy, h, gamma, v, dg, db, n, x: gamma / v * (dy - h * dg / n)),
                "In dx the mean of dy is not taken off: shifting a whole column changes nothing.",
            ),
            WrongAnswer(
                back_with(dx=lambda dy, h, gamma, v, dg, db, n, x: gamma / v * (dy - db / n)),
                "In dx the part along h is not taken off: stretching a column changes next to "
                "nothing.",
            ),
            WrongAnswer(
                back_with(dx=lambda dy, h, gamma, v, dg, db, n, x: gamma / v * (dy - db - h * dg)),
                "In dx the sums are taken off whole; it is their means, dbeta / n and dgamma / n.",
            ),
            WrongAnswer(
                back_with(dx=lambda dy, h, gamma, v, dg, db, n, x: (dy - db / n - h * dg / n) / v),
                "gamma is missing in dx: y = gamma h + beta, so it stands before all of it.",
            ),
            WrongAnswer(
                back_with(
                    dx=lambda dy, h, gamma, v, dg, db, n, x: gamma * (dy - db / n - h * dg / n)
                ),
                "dx is not divided by the deviation: h moves by 1 / sqrt(variance + epsilon) of "
                "what x does.",
            ),
            WrongAnswer(
                back_with(
                    dx=lambda dy, h, gamma, v, dg, db, n, x: (
                        gamma / v**2 * (dy - db / n - h * dg / n)
                    )
                ),
                "dx is divided by variance + epsilon; divide by its root.",
            ),
            WrongAnswer(
                back_with(
                    dx=lambda dy, h, gamma, v, dg, db, n, x: gamma / v * (dy - db / n - dg / n)
                ),
                "In dx the last term lacks its h: it is h dgamma / n.",
            ),
            WrongAnswer(
                back_with(
                    dx=lambda dy, h, gamma, v, dg, db, n, x: gamma / v * (dy - db / n - x * dg / n)
                ),
                "In dx x stands in the last term; it is h, x without its mean and divided by the "
                "deviation.",
            ),
            WrongAnswer(
                back_with(
                    dx=lambda dy, h, gamma, v, dg, db, n, x: gamma / v * (dy + db / n + h * dg / n)
                ),
                "In dx both terms have the other sign; what mean and variance undo is taken off.",
            ),
            WrongAnswer(
                back_with(
                    dx=lambda dy, h, gamma, v, dg, db, n, x: (
                        gamma / v * (dy - db / (n - 1) - h * dg / (n - 1))
                    )
                ),
                "In dx the sums are divided by n - 1; mean and variance are divided by n.",
            ),
            WrongAnswer(
                back_with(
                    dx=lambda dy, h, gamma, v, dg, db, n, x: (
                        gamma / v * (dy - db / x.shape[1] - h * dg / x.shape[1])
                    )
                ),
                "In dx the sums are divided by the number of columns; n is the number of rows, "
                "len(x).",
            ),
            WrongAnswer(
                back_with(
                    dx=lambda dy, h, gamma, v, dg, db, n, x: (
                        gamma / v * (dy - db / x.size - h * dg / x.size)
                    )
                ),
                "In dx the sums are divided by the number of all entries, x.size; n is the number "
                "of rows, len(x).",
            ),
            WrongAnswer(
                back_with(
                    dx=lambda dy, h, gamma, v, dg, db, n, x: gamma / v * dy - db / n - h * dg / n
                ),
                "In dx gamma over the deviation multiplies dy alone; put brackets around all three "
                "terms.",
            ),
            WrongAnswer(
                back_with(
                    dx=lambda dy, h, gamma, v, dg, db, n, x: gamma / v * (dy - dg / n - h * db / n)
                ),
                "In dx dgamma and dbeta have changed places: h multiplies dgamma.",
            ),
            WrongAnswer(
                back_with(
                    dx=lambda dy, h, gamma, v, dg, db, n, x: gamma / v * (h - db / n - h * dg / n)
                ),
                "In dx h stands where dy belongs: both means are taken off dy.",
            ),
            WrongAnswer(
                back_with(
                    dx=lambda dy, h, gamma, v, dg, db, n, x: (
                        (dy - db / n - h * dg / n) / (gamma * v)
                    )
                ),
                "dx is divided by gamma; on the way back gamma multiplies too.",
            ),
            WrongAnswer(
                back_with(
                    dx=lambda dy, h, gamma, v, dg, db, n, x: (
                        gamma / v * (dy - db / n - 2 * h * dg / n)
                    )
                ),
                "In dx the part along h is taken off twice; if you go by way of the variance, the "
                "slope of the root brings 1/2.",
            ),
            WrongAnswer(
                back_with_one_mean,
                "h is made with the mean of the whole batch; each column has its own, in mean.",
            ),
            WrongAnswer(
                back_with(dgamma=lambda dy, h, gamma, v, x: (dy * x).sum(axis=0)),
                "dgamma is made with x; gamma multiplies h, so it is the sum of dy h.",
            ),
            WrongAnswer(
                back_with(dgamma=lambda dy, h, gamma, v, x: (dy * h * v).sum(axis=0)),
                "dgamma is made with x - mean; gamma multiplies h, which is divided by the "
                "deviation too.",
            ),
            WrongAnswer(
                back_with(dgamma=lambda dy, h, gamma, v, x: gamma * (dy * h).sum(axis=0)),
                "gamma has got into its own slope; dgamma is the sum of dy h alone.",
            ),
            WrongAnswer(
                back_with(dbeta=lambda dy, h, gamma, v, x: gamma * dy.sum(axis=0)),
                "beta is added after gamma has multiplied, so gamma does not enter dbeta.",
            ),
            WrongAnswer(
                back_with(
                    dgamma=lambda dy, h, gamma, v, x: (dy * h).mean(axis=0),
                    dbeta=lambda dy, h, gamma, v, x: dy.mean(axis=0),
                ),
                "dgamma and dbeta are means here; they are sums over the rows.",
            ),
            WrongAnswer(
                back_with(
                    dgamma=lambda dy, h, gamma, v, x: dy * h, dbeta=lambda dy, h, gamma, v, x: dy
                ),
                "dgamma and dbeta have not been added up over the rows; each column has one gamma "
                "and one beta.",
            ),
            WrongAnswer(
                back_along_the_rows,
                "The sums run along the rows; they go over the rows, once for each column: axis=0.",
            ),
            WrongAnswer(
                back_with(results=lambda dx, dgamma, dbeta: (dx, dbeta, dgamma)),
                "dgamma and dbeta have changed places: dx, dgamma, dbeta.",
            ),
            WrongAnswer(
                back_with(results=lambda dx, dgamma, dbeta: (dgamma, dbeta, dx)),
                "The order is dx, dgamma, dbeta; dx comes last here.",
            ),
            WrongAnswer(
                back_with(deviation=lambda variance, epsilon: np.sqrt(variance)),
                "epsilon is missing: y was made with the root of variance + epsilon.",
            ),
            WrongAnswer(
                back_with(deviation=lambda variance, epsilon: np.sqrt(variance) + epsilon),
                "epsilon is added to the root; it stands under the root, as on the way forward.",
            ),
            WrongAnswer(
                back_with(deviation=lambda variance, epsilon: np.sqrt(variance + 1e-3)),
                "epsilon is fixed at 0.001; use the argument.",
            ),
            WrongAnswer(
                back_with(deviation=lambda variance, epsilon: variance + epsilon),
                "The root is forgotten everywhere: h is x - mean, divided by the root of "
                "variance + epsilon.",
            ),
        ),
    ),
]
