"""Exercise of lesson 01: a step by trial, kept if it helps."""

import numpy as np

from dlcore.backends.numpy import dense, mse
from dlcore.course import Exercise, WrongAnswer
from dlcore.course.draw import numbers, sizes, table


def mean_loss(x, t, w, b):
    return np.mean(mse(dense(x, w, b), t))


def trial_step(x, t, w, b, dw, db):
    if mean_loss(x, t, w + dw, b + db) < mean_loss(x, t, w, b):
        return w + dw, b + db
    return w, b


def draw_trial_step(rng, size):
    while True:
        n, i = sizes(rng, (size + 1) // 2, 2)
        x, t = numbers(rng, size, n, i), numbers(rng, size, n, 1)
        w, b = numbers(rng, size, i, 1), 1 + numbers(rng, size, 1)
        dw, db = numbers(rng, size, *w.shape) / 2, numbers(rng, size, *b.shape)
        if rng.random() < 0.4:
            # A change that helps every row a little, and leaves all of them far off.
            t, dw, db = dense(x, w, b) + 4 + np.abs(t), 0 * dw, np.ones(1)
        now, then = mean_loss(x, t, w, b), mean_loss(x, t, w + dw, b + db)
        # Rounding must not decide: the two losses are well apart.
        if abs(now - then) > 0.01 * (1 + now):
            return x, t, w, b, dw, db


def trial_by(better, otherwise=lambda w, b, dw, db: (w, b)):
    """A wrong step that keeps the change where ``better`` says so."""

    def step(x, t, w, b, dw, db):
        new, old = dense(x, w + dw, b + db) - t, dense(x, w, b) - t
        return (w + dw, b + db) if better(new, old) else otherwise(w, b, dw, db)

    return step


def lower(new, old):
    return np.mean(new**2) < np.mean(old**2)


def trial_lower_loss(x, t, w, b, dw, db):
    return min(mean_loss(x, t, w, b), mean_loss(x, t, w + dw, b + db))


def trial_backwards(x, t, w, b, dw, db):
    return trial_step(x, t, w, b, -dw, -db)


def trial_of_changes(x, t, w, b, dw, db):
    if mean_loss(x, t, dw, db) < mean_loss(x, t, w, b):
        return w + dw, b + db
    return w, b


def trial_at_a_tie(x, t, w, b, dw, db):
    if mean_loss(x, t, w + dw, b + db) <= mean_loss(x, t, w, b):
        return w + dw, b + db
    return w, b


def trial_weight_only(x, t, w, b, dw, db):
    if mean_loss(x, t, w + dw, b) < mean_loss(x, t, w, b):
        return w + dw, b
    return w, b


def trial_bias_only(x, t, w, b, dw, db):
    if mean_loss(x, t, w, b + db) < mean_loss(x, t, w, b):
        return w, b + db
    return w, b


def trial_one_by_one(x, t, w, b, dw, db):
    w, _ = trial_weight_only(x, t, w, b, dw, db)
    _, b = trial_bias_only(x, t, w, b, dw, db)
    return w, b


EXERCISES = [
    Exercise(
        id="01.trial_step",
        title="Keep a change that helps",
        level="stretch",
        minutes=7,
        answer=trial_step,
        draw=draw_trial_step,
        result_names=("w", "b"),
        examples=(
            (
                table("0 1; 1 1; 2 0"),
                table("3; 4; 3"),
                table("1; 1"),
                np.zeros(1),
                table("0; 1"),
                np.ones(1),
            ),
            (
                table("0 1; 1 1; 2 0"),
                table("1; 1; 1"),
                np.zeros((2, 1)),
                np.ones(1),
                np.ones((2, 1)),
                np.ones(1),
            ),
            # As far above the targets as it was below: the loss stays the same.
            (
                table("0 1; 1 1; 2 0; 1 3"),
                table("2; 3; 3; 5"),
                table("1; 1"),
                np.zeros(1),
                np.zeros((2, 1)),
                np.full(1, 2.0),
            ),
        ),
        hints=(
            "There are two neurons to compare: the one that we have, and the one that we would "
            "have after the change. Which number says which is better?",
            "The changed neuron is w + dw and b + db; mean_loss gives a number for each.",
            "if mean_loss of the changed one is smaller: return w + dw, b + db. After the if: "
            "return w, b.",
        ),
        wrong=(
            WrongAnswer(
                trial_by(lambda new, old: True),
                "The change is kept in every case, also where the mean loss rises.",
            ),
            WrongAnswer(
                trial_by(lambda new, old: False),
                "The change is never kept, even where the loss falls.",
            ),
            WrongAnswer(
                trial_by(lambda new, old: lower(old, new)),
                "This climbs: the change is kept where the loss rises. Turn the comparison round.",
            ),
            WrongAnswer(
                trial_weight_only, "Only w is changed; the trial is w + dw together with b + db."
            ),
            WrongAnswer(
                trial_bias_only, "Only b is changed; the trial is w + dw together with b + db."
            ),
            WrongAnswer(
                trial_one_by_one,
                "w and b are tried one after the other; the trial changes both together.",
            ),
            WrongAnswer(
                trial_by(lower, lambda w, b, dw, db: (w - dw, b - db)),
                "Where the change does not help, this goes the other way; w and b stay as they are "
                "then.",
            ),
            WrongAnswer(
                lambda x, t, w, b, dw, db: (dw, db),
                "These are the changes themselves; wanted are the new w and b.",
            ),
            WrongAnswer(
                trial_by(lower, lambda w, b, dw, db: (0 * w, 0 * b)),
                "Where the change does not help, w and b become 0; return them as they are.",
            ),
            WrongAnswer(
                trial_by(lambda new, old: (new**2 < old**2).all()),
                "The change is kept only where it helps every single row; the mean loss decides.",
            ),
            WrongAnswer(
                trial_by(lambda new, old: np.mean(new) < np.mean(old)),
                "The misses are compared with their signs; mean_loss squares them first.",
            ),
            WrongAnswer(
                trial_at_a_tie,
                "The change is also kept where the loss stays the same; keep it only where the "
                "loss becomes lower.",
            ),
            WrongAnswer(
                trial_lower_loss,
                "This is the lower of the two losses; wanted are the w and b that have it.",
            ),
            WrongAnswer(
                trial_backwards,
                "The changes are subtracted; the trial is w + dw together with b + db.",
            ),
            WrongAnswer(
                trial_of_changes,
                "The loss is that of dw and db by themselves; the trial is w + dw together with "
                "b + db.",
            ),
        ),
    ),
]
