"""Masking, and what recurrent layers and losses do with a mask."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore import Input, Model, Sequential
from dlcore.engine import ops
from dlcore.layers import (
    GRU,
    LSTM,
    Activation,
    Bidirectional,
    Dense,
    Dropout,
    Masking,
    SimpleRNN,
)
from dlcore.tensor import gradients
from dlcore.utils import set_random_seed

RECURRENT = (SimpleRNN, LSTM, GRU)


@given(
    st.integers(1, 4), st.integers(1, 4), st.integers(1, 3), st.sampled_from([0.0, -1.0, 2.5]),
    st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_mask_and_values(n, steps, columns, value, seed):
    x = np.random.default_rng(seed).choice([value, 1.0], (n, steps, columns)).astype("float32")
    layer = Masking(value)
    y = layer(x)
    kept = (x != value).any(-1)
    np.testing.assert_array_equal(y.mask.data, kept)
    np.testing.assert_array_equal(y.data, np.where(kept[:, :, None], x, 0))
    assert layer.compute_output_shape((None, None, columns)) == (None, None, columns)
    assert Masking.from_config(layer.get_config()).mask_value == value


def padded(seed=0, value=-1.0):
    """Three sequences of 4, 2 and 1 steps, filled up at the end to four steps."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(3, 4, 2)).astype("float32")
    for row, length in enumerate((4, 2, 1)):
        x[row, length:] = value
    return x


@pytest.mark.parametrize("kind", RECURRENT)
@pytest.mark.parametrize("arguments", [{}, {"return_state": True}, {"go_backwards": True}])
def test_a_filled_up_sequence_is_as_good_as_the_short_one(kind, arguments):
    layer = kind(3, **arguments)
    x = padded()
    masked = layer(Masking(-1.0)(x))
    masked = masked if isinstance(masked, tuple) else (masked,)
    for row, length in enumerate((4, 2, 1)):
        short = layer(x[row : row + 1, :length])
        short = short if isinstance(short, tuple) else (short,)
        for a, b in zip(masked, short, strict=True):
            np.testing.assert_allclose(a.data[row], b.data[0], atol=1e-6)


@pytest.mark.parametrize("kind", RECURRENT)
@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])  # the kernel, and step by step
def test_what_a_masked_step_gives_and_that_nothing_comes_back_to_it(kind, activation):
    x, on = padded(), padded() != -1.0
    first = [np.full((3, 3), 0.3, "float32")] * (2 if kind is LSTM else 1)
    repeated = kind(3, activation=activation, return_sequences=True)
    x = ops.convert_to_tensor(x)
    x.requires_grad = True
    mask = np.array([[1, 1, 1, 1], [1, 1, 0, 0], [0, 0, 1, 0]])
    y = repeated(x, initial_state=first, mask=mask)
    np.testing.assert_array_equal(y.data[1, 2], y.data[1, 1])
    np.testing.assert_array_equal(y.data[1, 3], y.data[1, 1])
    np.testing.assert_array_equal(y.data[2, :2], np.full((2, 3), np.float32(0.3)))
    assert not np.array_equal(y.data[0, 2], y.data[0, 1])
    zero = kind(3, activation=activation, return_sequences=True, zero_output_for_mask=True)
    zero.build_once((None, 4, 2))
    zero.set_weights(repeated.get_weights())
    expected = np.where(mask[:, :, None], y.data, 0)
    y = zero(x, initial_state=first, mask=mask)
    np.testing.assert_array_equal(y.data, expected)
    dx = gradients(ops.sum(ops.square(y)), [x])[0]
    assert (dx[mask == 0] == 0).all() and (dx[mask == 1] != 0).all()
    assert on.shape == dx.shape


def test_the_mask_goes_on_through_layers_to_the_loss():
    x = padded()
    layers = [Masking(-1.0), Dropout(0.1), Dense(3), Activation("relu")]
    layers += [LSTM(3, return_sequences=True), Bidirectional(GRU(2, return_sequences=True))]
    layers += [Dense(1)]
    for layer in layers:
        x = layer(x)
        np.testing.assert_array_equal(
            x.mask.data, [[1, 1, 1, 1], [1, 1, 0, 0], [1, 0, 0, 0]], err_msg=layer.name
        )
    assert LSTM(2)(x).mask is None
    model = Sequential(layers)
    model.compile("sgd", "mse")
    y = np.zeros((3, 4, 1))
    outputs = model.predict(padded(), verbose=0)
    mask = x.mask.data[:, :, None]
    # As in Keras: the losses of the steps that count, divided by how many there are.
    expected = (outputs**2 * mask).sum() / mask.sum()
    assert model.evaluate(padded(), y, verbose=0) == pytest.approx(expected, rel=1e-5)


def test_in_a_model_of_symbols():
    x = Input((None, 2))
    y, h, c = LSTM(3, return_sequences=True, return_state=True)(Masking(-1.0)(x))
    z = GRU(3)(y, initial_state=h)
    model = Model(x, [z, c])
    assert [tuple(s.shape) for s in (y, h, c)] == [(None, None, 3), (None, 3), (None, 3)]
    a = model.predict(padded(), verbose=0)
    b = model.predict(padded(value=-1.0)[:, ::1], verbose=0)
    assert a[0].shape == (3, 3) and a[1].shape == (3, 3)
    np.testing.assert_array_equal(a[0], b[0])
    short = model.predict(padded()[1:2, :2], verbose=0)
    np.testing.assert_allclose(a[0][1], short[0][0], atol=1e-6)
    np.testing.assert_allclose(a[1][1], short[1][0], atol=1e-6)


def test_a_mask_of_the_wrong_shape_is_named():
    with pytest.raises(ValueError, match=r"'lstm.*' takes a mask .* \(3, 4\), but .* \(3, 2\)"):
        LSTM(2)(padded(), mask=np.ones((3, 2)))


def test_replay_equals_eager():
    kept = []
    x, y = np.concatenate([padded(i) for i in range(20)]), np.arange(60) / 60
    for eagerly in (False, True):
        set_random_seed(1)
        model = Sequential([Masking(-1.0), Bidirectional(GRU(3)), Dense(1)])
        model.compile("adam", "mse", run_eagerly=eagerly)
        model.fit(x, y, epochs=3, batch_size=16, verbose=0)
        assert model.run_eagerly == eagerly
        kept.append(model.get_weights())
    for a, b in zip(*kept, strict=True):
        np.testing.assert_array_equal(a, b)
