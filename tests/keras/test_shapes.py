"""Activations, and the layers that reshape, rescale, merge and bend, beside Keras's own.

Each case has a seed: arguments, shapes and numbers are drawn from it. Outputs are compared, and
gradients with respect to the inputs, of a loss that is linear in the output.
"""

from __future__ import annotations

import random

import numpy as np
import pytest

import dlcore
from dlcore import activations, layers
from dlcore.engine import ops
from dlcore.tensor import Tensor, gradients

keras = pytest.importorskip("keras")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::UserWarning")

TOLERANCE = {"rtol": 2e-5, "atol": 2e-6}
NAMES = [n for n in activations.__all__ if n not in ("get", "serialize", "threshold")]


def their_gradients(function, xs, upstream):
    """Gradients of sum(function(*xs) * upstream), with whatever Keras computes with."""
    if keras.backend.backend() == "torch":
        tensors = [keras.ops.convert_to_tensor(x).requires_grad_() for x in xs]
        keras.ops.sum(function(*tensors) * keras.ops.convert_to_tensor(upstream)).backward()
        zeros = [np.zeros(x.shape, np.float32) for x in xs]
        pairs = zip(tensors, zeros, strict=True)
        return [z if t.grad is None else t.grad.cpu().numpy() for t, z in pairs]
    jax = pytest.importorskip("jax")
    slopes = jax.grad(lambda args: keras.ops.sum(function(*args) * upstream))
    return [np.asarray(slope) for slope in slopes([keras.ops.convert_to_tensor(x) for x in xs])]


def compare(ours, theirs, xs, rng, slopes=True):
    tensors = [Tensor(x, requires_grad=True) for x in xs]
    y = ours(*tensors)
    expected = np.array(keras.ops.convert_to_numpy(theirs(*xs)))
    assert y.shape == expected.shape
    np.testing.assert_allclose(y.data, expected, **TOLERANCE)
    if slopes:
        upstream = rng.normal(size=y.shape).astype(np.float32)
        found = gradients(ops.sum(y * upstream), tensors)
        for a, b in zip(found, their_gradients(theirs, xs, upstream), strict=True):
            np.testing.assert_allclose(a, b, **TOLERANCE)


def numbers(rng, shape, scale=3.0):
    return (rng.normal(size=shape) * scale).astype(np.float32)


def some_shape(rnd, least=2, most=4):
    return tuple(rnd.randint(1, 5) for _ in range(rnd.randint(least, most)))


@pytest.mark.parametrize("name", NAMES)
def test_an_activation(name):
    for seed in range(6):
        rng = np.random.default_rng(seed)
        x = numbers(rng, some_shape(random.Random(seed)), [0.01, 1, 3, 10][seed % 4])
        theirs = getattr(keras.activations, name)
        compare(getattr(activations, name), theirs, [x], rng)


RELU = [{}, {"max_value": 2.0}, {"negative_slope": 0.1}, {"threshold": 0.5}]
RELU += [{"max_value": 2.0, "negative_slope": 0.2, "threshold": 0.5}]
WITH_ARGUMENTS = [
    *(("relu", given) for given in RELU),
    ("relu", {"threshold": -0.5}),
    ("relu", {"threshold": -0.5, "max_value": 1.0}),
    ("elu", {"alpha": 0.3}),
    ("celu", {"alpha": 2.0}),
    ("gelu", {"approximate": True}),
    ("leaky_relu", {"negative_slope": 0.4}),
    ("squareplus", {"b": 1.0}),
    ("threshold", {"threshold": 0.3, "default_value": 7.0}),
    ("hard_shrink", {"threshold": 1.0}),
    ("soft_shrink", {"threshold": 1.0}),
    ("softmax", {"axis": 0}),
    ("log_softmax", {"axis": 1}),
]


@pytest.mark.parametrize(("name", "given"), WITH_ARGUMENTS)
def test_an_activation_with_arguments(name, given):
    for seed in range(5):
        rng = np.random.default_rng(seed)
        x = numbers(rng, some_shape(random.Random(seed)))
        ours = lambda x: getattr(activations, name)(x, **given)  # noqa: E731
        theirs = lambda x: getattr(keras.activations, name)(x, **given)  # noqa: E731
        compare(ours, theirs, [x], rng)


