"""Every metric against Keras's own, over random batches, weights, masks and arguments."""

import numpy as np
import pytest

from dlcore import losses, metrics
from dlcore.tensor import Tensor

keras = pytest.importorskip("keras")

# Keras's own, with PyTorch below it.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

CASES_OF_EACH = 40
# On a grid, so that predictions meet thresholds exactly and one another.
GRID = np.linspace(0, 1, 11).astype(np.float32)


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def measurements(rng, shape):
    return rng.normal(size=shape), rng.normal(size=shape)


def yes_or_no(rng, shape):
    y = rng.choice(GRID, shape) if rng.integers(2) else rng.random(shape)
    return rng.integers(0, 2, shape), y


def one_hot(rng, shape):
    t = np.eye(shape[-1])[rng.integers(0, shape[-1], shape[:-1])]
    return t, rng.choice(GRID, shape) if rng.integers(2) else softmax(rng.normal(size=shape))


def class_numbers(rng, shape):
    t, y = one_hot(rng, shape)
    return t.argmax(axis=-1), y


def distributions(rng, shape):
    return softmax(rng.normal(size=shape)), softmax(rng.normal(size=shape))


def equal_numbers(rng, shape):
    return rng.integers(0, 3, shape), rng.integers(0, 3, shape)


def nothing(rng):
    return {}


def counts(rng):
    arguments = {}
    kind = rng.choice(["default", "number", "list", "even", "top"])
    if kind == "number":
        arguments["thresholds"] = float(rng.choice(GRID))
    elif kind == "list":
        arguments["thresholds"] = [float(t) for t in rng.choice(GRID, 3, replace=False)]
    elif kind == "even":
        arguments["thresholds"] = [0.0, 0.25, 0.5, 0.75, 1.0]
    if kind == "top" or rng.random() < 0.2:
        arguments["top_k"] = int(rng.integers(1, 3))
    if rng.random() < 0.3:
        arguments["class_id"] = int(rng.integers(2))
    return arguments


def areas(rng):
    arguments = {
        "num_thresholds": int(rng.choice([2, 3, 11, 200])),
        "curve": str(rng.choice(["ROC", "PR"])),
        "summation_method": str(rng.choice(["interpolation", "minoring", "majoring"])),
        "multi_label": bool(rng.integers(2)),
    }
    if rng.random() < 0.3:
        arguments["thresholds"] = [float(t) for t in rng.choice(GRID, 4, replace=False)]
    if rng.random() < 0.3:
        arguments["label_weights"] = [0.5, 2.0, 1.0]
    return arguments


def averages(rng):
    threshold = rng.choice([None, 0.3, 0.5])
    return {
        "average": rng.choice([None, "micro", "macro", "weighted"]),
        "threshold": None if threshold is None else float(threshold),
    }


KINDS = {
    "MeanSquaredError": (measurements, nothing),
    "MeanAbsoluteError": (measurements, nothing),
    "RootMeanSquaredError": (measurements, nothing),
    "Accuracy": (equal_numbers, nothing),
    "BinaryAccuracy": (yes_or_no, lambda rng: {"threshold": float(rng.choice(GRID))}),
    "CategoricalAccuracy": (one_hot, nothing),
    "SparseCategoricalAccuracy": (class_numbers, nothing),
    "TopKCategoricalAccuracy": (one_hot, lambda rng: {"k": int(rng.integers(1, 3))}),
    "SparseTopKCategoricalAccuracy": (class_numbers, lambda rng: {"k": int(rng.integers(1, 3))}),
    "BinaryCrossentropy": (yes_or_no, lambda rng: {"label_smoothing": float(rng.choice([0, 0.1]))}),
    "CategoricalCrossentropy": (
        one_hot, lambda rng: {"from_logits": True, "label_smoothing": float(rng.choice([0, 0.1]))},
    ),
    "SparseCategoricalCrossentropy": (class_numbers, lambda rng: {"from_logits": True}),
    "KLDivergence": (distributions, nothing),
    "Hinge": (measurements, nothing),
    "Precision": (yes_or_no, counts),
    "Recall": (yes_or_no, counts),
    "AUC": (yes_or_no, areas),
    "F1Score": (yes_or_no, averages),
}  # fmt: skip
# The others of Keras count every step, also those that a mask leaves out.
WITH_MASKS = list(KINDS)[:14]


