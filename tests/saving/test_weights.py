"""Weights on disk: Keras's layout, both ways, in one piece, and refused where they do not fit."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec

import h5py
import numpy as np
import pytest

from dlcore import optimizers
from dlcore.files import disk
from dlcore.layers import Activation, Dense, Dropout, Flatten, Input, Layer
from dlcore.models import Model, Sequential
from dlcore.utils import set_random_seed

X = np.random.default_rng(0).normal(size=(20, 2, 3)).astype(np.float32)
Y = np.abs(X[:, 0])


def make(optimizer="adam", units=4, name="out"):
    layers = [Flatten(), Dense(units, "relu", name="hidden"), Dropout(0.5), Dense(3, name=name)]
    model = Sequential([Input((2, 3)), *layers, Activation("softmax")])
    if optimizer:
        model.compile(optimizer, "mse")
    return model


@pytest.fixture
def saved(tmp_path):
    set_random_seed(0)
    model = make()
    model.fit(X, Y, epochs=2, batch_size=5, verbose=0)
    path = tmp_path / "a.weights.h5"
    model.save_weights(path)
    return model, path


def test_the_layout_is_the_documented_one(saved):
    model, path = saved
    with h5py.File(path) as file:
        assert set(file) == {"vars", "layers", "optimizer"}
        assert len(file["vars"]) == 0 and file["vars"].attrs["name"] == model.name
        layers = file["layers"]
        assert set(layers) == {"flatten", "dense", "dropout", "dense_1", "activation"}
        for name in ("flatten", "dropout", "activation"):
            assert set(layers[name]) == {"vars"} and len(layers[name]["vars"]) == 0
        assert layers["dense/vars"].attrs["name"] == "hidden"
        assert layers["dense_1/vars"].attrs["name"] == "out"
        stored = [layers[f"{place}/vars/{i}"] for place in ("dense", "dense_1") for i in (0, 1)]
        for data, weight in zip(stored, model.get_weights(), strict=True):
            assert data.dtype == np.float32
            np.testing.assert_array_equal(data[()], weight)
        state = file["optimizer/vars"]
        assert set(state) == {str(i) for i in range(10)}
        assert state.attrs["name"] == model.optimizer.name
        assert state["0"][()] == 8 and state["0"].dtype == np.int32
        np.testing.assert_allclose(state["1"][()], 0.001)
        shapes = [state[str(i)].shape for i in range(2, 10)]
        assert shapes == [(6, 4), (6, 4), (4,), (4,), (4, 3), (4, 3), (3,), (3,)]
        # The second running mean of Adam is that of a square.
        assert all((state[str(i)][()] >= 0).all() for i in (3, 5, 7, 9))
        rows = layers["dropout/vars"].attrs["dlcore_random"]
        assert rows.shape == (1, 3) and rows[0, 2] == 8


def test_a_run_goes_on_bit_for_bit(saved):
    _, path = saved
    ends = []
    for resumed in (False, True):
        set_random_seed(1)
        model = make()
        if resumed:
            model.load_weights(path)
        else:
            model = saved[0]
        model.fit(X, Y, epochs=2, batch_size=5, verbose=0, shuffle=False)
        ends.append([v.value for v in model.variables])
    for a, b in zip(*ends, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_model_without_an_optimizer_reads_and_writes_weights_only(saved, tmp_path):
    trained, path = saved
    model = make(optimizer=None)
    model.load_weights(path)
    np.testing.assert_array_equal(model(X).data, trained(X).data)
    model.save_weights(tmp_path / "b.weights.h5")
    with h5py.File(tmp_path / "b.weights.h5") as file:
        assert "optimizer" not in file
    trained.load_weights(tmp_path / "b.weights.h5")
    assert int(trained.optimizer.iterations) == 8


def test_another_optimizer_starts_afresh_and_says_so(saved):
    model = make("sgd")
    with pytest.warns(UserWarning, match="'sgd.*' starts afresh: .* another one, 'adam.*'"):
        model.load_weights(saved[1])
    assert int(model.optimizer.iterations) == 0
    np.testing.assert_array_equal(model(X).data, saved[0](X).data)


class TwoRoads(Model):
    def __init__(self):
        super().__init__()
        self.right, self.left = Dense(2), Dense(3)
        self.rest = [Dense(3), Dropout(0.1), Dense(1)]

    def call(self, x):
        for layer in self.rest:
            x = layer(self.left(x)) if layer is self.rest[0] else layer(x)
        return x + self.right(x)


def test_a_model_of_another_kind(tmp_path):
    a, b = TwoRoads(), TwoRoads()
    x = X[:, 0]
    assert (a(x).data != b(x).data).any()
    a.save_weights(tmp_path / "m.weights.h5")
    with h5py.File(tmp_path / "m.weights.h5") as file:
        assert set(file) == {"vars", "left", "right", "rest"}
        assert set(file["rest"]) == {"dense", "dropout", "dense_1"}
    b.load_weights(tmp_path / "m.weights.h5")
    np.testing.assert_array_equal(a(x).data, b(x).data)


def test_weights_of_the_layer_and_of_the_layers_inside(tmp_path):
    class Block(Layer):
        def build(self, shape):
            self.shift = self.add_weight((), "zeros", trainable=False, name="shift")
            self.factor = self.add_weight((), "ones", name="factor")
            self.inner = Dense(2)

        def call(self, x):
            return self.inner(x) * self.factor + self.shift

    model = Sequential([Block()])
    model(X[:, 0])
    model.layers[0].shift.assign(5.0)
    model.save_weights(tmp_path / "m.weights.h5")
    with h5py.File(tmp_path / "m.weights.h5") as file:
        block = file["layers/block"]
        assert [block[f"vars/{i}"][()] for i in (0, 1)] == [1, 5]
        assert set(block["inner/vars"]) == {"0", "1"}
    assert [w.name for w in model.weights] == ["factor", "shift", "kernel", "bias"]


def unchanged(model, path, match, error=ValueError):
    before = [v.value for v in model.variables]
    with pytest.raises(error, match=match) as caught:
        model.load_weights(path)
    assert str(caught.value).count(". ") == 0, "one sentence"
    for a, b in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(a.data, b)


def test_other_shapes_are_refused_with_both(saved):
    match = r"the kernel of the layer 'hidden' has shape \(6, 5\), that of the file \(6, 4\)"
    unchanged(make(units=5), saved[1], match)


def test_more_and_fewer_layers_are_refused(saved, tmp_path):
    model, path = saved
    short = Sequential([Input((2, 3)), Flatten(), Dense(4)])
    unchanged(short, path, r"weights at 'layers/dense_1/vars', where the model has no layer")
    short.save_weights(tmp_path / "short.weights.h5")
    match = r"'out' has 2 weights, the file has nothing at 'layers/dense_1/vars'"
    unchanged(model, tmp_path / "short.weights.h5", match)


def test_what_fits_is_taken_if_it_is_asked_for(saved, tmp_path, recwarn):
    source, path = saved
    model = make()
    model.load_weights(path, skip_mismatch=True)
    assert not recwarn.list and int(model.optimizer.iterations) == 8
    wider = Sequential([Input((2, 3)), Flatten(), Dense(4, name="hidden"), Dense(7), Dense(2)])
    wider.compile("adam", "mse")
    before = wider.get_weights()
    match = r"'a.weights.h5' fits .* in part.*kernel of the layer 'dense.*\(4, 7\).* \(4, 3\); .*2"
    with pytest.warns(UserWarning, match=match) as caught:
        wider.load_weights(path, skip_mismatch=True)
    assert caught[0].filename == __file__ and int(wider.optimizer.iterations) == 0
    for i, weight in enumerate(wider.get_weights()):
        np.testing.assert_array_equal(weight, (source.get_weights() if i < 2 else before)[i])
    # A bias that would fit stays with its kernel, and what the file has more is named.
    bias = Sequential([Input((9,)), Dense(4, name="hidden")])
    bias.layers[0].bias.assign(np.full(4, 5.0))
    with pytest.warns(UserWarning, match="'layers/dense_1/vars', where the model has no layer"):
        bias.load_weights(path, skip_mismatch=True)
    np.testing.assert_array_equal(bias.get_weights()[1], np.full(4, 5.0))
    # What is damaged is no misfit.
    with h5py.File(path, "a") as file:
        del file["layers/dense/vars/0"]
        file["layers/dense/vars/0"] = h5py.SoftLink("/layers/dense_1/vars/0")
    with pytest.raises(ValueError, match="no array of its own"):
        make().load_weights(path, skip_mismatch=True)


def test_a_damaged_file_is_refused(saved):
    model, path = saved
    whole = path.read_bytes()
    for content in (b"", b"no file of weights", whole[: len(whole) // 2], whole[:-100]):
        path.write_bytes(content)
        unchanged(make(), path, r"'a.weights.h5' is damaged or is no weights file")


def test_flipped_bytes_change_the_values_or_are_refused_but_never_half(saved):
    model, path = saved
    whole = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(40):
        content = bytearray(whole)
        for place in rng.integers(0, len(whole), 40):
            content[place] ^= 0xFF
        path.write_bytes(content)
        other = make()
        before = [v.value for v in other.variables]
        try:
            other.load_weights(path)
        except ValueError:
            refused += 1
            for a, b in zip(other.variables, before, strict=True):
                np.testing.assert_array_equal(a.data, b)
    assert refused > 10


@pytest.mark.parametrize("kind", ["external", "soft", "text", "dataset"])
def test_what_points_elsewhere_or_is_no_array_is_refused(saved, kind, tmp_path):
    model, path = saved
    with h5py.File(path, "a") as file:
        group = file["layers/dense/vars"]
        del group["0"]
        if kind == "external":
            group["0"] = h5py.ExternalLink("other.h5", "/x")
        elif kind == "soft":
            group["0"] = h5py.SoftLink("/layers/dense_1/vars/0")
        elif kind == "text":
            group["0"] = "text"
        else:
            group.create_group("0")
    unchanged(model, path, r"does not fit the model .*dense/vars/0 (is no array|does not hold)")


def test_names_folders_and_models_that_do_not_do(saved, tmp_path):
    model, path = saved
    with pytest.raises(ValueError, match=r"ends in '.weights.h5', but this is 'a.keras'"):
        model.save_weights(tmp_path / "a.keras")
    with pytest.raises(FileNotFoundError, match="There is no file"):
        model.load_weights(tmp_path / "none.weights.h5")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        model.save_weights(path, overwrite=False)
    with pytest.raises(ValueError, match="has no weights to be loaded"):
        Sequential([Dense(1)]).load_weights(path)
    for empty in (Sequential(), Sequential([Input((4,))])):
        with pytest.raises(ValueError, match="has no layers, and so no weights to be saved; add"):
            empty.save_weights(tmp_path / "b.weights.h5")
    roads = TwoRoads()
    roads(X[:, 0])
    roads.save_weights(tmp_path / "roads.weights.h5")
    forgetful = TwoRoads()
    forgetful.built = True
    with pytest.raises(ValueError, match="call it on data first, since it is not built yet"):
        forgetful.load_weights(tmp_path / "roads.weights.h5")
    with pytest.raises(FileNotFoundError):
        model.save_weights(tmp_path / "no folder" / "a.weights.h5")


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_crash_while_writing_leaves_the_old_file(saved, monkeypatch, step):
    model, path = saved
    whole = path.read_bytes()
    model.set_weights([w + 1 for w in model.get_weights()])

    def crash(*_):
        raise OSError("the disk is full")

    monkeypatch.setattr(disk.os, step, crash)
    with pytest.raises(OSError, match="the disk is full"):
        model.save_weights(path)
    assert path.read_bytes() == whole and list(path.parent.iterdir()) == [path]
    monkeypatch.undo()
    model.save_weights(path)
    assert path.read_bytes() != whole and list(path.parent.iterdir()) == [path]


def test_h5py_is_loaded_by_the_first_file_only():
    code = (
        "import sys, dlcore.models, dlcore.callbacks, dlcore.saving; print('h5py' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


PROGRAM = """
import numpy as np, keras
from keras import layers
model = keras.Sequential([layers.Input((2, 3)), layers.Flatten(), layers.Dense(4, "relu"),
    layers.Dropout(0.5), layers.Dense(3), layers.Activation("softmax")])
