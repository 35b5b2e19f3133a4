"""A guess stands on a card only where it was tried on the answer, and it is the one expected."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore.course import check, registry
from dlcore.course.cases import draw_cases
from dlcore.course.guesses import slips
from dlcore.course.time_limit import Limit
from dlcore.course.trial import Trial


@pytest.fixture(autouse=True)
def time_enough(monkeypatch):
    """A learner waits three seconds for a guess; a test on a busy machine, for the guess."""
    monkeypatch.setattr(slips, "SECONDS", 60.0)


def mistake(id, function):
    verdict = check(registry.registry().find(id), function)
    assert verdict.status == "wrong", verdict.sentence
    return verdict.mistake


def swapped_gradients(x, t, w, b, learning_rate):
    w, b, loss = registry.registry().find("08.training_step").answer(x, t, w, b, learning_rate)
    return b, w, loss


def without_loss(x, t, w, b, learning_rate):
    return registry.registry().find("08.training_step").answer(x, t, w, b, learning_rate)[:2]


def loss_doubled(x, t, w, b, learning_rate):
    w, b, loss = registry.registry().find("08.training_step").answer(x, t, w, b, learning_rate)
    return -w, b, 2 * loss


def but_the_first_row(x, w, b):
    result = x @ w + b
    result[0] = 0
    return result


def with_the_loss(x, t, w, b, dw, db):
    w, b = registry.registry().find("01.trial_step").answer(x, t, w, b, dw, db)
    return w, b, np.mean((x @ w + b - t) ** 2)


def one_number(x):
    for each in x.ravel():
        return np.tanh(each)


def first_row_only(y, t):
    result = np.zeros(len(y))
    result[0] = np.mean((y[0] - t[0]) ** 2)
    return result


@pytest.mark.parametrize(
    "id, function, words",
    [
        ("01.dense", lambda x, w, b: (x @ w + b).T, "transpose of the right result"),
        ("01.dense", lambda x, w, b: (x @ w + b)[:, None], "axis of size 1 too many"),
        ("01.dense", lambda x, w, b: 3 * (x @ w + b), "3 times the right result everywhere"),
        ("01.dense", lambda x, w, b: x @ w + b + 5, "Each number is 5 too large."),
        ("01.dense", lambda x, w, b: -(x @ w + b), "minus yours is right everywhere"),
        ("01.dense", lambda x, w, b: (x @ w + b)[::-1], "in reverse"),
        ("01.dense", lambda x, w, b: x, "This is x itself"),
        ("01.dense", lambda x, w, b: np.trunc(x @ w + b), "behind the point is cut off"),
        ("01.dense", lambda x, w, b: x @ w + 2 * b, "b is too much"),
        ("01.mse", lambda y, t: np.mean((y - t) ** 2, axis=1, keepdims=True), "size 1 too many"),
        ("01.mse", lambda y, t: np.sum((y - t) ** 2, axis=1) * 2, ""),
        ("01.mse", lambda y, t: np.sum((y - t) ** 2, axis=1) / y.shape[1] ** 2, "columns of y"),
        ("01.mse", lambda y, t: np.mean((y - t) ** 2, axis=1) * len(y), "the number of rows of y"),
        ("01.mse", first_row_only, "The first row is right in every case"),
        ("01.mean_loss", lambda x, t, w, b: (x @ w + b - t) ** 2, "the mean of yours is the right"),
        ("04.relu", lambda x: np.where(x > 0, x, 7), "what is wrong lies where x is"),
        ("04.relu", lambda x: np.where(x > 0, 7, 0), "what is wrong lies where x is positive"),
        ("04.relu", lambda x: x, "This is x itself, unchanged."),
        ("04.relu", lambda x: x * 1.0 + 0 * np.abs(x), "This is x itself, unchanged."),
        ("04.tanh", lambda x: -np.tanh(x), "The sign is turned round"),
        ("04.relu", lambda x: np.sin(3 * x) + 5, ""),
        ("08.batch_rows", lambda o, s, i: o[i * s : i * s + s][::-1], "in reverse"),
        ("08.batch_rows", lambda o, s, i: np.sort(o[i * s : i * s + s]), "in another order"),
        ("08.training_step", swapped_gradients, "in another order: return w, b, loss."),
        ("08.training_step", without_loss, "w and b, are right; loss is missing."),
        ("08.training_step", loss_doubled, "w: The sign is turned round"),
        (
            "08.accuracy",
            lambda y, t, threshold=0.5: 0.7,
            "What comes out is 0.7 in every case that was tried.",
        ),
        ("01.mse", lambda y, t: (np.mean((y - t) ** 2, axis=1), 3), "The first of your results"),
        ("01.dense", but_the_first_row, "All is right but the first row, which is left at 0"),
        ("04.tanh_grad", lambda dy, y: (dy * (1 - y**2))[y > 0], "numbers where y is positive"),
        (
            "01.mean_loss",
            lambda x, t, w, b: np.sum((x @ w + b - t) ** 2) / x.size,
            "how many numbers t has over how many numbers x has",
        ),
        ("01.trial_step", with_the_loss, "w and b are right, with more beside them"),
        ("04.tanh", one_number, "The loop ends in its first round, at `return np.tanh(each)`"),
    ],
)
def test_what_was_proved_is_said(id, function, words):
    said = mistake(id, function)
    assert words in said and bool(words) == bool(said), said


def test_every_sentence_of_several_results_names_its_own():
    assert "loss: Yours is 2 times" in mistake("08.training_step", loss_doubled)


def test_one_case_that_disagrees_is_enough_to_be_silent():
    def nearly(x):
        y = -np.maximum(x, 0)
        if x.size > 30:
            y[0, 0] += 9
        return y

    assert mistake("04.relu", lambda x: -np.maximum(x, 0)).startswith("The sign is turned round")
    assert "sign" not in mistake("04.relu", nearly)


@pytest.mark.parametrize(
    "id, function, words",
    [
        ("04.tanh_grad", lambda dy, y: dy * (1 - y**3), "3 stands where 2 belongs"),
        ("04.tanh_grad", lambda dy, y: dy + (1 - y**2), "`dy` and `1 - y ** 2` are added"),
        ("04.tanh_grad", lambda dy, y: dy * y**2, "`1 -` is left out"),
        ("01.mse", lambda y, t: np.mean(y - t**2, axis=1), "the brackets around `y - t`"),
        ("01.mse", lambda y, t: np.median((y - t) ** 2, axis=1), "the median is taken where"),
        ("01.dense", lambda x, w, b: x @ w + np.sum(b), "np.sum of `b` stands where"),
        ("04.tanh", lambda x: np.exp(x) / (np.exp(x) + np.exp(-x)), "`np.exp(-x)` is left out"),
        ("04.leaky_relu", lambda x, negative_slope=0.2: np.where(x > 0, x, negative_slope + x),
         "are added where they have to be multiplied"),
        ("11.wrong_labels", lambda y, u, shift, noise, k: np.where(u < noise, y + shift + k, y),
         "`y + shift` and `k` are added where they have to be joined by %"),
    ],
)  # fmt: skip
def test_the_right_formula_with_a_part_exchanged(id, function, words):
    said = mistake(id, function)
    assert said.startswith("The right formula but for") and words in said, said


def cosine_of(t, warmed=lambda step, warmup: step / warmup):
    def cosine_rate(step, top, warmup, steps):
        down = (1 + np.cos(np.pi * t(step, warmup, steps))) / 2
        return top * np.where(step < warmup, warmed(step, warmup), down)

    return cosine_rate


def adam_of(rate):
    def adam_update(w, m, v, dw, learning_rate, step, beta_1=0.9, beta_2=0.999, epsilon=1e-7):
        m, v = beta_1 * m + (1 - beta_1) * dw, beta_2 * v + (1 - beta_2) * dw**2
        with np.errstate(all="ignore"):
            by = learning_rate * rate(step, beta_1, beta_2)
        return w - by * m / (np.sqrt(v) + epsilon), m, v

    return adam_update


def brackets_too_early(w, m, v, dw, learning_rate, step, beta_1, beta_2, epsilon):
    m, v = beta_1 * m + (1 - beta_1) * dw, beta_2 * v + (1 - beta_2) * dw**2
    rate = learning_rate * np.sqrt(1 - beta_2**step) / (1 - beta_1**step)
    return (w - rate * m) / (np.sqrt(v) + epsilon), m, v


@pytest.mark.parametrize(
    "id, function",
    [
        # min(step - warmup + steps, 1) is 1 as well, and so is much else that is too large.
        ("09.cosine_rate", cosine_of(lambda s, w, n: np.minimum(s - w / n, 1))),
        ("09.cosine_rate", cosine_of(lambda s, w, n: np.ones(len(s)))),
        # Beside the root of a number below 0 nothing else is seen: both betas are wrong here.
        ("09.adam_update", adam_of(lambda s, b, c: np.sqrt(1 - c * s) / (1 - b * s))),
    ],
)
def test_a_slip_that_is_not_felt_where_it_is_wrong_is_not_said(id, function):
    exercise = registry.registry().find(id)
    trial = Trial(exercise, function, draw_cases(exercise))
    with Limit(60.0) as limit:
        for index in range(len(trial.cases)):
            trial.attempt(index, limit)
    assert slips.slip(trial) == ""


@pytest.mark.parametrize(
    "id, function, words",
    [
        ("09.cosine_rate", cosine_of(lambda s, w, n: np.minimum((s + w) / n, 1)),
         "`step` and `warmup` are added where they have to be subtracted"),
        ("09.cosine_rate", cosine_of(lambda s, w, n: np.maximum((s - w) / n, 1)),
         "the larger is taken where the smaller belongs"),
        ("09.cosine_rate", cosine_of(lambda s, w, n: np.minimum((s - w) / n, 1) / 3),
         "Right wherever step is warmup or less; what is wrong lies where step is above warmup."),
        ("09.adam_update", brackets_too_early,
         "`w - rate * m` is calculated first, where `rate * m / (np.sqrt(v) + epsilon)` has to"),
    ],
)  # fmt: skip
def test_a_slip_that_is_felt_is_said_or_else_where_it_lies(id, function, words):
    assert words in mistake(id, function)


@pytest.mark.parametrize(
    "id, function, words",
    [
        ("04.relu_grad", lambda dy, y: dy + y, "What comes out is `dy + y`, in every case."),
        ("04.relu", lambda x: np.exp(x), "`np.exp(x)`"),
        ("04.relu", lambda x: 0 * x + 7, "What comes out is 7 in every case that was tried."),
        ("08.epoch_loss", lambda losses, sizes: np.max(losses), "`np.max(losses)`"),
        ("01.mse", lambda y, t: np.sin(np.sum(y)), "one number for all; wanted is one number for"),
        ("01.mse", lambda y, t: np.cos(np.sum(y, axis=0)), "one number for each column of y"),
    ],
)
def test_what_is_well_known_is_called_so(id, function, words):
    assert words in mistake(id, function)


def last_row_over_n(x, t, w, b):
    return np.mean((x @ w + b - t)[-1] ** 2) / (len(x) + 0.5)


@pytest.mark.parametrize("function", [last_row_over_n, lambda x, t, w, b: np.max(t) - 2])
def test_one_case_that_agrees_is_no_rule(function):
    assert "wrong in every case where" not in mistake("01.mean_loss", function)


def test_nan_everywhere_is_not_called_a_constant():
    assert mistake("01.dense", lambda x, w, b: x @ w + np.nan) == ""


def test_a_thousand_formulas_give_nothing_but_noughts():
    assert mistake("04.relu_grad", lambda dy, y: 0 * y) == (
        "What comes out is 0 in every case that was tried."
    )


@pytest.mark.parametrize(
    "id, function",
    [
        ("08.accuracy", lambda y, t, threshold=0.5: np.mean(y >= t)),
        ("08.accuracy", lambda y, t, threshold=0.5: np.mean((y > threshold) - t)),
        ("04.leaky_relu", lambda x, negative_slope=0.2: np.where(x > 0, x, np.cos(x))),
    ],
)
def test_what_agrees_by_chance_is_not_called_a_slip(id, function):
    assert "right formula" not in mistake(id, function)
