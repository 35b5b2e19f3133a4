"""EarlyStopping stops where Keras stops, and keeps what Keras keeps."""

from __future__ import annotations

import re
import warnings

import numpy as np
import pytest

from dlcore.callbacks import Callback, EarlyStopping
from dlcore.layers import Dense, Dropout
from dlcore.models import Sequential
from dlcore.utils import set_random_seed

NAN = float("nan")
LOSSES = [
    [1, 2, 3, 4, 5, 6],
    [5, 4, 3, 3, 3, 3, 2, 1],
    [3, 2.5, 2.45, 2.44, 2.4, 2.39, 2.38],
    [1, 1, 1, 1, 1],
    [4, 5, 3, 6, 2, 7, 8, 9],
    [NAN, 1, 2, 3, 4],
]
ARGUMENTS = [
    {},
    {"patience": 2},
    {"min_delta": 0.2, "patience": 1},
    {"baseline": 2.0, "patience": 2},
    {"start_from_epoch": 3},
    {"mode": "max", "patience": 1},
    {"baseline": 2.0, "patience": 2, "restore_best_weights": True},
    {"patience": 1, "restore_best_weights": True, "start_from_epoch": 2},
]
# From Keras 3.15.1, fed with the same losses: the last epoch, stopped_epoch, best_epoch, and the
# epoch of the weights that were put back.
KERAS = [
    [(1, 1, 0, None), (2, 2, 0, None), (1, 1, 0, None), (2, 2, 0, None),
     (4, 4, 3, None), (5, 0, 5, None), (2, 2, 0, 0), (3, 3, 2, 2)],
    [(3, 3, 2, None), (4, 4, 2, None), (3, 3, 2, None), (3, 3, 2, None),
     (4, 4, 3, None), (1, 1, 0, None), (3, 3, 2, 2), (3, 3, 2, 2)],
    [(6, 0, 6, None), (6, 0, 6, None), (2, 2, 1, None), (6, 0, 6, None),
     (6, 0, 6, None), (1, 1, 0, None), (6, 0, 6, 6), (6, 0, 6, 6)],
    [(1, 1, 0, None), (2, 2, 0, None), (1, 1, 0, None), (2, 2, 0, None),
     (4, 4, 3, None), (1, 1, 0, None), (2, 2, 0, 0), (3, 3, 2, 2)],
    [(1, 1, 0, None), (6, 6, 4, None), (1, 1, 0, None), (1, 1, 0, None),
     (5, 5, 4, None), (2, 2, 1, None), (1, 1, 0, 0), (3, 3, 2, 2)],
    [(1, 1, 0, None), (2, 2, 0, None), (1, 1, 0, None), (1, 1, 0, None),
     (4, 4, 3, None), (1, 1, 0, None), (1, 1, 0, 0), (3, 3, 2, 2)],
]  # fmt: skip


class Stub:
    """A model whose weights are the number of its epoch."""

    metrics: list = []

    def __init__(self):
        self.stop_training, self.epoch, self.restored = False, 0, None

    def get_weights(self):
        return self.epoch

    def set_weights(self, weights):
        self.restored = weights


@pytest.mark.parametrize("arguments", range(len(ARGUMENTS)))
@pytest.mark.parametrize("losses", range(len(LOSSES)))
def test_it_stops_where_keras_stops(losses, arguments):
    model, callback = Stub(), EarlyStopping("loss", **ARGUMENTS[arguments])
    for _ in range(2):  # the second fit starts afresh
        model.__init__()
        callback.set_model(model)
        callback.on_train_begin()
        for epoch, loss in enumerate(LOSSES[losses]):
            model.epoch = epoch
            callback.on_epoch_end(epoch, {"loss": loss})
            if model.stop_training:
                break
        callback.on_train_end()
        found = (epoch, callback.stopped_epoch, callback.best_epoch, model.restored)
        assert found == KERAS[losses][arguments]


X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
Y = 2 * X[:, 0] + 0.3 * np.random.default_rng(1).normal(size=40)


