"""Convolution and pooling against Keras's own: outputs, slopes and two training steps."""

from __future__ import annotations

import numpy as np
import pytest

import dlcore
from dlcore import layers
from dlcore.engine import ops
from dlcore.tensor import Tensor, gradients

keras = pytest.importorskip("keras")

# Keras's own, with JAX or PyTorch below it.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

CONVOLUTIONS, POOLINGS, GLOBALS, TRAININGS = 250, 200, 60, 40
TORCH = keras.backend.backend() == "torch"
GLOBAL = ["GlobalMaxPooling", "GlobalAveragePooling"]


def several(rng, rank, most, alike=0.3):
    """A number for all axes, or one for each."""
    if rng.random() < alike:
        return int(rng.integers(1, most + 1))
    return tuple(int(size) for size in rng.integers(1, most + 1, rank))


def convolution(rng):
    rank = int(rng.integers(1, 3))
    moving = {"strides": several(rng, rank, 3)} if rng.integers(2) else {}
    if not moving:
        moving = {"dilation_rate": several(rng, rank, 3)}
    return f"Conv{rank}D", rank, {
        "filters": int(rng.integers(1, 5)),
        "kernel_size": several(rng, rank, 4),
        "padding": str(rng.choice(["valid", "same", "causal"][: 4 - rank])),
        "activation": [None, "relu", "tanh"][rng.integers(3)],
        "use_bias": bool(rng.integers(2)),
        **moving,
    }  # fmt: skip


def transposed(rng):
    name, rank, arguments = convolution(rng)
    arguments["padding"] = str(rng.choice(["valid", "same"]))
    stride = arguments.get("strides", 1)
    if rng.integers(2):
        smallest = stride if isinstance(stride, int) else min(stride)
        arguments["output_padding"] = int(rng.integers(smallest))
    return f"{name}Transpose", rank, arguments


def pooling(rng):
    rank = int(rng.integers(1, 3))
    return f"{rng.choice(['Max', 'Average'])}Pooling{rank}D", rank, {
        "pool_size": several(rng, rank, 4),
        "strides": None if rng.random() < 0.3 else several(rng, rank, 4),
        "padding": str(rng.choice(["valid", "same"])),
    }  # fmt: skip


def global_pooling(rng):
    rank = int(rng.integers(1, 3))
    return f"{rng.choice(GLOBAL)}{rank}D", rank, {"keepdims": bool(rng.integers(2))}


def images(rng, rank, smallest=1):
    """Few images or sequences; numbers on a grid, so that windows hold equal ones."""
    shape = (*rng.integers(1, 4, 1), *rng.integers(smallest, 12, rank), *rng.integers(1, 5, 1))
    if rng.random() < 0.3:
        return rng.integers(-2, 3, shape).astype(np.float32)
    return rng.normal(size=shape).astype(np.float32)


def slopes_of_keras(layer, x, upstream):
    """The output of a layer of Keras, and the slopes of sum(y upstream) to x and the weights."""
    if TORCH:
        import torch

        given = torch.tensor(x, requires_grad=True)
        y = layer(given)
        weights = [weight.value for weight in layer.trainable_weights]
        loss = (y * torch.tensor(upstream(tuple(y.shape)))).sum()
        try:
            slopes = torch.autograd.grad(loss, [given, *weights])
        except RuntimeError as error:
            if "must be contiguous" not in str(error):
                raise
            pytest.skip(f"PyTorch's own: {error}")
        return y.detach().numpy(), [slope.numpy() for slope in slopes]
    import jax

    y = layer(x)
    dy = upstream(y.shape)

    def loss(x, weights):
        return (layer.stateless_call(weights, [], x)[0] * dy).sum()

    weights = [weight.value for weight in layer.trainable_weights]
    dx, dweights = jax.grad(loss, (0, 1))(x, weights)
    return np.asarray(y), [np.asarray(slope) for slope in (dx, *dweights)]


