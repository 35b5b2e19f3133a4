"""Optimisers: three steps recorded from Keras 3.15.1, Adam by hand, and defaults."""

import math

import numpy as np
import pytest

from dlcore import backends
from dlcore.optimizers import SGD, Adagrad, Adam, AdamW, RMSprop
from dlcore.optimizers.schedules import ExponentialDecay
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
    (
        lambda: RMSprop(0.1),
        [
            [0.68377286, -1.6837723, 2.9999683],
            [0.39805868, -1.7643546, 2.9999683],
            [0.53401554, -1.9140089, 2.6837406],
        ],
    ),
    (
        lambda: RMSprop(0.1, rho=0.5, momentum=0.9, epsilon=0.01, centered=True),
        [
            [0.81430465, -1.8038838, 3.0],
            [0.41269469, -1.6749983, 3.0],
            [0.1291104, -1.6609639, 2.8009925],
        ],
    ),
    (
        lambda: RMSprop(0.1, centered=True),
        [
            [0.6666674, -1.6666669, 2.9999683],
            [0.35274649, -1.7490782, 2.9999683],
            [0.49208236, -1.8987808, 2.666635],
        ],
    ),
    (
        lambda: RMSprop(0.1, momentum=0.5),
        [
            [0.68377286, -1.6837723, 2.9999683],
            [0.23994511, -1.6062407, 2.9999526],
            [0.15398812, -1.7171292, 2.683717],
        ],
    ),
    (
        lambda: Adagrad(0.1),
        [
            [0.91548461, -1.9046538, 3.0],
            [0.8294183, -1.9278407, 3.0],
            [0.86894679, -1.969911, 2.901227],
        ],
    ),
    (
        lambda: Adagrad(0.1, initial_accumulator_value=0.0, epsilon=0.01),
        [
            [0.9019419, -1.9004962, 3.0],
            [0.81285483, -1.9246365, 3.0],
            [0.85354424, -1.9681147, 2.9001248],
        ],
    ),
    (
        lambda: Adam(0.1, beta_2=0.5, amsgrad=True),
        [
            [0.90000004, -1.9, 2.9585786],
            [0.8118782, -1.8581009, 2.9345484],
            [0.7748298, -1.8539517, 2.8857338],
        ],
    ),
    (
        lambda: AdamW(0.1),
        [
            [0.89960128, -1.8992009, 2.9957347],
            [0.80272448, -1.851495, 2.9924834],
            [0.76039469, -1.846011, 2.9274054],
        ],
    ),
    (
        lambda: AdamW(0.1, weight_decay=0.5),
        [
            [0.85000128, -1.8000009, 2.8469346],
            [0.71098423, -1.6630547, 2.7025349],
            [0.63342631, -1.5751586, 2.5035272],
        ],
    ),
    (
        lambda: SGD(0.1, weight_decay=0.5),
        [
            [0.89999998, -1.8, 2.8499999],
            [0.75499994, -1.7349999, 2.7075],
            [0.76724994, -1.6982498, 2.3721249],
        ],
    ),
    (
        lambda: SGD(0.1, clipnorm=0.5),
        [
            [0.97763932, -1.9552786, 3.0],
            [0.92913216, -1.9674054, 3.0],
            [0.94091725, -1.9791906, 2.9528596],
        ],
    ),
    (
        lambda: SGD(0.1, clipvalue=0.3),
        [[0.97000003, -1.97, 3.0], [0.94000006, -1.995, 3.0], [0.97000003, -2.0250001, 2.97]],
    ),
    (
        lambda: SGD(0.1, global_clipnorm=0.5),
        [
            [0.97763932, -1.9552786, 3.0],
            [0.92913216, -1.9674054, 3.0],
            [0.94091725, -1.9791906, 2.9528596],
        ],
    ),
    (
        lambda: SGD(ExponentialDecay(0.1, 2, 0.5)),
        [
            [0.94999999, -1.9, 3.0],
            [0.87928933, -1.9176776, 3.0],
            [0.90428931, -1.9426776, 2.9000001],
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
    assert not adam.amsgrad and adam.weight_decay is None and AdamW().weight_decay == 0.004
    rms = RMSprop()
    assert float(rms.learning_rate) == pytest.approx(0.001)
    assert (rms.rho, rms.momentum, rms.epsilon, rms.centered) == (0.9, 0, 1e-7, False)
    adagrad = Adagrad()
    assert float(adagrad.learning_rate) == pytest.approx(0.001)
    assert (adagrad.initial_accumulator_value, adagrad.epsilon) == (0.1, 1e-7)
