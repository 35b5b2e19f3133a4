"""Attention beside Keras's own: outputs, weights of attention, masks, gradients by training."""

from __future__ import annotations

import random

import numpy as np
import pytest

import dlcore
from dlcore.tensor import Tensor

keras = pytest.importorskip("keras")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")

TOLERANCE = {"rtol": 1e-4, "atol": 2e-5}


def numbers(rng, *shape):
    return rng.normal(size=shape).astype(np.float32)


def array(value):
    return value.data if isinstance(value, Tensor) else keras.ops.convert_to_numpy(value)


def same(found, expected, **tolerance):
    np.testing.assert_allclose(array(found), array(expected), **(tolerance or TOLERANCE))


def steps_that_count(rng, rows, steps):
    """A mask in which each row has a first step."""
    return np.arange(steps) < rng.integers(1, steps + 1, (rows, 1))


def shaken(first, second, rng):
    weights = [numbers(rng, *w.shape) for w in first.get_weights()]
    assert [w.shape for w in first.weights] == [tuple(w.shape) for w in second.weights]
    assert [w.name for w in first.weights] == [w.name for w in second.weights]
    first.set_weights(weights)
    second.set_weights(weights)


@pytest.mark.parametrize("seed", range(14))
@pytest.mark.parametrize("kind", ["Attention", "AdditiveAttention"])
def test_attention(kind, seed):
    rnd, rng = random.Random(seed), np.random.default_rng(seed)
    given = {"use_scale": rnd.random() < 0.5}
    if kind == "Attention":
        given["score_mode"] = rnd.choice(["dot", "concat"])
    n, t, s, d = (rnd.randint(1, 4) for _ in range(4))
    own_key = rnd.random() < 0.5
    x = [numbers(rng, n, t, d), numbers(rng, n, s, rnd.randint(1, 3) if own_key else d)]
    x += [numbers(rng, n, s, d)] if own_key else []
    ours, theirs = (getattr(lib.layers, kind)(**given) for lib in (dlcore, keras))
    ours(x), theirs(x)
    shaken(ours, theirs, rng)
    more = {"use_causal_mask": rnd.random() < 0.5, "return_attention_scores": True}
    if rnd.random() < 0.7:
        masks = [steps_that_count(rng, n, t), steps_that_count(rng, n, s)]
        masks[rnd.randrange(2)] = rnd.choice([None, masks[0]]) if t == s else None
        more["mask"] = masks
    for a, b in zip(ours(x, **more), theirs(x, **more), strict=True):
        same(a, b)


@pytest.mark.parametrize("seed", range(24))
def test_several_heads(seed):
    rnd, rng = random.Random(seed), np.random.default_rng(seed)
    n, t, s, d, e = (rnd.randint(1, 5) for _ in range(5))
    given = {
        "num_heads": rnd.randint(1, 4),
        "key_dim": rnd.randint(1, 4),
        "value_dim": rnd.choice([None, 3]),
        "use_bias": rnd.random() < 0.7,
        "output_shape": rnd.choice([None, 3, (2, 3)]),
        "use_gate": rnd.random() < 0.3,
        "sliding_window": rnd.choice([None, None, 2]),
    }
    # Without dropout Keras on JAX takes no values of another size than the keys.
    given["dropout"] = 0.1 if given["value_dim"] else 0.0
    ours, theirs = (lib.layers.MultiHeadAttention(**given) for lib in (dlcore, keras))
    x = [numbers(rng, n, t, d), numbers(rng, n, s, e)]
    x += [numbers(rng, n, s, 2)] if rnd.random() < 0.5 else []
    ours(*x), theirs(*x)
    shaken(ours, theirs, rng)
    more = {"use_causal_mask": rnd.random() < 0.3}
    if rnd.random() < 0.5:
        shape = rnd.choice([(n, t, s), (1, t, s), (n, given["num_heads"], t, s)])
        more["attention_mask"] = rng.random(shape) < 0.7
    found = ours(*x, **more, return_attention_scores=True)
    for a, b in zip(found, theirs(*x, **more, return_attention_scores=True), strict=True):
        same(a, b)
    # A step that sees nothing gets nothing; where no weights are asked for Keras takes a mean.
    whole = (array(found[1]).sum(-1) > 0.5).all(1)
    same(array(ours(*x, **more))[whole], array(theirs(*x, **more))[whole])


def transformer(library, seed):
    rnd = random.Random(seed)
    layers = library.layers
    codes = library.Input((6,))
    x = layers.Embedding(9, 4, mask_zero=seed % 2 == 0)(codes)
    y = layers.MultiHeadAttention(2, 3, dropout=0.0)(x, x, use_causal_mask=seed % 3 == 0)
    x = layers.LayerNormalization()(layers.Add()([x, y]))
    y = layers.Dense(4)(layers.Dense(8, rnd.choice(["relu", "gelu"]))(x))
    x = layers.LayerNormalization()(layers.Add()([x, y]))
    return library.Model(codes, layers.Dense(2)(layers.GlobalAveragePooling1D()(x)))


@pytest.mark.parametrize("seed", range(6))
def test_a_transformer_takes_the_same_steps_in_training(seed):
    rng = np.random.default_rng(seed)
    models = [transformer(library, seed) for library in (dlcore, keras)]
    shaken(*models, rng)
    x = rng.integers(1, 9, (10, 6)) * steps_that_count(rng, 10, 6)
    y = numbers(rng, 10, 2)
    for model, library in zip(models, (dlcore, keras), strict=True):
        model.compile(library.optimizers.SGD(0.02), "mse", run_eagerly=library is keras)
    for rows in (slice(0, 6), slice(6, 10), slice(0, 6)):
        losses = [model.train_on_batch(x[rows].astype(np.float32), y[rows]) for model in models]
        assert losses[0] == pytest.approx(float(losses[1]), rel=1e-3)
    for a, b in zip(models[0].get_weights(), models[1].get_weights(), strict=True):
        np.testing.assert_allclose(a, b, rtol=5e-3, atol=5e-4)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("way", ["ours", "theirs"])
def test_a_transformer_goes_over_in_a_file(seed, way, tmp_path):
    first, second = (dlcore, keras) if way == "ours" else (keras, dlcore)
    rng = np.random.default_rng(seed)
    model = transformer(first, seed)
    model.set_weights([numbers(rng, *w.shape) for w in model.get_weights()])
    model.save(str(tmp_path / "m.keras"))
    other = second.models.load_model(str(tmp_path / "m.keras"))
    x = (rng.integers(1, 9, (5, 6)) * steps_that_count(rng, 5, 6)).astype(np.float32)
    np.testing.assert_allclose(
        np.asarray(model(x, training=False)), np.asarray(other(x, training=False)), **TOLERANCE
    )
