"""Exercises of lesson 09: a step that remembers, and the mean of what it remembers."""

import numpy as np

from dlcore.backends.numpy import momentum_update
from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import sizes, table


def away_from_nought(rng, size, *shape):
    """Whole numbers of size 1 to 3 for the tiny cases, else at least 0.3, of both signs."""
    if size == 1:
        numbers = rng.integers(1, 4, shape) * rng.choice([-1.0, 1.0], shape)
        numbers.flat[0], numbers.flat[-1] = 3, -2  # never all of one size, nor of one sign
        return numbers
    return rng.uniform(0.3, 3, shape) * rng.choice([-1.0, 1.0], shape)


def draw_momentum(rng, size):
    shape = sizes(rng, size, 2)
    w, v, dw = (away_from_nought(rng, size, *shape) for _ in range(3))
    return w, v, dw, float(rng.choice([0.25, 0.5, 2])), float(rng.choice([0.5, 0.75, 0.9]))


def momentum_spelled(w, v, dw, learning_rate, momentum=0.9):
    v = momentum * v - learning_rate * dw
    return w + v, v


def with_velocity(make):
    """The step by another new velocity."""

    def update(w, v, dw, learning_rate, momentum=0.9):
        v = make(v, dw, learning_rate, momentum)
        return w + v, v

    return update


def rate_outside(w, v, dw, learning_rate, momentum=0.9):
    v = momentum * v + dw
    return w - learning_rate * v, v


def mean_and_rate_outside(w, v, dw, learning_rate, momentum=0.9):
    v = momentum * v + (1 - momentum) * dw
    return w - learning_rate * v, v


def rate_outside_downhill(w, v, dw, learning_rate, momentum=0.9):
    v = momentum * v - dw
    return w + learning_rate * v, v


def mean_downhill(w, v, dw, learning_rate, momentum=0.9):
    v = momentum * v - (1 - momentum) * dw
    return w + learning_rate * v, v


def uphill_and_subtracted(w, v, dw, learning_rate, momentum=0.9):
    v = momentum * v + learning_rate * dw
    return w - v, v


def subtracted(w, v, dw, learning_rate, momentum=0.9):
    v = momentum * v - learning_rate * dw
    return w - v, v


def step_of_before(w, v, dw, learning_rate, momentum=0.9):
    return w + v, momentum * v - learning_rate * dw


def not_kept(w, v, dw, learning_rate, momentum=0.9):
    return w + momentum * v - learning_rate * dw, v


def kept_without_the_slope(w, v, dw, learning_rate, momentum=0.9):
    return w + momentum * v - learning_rate * dw, momentum * v


def kept_the_last_step_alone(w, v, dw, learning_rate, momentum=0.9):
    return w + momentum * v - learning_rate * dw, -learning_rate * dw


def swapped(w, v, dw, learning_rate, momentum=0.9):
    w, v = momentum_spelled(w, v, dw, learning_rate, momentum)
    return v, w


def plain_step(w, v, dw, learning_rate, momentum=0.9):
    return w - learning_rate * dw, v


def plain_step_beside(w, v, dw, learning_rate, momentum=0.9):
    return w - learning_rate * dw, momentum * v - learning_rate * dw


def faded_twice(w, v, dw, learning_rate, momentum=0.9):
    v = momentum * v - learning_rate * dw
    return w + momentum * v, v


def slope_twice(w, v, dw, learning_rate, momentum=0.9):
    v = momentum * v - learning_rate * dw
    return w + v - learning_rate * dw, v


def nesterov(w, v, dw, learning_rate, momentum=0.9):
    v = momentum * v - learning_rate * dw
    return w + momentum * v - learning_rate * dw, v


def faded_weights(w, v, dw, learning_rate, momentum=0.9):
    v = momentum * v - learning_rate * dw
    return momentum * w + v, v