def drawn(kind, seed):
    """The batches of a random case: targets, outputs, weights and mask of each, and arguments."""
    rng = np.random.default_rng(seed)
    data, chosen = KINDS[kind]
    arguments = chosen(rng)
    sequence = bool(rng.integers(2)) and kind != "F1Score" and not arguments.get("multi_label")
    k = 3 if "label_weights" in arguments else int(rng.choice([2, 3, 5]))
    weighted, masked = rng.random() < 0.5, rng.random() < 0.4 and kind in WITH_MASKS
    batches = []
    for _ in range(3):
        shape = (int(rng.choice([1, 6])), *((4,) if sequence else ()), k)
        t, y = (np.asarray(part, np.float32) for part in data(rng, shape))
        if "top_k" in arguments:
            # Which of equal predictions count is left to the backend there.
            y = rng.permutation(y.size).reshape(shape).astype(np.float32) / y.size
        # With a mask, Keras takes weights of steps alone.
        of = shape[:-1] if masked or rng.integers(2) else shape[:1]
        if kind not in WITH_MASKS or kind == "RootMeanSquaredError":
            of = shape[:-1]
        weights = rng.uniform(0, 2, of).astype(np.float32) if weighted else None
        mask = rng.random(shape[:-1]) < 0.7 if masked else None
        if kind.startswith("Sparse") and rng.integers(2):
            t = t[..., None]
        batches.append((t, y, weights, mask))
    return batches, arguments


@pytest.mark.parametrize("kind", KINDS)
def test_results(kind):
    from keras.src import backend

    for seed in range(CASES_OF_EACH):
        batches, arguments = drawn(kind, seed)
        if kind == "RootMeanSquaredError":
            # Keras's takes no mask.
            batches = [(*batch[:3], None) for batch in batches]
        ours, theirs = (
            getattr(metrics, kind)(**arguments),
            getattr(keras.metrics, kind)(**arguments),
        )
        case = f"{kind} seed {seed}: {arguments}, {[batch[1].shape for batch in batches]}"
        for t, y, weights, mask in batches:
            here, there = Tensor(y), keras.ops.convert_to_tensor(y)
            if mask is not None:
                here.mask = Tensor(mask)
                backend.set_keras_mask(there, keras.ops.convert_to_tensor(mask))
            ours.update_state(t, here, sample_weight=weights)
            theirs.update_state(t, there, sample_weight=weights)
            expected = keras.ops.convert_to_numpy(theirs.result())
            np.testing.assert_allclose(ours.result(), expected, rtol=2e-5, atol=2e-6, err_msg=case)
        ours.reset_state()
        theirs.reset_state()
        found, expected = np.asarray(ours.result()), keras.ops.convert_to_numpy(theirs.result())
        assert (found == 0).all() and (expected == 0).all()


# Keras refuses these in its crossentropy, and broadcasts them to a table in its hinge.
COLUMNS = (
    "MeanSquaredError", "MeanAbsoluteError", "RootMeanSquaredError", "Accuracy", "BinaryAccuracy",
    "Precision", "Recall",
)  # fmt: skip


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_column_of_outputs_meets_a_row_of_targets(kind):
    for seed in range(10):
        rng = np.random.default_rng(seed)
        t, y = (np.asarray(part, np.float32) for part in KINDS[kind][0](rng, (5, 1)))
        weights = rng.uniform(0, 2, 5) if seed % 2 else None
        expected = getattr(keras.metrics, kind)()
        expected.update_state(t[:, 0], y, sample_weight=weights)
        found = getattr(metrics, kind)()
        found.update_state(t[:, 0], y, sample_weight=weights)
        expected = keras.ops.convert_to_numpy(expected.result())
        assert found.result() == pytest.approx(float(expected), rel=2e-5)


