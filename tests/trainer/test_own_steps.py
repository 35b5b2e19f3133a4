"""Models with a train_step, test_step, compute_loss or compute_metrics of their own."""

import numpy as np
import pytest

from dlcore import GradientTape
from dlcore.engine import ops
from dlcore.engine.program import Program
from dlcore.layers import Dense, Layer
from dlcore.metrics import Mean, MeanAbsoluteError
from dlcore.models import Model, Sequential
from dlcore.tensor import Tensor, gradients
from dlcore.trainer.divergence import Divergence
from dlcore.utils import pack_x_y_sample_weight, set_random_seed, unpack_x_y_sample_weight

RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 3)).astype(np.float32)
Y = X.sum(axis=1)
W = RNG.uniform(0, 2, 30)


class Plain(Model):
    def __init__(self):
        super().__init__()
        self.dense = Dense(1)

    def call(self, x):
        return self.dense(x)


class Taped(Plain):
    """As in the guides of Keras."""

    def train_step(self, data):
        x, y, weight = unpack_x_y_sample_weight(data)
        with GradientTape() as tape:
            y_pred = self(x, training=True)
            loss = self.compute_loss(y=y, y_pred=y_pred, sample_weight=weight)
        found = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(found, self.trainable_variables, strict=True))
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(Tensor(np.full(len(x), loss.data)))
            else:
                metric.update_state(y, y_pred)
        return {metric.name: metric.result() for metric in self.metrics}

    def test_step(self, data):
        return super().test_step(data)


class Inherited(Plain):
    def train_step(self, data):
        return super().train_step(data)


class OwnLoss(Plain):
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None):
        assert isinstance(x, Tensor) and isinstance(y, Tensor)
        return super().compute_loss(x, y, y_pred, sample_weight)


class OwnMetrics(Plain):
    def compute_metrics(self, x, y, y_pred, sample_weight=None):
        return super().compute_metrics(x, y, y_pred, sample_weight)


def trained(kind, eagerly=False, **more):
    set_random_seed(0)
    model = kind()
    model.compile("sgd", "mse", metrics=["mae"], run_eagerly=eagerly)
    more = {"epochs": 3, "batch_size": 8, "verbose": 0, "validation_split": 0.2, **more}
    history = model.fit(X, Y, **more).history
    one = model.train_on_batch(X, Y, return_dict=True), model.test_on_batch(X, Y)
    results = model.evaluate(X, Y, verbose=0), *one
    return history, results, model.get_weights()


@pytest.mark.parametrize("weights", [None, W])
@pytest.mark.parametrize("kind", [Taped, Inherited, OwnLoss, OwnMetrics])
def test_the_same_as_without(kind, weights):
    expected = trained(Plain, sample_weight=weights)
    for eagerly in (False, True):
        found = trained(kind, eagerly, sample_weight=weights)
        assert list(found[0]) == list(expected[0])
        for name, values in expected[0].items():
            np.testing.assert_allclose(found[0][name], values, rtol=1e-5)
        np.testing.assert_allclose(found[1][0], expected[1][0], rtol=1e-5)
        assert found[1][1] == pytest.approx(expected[1][1], rel=1e-5)
        for a, b in zip(found[2], expected[2], strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7)


def test_a_loss_of_ones_own_is_replayed_and_gets_targets_as_they_came(monkeypatch):
    class Squares(Plain):
        def compute_loss(self, x, y, y_pred, sample_weight=None, training=True):
            shapes.append(y.shape)
            return ops.mean(ops.square(y_pred[:, 0] - y))

    shapes, replayed = [], []
    run = Program.run
    monkeypatch.setattr(Program, "run", lambda self: replayed.append(self.replayed) or run(self))
    found = trained(Squares, validation_split=0.0)
    assert any(replayed) and {shape[1:] for shape in shapes} == {()}
    expected = trained(Plain, validation_split=0.0)
    np.testing.assert_allclose(found[0]["loss"], expected[0]["loss"], rtol=1e-5)


