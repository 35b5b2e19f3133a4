"""Sequential, Model, summary, and gradients of whole models."""

import io
import sys

import numpy as np
import pytest

import dlcore
from dlcore import backends, losses
from dlcore.layers import Activation, Dense, Flatten, Input
from dlcore.models import Model, Sequential
from dlcore.models.graph import Graph
from dlcore.tensor import Tensor, floatx, gradients, set_floatx
from dlcore.utils import clear_session, set_random_seed


@pytest.fixture(autouse=True)
def seeded():
    set_random_seed(0)


def small(**kwargs):
    return Sequential([Dense(3, activation="tanh", input_dim=4), Dense(2)], **kwargs)


def test_an_input_shape_builds_at_once_and_data_build_later():
    for start in ([Input((4,))], [Input(shape=(4,)), Flatten()]):
        assert Sequential([*start, Dense(2)]).count_params() == 10
    assert Sequential([Dense(2, input_shape=(4,))]).count_params() == 10
    late = Sequential([Dense(2)])
    assert not late.built and late.input_shape is None
    with pytest.raises(ValueError, match="not seen an input"):
        late.count_params()
    late(np.zeros((5, 4), np.float32))
    assert late.count_params() == 10 and late.output_shape == (None, 2)


def test_forward_is_layer_after_layer():
    model = small()
    w1, b1, w2, b2 = model.get_weights()
    x = np.linspace(-1, 1, 8, dtype=np.float32).reshape(2, 4)
    np.testing.assert_allclose(model(x).data, np.tanh(x @ w1 + b1) @ w2 + b2, atol=1e-6)
    np.testing.assert_allclose(model.predict(x, verbose=0), model(x).data)


def test_layers_leave_the_input_out_and_can_be_found():
    model = Sequential([Input((4,)), Dense(2, name="a"), Dense(1, name="b")])
    assert [layer.name for layer in model.layers] == ["a", "b"]
    assert model.get_layer("b") is model.get_layer(index=1)
    with pytest.raises(ValueError, match="its layers are a, b"):
        model.get_layer("c")
    assert model.pop().name == "b" and model.output_shape == (None, 2)


class TwoRoads(Model):
    def __init__(self):
        super().__init__()
        self.left, self.right = Dense(4, "relu"), Dense(4, "tanh")
        self.out = Dense(1)

    def call(self, x):
        return self.out(self.left(x) + self.right(x))


def test_a_model_of_your_own_trains():
    set_random_seed(0)
    model = TwoRoads()
    model.compile(dlcore.optimizers.Adam(0.03), "mse")
    x = np.linspace(-1, 1, 64, dtype=np.float32).reshape(-1, 2)
    y = x[:, 0] * 2 + x[:, 1]
    history = model.fit(x, y, epochs=40, verbose=0).history["loss"]
    assert history[-1] < history[0] / 3
    assert [layer.name for layer in model.layers] == [
        layer.name for layer in (model.left, model.right, model.out)
    ]
    assert model.count_params() == 12 + 12 + 5


def test_a_model_inside_a_model():
    inner = small()
    outer = Sequential([inner, Dense(1)])
    assert outer(np.zeros((2, 4), np.float32)).shape == (2, 1)
    assert len(outer.weights) == 6


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (lambda: Sequential([Dense]), r"Dense is a class; add a layer of it: Dense\(…\)"),
        (lambda: Sequential(Dense(1)), "a list of layers"),
        (lambda: Sequential(["relu"]), "not of str"),
        (lambda: Sequential([Dense(1, name="a"), Dense(1, name="a")]), "has a layer 'a' already"),
        (lambda: Sequential([Dense(1), Input((3,))]), "An Input stands at the start"),
        (
            lambda: Sequential([Dense(3, input_dim=4), Dense(2, input_dim=5, name="out")]),
            r"second layer, 'out', was given the input shape \(5,\).*rows of shape \(3,\)",
        ),
        (lambda: Sequential([Dense(3), Dense(2, input_dim=3)]), "only the first layer needs one"),
        (lambda: Sequential()(np.zeros((1, 2), np.float32)), "has no layers yet"),
        (lambda: Model("a", "b"), "not a str: x = Input"),
        (lambda: Sequential().pop(), "no layer to take off"),
    ],
)
def test_refusals(action, words):
    with pytest.raises((TypeError, ValueError), match=words):
        action()


def test_a_layer_that_cannot_be_built_is_not_added_and_its_place_is_named():
    model = Sequential([Dense(3, input_dim=4)])
    with pytest.raises(ZeroDivisionError) as caught:
        model.add(Dense(2, kernel_initializer=lambda shape: 1 / 0))
    assert "second layer of the model" in caught.value.__notes__[0]
    assert len(model.layers) == 1