model.compile("adam", "mse")
model.optimizer.build(model.trainable_variables)
x = np.load("x.npy")
model.load_weights("ours.weights.h5")
np.save("read.npy", model.predict(x, verbose=0))
assert int(model.optimizer.iterations) == 8
model.fit(x, np.abs(x[:, 0]), verbose=0)
model.save_weights("theirs.weights.h5")
np.save("theirs.npy", model.predict(x, verbose=0))
"""


@pytest.mark.slow
@pytest.mark.skipif(
    not (os.environ.get("DLCORE_KERAS_PYTHON") or find_spec("keras")),
    reason="Keras is not installed; DLCORE_KERAS_PYTHON can name a Python that has it",
)
def test_keras_reads_ours_and_we_read_theirs(saved, tmp_path):
    model, path = saved
    path.rename(tmp_path / "ours.weights.h5")
    np.save(tmp_path / "x.npy", X)
    python = os.environ.get("DLCORE_KERAS_PYTHON", sys.executable)
    run = subprocess.run([python, "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    expected = model.predict(X, verbose=0)
    np.testing.assert_allclose(np.load(tmp_path / "read.npy"), expected, rtol=1e-5)
    other = make()
    other.load_weights(tmp_path / "theirs.weights.h5")
    found = other.predict(X, verbose=0)
    np.testing.assert_allclose(found, np.load(tmp_path / "theirs.npy"), rtol=1e-5)
    assert int(other.optimizer.iterations) == 9


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_a_plain_optimizer_with_a_schedule_goes_on_where_it_was(tmp_path, momentum):
    """Its state is the number of its steps alone, without a rate or, here, a momentum."""

    def model():
        made = Sequential([Input((3,)), Dense(1)])
        schedule = optimizers.schedules.ExponentialDecay(0.1, 1, 0.5)
        made.compile(optimizers.SGD(schedule, momentum=momentum), "mse")
        return made

    x, y = np.ones((4, 3), "float32"), np.zeros((4, 1), "float32")
    first, second = model(), model()
    first.fit(x, y, epochs=3, verbose=0)
    first.save_weights(tmp_path / "m.weights.h5")
    second.load_weights(tmp_path / "m.weights.h5")
    assert int(second.optimizer.iterations) == 3
    for one in (first, second):
        one.fit(x, y, epochs=2, verbose=0)
    for a, b in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
