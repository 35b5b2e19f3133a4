"""Optimisers: three steps recorded from Keras 3.15.1, Adam by hand, and what may be assigned."""

import math

import numpy as np
import pytest

from dlcore import backends, optimizers
from dlcore.optimizers import SGD, Adam
from dlcore.tensor import Variable

START = [1.0, -2.0, 3.0]
GRADIENTS = ([0.5, -1.0, 1e-7], [1.0, 0.25, 0.0], [-0.5, 0.5, 2.0])

# keras 3.15.1 on jax: optimizer.apply of these gradients, one after the other, from START.
RECORDED = [
    (
        lambda: Adam(0.1),
        [
            [0.9000012874603271, -1.900001049041748, 2.996934652328491],
            [0.803484320640564, -1.8530548810958862, 2.9948816299438477],
            [0.761475682258606, -1.8483115434646606, 2.9310007095336914],
        ],
    ),
    (
        lambda: Adam(0.1, epsilon=0.5),
        [
            [0.9969346523284912, -1.9940516948699951, 3.0],
            [0.9905611872673035, -1.9911797046661377, 3.0],
            [0.9875425100326538, -1.9908595085144043, 2.9928269386291504],
        ],
    ),
    (
        lambda: SGD(0.1),
        [
            [0.949999988079071, -1.899999976158142, 3.0],
            [0.8499999642372131, -1.9249999523162842, 3.0],
            [0.8999999761581421, -1.9749999046325684, 2.799999952316284],
        ],
    ),
    (
        lambda: SGD(0.1, momentum=0.9),
        [
            [0.949999988079071, -1.899999976158142, 3.0],
            [0.8050000071525574, -1.8350000381469727, 3.0],
            [0.7245000004768372, -1.8265000581741333, 2.799999952316284],
        ],
    ),
    (
        lambda: SGD(0.1, momentum=0.9, nesterov=True),
        [
            [0.9049999713897705, -1.809999942779541, 3.0],
            [0.6744999885559082, -1.7764999866485596, 3.0],
            [0.6520500183105469, -1.818850040435791, 2.619999885559082],
        ],
    ),
]


@pytest.fixture(params=["numpy", "cpu"])
def backend(request):
    before = backends.get_backend()
    if backends.available_backends()[request.param]:
        pytest.skip("Numba is not installed")
    backends.set_backend(request.param)
    yield
    backends.set_backend(before)


@pytest.mark.parametrize("case", range(len(RECORDED)))
def test_steps_as_in_keras(backend, case):
    make, expected = RECORDED[case]
    optimizer, w = make(), Variable(np.array(START, np.float32))
    for gradient, after in zip(GRADIENTS, expected, strict=True):
        optimizer.apply([np.array(gradient, np.float32)], [w])
        np.testing.assert_allclose(w.data, after, rtol=1e-5)
    assert int(optimizer.iterations) == 3


def test_the_place_of_epsilon_in_adam():
    # With a gradient of 1e-7 the two places differ by a factor: Keras adds epsilon to sqrt(v)
    # = sqrt(0.001) 1e-7, the paper after the correction to 1e-7.
    w = Variable(np.zeros(1, np.float32))
    Adam(1.0).apply([np.array([1e-7], np.float32)], [w])
    keras = math.sqrt(0.001) / 0.1 * 0.1e-7 / (math.sqrt(0.001) * 1e-7 + 1e-7)
    paper = 1e-7 / (1e-7 + 1e-7)
    assert -w.data[0] == pytest.approx(keras, rel=1e-4)
    assert abs(keras - paper) > 0.4


def test_defaults():
    assert float(SGD().learning_rate) == pytest.approx(0.01)
    adam = Adam()
    assert float(adam.learning_rate) == pytest.approx(0.001)
    assert (adam.beta_1, adam.beta_2, adam.epsilon) == (0.9, 0.999, 1e-7)


def test_a_new_learning_rate_serves_the_next_step_and_stays_in_its_array():
    optimizer, w = SGD(0.1), Variable(np.zeros(1, np.float32))
    buffer = optimizer.learning_rate.data
    optimizer.apply([np.ones(1, np.float32)], [w])
    optimizer.learning_rate = 0.5
    optimizer.apply_gradients([(np.ones(1, np.float32), w)])
    assert w.data[0] == pytest.approx(-0.6)
    assert optimizer.learning_rate.data is buffer and buffer.ndim == 0
    assert optimizer.iterations.data.ndim == 0


def test_each_variable_has_its_own_memory_and_none_is_left_alone():
    optimizer = SGD(0.1, momentum=0.9)
    a, b = Variable(np.zeros(2, np.float32)), Variable(np.zeros(3, np.float32))
    optimizer.apply([np.ones(2, np.float32), None], [a, b])
    optimizer.apply([np.ones(2, np.float32), np.ones(3, np.float32)], [a, b])
    assert a.data.tolist() == pytest.approx([-0.29, -0.29])
    assert b.data.tolist() == pytest.approx([-0.1] * 3)


def test_state_can_be_taken_and_put_back():
    optimizer, w = Adam(0.1), Variable(np.zeros(1, np.float32))
    g = np.ones(1, np.float32)
    optimizer.apply([g], [w])
    state, weight = optimizer.get_state(), w.numpy()
    optimizer.apply([g * 5], [w])
    optimizer.set_state(state)
    w.assign(weight)
    optimizer.apply([g], [w])
    again, v = Adam(0.1), Variable(np.zeros(1, np.float32))
    for _ in range(2):
        again.apply([g], [v])
    assert w.data[0] == v.data[0]


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Adam(lr=0.1), "Adam has no argument 'lr'. Did you mean 'learning_rate'"),
        (lambda: SGD(learning_rate=-1), "learning_rate is a positive number, not -1"),
        (lambda: SGD(momentum=1.0), r"momentum lies in \[0, 1\)"),
        (lambda: Adam(beta_1=2), r"beta_1 lies in \[0, 1\)"),
        (lambda: optimizers.get("adm"), "no optimizer called 'adm'. Did you mean 'adam'"),
        (lambda: optimizers.get(3), "not int"),
    ],
)
def test_arguments(make, words):
    with pytest.raises((TypeError, ValueError), match=words):
        make()


def test_lookup():
    assert isinstance(optimizers.get("adam"), Adam) and isinstance(optimizers.get(SGD), SGD)
    mine = SGD(0.3)
    assert optimizers.get(mine) is mine