@pytest.mark.parametrize("eagerly", [False, True])
def test_in_a_fit_with_validation(eagerly, capsys):
    set_random_seed(2)
    model = Sequential([Dense(30, "tanh"), Dropout(0.2), Dense(1)])
    model.compile("adam", "mse", run_eagerly=eagerly)
    model(X)
    model.optimizer.learning_rate = 0.03
    kept = []

    class Keep(Callback):
        def on_epoch_end(self, epoch, logs=None):
            kept.append(self.model.get_weights())

    stop = EarlyStopping(patience=3, restore_best_weights=True, verbose=1)
    history = model.fit(
        X, Y, epochs=200, verbose=0, callbacks=[stop, Keep()], validation_split=0.5, batch_size=7
    ).history
    losses = history["val_loss"]
    best = int(np.argmin(losses))
    assert 4 < len(losses) < 200 and len(losses) == best + 4
    assert (stop.stopped_epoch, stop.best_epoch) == (best + 3, best)
    for a, b in zip(model.get_weights(), kept[best], strict=True):
        np.testing.assert_array_equal(a, b)
    assert model.evaluate(X[20:], Y[20:], verbose=0) == pytest.approx(min(losses), rel=1e-5)
    assert capsys.readouterr().out.splitlines() == [
        f"Epoch {best + 4}: val_loss no longer improves",
        f"The weights are those of epoch {best + 1}",
    ]
    ENDS.append(losses)
    assert ENDS[0] == losses, "eager and replayed differ"


ENDS: list = []


def test_an_interrupt_puts_the_best_weights_back():
    class Interrupt(Callback):
        def on_epoch_end(self, epoch, logs=None):
            kept.append(self.model.get_weights())
            if epoch == 3:
                raise KeyboardInterrupt

    kept: list = []
    model = Sequential([Dense(1, kernel_initializer="ones")])
    model.compile("sgd", "mse")
    stop = EarlyStopping("loss", mode="max", patience=9, restore_best_weights=True)
    with pytest.raises(KeyboardInterrupt):
        model.fit(X, Y, epochs=9, verbose=0, callbacks=[stop, Interrupt()])
    for a, b in zip(model.get_weights(), kept[0], strict=True):
        np.testing.assert_array_equal(a, b)
    assert model.history.epoch == [0, 1, 2]


@pytest.mark.parametrize(
    ("monitor", "said"),
    [
        (
            "val_loss",
            r"'val_loss', which is not .* 'loss', 'mae'\. To measure it, give fit vali",
        ),
        ("los", r"'los', which is not measured; there is 'loss', 'mae'\. Did you mean 'loss'\?"),
    ],
)
def test_a_name_that_is_not_measured_is_said_once(monitor, said):
    model = Sequential([Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = model.fit(X, Y, epochs=4, verbose=0, callbacks=[EarlyStopping(monitor)])
    assert len(history.epoch) == 4
    (warning,) = caught
    assert re.search(said, str(warning.message))


@pytest.mark.parametrize(
    ("metric", "name", "mode"),
    [("accuracy", "accuracy", "max"), ("mae", "mae", "min"), ("accuracy", "loss", "min")],
)
def test_auto_knows_which_way_is_better(metric, name, mode):
    model = Sequential([Dense(1, "sigmoid")])
    model.compile("sgd", "mse", metrics=[metric])
    for monitor in (name, f"val_{name}"):
        stop = EarlyStopping(monitor, patience=9)
        model.fit(X, (Y > 0) * 1, verbose=0, callbacks=[stop], validation_split=0.5)
        assert stop.mode == mode


def test_auto_refuses_to_guess_and_other_modes_are_no_modes():
    def own(y_true, y_pred):
        return abs(y_true - y_pred)

    model = Sequential([Dense(1)])
    model.compile("sgd", "mse", metrics=[own])
    with pytest.raises(ValueError, match="EarlyStopping cannot know whether 'own' is better"):
        model.fit(X, Y, verbose=0, callbacks=[EarlyStopping("own")])
    model.fit(X, Y, verbose=0, callbacks=[EarlyStopping("own", mode="min")])
    with pytest.raises(ValueError, match="mode is 'auto', 'min' or 'max', not 'mni'. Did you mean"):
        EarlyStopping(mode="mni")
