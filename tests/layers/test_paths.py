"""The path of a weight: the layers that it lies in, and its name."""

from __future__ import annotations

import numpy as np

from dlcore import Input, Model, Sequential, Variable, layers


class Block(layers.Layer):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.inner = layers.Dense(2, name="inner")

    def build(self, input_shape):
        self.own = self.add_weight((2,), name="own")

    def call(self, x):
        return self.inner(x) + self.own


class Early(Block):
    """Builds the layer inside by hand."""

    def build(self, input_shape):
        super().build(input_shape)
        self.inner.build(input_shape)


def paths(layer):
    return [weight.path for weight in layer.weights]


def test_in_a_stack_the_model_comes_first():
    stack = [layers.Dense(2, name="first"), Block(name="block"), Early(name="early")]
    expected = [
        *("m/first/kernel", "m/first/bias"),
        *("m/block/own", "m/block/inner/kernel", "m/block/inner/bias"),
        *("m/early/own", "m/early/inner/kernel", "m/early/inner/bias"),
    ]
    assert paths(Sequential([Input((4,)), *stack], name="m")) == expected
    later = [layers.Dense(2, name="first"), Block(name="block"), Early(name="early")]
    model = Sequential(later, name="m")
    model(np.ones((1, 4)))
    assert paths(model) == expected


def test_in_a_graph_the_layer_comes_first():
    x = Input((4,))
    inside = Sequential([Input((4,)), layers.Dense(2, name="a")], name="in")
    model = Model(x, layers.Dense(3, name="out")(inside(x)))
    assert paths(model) == ["in/a/kernel", "in/a/bias", "out/kernel", "out/bias"]


def test_in_a_model_of_ones_own_and_alone():
    class Own(Model):
        def __init__(self):
            super().__init__(name="own")
            self.inner = layers.Dense(2, name="inner")

        def call(self, x):
            return self.inner(x)

    model = Own()
    model(np.ones((1, 4)))
    assert paths(model) == ["own/inner/kernel", "own/inner/bias"]
    dense = layers.Dense(2, name="alone")
    dense.build((None, 3))
    assert paths(dense) == ["alone/kernel", "alone/bias"]
    assert layers.Layer(name="bare").add_weight((2,), name="w").path == "bare/w"
    assert Variable([1.0], name="v").path == "v"


def test_paths_tell_the_halves_of_a_bidirectional_layer_apart():
    layer = layers.Bidirectional(layers.GRU(2, name="gru"), name="both")
    layer(np.ones((1, 3, 4)))
    found = paths(layer)
    assert len(set(found)) == len(found) == 6
    assert [found[0], found[3]] == [
        "both/forward_gru/gru_cell/kernel",
        "both/backward_gru/gru_cell/kernel",
    ]


def test_after_a_build_that_fails_the_names_begin_anew():
    class Broken(layers.Layer):
        def build(self, input_shape):
            raise ValueError("no")

    for use in (lambda: Broken()(np.ones(3)), lambda: Sequential([Input((3,)), Broken()])):
        try:
            use()
        except ValueError:
            pass
    dense = layers.Dense(2, name="d")
    dense(np.ones((1, 3)))
    assert paths(dense) == ["d/kernel", "d/bias"]


def test_weights_are_frozen_by_their_path():
    model = Sequential([Input((4,)), layers.Dense(3, name="old"), layers.Dense(1, name="new")])
    for weight in model.weights:
        weight.trainable = "/new/" in weight.path
    model.compile("sgd", "mse")
    before = model.get_weights()
    model.fit(np.ones((8, 4)), np.ones((8, 1)), verbose=0)
    changed = [bool((a != b).any()) for a, b in zip(before, model.get_weights(), strict=True)]
    assert changed == [False, False, True, True]
