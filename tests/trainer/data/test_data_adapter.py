"""Dtypes, tables, sequences and images: what fit makes of them, and what it says."""

import warnings

import numpy as np
import pytest

from dlcore import Input
from dlcore.layers import (
    BatchNormalization,
    Conv2D,
    Dense,
    Embedding,
    Flatten,
    Normalization,
    RandomFlip,
    Rescaling,
)
from dlcore.models import Model, Sequential
from dlcore.trainer.compile_utils import OutputMetrics
from dlcore.trainer.data.structures import Inputs
from dlcore.utils import set_random_seed

RNG = np.random.default_rng(0)
WORDS = RNG.integers(0, 20, size=(12, 6)).astype(np.uint8)
BYTES = RNG.integers(0, 256, size=(12, 8, 8, 1)).astype(np.uint8)
LABELS = RNG.integers(0, 2, 12)


class Words(Model):
    def __init__(self):
        super().__init__()
        self.words, self.flat, self.out = Embedding(20, 4), Flatten(), Dense(1)

    def call(self, x):
        return self.out(self.flat(self.words(x)))


def functional(dtype):
    x = Input((6,), dtype=dtype)
    return Model(x, Dense(1)(Flatten()(Embedding(20, 4)(x))))


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (lambda: Sequential([Embedding(20, 4), Flatten(), Dense(1)]), np.int64),
        (lambda: Sequential([Sequential([Embedding(20, 4)]), Flatten(), Dense(1)]), np.int64),
        (Words, np.int64),
        (lambda: functional("int32"), np.int64),
        (lambda: functional(None), np.float32),
        (lambda: Sequential([Flatten(), Dense(1)]), np.float32),
    ],
)
def test_whole_numbers_stay_whole_where_the_first_layer_wants_them(make, kind):
    set_random_seed(0)
    model = make()
    assert Inputs(model).arrays(WORDS)[0].dtype == kind
    assert Inputs(model).arrays(WORDS / 2)[0].dtype == np.float32
    model.compile("adam", "mse")
    losses = model.fit(WORDS, WORDS.mean(axis=1), epochs=4, batch_size=5, verbose=0).history["loss"]
    assert losses[-1] < losses[0] and not model.run_eagerly


def test_a_class_number_too_large_for_the_embedding():
    model = Sequential([Embedding(20, 4), Flatten(), Dense(1)])
    model.compile("adam", "mse")
    with pytest.raises(ValueError, match="'embedding.*' takes whole numbers from 0 to 19"):
        model.fit(WORDS.astype(int) + 5, LABELS, batch_size=12, verbose=0)


def said(model, x):
    model.compile("sgd", "mse")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(2):
            model.fit(x, LABELS, batch_size=12, verbose=0)
        model.evaluate(x, LABELS, verbose=0)
    return [str(warning.message) for warning in caught]


@pytest.mark.parametrize("x", [BYTES, BYTES.astype(float)])
def test_raw_pixels_are_said_once_with_the_mend(x):
    mend = r"divide them, x / 255, or start the model with Rescaling(1/255)."
    for layers, named in (([Conv2D(1, 3, name="first")], "first"), ([RandomFlip()], "out")):
        model = Sequential([Input((8, 8, 1)), *layers, Flatten(), Dense(1, name="out")])
        (text,) = said(model, x)
        assert text.startswith("x holds pixels from 0 to ") and text.endswith(mend)
        assert f"the layer {named!r} learns badly" in text


FLAT = BYTES.reshape(12, 64)
FLAT[0, 0] = 255


@pytest.mark.parametrize(
    "x",
    [FLAT, FLAT // 2, FLAT.astype(np.float32), FLAT.astype(int), FLAT.tolist()],
    ids=["bytes", "dark bytes", "floats", "whole numbers", "lists"],
)
def test_raw_pixels_in_a_table(x):
    def flat():
        return Sequential([Dense(1, kernel_initializer="zeros")])

    assert len(said(flat(), x)) == 1
    one = flat()
    one.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="x holds pixels from 0 to .* divide them, x / 255"):
        one.train_on_batch(x, LABELS)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one.train_on_batch(x, LABELS)
        one.fit(x, LABELS, verbose=0)
        flat().predict(x, verbose=0)
    assert not said(Sequential([Input((64,)), Rescaling(1 / 255), Dense(1)]), x)
    counts = np.minimum(np.array(x, float), 254)
    assert not said(Sequential([Dense(1, kernel_initializer="zeros")]), counts)


