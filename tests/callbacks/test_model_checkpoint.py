"""ModelCheckpoint: which files it writes, under which names, and what is in them."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from dlcore.callbacks import Callback, LearningRateScheduler, ModelCheckpoint
from dlcore.layers import Dense
from dlcore.models import Sequential, load_model
from dlcore.utils import set_random_seed

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
Y = X[:, 0]


def fit(callbacks, epochs=4, eagerly=False, **more):
    set_random_seed(0)
    model = Sequential([Dense(1, input_dim=3)])
    model.compile("sgd", "mse", run_eagerly=eagerly)
    history = model.fit(
        X, Y, epochs=epochs, batch_size=8, verbose=0, callbacks=callbacks, **more
    ).history
    return model, history


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("eagerly", [False, True])
def test_a_file_an_epoch_named_by_its_numbers(tmp_path, eagerly):
    pattern = tmp_path / "new" / "{epoch:02d}-{val_loss:.2f}.weights.h5"
    checkpoint = ModelCheckpoint(pattern, save_weights_only=True)
    model, history = fit([checkpoint], eagerly=eagerly, validation_split=0.2)
    losses = history["val_loss"]
    expected = [f"{i:02d}-{loss:.2f}.weights.h5" for i, loss in enumerate(losses, 1)]
    assert names(tmp_path / "new") == expected
    for name, loss in zip(expected, losses, strict=True):
        model.load_weights(tmp_path / "new" / name)
        assert model.evaluate(X[32:], Y[32:], verbose=0) == pytest.approx(loss, rel=1e-5)


def test_only_the_best(tmp_path, capsys):
    rates = LearningRateScheduler(lambda epoch: [0.01, 0.01, 3.0, 0.0][epoch])
    path = tmp_path / "best.weights.h5"
    checkpoint = ModelCheckpoint(
        path, "loss", verbose=1, save_best_only=True, save_weights_only=True
    )
    kept = []

    class Keep(Callback):
        def on_epoch_end(self, epoch, logs=None):
            kept.append(self.model.get_weights())

    model, history = fit([rates, checkpoint, Keep()])
    # The loss of an epoch is measured while it trains: the rate of 3 ruins it at once.
    losses = history["loss"]
    assert losses[2] > losses[1] and losses[1] < losses[0]
    assert checkpoint.best == losses[1]
    model.load_weights(path)
    for a, b in zip(model.get_weights(), kept[1], strict=True):
        np.testing.assert_array_equal(a, b)
    wrote = capsys.readouterr().out.splitlines()
    assert wrote == [f"Epoch {n}: wrote {path}" for n in (1, 2)]


def test_whole_models_and_the_last_good_one(tmp_path):
    model, history = fit([ModelCheckpoint(tmp_path / "{epoch}.keras")], epochs=2)
    assert names(tmp_path) == ["1.keras", "2.keras"]
    last = load_model(tmp_path / "2.keras")
    np.testing.assert_array_equal(last.predict(X, verbose=0), model.predict(X, verbose=0))
    np.testing.assert_array_equal(last.optimizer.iterations.value, model.optimizer.iterations.value)


def test_a_threshold_that_the_first_must_beat(tmp_path):
    arguments = {"save_best_only": True, "save_weights_only": True}
    path = tmp_path / "{epoch}.weights.h5"
    fit([ModelCheckpoint(path, "loss", initial_value_threshold=0.0, **arguments)])
    assert names(tmp_path) == []
    fit([ModelCheckpoint(path, "loss", mode="max", **arguments)])
    assert names(tmp_path) == ["1.weights.h5"]


def test_every_so_many_batches_across_epochs(tmp_path):
    path = tmp_path / "{epoch}-{batch}-{loss:.3f}.weights.h5"
    fit([ModelCheckpoint(path, save_weights_only=True, save_freq=3)])
    # 20 batches, 5 an epoch: after the 3rd, 6th, 9th, …
    found = [name.split("-")[:2] for name in names(tmp_path)]
    assert found == [["1", "3"], ["2", "1"], ["2", "4"], ["3", "2"], ["3", "5"], ["4", "3"]]


def test_whether_it_asks_for_the_numbers_of_batches():
    arguments = {"filepath": "a.weights.h5", "save_weights_only": True}
    assert not ModelCheckpoint(**arguments).hears("on_train_batch_end")
    assert ModelCheckpoint(**arguments, save_freq=2).hears("on_train_batch_end")


def test_what_is_not_measured_is_said_once_and_every_epoch_written(tmp_path):
    path = tmp_path / "{epoch}.weights.h5"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit([ModelCheckpoint(path, save_best_only=True, save_weights_only=True)])
    assert len(caught) == 1 and "monitors 'val_loss'" in str(caught[0].message)
    assert len(names(tmp_path)) == 4


def test_refusals(tmp_path):
    with pytest.raises(ValueError, match="a whole model ends in '.keras'.*save_weights_only=True"):
        ModelCheckpoint("a.weights.h5")
    with pytest.raises(ValueError, match="weights ends in '.weights.h5'.*save_weights_only=False"):
        ModelCheckpoint("a.keras", save_weights_only=True)
    with pytest.raises(ValueError, match="but filepath is 'a.h5'; end it in '.weights.h5'"):
        ModelCheckpoint("a.h5", save_weights_only=True)
    for frequency in ("batch", 0, -1, 1.5, True):
        with pytest.raises(ValueError, match="save_freq is 'epoch' or a number of batches"):
            ModelCheckpoint("a.weights.h5", save_weights_only=True, save_freq=frequency)
    path = tmp_path / "{val_los:.2f}.weights.h5"
    with pytest.raises(ValueError, match=r"cannot be filled in .*val_los.*; there is loss, epoch"):
        fit([ModelCheckpoint(path, save_weights_only=True)])