@pytest.mark.parametrize("kind", ["Mean", "Sum"])
def test_means_and_sums(kind):
    for seed in range(60):
        rng = np.random.default_rng(seed)
        ours, theirs = getattr(metrics, kind)(), getattr(keras.metrics, kind)()
        rank = int(rng.integers(0, 4))
        for _ in range(3):
            shape = tuple(int(size) for size in rng.integers(1, 4, rank))
            values = rng.normal(size=shape).astype(np.float32)
            weights = None
            if rng.integers(2):
                of = shape[: int(rng.integers(1, rank + 1))] if rank else ()
                weights = rng.uniform(0.1, 2, of).astype(np.float32)
            ours.update_state(values, sample_weight=weights)
            theirs.update_state(values, sample_weight=weights)
            expected = float(keras.ops.convert_to_numpy(theirs.result()))
            assert ours.result() == pytest.approx(expected, rel=2e-5, abs=1e-6), (seed, shape)


def test_functions():
    rng = np.random.default_rng(0)
    for seed in range(20):
        for name, data in (
            ("binary_accuracy", yes_or_no), ("categorical_accuracy", one_hot),
            ("sparse_categorical_accuracy", class_numbers),
            ("top_k_categorical_accuracy", one_hot),
            ("sparse_top_k_categorical_accuracy", class_numbers),
            ("mean_squared_error", measurements), ("hinge", measurements), ("huber", measurements),
            ("kl_divergence", distributions), ("binary_crossentropy", yes_or_no),
        ):  # fmt: skip
            t, y = (np.asarray(part, np.float32) for part in data(rng, (3, 4)))
            arguments = {"k": 2} if "top_k" in name else {}
            expected = keras.ops.convert_to_numpy(getattr(keras.metrics, name)(t, y, **arguments))
            found = np.asarray(getattr(metrics, name)(t, y, **arguments))
            assert found.shape == expected.shape, name
            np.testing.assert_allclose(found, expected, rtol=2e-5, atol=1e-6, err_msg=f"{seed}")
    ids = np.array([[3, 1, 0], [2, 0, 1]], np.float32)
    arguments = {"k": 2, "from_sorted_ids": True}
    expected = keras.metrics.sparse_top_k_categorical_accuracy([1.0, 1.0], ids, **arguments)
    found = metrics.sparse_top_k_categorical_accuracy([1.0, 1.0], ids, **arguments)
    np.testing.assert_array_equal(found, keras.ops.convert_to_numpy(expected))


def test_configurations_are_exchanged():
    for kind in KINDS:
        for seed in range(10):
            batches, arguments = drawn(kind, 3000 + seed)
            ours, theirs = (getattr(m, kind)(**arguments) for m in (metrics, keras.metrics))
            there = getattr(keras.metrics, kind).from_config(ours.get_config())
            here = getattr(metrics, kind).from_config(theirs.get_config())
            results = []
            for metric in (ours, there, here):
                for t, y, weights, _ in batches:
                    metric.update_state(t, y, sample_weight=weights)
                results.append(np.asarray(keras.ops.convert_to_numpy(metric.result())))
            np.testing.assert_allclose(results[1], results[0], rtol=2e-5, atol=2e-6)
            np.testing.assert_allclose(results[2], results[0], rtol=2e-5, atol=2e-6)


def test_names_mean_the_same():
    for name in ("mse", "MSE", "mae", "MAE", "bce", "BCE", *KINDS, "Mean", "Sum"):
        assert type(metrics.get(name)).__name__ == type(keras.metrics.get(name)).__name__
    for kind in KINDS:
        ours, theirs = getattr(metrics, kind)(), getattr(keras.metrics, kind)()
        # Keras counts up the names of some: precision, precision_1, precision_2.
        assert theirs.name.rstrip("_0123456789") == ours.name.rstrip("_0123456789")
        assert metrics.get(ours.name).__class__ is ours.__class__
        assert keras.metrics.get(ours.name).__class__ is theirs.__class__
        assert ours.direction == getattr(theirs, "_direction", ours.direction)


def test_wrapped_losses_describe_themselves_alike():
    ours = metrics.MeanMetricWrapper(losses.huber, name="h", delta=2.0)
    theirs = keras.metrics.MeanMetricWrapper(keras.losses.huber, name="h", delta=2.0)
    assert ours.get_config() | {"dtype": "float32"} == theirs.get_config()
    again = metrics.MeanMetricWrapper.from_config(theirs.get_config())
    assert again([[0.0]], [[5.0]]) == 8.0
