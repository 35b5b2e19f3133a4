"""Who is told of what: events that a callback overrides, and results that are reckoned once."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore.callbacks import BackupAndRestore, Callback, LambdaCallback
from dlcore.callbacks.callback import EVENTS, CallbackList, is_numbered
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


X = np.ones((8, 2), np.float32)


def ran(*callbacks, **fit):
    """A model that was trained, evaluated and asked, with these callbacks."""
    model = Sequential([Dense(1)])
    model.compile("sgd", "mse", metrics=["mae"])
    fit = {"batch_size": 4, "epochs": 2, "validation_data": (X, X[:, 0]), "verbose": 0, **fit}
    model.fit(X, X[:, 0], callbacks=list(callbacks), **fit)
    model.evaluate(X, X[:, 0], callbacks=list(callbacks), batch_size=4, verbose=0)
    model.predict(X, callbacks=list(callbacks), batch_size=4, verbose=0)
    return model


def reader(seen, default):
    """A callback of one's own that reads the logs of every hook, with or without a default."""

    def hook(event):
        if is_numbered(event):
            return (
                (lambda self, number, logs=None: seen.append((event, number, list(logs.keys()))))
                if default
                else lambda self, number, logs: seen.append((event, number, list(logs.keys())))
            )
        if default:
            return lambda self, logs=None: seen.append((event, list(logs.keys())))
        return lambda self, logs: seen.append((event, list(logs.keys())))

    return type("Reader", (Callback,), {event: hook(event) for event in EVENTS})()


@pytest.mark.parametrize("default", [True, False])
def test_every_hook_gets_its_logs_as_a_dict(default):
    seen, measured, validated = [], ["loss", "mae"], ["val_loss", "val_mae"]
    ran(reader(seen, default), epochs=1)
    found = {told[0]: told[-1] for told in seen}
    assert set(found) == set(EVENTS)
    for event in EVENTS:
        expected = []
        if event in ("on_epoch_end", "on_train_end"):
            expected = measured + validated
        elif event in ("on_train_batch_end", "on_test_batch_end", "on_test_end"):
            expected = measured
        elif event == "on_predict_batch_end":
            expected = ["outputs"]
        assert found[event] == expected, event
    assert [told[1] for told in seen if told[0] == "on_predict_batch_begin"] == [0, 1]


def test_the_end_of_a_fit_has_the_results_of_its_last_epoch():
    class Last(Callback):
        def on_epoch_end(self, epoch, logs=None):
            logs["epoch"] = epoch

        def on_train_end(self, logs=None):
            self.logs = logs

    last = Last()
    model = ran(last)
    assert last.logs == {name: values[-1] for name, values in model.history.history.items()}
    assert last.logs["epoch"] == 1


def test_predict_hands_on_its_outputs():
    class Outputs(Callback):
        def on_predict_batch_end(self, batch, logs=None):
            found.append(logs["outputs"])

    found = []
    model = ran(Outputs())
    np.testing.assert_array_equal(np.concatenate(found), model.predict(X, verbose=0))


def test_a_hook_may_leave_the_logs_out_but_nothing_else():
    seen = []

    class Short(Callback):
        def on_train_begin(self):
            seen.append("begin")

        def on_epoch_end(self, epoch):
            seen.append(epoch)

    ran(Short(), LambdaCallback(on_epoch_begin=lambda epoch: seen.append(-epoch)))
    assert seen == ["begin", 0, 0, -1, 1]

    class Wrong(Callback):
        def on_epoch_end(self):
            pass

    words = (
        r"Wrong.on_epoch_end is called with \(epoch, logs\), but takes \(\); let it take \(epoch"
    )
    with pytest.raises(TypeError, match=words):
        ran(Wrong())
    with pytest.raises(TypeError, match=r"on_train_end is called with \(logs\), but takes \(a, b"):
        LambdaCallback(on_train_end=lambda a, b: None)


def test_the_older_names_of_hooks_and_those_of_one_object():
    seen = []

    class Older(Callback):
        def on_batch_begin(self, batch, logs=None):
            seen.append(("begin", batch, list(logs)))

        def on_batch_end(self, batch, logs=None):
            seen.append(("end", batch, list(logs)))

    lone = Callback()
    lone.on_epoch_end = lambda epoch, logs: seen.append(epoch)
    ran(Older(), lone, epochs=1)
    for batch in (0, 1):
        assert ("begin", batch, []) in seen and ("end", batch, ["loss", "mae"]) in seen
    assert seen[-1] == 0


def test_a_subclass_of_a_callback_that_looks_seldom_gets_results(tmp_path):
    seen = []

    class Mine(BackupAndRestore):
        def on_train_batch_end(self, batch, logs=None):
            super().on_train_batch_end(batch, logs)
            seen.append(list(logs))

    ran(Mine(tmp_path / "backup", save_freq=1), epochs=1)
    assert seen == [["loss", "mae"]] * 2


def test_a_list_of_callbacks_for_a_loop_of_one_s_own():
    seen = []
    watching = CallbackList([reader(seen, True)], model=None)
    watching.on_train_begin()
    watching.on_train_batch_begin(0)
    watching.on_train_batch_end(0, {"loss": 2.0})
    watching.on_test_batch_end(0)
    watching.on_epoch_end(0, logs={"loss": 1.0})
    assert [told[-1] for told in seen] == [[], [], ["loss"], [], ["loss"]]
    seen.clear()
    ran(epochs=1).fit(X, X[:, 0], callbacks=watching, verbose=0)
    assert {told[0] for told in seen} >= {"on_train_begin", "on_epoch_end"}
