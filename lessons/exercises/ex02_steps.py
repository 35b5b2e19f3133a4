"""Exercises of lesson 02: one step against the slope, and many of them."""

import numpy as np

from dlcore.backends.numpy import dense_grad, mse_grad, sgd_update
from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, sizes, table


def draw_sgd_update(rng, size):
    w = numbers(rng, size, *sizes(rng, size, 2))
    return w, numbers(rng, size, *w.shape), float(rng.choice([0.125, 0.25, 0.5]))


def descend(x, t, w, b, learning_rate, steps):
    dloss = np.full(len(x), 1 / len(x))
    for _ in range(steps):
        dy = mse_grad(dloss, x @ w + b, t)
        _, dw, db = dense_grad(dy, x, w)
        w, b = sgd_update(w, dw, learning_rate), sgd_update(b, db, learning_rate)
    return w, b


def draw_descend(rng, size):
    n, i = sizes(rng, size, 2)
    x, t = numbers(rng, size, n, i) / 2, numbers(rng, size, n, 1)
    x[0, 0] += 2  # never all nought, so that every mistake shows
    w, b = numbers(rng, size, i, 1), 1 + numbers(rng, size, 1)
    return x, t + 4, w, b, 0.0625, int(rng.integers(2, 5))


def slopes(x, t, w, b):
    y_less_t = x @ w + b - t
    return 2 * x.T @ y_less_t / len(x), 2 * y_less_t.mean(axis=0)


def walk_with(step, more=0):
    """A walk with another step, and more steps or fewer."""

    def walk(x, t, w, b, learning_rate, steps):
        for _ in range(steps + more):
            w, b = step(x, t, w, b, learning_rate)
        return w, b

    return walk


def step_by(by_w=1.0, by_b=1.0):
    """A step with factors in front of its two slopes, which may be functions of x."""

    def step(x, t, w, b, learning_rate):
        dw, db = slopes(x, t, w, b)
        factors = [by(x) if callable(by) else by for by in (by_w, by_b)]
        return w - factors[0] * learning_rate * dw, b - factors[1] * learning_rate * db

    return step


def step_w_first(x, t, w, b, learning_rate):
    new_w = w - learning_rate * slopes(x, t, w, b)[0]
    return new_w, b - learning_rate * slopes(x, t, new_w, b)[1]


def step_b_first(x, t, w, b, learning_rate):
    new_b = b - learning_rate * slopes(x, t, w, b)[1]
    return w - learning_rate * slopes(x, t, w, new_b)[0], new_b


def step_of_mean_slope(x, t, w, b, learning_rate):
    dw, db = slopes(x, t, w, b)
    return w - learning_rate * dw.mean(), b - learning_rate * db


def step_of_all_weights_together(x, t, w, b, learning_rate):
    dw, db = slopes(x, t, w, b)
    return w - learning_rate * dw.sum(), b - learning_rate * db


def walk_dloss(make):
    """A walk with another dloss, made of x, t and the first w and b."""

    def walk(x, t, w, b, learning_rate, steps):
        dloss = make(x, t, w, b)
        for _ in range(steps):
            _, dw, db = dense_grad(mse_grad(dloss, x @ w + b, t), x, w)
            w, b = w - learning_rate * dw, b - learning_rate * db
        return w, b

    return walk


def walk_one_step(x, t, w, b, learning_rate, steps):
    return step_by()(x, t, w, b, learning_rate)


def walk_on_one_slope(x, t, w, b, learning_rate, steps):
    dw, db = slopes(x, t, w, b)
    return w - steps * learning_rate * dw, b - steps * learning_rate * db


def walk_from_nought(x, t, w, b, learning_rate, steps):
    return descend(x, t, 0 * w, 0 * b, learning_rate, steps)


def walk_shorter_and_shorter(x, t, w, b, learning_rate, steps):
    for number in range(1, steps + 1):
        w, b = step_by()(x, t, w, b, learning_rate / number)
    return w, b


def walk_the_way_alone(x, t, w, b, learning_rate, steps):
    new_w, new_b = descend(x, t, w, b, learning_rate, steps)
    return w - new_w, b - new_b


def walk_while_it_falls(x, t, w, b, learning_rate, steps):
    last = np.inf
    for _ in range(steps):
        loss = np.mean((x @ w + b - t) ** 2)
        if loss >= last:
            break
        last = loss
        w, b = step_by()(x, t, w, b, learning_rate)
    return w, b


def walk_to_lower_places_only(x, t, w, b, learning_rate, steps):
    for _ in range(steps):
        new_w, new_b = step_by()(x, t, w, b, learning_rate)
        if np.mean((x @ new_w + new_b - t) ** 2) >= np.mean((x @ w + b - t) ** 2):
            break
        w, b = new_w, new_b
    return w, b


