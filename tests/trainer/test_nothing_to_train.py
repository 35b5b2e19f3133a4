"""A fit that changes nothing says so; one whose weights are not all to be trained does not."""

import warnings

import numpy as np
import pytest

from dlcore import GradientTape, Input
from dlcore.layers import Dense, Dropout, Layer
from dlcore.models import Model, Sequential

X = np.ones((4, 3), np.float32)
Y = X[:, :1]


def net(*layers):
    model = Sequential([Input((3,)), *(layers or (Dense(2), Dense(1)))], name="net")
    model.compile("sgd", "mse")
    return model


def said(action):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        action()
    assert all(one.filename == __file__ for one in caught)
    return [str(one.message) for one in caught]


def trained(model, **fit):
    y = X[:, : model.output_shape[-1]]
    return said(lambda: model.fit(X, y, verbose=0, **{"epochs": 3, **fit}))


FROZEN = "The model 'net' has nothing to train, since all its 4 weights are frozen; write layer"


def test_a_frozen_model_is_said_once_in_a_fit():
    model = net()
    model.trainable = False
    before = model.get_weights()
    (text,) = trained(model)
    assert text.startswith(FROZEN) and "model.trainable = True for all" in text
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))
    (text,) = said(lambda: model.train_on_batch(X, Y))
    assert text.startswith(FROZEN)
    assert not said(lambda: (model.evaluate(X, Y, verbose=0), model.test_on_batch(X, Y)))
    model.trainable = True
    assert not trained(model)
    assert not all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))


def test_layers_that_are_frozen_one_by_one():
    model = net()
    model.layers[0].trainable = False
    assert not trained(model)
    model.layers[1].trainable = False
    assert [text.startswith(FROZEN) for text in trained(model)] == [True]
    inner = net(Dense(1, use_bias=False, trainable=False))
    (text,) = trained(net(inner))
    assert "since its weight is frozen" in text


def test_a_model_without_weights():
    (text,) = trained(net(Dropout(0.5)))
    assert "has no weights, so that there is nothing to train; add a layer" in text


class Counts(Layer):
    """A weight that was never to be trained, and changes nevertheless."""

    def build(self, shape):
        self.steps = self.add_weight((), "zeros", trainable=False)

    def call(self, x, training=False):
        if training:
            self.steps.assign_add(1)
        return x


def test_weights_that_a_layer_changes_itself():
    model = net(Counts())
    assert not trained(model)
    assert float(model.layers[0].steps) == 3


class Teacher(Model):
    """Trains another model than itself."""

    def __init__(self):
        super().__init__()
        self.pupil = [net()]
        self.pupil[0].trainable = False

    def train_step(self, data):
        with GradientTape() as tape:
            loss = self.compute_loss(y=data[1], y_pred=self(data[0]))
        tape.gradient(loss, self.pupil[0].weights)
        return {"loss": loss}

    def call(self, x):
        return self.pupil[0](x)


def test_a_step_of_one_s_own_is_left_alone():
    model = Teacher()
    model.compile("sgd", "mse")
    assert not said(lambda: model.fit(X, Y, verbose=0))


@pytest.mark.parametrize("epochs", [2, 5])
def test_a_fit_without_an_epoch(epochs):
    (text,) = trained(net(), epochs=epochs, initial_epoch=5)
    assert f"trains nothing: epochs={epochs} is the epoch to stop at, and initial_epoch=5" in text
    assert text.endswith("write epochs=6.")
    assert not trained(net(), epochs=6, initial_epoch=5)
