"""Every loss against Keras's own: values and gradients over random shapes, weights and masks."""

import numpy as np
import pytest

from dlcore import losses
from dlcore.engine import ops
from dlcore.tensor import Tensor, gradients

keras = pytest.importorskip("keras")

# Keras's own, with PyTorch below it.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

CASES_OF_EACH = 60
REDUCTIONS = ["sum_over_batch_size", "mean", "mean_with_sample_weight", "sum", "none", None]


def numbers(rng, shape):
    return (2 * rng.normal(size=shape)).astype(np.float32)


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def measurements(rng, shape):
    return numbers(rng, shape), numbers(rng, shape), {}


def sizes(rng, shape):
    return np.abs(numbers(rng, shape)), np.abs(numbers(rng, shape)) + np.float32(0.1), {}


def huber(rng, shape):
    return *measurements(rng, shape)[:2], {"delta": float(rng.choice([0.5, 1.0, 3.0]))}


def signs(rng, shape):
    zeros = rng.integers(0, 2, shape).astype(np.float32)
    return rng.choice([zeros, 2 * zeros - 1]), numbers(rng, shape), {}


def distributions(rng, shape):
    return softmax(numbers(rng, shape)), softmax(numbers(rng, shape)), {}


def _logits(rng, squash, y):
    from_logits = bool(rng.integers(2))
    return (y if from_logits else squash(y)), {"from_logits": from_logits}


def yes_or_no(rng, shape):
    y, arguments = _logits(rng, sigmoid, numbers(rng, shape))
    arguments |= {"label_smoothing": float(rng.choice([0.0, 0.2]))}
    if len(shape) == 3:
        arguments["axis"] = int(rng.choice([-1, 2, 1]))
    return rng.integers(0, 2, shape).astype(np.float32), y, arguments


def one_hot(rng, shape):
    y, arguments = _logits(rng, softmax, numbers(rng, shape))
    arguments |= {"label_smoothing": float(rng.choice([0.0, 0.2]))}
    t = np.eye(shape[-1], dtype=np.float32)[rng.integers(0, shape[-1], shape[:-1])]
    return t, y, arguments


def class_numbers(rng, shape):
    y, arguments = _logits(rng, softmax, numbers(rng, shape))
    t = rng.integers(0, shape[-1], shape[:-1])
    ignored = rng.choice(["none", "outside", "inside"])
    if ignored == "outside":
        t = np.where(rng.random(t.shape) < 0.3, -1, t)
        arguments["ignore_class"] = -1
    elif ignored == "inside":
        arguments["ignore_class"] = 1
    return t.astype(rng.choice([np.int32, np.float32])), y, arguments


KINDS = {
    "MeanSquaredError": measurements,
    "MeanAbsoluteError": measurements,
    "Huber": huber,
    "MeanAbsolutePercentageError": measurements,
    "MeanSquaredLogarithmicError": sizes,
    "Poisson": sizes,
    "LogCosh": measurements,
    "CosineSimilarity": measurements,
    "Hinge": signs,
    "KLDivergence": distributions,
    "BinaryCrossentropy": yes_or_no,
    "CategoricalCrossentropy": one_hot,
    "SparseCategoricalCrossentropy": class_numbers,
}


def drawn(kind, seed):
    """Targets, outputs, weights, mask and arguments of one random case."""
    rng = np.random.default_rng(seed)
    sequence = bool(rng.integers(2))
    # Few shapes, since JAX compiles for each; the values in them are many.
    n, steps, k = rng.choice([1, 4]), 3, rng.choice([1, 2, 5])
    if kind in ("CategoricalCrossentropy", "SparseCategoricalCrossentropy", "KLDivergence"):
        k = max(k, 2)
    shape = (n, steps, k) if sequence else (n, k)
    t, y, arguments = KINDS[kind](rng, tuple(int(size) for size in shape))
    mask = None
    if rng.random() < 0.4 and arguments.get("axis", -1) in (-1, 2):
        mask = rng.random(shape[:-1]) < 0.6
    weights = None
    if rng.random() < 0.5:
        # Keras refuses weights of rows for losses of steps; dlcore takes them.
        weights = rng.uniform(0, 2, shape[:-1]).astype(np.float32)
        if arguments.get("axis") == 1:
            weights = rng.uniform(0, 2, (n, k)).astype(np.float32)
        elif rng.random() < 0.3:
            weights = weights[..., None]
    # For sequences of one column Keras would then take the mean over the steps.
    if not sequence and k == 1 and rng.random() < 0.5:
        t = t[..., 0]
    elif kind == "SparseCategoricalCrossentropy" and rng.random() < 0.5:
        t = t[..., None]
    arguments["reduction"] = REDUCTIONS[rng.integers(len(REDUCTIONS))]
    return t, y, weights, mask, arguments


