"""All weights in one array: the variables keep their shapes, values and names."""

from __future__ import annotations

import numpy as np

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