def test_nothing_is_said_of_images_that_are_right():
    def model(*first):
        return Sequential([Input((8, 8, 1)), *first, Flatten(), Dense(1)])

    assert not said(model(), BYTES / 255)
    assert not said(model(), BYTES / 2.7)
    assert not said(model(), BYTES.astype(float) - 128)
    assert not said(model(), BYTES // 16)
    for first in (Rescaling(1 / 255), Normalization(mean=128.0, variance=100.0**2)):
        assert not said(model(RandomFlip(), first), BYTES)
    assert not said(model(BatchNormalization()), BYTES)
    assert not said(model(Sequential([RandomFlip(), Rescaling(1 / 255)])), BYTES)
    narrow = Sequential([Input((8,)), Dense(1, kernel_initializer="zeros")])
    assert not said(narrow, BYTES[:, 0, :, 0])


def test_tables():
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame({"a": np.arange(12.0) / 12, "b": LABELS * 1.0})
    model = Sequential([Dense(1, input_dim=2)])
    model.compile("sgd", "mse")
    expected = model.evaluate(table.to_numpy(), LABELS, verbose=0)
    assert model.evaluate(table, pandas.Series(LABELS), verbose=0) == expected
    table["b"] = "red"
    with pytest.raises(TypeError, match="x holds text such as 'red'"):
        model.evaluate(table, LABELS, verbose=0)


def test_weights_of_the_steps_of_sequences():
    x = RNG.normal(size=(6, 5, 2)).astype(np.float32)
    y = x.sum(axis=2, keepdims=True)
    model = Sequential([Dense(1, kernel_initializer="zeros")])
    model.compile("sgd", "mse", weighted_metrics=["mae"])
    steps = RNG.uniform(0, 1, (6, 5))
    loss, mae = model.evaluate(x, y, sample_weight=steps, verbose=0)
    assert loss == pytest.approx((steps * y[..., 0] ** 2).mean(), rel=1e-5)
    rows = steps[:, 0]
    loss, mae = model.evaluate(x, y, sample_weight=rows, verbose=0)
    assert loss == pytest.approx((rows[:, None] * y[..., 0] ** 2).mean(), rel=1e-5)
    assert model.evaluate(x, y, sample_weight=rows[:, None], verbose=0) == [loss, mae]
    with pytest.raises(ValueError, match=r"shape \(6,\) or \(6, 5\), but its shape is \(6, 4\)"):
        model.evaluate(x, y, sample_weight=steps[:, :4], verbose=0)
    with pytest.raises(ValueError, match="but row 2 is -1"):
        model.evaluate(x, y, sample_weight=np.where(steps == steps[2, 3], -1, 1), verbose=0)


def test_metrics_take_in_small_batches_together_and_end_the_same(monkeypatch):
    x = RNG.normal(size=(50, 3)).astype(np.float32)
    y = (x.sum(axis=1) > 0) * 1
    weights = RNG.uniform(0, 1, 50)
    ends = []
    for size in (OutputMetrics.SIZE, 0, 7):
        monkeypatch.setattr(OutputMetrics, "SIZE", size)
        set_random_seed(0)
        model = Sequential([Dense(1, "sigmoid", input_dim=3)])
        metrics = ["accuracy", "mae", "AUC", "Precision"]
        model.compile("sgd", "binary_crossentropy", metrics=metrics, weighted_metrics=["mae"])
        history = model.fit(x, y, sample_weight=weights, epochs=2, batch_size=4, verbose=0).history
        ends.append(history)
    for history in ends[1:]:
        for name, values in ends[0].items():
            np.testing.assert_allclose(history[name], values, rtol=1e-6)