def test_summary_is_a_table_of_layers_shapes_and_weights():
    clear_session()
    text: list[str] = []
    small().summary(print_fn=text.append)
    lines = text[0].splitlines()
    assert lines[0] == 'Model: "sequential"'
    cells = [[cell.strip() for cell in line.split("│")[1:-1]] for line in lines if "│" in line]
    assert cells == [["dense (Dense)", "(None, 3)", "15"], ["dense_1 (Dense)", "(None, 2)", "8"]]
    assert lines[-3:] == [
        " Total params: 23 (92.00 B)",
        " Trainable params: 23 (92.00 B)",
        " Non-trainable params: 0 (0.00 B)",
    ]
    assert len({len(line) for line in lines[1:-3]}) == 1


def test_summary_of_what_is_not_built_and_in_html(capsys):
    Sequential([Dense(2)]).summary()
    assert "? (not built)" in capsys.readouterr().out
    html = Sequential([Dense(2, input_dim=3)], name="a<b")._repr_html_()
    assert "a&lt;b" in html and "<td>8</td>" in html


def test_summary_writes_out_what_would_steer_the_terminal():
    text = []
    model = Sequential([Input((2,)), Dense(1, name="\x1b[2Jä\x07")], name="m\x9b")
    model.summary(print_fn=text.append)
    assert "│ \\x1b[2Jä\\x07 (Dense) " in text[0] and 'Model: "m\\x9b"' in text[0]
    assert text[0].replace("\n", "").isprintable() and model._repr_html_().isprintable()


def test_summary_on_an_output_without_box_characters(monkeypatch):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252"))
    small().summary()
    sys.stdout.flush()
    assert b"| (None, 3)" in raw.getvalue()


@pytest.fixture
def float64():
    before, number = backends.get_backend(), floatx()
    backends.set_backend("numpy")
    set_floatx("float64")
    yield
    backends.set_backend(before)
    set_floatx(number)


RNG = np.random.default_rng(1)
LABELS = np.array([0, 2, 1, 2, 0])
MODELS = {
    "mse": (lambda: [Dense(4, "tanh"), Dense(2)], "mse", RNG.normal(size=(5, 2))),
    "binary": (
        lambda: [Dense(4, "relu"), Dense(1, "sigmoid")],
        "binary_crossentropy",
        np.array([0.0, 1, 1, 0, 1]),
    ),
    "softmax": (
        lambda: [Dense(4), Activation("leaky_relu"), Dense(3, "softmax")],
        "categorical_crossentropy",
        np.eye(3)[LABELS],
    ),
    "sparse from logits": (
        lambda: [Flatten(), Dense(3)],
        losses.SparseCategoricalCrossentropy(from_logits=True),
        LABELS,
    ),
}


@pytest.mark.parametrize("name", MODELS)
def test_gradients_of_whole_models_by_finite_differences(float64, name):
    layers, loss, y = MODELS[name]
    set_random_seed(2)
    model = Sequential(layers())
    loss = loss if isinstance(loss, losses.Loss) else losses.LossFunctionWrapper(losses.get(loss))
    x = Tensor(RNG.normal(size=(5, 3)))
    weights = [0.5, 1.0, 2.0, 1.0, 0.0]

    def value():
        return loss(y, model(x), weights)

    value()  # builds the model
    found = gradients(value(), model.trainable_weights)
    h = 1e-6
    for variable, gradient in zip(model.trainable_weights, found, strict=True):
        assert gradient.dtype == np.float64
        numeric = np.zeros_like(gradient)
        for index in np.ndindex(gradient.shape):
            kept = variable.data[index]
            variable.data[index] = kept + h
            above = float(value())
            variable.data[index] = kept - h
            numeric[index] = (above - float(value())) / (2 * h)
            variable.data[index] = kept
        np.testing.assert_allclose(gradient, numeric, rtol=1e-6, atol=1e-8)


def test_the_front_door():
    assert dlcore.Sequential is Sequential and dlcore.Model is Model and dlcore.Input is Input


def test_the_graph_is_not_drawn_anew_for_each_layer(monkeypatch):
    drawn = []

    def graph(*ends):
        drawn.append(ends)
        return Graph(*ends)

    monkeypatch.setattr("dlcore.models.sequential.Graph", graph)
    model = Sequential([Input((2,)), *[Dense(2) for _ in range(30)]])
    copy = Sequential.from_config(model.get_config())
    assert len(copy.layers) == 30
    assert copy.output_shape == (None, 2) and len(drawn) <= 3
    model.pop()
    assert model.output is model.layers[-1].output and model.layers[-1].units == 2
    model.add(Dense(5))
    assert model.output_shape == (None, 5)
