"""Weights are made once, whoever calls `build`: the first call, the learner, a layer around."""

import numpy as np
import pytest

from dlcore import Input, Model, Sequential, layers
from dlcore.layers import GRU, BatchNormalization, Bidirectional, Dense, Dropout, Embedding, Layer

X = np.random.default_rng(0).normal(size=(3, 4)).astype("float32")


class Scale(Layer):
    def build(self, input_shape):
        self.factor = self.add_weight((input_shape[-1],), "ones", name="factor")

    def call(self, x):
        return x * self.factor


class ScaleAndShift(Scale):
    def build(self, input_shape):
        super().build(input_shape)
        assert not self.built
        self.shift = self.add_weight((input_shape[-1],), "zeros", name="shift")

    def call(self, x):
        return super().call(x) + self.shift


class Builds:
    """No layer, but it brings a build."""

    def build(self, input_shape):
        self.factor = self.add_weight((input_shape[-1],), "ones", name="factor")


class Mixed(Builds, Layer):
    def call(self, x):
        return x * self.factor


class Around(Layer):
    def __init__(self):
        super().__init__()
        self.inner = Scale()

    def build(self, input_shape):
        self.inner.build(input_shape)

    def call(self, x):
        return self.inner(x)


MADE = {
    "Dense": (lambda: Dense(3), 2, X),
    "BatchNormalization": (BatchNormalization, 4, X),
    "GRU": (lambda: GRU(2), 3, X[None]),
    "Bidirectional": (lambda: Bidirectional(GRU(2)), 6, X[None]),
    "Embedding": (lambda: Embedding(5, 2), 1, np.array([[1, 2]])),
    "without weights": (lambda: Dropout(0.5), 0, X),
    "own": (Scale, 1, X),
    "own of own": (ScaleAndShift, 2, X),
    "own of another class": (Mixed, 1, X),
    "own around own": (Around, 1, X),
}


@pytest.mark.parametrize("name", MADE)
def test_a_layer_built_by_hand_keeps_its_weights(name):
    make, count, x = MADE[name]
    layer = make()
    layer.build((None, *x.shape[1:]))
    assert layer.built and layer.build_shape == (None, *x.shape[1:])
    before = layer.weights
    assert len(before) == count and "built=True" in repr(layer)
    layer(x)
    after = layer.weights
    assert [id(weight) for weight in after] == [id(weight) for weight in before]
    assert layer.build_shape == (None, *x.shape[1:])


def test_the_shape_of_a_build_by_hand_goes_into_a_file():
    layer = Scale()
    assert layer.get_build_config() is None
    layer.build(input_shape=(None, 4))
    assert layer.get_build_config() == {"input_shape": (None, 4)}


def test_a_second_build_is_refused_before_it_makes_a_weight():
    for layer in (Dense(3, name="twice"), Scale(name="twice"), Around()):
        layer.build((None, 4))
        count = len(layer.weights)
        with pytest.raises(ValueError, match=r"layer '\w+' is built already and has its weights"):
            layer.build((None, 4))
        assert len(layer.weights) == count and layer.built and layer.build_shape == (None, 4)
        layer(X)
    # By the first call, then by hand.
    layer = Dense(3)
    layer(X)
    with pytest.raises(ValueError, match="built already"):
        layer.build((None, 9))
    # Weights may be added later, outside of build.
    layer.add_weight((2,))
    free = Dropout(0.5)
    for _ in range(2):
        free.build((None, 4))


def test_a_build_that_fails_leaves_the_layer_unbuilt():
    class Late(Scale):
        ready = False

        def build(self, input_shape):
            if not self.ready:
                raise RuntimeError("not yet")
            super().build(input_shape)

    layer = Late()
    with pytest.raises(RuntimeError, match="not yet"):
        layer.build((None, 4))
    assert not layer.built and layer.build_shape is None
    layer.ready = True
    layer(X)
    assert layer.built and len(layer.weights) == 1


def test_every_layer_of_the_room_notes_its_build():
    kinds = [getattr(layers, name) for name in layers.__all__]
    kinds = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Layer)]
    assert len(kinds) > 30
    assert all(hasattr(kind.build, "_notes") for kind in kinds)


def test_sequential():
    model = Sequential([Dense(3), Dense(2)])
    model.build((None, 4))
    before = [id(weight) for weight in model.weights]
    assert model.built and len(before) == 4 and all(layer.built for layer in model.layers)
    model.build((None, 4))
    model(X)
    assert [id(weight) for weight in model.weights] == before
    with pytest.raises(ValueError, match=r"inputs of shape \(None, 4\) already, .* for \(None, 5"):
        model.build((None, 5))
    with pytest.raises(ValueError, match="has no layers yet"):
        Sequential().build((None, 4))


class TwoSteps(Model):
    def __init__(self):
        super().__init__()
        self.hidden, self.out = Dense(3), Dense(2)

    def call(self, x):
        return self.out(self.hidden(x))


def test_a_model_of_ones_own_is_built_by_hand_for_its_summary():
    model = TwoSteps()
    model.build((None, 4))
    before = [id(weight) for weight in model.weights]
    assert model.built and len(before) == 4 and model.count_params() == 15 + 8
    assert model.get_build_config() == {"input_shape": (None, 4)}
    text = []
    model.summary(print_fn=text.append)
    assert "Total params: 23" in text[0] and "not built" not in text[0]
    model(X)
    model.build((None, 4))
    assert [id(weight) for weight in model.weights] == before
    with pytest.raises(ValueError, match="columns"):
        model.build((None, 5))


def test_the_first_call_of_a_model_of_ones_own_runs_once():
    calls = []

    class Counting(TwoSteps):
        def call(self, x):
            calls.append(x.shape)
            return super().call(x)

    model = Counting()
    model(X)
    assert calls == [(3, 4)] and model.build_shape == (None, 4)


def test_a_model_with_a_build_of_its_own():
    class Own(TwoSteps):
        def build(self, input_shape):
            super().build(input_shape)
            self.shift = self.add_weight((2,), "zeros")

        def call(self, x):
            return super().call(x) + self.shift

    model = Own()
    model(X)
    assert len(model.weights) == 5
    by_hand = Own()
    by_hand.build((None, 4))
    by_hand(X)
    assert by_hand.built and len(by_hand.weights) == 5


def test_a_model_of_inputs_and_outputs_is_built_already():
    x = Input((4,))
    model = Model(x, Dense(1)(x))
    # Whatever the shape: it has its Input, as in Keras.
    model.build((None, 7))
    assert len(model.weights) == 2 and model(X).shape == (3, 1)
