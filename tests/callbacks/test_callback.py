"""Who is told of what: events that a callback overrides, and results that are reckoned once."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore.callbacks import Callback
from dlcore.callbacks.callback import CallbackList
from dlcore.layers import Dense
from dlcore.models import Sequential


def test_an_event_reaches_those_who_override_it():
    told = []

    class Two(Callback):
        def on_epoch_end(self, epoch, logs=None):
            told.append((epoch, logs))

    watching = CallbackList([Callback(), Two()], model=None)
    watching.on_epoch_begin(0)
    watching.on_epoch_end(3, {"loss": 1.0})
    assert told == [(3, {"loss": 1.0})] and not watching.wants_batches


def test_results_are_reckoned_once_and_only_for_who_looks_every_time():
    reckoned, seen = [], []

    def results():
        reckoned.append(1)
        return {"loss": 2.0}

    class Every(Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append(logs["loss"])

    class Seldom(Callback):
        now_and_then = True

        def on_train_batch_end(self, batch, results=None):
            seen.append(results if batch % 2 else results()["loss"])

    CallbackList([Seldom()], None).on_train_batch_end(1, results)
    assert seen == [results] and not reckoned
    CallbackList([Seldom()], None).on_train_batch_end(2, results)
    assert seen[1:] == [2.0] and len(reckoned) == 1
    CallbackList([Every(), Every()], None).on_train_batch_end(1, results)
    assert seen[2:] == [2.0, 2.0] and len(reckoned) == 2


@pytest.mark.parametrize("verbose", [0, 2])
def test_without_a_bar_the_results_of_batches_are_not_reckoned(verbose, monkeypatch, capsys):
    model = Sequential([Dense(1)])
    model.compile("sgd", "mse")
    x = np.ones((8, 2))
    model.fit(x, x[:, 0], verbose=0)
    results, count = model._compile_metrics.result, []
    monkeypatch.setattr(model._compile_metrics, "result", lambda: count.append(1) or results())
    model.fit(x, x[:, 0], batch_size=1, epochs=2, verbose=verbose)
    assert len(count) == 2
