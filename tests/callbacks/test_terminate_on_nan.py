"""TerminateOnNaN: fit ends quietly, with the last good weights."""

import numpy as np
import pytest

from dlcore.callbacks import Callback, TerminateOnNaN
from dlcore.layers import Dense
from dlcore.models import Sequential
from dlcore.trainer.divergence import Divergence
from dlcore.utils import set_random_seed

X = np.linspace(-1, 1, 40)[:, None]


class Jump(Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch < 2:
            self.good = self.model.get_weights()
        if epoch == 1:
            self.model.optimizer.learning_rate = 1e30


@pytest.mark.parametrize("eagerly", [False, True])
def test_the_history_ends_with_nan_and_the_weights_are_good(eagerly, capsys):
    set_random_seed(0)
    model = Sequential([Dense(4, "relu", name="first"), Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"], run_eagerly=eagerly)
    jump = Jump()
    with np.errstate(all="ignore"):
        history = model.fit(
            X, 3 * X, epochs=9, batch_size=4, verbose=0, callbacks=[jump, TerminateOnNaN()],
            validation_data=(X, 3 * X),
        )  # fmt: skip
    assert history.epoch == [0, 1, 2]
    losses = history.history["loss"]
    assert np.isfinite(losses[:2]).all() and not np.isfinite(losses[2])
    for a, b in zip(model.get_weights(), jump.good, strict=True):
        np.testing.assert_array_equal(a, b)
    assert np.isfinite(history.history["val_loss"]).all()
    out = capsys.readouterr().out
    assert out.startswith("Batch ") and "Invalid loss, terminating training" in out
    assert "Likely causes: the learning rate 1e+30" in out
    assert not model.interrupted


def test_with_raise_error_it_raises():
    model = Sequential([Dense(1)])
    model.compile("sgd", "mse")
    model.optimizer.learning_rate = 1e30
    with np.errstate(all="ignore"), pytest.raises(RuntimeError, match="The loss became") as caught:
        model.fit(X, X, epochs=9, verbose=0, callbacks=[TerminateOnNaN(raise_error=True)])
    assert isinstance(caught.value, Divergence) and model.interrupted


def test_it_costs_nothing_while_all_is_well():
    model = Sequential([Dense(1)])
    model.compile("sgd", "mse")
    assert not TerminateOnNaN().hears("on_train_batch_end")
    assert model.fit(X, X, epochs=3, verbose=0, callbacks=TerminateOnNaN()).epoch == [0, 1, 2]
