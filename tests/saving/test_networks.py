"""Models of many kinds go through files: graphs, nested, shared, subclassed, cloned."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

import dlcore
from dlcore import layers
from dlcore.layers import Dense, Dropout, Input, Layer
from dlcore.models import Model, Sequential, clone_model, load_model, model_from_json
from dlcore.saving import register_keras_serializable
from tests.saving.every_layer import shake
from tests.saving.networks import NETWORKS, inputs_of, outputs_of

X = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)


def same(a, b, x):
    for p, q in zip(outputs_of(a, x), outputs_of(b, x), strict=True):
        np.testing.assert_array_equal(p, q)


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: n.__name__)
def test_a_network_comes_out_of_a_file_as_it_was(network, tmp_path):
    model = network(dlcore)
    shake(model)
    model.save(tmp_path / "m.keras")
    other = load_model(tmp_path / "m.keras")
    assert json.loads(other.to_json()) == json.loads(model.to_json())
    assert [layer.name for layer in other.layers] == [layer.name for layer in model.layers]
    same(model, other, inputs_of(model))
    model.save_weights(tmp_path / "m.weights.h5")
    shake(other, 1)
    other.load_weights(tmp_path / "m.weights.h5")
    same(model, other, inputs_of(model))


@pytest.mark.parametrize("network", NETWORKS, ids=lambda n: n.__name__)
def test_a_clone_has_the_layers_and_not_the_weights(network):
    model = network(dlcore)
    other = clone_model(model)
    assert json.loads(other.to_json()) == json.loads(model.to_json())
    assert not {id(w) for w in model.weights} & {id(w) for w in other.weights}
    other.set_weights(model.get_weights())
    same(model, other, inputs_of(model))


def test_shared_layers_are_shared_again(tmp_path):
    a = Input((4,))
    d = Dense(4)
    model = Model(a, d(d(a)))
    model.save(tmp_path / "m.keras")
    other = load_model(tmp_path / "m.keras")
    assert len(other.weights) == 2
    entry = json.loads(model.to_json())["config"]["layers"][1]
    history = [n["args"][0]["config"]["keras_history"] for n in entry["inbound_nodes"]]
    assert history == [[a.name, 0, 0], [d.name, 0, 0]]


def test_a_part_of_a_larger_model_starts_with_an_input_of_its_own(tmp_path):
    a = Input((4,))
    h = Dense(3)(a)
    y = Dense(2)(h)
    Model(a, y)
    part = Model(h, y)
    part.save(tmp_path / "m.keras")
    other = load_model(tmp_path / "m.keras")
    same(part, other, X[:, :3])


def test_calls_outside_the_model_do_not_count(tmp_path):
    d = Dense(4)
    d(Input((4,)))
    a = Input((4,))
    model = Model(a, d(a))
    model.save(tmp_path / "m.keras")
    same(model, load_model(tmp_path / "m.keras"), X)


def test_paths_in_the_weights_file_are_those_of_keras(tmp_path):
    a = Input((4, 3))
    h = layers.Bidirectional(layers.LSTM(2), name="x")(a)
    inner = Model(b := Input((4,)), Dense(3)(b))
    model = Model(a, Sequential([Dense(2), Dropout(0.1)])(inner(h) + 1.0))
    model.save_weights(tmp_path / "m.weights.h5")
    found = set()
    with h5py.File(tmp_path / "m.weights.h5") as file:
        file.visititems(
            lambda path, item: found.add(path) if isinstance(item, h5py.Dataset) else None
        )
        assert {"input_layer", "bidirectional", "functional", "sequential"} == set(file["layers"])
    assert {path.rpartition("/vars/")[0] for path in found} == {
        "layers/bidirectional/backward_layer/cell",
        "layers/bidirectional/forward_layer/cell",
        "layers/functional/layers/dense",
        "layers/sequential/layers/dense",
    }


def test_a_layer_of_two_names_is_in_the_file_under_the_first(tmp_path):
    class Two(Model):
        def __init__(self):
            super().__init__()
            self._a = self.zeta = self.beta = Dense(2)

        def call(self, x):
            return self.beta(x)

    model = Two()
    model(X)
    model.save_weights(tmp_path / "m.weights.h5")
    with h5py.File(tmp_path / "m.weights.h5") as file:
        assert set(file) == {"vars", "beta"}


def test_operations_without_a_form_in_files_are_named(tmp_path):
    a = Input((4,))
    model = Model(a, dlcore.ops.argmax(a, axis=-1))
    with pytest.raises(TypeError, match=r"cannot describe the operation 'argmax' .* within a lay"):
        model.save(tmp_path / "m.keras")


@register_keras_serializable("tests")
class Roads(Model):
    def __init__(self, width=3, **kwargs):
        super().__init__(**kwargs)
        self.width = width
        self.left, self.right = Dense(width), Dense(width)
        self.rest = [Dropout(0.2), Dense(1)]

    def call(self, x):
        x = self.left(x) * self.right(x)
        for layer in self.rest:
            x = layer(x)
        return x


def test_a_model_of_ones_own_is_built_from_its_arguments(tmp_path):
    model = Roads(5, name="r")
    model.compile("adam", "mse")
    model.fit(X, X[:, :1], verbose=0)
    model.save(tmp_path / "m.keras")
    other = load_model(tmp_path / "m.keras")
    assert type(other) is Roads and (other.width, other.name) == (5, "r")
    same(model, other, X)
    for one in (model, other):
        one.train_on_batch(X, X[:, :1])
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_model_of_ones_own_within_a_graph(tmp_path):
    a = Input((4,))
    model = Model(a, Roads(2)(a))
    model.save(tmp_path / "m.keras")
    same(model, load_model(tmp_path / "m.keras"), X)


class Scale(Layer):
    def __init__(self, factor=1.0, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def build(self, input_shape):
        self.shift = self.add_weight((input_shape[-1],), "ones")

    def call(self, x):
        return x * self.factor + self.shift


def test_a_layer_that_is_not_registered_needs_custom_objects(tmp_path):
    model = Sequential([Input((4,)), Scale(3.0, name="s")])
    model.save(tmp_path / "m.keras")
    match = r"'m.keras' cannot be loaded: There is no class 'Scale' of .*decorate it with @register"
    with pytest.raises(ValueError, match=match):
        load_model(tmp_path / "m.keras")
    other = load_model(tmp_path / "m.keras", custom_objects={"Scale": Scale})
    assert other.get_layer("s").factor == 3
    same(model, other, X)
    with dlcore.saving.custom_object_scope({"Scale": Scale}):
        same(model, load_model(tmp_path / "m.keras"), X)
    same(model.layers[0], clone_model(model).layers[0], X)


def test_json_has_the_layers_and_how_they_are_trained():
    model = Sequential([Input((4,)), Dense(3, "relu"), Dense(1)])
    model.compile("sgd", "mae")
    text = model.to_json(indent=2)
    assert text.count("\n") > 20
    other = model_from_json(text)
    assert json.loads(other.to_json()) == json.loads(text)
    assert other.optimizer.get_config() == model.optimizer.get_config()
    assert not np.array_equal(other.get_weights()[0], model.get_weights()[0])
    again = Sequential.from_config(model.get_config())
    assert [layer.name for layer in again.layers] == [layer.name for layer in model.layers]
    with pytest.raises(ValueError):
        model_from_json("no json")


def test_what_keras_chose_for_its_compiler_is_left_to_dlcore():
    model = Sequential([Input((4,)), Dense(1)])
    model.compile("sgd", "mae")
    model.compile_from_config(model.get_compile_config() | {"jit_compile": True})
    assert model.get_compile_config()["jit_compile"] == "auto"


def test_a_model_without_an_input_has_a_description_too():
    model = Sequential([Dense(3), Dense(1)])
    other = model_from_json(model.to_json())
    assert not other.built and [layer.units for layer in other.layers] == [3, 1]
    assert "build_input_shape" not in model.get_config()
