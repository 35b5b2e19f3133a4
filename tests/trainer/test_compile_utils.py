"""What kernels can reckon of a batch is replayed with its step; the rest is given it afterwards."""

import numpy as np
import pytest

from dlcore import Input, Sequential, metrics
from dlcore.engine.program import Program
from dlcore.layers import Dense
from dlcore.utils import set_random_seed

RNG = np.random.default_rng(0)
X = RNG.normal(size=(38, 4)).astype(np.float32)
W = RNG.uniform(0.5, 2, 38)


class Own(metrics.BinaryAccuracy):
    """A user's: it must see every batch itself."""

    def update_state(self, y_true, y_pred, sample_weight=None):
        seen.append(len(y_true))
        super().update_state(y_true, y_pred, sample_weight)


seen = []
TARGETS = {
    "binary_crossentropy": (RNG.integers(0, 2, 38), 1, "sigmoid"),
    "categorical_crossentropy": (np.eye(3)[RNG.integers(0, 3, 38)], 3, "softmax"),
    "sparse_categorical_crossentropy": (RNG.integers(0, 3, 38), 3, "softmax"),
    "mse": (RNG.normal(size=(38, 2)), 2, None),
}
CHOICES = {
    "binary_crossentropy": ["accuracy", "mae", "AUC", "binary_crossentropy", "hinge"],
    "categorical_crossentropy": ["accuracy", "top_k_categorical_accuracy", "kl_divergence"],
    "sparse_categorical_crossentropy": ["accuracy", "sparse_categorical_crossentropy"],
    "mse": ["mae", "mse", "huber", "RootMeanSquaredError"],
}

FULL = {
    "binary_crossentropy": "binary_",
    "categorical_crossentropy": "categorical_",
    "sparse_categorical_crossentropy": "sparse_categorical_",
}


def trained(loss, eagerly, **more):
    set_random_seed(3)
    y, units, last = TARGETS[loss]
    model = Sequential([Input((4,)), Dense(units, last)])
    chosen = CHOICES[loss]
    given = {"metrics": chosen, "weighted_metrics": chosen}
    model.compile("sgd", loss, run_eagerly=eagerly, **given)
    more = {"batch_size": 5, "epochs": 4, "verbose": 0, **more}
    history = model.fit(X, y, sample_weight=W, **more).history
    return model, history, model.evaluate(X, y, sample_weight=W, verbose=0, return_dict=True)


@pytest.mark.parametrize("loss", sorted(TARGETS))
def test_the_same_numbers_as_by_hand(loss):
    y = TARGETS[loss][0]
    model, history, found = trained(loss, False)
    assert not model.run_eagerly
    assert trained(loss, True)[1:] == (history, found)
    y_pred = model.predict(X, verbose=0)
    pairs = [(name, None) for name in CHOICES[loss]] + [(name, W) for name in CHOICES[loss]]
    for key, (name, weights) in zip(list(found)[1:], pairs, strict=True):
        metric = metrics.get(FULL.get(loss, "") + name if name == "accuracy" else name)
        metric.update_state(y[:, None] if y.ndim == 1 else y, y_pred, weights)
        assert found[key] == pytest.approx(float(metric.result()), rel=2e-5), key


def without_a_rehearsal(monkeypatch):
    """A process with several cores may go through its first step beforehand."""
    monkeypatch.setattr("dlcore.trainer.epochs.compile_ahead", lambda *_: None)


def test_what_kernels_reckon_is_replayed(monkeypatch):
    count = []
    add = metrics.Mean.add
    monkeypatch.setattr(metrics.Mean, "add", lambda self, *a: count.append(1) or add(self, *a))
    model = Sequential([Input((4,)), Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy"])
    y = TARGETS["binary_crossentropy"][0]
    without_a_rehearsal(monkeypatch)
    history = model.fit(X[:35], y[:35], batch_size=5, epochs=9, verbose=0).history
    # Only in the two steps that are recorded: the mean loss, and the accuracy.
    assert len(count) == 2 * 2
    assert len(set(history["loss"])) == 9
    assert all(value == pytest.approx(round(value * 35) / 35) for value in history["accuracy"])


def test_a_metric_of_ones_own_sees_every_batch():
    seen.clear()
    model = Sequential([Input((4,)), Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy", metrics=["accuracy", Own(name="own")])
    y = TARGETS["binary_crossentropy"][0]
    history = model.fit(X, y, batch_size=5, epochs=4, verbose=0).history
    assert seen == ([5] * 7 + [3]) * 4
    assert history["own"] == history["accuracy"]


def test_training_and_validation_may_leave_other_metrics_over():
    def run(eagerly):
        set_random_seed(0)
        model = Sequential([Input((3, 4)), Dense(1)])
        model.compile("sgd", "mse", weighted_metrics=["mae"], run_eagerly=eagerly)
        x, y = np.repeat(X[:, None], 3, 1), RNG.normal(size=(38, 3, 1))
        weights = np.ones((38, 3))
        weights[:, 1] = 0
        held_out = x[:, ::-1], y * 0
        return model.fit(
            x, y * 0, batch_size=5, epochs=4, verbose=0,
            sample_weight=weights, validation_data=held_out,
        ).history  # fmt: skip

    found = run(False)
    assert found == run(True)
    # All steps of a row are alike, so that neither the weights nor the order matter.
    np.testing.assert_allclose(found["mae"][1:], found["val_mae"][:-1], rtol=0.05)


def test_the_gathering_of_rows_is_replayed(monkeypatch):
    from dlcore import backends

    taken = []
    call = backends.call

    def watched(name, *arguments):
        taken.append(name)
        call(name, *arguments)

    monkeypatch.setattr(backends, "call", watched)
    without_a_rehearsal(monkeypatch)
    order = []

    def run(eagerly):
        taken.clear()
        set_random_seed(1)
        model = Sequential([Input((4,)), Dense(1)])
        model.compile("sgd", "mse", run_eagerly=eagerly)
        model.fit(X[:35], X[:35, 0], batch_size=5, epochs=3, verbose=0)
        order.append(model.get_weights()[0])
        return taken.count("take_rows")

    assert (run(False), run(True)) == (2 * 2, 2 * 21)
    np.testing.assert_array_equal(*order)


def test_programs_are_kept_for_each_shape_and_backend(monkeypatch):
    made = []
    start = Program.__init__
    monkeypatch.setattr(Program, "__init__", lambda self, *a: made.append(self) or start(self, *a))
    model = Sequential([Input((4,)), Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, X[:, 0], batch_size=5, epochs=4, verbose=0)
    assert len(made) == 2 and all(program.replayed for program in made)
