"""Small CNNs in training: replay and eager end with the same bits, both backends agree."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore import backends, layers
from dlcore.engine.program import Program
from dlcore.models import Sequential
from dlcore.utils import set_random_seed

RNG = np.random.default_rng(0)
X = {1: RNG.normal(size=(14, 9, 2)), 2: RNG.normal(size=(14, 9, 8, 2))}
Y = np.eye(3)[RNG.integers(0, 3, 14)]


def model_of(rank, pool, final, padding, stride, use_bias):
    set_random_seed(3)
    conv = getattr(layers, f"Conv{rank}D")
    stack = [
        conv(4, 3, padding=padding, activation="relu", use_bias=use_bias),
        getattr(layers, f"{pool}Pooling{rank}D")(2, stride, padding="same"),
        conv(3, 2, strides=stride, kernel_regularizer="l2"),
    ]
    stack.append(layers.Flatten() if final is None else getattr(layers, f"{final}{rank}D")())
    return Sequential([*stack, layers.Dense(3, activation="softmax")])


def trained(rank, eagerly=False, **arguments):
    model = model_of(rank, **arguments)
    model.compile("adam", "categorical_crossentropy", metrics=["accuracy"], run_eagerly=eagerly)
    history = model.fit(X[rank], Y, batch_size=4, epochs=4, verbose=0).history
    return model.get_weights(), history, model.predict(X[rank], verbose=0, batch_size=3)


shapes = {
    "rank": st.sampled_from([1, 2]),
    "pool": st.sampled_from(["Max", "Average"]),
    "final": st.sampled_from([None, "GlobalMaxPooling", "GlobalAveragePooling"]),
    "padding": st.sampled_from(["valid", "same"]),
    "stride": st.sampled_from([1, 2]),
    "use_bias": st.booleans(),
}


@settings(max_examples=15)
@given(**shapes)
def test_the_same_bits_as_eager(**arguments):
    found, expected = trained(**arguments), trained(eagerly=True, **arguments)
    for a, b in zip(found[0], expected[0], strict=True):
        np.testing.assert_array_equal(a, b)
    assert found[1] == expected[1]
    np.testing.assert_array_equal(found[2], expected[2])


def test_the_steps_are_replayed(monkeypatch):
    count = []
    run = Program.run
    monkeypatch.setattr(Program, "run", lambda self: count.append(self.replayed) or run(self))
    model = model_of(2, "Max", None, "same", 1, True)
    model.compile("adam", "categorical_crossentropy")
    model.fit(X[2], Y, batch_size=7, epochs=5, verbose=0)
    assert count == [False, False] + [True] * 8


@settings(max_examples=10)
@given(**shapes)
@pytest.mark.skipif(backends.available_backends()["cpu"] is not None, reason="Numba is missing")
def test_the_backends_agree(**arguments):
    results = []
    before = backends.get_backend()
    for name in ("numpy", "cpu"):
        backends.set_backend(name)
        try:
            results.append(trained(**arguments))
        finally:
            backends.set_backend(before)
    for a, b in zip(results[0][0], results[1][0], strict=True):
        np.testing.assert_allclose(a, b, atol=2e-4)
    np.testing.assert_allclose(results[0][2], results[1][2], atol=2e-4)
