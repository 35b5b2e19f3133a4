"""Attention: what it weighs, what masks hide, what it refuses, and a Transformer that learns."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dlcore
from dlcore import Input, Model
from dlcore.engine import ops
from dlcore.layers import (
    Add,
    AdditiveAttention,
    Attention,
    Dense,
    Embedding,
    GlobalAveragePooling1D,
    Layer,
    LayerNormalization,
    MultiHeadAttention,
)
from dlcore.models import load_model
from dlcore.utils import register_keras_serializable

RNG = np.random.default_rng(0)
X = RNG.normal(size=(2, 5, 4)).astype(np.float32)
Y = RNG.normal(size=(2, 3, 4)).astype(np.float32)
KINDS = [Attention, AdditiveAttention]


def several(layer, *args, **kwargs):
    """Any attention, called on query and value."""
    if isinstance(layer, MultiHeadAttention):
        return layer(*args, **kwargs)
    return layer(list(args), **kwargs)


def made(kind):
    return MultiHeadAttention(2, 3) if kind is MultiHeadAttention else kind()


def test_the_formula():
    scores = X @ Y.transpose(0, 2, 1)
    weights = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    y, found = Attention()([X, Y], return_attention_scores=True)
    np.testing.assert_allclose(found, weights, rtol=1e-5)
    np.testing.assert_allclose(y, weights @ Y, rtol=1e-4, atol=1e-5)


def test_a_head_is_an_attention_of_projections():
    layer = MultiHeadAttention(3, 2)
    y, weights = layer(X, Y, return_attention_scores=True)
    wq, bq, wk, bk, wv, bv, wo, bo = layer.get_weights()
    assert wq.shape == (4, 3, 2) and bq.shape == (3, 2) and wo.shape == (3, 2, 4)
    expected = np.zeros_like(X) + bo
    for head in range(3):
        q, k, v = (x @ w[:, head] for x, w in ((X, wq), (Y, wk), (Y, wv)))
        scores = np.exp(q @ k.transpose(0, 2, 1) / np.sqrt(2))
        part = scores / scores.sum(-1, keepdims=True)
        np.testing.assert_allclose(weights.data[:, head], part, rtol=1e-4)
        expected = expected + part @ v @ wo[head]
    np.testing.assert_allclose(y, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("kind", [*KINDS, MultiHeadAttention])
def test_a_step_sees_no_later_one(kind):
    layer = made(kind)
    before = several(layer, X, X, use_causal_mask=True).data
    other = X.copy()
    other[:, 3:] += 5
    after = several(layer, other, other, use_causal_mask=True).data
    np.testing.assert_allclose(after[:, :3], before[:, :3], rtol=1e-5, atol=1e-6)
    assert not np.allclose(after[:, 3:], before[:, 3:])


@settings(max_examples=20, deadline=None)
@given(st.sampled_from([*KINDS, MultiHeadAttention]), st.integers(1, 4), st.integers(0, 99))
def test_masked_values_are_as_if_they_were_not_there(kind, kept, seed):
    rng = np.random.default_rng(seed)
    x, value = (rng.normal(size=(2, 5, 4)).astype(np.float32) for _ in range(2))
    mask = np.broadcast_to(np.arange(5) < kept, (2, 5))
    layer = made(kind)
    if kind is MultiHeadAttention:
        found = layer(x, value, value_mask=mask)
    else:
        found = layer([x, value], mask=[None, mask])
    short = several(layer, x, np.ascontiguousarray(value[:, :kept]))
    np.testing.assert_allclose(found, short, rtol=1e-4, atol=1e-5)


def test_the_mask_of_an_embedding_is_used_and_passed_on():
    codes = np.array([[3, 1, 0, 0], [2, 2, 4, 1]])
    x = Embedding(5, 4, mask_zero=True)(codes)
    for layer in (MultiHeadAttention(2, 3), Attention()):
        y, weights = several(layer, x, x, return_attention_scores=True)
        assert y.mask is not None
        np.testing.assert_array_equal(np.asarray(y.mask), codes != 0)
        assert not weights.data[0, ..., :2, 2:].any()
        if isinstance(layer, MultiHeadAttention):
            assert not weights.data[0, :, 2:].any()
    # Attention gives 0 for what does not count.
    assert not y.data[0, 2:].any() and y.data[0, :2].any()


def test_a_mask_for_pairs_of_steps():
    layer, sees = MultiHeadAttention(2, 3), RNG.random((2, 5, 3)) < 0.6
    _, weights = layer(X, Y, attention_mask=sees, return_attention_scores=True)
    hidden = np.broadcast_to(~sees[:, None], weights.shape)
    assert not weights.data[hidden].any()
    of_all = layer(X, Y, attention_mask=sees[0], return_attention_scores=True)[1]
    assert not of_all.data[np.broadcast_to(~sees[0], of_all.shape)].any()
    window = MultiHeadAttention(1, 2, sliding_window=2)
    near = window(X, X, return_attention_scores=True)[1].data[0, 0] > 0
    np.testing.assert_array_equal(near, np.abs(np.subtract.outer(range(5), range(5))) < 2)


def test_weights_are_left_out_in_training_alone():
    for layer in (Attention(dropout=0.5, seed=1), MultiHeadAttention(2, 3, dropout=0.5, seed=1)):
        calm = several(layer, X, Y)
        np.testing.assert_array_equal(several(layer, X, Y, training=False).data, calm.data)
        assert not np.allclose(several(layer, X, Y, training=True).data, calm.data)


REFUSED = [
    (lambda: MultiHeadAttention(0, 3), "num_heads is a whole number of at least 1"),
    (lambda: MultiHeadAttention(2, 3, attention_axes=2), "attention_axes=1"),
    (lambda: MultiHeadAttention(2, 3)(X[0], X[0]), r"query \(n, t, d\)"),
    (lambda: MultiHeadAttention(2, 3)(X, Y, X), r"\(None, 3, 4\) and \(None, 5, 4\)"),
    (lambda: Attention(dropout=1.5), "from 0 to below 1"),
    (lambda: Attention(score_mode="dott"), "dot"),
    (lambda: Attention()(X), "takes a list of inputs"),
    (lambda: Attention()([X, Y[..., :2]]), "keys as wide as queries"),
    (lambda: Attention()([X, Y, X]), "one for each value"),
]


@pytest.mark.parametrize(("call", "told"), REFUSED, ids=range(len(REFUSED)))
def test_what_does_not_fit_is_refused(call, told):
    with pytest.raises(ValueError, match=told):
        call()


def test_a_value_is_needed():
    with pytest.raises(TypeError, match=r"\(x, x\) for self-attention"):
        MultiHeadAttention(2, 3)(X)


@register_keras_serializable("tests_of_attention")
class Block(Layer):
    """A block of a Transformer, as programs write it themselves."""

    def __init__(self, width=8, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True
        self.width = width
        self.attention = MultiHeadAttention(2, width // 2)
        self.inner, self.outer = Dense(2 * width, "relu"), Dense(width)
        self.first, self.second = LayerNormalization(), LayerNormalization()

    def call(self, x):
        x = self.first(x + self.attention(x, x))
        return self.second(x + self.outer(self.inner(x)))


def same_neighbours(rows, rng):
    """Codes of which some stand next to themselves, and whether they do."""
    codes = rng.integers(1, 5, (rows, 6))
    return codes, (codes[:, 1:] == 4).sum(1) > (codes[:, 1:] == 3).sum(1)


def test_a_transformer_learns_and_goes_through_a_file(tmp_path):
    dlcore.utils.set_random_seed(1)
    codes = Input((6,))
    x = Embedding(5, 8, mask_zero=True)(codes)
    y = MultiHeadAttention(2, 4)(x, x)
    x = Block()(LayerNormalization()(Add()([x, y])))
    model = Model(codes, Dense(1, "sigmoid")(GlobalAveragePooling1D()(x)))
    model.compile(dlcore.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    x, y = same_neighbours(256, np.random.default_rng(0))
    model.fit(x, y, epochs=15, verbose=0)
    assert not model.run_eagerly
    assert model.evaluate(*same_neighbours(256, np.random.default_rng(1)), verbose=0)[1] > 0.9
    model.save(tmp_path / "m.keras")
    other = load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(other.predict(x, verbose=0), model.predict(x, verbose=0))
    other.fit(x, y, epochs=1, verbose=0)


def test_symbols_know_both_outputs():
    query, value = Input((None, 4)), Input((7, 5))
    y, weights = MultiHeadAttention(2, 3)(query, value, return_attention_scores=True)
    assert y.shape == (None, None, 4) and weights.shape == (None, 2, None, 7)
    y, weights = Attention()([query, Input((7, 4))], return_attention_scores=True)
    assert y.shape == (None, None, 4) and weights.shape == (None, None, 7)
    layer = MultiHeadAttention(1, 2, output_shape=(2, 3))
    assert layer(query=query, value=value, key=value).shape == (None, None, 2, 3)


def test_all_heads_are_multiplied_at_once(monkeypatch):
    products = []
    matmul = ops.matmul
    monkeypatch.setattr(ops, "matmul", lambda a, b: products.append(a.shape) or matmul(a, b))
    MultiHeadAttention(8, 2)(X, Y)
    assert products == [(2, 8, 5, 2), (2, 8, 5, 3)]
