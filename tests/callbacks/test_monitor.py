"""What is monitored and not measured: when it is said, and which mend is proposed."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from dlcore.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
from dlcore.layers import Dense
from dlcore.models import Sequential
from dlcore.utils import set_random_seed

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)
HELD_OUT = {"validation_data": (X, X[:, 0])}


def said(*callbacks, **fit):
    set_random_seed(0)
    model = Sequential([Dense(1, input_dim=3)])
    model.compile("sgd", "mse")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        fit = {"epochs": 4, "batch_size": 8, "verbose": 0, **fit}
        model.fit(X, X[:, 0], callbacks=list(callbacks), **fit)
    return [str(one.message) for one in caught], model


def checkpoint(folder, **arguments):
    name = "{epoch}.weights.h5" if "save_freq" in arguments else "{epoch}-{val_loss:.0f}.weights.h5"
    return ModelCheckpoint(folder / name, save_weights_only=True, save_best_only=True, **arguments)


@pytest.mark.parametrize("fit", [{}, HELD_OUT])
def test_a_validation_is_not_known_between_batches(tmp_path, fit):
    (text,), _ = said(checkpoint(tmp_path, save_freq=3), **fit)
    assert text == (
        "ModelCheckpoint monitors 'val_loss', which is measured at the end of an epoch, but "
        "save_freq=3 asks for it between batches, so that each file is written; write "
        "save_freq='epoch', or monitor='loss'."
    )
    for mend in ({"save_freq": "epoch"}, {"save_freq": 3, "monitor": "loss"}):
        assert not said(checkpoint(tmp_path, **mend), **HELD_OUT)[0]
    (text,), _ = said(checkpoint(tmp_path, save_freq=3, monitor="accuracy"), **fit)
    assert "monitors 'accuracy', which is not measured; there is 'loss'." in text


KINDS = [EarlyStopping, ReduceLROnPlateau]


@pytest.mark.parametrize("kind", KINDS)
def test_epochs_without_a_validation_are_passed_over(kind):
    stops = kind("val_loss", patience=2, min_delta=10.0)
    texts, model = said(stops, **HELD_OUT, validation_freq=2, epochs=12)
    assert texts == []
    if kind is EarlyStopping:
        # Validations in the epochs 2, 4 and 6: two without an improvement.
        assert model.history.epoch[-1] == 5
    (text,), _ = said(kind("val_loss"))
    assert "give fit validation_data or a validation_split" in text
    (text,), _ = said(kind("val_los"), **HELD_OUT, validation_freq=2)
    assert "Did you mean 'val_loss'?" in text


def test_no_file_of_an_epoch_that_nobody_has_measured(tmp_path):
    texts, model = said(checkpoint(tmp_path), **HELD_OUT, validation_freq=2)
    losses = model.history.history["val_loss"]
    assert texts == [] and losses[1] < losses[0]
    assert sorted(path.name[0] for path in tmp_path.iterdir()) == ["2", "4"]


def test_a_second_fit_without_a_validation_says_so(tmp_path):
    _, model = said(**HELD_OUT)
    with pytest.warns(UserWarning, match="give fit validation_data"):
        model.fit(X, X[:, 0], callbacks=[EarlyStopping()], verbose=0)