def by_keras(kind, t, y, weights, mask, arguments):
    from keras.src import backend

    loss = getattr(keras.losses, kind)(**arguments)

    def total(outputs):
        if mask is not None:
            backend.set_keras_mask(outputs, keras.ops.convert_to_tensor(mask))
        return loss(t, outputs, sample_weight=weights)

    value = keras.ops.convert_to_numpy(total(keras.ops.convert_to_tensor(y)))
    if keras.backend.backend() == "jax":
        import jax

        return value, np.asarray(jax.grad(lambda outputs: keras.ops.sum(total(outputs)))(y))
    if keras.backend.backend() == "torch":
        outputs = keras.ops.convert_to_tensor(y).requires_grad_()
        keras.ops.sum(total(outputs)).backward()
        return value, outputs.grad.numpy()
    return value, None


@pytest.mark.parametrize("kind", KINDS)
def test_values_and_gradients(kind):
    for seed in range(CASES_OF_EACH):
        t, y, weights, mask, arguments = drawn(kind, seed)
        value, slope = by_keras(kind, t, y, weights, mask, arguments)
        outputs = Tensor(y, requires_grad=True)
        outputs.mask = None if mask is None else Tensor(mask)
        found = getattr(losses, kind)(**arguments)(t, outputs, sample_weight=weights)
        case = f"{kind} seed {seed}: {arguments}, {t.shape}, {y.shape}"
        np.testing.assert_allclose(
            found.data.ravel(), value.ravel(), rtol=2e-5, atol=1e-6, err_msg=case
        )
        if slope is not None:
            found = gradients(ops.sum(found), [outputs])[0]
            np.testing.assert_allclose(found, slope, rtol=1e-4, atol=2e-6, err_msg=case)


@pytest.mark.parametrize("kind", KINDS)
def test_functions(kind):
    name = getattr(losses, kind)().fn.__name__
    for seed in range(CASES_OF_EACH // 3):
        t, y, _, _, arguments = drawn(kind, 1000 + seed)
        del arguments["reduction"]
        if t.ndim < y.ndim and kind != "SparseCategoricalCrossentropy":
            t = t[..., None]
        expected = keras.ops.convert_to_numpy(getattr(keras.losses, name)(t, y, **arguments))
        found = getattr(losses, name)(t, y, **arguments).data
        assert found.shape == expected.shape
        np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-6)


def test_configurations_are_exchanged():
    for kind in KINDS:
        for seed in range(10):
            t, y, weights, _, arguments = drawn(kind, 2000 + seed)
            ours = getattr(losses, kind)(**arguments)
            theirs = getattr(keras.losses, kind)(**arguments)
            there = getattr(keras.losses, kind).from_config(ours.get_config())
            here = getattr(losses, kind).from_config(theirs.get_config())
            if kind == "Huber":
                here = ours  # Keras 3.15 leaves delta out of its configuration.
            if "axis" in arguments and kind.startswith("Sparse"):
                continue
            expected = keras.ops.convert_to_numpy(theirs(t, y, weights))
            for loss in (ours, there, here):
                found = keras.ops.convert_to_numpy(loss(t, y, weights))
                np.testing.assert_allclose(found.ravel(), expected.ravel(), rtol=2e-5, atol=1e-6)


def test_names_mean_the_same():
    for name in (
        "mse", "MSE", "mae", "MAE", "kld", "KLD", "bce", "BCE", "hinge", "huber", "kl_divergence",
        "mape", "MAPE", "msle", "MSLE", "log_cosh", "poisson", "cosine_similarity",
        "mean_squared_error", "mean_absolute_error", "binary_crossentropy",
        "categorical_crossentropy", "sparse_categorical_crossentropy", *KINDS,
    ):  # fmt: skip
        ours, theirs = losses.get(name), keras.losses.get(name)
        if isinstance(ours, losses.Loss):
            assert type(ours).__name__ == type(theirs).__name__ and ours.name == theirs.name
        else:
            assert ours.__name__ == theirs.__name__
