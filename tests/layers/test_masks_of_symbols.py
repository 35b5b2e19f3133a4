"""While a model is traced a layer is told of the masks that it will get when the model runs."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from dlcore import Input, Model, Sequential, layers, ops
from dlcore.layers.shape_inference import on_trial

ROWS = np.array([[1, 2, 0, 0, 0], [3, 4, 5, 6, 0]])


class Weighing(layers.Layer):
    """Softmax over the steps that count; it insists on its mask."""

    supports_masking = True

    def call(self, x, mask=None):
        assert mask is not None and tuple(mask.shape) == tuple(x.shape[:2])
        counts = ops.expand_dims(ops.cast(mask, "float32"), -1)
        grown = ops.exp(x) * counts
        return grown / ops.sum(grown, axis=1, keepdims=True)


class Told(layers.Layer):
    """Keeps whether it had a mask when it was tried out, and passes none on."""

    def call(self, x, mask=None):
        if on_trial() is not None:
            self.had = mask is not None
        return x * 1.0


class Both(layers.Layer):
    supports_masking = True

    def compute_mask(self, inputs, mask=None):
        return mask[0]

    def call(self, inputs, mask=None):
        assert mask[0] is not None and mask[1] is None
        return inputs[0] + inputs[1]


def embedded(x):
    return layers.Embedding(9, 3, mask_zero=True)(x)


def check(model):
    found = model.predict(ROWS, verbose=0)[..., 0]
    np.testing.assert_allclose(found.sum(1), 1, rtol=1e-6)
    np.testing.assert_array_equal(found[ROWS == 0], 0)
    assert (found[ROWS > 0] > 0).all()


@pytest.mark.parametrize("steps", [5, None])
def test_a_functional_model_hands_the_mask_on(steps):
    x = Input((steps,), dtype="int32")
    check(Model(x, Weighing()(layers.Dense(1)(embedded(x)))))


BETWEEN = {
    "Dropout": lambda x: layers.Dropout(0.2)(embedded(x)),
    "LSTM": lambda x: layers.LSTM(3, return_sequences=True)(embedded(x)),
    "Bidirectional": lambda x: layers.Bidirectional(layers.GRU(2, return_sequences=True))(
        embedded(x)
    ),
    "an operation": lambda x: embedded(x) * 2.0 + 1.0,
    "Add": lambda x: layers.Add()([embedded(x), embedded(x)]),
    "an own layer": lambda x: Weighing()(embedded(x)),
    "a model": lambda x: Sequential([Input((5,)), layers.Embedding(9, 3, mask_zero=True)])(x),
    "a model that passes it on": lambda x: Sequential([Input((5, 3)), layers.Dense(2)])(
        embedded(x)
    ),
    "an activation": lambda x: layers.Activation("tanh")(embedded(x)),
}


@pytest.mark.parametrize("between", BETWEEN.values(), ids=BETWEEN)
def test_what_passes_a_mask_on_does_so_for_symbols(between):
    x = Input((5,), dtype="int32")
    check(Model(x, Weighing()(layers.Dense(1)(between(x)))))


def test_a_mask_of_values():
    x = Input((5, 1))
    model = Model(x, Weighing()(layers.Dense(1)(layers.Masking()(x))))
    found = model.predict(ROWS[..., None].astype("float32"), verbose=0)[..., 0]
    np.testing.assert_array_equal(found == 0, ROWS == 0)


NONE = {
    "no mask_zero": lambda x: layers.Embedding(9, 3)(x),
    "the last step": lambda x: layers.LSTM(3)(embedded(x)),
    "Flatten": lambda x: layers.Flatten()(embedded(x)),
    "an own layer": lambda x: Told()(embedded(x)),
}


@pytest.mark.parametrize("between", NONE.values(), ids=NONE)
def test_what_ends_a_mask_does_so_for_symbols(between):
    x, told = Input((5,), dtype="int32"), Told()
    told(between(x))
    assert told.had is False
    told(embedded(x))
    assert told.had is True


def test_of_several_inputs_each_has_its_mask():
    x, y = Input((5,), dtype="int32"), Input((5, 3))
    model = Model([x, y], Both()([embedded(x), y]))
    assert model.predict([ROWS, np.zeros((2, 5, 3))], verbose=0).shape == (2, 5, 3)


def test_a_sequential_model_hands_the_mask_on():
    stack = [layers.Embedding(9, 3, mask_zero=True), layers.Dense(1), Weighing()]
    check(Sequential([Input((5,)), *stack]))
    check(Model(x := Input((5,)), Sequential([Input((5,)), *stack], name="inside")(x)))
    later = Sequential([layers.Embedding(9, 3, mask_zero=True), layers.Dense(1), Weighing()])
    check(later)


def test_a_lost_mask_is_told_of_when_the_model_runs_and_not_while_it_is_built():
    x = Input((5,), dtype="int32")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = Model(x, Told()(embedded(x)))
    with pytest.warns(UserWarning, match="does not pass on"):
        model(ROWS)


class Mean(layers.Layer):
    """Uses the mask up."""

    def call(self, x, mask=None):
        counts = ops.cast(ops.expand_dims(mask, -1), "float32")
        return ops.sum(x * counts, axis=1) / ops.sum(counts, axis=1)


def test_a_layer_that_uses_the_mask_up_is_no_reason_to_warn():
    x = Input((5,), dtype="int32")
    model = Model(x, Mean()(embedded(x)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = model.predict(ROWS, verbose=0)
    table = model.layers[1].get_weights()[0]
    expected = [table[[1, 2]].mean(0), table[[3, 4, 5, 6]].mean(0)]
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_one_that_uses_it_and_keeps_the_steps_is_told_how_to_pass_it_on():
    x = Input((5,), dtype="int32")
    model = Model(x, Told()(embedded(x)))
    with pytest.warns(UserWarning, match=r"which it does not pass on: .*supports_masking = True"):
        model(ROWS)