def walk_on_results_in_another_order(x, t, w, b, learning_rate, steps):
    dloss = np.full(len(x), 1 / len(x))
    for _ in range(steps):
        dw, db, _ = dense_grad(mse_grad(dloss, x @ w + b, t), x, w)
        w, b = sgd_update(w, dw, learning_rate), sgd_update(b, db, learning_rate)
    return w, b


def walk_row_by_row(x, t, w, b, learning_rate, steps):
    for _ in range(steps):
        for row in range(len(x)):
            one = slice(row, row + 1)
            w, b = step_by(1 / len(x), 1 / len(x))(x[one], t[one], w, b, learning_rate)
    return w, b


EXERCISES = [
    Exercise(
        id="02.sgd_update",
        title="One step against the slope",
        level="easy",
        minutes=3,
        answer=sgd_update,
        draw=draw_sgd_update,
        result_names=("w",),
        examples=((table("1 2 0; -1 3 2"), table("2 0 -4; 1 -2 8"), 0.25),),
        hints=(
            "The slope says where the loss rises. We want to go the other way, by learning_rate "
            "times the slope.",
            "The step is learning_rate times dw, and it is subtracted from w. It works number by "
            "number, whatever the shape.",
            "w - learning_rate * dw makes a new array, which is returned.",
        ),
        wrong=(
            WrongAnswer(
                lambda w, dw, learning_rate: w + learning_rate * dw,
                "This climbs: the slope points up, so the step is subtracted.",
            ),
            WrongAnswer(
                lambda w, dw, learning_rate: w - dw,
                "The whole slope is subtracted; multiply it by learning_rate first.",
            ),
            WrongAnswer(
                lambda w, dw, learning_rate: -learning_rate * dw,
                "This is the step alone; add it to w.",
            ),
            WrongAnswer(
                lambda w, dw, learning_rate: learning_rate * dw,
                "This is the length of the step, with its sign; subtract it from w.",
            ),
            WrongAnswer(
                lambda w, dw, learning_rate: w - learning_rate * np.sign(dw),
                "Only the sign of dw is used, so all numbers move equally far; a step is as long "
                "as the slope says.",
            ),
            WrongAnswer(
                lambda w, dw, learning_rate: w - 0.1 * dw,
                "The rate is fixed at 0.1; use the argument learning_rate.",
            ),
            WrongAnswer(
                lambda w, dw, learning_rate: w - 0.01 * dw,
                "The rate is fixed at 0.01; use the argument learning_rate.",
            ),
            WrongAnswer(
                lambda w, dw, learning_rate: w - learning_rate,
                "All numbers go down by the rate alone; the slope dw is not used.",
            ),
            WrongAnswer(
                lambda w, dw, learning_rate: (w - dw) * learning_rate,
                "The rate multiplies w as well: only dw is multiplied, and then subtracted.",
            ),
            WrongAnswer(
                lambda w, dw, learning_rate: (w - learning_rate) * dw,
                "The brackets join the wrong two: w - (learning_rate * dw) is meant, which needs "
                "none.",
            ),
            WrongAnswer(
                lambda w, dw, learning_rate: w - learning_rate * dw / np.linalg.norm(dw),
                "The slope is brought to length 1, so that every step is equally long; take the "
                "slope as it is.",
            ),
            WrongAnswer(
                lambda w, dw, learning_rate: w - dw / learning_rate,
                "dw is divided by the rate, so that a small rate makes long steps; multiply.",
            ),
            WrongAnswer(
                lambda w, dw, learning_rate: dw - learning_rate * w,
                "w and dw have changed places.",
            ),
            WrongAnswer(
                lambda w, dw, learning_rate: w - learning_rate * np.abs(dw),
                "The sign of dw is lost, so that everything goes down; where the slope is "
                "negative w has to grow.",
            ),
            WrongAnswer(
                lambda w, dw, learning_rate: w - learning_rate * dw.mean(),
                "The mean of dw is used for all; each number has a slope of its own.",
            ),
            WrongAnswer(
                lambda w, dw, learning_rate: w * (1 - learning_rate * dw),
                "w is multiplied by the slope; the step is learning_rate times dw, whatever w is.",
            ),
        ),
    ),
    Exercise(
        id="02.descend",
        title="The walk",
        level="core",
        minutes=6,
        answer=descend,
        draw=draw_descend,
        result_names=("w", "b"),
        examples=(
            (table("0 1; 1 1; 2 0"), table("3; 4; 3"), table("1; 1"), np.zeros(1), 0.125, 2),
            # Above the edge: this walk climbs, and takes all its steps.
            (table("0 1; 1 1; 2 0"), table("3; 4; 3"), table("1; 1"), np.zeros(1), 0.5, 4),
        ),
        hints=(
            "A loop of so many steps. Inside of it, the way forward to the outputs, the way back "
            "to the slopes, and then both updates. mse_grad, dense_grad and sgd_update are yours "
            "already.",
            "y is x @ w + b. mse_grad wants dloss, what each row counts in the mean: "
            "np.full(len(x), 1 / len(x)). dense_grad wants what mse_grad gave.",
            "for _ in range(steps): dy = mse_grad(dloss, x @ w + b, t); then _, dw, db = "
            "dense_grad(dy, x, w); then sgd_update for w and for b. Return both behind the loop.",
        ),
        wrong=(
            WrongAnswer(walk_one_step, "This is one step; repeat it steps times."),
            WrongAnswer(walk_with(step_by(), more=1), "This takes one step too many."),
            WrongAnswer(walk_with(step_by(), more=-1), "This takes one step too few."),
            WrongAnswer(
                walk_on_one_slope,
                "The slope is looked at once and used for every step; it changes with w and b, so "
                "look again each time.",
            ),
            WrongAnswer(
                walk_with(step_by(len, len)),
                "Each row counts 1 here; in the mean loss it counts 1/n, so dloss is "
                "np.full(len(x), 1 / len(x)).",
            ),
            WrongAnswer(
                walk_dloss(lambda x, t, w, b: 1 / len(x)),
                "dloss is one number here; mse_grad takes one for each row, np.full(len(x), "
                "1 / len(x)).",
            ),
            WrongAnswer(
                walk_dloss(lambda x, t, w, b: np.mean((x @ w + b - t) ** 2, axis=1)),
                "The losses of the rows stand for dloss; it says what each of them counts in the "
                "mean, 1/n.",
            ),
            WrongAnswer(
                walk_with(step_of_mean_slope),
                "All weights take the mean of their slopes; each has a slope of its own, as "
                "dense_grad gives them.",
            ),
            WrongAnswer(
                walk_with(step_of_all_weights_together),
                "All weights take the sum of their slopes, as slope_by_trial moves them together; "
                "each has a slope of its own, as dense_grad gives them.",
            ),
            WrongAnswer(
                walk_with(step_by(lambda x: 1 / len(x), lambda x: 1 / len(x))),
                "The slopes are divided by n twice: once in dloss, and once more.",
            ),
            WrongAnswer(
                walk_with(step_by(0.5, 0.5)),
                "The steps are half as long as they should be: the slope of a square has a 2.",
            ),
            WrongAnswer(
                walk_with(step_w_first),
                "b is stepped with a slope taken after w has moved; take both slopes at the same "
                "place, then both steps.",
            ),
            WrongAnswer(
                walk_with(step_b_first),
                "w is stepped with a slope taken after b has moved; take both slopes at the same "
                "place, then both steps.",
            ),
            WrongAnswer(
                walk_with(step_by(1.0, 0.0)), "b stays where it was; it has a slope as well."
            ),
            WrongAnswer(
                walk_with(step_by(0.0, 1.0)), "w stays where it was; it has a slope as well."
            ),
            WrongAnswer(
                walk_with(step_by(-1.0, -1.0)),
                "This climbs: the slope points up, and a step goes against it.",
            ),
            WrongAnswer(
                walk_with(lambda x, t, w, b, rate: step_by()(x, t, w, b, 1.0)),
                "The whole slope is subtracted at each step; multiply it by learning_rate.",
            ),
            WrongAnswer(
                walk_while_it_falls,
                "The walk stops when the loss no longer falls; it has to take all its steps, "
                "uphill too.",
            ),
            WrongAnswer(
                walk_to_lower_places_only,
                "A step that leads up is not taken; the walk takes all its steps, uphill too.",
            ),
            WrongAnswer(
                walk_on_results_in_another_order,
                "dense_grad returns dx, dw, db, in this order.",
            ),
            WrongAnswer(
                walk_from_nought,
                "The walk starts at 0; it has to start at the w and b that were given.",
            ),
            WrongAnswer(
                walk_shorter_and_shorter,
                "The rate is made smaller from step to step; it stays as it is, and the steps "
                "become shorter by themselves.",
            ),
            WrongAnswer(
                walk_the_way_alone,
                "This is the way that was gone; wanted are the w and b at its end.",
            ),
            WrongAnswer(
                walk_row_by_row,
                "A step is taken after each row; one step is for all rows together.",
            ),
        ),
    ),
]