def layer_case(rnd):
    """A layer of one input, its arguments, and the shape of an input."""
    kind = rnd.choice(
        ["ReLU", "LeakyReLU", "ELU", "Softmax", "Reshape", "Permute", "RepeatVector"]
        + ["Rescaling", "Flatten", "Activation", "Dense"]
    )
    shape = some_shape(rnd)
    if kind == "ReLU":
        return kind, rnd.choice(RELU), shape
    if kind == "LeakyReLU":
        return kind, rnd.choice([{}, {"negative_slope": 0.05}]), shape
    if kind == "ELU":
        return kind, rnd.choice([{}, {"alpha": 0.05}]), shape
    if kind == "Softmax":
        axes = rnd.sample(range(1, len(shape)), rnd.randint(1, len(shape) - 1))
        return kind, {"axis": rnd.choice([-1, axes, axes[0]])}, shape
    if kind == "Reshape":
        sizes = list(shape[1:])
        rnd.shuffle(sizes)
        if rnd.random() < 0.6:
            sizes[rnd.randrange(len(sizes))] = -1
        return kind, {"target_shape": rnd.choice([sizes, [*sizes, 1], [-1]])}, shape
    if kind == "Permute":
        return kind, {"dims": rnd.sample(range(1, len(shape)), len(shape) - 1)}, shape
    if kind == "RepeatVector":
        return kind, {"n": rnd.randint(1, 4)}, shape[:2]
    if kind == "Rescaling":
        scale = rnd.choice([0.5, [rnd.random() for _ in range(shape[-1])]])
        return kind, rnd.choice([{"scale": scale}, {"scale": scale, "offset": -1.5}]), shape
    if kind == "Activation":
        return kind, {"activation": rnd.choice(NAMES)}, shape
    if kind == "Dense":
        given = {"units": rnd.randint(1, 4), "use_bias": rnd.random() < 0.7}
        return kind, {**given, "activation": rnd.choice([None, *NAMES])}, shape
    return kind, {}, shape


@pytest.mark.parametrize("part", range(10))
def test_a_layer_of_one_input(part):
    for seed in range(20 * part, 20 * part + 20):
        rnd, rng = random.Random(seed), np.random.default_rng(seed)
        kind, given, shape = layer_case(rnd)
        ours, theirs = getattr(layers, kind)(**given), getattr(keras.layers, kind)(**given)
        x = numbers(rng, shape)
        ours(x), theirs(x)
        weights = [numbers(rng, w.shape, 1.0) for w in ours.get_weights()]
        ours.set_weights(weights)
        theirs.set_weights(weights)
        foretold = ours.compute_output_shape((None, *shape[1:]))
        assert foretold == theirs.compute_output_shape((None, *shape[1:])), (kind, given)
        compare(ours, theirs, [x], rng)


@pytest.mark.parametrize("part", range(6))
def test_unknown_sizes_are_foretold_alike(part):
    for seed in range(1000 + 20 * part, 1000 + 20 * part + 20):
        rnd = random.Random(seed)
        kind, given, shape = layer_case(rnd)
        if kind == "Dense":
            continue
        open_shape = tuple(None if i == 0 or rnd.random() < 0.4 else n for i, n in enumerate(shape))
        ours, theirs = getattr(layers, kind)(**given), getattr(keras.layers, kind)(**given)
        try:
            expected = tuple(theirs.compute_output_shape(open_shape))
        except ValueError:
            continue
        assert tuple(ours.compute_output_shape(open_shape)) == expected, (kind, given, open_shape)


MERGING = ["Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum", "Concatenate"]


def merging_case(rnd, kind):
    """Arguments and the shapes of several inputs."""
    shape = some_shape(rnd, 2, 4)
    count = 2 if kind == "Subtract" else rnd.randint(2, 4)
    if kind == "Concatenate":
        axis = rnd.choice([-1, rnd.randrange(1, len(shape))])
        many = [list(shape) for _ in range(count)]
        for one in many:
            one[axis] = rnd.randint(1, 3)
        return {"axis": axis}, [tuple(one) for one in many]
    many = [[n if i == 0 or rnd.random() < 0.8 else 1 for i, n in enumerate(shape)]]
    many += [list(shape) for _ in range(count - 1)]
    if rnd.random() < 0.3:
        many[-1] = [shape[0], *shape[2:]]
    rnd.shuffle(many)
    return {}, [tuple(one) for one in many]


