"""A backend with memory of its own: models train as on `cpu`, bit for bit, without a transfer.

`tests/device.py` stands for a GPU. Its kernels are those of `cpu`, but no number of its arrays can
be read without a transfer, and each transfer is counted.
"""

from __future__ import annotations

import gc
import re

import numpy as np
import pytest

from dlcore import GradientTape, Input, Sequential, backends, layers, ops, optimizers, utils
from dlcore.backends import memory
from dlcore.callbacks import (
    BackupAndRestore,
    Callback,
    EarlyStopping,
    ModelCheckpoint,
    TerminateOnNaN,
)
from dlcore.metrics import AUC, Mean
from dlcore.models import Model, load_model
from dlcore.tensor import Tensor
from dlcore.trainer.divergence import Divergence
from tests.device import NAME, hidden

RNG = np.random.default_rng(0)
X = RNG.normal(size=(70, 6)).astype(np.float32)
Y = (X.sum(axis=1) > 0).astype(np.float32)
IMAGES = RNG.normal(size=(70, 8, 8, 2)).astype(np.float32)
CLASSES = RNG.integers(0, 3, 70)
WORDS = RNG.integers(0, 9, (70, 5))


def mlp():
    model = Sequential([Input((6,)), layers.Dense(5, "relu"), layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    return model, X, Y


def cnn():
    model = Sequential(
        [
            Input((8, 8, 2)),
            layers.Conv2D(3, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.BatchNormalization(),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(3, "softmax"),
        ]
    )
    rate = optimizers.schedules.ExponentialDecay(0.01, 5, 0.9)
    model.compile(
        optimizers.SGD(rate, momentum=0.9, weight_decay=0.01, clipnorm=1.0),
        "sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model, IMAGES, CLASSES


def lstm():
    model = Sequential(
        [
            Input((5,), dtype="int64"),
            layers.Embedding(9, 4, mask_zero=True),
            layers.LSTM(3, return_sequences=True, dropout=0.2),
            layers.GRU(3),
            layers.Dense(3, "softmax"),
        ]
    )
    model.compile("rmsprop", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model, WORDS, CLASSES


MODELS = {"mlp": mlp, "cnn": cnn, "lstm": lstm}


def trained(make, epochs=2, **more):
    """The history, weights, evaluation and outputs of a training on the backend of the moment."""
    utils.set_random_seed(1)
    model, x, y = make()
    history = model.fit(x, y, batch_size=8, epochs=epochs, validation_split=0.2, verbose=0, **more)
    return [
        history.history,
        [w.tobytes() for w in model.get_weights()],
        model.evaluate(x, y, verbose=0),
        model.predict(x, batch_size=8, verbose=0).tobytes(),
    ]


@pytest.fixture
def device():
    with hidden() as found:
        yield found


def on(backend, function, *arguments, **more):
    backends.set_backend(backend)
    return function(*arguments, **more)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_trains_as_on_cpu_bit_for_bit(name, device):
    expected = on("cpu", trained, MODELS[name])
    assert on(NAME, trained, MODELS[name]) == expected
    # Of 14 steps of the training and 8 whole batches of the prediction the first two of each.
    assert device.replays == 18


class Transfers(Callback):
    """What had moved at the start of each batch and epoch."""

    def __init__(self):
        super().__init__()
        self.batches, self.epochs = [], []

    def on_train_batch_begin(self, batch, logs=None):
        self.batches.append((memory.counts.up, memory.counts.down))

    def on_epoch_begin(self, epoch, logs=None):
        self.epochs.append((memory.counts.up, memory.counts.down))


def moved_in_an_epoch(make, batch_size):
    backends.set_backend(NAME)
    model, x, y = make()
    seen = Transfers()
    model.fit(x, y, batch_size=batch_size, epochs=5, verbose=0, callbacks=[seen])
    steps = -(-len(x) // batch_size)
    # Steps 3 and later of whole batches, and the first of an epoch, which fetches an order.
    third = seen.batches[2 * steps : 3 * steps]
    assert third == [third[0]] * steps, "a replayed step moved something"
    return np.subtract(seen.epochs[-1], seen.epochs[-2]).tolist()


@pytest.mark.parametrize("name", MODELS)
def test_a_replayed_step_moves_nothing_and_results_come_home_once_an_epoch(name, device):
    ups, downs = moved_in_an_epoch(MODELS[name], 14)
    assert moved_in_an_epoch(MODELS[name], 7) == [ups, downs]
    # Up goes the order of the rows; home come the loss and the accuracy.
    assert (ups, downs) == (1, 2)


def test_outputs_come_home_in_one_go(device):
    backends.set_backend(NAME)
    model, x, _ = cnn()
    memory.counts.reset()
    assert model.predict(x, batch_size=7, verbose=0).shape == (70, 3)
    assert memory.counts.down == 1


def with_many_metrics():
    """Metrics in NumPy, one of the user's own, and weights."""
    model, x, y = mlp()

    def largest(y_true, y_pred):
        return ops.max(y_pred, axis=-1)

    model.compile("sgd", "mse", metrics=[AUC(), largest], weighted_metrics=["mae"])
    return model, x, y


class OwnStep(Model):
    """A step of one's own, with a metric of its own."""

    def __init__(self):
        super().__init__()
        self.inner = layers.Dense(1)
        self.seen = Mean(name="seen")

    def call(self, x):
        return self.inner(x)

    def train_step(self, data):
        x, y = data
        with GradientTape() as tape:
            loss = ops.mean(ops.square(self(x) - ops.reshape(y, (-1, 1))))
        weights = self.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        self.seen.update_state(loss)
        return {"loss": loss, "seen": self.seen.result()}


def with_a_step_of_its_own():
    model = OwnStep()
    model.compile("adam", "mse")
    return model, X, Y[:, None]


def stateful():
    model = Sequential([Input((5, 1), batch_size=7), layers.SimpleRNN(3, stateful=True)])
    model.compile("sgd", "mse")
    return model, WORDS[..., None].astype(np.float32), X[:, :3]


@pytest.mark.parametrize("make", [with_many_metrics, with_a_step_of_its_own])
def test_what_reads_numbers_in_between_gives_the_same(make, device):
    expected = on("cpu", trained, make)
    assert on(NAME, trained, make) == expected


def fitted(make, *backends_of_epochs, **more):
    """The weights after a training that changes the backend from epoch to epoch."""
    utils.set_random_seed(1)
    backends.set_backend(backends_of_epochs[0])
    model, x, y = make()
    for epoch, name in enumerate(backends_of_epochs):
        backends.set_backend(name)
        model.fit(x, y, batch_size=7, epochs=epoch + 1, initial_epoch=epoch, verbose=0, **more)
    return [weight.tobytes() for weight in model.get_weights()]


@pytest.mark.parametrize("make", [*MODELS.values(), stateful])
def test_a_model_moves_with_the_backend(make, device):
    expected = fitted(make, "cpu", "cpu", "cpu")
    assert fitted(make, "cpu", NAME, "cpu") == expected
    assert fitted(make, NAME, "cpu", NAME) == expected
    # The weights lie in one array as before, so that the optimizer still needs one kernel.
    model, x, y = make()
    model.fit(x, y, batch_size=7, verbose=0)
    lying = [weight.data.base for weight in model.trainable_weights]
    backends.set_backend("cpu")
    assert len({id(weight.data.base) for weight in model.trainable_weights}) == len(
        set(map(id, lying))
    )


class Changes(Callback):
    """Chooses another backend in the middle of an epoch."""

    def __init__(self, name):
        super().__init__()
        self.name = name

    def on_train_batch_end(self, batch, logs=None):
        if batch == 4:
            backends.set_backend(self.name)


@pytest.mark.parametrize("make", MODELS.values())
def test_the_backend_may_change_in_the_middle_of_an_epoch(make, device):
    expected = fitted(make, "cpu", "cpu")
    assert fitted(make, "cpu", callbacks=[Changes(NAME)]) == fitted(make, "cpu")
    assert fitted(make, NAME, NAME, callbacks=[Changes("cpu")]) == expected


def test_generators_and_single_batches_go_through_buffers(device):
    def run():
        utils.set_random_seed(1)
        model, x, y = mlp()
        batches = [(x[i : i + 7], y[i : i + 7]) for i in range(0, 70, 7)]
        model.fit(batches, epochs=2, verbose=0)
        one = [model.train_on_batch(x, y), model.test_on_batch(x, y)]
        return (
            one,
            model.predict_on_batch(x).tobytes(),
            model.predict(iter([x, x]), verbose=0)[70:].tobytes(),
        )

    expected = on("cpu", run)
    assert on(NAME, run) == expected


def test_files_and_callbacks(device, tmp_path):
    def run(folder):
        callbacks = [
            EarlyStopping("loss", patience=1, min_delta=0.02, restore_best_weights=True),
            ModelCheckpoint(str(folder / "{epoch}.keras")),
        ]
        results = trained(cnn, epochs=3, callbacks=callbacks)
        model = load_model(folder / "2.keras")
        model.fit(IMAGES, CLASSES, batch_size=8, verbose=0)  # goes on with the state in the file
        return results, [weight.tobytes() for weight in model.get_weights()]

    (tmp_path / "cpu").mkdir()
    (tmp_path / "away").mkdir()
    expected = on("cpu", run, tmp_path / "cpu")
    assert on(NAME, run, tmp_path / "away") == expected
    # A file knows nothing of where the arrays were.
    backends.set_backend("cpu")
    weights = [load_model(tmp_path / name / "2.keras").get_weights() for name in ("cpu", "away")]
    assert all(map(np.array_equal, *weights))


def test_a_backup_holds_the_states_of_stateful_layers(device, tmp_path):
    class Breaks(Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise ZeroDivisionError

    def run(folder):
        utils.set_random_seed(1)
        backup = BackupAndRestore(str(folder), delete_checkpoint=False)
        model, x, y = stateful()
        with pytest.raises(ZeroDivisionError):
            model.fit(x, y, batch_size=7, epochs=2, verbose=0, callbacks=[backup, Breaks()])
        again, x, y = stateful()
        again.fit(x, y, batch_size=7, epochs=2, verbose=0, callbacks=[backup])
        return [weight.tobytes() for weight in again.get_weights()]

    expected = on("cpu", run, tmp_path / "cpu")
    assert on(NAME, run, tmp_path / "away") == expected


def test_a_loop_of_one_s_own(device):
    def run():
        utils.set_random_seed(1)
        dense, optimizer = layers.Dense(2, "tanh"), optimizers.Adam(0.1, amsgrad=True)
        found = []
        for _ in range(3):
            with GradientTape() as tape:
                tape.watch(x := Tensor(X))
                y = dense(x)
                loss = ops.sum(ops.concatenate([y[:, :1], ops.exp(y)], axis=-1)) + ops.mean(y[::2])
            of_x, *of_weights = tape.gradient(loss, [x, *dense.weights])
            optimizer.apply_gradients(zip(of_weights, dense.weights, strict=True))
            found += [loss.item(), of_x.numpy().tobytes()]
        return found, [weight.numpy().tobytes() for weight in dense.weights]

    expected = on("cpu", run)
    assert on(NAME, run) == expected


def broken(callbacks=(), batches=False):
    """What is said of a loss that becomes NaN in the middle of an epoch, and the weights then."""
    utils.set_random_seed(1)
    x, y = X.copy(), Y[:, None]
    x[40] = 1e30  # of which the square is infinite
    model = Sequential([Input((6,)), layers.Dense(1)])
    model.compile("sgd", "mse")
    given = ([(x[i : i + 7], y[i : i + 7]) for i in range(0, 70, 7)],) if batches else (x, y)
    before = [weight.tobytes() for weight in model.get_weights()]
    try:
        model.fit(*given, batch_size=7, epochs=2, shuffle=False, verbose=0, callbacks=callbacks)
        said = None
    except Divergence as error:
        said = str(error)
    return said, before == [weight.tobytes() for weight in model.get_weights()]


@pytest.mark.parametrize("batches", [False, True])
def test_a_loss_that_is_no_number_is_found_and_named_as_on_cpu(batches, device):
    expected = on("cpu", broken, batches=batches)
    assert "step 6" in expected[0] and expected[1]
    assert on(NAME, broken, batches=batches) == expected


def test_a_quiet_end_of_a_loss_that_is_no_number(device, capsys):
    expected = on("cpu", broken, [TerminateOnNaN()]), capsys.readouterr()
    assert (on(NAME, broken, [TerminateOnNaN()]), capsys.readouterr()) == expected
    assert expected[0] == (None, True)


def test_an_index_that_a_kernel_could_not_refuse_is_told_at_the_next_look(device):
    class Breaks(Callback):
        def on_train_batch_begin(self, batch, logs=None):
            device.wrong = (12, 9) if batch == 4 else None

    backends.set_backend(NAME)
    model, x, y = lstm()
    with pytest.raises(IndexError, match="The index 12 is not among 0 to 8"):
        model.fit(x, y, batch_size=7, verbose=0, callbacks=[Breaks()])


def test_a_kernel_that_the_backend_lacks_is_that_of_the_answer_key():
    with hidden(lacking=["dense_relu", "dense_relu_grad"]) as device:
        backends.set_backend(NAME)
        (history, *_), (expected, *_) = trained(mlp), on("cpu", trained, mlp)
        np.testing.assert_allclose(history["loss"], expected["loss"], rtol=1e-5)
        assert device.replays == 0  # NumPy runs in the middle of each step


@pytest.mark.parametrize("name", MODELS)
def test_data_that_do_not_fit_come_batch_by_batch(name, device, monkeypatch):
    expected = on("cpu", trained, MODELS[name])
    begin, begun = device.begin, []
    monkeypatch.setattr(device, "free", lambda: 0)
    monkeypatch.setattr(device, "begin", lambda *of: begun.append(of) or begin(*of))
    assert on(NAME, trained, MODELS[name]) == expected
    # Batches of x and y: 14 of the training, 4 of the validations, 3 of the evaluation; and 9 of x
    # to predict.
    assert len(begun) == 2 * (14 + 4 + 3) + 9
    assert device.replays == 18  # as with data that fit


def wide():
    """A model whose layers need far more memory than its data."""
    model = Sequential(
        [Input((6,)), layers.Dense(100, "relu"), layers.BatchNormalization(), layers.Dense(1)]
    )
    model.compile("adam", "mse")
    return model, np.tile(X, (10, 1)), np.tile(Y, 10)


def in_a_room_for(device, room, method, batch_size):
    """What a method says of a batch, if so much memory is left; and the weights before and after.

    A model of its own each time, as after another start of the program.
    """
    backends.set_backend(NAME)
    utils.set_random_seed(1)
    model, *data = wide()
    model.fit(*(a[:8] for a in data), batch_size=8, verbose=0)
    gc.collect()
    device.room, before = room, model.get_weights()
    try:
        getattr(model, method)(
            *data[: 1 if method == "predict" else 2], batch_size=batch_size, verbose=0
        )
    except MemoryError as error:
        said = str(error)
    else:
        said = None
    finally:
        device.room = float("inf")
    return said, before, model.get_weights()


@pytest.mark.parametrize(
    "method",
    ["fit", pytest.param("evaluate", marks=pytest.mark.slow), "predict"],
)
def test_a_batch_that_does_not_fit_is_told_with_the_size_that_does(method, device):
    room = 600_000
    said, before, after = in_a_room_for(device, room, method, 700)
    assert "A step with 700 rows does not fit" in said
    fits = int(re.search(r"batch_size=(\d+) fits", said)[1])
    # Nothing of the trials is left in the model.
    assert all(map(np.array_equal, before, after))
    assert in_a_room_for(device, room, method, fits)[0] is None
    assert fits > 100


def test_where_no_row_fits_that_is_told(device):
    assert "not even one row fits" in in_a_room_for(device, 34_000, "fit", 8)[0]
