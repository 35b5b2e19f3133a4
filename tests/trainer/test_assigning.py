"""A step that assigns to variables is replayed rightly, or runs step by step and says why."""

import numpy as np
import pytest

from dlcore import Input
from dlcore.engine import ops
from dlcore.engine.program import Program
from dlcore.layers import Dense, Layer
from dlcore.models import Sequential
from dlcore.tensor import Variable
from dlcore.utils import set_random_seed

X = np.random.default_rng(0).normal(size=(24, 3)).astype(np.float32)
Y = X.sum(axis=1)


class Counts(Layer):
    """Counts its calls, in whole numbers and in others."""

    def build(self, shape):
        self.calls = self.add_weight(shape=(), initializer="zeros", trainable=False, dtype="int64")
        self.left = self.add_weight(shape=(2,), initializer="ones", trainable=False)

    def call(self, x, training=False):
        if training:
            self.calls.assign_add(1)
            self.left.assign_sub([0.5, 0.25])
        return x


class Mean(Layer):
    """Takes the moving mean of its inputs off them."""

    def build(self, shape):
        self.mean = self.add_weight(shape=shape[1:], initializer="zeros", trainable=False)
        self.last = Variable(np.zeros((3, 8), np.float32), trainable=False)

    def call(self, x, training=False):
        if training:
            self.mean.assign(0.9 * self.mean + 0.1 * ops.mean(x, axis=0))
            self.last.assign(ops.transpose(x))
            self.mean.assign_add(ops.max(x, axis=0) * 0.01)
        return x - self.mean


class Doubled(Layer):
    """What it assigns is not made by dlcore's operations, so no replay could follow it."""

    def build(self, shape):
        self.count = self.add_weight(shape=(), initializer="ones", trainable=False)

    def call(self, x, training=False):
        if training:
            self.count.assign(2 * self.count.data)
        return x


class Taught(Sequential):
    def train_step(self, data):
        self.layers[0].calls.assign_add(10)
        return super().train_step(data)


@pytest.fixture
def replayed(monkeypatch):
    count = []
    run = Program.run
    monkeypatch.setattr(Program, "run", lambda self: count.append(self.replayed) or run(self))
    return count


def trained(layer, eagerly, kind=Sequential):
    set_random_seed(0)
    model = kind([Input((3,)), layer(), Dense(1)])
    model.compile("sgd", "mse", run_eagerly=eagerly)
    model.fit(X, Y, batch_size=8, epochs=4, verbose=0)
    return model


def values(model):
    own = [v for v in vars(model.layers[0]).values() if isinstance(v, Variable)]
    return [variable.value for variable in [*model.variables, *own]]


@pytest.mark.parametrize("layer", [Counts, Mean])
def test_a_layer_that_assigns_is_replayed(layer, replayed):
    found = trained(layer, False)
    assert sum(replayed) == 10
    for a, b in zip(values(found), values(trained(layer, True)), strict=True):
        np.testing.assert_array_equal(a, b)
    if layer is Counts:
        assert int(found.layers[0].calls) == 12
        assert found.layers[0].left.value.tolist() == [1 - 12 * 0.5, 1 - 12 * 0.25]


def test_what_numpy_made_runs_step_by_step(replayed):
    with pytest.warns(UserWarning, match="an input of cast was calculated outside"):
        found = trained(Doubled, False)
    assert not any(replayed)
    assert float(found.layers[0].count) == 2.0**12
    for a, b in zip(values(found), values(trained(Doubled, True)), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_train_step_that_assigns():
    for eagerly in (False, True):
        assert int(trained(Counts, eagerly, Taught).layers[0].calls) == 11 * 12
