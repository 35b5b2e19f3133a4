"""TensorBoard: what stands in the event files, read back record by record."""

import importlib.util
import struct
import sys

import numpy as np
import pytest

from dlcore import Sequential, layers
from dlcore.callbacks import LearningRateScheduler, TensorBoard
from dlcore.metrics import F1Score

HERE = importlib.util.find_spec("tensorboardX") is not None
needed = pytest.mark.skipif(not HERE, reason="tensorboardX is not installed")
X = np.random.default_rng(0).normal(size=(20, 3)).astype(np.float32)
Y = (X[:, :1] > 0).astype(np.float32)


def events(folder):
    """The events of all files of a folder, in the order in which TensorBoard reads them.

    A record is its length, a checksum, the event, and a checksum again.
    """
    from tensorboardX.proto.event_pb2 import Event

    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        while content:
            (length,) = struct.unpack("<Q", content[:8])
            yield Event.FromString(content[12 : 12 + length])
            content = content[16 + length :]


def numbers(folder):
    """The curves: a name -> its pairs of a step and a number."""
    found: dict[str, list[tuple[int, float]]] = {}
    for event in events(folder):
        for value in event.summary.value:
            if not value.HasField("histo"):
                found.setdefault(value.tag, []).append((event.step, value.simple_value))
    return found


def fit(callback, metrics=("mae",), **more):
    model = Sequential([layers.Input((3,)), layers.Dense(1, "sigmoid", name="only")])
    model.compile("sgd", "mse", metrics=list(metrics))
    callbacks = [*more.pop("before", []), callback]
    more = {"epochs": 3, "batch_size": 4, "verbose": 0, **more}
    return model, model.fit(X, Y, callbacks=callbacks, **more).history


@needed
def test_each_epoch_is_a_point_of_the_curves(tmp_path):
    model, history = fit(TensorBoard(tmp_path), validation_split=0.2)
    train, held = numbers(tmp_path / "train"), numbers(tmp_path / "validation")
    assert set(train) == {"epoch_loss", "epoch_mae", "epoch_learning_rate"}
    assert set(held) == {
        "epoch_loss", "epoch_mae",
        "evaluation_loss_vs_iterations", "evaluation_mae_vs_iterations",
    }  # fmt: skip
    for name in ("loss", "mae"):
        assert [step for step, _ in train[f"epoch_{name}"]] == [0, 1, 2]
        for curve, key in ((train, name), (held, f"val_{name}")):
            found = [value for _, value in curve[f"epoch_{name}"]]
            np.testing.assert_allclose(found, history[key], rtol=1e-6)
    # 16 rows are four steps an epoch.
    assert [step for step, _ in held["evaluation_loss_vs_iterations"]] == [4, 8, 12]
    first = next(events(tmp_path / "train"))
    assert first.file_version == "brain.Event:2"


@needed
def test_the_rate_is_that_of_the_epoch(tmp_path):
    rates = LearningRateScheduler(lambda epoch: 0.1 / (1 + epoch))
    fit(TensorBoard(tmp_path), before=[rates])
    written = [value for _, value in numbers(tmp_path / "train")["epoch_learning_rate"]]
    np.testing.assert_allclose(written, [0.1, 0.05, 0.1 / 3], rtol=1e-6)


@needed
@pytest.mark.parametrize(
    ("frequency", "steps"), [("batch", [*range(1, 16)]), (4, [4, 8, 12]), (100, [])]
)
def test_batches_are_written_as_often_as_asked(tmp_path, frequency, steps):
    said = {"update_freq": frequency, "write_steps_per_second": True}
    _, history = fit(TensorBoard(tmp_path, **said))
    train = numbers(tmp_path / "train")
    assert [step for step, _ in train.get("batch_loss", [])] == steps
    assert ("batch_steps_per_second" in train) == bool(steps)
    assert all(value > 0 for _, value in train["epoch_steps_per_second"])
    if frequency == "batch":  # the mean of an epoch is that after its last batch
        ends = [value for step, value in train["batch_loss"] if step % 5 == 0]
        np.testing.assert_allclose(ends, history["loss"], rtol=1e-6)


@needed
def test_weights_as_histograms(tmp_path):
    model, _ = fit(TensorBoard(tmp_path, histogram_freq=2))
    found = [
        (value.tag, event.step, value.histo)
        for event in events(tmp_path / "train")
        for value in event.summary.value
        if value.HasField("histo")
    ]
    assert [(tag.rsplit("/", 2)[-2:], step) for tag, step, _ in found] == [
        (["kernel", "histogram"], 0), (["bias", "histogram"], 0),
        (["kernel", "histogram"], 2), (["bias", "histogram"], 2),
    ]  # fmt: skip
    kernel = np.asarray(model.layers[0].kernel)
    assert found[2][2].num == 3
    np.testing.assert_allclose(
        [found[2][2].min, found[2][2].max, found[2][2].sum],
        [kernel.min(), kernel.max(), kernel.sum()],
        rtol=1e-5,
    )


@needed
def test_a_number_for_each_class(tmp_path):
    model = Sequential([layers.Input((3,)), layers.Dense(2, "softmax")])
    model.compile("sgd", "categorical_crossentropy", metrics=[F1Score()])
    model.fit(X, np.hstack([Y, 1 - Y]), verbose=0, callbacks=TensorBoard(tmp_path))
    assert {"epoch_f1_score_0", "epoch_f1_score_1"} <= set(numbers(tmp_path / "train"))


@needed
def test_runs_after_one_another_lose_nothing(tmp_path):
    callback = TensorBoard(tmp_path)
    model, _ = fit(callback, epochs=1)
    model.fit(X, Y, epochs=2, initial_epoch=1, verbose=0, callbacks=[callback])
    model.evaluate(X, Y, verbose=0, callbacks=[callback])
    model.evaluate(X, Y, verbose=0, callbacks=[callback])
    assert [step for step, _ in numbers(tmp_path / "train")["epoch_loss"]] == [0, 1]
    held = numbers(tmp_path / "validation")["evaluation_loss_vs_iterations"]
    assert [step for step, _ in held] == [6, 6]  # 5 steps of 4 rows, and one of 20


@needed
def test_what_came_before_a_failure_is_written(tmp_path):
    class Fails(LearningRateScheduler):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == 1:
                raise ZeroDivisionError

    callback = TensorBoard(tmp_path)
    with pytest.raises(ZeroDivisionError):
        fit(callback, before=[Fails(lambda epoch: 0.1)])
    assert [step for step, _ in numbers(tmp_path / "train")["epoch_loss"]] == [0]
    assert callback._writers == {}


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"update_freq": 0}, "number of batches from 1 up, not 0"),
        ({"update_freq": "step"}, "'epoch', 'batch' or a number"),
        ({"write_images": True}, "no write_images=True: weights are not drawn"),
        ({"embeddings_freq": 1}, "no embeddings_freq=1"),
        ({"profile_batch": (2, 5)}, r"no profile_batch=\(2, 5\)"),
    ],
)
def test_what_is_not_written_is_refused(said, words):
    with pytest.raises(ValueError, match=words):
        TensorBoard(**said)


def test_without_the_library_a_line_says_how_to_install_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "tensorboardX", None)
    with pytest.raises(
        ModuleNotFoundError, match="TensorBoard needs tensorboardX, .* -m pip install tensorboardX"
    ):
        TensorBoard()
