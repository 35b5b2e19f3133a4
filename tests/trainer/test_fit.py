"""fit, evaluate and predict: the semantics of Keras 3, on numbers that can be checked by hand."""

import numpy as np
import pytest

from dlcore import backends
from dlcore.callbacks import Callback
from dlcore.engine import ops
from dlcore.layers import Dense, Layer
from dlcore.metrics import Precision
from dlcore.models import Sequential
from dlcore.optimizers import SGD
from dlcore.utils import set_random_seed

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 3)).astype(np.float32)
Y = (X.sum(axis=1) > 0).astype(np.float32)


@pytest.fixture(autouse=True)
def seeded():
    set_random_seed(0)


def line(rate=0.0, loss="mse", **compiled):
    """One neuron y = 0 x + 0, so that a loss is the mean of y^2 while the rate is 0."""
    model = Sequential([Dense(1, kernel_initializer="zeros", input_dim=1)])
    model.compile(SGD(rate), loss, **compiled)
    return model


def classifier(**compiled):
    model = Sequential([Dense(4, activation="relu", input_dim=3), Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy", **compiled)
    return model


def test_history_has_the_keys_of_keras():
    model = classifier(metrics=["accuracy", Precision(), "mse"])
    history = model.fit(X, Y, epochs=2, validation_split=0.2, verbose=0)
    names = ["accuracy", "loss", "mse", "precision"]
    assert list(history.history) == [*names, *(f"val_{name}" for name in names)]
    assert all(len(values) == 2 for values in history.history.values())
    assert history.epoch == [0, 1] and model.history is history
    assert history.params == {"epochs": 2, "steps": 2, "verbose": 0}


def test_two_metrics_of_one_name_are_told_apart():
    model = classifier(metrics=[Precision(), Precision(thresholds=0.9)])
    assert model.metrics_names == ["loss", "precision", "precision_1"]
    again = classifier(metrics=[Precision()])
    assert again.metrics_names == ["loss", "precision"]


def test_a_last_partial_batch_counts_by_its_size():
    y = np.array([1.0, 1, 1, 1, 3])
    history = line().fit(np.zeros(5), y, batch_size=4, verbose=0, shuffle=False)
    assert history.history["loss"] == [pytest.approx((4 * 1 + 9) / 5)]


def test_sample_weights_multiply_and_the_sum_is_divided_by_the_batch():
    y, weights = np.array([1.0, 2, 3, 4]), np.array([0.0, 1, 2, 0.5])
    expected = (0 + 4 + 18 + 8) / 4
    model = line(metrics=["mse"], weighted_metrics=["mae"])
    history = model.fit(np.zeros(4), y, sample_weight=weights, verbose=0).history
    assert history["loss"] == [pytest.approx(expected)]
    assert history["mse"] == [pytest.approx((1 + 4 + 9 + 16) / 4)]
    assert history["mae"] == [pytest.approx((2 + 6 + 2) / 3.5)]
    results = model.evaluate(np.zeros(4), y, sample_weight=weights, verbose=0)
    assert results[0] == pytest.approx(expected)


def test_a_weighted_step_is_that_of_the_weighted_loss():
    model = line(rate=0.1)
    model.fit(np.zeros(2), np.array([1.0, 3.0]), sample_weight=[1.0, 2.0], verbose=0)
    # The bias: d/db of (1 (b - 1)^2 + 2 (b - 3)^2) / 2 at b = 0 is -1 - 6.
    assert model.get_weights()[1][0] == pytest.approx(0.7)


def test_class_weight():
    y = np.array([0.0, 0, 1])
    history = line().fit(np.zeros(3), y, class_weight={0: 5.0, 1: 2.0}, verbose=0).history
    assert history["loss"] == [pytest.approx(2 / 3)]
    with pytest.warns(UserWarning, match="no entry for class 1, whose rows count with weight 1"):
        line().fit(np.zeros(3), y, class_weight={0: 5.0}, verbose=0)


def test_class_weights_leave_the_validation_alone():
    y = np.array([0.0, 1, 0, 1])
    fit = {"class_weight": {0: 5.0, 1: 2.0}, "validation_split": 0.5, "verbose": 0}
    history = line().fit(np.zeros(4), y, **fit).history
    assert history["loss"] == [pytest.approx(1.0)] and history["val_loss"] == [pytest.approx(0.5)]


def test_validation_split_is_the_unshuffled_tail():
    y = np.array([1.0] * 7 + [2.0] * 3)
    history = line().fit(np.zeros(10), y, validation_split=0.3, verbose=0).history
    assert history["loss"] == [pytest.approx(1.0)] and history["val_loss"] == [pytest.approx(4.0)]
    # floor(11 * 0.75) = 8 rows train.
    y = np.array([1.0] * 8 + [2.0] * 3)
    history = line().fit(np.zeros(11), y, validation_split=0.25, verbose=0).history
    assert history["loss"] == [pytest.approx(1.0)] and history["val_loss"] == [pytest.approx(4.0)]


def test_validation_data_with_and_without_weights():
    x, y = np.zeros(4), np.ones(4)
    data = (np.zeros(2), np.array([2.0, 4.0]))
    assert line().fit(x, y, validation_data=data, verbose=0).history["val_loss"] == [10.0]
    data = (*data, np.array([1.0, 0.0]))
    assert line().fit(x, y, validation_data=data, verbose=0).history["val_loss"] == [2.0]


def test_validation_data_go_before_a_validation_split():
    y = np.array([1.0, 1, 1, 3])
    fit = {"validation_data": (np.zeros(2), np.array([2.0, 4.0])), "verbose": 0}
    both = line().fit(np.zeros(4), y, validation_split=0.25, **fit).history
    # All four rows train, as in Keras.
    assert both == line().fit(np.zeros(4), y, **fit).history
    assert both == {"loss": [3.0], "val_loss": [10.0]}
    batches = [(np.zeros(4), y)]
    assert line().fit(iter(batches), validation_split=0.25, **fit).history == both


def test_evaluate_returns_a_number_a_list_or_a_dict():
    x, y = np.zeros(2), np.array([1.0, 3.0])
    assert line().evaluate(x, y, verbose=0) == 5.0
    model = line(metrics=["mae"])
    assert model.evaluate(x, y, verbose=0) == [5.0, 2.0]
    assert model.evaluate(x, y, verbose=0, return_dict=True) == {"loss": 5.0, "mae": 2.0}


def test_batch_methods_measure_their_batch_alone():
    model = line(metrics=["mae"])
    model.evaluate(np.zeros(2), np.array([9.0, 9.0]), verbose=0)
    assert model.train_on_batch(np.zeros(2), np.array([1.0, 3.0])) == [5.0, 2.0]
    assert model.test_on_batch(np.zeros(2), np.array([2.0, 2.0])) == [4.0, 2.0]
    assert model.train_on_batch([[0.0]], [2.0], return_dict=True) == {"loss": 4.0, "mae": 2.0}
    assert model.predict_on_batch([[1.0], [2.0]]).tolist() == [[0.0], [0.0]]


def test_predict_gives_the_rows_in_order_for_any_batch_size():
    model = classifier()
    whole = model(X).data
    for size in (1, 7, 50, 64):
        np.testing.assert_allclose(model.predict(X, batch_size=size, verbose=0), whole, rtol=1e-6)


def test_initial_epoch_continues_the_count():
    history = classifier().fit(X, Y, epochs=5, initial_epoch=3, verbose=0)
    assert history.epoch == [3, 4]


def test_an_epoch_sees_every_row_once_and_in_another_order_each_time():
    seen = []

    def spy(y_true, y_pred):
        seen.append(y_true.numpy().reshape(-1))
        return ops.mean(ops.square(y_true - y_pred), axis=-1)

    set_random_seed(0)
    model = line(loss=spy)
    model.run_eagerly = True  # a replayed step would not call the spy
    model.fit(np.zeros(10), np.arange(10.0), batch_size=4, epochs=2, verbose=0)
    first, second = np.concatenate(seen[:3]), np.concatenate(seen[3:])
    assert sorted(first) == sorted(second) == list(range(10))
    assert first.tolist() != second.tolist() and first.tolist() != list(range(10))
    seen.clear()
    model.fit(np.zeros(10), np.arange(10.0), batch_size=4, shuffle=False, verbose=0)
    assert np.concatenate(seen).tolist() == list(range(10))


def test_x_and_y_stay_together_when_shuffled():
    x = np.arange(1.0, 33.0)
    model = Sequential([Dense(1, kernel_initializer="ones", input_dim=1)])
    model.compile(SGD(0.0), "mse")
    weights = np.linspace(0, 1, 32)
    history = model.fit(x, x, batch_size=5, sample_weight=weights, verbose=0)
    assert history.history["loss"] == [0.0]


def test_the_data_are_not_changed():
    x, y = X.copy(), Y.copy()
    classifier().fit(x, y, epochs=2, verbose=0)
    assert (x == X).all() and (y == Y).all()


def test_plain_lists_and_integers_will_do():
    model = Sequential([Dense(1)])
    model.compile("sgd", "mse")
    model.fit([[0, 1], [1, 0], [1, 1]], [1, 1, 2], verbose=0)
    assert model.predict([[1, 1]], verbose=0).shape == (1, 1)
    model = Sequential([Dense(1)])
    model.compile("sgd", "mse")
    model.fit([1, 2, 3], [2, 4, 6], verbose=0)
    assert model.predict([1.0, 2.0], verbose=0).shape == (2, 1)


@pytest.mark.parametrize("name", ["numpy", "cpu"])
def test_a_run_repeats_bit_for_bit(name):
    before = backends.get_backend()
    if backends.available_backends()[name]:
        pytest.skip("Numba is not installed")
    backends.set_backend(name)
    runs = []
    for seed in (3, 3, 4):
        set_random_seed(seed)
        model = classifier()
        history = model.fit(X, Y, epochs=3, batch_size=8, verbose=0).history["loss"]
        runs.append((history, [w.tobytes() for w in model.get_weights()]))
    backends.set_backend(before)
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_both_backends_train_alike():
    if backends.available_backends()["cpu"]:
        pytest.skip("Numba is not installed")
    before, runs = backends.get_backend(), []
    for name in ("numpy", "cpu"):
        backends.set_backend(name)
        set_random_seed(3)
        model = classifier()
        model.fit(X, Y, epochs=3, batch_size=8, verbose=0)
        runs.append(model.predict(X, verbose=0))
    backends.set_backend(before)
    np.testing.assert_allclose(runs[0], runs[1], rtol=1e-4)


def test_frozen_layers_stay_as_they_are_without_a_new_compile():
    model = classifier()
    first, last = model.layers
    first.trainable = False
    before = [w.copy() for w in model.get_weights()]
    model.fit(X, Y, verbose=0)
    after = model.get_weights()
    assert (before[0] == after[0]).all() and (before[2] != after[2]).any()
    first.trainable = True
    model.fit(X, Y, verbose=0)
    assert (before[0] != model.get_weights()[0]).any()


def test_callbacks_are_told_of_everything_and_can_stop():
    told = []

    class Spy(Callback):
        def on_train_begin(self, logs=None):
            told.append("train")

        def on_epoch_begin(self, epoch, logs=None):
            told.append(f"epoch {epoch}")

        def on_train_batch_end(self, batch, logs=None):
            told.append(f"batch {batch}")
            assert set(logs) == {"loss"}

        def on_epoch_end(self, epoch, logs=None):
            told.append(sorted(logs))
            self.model.stop_training = epoch == 1

        def on_train_end(self, logs=None):
            told.append("end")

    model = classifier()
    model.fit(X, Y, epochs=9, callbacks=[Spy()], batch_size=25, validation_split=0.5, verbose=0)
    epoch = ["batch 0", ["loss", "val_loss"]]
    assert told == ["train", "epoch 0", *epoch, "epoch 1", *epoch, "end"]
    assert model.history.epoch == [0, 1]


def test_a_correct_run_warns_of_nothing(recwarn):
    model = classifier(metrics=["accuracy"])
    model.fit(X, Y, epochs=2, validation_split=0.2, verbose=0)
    model.evaluate(X, Y, verbose=0)
    model.predict(X, verbose=0)
    assert not recwarn.list


def test_each_epoch_and_each_run_is_measured_from_its_start():
    model = line(metrics=["mae"])
    assert model.fit(np.zeros(2), np.ones(2), verbose=0).history == {"loss": [1.0], "mae": [1.0]}
    history = model.fit(np.zeros(2), 3 * np.ones(2), epochs=2, verbose=0).history
    assert history == {"loss": [9.0, 9.0], "mae": [3.0, 3.0]}


def test_layers_know_whether_they_are_trained():
    told = []

    class Spy(Layer):
        def call(self, x, training=None):
            told.append(training)
            return x

    model = Sequential([Spy(), Dense(1)])
    model.compile("sgd", "mse")
    model.fit(X, Y, batch_size=50, epochs=2, verbose=0)
    # The first calls find out shapes, the last two are the steps.
    assert told[-2:] == [True, True] and set(told[:-2]) == {False}
    told.clear()
    model.evaluate(X, Y, batch_size=50, verbose=0)
    model.predict(X, batch_size=50, verbose=0)
    assert told == [False, False, False]


def test_a_stopped_model_can_be_trained_again():
    class Stop(Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = True

    model = line()
    assert model.fit(np.zeros(4), np.ones(4), epochs=3, callbacks=[Stop()], verbose=0).epoch == [0]
    assert model.fit(np.zeros(4), np.ones(4), epochs=3, verbose=0).epoch == [0, 1, 2]


def test_validation_has_a_batch_size_of_its_own():
    sizes = []

    def spy(y_true, y_pred):
        sizes.append(len(y_pred))
        return y_pred.data[:, 0]

    model = line(metrics=[spy])
    data = (np.zeros(6), np.ones(6))
    model.fit(
        *data, batch_size=6, validation_data=data, validation_batch_size=4, epochs=1, verbose=0
    )
    assert sizes == [6, 4, 2]