def compare(name, arguments, x):
    """Outputs and slopes of both layers; where Keras refuses, dlcore must refuse as well."""

    def upstream(shape):
        return np.random.default_rng(1).normal(size=shape).astype(np.float32)

    theirs, ours = getattr(keras.layers, name)(**arguments), getattr(layers, name)(**arguments)
    try:
        theirs.build(x.shape)
        shape = theirs.compute_output_shape((None, *x.shape[1:]))
    except ValueError:
        with pytest.raises(ValueError, match="not fit into"):
            ours(x)
        return
    ours.build_once((None, *x.shape[1:]))
    assert ours.compute_output_shape((None, *x.shape[1:])) == tuple(shape)
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]
    weights = [np.random.default_rng(2).normal(size=w.shape) for w in theirs.weights]
    theirs.set_weights(weights)
    ours.set_weights(weights)
    y, slopes = slopes_of_keras(theirs, x, upstream)
    given = Tensor(x, requires_grad=True)
    found = ours(given)
    assert found.shape == y.shape
    np.testing.assert_allclose(found.data, y, rtol=1e-4, atol=2e-5)
    loss = ops.sum(found * upstream(found.shape))
    for a, b in zip(gradients(loss, [given, *ours.weights]), slopes, strict=True):
        scale = max(1.0, float(np.abs(b).max()))
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-4 * scale)


@pytest.mark.parametrize("seed", range(CONVOLUTIONS))
def test_convolution(seed):
    rng = np.random.default_rng(seed)
    name, rank, arguments = convolution(rng)
    compare(name, arguments, images(rng, rank))


@pytest.mark.skipif(TORCH, reason="PyTorch cuts off other cells, and Keras warns of it")
@pytest.mark.parametrize("seed", range(CONVOLUTIONS // 5))
def test_transposed_convolution(seed):
    rng = np.random.default_rng(seed)
    name, rank, arguments = transposed(rng)
    compare(name, arguments, images(rng, rank, smallest=2))


@pytest.mark.parametrize("seed", range(POOLINGS))
def test_pooling(seed):
    rng = np.random.default_rng(seed)
    name, rank, arguments = pooling(rng)
    if TORCH and name.startswith("Average") and arguments["padding"] == "same":
        pytest.skip("Keras's PyTorch backend repeats the edge and counts it")
    compare(name, arguments, images(rng, rank))


@pytest.mark.parametrize("seed", range(GLOBALS))
def test_global_pooling(seed):
    rng = np.random.default_rng(seed)
    name, rank, arguments = global_pooling(rng)
    compare(name, arguments, images(rng, rank))


@pytest.mark.parametrize("seed", range(30))
def test_the_masked_average(seed):
    rng = np.random.default_rng(seed)
    x = images(rng, 1)
    mask = rng.integers(0, 2, x.shape[:2]).astype(bool)
    mask[:, 0] = True  # Keras has 0 / 0 where no step counts, dlcore 0
    keepdims = bool(rng.integers(2))
    theirs = keras.layers.GlobalAveragePooling1D(keepdims=keepdims)(x, mask=mask)
    ours = layers.GlobalAveragePooling1D(keepdims=keepdims)(x, mask=Tensor(mask))
    np.testing.assert_allclose(ours.data, keras.ops.convert_to_numpy(theirs), atol=1e-5)


def network(kind, rng):
    """A small CNN of either library, of layers drawn at random."""
    rank = int(rng.integers(1, 3))
    space = [int(size) for size in rng.integers(8, 13, rank)]
    stack = [kind.layers.Input((*space, 2))]
    for padding in ["valid", "same"][: rng.integers(1, 3)]:
        stack.append(
            getattr(kind.layers, f"Conv{rank}D")(
                int(rng.integers(2, 6)),
                int(rng.integers(1, 4)),
                padding=padding,
                activation=str(rng.choice(["relu", "tanh"])),
                strides=int(rng.integers(1, 3)),
                kernel_regularizer=[None, "l2"][rng.integers(2)],
            )
        )
        pool = rng.choice(["MaxPooling", "AveragePooling"])
        stack.append(getattr(kind.layers, f"{pool}{rank}D")(2, padding="same"))
    final = rng.choice(["Flatten", *(f"{name}{rank}D" for name in GLOBAL)])
    stack += [getattr(kind.layers, final)(), kind.layers.Dense(3, activation="softmax")]
    return kind.models.Sequential(stack), (6, *space, 2)


@pytest.mark.parametrize("seed", range(TRAININGS))
def test_two_training_steps(seed):
    theirs, shape = network(keras, np.random.default_rng(seed))
    ours, _ = network(dlcore, np.random.default_rng(seed))
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape).astype(np.float32)
    y = np.eye(3, dtype=np.float32)[rng.integers(0, 3, len(x))]
    ours.set_weights(theirs.get_weights())
    losses = []
    for model in (theirs, ours):
        model.compile("sgd", "categorical_crossentropy", metrics=["accuracy"])
        history = model.fit(x, y, batch_size=3, epochs=1, shuffle=False, verbose=0)
        losses.append(history.history["loss"][0])
    assert losses[1] == pytest.approx(losses[0], rel=1e-4)
    for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-5)