@pytest.mark.parametrize("kind", MERGING)
def test_a_layer_that_merges(kind):
    for seed in range(25):
        rnd, rng = random.Random(f"{kind}{seed}"), np.random.default_rng(seed)
        given, shapes = merging_case(rnd, kind)
        ours, theirs = getattr(layers, kind)(**given), getattr(keras.layers, kind)(**given)
        xs = [numbers(rng, shape) for shape in shapes]
        open_shapes = [(None, *shape[1:]) for shape in shapes]
        if any(len(shape) != len(shapes[0]) for shape in shapes) or kind != "Concatenate":
            theirs.build(shapes)
        foretold = ours.compute_output_shape(open_shapes)
        assert foretold == tuple(theirs.compute_output_shape(open_shapes)), shapes
        compare(lambda *a, f=ours: f(list(a)), lambda *a, f=theirs: f(list(a)), xs, rng)


@pytest.mark.parametrize("kind", MERGING)
def test_masks_of_merged_sequences(kind):
    for seed in range(12):
        rnd, rng = random.Random(seed), np.random.default_rng(seed)
        count = 2 if kind == "Subtract" else rnd.randint(2, 3)
        n, steps, width = (rnd.randint(1, 4) for _ in range(3))
        given = {"axis": rnd.choice([1, 2])} if kind == "Concatenate" else {}
        xs = [numbers(rng, (n, steps, width)) for _ in range(count)]
        masked = [rnd.random() < 0.8 for _ in range(count)]
        for x, has in zip(xs, masked, strict=True):
            if has:
                x[rng.random((n, steps)) < 0.4] = 0
        found, masks = [], []
        for library in (dlcore, keras):
            parts = [
                library.layers.Masking()(x) if has else library.ops.convert_to_tensor(x)
                for x, has in zip(xs, masked, strict=True)
            ]
            y = getattr(library.layers, kind)(**given)(parts)
            mask = y.mask if library is dlcore else getattr(y, "_keras_mask", None)
            found.append(np.asarray(y))
            masks.append(None if mask is None else np.asarray(mask).astype(bool))
        np.testing.assert_allclose(found[0], found[1], **TOLERANCE)
        if masks[0] is None:
            # No mask is a mask of ones.
            assert masks[1] is None or masks[1].all()
        else:
            np.testing.assert_array_equal(masks[0], masks[1])


@pytest.mark.parametrize("seed", range(12))
def test_softmax_with_a_mask(seed):
    rng = np.random.default_rng(seed)
    x = numbers(rng, (3, 4, 5))
    mask = rng.random([(3, 4, 5), (4, 5), (5,), (3, 1, 5)][seed % 4]) < 0.6
    axis = [-1, 1, [1, 2]][seed % 3]
    y = layers.Softmax(axis)(x, mask=mask.astype(np.float32))
    expected = np.asarray(keras.layers.Softmax(axis)(x, mask=mask))
    np.testing.assert_allclose(y.data, expected, **TOLERANCE)


@pytest.mark.parametrize("seed", range(20))
def test_what_regularizers_add_to_the_loss(seed):
    rnd, rng = random.Random(seed), np.random.default_rng(seed)
    x, w, b = numbers(rng, (5, 3)), numbers(rng, (3, 2)), numbers(rng, (2,))
    some = [None, "l1", "l2"]
    names = ("kernel_regularizer", "bias_regularizer", "activity_regularizer")
    given = {name: rnd.choice(some) for name in names}
    costs = rnd.choice([0, 0.1]), rnd.choice([0, 0.2])
    totals = []
    for library in (layers, keras.layers):
        layer = library.Dense(2, **given)
        layer(x)
        layer.set_weights([w, b])
        cost = library.ActivityRegularization(*costs)
        cost(layer(x))
        totals.append(sum(float(loss) for loss in [*layer.losses, *cost.losses]))
    assert totals[0] == pytest.approx(totals[1], rel=1e-5)
