"""All weights in one array: the variables keep their shapes, values and names."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import dlcore
from dlcore import initializers
from dlcore.engine.variable import Flat, can_be_flat
from dlcore.layers import Dense
from dlcore.models import Sequential
from dlcore.optimizers import SGD, Adam
from dlcore.tensor import Variable


def test_variables_become_views_of_one_array():
    a, b, c = Variable([[1.0, 2.0], [3.0, 4.0]]), Variable(5.0), Variable([6.0])
    flat = Flat([a, b, c])
    np.testing.assert_array_equal(flat.data, [1, 2, 3, 4, 5, 6])
    assert [v.shape for v in (a, b, c)] == [(2, 2), (), (1,)]
    flat.data *= 10
    assert b.item() == 50 and a.data[1, 0] == 30
    c.assign([7.0])
    assert flat.data[-1] == 7
    assert flat.holds([a, b, c]) and not flat.holds([b, a, c]) and not flat.holds([a, b])
    a.data = a.data.copy()
    assert not flat.holds([a, b, c])


def test_which_variables_can_be_flat():
    a, b = Variable([1.0]), Variable([2.0])
    assert can_be_flat([a, b])
    assert not can_be_flat([a]) and not can_be_flat([]) and not can_be_flat([a, a])
    assert not can_be_flat([a, Variable(np.array([1]))])


def test_one_kernel_updates_all_weights_as_one_for_each_would():
    rng = np.random.default_rng(0)
    shapes = [(3, 4), (4,), (4, 1), (1,)]
    for make in (lambda: SGD(0.1), lambda: SGD(0.1, momentum=0.9), Adam):
        long, single = make(), make()
        single.elementwise = False
        start = [rng.normal(size=s) for s in shapes]
        one, other = ([Variable(s) for s in start] for _ in range(2))
        for _ in range(4):
            gradients = [rng.normal(size=s).astype(np.float32) for s in shapes]
            long.apply(gradients, one)
            single.apply(gradients, other)
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a.data, b.data)
        for a, b in zip(long.get_state(), single.get_state(), strict=True):
            np.testing.assert_array_equal(a, b)
        # A variable without a gradient is left alone, with what is kept for it.
        before = one[0].numpy()
        long.apply([None, *gradients[1:]], one)
        single.apply([None, *gradients[1:]], other)
        np.testing.assert_array_equal(one[0].data, before)
        for a, b in zip(one, other, strict=True):
            np.testing.assert_array_equal(a.data, b.data)


def test_the_weights_of_a_trained_model_lie_in_one_array():
    model = Sequential([Dense(3), Dense(1)])
    model.compile("adam", "mse")
    x = np.ones((4, 2))
    model.fit(x, x[:, 0], verbose=0)
    long = model.weights[0].data.base
    assert all(weight.data.base is long for weight in model.weights)
    assert long.shape == (model.count_params(),)
    state = model.optimizer.get_state()
    model.fit(x, x[:, 0], verbose=0)
    model.optimizer.set_state(state)
    assert model.optimizer.get_state()[0] == 1


def test_a_variable_by_shape_and_initializer():
    w = dlcore.Variable(shape=(2, 3), initializer="random_uniform")
    assert isinstance(w, Variable) and w.shape == (2, 3) and w.dtype == np.float32
    assert 0 < np.abs(w.data).max() <= 0.05 and w.trainable and w.requires_grad
    b = Variable(shape=[3], initializer="zeros", name="bias", trainable=False)
    assert (b.data.tolist(), b.name, b.path, b.trainable) == ([0, 0, 0], "bias", "bias", False)
    constant = Variable(initializers.Constant(2.5), (2,), "float64")
    assert constant.data.tolist() == [2.5, 2.5] and constant.dtype == np.float64
    assert Variable(np.ones, (2, 2), "int32").data.tolist() == [[1, 1], [1, 1]]
    assert Variable([1.0, 2.0], (2,), "float64", False).trainable is False


def test_the_arguments_of_a_variable_stand_in_the_order_of_keras():
    names = list(inspect.signature(Variable.__init__).parameters)[1:]
    assert names == [
        "initializer", "shape", "dtype", "trainable", "autocast", "aggregation",
        "synchronization", "name",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Variable(), "needs a first value, or an initializer and a shape"),
        (lambda: Variable(shape=(2,)), r'for the shape \(2,\) is "zeros"'),
        (lambda: Variable(initializer="zeros"), r"whole shape .* but it is None"),
        (lambda: Variable("zeros", (None, 3)), r"but it is \(None, 3\)"),
        (lambda: Variable("zeross", (3,)), "Did you mean 'zeros'"),
        (lambda: Variable([1.0, 2.0], (3,)), r"shape \(2,\), but shape=\(3,\)"),
        (lambda: Variable([1.0], False), "say trainable=False by its name"),
        (lambda: Variable([1.0], "float32"), r"a tuple such as \(2, 3\), not 'float32'"),
    ],
)
def test_what_a_variable_refuses(make, words):
    with pytest.raises((TypeError, ValueError), match=words):
        make()
