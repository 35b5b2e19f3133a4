"""`.keras` files: what is in them, that they come back whole, and that writing is in one piece."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile

import h5py
import numpy as np
import pytest

from dlcore import losses, metrics, optimizers
from dlcore.engine import ops
from dlcore.files import disk
from dlcore.layers import BatchNormalization, Dense, Dropout, Input
from dlcore.models import Sequential, load_model, save_model
from dlcore.saving import register_keras_serializable
from dlcore.utils import set_random_seed

X = np.random.default_rng(0).normal(size=(24, 4)).astype(np.float32)
Y = np.abs(X[:, :2]) / 4


def make(optimizer="adam", loss="mse", **kwargs):
    layers = [Dense(5, "relu"), BatchNormalization(), Dropout(0.5), Dense(2)]
    model = Sequential([Input((4,)), *layers])
    if optimizer:
        model.compile(optimizer, loss, **kwargs)
    return model


@pytest.fixture
def saved(tmp_path):
    set_random_seed(0)
    model = make(metrics=["mae"])
    model.fit(X, Y, epochs=2, batch_size=8, verbose=0)
    path = tmp_path / "a.keras"
    model.save(path)
    return model, path


def test_the_members_are_those_of_keras(saved):
    model, path = saved
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["metadata.json", "config.json", "model.weights.h5"]
        metadata = json.loads(archive.read("metadata.json"))
        assert set(metadata) == {"keras_version", "date_saved"}
        assert metadata["keras_version"].startswith("3.")
        assert archive.read("config.json").decode() == model.to_json()
        with h5py.File(io.BytesIO(archive.read("model.weights.h5"))) as file:
            assert set(file) == {"vars", "layers", "optimizer"}
            assert set(file["layers"]) == {"dense", "batch_normalization", "dropout", "dense_1"}
    config = json.loads(model.to_json())
    assert [layer["class_name"] for layer in config["config"]["layers"]] == [
        "InputLayer", "Dense", "BatchNormalization", "Dropout", "Dense",
    ]  # fmt: skip
    assert (config["module"], config["class_name"]) == ("keras", "Sequential")
    assert config["config"]["build_input_shape"] == [None, 4]
    assert config["build_config"] == {"input_shape": [None, 4]}
    assert config["config"]["layers"][1]["build_config"] == {"input_shape": [None, 4]}
    compiled = config["compile_config"]
    assert compiled["optimizer"]["class_name"] == "Adam"
    assert (compiled["loss"], compiled["metrics"]) == ("mse", ["mae"])


def test_a_run_goes_on_bit_for_bit_after_loading(saved):
    model, path = saved
    other = load_model(path)
    assert int(other.optimizer.iterations) == 6
    ends = []
    for one in (model, other):
        set_random_seed(1)
        history = one.fit(X, Y, epochs=2, batch_size=8, verbose=0)
        ends.append(([v.value for v in one.variables], history.history))
    for a, b in zip(ends[0][0], ends[1][0], strict=True):
        np.testing.assert_array_equal(a, b)
    assert ends[0][1] == ends[1][1] and "mae" in ends[0][1]


def test_the_counters_of_random_numbers_are_in_the_file(saved):
    model, path = saved
    other = load_model(path)
    for a, b in zip(model.seed_generators, other.seed_generators, strict=True):
        assert (int(a.seed), int(a.stream)) == (int(b.seed), int(b.stream))
        assert int(a.step.data) == int(b.step.data) == 6


def test_without_compile_the_optimizer_is_left_out(saved):
    model, path = saved
    other = load_model(path, compile=False)
    assert getattr(other, "optimizer", None) is None
    np.testing.assert_array_equal(model(X).data, other(X).data)
    with pytest.raises(ValueError, match="compile"):
        other.evaluate(X, Y)


def test_a_model_that_was_not_compiled_comes_back_so(tmp_path):
    model = make(optimizer=None)
    save_model(model, tmp_path / "m.keras")
    assert getattr(load_model(tmp_path / "m.keras"), "optimizer", None) is None


@register_keras_serializable("tests")
def quartic(y_true, y_pred):
    return ops.mean((y_true - y_pred) ** 4, axis=-1)


@pytest.mark.parametrize(
    ("loss", "measured"),
    [
        (losses.Huber(0.3), [metrics.MeanAbsoluteError(name="off"), "mse"]),
        (losses.mean_absolute_error, []),
        (losses.MeanSquaredError(reduction="sum"), [metrics.MeanSquaredError()]),
        ("mae", None),
        (quartic, [quartic]),
    ],
)
def test_losses_and_metrics_come_back(loss, measured, tmp_path):
    model = make(loss=loss, metrics=measured)
    model.save(tmp_path / "m.keras")
    other = load_model(tmp_path / "m.keras")
    assert other.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)


def test_the_optimizer_comes_back_with_its_arguments(tmp_path):
    schedule = optimizers.schedules.ExponentialDecay(0.1, 3, 0.5, staircase=True)
    made = optimizers.SGD(schedule, momentum=0.9, nesterov=True, clipnorm=0.5, weight_decay=0.01)
    model = make(optimizer=made)
    model.fit(X, Y, batch_size=6, verbose=0)
    model.save(tmp_path / "m.keras")
    other = load_model(tmp_path / "m.keras").optimizer
    assert other.get_config() == made.get_config() and other is not made
    assert float(other.learning_rate) == float(made.learning_rate) == pytest.approx(0.05)


def test_frozen_layers_stay_frozen(tmp_path):
    model = make()
    model.layers[0].trainable = False
    model.save(tmp_path / "m.keras")
    other = load_model(tmp_path / "m.keras")
    assert [layer.trainable for layer in other.layers] == [False, True, True, True]
    assert len(other.trainable_weights) == len(model.trainable_weights) == 4
    model.trainable = False
    model.save(tmp_path / "m.keras")
    other = load_model(tmp_path / "m.keras")
    assert not other.trainable and not other.trainable_weights


def test_names_and_folders_that_do_not_do(saved, tmp_path):
    model, path = saved
    for name in ("m.h5", "m", "m.weights.h5"):
        with pytest.raises(ValueError, match=rf"ends in '.keras', but this is '{name}'"):
            model.save(tmp_path / name)
        with pytest.raises(ValueError, match="ends in '.keras'"):
            load_model(tmp_path / name)
    with pytest.raises(FileNotFoundError, match="There is no file"):
        load_model(tmp_path / "none.keras")
    with pytest.raises(FileExistsError, match="overwrite=True replaces it"):
        model.save(path, overwrite=False)
    with pytest.raises(FileNotFoundError):
        model.save(tmp_path / "no folder" / "a.keras")
    with pytest.raises(ValueError, match="has no weights to be saved"):
        Sequential([Dense(1)]).save(tmp_path / "b.keras")
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_crash_while_writing_leaves_the_old_file(saved, monkeypatch, step):
    model, path = saved
    whole = path.read_bytes()
    model.set_weights([w + 1 for w in model.get_weights()])

    def crash(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr(disk.os, step, crash)
    with pytest.raises(OSError, match="the disk is full"):
        model.save(path)
    assert path.read_bytes() == whole and list(path.parent.iterdir()) == [path]


def test_what_cannot_be_described_leaves_the_old_file(saved):
    model, path = saved
    whole = path.read_bytes()
    model.compile("adam", lambda y, p: (y - p).sum())
    with pytest.raises(TypeError, match="A lambda has no name"):
        model.save(path)
    assert path.read_bytes() == whole


def test_h5py_and_zipfile_are_loaded_by_the_first_file_only():
    code = (
        "import sys, dlcore.models, dlcore.saving, dlcore.utils, dlcore.layers\n"
        "print(sorted({'h5py', 'zipfile'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
