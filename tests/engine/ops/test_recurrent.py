"""The recurrent operations: what they take for granted, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore.engine import ops
from dlcore.tensor import Tensor, gradients

RNG = np.random.default_rng(0)
WIDTH = {"simple_rnn": 1, "lstm": 4, "gru": 3}


def arguments(name, n=2, steps=3, columns=2, k=2):
    wide = WIDTH[name] * k
    return [RNG.normal(size=s) for s in ((n, steps, columns), (columns, wide), (k, wide))]


def first(y):
    return y[0] if isinstance(y, tuple) else y


@pytest.mark.parametrize("name", WIDTH)
def test_without_more_there_is_no_bias_no_state_and_every_step_counts(name):
    x, w, u = arguments(name)
    bias = np.zeros((2, 6) if name == "gru" else WIDTH[name] * 2)
    states = [np.zeros((2, 2))] * (2 if name == "lstm" else 1)
    operation = getattr(ops, name)
    expected = operation(x, w, u, bias, *states, np.ones((2, 3), bool))
    np.testing.assert_array_equal(first(operation(x, w, u)).data, first(expected).data)


@pytest.mark.parametrize("name", WIDTH)
def test_a_mask_may_be_of_any_number_type(name):
    x, w, u = arguments(name)
    mask = RNG.random((2, 3)) < 0.5
    operation = getattr(ops, name)
    found = [first(operation(x, w, u, mask=mask.astype(kind))).data
             for kind in ("bool", "int8", "float32", "float64")]  # fmt: skip
    for y in found[1:]:
        np.testing.assert_array_equal(found[0], y)


def test_gradients_of_both_states_of_an_lstm_add_up():
    tensors = [Tensor(x, requires_grad=True) for x in arguments("lstm")]
    h, c = ops.lstm(*tensors)
    dh, dc = (RNG.normal(size=h.shape) for _ in range(2))
    both = gradients(ops.add(ops.sum(h * dh), ops.sum(c * dc)), tensors)

    def loss(arrays):
        h, c = ops.lstm(*arrays)
        return float((h.data * dh).sum() + (c.data * dc).sum())

    for i, tensor in enumerate(tensors):
        for place in np.ndindex(*tensor.shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = [t.data.copy() for t in tensors]
                moved[i][place] += step
                ends.append(loss(moved))
            assert both[i][place] == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-6)


@pytest.mark.parametrize("name", ["simple_rnn", "lstm"])
def test_steps_one_by_one_are_the_sequence(name):
    tensors = [Tensor(x, requires_grad=True) for x in arguments(name)]
    x, w, u = tensors
    b, h0, c0, dh, dc = (RNG.normal(size=s) for s in (WIDTH[name] * 2, *[(2, 2)] * 4))
    states = [h0, c0] if name == "lstm" else [h0]
    whole = getattr(ops, name)(x, w, u, b, *states)
    whole = whole if name == "lstm" else (whole,)
    for t in range(3):
        given = (ops.time_step(x, t), *states, w, u, b)
        states = getattr(ops, f"{name}_step")(*given)
        states = list(states) if name == "lstm" else [states]
        for state, of_sequence in zip(states, whole, strict=True):
            np.testing.assert_allclose(state.data, of_sequence.data[:, t], rtol=1e-12)
    last = [ops.time_step(state, -1) for state in whole]
    slopes = [
        gradients(sum(ops.sum(s * d) for s, d in zip(ends, (dh, dc), strict=False)), tensors)
        for ends in (states, last)
    ]
    for found, expected in zip(*slopes, strict=True):
        assert np.abs(expected).max() > 0.01
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)


def test_a_step_needs_no_bias_and_takes_states_of_another_number_type():
    (x, w, u), h = arguments("lstm"), RNG.normal(size=(2, 2))
    x, w, u = (np.float32(each) for each in (x[:, 0], w, u))
    expected = ops.lstm_step(x, np.float32(h), np.float32(h), w, u, np.zeros(8, np.float32))
    for found, state in zip(ops.lstm_step(x, h, h, w, u), expected, strict=True):
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found.data, state.data)


@pytest.mark.parametrize("name", WIDTH)
def test_weights_that_do_not_fit_are_named(name):
    x, w, u = arguments(name)
    wide = WIDTH[name] * 2
    with pytest.raises(ValueError, match=rf"{name}: (w has shape \(2, {wide + 1}\)|u has shape)"):
        getattr(ops, name)(x, np.ones((2, wide + 1)), u)
    with pytest.raises(ValueError, match=rf"{name}: mask has shape \(2, 4\)"):
        getattr(ops, name)(x, w, u, mask=np.ones((2, 4)))


def test_time_step():
    x = Tensor(RNG.normal(size=(2, 4, 3)), requires_grad=True)
    for t in (0, 2, -1):
        y = ops.time_step(x, t)
        np.testing.assert_array_equal(y.data, x.data[:, t])
        expected = np.zeros(x.shape)
        expected[:, t] = 2 * x.data[:, t]
        np.testing.assert_allclose(gradients(ops.sum(ops.square(y)), [x])[0], expected)
