"""LearningRateScheduler, LambdaCallback, and the order in which callbacks add to the history."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore.callbacks import Callback, LambdaCallback, LearningRateScheduler
from dlcore.callbacks.callback import EVENTS
from dlcore.layers import Dense
from dlcore.models import Sequential
from dlcore.utils import set_random_seed

X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)


def fit(callbacks, eagerly=False, **more):
    set_random_seed(0)
    model = Sequential([Dense(1, input_dim=3)])
    model.compile("sgd", "mse", run_eagerly=eagerly)
    more = {"epochs": 4, "batch_size": 8, "verbose": 0, **more}
    return model, model.fit(X, X[:, 0], callbacks=callbacks, **more).history


@pytest.mark.parametrize("eagerly", [False, True])
@pytest.mark.parametrize(
    ("schedule", "rates"),
    [
        (lambda epoch: [0.1, 0.01, 0.5, 0][epoch], [0.1, 0.01, 0.5, 0]),
        (lambda epoch, lr: lr / 2, [0.005, 0.0025, 0.00125, 0.000625]),
        (lambda epoch, lr=None: np.float32(0.25), [0.25] * 4),
    ],
)
def test_the_rate_is_set_and_recorded(schedule, rates, eagerly):
    seen = []
    watch = LambdaCallback(on_epoch_end=lambda e, logs: seen.append(model_weights(watch)))
    model, history = fit([LearningRateScheduler(schedule), watch], eagerly)
    np.testing.assert_allclose(history["learning_rate"], rates, rtol=1e-6)
    assert float(model.optimizer.learning_rate) == history["learning_rate"][-1]
    if rates[-1] == 0:
        np.testing.assert_array_equal(seen[3], seen[2])
        assert (seen[2] != seen[1]).all()
    RESULTS.setdefault(str(rates), history)
    assert history == RESULTS[str(rates)], "eager and replayed differ"


RESULTS: dict = {}


def model_weights(callback):
    return callback.model.get_weights()[0]


def test_the_rate_is_printed_and_epochs_count_from_where_they_start(capsys):
    rates = LearningRateScheduler(lambda epoch: 0.1 * epoch, verbose=1)
    _, history = fit([rates], initial_epoch=2)
    np.testing.assert_allclose(history["learning_rate"], [0.2, 0.3], rtol=1e-6)
    assert capsys.readouterr().out.splitlines() == [
        "Epoch 3: the learning rate is 0.2",
        "Epoch 4: the learning rate is 0.3",
    ]


@pytest.mark.parametrize("wrong", [None, "0.1", True, [0.1, 0.2], np.ones(2)])
def test_what_is_no_rate_is_refused(wrong):
    with pytest.raises(ValueError, match="The schedule returned .* for epoch 0"):
        fit([LearningRateScheduler(lambda epoch: wrong)])


def test_an_error_inside_a_schedule_is_not_hidden():
    def schedule(epoch, rate):
        return rate + None

    with pytest.raises(TypeError, match="unsupported operand"):
        fit([LearningRateScheduler(schedule)])
    with pytest.raises(TypeError, match="schedule is a function of the epoch, not 0.1"):
        LearningRateScheduler(0.1)


def test_every_event_reaches_its_function():
    calls = []

    def note(event):
        return lambda *args: calls.append((event, len(args)))

    callback = LambdaCallback(**{event: note(event) for event in EVENTS})
    model, _ = fit([callback], epochs=1)
    model.evaluate(X, X[:, 0], verbose=0, callbacks=[callback])
    model.predict(X, verbose=0, callbacks=[callback])
    assert {event for event, _ in calls} == set(EVENTS)
    for event, count in calls:
        assert count == (2 if "epoch" in event or "batch" in event else 1), event
    assert sum(event == "on_train_batch_end" for event, _ in calls) == 5


def test_functions_see_the_numbers_of_the_epoch():
    seen = []
    callback = LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append((epoch, logs["loss"])))
    _, history = fit([callback])
    assert seen == list(enumerate(history["loss"]))
    assert not callback.hears("on_train_batch_end")


def test_other_events_are_refused():
    with pytest.raises(TypeError, match="'on_epoch_ends'. Did you mean 'on_epoch_end'?"):
        LambdaCallback(on_epoch_ends=print)
    with pytest.raises(TypeError, match="on_epoch_end is a function, not 3"):
        LambdaCallback(on_epoch_end=3)


def test_what_a_callback_adds_is_in_the_history_beside_validation():
    class Add(Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["mine"] = epoch * 10

    x, y = X[:10], X[:10, 0]
    _, history = fit([Add()], validation_data=(x, y))
    assert set(history) == {"loss", "val_loss", "mine"} and history["mine"] == [0, 10, 20, 30]
    model, other = fit([])
    np.testing.assert_allclose(history["loss"], other["loss"])
    assert model.evaluate(x, y, verbose=0) == pytest.approx(history["val_loss"][-1], rel=1e-5)
