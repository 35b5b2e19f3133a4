"""Models of inputs and outputs: graphs of layers, shared layers, nested models, several ends."""

import numpy as np
import pytest

from dlcore.engine import ops
from dlcore.layers import Dense, Dropout, Flatten, Input, InputLayer, Layer
from dlcore.models import Model, Sequential
from dlcore.tensor import Tensor, gradients
from dlcore.utils import set_random_seed

X = np.linspace(-1, 1, 12, dtype=np.float32).reshape(3, 4)


@pytest.fixture(autouse=True)
def seeded():
    set_random_seed(0)


def affine(layer, x):
    kernel, bias = layer.get_weights()
    return x @ kernel + bias


def test_a_graph_gives_what_its_layers_give_one_after_the_other():
    x = Input((4,))
    left, right, last = Dense(3, "tanh"), Dense(3), Dense(2)
    h = left(x)
    model = Model(x, last(h + right(x) * 2.0))
    expected = affine(last, np.tanh(affine(left, X)) + 2 * affine(right, X))
    np.testing.assert_allclose(model(X).data, expected, rtol=1e-5)
    np.testing.assert_allclose(model.predict(X, verbose=0), expected, rtol=1e-5)
    assert model.input_shape == (None, 4) and model.output_shape == (None, 2)


def test_a_shared_layer_has_its_weights_once_and_gets_both_gradients():
    a, b = Input((4,), name="a"), Input((4,), name="b")
    shared = Dense(1, use_bias=False)
    model = Model([a, b], shared(a) + 3.0 * shared(b))
    assert model.count_params() == 4
    (dw,) = gradients(ops.sum(model([X, 2 * X])), model.trainable_weights)
    np.testing.assert_allclose(dw, 7 * X.sum(axis=0)[:, None], rtol=1e-5, atol=1e-6)


def test_several_inputs_come_as_a_list_or_by_name():
    a, b = Input((4,), name="a"), Input((2,), name="b")
    model = Model([a, b], Dense(1)(ops.concatenate([a, b], axis=-1)))
    other = np.ones((3, 2), np.float32)
    by_list = model([X, other]).data
    np.testing.assert_array_equal(model((X, other)).data, by_list)
    np.testing.assert_array_equal(model({"b": other, "a": X}).data, by_list)
    with pytest.raises(ValueError, match="'b' is missing"):
        model({"a": X})
    with pytest.raises(ValueError, match=r"takes 2 inputs \(a, b\), but was given 1"):
        model([X])
    with pytest.raises(
        ValueError, match=r"'b' takes shape \(any, 2\), but was given shape \(3, 4\)"
    ):
        model([X, X])


def test_outputs_keep_their_structure():
    x = Input((4,))
    first, second = Dense(2, name="first"), Dense(3, name="second")
    model = Model(x, {"p": first(x), "q": [second(x)]})
    y = model(X)
    assert y["p"].shape == (3, 2) and y["q"][0].shape == (3, 3)
    assert model.output_names == ["first", "second"]
    assert model.output_shape == {"p": (None, 2), "q": [(None, 3)]}
    assert Model({"x": x}, first.output)({"x": X}).shape == (3, 2)


def test_one_output_twice_gets_two_names():
    x = Input((4,))
    layer = Dense(2, name="d")
    assert Model(x, [layer(x), layer(x * 2.0)]).output_names == ["d", "d_1"]


def test_a_model_is_a_layer_of_another_one():
    inner = Sequential([Dense(3, "tanh", input_dim=4), Dense(2)])
    x = Input((4,))
    outer = Model(x, Dense(1)(inner(x) - inner(x * 0.5)))
    assert len(outer.trainable_weights) == 6
    expected = affine(outer.layers[-1], inner(X).data - inner(0.5 * X).data)
    np.testing.assert_allclose(outer(X).data, expected, rtol=1e-5)
    deeper = Sequential([outer, Dense(5)])
    assert deeper.output_shape == (None, 5) and deeper(X).shape == (3, 5)


def test_the_output_of_a_layer_inside_can_be_had():
    model = Sequential([Dense(3, "relu", input_dim=4), Dropout(0.5), Dense(2)])
    hidden = Model(model.inputs, model.layers[0].output)
    np.testing.assert_array_equal(hidden(X).data, model.layers[0](X).data)
    every = Model(model.input, [layer.output for layer in model.layers])
    assert [y.shape for y in every(X)] == [(3, 3), (3, 3), (3, 2)]
    tail = Model(model.layers[0].output, model.output)
    np.testing.assert_array_equal(tail(hidden(X)).data, model(X).data)
    assert [layer.name for layer in tail.layers] == [layer.name for layer in model.layers[1:]]