def test_a_metric_that_a_loss_feeds_misses_no_step(recwarn):
    class Fed(Plain):
        def __init__(self):
            super().__init__()
            self.seen = Mean(name="seen")

        def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
            loss = super().compute_loss(x, y, y_pred, sample_weight, training)
            self.seen.update_state(Tensor(np.full(len(x), loss.data)))
            return loss

    history, _, _ = trained(Fed, epochs=5)
    np.testing.assert_allclose(history["seen"], history["loss"], rtol=1e-6)
    np.testing.assert_allclose(history["val_seen"], history["val_loss"], rtol=1e-6)
    assert not recwarn.list


def test_a_step_with_numbers_and_metrics_of_its_own():
    class Own(Model):
        def __init__(self):
            super().__init__()
            self.dense, self.error = Dense(1), MeanAbsoluteError(name="error")

        @property
        def metrics(self):
            return [self.error]

        def train_step(self, data):
            x, y = data
            assert isinstance(y, Tensor) and y.shape == (len(x),)
            y_pred = self.dense(x)
            loss = ops.mean(ops.square(y_pred[:, 0] - y))
            found = gradients(loss, self.trainable_weights)
            self.optimizer.apply(found, self.trainable_weights)
            self.error.update_state(y, y_pred)
            return {"half": loss * 0.5, "error": self.error.result()}

        def test_step(self, data):
            x, y = data
            return {"far": float(np.abs(self.dense(x).numpy()[:, 0] - y.numpy()).max())}

        def predict_step(self, data):
            (x,) = data
            return self.dense(x) * 2.0

    set_random_seed(0)
    model = Own()
    model.compile("sgd")
    history = model.fit(X, Y, epochs=4, batch_size=10, verbose=0, validation_data=(X, Y))
    assert list(history.history) == ["error", "half", "val_far"]
    assert all(isinstance(value, float) for value in history.history["half"])
    assert np.all(np.diff(history.history["error"]) < 0)
    doubled = model.predict(X, verbose=0)
    far = np.abs(doubled[:, 0] / 2 - Y).max()
    assert model.evaluate(X, Y, batch_size=30, verbose=0) == pytest.approx(far, rel=1e-5)
    with pytest.raises(ValueError, match=r"x has 30 rows but y\[0\] has 4 rows"):
        model.fit(X, Y[:4], verbose=0)


def test_targets_of_any_structure_reach_a_step_of_ones_own():
    class Any(Model):
        def train_step(self, data):
            seen.append(data)
            return {"loss": 0.0}

    seen = []
    model = Any()
    model.compile("sgd")
    y = {"label": np.arange(30), "far": Y}
    model.fit(X, y, batch_size=30, shuffle=False, verbose=0)
    (x, (label, far)) = seen[-1][0], seen[-1][1].values()
    assert x.shape == (30, 3) and label.data.tolist() == list(range(30)) and far.shape == (30,)
    model.fit(X, batch_size=30, verbose=0)
    assert isinstance(seen[-1], Tensor)
    model.fit((X, X), batch_size=30, verbose=0)
    assert [part.shape for part in seen[-1][0]] == [(30, 3), (30, 3)] and len(seen[-1]) == 1


def test_the_step_that_one_reads_is_the_step_that_is_replayed(monkeypatch):
    def far(y_true, y_pred):
        calls.append(float(np.abs(np.asarray(y_true) - np.asarray(y_pred)).max()))
        return calls[-1]

    calls = []
    for name, run in (("train_step", Model.fit), ("test_step", Model.evaluate)):
        step, taken = getattr(Model, name), []
        monkeypatch.setattr(
            Model,
            name,
            lambda self, data, step=step, taken=taken: taken.append(data) or step(self, data),
        )
        monkeypatch.setattr(Model, "_overrides", lambda self, name: False)
        model = Plain()
        model.compile("sgd", "mse", metrics=["mae", far])
        calls.clear()
        run(model, X, Y, batch_size=5, verbose=0)
        # A metric that is no kernel sees the batches of the replays all the same.
        assert len(calls) == 6 and len(set(calls)) > 3
        assert len(taken) == 2 and [part.shape for part in taken[0]] == [(5, 3), (5, 1)]
        monkeypatch.undo()


