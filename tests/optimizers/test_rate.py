"""The learning rate: a number that may be changed, or a schedule that may not."""

import numpy as np
import pytest

from dlcore.optimizers import SGD, Adam
from dlcore.optimizers.schedules import ExponentialDecay, LearningRateSchedule
from dlcore.tensor import Variable


def step(optimizer, w):
    optimizer.apply([np.ones(1, np.float32)], [w])


def test_a_new_learning_rate_serves_the_next_step_and_stays_in_its_array():
    optimizer, w = SGD(0.1), Variable(np.zeros(1, np.float32))
    buffer = optimizer.learning_rate.data
    step(optimizer, w)
    optimizer.learning_rate = 0.5
    optimizer.apply_gradients([(np.ones(1, np.float32), w)])
    assert w.data[0] == pytest.approx(-0.6)
    assert optimizer.learning_rate.data is buffer and buffer.ndim == 0
    assert optimizer.iterations.data.ndim == 0


def test_a_rate_may_be_calculated_from_the_one_before():
    optimizer = SGD(0.4)
    optimizer.learning_rate = optimizer.learning_rate * 0.5
    assert float(optimizer.learning_rate) == pytest.approx(0.2)
    optimizer.learning_rate = np.float32(0)
    assert float(optimizer.learning_rate) == 0


def test_a_schedule_is_asked_with_the_number_of_steps_before():
    optimizer, w = SGD(ExponentialDecay(1.0, 1, 0.5)), Variable(np.zeros(1, np.float32))
    rates = []
    for _ in range(3):
        rates.append(float(optimizer.learning_rate))
        before = w.data[0]
        step(optimizer, w)
        assert before - w.data[0] == pytest.approx(rates[-1])
    assert rates == [1.0, 0.5, 0.25]
    # Reading it is no step.
    assert int(optimizer.iterations) == 3 and float(optimizer.learning_rate) == 0.125


def test_a_schedule_reaches_the_decay_of_the_weights():
    optimizer = SGD(ExponentialDecay(1.0, 1, 0.5), weight_decay=0.1)
    w = Variable(np.ones(1, np.float32))
    for _ in range(2):
        optimizer.apply([np.zeros(1, np.float32)], [w])
    assert w.data[0] == pytest.approx(0.9 * 0.95)


def test_a_number_gives_way_to_a_schedule_but_not_the_other_way_round():
    optimizer, w = SGD(0.1), Variable(np.zeros(1, np.float32))
    optimizer.learning_rate = ExponentialDecay(0.4, 1, 0.5)
    step(optimizer, w)
    assert w.data[0] == pytest.approx(-0.4)
    with pytest.raises(TypeError, match="follows the schedule ExponentialDecay, so no number"):
        optimizer.learning_rate = 0.1
    step(optimizer, w)
    assert w.data[0] == pytest.approx(-0.6)
    optimizer.learning_rate = ExponentialDecay(0.4, 1, 1.0)
    step(optimizer, w)
    assert w.data[0] == pytest.approx(-1.0)


class Whole(LearningRateSchedule):
    def __init__(self, rate):
        self.rate = rate

    def __call__(self, step):
        return self.rate


def test_a_schedule_of_ones_own_may_return_a_bare_number_but_only_one():
    optimizer, w = SGD(Whole(0.3)), Variable(np.zeros(1, np.float32))
    step(optimizer, w)
    assert w.data[0] == pytest.approx(-0.3)
    with pytest.raises(ValueError, match=r"Whole returned an array of shape \(2,\) for one step"):
        step(SGD(Whole([0.1, 0.2])), w)


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        (-0.1, ValueError, "learning_rate is a positive number, not -0.1; try 0.001"),
        (float("nan"), ValueError, "learning_rate is a finite number, not nan"),
        (float("inf"), ValueError, "learning_rate is a finite number, not inf"),
        ("0.1", TypeError, "learning_rate is a number, not '0.1'"),
        (True, TypeError, "learning_rate is a number, not True"),
        (None, TypeError, "learning_rate is a number, not None"),
        ([0.1, 0.2], TypeError, "learning_rate is a number, not"),
        (lambda: 0.1, TypeError, "is for the callback LearningRateScheduler"),
        (ExponentialDecay, TypeError, "a number or a schedule such as ExponentialDecay"),
    ],
)
def test_what_is_no_rate(value, error, words):
    with pytest.raises(error, match=words):
        Adam(value)
    optimizer = Adam(0.5)
    with pytest.raises(error, match=words):
        optimizer.learning_rate = value
    assert float(optimizer.learning_rate) == 0.5