def the_step_alone(w, v, dw, learning_rate, momentum=0.9):
    v = momentum * v - learning_rate * dw
    return v, v


def rate_once_more(w, v, dw, learning_rate, momentum=0.9):
    v = momentum * v - learning_rate * dw
    return w + learning_rate * v, v


def uphill_from_downhill(w, v, dw, learning_rate, momentum=0.9):
    v = learning_rate * dw - momentum * v
    return w - v, v


def draw_running_mean(rng, size):
    t = int(rng.integers(2, size + 3))
    k = t + int(rng.integers(1, size + 2))
    return away_from_nought(rng, size, t, k), float(rng.choice([0.6, 0.75, 0.9]))


def running_mean(g, beta):
    m = np.zeros(g.shape[1])
    for slopes in g:
        m = beta * m + (1 - beta) * slopes
    return m / (1 - beta ** len(g))


def raw_mean(g, beta):
    return running_mean(g, beta) * (1 - beta ** len(g))


def divided_by(bias):
    """The running mean from 0, divided by something else."""
    return lambda g, beta: raw_mean(g, beta) / bias(g, beta)


def from_the_first(g, beta):
    m = g[0]
    for slopes in g[1:]:
        m = beta * m + (1 - beta) * slopes
    return m


def from_the_first_corrected(g, beta):
    return from_the_first(g, beta) / (1 - beta ** len(g))


def corrected_in_every_step(g, beta):
    m = np.zeros(g.shape[1])
    for number, slopes in enumerate(g, 1):
        m = (beta * m + (1 - beta) * slopes) / (1 - beta**number)
    return m


def corrected_fully_in_every_step(g, beta):
    m = np.zeros(g.shape[1])
    for slopes in g:
        m = (beta * m + (1 - beta) * slopes) / (1 - beta ** len(g))
    return m


def beta_on_the_new(g, beta):
    return raw_mean(g, 1 - beta) / (1 - beta ** len(g))


def along_the_columns(g, beta):
    return running_mean(g.T, beta)


def fading_sum(g, beta):
    return raw_mean(g, beta) / (1 - beta) / (1 - beta ** len(g))


def fading_sum_alone(g, beta):
    return raw_mean(g, beta) / (1 - beta)


def fading_sum_of_rows(g, beta):
    return raw_mean(g, beta) / (1 - beta) / len(g)


def whole_table(g, beta):
    m = np.zeros(g.shape[1])
    for _ in g:
        m = beta * m + (1 - beta) * g
    return m / (1 - beta ** len(g))


def every_mean(g, beta):
    return np.array([running_mean(g[:count], beta) for count in range(1, len(g) + 1)])


