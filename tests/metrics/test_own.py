"""Metrics of one's own, in the style of Keras, alone and in a training."""

import numpy as np
import pytest

from dlcore import losses, metrics
from dlcore.engine import ops
from dlcore.layers import Dense
from dlcore.models import Sequential
from dlcore.utils import set_random_seed

X = np.random.default_rng(0).normal(size=(10, 2))
Y = X.sum(axis=1)


class Bias(metrics.Metric):
    """The weighted mean of how much too large the predictions are."""

    def __init__(self, scale=1.0, name="bias", **kwargs):
        super().__init__(name=name, **kwargs)
        self.scale = scale
        self.total = self.add_weight(name="total", initializer="zeros")
        self.count = self.add_weight(shape=(), name="count", initializer="zeros")

    def update_state(self, y_true, y_pred, sample_weight=None):
        y_true = ops.reshape(ops.cast(y_true, "float32"), y_pred.shape)
        error = self.scale * (y_pred - y_true)
        if sample_weight is not None:
            error = error * ops.reshape(ops.cast(sample_weight, "float32"), (-1, 1))
        self.total.assign_add(ops.sum(error))
        self.count.assign_add(len(error))

    def result(self):
        return self.total / self.count


class Simple(metrics.Metric):
    """Without variables, and without the constructor of the base."""

    def __init__(self):
        self.name = "simple"
        self.rows = 0

    def update_state(self, y_true, y_pred, sample_weight=None):
        self.rows += len(np.abs(y_pred))

    def result(self):
        return self.rows

    def reset_state(self):
        self.rows = 0


def trained(chosen, weighted=None, **fit):
    set_random_seed(0)
    model = Sequential([Dense(1, input_dim=2)])
    model.compile("sgd", "mse", metrics=chosen, weighted_metrics=weighted)
    history = model.fit(X, Y, batch_size=4, epochs=2, verbose=0, **fit)
    return model, history.history


def test_variables_are_kept_and_reset():
    bias = Bias(scale=2.0)
    assert [v.name for v in bias.variables] == ["total", "count"] and not bias.total.trainable
    bias.update_state([0.0, 1.0], np.array([[1.0], [3.0]], np.float32))
    bias.update_state([0.0], np.array([[3.0]], np.float32), sample_weight=[2.0])
    assert float(bias.result()) == pytest.approx((2 * (1 + 2) + 2 * 3 * 2) / 3)
    before = bias.total.data
    bias.reset_state()
    assert bias.total.data is before and float(bias.total) == float(bias.count) == 0
    assert bias.get_config() == {"dtype": None, "name": "bias", "scale": 2.0}


def test_in_a_training():
    model, history = trained(
        [Bias(), Simple()], [Bias(name="heavy")], sample_weight=np.arange(10.0)
    )
    error = model.predict(X, verbose=0)[:, 0] - Y
    found = model.evaluate(X, Y, sample_weight=np.arange(10.0), verbose=0, return_dict=True)
    assert found["bias"] == pytest.approx(error.mean(), rel=1e-4)
    assert found["heavy"] == pytest.approx((error * np.arange(10)).mean(), rel=1e-4)
    assert history["simple"] == [10, 10] and len(history["bias"]) == 2


def test_shapes_and_number_types_of_variables():
    metric = metrics.Metric(dtype="float64", name="m")
    table = metric.add_weight((2, 3), "ones", name="table")
    row = metric.add_variable(4, dtype="int32")
    assert table.shape == (2, 3) and table.dtype == np.float64 and (table.data == 1).all()
    assert row.shape == (4,) and row.dtype == np.int32 and (row.data == 0).all()
    metric.reset_state()
    assert (table.data == 0).all()


def test_a_name_in_the_place_of_the_number_type():
    with pytest.raises(
        ValueError, match="dtype is 'float32' or 'float64', not 'mine'.*name='mine'"
    ):
        metrics.Metric("mine")
    with pytest.raises(ValueError, match="Did you mean 'float32'"):
        metrics.Metric("flot32")


@pytest.mark.parametrize("method", ["update_state", "result", "reset_state"])
def test_what_is_not_written(method):
    with pytest.raises(NotImplementedError, match=f"Metric has no {method}"):
        getattr(metrics.Metric(), method)()


def test_functions_and_losses_as_metrics():
    def furthest(y_true, y_pred):
        return ops.max(ops.abs(y_true - y_pred), axis=-1)

    def whole(y_true, y_pred):
        return ops.mean(ops.square(y_true - y_pred))

    model, history = trained([furthest, losses.mean_absolute_error, losses.Huber(0.1), whole])
    assert set(history) == {"loss", "furthest", "mean_absolute_error", "huber_loss", "whole"}
    assert history["furthest"] == pytest.approx(history["mean_absolute_error"])
    # One number for a batch counts as often as the batch has rows.
    assert history["whole"] == pytest.approx(history["loss"])


def test_names_in_the_history_are_those_given_to_compile():
    _, history = trained(["mae", "MSE", "mae", metrics.MeanAbsoluteError()], ["mae"])
    assert set(history) == {
        "loss", "mae", "MSE", "mae_1", "mean_absolute_error", "weighted_mae",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["AUC", "auc", "Precision", "f1_score", "accuracy", "ACC"])
def test_metrics_of_classes_by_name(name):
    set_random_seed(0)
    model = Sequential([Dense(1, "sigmoid", input_dim=2)])
    model.compile("sgd", "bce", metrics=[name])
    history = model.fit(X, Y > 0, verbose=0, epochs=2).history
    assert set(history) == {"loss", name} and np.shape(history[name]) == (2,)