def test_the_numbers_of_a_step_may_be_changed_and_merged():
    class Changed(Plain):
        def train_step(self, data):
            logs = super().train_step(data)
            logs["half"] = logs["loss"] / 2
            seen.append((logs | {"more": 1}, {"more": 1} | logs, {**logs}, len(logs)))
            return logs

    seen = []
    model = Changed()
    model.compile("sgd", "mse", metrics=["mae"])
    history = model.fit(X, Y, batch_size=30, verbose=0).history
    assert list(history) == ["half", "loss", "mae"]
    assert history["half"] == [history["loss"][0] / 2]
    ((left, right, copy, count),) = seen
    assert left == right == {**copy, "more": 1} and count == 3


def test_numbers_are_those_of_their_own_step_when_they_are_kept():
    class Kept(Plain):
        def train_step(self, data):
            kept.append(super().train_step(data))
            return {"loss": kept[-1]["loss"]}

    kept = []
    model = Kept()
    model.compile("sgd", "mse")
    model.fit(X, Y, batch_size=10, verbose=0)
    assert len({logs["loss"] for logs in kept}) == 3


def test_what_a_step_must_return():
    class Nothing(Plain):
        def train_step(self, data):
            return None

    with pytest.raises(TypeError, match=r"returns a dict of numbers by name.* not a NoneType"):
        trained(Nothing)


def test_a_step_of_ones_own_whose_loss_breaks():
    class Breaks(Inherited):
        def train_step(self, data):
            logs = super().train_step(data)
            return {"loss": np.nan if int(self.optimizer.iterations) == 5 else logs["loss"]}

    model = Breaks()
    model.compile("sgd", "mse")
    with pytest.raises(Divergence, match="became NaN in epoch 2, step 2; the loss itself broke"):
        model.fit(X, Y, batch_size=10, epochs=3, verbose=0)
    assert int(model.optimizer.iterations) == 3 and model.history.epoch == [0]


class Toll(Layer):
    def call(self, x):
        self.add_loss(ops.mean(ops.square(x)))
        return x


def test_losses_that_layers_add():
    ends = []
    for eagerly in (False, True):
        set_random_seed(0)
        layers = [Dense(2, input_dim=3, kernel_regularizer="l2"), Toll(), Dense(1)]
        model = Sequential(layers)
        model.compile("sgd", "mse", metrics=["mse"], run_eagerly=eagerly)
        history = model.fit(X, Y, batch_size=8, epochs=3, verbose=0).history
        loss, mse = model.evaluate(X, Y, batch_size=30, verbose=0)
        hidden = layers[0](X).numpy()
        kernel = layers[0].get_weights()[0]
        assert loss == pytest.approx(mse + (hidden**2).mean() + 0.01 * (kernel**2).sum(), rel=1e-5)
        ends.append((history, [w.tobytes() for w in model.get_weights()]))
    assert ends[0] == ends[1]


def test_a_model_may_live_on_the_losses_of_its_layers():
    class Coder(Model):
        def __init__(self):
            super().__init__()
            self.dense = Dense(3)

        def call(self, x):
            y = self.dense(x)
            self.add_loss(ops.mean(ops.square(x - y)))
            return y

    set_random_seed(0)
    alone = Coder()
    alone.compile("sgd")
    found = alone.fit(X, epochs=3, verbose=0).history["loss"]
    set_random_seed(0)
    model = Sequential([Dense(3, input_dim=3)])
    model.compile("sgd", "mse")
    np.testing.assert_allclose(found, model.fit(X, X, epochs=3, verbose=0).history["loss"], 1e-5)
    assert alone.evaluate(X, verbose=0) == pytest.approx(model.evaluate(X, X, verbose=0), rel=1e-5)


def test_packing():
    assert pack_x_y_sample_weight(1) == 1 and pack_x_y_sample_weight([1]) == ([1],)
    assert pack_x_y_sample_weight(1, 2) == (1, 2) and pack_x_y_sample_weight(1, 2, 3) == (1, 2, 3)
    assert unpack_x_y_sample_weight(1) == (1, None, None)
    assert unpack_x_y_sample_weight([1, 2]) == (1, 2, None)
    with pytest.raises(ValueError, match="is a tuple of 4"):
        unpack_x_y_sample_weight((1, 2, 3, 4))