EXERCISES = [
    Exercise(
        id="09.momentum_update",
        title="A step that remembers",
        level="easy",
        minutes=5,
        answer=momentum_update,
        draw=draw_momentum,
        spelled=momentum_spelled,
        examples=(
            (
                table("1 2 -1; 3 -2 2"),
                table("2 -1 1; -3 2 1"),
                table("2 1 -3; -1 -2 3"),
                0.5,
                0.75,
            ),
        ),
        hints=(
            "First make the new velocity of the old one and the slope; then move w by the new "
            "velocity. Both are returned.",
            "The old velocity fades to momentum times itself, and learning_rate times dw is "
            "subtracted from that.",
            "v = momentum * v - learning_rate * dw makes a new array; return w + v, v.",
        ),
        wrong=(
            WrongAnswer(
                rate_outside,
                "The rate multiplies the whole velocity here, as in PyTorch. While the rate stays "
                "the weights go the same way, but v is another number: here the rate goes into v.",
            ),
            WrongAnswer(
                with_velocity(lambda v, dw, rate, mom: mom * v - (1 - mom) * rate * dw),
                "The slope is multiplied by 1 - momentum, so that v is a mean and a long straight "
                "run gets no faster; the new slope enters whole.",
            ),
            WrongAnswer(
                mean_and_rate_outside,
                "This v is a mean of slopes, and the rate comes afterwards; here v is a sum of "
                "steps: the slope enters whole, times the rate.",
            ),
            WrongAnswer(
                with_velocity(lambda v, dw, rate, mom: mom * v + rate * dw),
                "The slope is added, so this climbs; a step goes against the slope.",
            ),
            WrongAnswer(
                rate_outside_downhill,
                "v has the right sign, but it is a sum of slopes, and the rate comes afterwards; "
                "here the rate goes into v.",
            ),
            WrongAnswer(
                mean_downhill,
                "v is a mean of slopes here, with 1 - momentum, and the rate comes afterwards; "
                "the slope enters whole, times the rate.",
            ),
            WrongAnswer(
                uphill_and_subtracted,
                "This v points uphill and is subtracted. From v = 0 the weights would go the same "
                "way, but the v that comes in here points downhill: subtract the slope, add v.",
            ),
            WrongAnswer(
                subtracted,
                "The velocity is subtracted from w. It points downhill already, since the slope "
                "was subtracted in it, so it is added.",
            ),
            WrongAnswer(
                step_of_before,
                "w moves by the velocity from before; first renew v, then move by the new one.",
            ),
            WrongAnswer(
                not_kept,
                "w is right, but the v that comes back is the old one, so nothing is remembered; "
                "return the new v.",
            ),
            WrongAnswer(
                kept_without_the_slope,
                "w is right, but the new slope is missing in the v that comes back, so it is "
                "forgotten after one step.",
            ),
            WrongAnswer(
                kept_the_last_step_alone,
                "w is right, but the v that comes back holds the last slope alone; keep the whole "
                "velocity, with the faded old one.",
            ),
            WrongAnswer(
                with_velocity(lambda v, dw, rate, mom: mom * (v - rate * dw)),
                "The new slope is faded before it was used once; momentum multiplies the old v "
                "alone.",
            ),
            WrongAnswer(
                with_velocity(lambda v, dw, rate, mom: v - rate * dw),
                "The old velocity is kept whole, so it never fades; multiply it by momentum.",
            ),
            WrongAnswer(
                with_velocity(lambda v, dw, rate, mom: mom * v - dw),
                "The slope is not multiplied by the learning rate.",
            ),
            WrongAnswer(
                with_velocity(lambda v, dw, rate, mom: rate * (mom * v - dw)),
                "The rate multiplies the old velocity as well; it is in there already.",
            ),
            WrongAnswer(
                with_velocity(lambda v, dw, rate, mom: mom * v - 0.01 * dw),
                "The rate is fixed at 0.01; use the argument learning_rate.",
            ),
            WrongAnswer(
                with_velocity(lambda v, dw, rate, mom: -mom * v - rate * dw),
                "The old velocity is turned round; it fades, but keeps its sign.",
            ),
            WrongAnswer(
                with_velocity(lambda v, dw, rate, mom: (1 - mom) * v - rate * dw),
                "Of the old velocity 1 - momentum is kept; momentum itself is the share that is "
                "kept.",
            ),
            WrongAnswer(
                with_velocity(lambda v, dw, rate, mom: v + mom * v - rate * dw),
                "The old velocity is kept whole and its faded part is added to it; momentum * v "
                "takes its place.",
            ),
            WrongAnswer(
                with_velocity(lambda v, dw, rate, mom: mom * v - rate * dw.mean()),
                "All weights take the mean of the slopes; each has a slope of its own.",
            ),
            WrongAnswer(
                with_velocity(lambda v, dw, rate, mom: mom * v - rate * np.sign(dw)),
                "Only the sign of dw is used; the slope itself goes into v.",
            ),
            WrongAnswer(
                with_velocity(lambda v, dw, rate, mom: rate * v - mom * dw),
                "learning_rate and momentum have changed places.",
            ),
            WrongAnswer(
                with_velocity(lambda v, dw, rate, mom: (1 - mom) * v - mom * rate * dw),
                "momentum multiplies the new slope, and 1 - momentum the old velocity; momentum is "
                "the share of the old velocity, and the new slope enters whole, times the rate.",
            ),
            WrongAnswer(
                with_velocity(lambda v, dw, rate, mom: mom * v - (1 - mom) * dw),
                "The slope enters with 1 - momentum, and the rate is not used; it enters whole, "
                "times the rate.",
            ),
            WrongAnswer(
                rate_once_more,
                "v is right, but w moves by the rate times v; the rate is in v already.",
            ),
            WrongAnswer(
                uphill_from_downhill,
                "w is right, but the v that comes back points uphill, so that the next step will "
                "read it the wrong way; v is momentum times the old v, minus the rate times dw.",
            ),
            WrongAnswer(swapped, "The two results have changed places: first w, then v."),
            WrongAnswer(
                the_step_alone,
                "The first result is the velocity alone; add it to w.",
            ),
            WrongAnswer(
                plain_step,
                "This is the plain step, and v is not used; move by the velocity.",
            ),
            WrongAnswer(
                plain_step_beside,
                "v is right, but w takes the plain step; move it by v.",
            ),
            WrongAnswer(
                faded_twice,
                "v is right, but w moves only by momentum times it; it moves by all of v.",
            ),
            WrongAnswer(
                slope_twice,
                "v is right, but w moves by the slope once more; it is in v already.",
            ),
            WrongAnswer(
                nesterov,
                "This is Nesterov's form, which fades v once more and adds the slope again; here w "
                "moves by v alone.",
            ),
            WrongAnswer(
                faded_weights,
                "momentum multiplies w as well; only the velocity fades.",
            ),
        ),
    ),
    Exercise(
        id="09.running_mean",
        title="A mean that forgets",
        level="core",
        minutes=5,
        answer=running_mean,
        draw=draw_running_mean,
        result_names=("m",),
        examples=((table("3 -2 1 2; 1 2 -3 2; -1 3 2 -2"), 0.75),),
        hints=(
            "Begin with zeros, one for each weight, and go through the rows of g from the first to "
            "the last. What does a row do to m, and what is left to do behind the loop?",
            "Each row: m becomes beta times m plus 1 - beta times the row. Behind the loop one "
            "division: of t rows 1 - beta ** t has come in, and t is len(g).",
            "m = np.zeros(g.shape[1]); for row in g: m = beta * m + (1 - beta) * row; then return "
            "m / (1 - beta ** len(g)).",
        ),
        wrong=(
            WrongAnswer(
                raw_mean,
                "m starts at 0 and still leans towards it; with t slopes divide by 1 - beta ** t.",
            ),
            WrongAnswer(
                from_the_first,
                "The first slope stands for the start, so it weighs too much; start at 0 and "
                "correct at the end.",
            ),
            WrongAnswer(
                from_the_first_corrected,
                "m starts at the first slope and is corrected as if it had started at 0; start at "
                "0.",
            ),
            WrongAnswer(
                lambda g, beta: g.mean(axis=0),
                "This is the plain mean, in which all slopes count the same; a late one counts "
                "more.",
            ),
            WrongAnswer(
                lambda g, beta: g.sum(axis=0),
                "This is the sum of the slopes; wanted is a mean, in which early ones fade.",
            ),
            WrongAnswer(
                lambda g, beta: g[-1], "This is the last slope alone; the earlier ones count too."
            ),
            WrongAnswer(
                corrected_in_every_step,
                "The correction is kept, and enters the next step; correct only what is returned, "
                "once.",
            ),
            WrongAnswer(
                corrected_fully_in_every_step,
                "The division stands inside of the loop; it comes once, behind it.",
            ),
            WrongAnswer(
                beta_on_the_new,
                "beta multiplies the new slope; it is the share of the old m that is kept.",
            ),
            WrongAnswer(
                lambda g, beta: running_mean(g, 1 - beta),
                "beta and 1 - beta have changed places everywhere; beta is the share of the old m "
                "that is kept.",
            ),
            WrongAnswer(
                fading_sum,
                "Each slope enters whole, so this is too large; it enters with 1 - beta.",
            ),
            WrongAnswer(
                fading_sum_alone,
                "This is a fading sum, as in a velocity: each slope enters with 1 - beta, and at "
                "the end it is divided by 1 - beta ** t, with the power.",
            ),
            WrongAnswer(
                lambda g, beta: running_mean(g[::-1], beta),
                "The oldest slope weighs most here, as if the rows were taken from the last to the "
                "first; the latest has to weigh most.",
            ),
            WrongAnswer(
                along_the_columns,
                "This goes through the columns of g; each row is one step, each column one weight.",
            ),
            WrongAnswer(
                divided_by(lambda g, beta: 1 - beta ** (len(g) + 1)),
                "The power is one too high: after t slopes it is t.",
            ),
            WrongAnswer(
                divided_by(lambda g, beta: 1 - beta ** (len(g) - 1)),
                "The power is one too low: after t slopes it is t, and the first counts as 1.",
            ),
            WrongAnswer(
                divided_by(lambda g, beta: 1 - beta ** g.shape[1]),
                "The power is the number of weights; it is the number of slopes, len(g).",
            ),
            WrongAnswer(
                divided_by(lambda g, beta: beta ** len(g)),
                "It is divided by what is left of the start, beta ** t; divide by what has come "
                "in, 1 - beta ** t.",
            ),
            WrongAnswer(
                divided_by(lambda g, beta: len(g)),
                "It is divided by the number of slopes; the weights in m add up to 1 - beta ** t.",
            ),
            WrongAnswer(
                divided_by(lambda g, beta: 1 / (1 - beta ** len(g))),
                "It is multiplied by 1 - beta ** t, which makes it smaller still; divide.",
            ),
            WrongAnswer(
                lambda g, beta: raw_mean(g, beta) - beta ** len(g),
                "beta ** t is subtracted from m; m is divided by 1 - beta ** t, with brackets "
                "around it.",
            ),
            WrongAnswer(
                divided_by(lambda g, beta: 1 - beta**g.size),
                "The power is the number of all numbers in g; it is the number of its rows, "
                "len(g).",
            ),
            WrongAnswer(
                divided_by(lambda g, beta: (1 - beta) ** len(g)),
                "It is divided by the power of 1 - beta; the power belongs to beta alone, "
                "1 - beta ** t.",
            ),
            WrongAnswer(
                fading_sum_of_rows,
                "This is a fading sum divided by the number of slopes; each slope enters with "
                "1 - beta, and the sum is divided by 1 - beta ** t.",
            ),
            WrongAnswer(
                lambda g, beta: (1 - beta) * g.sum(axis=0) / (1 - beta ** len(g)),
                "All slopes count the same here: the old m does not fade; multiply it by beta in "
                "every step.",
            ),
            WrongAnswer(
                whole_table,
                "This gives g back, as where the whole g enters in every round; only the row of "
                "the round enters, `slopes` in `for slopes in g`.",
            ),
            WrongAnswer(
                lambda g, beta: running_mean(g[:-1], beta),
                "The last slope is left out.",
            ),
            WrongAnswer(
                lambda g, beta: raw_mean(g[1:], beta) / (1 - beta ** len(g)),
                "The first slope is left out, as where the loop begins at row 1; it begins at "
                "row 0.",
            ),
            WrongAnswer(
                every_mean,
                "These are the means after each slope; wanted is the last of them.",
            ),
            WrongAnswer(
                lambda g, beta: running_mean(g, beta).mean(),
                "This is one number for all weights; each weight has a mean of its own.",
            ),
        ),
    ),
]