def test_training_reaches_the_layers_inside_in_every_kind_of_model():
    class Wrapped(Model):
        def __init__(self):
            super().__init__()
            self.drop = Dropout(0.5)

        def call(self, x):
            return self.drop(x)

    x = Input((4,))
    ones = np.ones((50, 4), np.float32)
    drop = Dropout(0.5)
    for model in (Model(x, drop(x)), Wrapped(), Sequential([Dropout(0.5)])):
        assert (model(ones, training=True).data == 0).any()
        assert not (model(ones, training=False).data == 0).any()
        assert not (model(ones).data == 0).any()
    always = Model(x, drop(x, training=True))
    assert (always(ones).data == 0).any()


def test_trained_by_fit_a_graph_learns_and_is_replayed():
    x = Input((4,))
    h = Dense(8, "tanh")(x)
    model = Model(x, Dense(1)(h + Dense(8)(x)))
    model.compile("adam", "mse")
    rows = np.random.default_rng(0).normal(size=(64, 4)).astype(np.float32)
    losses = model.fit(rows, rows.sum(axis=1), epochs=40, verbose=0).history["loss"]
    assert losses[-1] < 0.3 * losses[0] and not model.run_eagerly


def test_a_gradient_goes_to_inputs_and_to_tensors_in_between():
    first, second = Dense(3, "tanh"), Dense(1)
    x = Tensor(X, requires_grad=True)
    h = first(x)
    loss = ops.sum(second(h))
    dx, dh = gradients(loss, [x, h])
    kernel = second.get_weights()[0]
    np.testing.assert_allclose(dh, np.tile(kernel.T, (3, 1)), rtol=1e-6)
    expected = (dh * (1 - h.data**2)) @ first.get_weights()[0].T
    np.testing.assert_allclose(dx, expected, rtol=1e-5)


def test_a_subclass_may_give_inputs_and_outputs():
    class Scaled(Model):
        def __init__(self, units):
            x = Input((4,))
            super().__init__(inputs=x, outputs=Dense(units)(x), name="scaled")

    model = Scaled(2)
    assert model.name == "scaled" and model.built and model(X).shape == (3, 2)


def test_layers_stand_with_the_farthest_from_the_outputs_first():
    a, b = Input((4,), name="a"), Input((4,), name="b")
    h = Dense(4, name="h")(a)
    y = Dense(4, name="y")(h)
    model = Model([a, b], Dense(1, name="last")(y + b))
    assert [layer.name for layer in model.layers][:3] == ["a", "h", "y"]
    assert isinstance(model.get_layer("b"), InputLayer)


def test_the_summary_of_a_branched_model_says_what_each_layer_takes():
    x = Input((4,), name="x")
    model = Model(x, Dense(2, name="left")(x) + Dense(2, name="right")(x))
    lines: list[str] = []
    model.summary(print_fn=lines.append)
    assert "Connected to" in lines[0] and "left, right" in lines[0]
    assert "Connected to" in model._repr_html_()
    chain = Model(x, Dense(2)(x))
    chain.summary(print_fn=lines.append)
    assert "Connected to" not in lines[1] and "(None, 2)" in lines[1]


def test_sizes_that_are_not_known_stay_open():
    x = Input((None, 4))
    model = Model(x, Dense(2)(x))
    assert model.output_shape == (None, None, 2)
    assert model(np.zeros((2, 5, 4), np.float32)).shape == (2, 5, 2)

    class Halves(Layer):
        def call(self, x):
            return x[:, : x.shape[1] // 2], ops.sum(x, axis=(1, 2))

    first, second = Halves()(x)
    assert first.shape == (None, None, 4) and second.shape == (None,)


def test_whole_number_inputs_stay_whole():
    class Seen(Layer):
        autocast = False

        def call(self, x):
            self.seen = x.dtype
            return ops.cast(x, "float32")

    layer = Seen()
    model = Model(x := Input((2,), dtype="int64"), layer(x))
    model(np.array([[1.0, 2.0]]))
    assert layer.seen == np.int64


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (lambda x: Model(x, X), r"not an array of shape \(3, 4\)"),
        (lambda x: Model(x), "inputs and outputs together"),
        (lambda x: Model(x, []), "A Model needs outputs"),
        (lambda x: Model(x, Dense(1)(x + Input((4,), name="lost"))), "need the Input 'lost'"),
        (lambda x: Model(x, Dense(1, name="d")(Dense(4, name="d")(x))), "called 'd'"),
        (lambda x: np.sin(x), "NumPy|ufunc"),
        (lambda x: np.asarray(x), "has no values yet"),
        (lambda x: float(x) if x else 0, "nothing can depend on it"),
        (lambda x: list(x), "cannot be gone through"),
        (lambda x: Dense(1).output, "no calls on symbols"),
        (lambda x: Sequential([Dense(1)]).input, "start it with an Input"),
        (lambda x: Flatten()(x) @ Dense(3)(x), "matmul: a has shape"),
    ],
)
def test_refusals(action, words):
    with pytest.raises((TypeError, ValueError, AttributeError), match=words):
        action(Input((4,)))
