"""A Sequential model takes rows of another shape than it was built for, where its weights fit."""

import numpy as np
import pytest

from dlcore import Input, Model, Sequential
from dlcore.layers import (
    GRU,
    LSTM,
    BatchNormalization,
    Bidirectional,
    Conv1D,
    Conv2D,
    Dense,
    Embedding,
    Flatten,
    GlobalAveragePooling1D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    Masking,
    Reshape,
    SimpleRNN,
)
from dlcore.saving import load_model

RNG = np.random.default_rng(0)


def steps(n, rows=6):
    return RNG.normal(size=(rows, n, 3)).astype("float32")


# Keras 3.15.1 takes seven steps after four in each of these.
TAKES = {
    "SimpleRNN": lambda: [SimpleRNN(2), Dense(1)],
    "LSTM": lambda: [LSTM(2), Dense(1)],
    "GRU": lambda: [GRU(2), Dense(1)],
    "Bidirectional": lambda: [Bidirectional(GRU(2)), Dense(1)],
    "Masking": lambda: [Masking(), LSTM(2), Dense(1)],
    "BatchNormalization": lambda: [BatchNormalization(), GlobalMaxPooling1D(), Dense(1)],
    "Conv1D and a maximum": lambda: [Conv1D(2, 2), GlobalMaxPooling1D(), Dense(1)],
    "Conv1D and a mean": lambda: [Conv1D(2, 2), GlobalAveragePooling1D(), Dense(1)],
}


@pytest.mark.parametrize("built", ["fit", "predict", "call", "build", "Input"])
@pytest.mark.parametrize("name", TAKES)
def test_seven_steps_after_four(name, built):
    model = Sequential([Input((4, 3))] if built == "Input" else [])
    for layer in TAKES[name]():
        model.add(layer)
    model.compile("sgd", "mse")
    if built == "fit":
        model.fit(steps(4), np.zeros(6), verbose=0)
    elif built == "predict":
        model.predict(steps(4), verbose=0)
    elif built == "call":
        model(steps(4))
    elif built == "build":
        model.build((None, 4, 3))
    x = steps(7)
    found = model.predict(x, verbose=0)
    np.testing.assert_allclose(found, model(x).data, rtol=1e-5, atol=1e-6)
    assert found.shape == (6, 1)
    assert len(model.fit(x, np.zeros(6), epochs=4, batch_size=2, verbose=0).history["loss"]) == 4
    assert model.evaluate(x, np.zeros(6), verbose=0) < 10
    assert model.predict(steps(4), verbose=0).shape == (6, 1)


def test_what_gives_a_step_for_each_step():
    model = Sequential([LSTM(2, return_sequences=True), Dense(1)])
    model.compile("sgd", "mse")
    for n in (4, 7):
        model.fit(steps(n), np.zeros((6, n, 1)), verbose=0)
        assert model.predict(steps(n), verbose=0).shape == (6, n, 1)
    with pytest.raises(ValueError, match=r"\(6, 4, 1\)"):
        model.fit(steps(7), np.zeros((6, 4, 1)), verbose=0)


def test_words_and_images():
    words = Sequential([Embedding(9, 2), LSTM(2)])
    for n in (4, 7):
        assert words.predict(np.ones((3, n), int), verbose=0).shape == (3, 2)
    with pytest.raises(ValueError, match="holds 9 in row 0"):
        words.predict(np.full((3, 5), 9), verbose=0)
    images = Sequential([Conv2D(2, 3), GlobalMaxPooling2D(), Dense(1)])
    for shape in ((5, 5, 1), (8, 6, 1)):
        assert images.predict(np.ones((2, *shape)), verbose=0).shape == (2, 1)


def test_a_model_from_a_file_takes_them_too(tmp_path):
    model = Sequential([GRU(2), Dense(1)])
    model(steps(4))
    model.save(tmp_path / "steps.keras")
    x = steps(7)
    again = load_model(tmp_path / "steps.keras")
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))


REFUSES = {
    "columns": (lambda: [LSTM(2)], (6, 4, 5)),
    "Flatten and Dense": (lambda: [Flatten(), Dense(1)], (6, 7, 3)),
    "Reshape": (lambda: [Reshape((6, 2)), LSTM(2)], (6, 7, 3)),
    "too few steps": (lambda: [Conv1D(2, 3), GlobalMaxPooling1D()], (6, 2, 3)),
    "columns of Dense": (lambda: [Dense(2)], (6, 4, 2)),
    "one axis more": (lambda: [Dense(2)], (6, 2, 4, 3)),
    "one axis less": (lambda: [Dense(2)], (6, 3)),
}


@pytest.mark.parametrize("name", REFUSES)
def test_rows_that_the_weights_do_not_fit(name):
    make, shape = REFUSES[name]
    model = Sequential(make())
    model(steps(4))
    first = model.layers[0].name
    told = rf"first layer '{first}', takes rows of shape \(4, 3\), but x has shape \({shape[0]}, "
    with pytest.raises(ValueError, match=told):
        model.predict(np.ones(shape, "float32"), verbose=0)


def test_a_model_of_inputs_and_outputs_is_bound_to_its_input():
    x = Input((4, 3))
    model = Model(x, LSTM(2)(x))
    with pytest.raises(ValueError, match=r"takes rows of shape \(4, 3\), but x has shape \(6, 7"):
        model.predict(steps(7), verbose=0)
    free = Input((None, 3))
    assert Model(free, LSTM(2)(free)).predict(steps(7), verbose=0).shape == (6, 2)


def test_a_stateful_layer_keeps_its_states_while_the_shape_is_tried():
    model = Sequential([LSTM(2, stateful=True)])
    model(steps(4, rows=2))
    before = [state.data.copy() for state in model.layers[0].states]
    assert model.row_shape_for((7, 3)) == (7, 3) and model.row_shape_for((7, 5)) == (4, 3)
    for a, b in zip(model.layers[0].states, before, strict=True):
        np.testing.assert_array_equal(a.data, b)
