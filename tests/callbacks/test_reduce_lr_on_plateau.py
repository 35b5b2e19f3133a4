"""ReduceLROnPlateau: when the rate falls, and how far."""

import numpy as np
import pytest

from dlcore.callbacks import Callback, ReduceLROnPlateau
from dlcore.layers import Dense
from dlcore.models import Sequential

X = np.zeros((4, 1), np.float32)


class Play(Callback):
    """Puts given numbers into the logs."""

    def __init__(self, values):
        super().__init__()
        self.values = values

    def on_epoch_end(self, epoch, logs=None):
        logs["number"] = self.values[epoch]


def rates(values, **arguments):
    model = Sequential([Dense(1, input_dim=1)])
    model.compile("sgd", "mse")
    model.optimizer.learning_rate = 1.0
    arguments = {"mode": "min", "factor": 0.5, **arguments}
    callbacks = [Play(values), ReduceLROnPlateau("number", **arguments)]
    history = model.fit(X, X, epochs=len(values), verbose=0, callbacks=callbacks).history
    return [*history["learning_rate"], float(model.optimizer.learning_rate)]


@pytest.mark.parametrize(
    ("values", "arguments", "expected"),
    [
        ([5, 4, 3, 2], {"patience": 1}, [1, 1, 1, 1, 1]),
        ([5, 5, 5, 5], {"patience": 2}, [1, 1, 1, 0.5, 0.5]),
        ([5, 5, 5, 5], {"patience": 1}, [1, 1, 0.5, 0.25, 0.125]),
        ([5, 5, 4, 5, 5], {"patience": 2}, [1, 1, 1, 1, 1, 0.5]),
        ([5, 4.5, 4], {"patience": 1, "min_delta": 0.6}, [1, 1, 0.5, 0.5]),
        ([5, 5, 5, 5, 5], {"patience": 1, "cooldown": 2}, [1, 1, 0.5, 0.5, 0.25, 0.25]),
        ([5, 5, 5], {"patience": 1, "min_lr": 0.4}, [1, 1, 0.5, 0.4]),
        ([5, 6, 5], {"patience": 1, "mode": "max"}, [1, 1, 1, 0.5]),
    ],
)
def test_rates(values, arguments, expected):
    np.testing.assert_allclose(rates(values, **arguments), expected, rtol=1e-6)


def test_it_says_what_it_does_and_starts_anew(capsys):
    model = Sequential([Dense(1, input_dim=1)])
    model.compile("sgd", "mse")
    model.optimizer.learning_rate = 1.0
    reduce = ReduceLROnPlateau("loss", patience=2, factor=0.1, verbose=1)
    model.fit(X, X, epochs=3, verbose=0, callbacks=[reduce])
    model.fit(X, X, epochs=2, verbose=0, callbacks=[reduce])
    assert capsys.readouterr().out == "Epoch 3: the learning rate is now 0.1\n"


def test_refusals_and_what_is_not_measured():
    for factor in (0, 1.0, 2, -0.5):
        with pytest.raises(ValueError, match="factor lies between 0 and 1"):
            ReduceLROnPlateau(factor=factor)
    with pytest.raises(ValueError, match="mode is 'auto', 'min' or 'max'"):
        ReduceLROnPlateau(mode="least")
    model = Sequential([Dense(1, input_dim=1)])
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="ReduceLROnPlateau monitors 'val_loss', which is not"):
        model.fit(X, X, epochs=3, verbose=0, callbacks=[ReduceLROnPlateau()])
