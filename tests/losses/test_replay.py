"""A training with each loss, replayed, ends with the bits of eager training."""

import warnings

import numpy as np
import pytest

from dlcore import losses
from dlcore.engine import ops
from dlcore.engine.program import Program
from dlcore.layers import Dense, Masking, SimpleRNN
from dlcore.models import Sequential
from dlcore.utils import set_random_seed

RNG = np.random.default_rng(0)
N, STEPS = 22, 3
X = RNG.normal(size=(N, STEPS, 2))
X[RNG.random((N, STEPS)) < 0.3] = 0
LABELS = RNG.integers(0, 3, (N, STEPS))
NUMBERS = RNG.normal(size=(N, STEPS, 1))


def own(y_true, y_pred):
    return losses.huber(y_true, y_pred, 0.5) + ops.mean(ops.abs(y_pred), axis=-1)


def of_labels(y_true, y_pred):
    return 2.0 * losses.sparse_categorical_crossentropy(y_true, y_pred)


KINDS = {
    "mse": ("mse", 1, None, NUMBERS),
    "mae": ("mae", 1, None, NUMBERS),
    "huber": (losses.Huber(0.5), 1, None, NUMBERS),
    "sum": (losses.MeanSquaredError("sum"), 1, None, NUMBERS),
    "by weights": (losses.MeanSquaredError("mean_with_sample_weight"), 1, None, NUMBERS),
    "hinge of signs": ("hinge", 1, "tanh", np.sign(NUMBERS)),
    "hinge of ones": ("hinge", 1, "tanh", NUMBERS > 0),
    "divergence": ("kld", 3, "softmax", np.eye(3)[LABELS]),
    "binary": (losses.BinaryCrossentropy(label_smoothing=0.1), 1, "sigmoid", NUMBERS > 0),
    "binary axis": (losses.BinaryCrossentropy(axis=2), 3, "sigmoid", np.eye(3)[LABELS]),
    "categorical": (losses.CategoricalCrossentropy(True, 0.1), 3, None, np.eye(3)[LABELS]),
    "sparse": ("sparse_categorical_crossentropy", 3, "softmax", LABELS),
    "ignored": (losses.SparseCategoricalCrossentropy(ignore_class=1), 3, "softmax", LABELS),
    "own": (own, 1, None, NUMBERS[..., 0]),
    "own of labels": (of_labels, 3, "softmax", LABELS),
}


def trained(kind, eagerly, masked, weights):
    set_random_seed(3)
    loss, units, activation, y = KINDS[kind]
    front = [Masking()] if masked else []
    model = Sequential([*front, SimpleRNN(4, return_sequences=True), Dense(units, activation)])
    model.compile("adam", loss, metrics=["accuracy"], run_eagerly=eagerly)
    with warnings.catch_warnings():
        # Numbers for the accuracy of numbers; what is asked here is whether they are the same.
        warnings.filterwarnings("ignore", "accuracy counts")
        history = model.fit(X, y, batch_size=5, epochs=3, verbose=0, sample_weight=weights)
    return model.get_weights(), history.history


@pytest.mark.parametrize(("masked", "weighted"), [(False, "not"), (True, "rows"), (True, "steps")])
@pytest.mark.parametrize("kind", KINDS)
def test_the_same_bits_as_eager(kind, masked, weighted, monkeypatch):
    weights = {"not": None, "rows": np.arange(N) % 3, "steps": np.arange(N * STEPS) % 4}[weighted]
    if weighted == "steps":
        weights = weights.reshape(N, STEPS)
    expected = trained(kind, True, masked, weights)
    replays = []
    run = Program.run
    monkeypatch.setattr(Program, "run", lambda self: (replays.append(self.replayed), run(self))[1])
    found = trained(kind, False, masked, weights)
    for a, b in zip(found[0], expected[0], strict=True):
        np.testing.assert_array_equal(a, b)
    assert found[1] == expected[1] and np.isfinite(found[1]["loss"]).all()
    # Three epochs of five batches, the last one smaller: all but two of each size.
    assert sum(replays) == 12 - 2 + 3 - 2
