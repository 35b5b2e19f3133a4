"""A replayed training ends with the bits of an eager one, for every optimiser and schedule."""

import math

import numpy as np
import pytest

from dlcore.callbacks import Callback, LearningRateScheduler
from dlcore.engine.program import Program
from dlcore.layers import Dense
from dlcore.models import Sequential
from dlcore.optimizers import SGD, Adadelta, Adagrad, Adam, Adamax, AdamW, Lion, Nadam, RMSprop
from dlcore.optimizers.schedules import (
    CosineDecay,
    ExponentialDecay,
    InverseTimeDecay,
    LearningRateSchedule,
    PiecewiseConstantDecay,
    PolynomialDecay,
)
from dlcore.utils import set_random_seed


class HalfLife(LearningRateSchedule):
    """The example of the base."""

    def __init__(self, start, steps):
        self.start, self.steps = start, steps

    def __call__(self, step):
        return self.start * 0.5 ** (step / self.steps)


MAKERS = {
    "sgd": lambda: SGD(0.05),
    "momentum": lambda: SGD(0.05, 0.9, True),
    "rmsprop": lambda: RMSprop(0.01),
    "rmsprop with momentum": lambda: RMSprop(0.01, momentum=0.5),
    "rmsprop, centered": lambda: RMSprop(0.01, centered=True),
    "rmsprop, all of it": lambda: RMSprop(0.01, momentum=0.5, centered=True),
    "adagrad": lambda: Adagrad(0.1),
    "adam": lambda: Adam(0.01),
    "amsgrad": lambda: Adam(0.01, amsgrad=True),
    "adamw": lambda: AdamW(0.01, weight_decay=0.3),
    "nadam": lambda: Nadam(0.01, weight_decay=0.3),
    "adamax": lambda: Adamax(0.01),
    "adadelta": lambda: Adadelta(1.0),
    "lion": lambda: Lion(0.001),
    "clipnorm": lambda: SGD(0.1, 0.5, clipnorm=0.1),
    "clipvalue": lambda: Adam(0.1, clipvalue=0.01),
    "global_clipnorm": lambda: RMSprop(0.01, global_clipnorm=0.1, weight_decay=0.1),
    "exponential": lambda: Adam(ExponentialDecay(0.1, 7, 0.5, staircase=True)),
    "inverse": lambda: SGD(InverseTimeDecay(0.1, 7, 0.5)),
    "polynomial": lambda: SGD(PolynomialDecay(0.1, 7, cycle=True)),
    "cosine": lambda: AdamW(CosineDecay(0.0, 12, 0.1, warmup_target=0.1, warmup_steps=4)),
    "piecewise": lambda: RMSprop(PiecewiseConstantDecay([3, 9], [0.1, 0.01, 0.001])),
    "one's own": lambda: SGD(HalfLife(0.1, 5)),
}


def left_out():
    optimizer = AdamW(0.01, weight_decay=0.3)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    return optimizer


MAKERS["left out"] = left_out


@pytest.fixture
def replays(monkeypatch):
    """Counts the steps that were replayed."""
    count = []
    run = Program.run

    def counted(self):
        count.append(self.replayed)
        return run(self)

    monkeypatch.setattr(Program, "run", counted)
    return count


def trained(optimizer, eagerly, **fit):
    set_random_seed(3)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(22, 3))
    model = Sequential([Dense(4, activation="tanh"), Dense(1)])
    model.compile(optimizer, "mse", run_eagerly=eagerly)
    model.fit(x, x.sum(axis=1), epochs=4, batch_size=5, verbose=0, **fit)
    return [*model.get_weights(), *(v.numpy() for v in optimizer.variables)]


@pytest.mark.parametrize("name", MAKERS)
def test_the_same_bits(name, replays):
    expected = trained(MAKERS[name](), True)
    assert not any(replays)
    found = trained(MAKERS[name](), False)
    # Of 16 full and 4 smaller batches all but two of each.
    assert sum(replays) == 16
    assert len(found) == len(expected)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)
    assert found[4] == 20


@pytest.mark.parametrize("name", MAKERS)
def test_the_weights_move_as_in_a_loop_of_ones_own(name):
    # The flat array, and one weight after the other.
    apart = MAKERS[name]()
    apart.elementwise = False
    for a, b in zip(trained(MAKERS[name](), True), trained(apart, True), strict=True):
        np.testing.assert_allclose(a, b, rtol=2e-5, atol=2e-6)


class Halve(Callback):
    def on_epoch_begin(self, epoch, logs=None):
        rate = self.model.optimizer.learning_rate
        self.model.optimizer.learning_rate = rate * 0.5 if epoch else rate


@pytest.mark.parametrize("kind", [SGD, RMSprop, Adagrad, Adam, AdamW])
def test_a_callback_halves_the_rate(kind, replays):
    expected = trained(kind(0.1), True, callbacks=[Halve()])
    found = trained(kind(0.1), False, callbacks=[Halve()])
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)
    assert found[5] == np.float32(0.0125) and sum(replays) == 16


class Reads(LearningRateSchedule):
    def __call__(self, step):
        return 0.1 * math.cos(int(step) / 20)


def test_a_schedule_that_reads_the_step_makes_the_model_eager(replays):
    expected = trained(SGD(Reads()), True)
    with pytest.warns(UserWarning, match="runs step by step.*was read during the step"):
        found = trained(SGD(Reads()), False)
    assert not any(replays)
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_callback_cannot_fight_a_schedule():
    optimizer = SGD(ExponentialDecay(0.1, 7, 0.5))
    with pytest.raises(TypeError, match="follows the schedule ExponentialDecay"):
        trained(optimizer, False, callbacks=[LearningRateScheduler(lambda epoch: 0.1)])


def test_the_default_is_rmsprop():
    model = Sequential([Dense(1)])
    model.compile(loss="mse")
    assert type(model.optimizer) is RMSprop
