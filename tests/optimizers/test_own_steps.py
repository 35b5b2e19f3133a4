"""Optimizers as they are written for Keras, and assignments that would be lost."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore import Input, Sequential, layers, ops, optimizers
from dlcore.optimizers import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop
from dlcore.optimizers.schedules import ExponentialDecay
from dlcore.tensor import Variable
from dlcore.utils import set_random_seed

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 4)).astype("float32")
Y = (X @ RNG.normal(size=(4, 2))).astype("float32")


class Halting(SGD):
    """Leaves every weight as it is."""

    def update_step(self, gradient, variable, learning_rate):
        pass


class Heavy(Optimizer):
    """Momentum, as Keras's guide writes it."""

    def __init__(self, learning_rate=0.01, momentum=0.9, **kwargs):
        super().__init__(learning_rate, **kwargs)
        self.momentum = momentum
        self.builds = 0

    def build(self, variables):
        self.builds += 1
        super().build(variables)
        self.velocities = []
        for variable in variables:
            self.velocities.append(
                self.add_variable_from_reference(reference_variable=variable, name="velocity")
            )

    def update_step(self, gradient, variable, learning_rate):
        learning_rate = ops.cast(learning_rate, variable.dtype)
        gradient = ops.cast(gradient, variable.dtype)
        v = self.velocities[self._get_variable_index(variable)]
        momentum = ops.cast(self.momentum, variable.dtype)
        self.assign(
            v, ops.subtract(ops.multiply(v, momentum), ops.multiply(gradient, learning_rate))
        )
        self.assign_add(variable, v)


class Twice(Adam):
    """Takes the step of its base at twice the rate."""

    def update_step(self, gradient, variable, learning_rate):
        super().update_step(gradient, variable, 2 * learning_rate)


class Unless(SGD):
    """Leaves out what is called bias, and clips by hand."""

    def update_step(self, gradient, variable, learning_rate):
        if variable.name != "bias":
            super().update_step(ops.clip(gradient, -0.1, 0.1), variable, learning_rate)


def network():
    set_random_seed(1)
    return Sequential([Input((4,)), layers.Dense(5, "relu"), layers.Dense(2)])


def trained(optimizer, eager=False, epochs=3):
    model = network()
    model.compile(optimizer, "mse", run_eagerly=eager)
    model.fit(X, Y, batch_size=16, epochs=epochs, verbose=0)
    return model


def same(one, two, **near):
    for a, b in zip(one.get_weights(), two.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, **near)


@pytest.mark.parametrize("eager", [False, True])
def test_an_own_step_is_taken(eager):
    same(trained(Halting(0.5), eager), network(), rtol=0)


def test_a_step_by_hand_through_apply():
    w, b = Variable([1.0, 2.0]), Variable(3.0)
    optimizer = Heavy(0.1, 0.5)
    for _ in range(2):
        optimizer.apply_gradients([(np.array([1.0, -1.0]), w), (np.array(2.0), b)])
    # v = -0.1 g, then 0.5 v - 0.1 g: together -0.25 g.
    np.testing.assert_allclose(w.data, [0.75, 2.25], rtol=1e-6)
    assert b.item() == pytest.approx(2.5)
    assert [v.name for v in optimizer.variables] == [
        "iteration", "learning_rate", "variable_velocity", "variable_velocity",
    ]  # fmt: skip


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("rate", [0.05, ExponentialDecay(0.05, 3, 0.7)], ids=["number", "schedule"])
def test_momentum_in_the_form_of_keras_is_momentum(eager, rate):
    own = Heavy(rate)
    same(trained(own, eager), trained(SGD(rate, 0.9)), rtol=1e-4, atol=1e-6)
    assert own.builds == 1


def test_the_rest_of_a_step_goes_on_as_before():
    more = {"weight_decay": 0.1, "clipnorm": 0.2}
    same(trained(Heavy(0.05, **more)), trained(SGD(0.05, 0.9, **more)), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("eager", [False, True])
def test_the_step_of_the_base_may_be_taken_at_another_rate(eager):
    same(trained(Twice(0.01), eager), trained(Adam(0.02)), rtol=1e-4, atol=1e-6)
    assert float(Twice(0.01).learning_rate) == pytest.approx(0.01)


def test_an_own_step_may_choose_weights_and_change_gradients():
    model = trained(Unless(0.1))
    assert not model.layers[0].get_weights()[1].any()
    same(trained(Unless(0.1), True), model, rtol=0)


def test_what_it_keeps_is_saved_and_a_second_fit_goes_on(tmp_path):
    model = trained(Heavy(0.05), epochs=2)
    model.save_weights(tmp_path / "w.weights.h5")
    state = model.optimizer.get_state()
    assert len(state) == 5 and all(array.any() for array in state[1:])
    model.fit(X, Y, batch_size=16, epochs=1, verbose=0, shuffle=False)
    other = network()
    other.compile(Heavy(0.05), "mse")
    other.optimizer.build(other.trainable_weights)
    other.load_weights(tmp_path / "w.weights.h5")
    other.optimizer.set_state(state)
    other.fit(X, Y, batch_size=16, epochs=1, verbose=0, shuffle=False)
    same(model, other, rtol=1e-6)
    assert model.optimizer.builds == 1
    model.optimizer.set_state(state[:1])
    assert not any(array.any() for array in model.optimizer.get_state()[1:])


def test_variables_for_several_names_and_an_index_that_is_not_there():
    optimizer = Heavy()
    weights = [Variable([1.0, 2.0]), Variable(3.0)]
    optimizer.build(weights)
    first, second = optimizer.add_optimizer_variables(weights, ("m", "v"), ("zeros", "ones"))
    assert [v.shape for v in first] == [(2,), ()] and second[0].data.tolist() == [1, 1]
    assert optimizer._get_variable_index(weights[1]) == 1
    with pytest.raises(ValueError, match=r"not built for the variable 'c'; write super\(\)\.build"):
        optimizer._get_variable_index(Variable(1.0, name="c"))


@pytest.mark.parametrize(
    ("make", "name", "words"),
    [
        (SGD, "lr", "SGD has no 'lr', so that .* Did you mean 'learning_rate'"),
        (Adam, "lr", "Did you mean 'learning_rate'"),
        (SGD, "learing_rate", "Did you mean 'learning_rate'"),
        (Adam, "beta1", "Did you mean 'beta_1'"),
        (Adagrad, "weight_deacy", "Did you mean 'weight_decay'"),
        (RMSprop, "clip_norm", "Did you mean 'clipnorm'"),
        (AdamW, "iteration", "Did you mean 'iterations'"),
        (Adam, "momentum", "Adam has no 'momentum', so that .* It has weight_decay, "),
        (SGD, "use_ema", "would change nothing"),
    ],
)
def test_an_assignment_that_would_be_lost_is_refused(make, name, words):
    optimizer = make()
    with pytest.raises(AttributeError, match=words):
        setattr(optimizer, name, 0.5)
    assert not hasattr(optimizer, name)


@pytest.mark.parametrize("kind", [SGD, Adam, AdamW, Adagrad, RMSprop])
def test_what_an_optimizer_has_can_be_assigned(kind):
    optimizer = kind()
    for name, value in vars(optimizers.get(kind.__name__)).items():
        setattr(optimizer, name, value)
    optimizer.learning_rate = 0.25
    assert float(optimizer.learning_rate) == 0.25
    optimizer.note = "mine"
    own = Heavy()
    own.velocty, own.lr = 1, 2
    assert (optimizer.note, own.lr) == ("mine", 2)
