"""What optimisers keep for each weight: its order, its state, and weights without gradients."""

import numpy as np
import pytest

from dlcore.optimizers import SGD, Adagrad, Adam, RMSprop
from dlcore.optimizers.schedules import ExponentialDecay
from dlcore.tensor import Tensor, Variable


def pair():
    return [Variable(np.zeros((2, 2), np.float32), name="a"), Variable([0.0] * 3, name="b")]


def ones(variables):
    return [np.ones_like(v.data) for v in variables]


@pytest.mark.parametrize("flat", [True, False])
@pytest.mark.parametrize(
    ("make", "names"),
    [
        (lambda: SGD(), []),
        (lambda: SGD(momentum=0.5), ["a_momentum", "b_momentum"]),
        (lambda: Adagrad(), ["a_accumulator", "b_accumulator"]),
        (lambda: Adam(), ["a_momentum", "a_velocity", "b_momentum", "b_velocity"]),
        (
            lambda: Adam(amsgrad=True),
            ["a_momentum", "a_velocity", "b_momentum", "b_velocity", "a_velocity_hat",
             "b_velocity_hat"],
        ),
        (
            lambda: RMSprop(momentum=0.5, centered=True),
            ["a_velocity", "b_velocity", "a_momentum", "b_momentum", "a_average_gradient",
             "b_average_gradient"],
        ),
        (lambda: RMSprop(centered=True),
         ["a_velocity", "b_velocity", "a_average_gradient", "b_average_gradient"]),
    ],
)  # fmt: skip
def test_the_order_of_keras(make, names, flat):
    optimizer, variables = make(), pair()
    optimizer.elementwise = flat
    assert [v.name for v in optimizer.variables] == ["iteration", "learning_rate"]
    assert len(optimizer.state_of(variables)) == 2 and not optimizer.built
    # The second has no gradient at first; its place is after the first nevertheless.
    optimizer.apply([None, ones(variables)[1]], variables)
    optimizer.apply(ones(variables), variables)
    assert [v.name for v in optimizer.variables] == ["iteration", "learning_rate", *names]
    state = optimizer.state_of(variables)
    assert [a is v.data for a, v in zip(state, optimizer.variables, strict=True)]
    for array, name in zip(state[2:], names, strict=True):
        assert array.shape == ((2, 2) if name.startswith("a_") else (3,))
    assert optimizer.built


def test_a_schedule_has_no_place_among_the_variables():
    optimizer, variables = Adam(ExponentialDecay(0.1, 10, 0.5)), pair()
    optimizer.build(variables)
    assert [v.name for v in optimizer.variables][:2] == ["iteration", "a_momentum"]
    assert len(optimizer.state_of(variables)) == 5


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


def test_what_was_made_since_a_state_starts_afresh():
    optimizer, variables = Adagrad(1.0), pair()
    state = optimizer.get_state()
    optimizer.apply(ones(variables), variables)
    optimizer.set_state(state)
    assert int(optimizer.iterations) == 0
    for slot in optimizer.variables[2:]:
        np.testing.assert_array_equal(slot.data, np.full(slot.shape, 0.1, np.float32))


def test_other_variables_may_join():
    optimizer, (a, b) = SGD(0.1, momentum=0.9), pair()
    for _ in range(2):
        optimizer.apply(ones([a]), [a])
    optimizer.apply(ones([a, b]), [a, b])
    # Velocities 0.1, 0.19, 0.271 of a; 0.1 of b.
    assert a.data[0, 0] == pytest.approx(-0.561) and b.data[0] == pytest.approx(-0.1)
    optimizer.apply(ones([b, a]), [b, a])
    assert b.data[0] == pytest.approx(-0.29) and a.data[0, 0] == pytest.approx(-0.9049)
    np.testing.assert_allclose(a.data, np.full((2, 2), a.data[0, 0]))


def test_gradients_as_tensors_and_pairs_and_without_variables():
    optimizer, variables = SGD(0.5), pair()
    optimizer.build(variables)
    optimizer.apply([Tensor(g) for g in ones(variables)])
    count = optimizer.apply_gradients(zip(ones(variables), variables, strict=True))
    assert int(count) == 2 and variables[0].data[0, 0] == -1 and variables[1].data[2] == -1
    optimizer.apply([], [])
    optimizer.apply_gradients([])
    assert int(optimizer.iterations) == 2


@pytest.mark.parametrize(
    ("apply", "words"),
    [
        (lambda o, v: o.apply(ones(v)[:1], v), "was given 1 gradients for 2 variables"),
        (lambda o, v: o.apply(ones(v)), "was given 2 gradients for 0 variables"),
        (lambda o, v: o.apply([None, None], v), "Every gradient is None"),
        (
            lambda o, v: o.apply([np.ones(4), np.ones(3)], v),
            r"gradient of 'a' has shape \(4,\), but the variable has shape \(2, 2\)",
        ),
    ],
)
def test_gradients_that_do_not_fit_change_nothing(apply, words):
    optimizer, variables = SGD(), pair()
    with pytest.raises(ValueError, match=words):
        apply(optimizer, variables)
    assert int(optimizer.iterations) == 0 and not variables[0].data.any()


def test_weights_stay_where_they_are_when_one_has_no_gradient():
    # A recorded step writes to their addresses.
    optimizer, variables = Adam(), pair()
    optimizer.build(variables)
    before = [v.data.ctypes.data for v in variables]
    optimizer.apply([None, ones(variables)[1]], variables)
    optimizer.apply(ones(variables), variables)
    assert [v.data.ctypes.data for v in variables] == before


def test_preparing_for_more_weights_than_before():
    optimizer, variables = Adam(), pair()
    optimizer.build(variables[:1])
    optimizer.prepare(variables)
    shapes = [array.shape for array in optimizer.state_of(variables)]
    assert shapes == [(), (), (2, 2), (2, 2), (3,), (3,)]


def test_a_name_that_is_searched_for_anywhere():
    optimizer = SGD(0.1, weight_decay=0.5)
    variables = [Variable([1.0], name="out_bias"), Variable([1.0], name="kernel")]
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    optimizer.apply([np.zeros(1, np.float32)] * 2, variables)
    assert [float(v.data[0]) for v in variables] == pytest.approx([1.0, 0.95])
