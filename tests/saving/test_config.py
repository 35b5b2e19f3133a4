"""Objects as plain data and back: arguments, functions, arrays, registered classes, refusals."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore import initializers, layers, losses, metrics, optimizers, regularizers
from dlcore.saving import (
    custom_object_scope,
    deserialize_keras_object,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
    serialize_keras_object,
)
from dlcore.tensor import Tensor


def through_json(obj):
    return deserialize_keras_object(json.loads(json.dumps(serialize_keras_object(obj))))


def test_a_layer_is_described_as_keras_does_it():
    described = serialize_keras_object(layers.Dense(4, "relu", kernel_initializer="he_normal"))
    assert {key: described[key] for key in ("module", "class_name", "registered_name")} == {
        "module": "keras.layers",
        "class_name": "Dense",
        "registered_name": None,
    }
    config = described["config"]
    assert config["units"] == 4 and config["activation"] == "relu" and config["use_bias"] is True
    assert config["kernel_initializer"] == {
        "module": "keras.initializers",
        "class_name": "HeNormal",
        "config": {"seed": None},
        "registered_name": None,
    }
    assert "input_shape" not in config and "build_config" not in described


@pytest.mark.parametrize(
    ("room", "module"),
    [
        (initializers, "keras.initializers"),
        (losses, "keras.losses"),
        (metrics, "keras.metrics"),
        (optimizers, "keras.optimizers"),
        (optimizers.schedules, "keras.optimizers.schedules"),
        (regularizers, "keras.regularizers"),
    ],
)
def test_every_class_of_a_room_comes_back(room, module):
    arguments = {
        "ExponentialDecay": (0.1, 3, 0.5),
        "CosineDecay": (0.1, 3),
        "InverseTimeDecay": (0.1, 3, 0.5),
        "PiecewiseConstantDecay": ([1, 2], [0.1, 0.2, 0.3]),
        "PolynomialDecay": (0.1, 3),
        "MeanMetricWrapper": (losses.mean_squared_error, "name", None),
        "LossFunctionWrapper": (losses.mean_squared_error,),
        "MeanIoU": (3,),
        "VarianceScaling": (2.0, "fan_out", "uniform", 3),
        "OrthogonalRegularizer": (0.1, "columns"),
    }
    bases = {"Initializer", "Loss", "Metric", "Optimizer", "Regularizer", "LearningRateSchedule"}
    names = getattr(room, "__all__", [name for name in vars(room) if name[0].isupper()])
    kinds = [getattr(room, name) for name in names if name not in bases]
    kinds = [kind for kind in kinds if isinstance(kind, type) and hasattr(kind, "get_config")]
    assert len(kinds) >= 3
    for kind in kinds:
        made = kind(*arguments.get(kind.__name__, ()))
        described = serialize_keras_object(made)
        assert described["module"] == module
        other = through_json(made)
        assert type(other) is kind and serialize_keras_object(other) == described


def test_every_get_takes_a_description():
    for get, obj in [
        (initializers.get, initializers.HeNormal(3)),
        (regularizers.get, regularizers.L2(0.3)),
        (losses.get, losses.MeanSquaredError(reduction="sum")),
        (metrics.get, metrics.Precision(0.3)),
        (optimizers.get, optimizers.Adam(0.3)),
    ]:
        described = serialize_keras_object(obj)
        assert type(get(described)) is type(obj)
        assert serialize_keras_object(get(described)) == described


PLAIN = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()


@given(st.recursive(PLAIN, lambda x: st.lists(x) | st.dictionaries(st.text(), x)))
def test_plain_data_stay_what_they_are(value):
    assert through_json(value) == value


@pytest.mark.parametrize("dtype", ["float32", "float64", "int64", "bool"])
def test_arrays_and_tensors(dtype):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    for value in (array, Tensor(array)):
        back = through_json(value)
        assert type(back) is type(value) and str(back.dtype) == dtype
        np.testing.assert_array_equal(getattr(back, "data", back), array)
    assert serialize_keras_object(np.float32(0.5)) == 0.5
    assert type(serialize_keras_object(np.int64(3))) is int
    assert serialize_keras_object(np.array(2.5)) == 2.5


def test_tuples_slices_and_numbers_that_are_none():
    assert serialize_keras_object((1, (2, None))) == (1, (2, None))
    assert through_json((1, 2)) == [1, 2]
    assert through_json(slice(1, None, -2)) == slice(1, None, -2)
    assert through_json(Ellipsis) is Ellipsis
    assert math.isnan(through_json(float("nan"))) and through_json(math.inf) == math.inf


def test_functions_go_by_name():
    described = serialize_keras_object(losses.mean_squared_error)
    assert described["class_name"] == "function" and described["config"] == "mean_squared_error"
    assert through_json(losses.mean_squared_error) is losses.mean_squared_error


@register_keras_serializable("tests", name="twice")
def doubled(x):
    return x * 2


def nameless(x):
    return x


def test_registered_functions_come_back_and_others_are_asked_for():
    assert get_registered_name(doubled) == "tests>twice"
    assert get_registered_object("tests>twice") is doubled
    layer = through_json(layers.Activation(doubled))
    assert layer.activation is doubled
    layer = serialize_keras_object(layers.Activation(nameless))
    with pytest.raises(ValueError, match=r"no function 'nameless' here: decorate your own with"):
        deserialize_keras_object(layer)
    assert deserialize_keras_object(layer, {"nameless": nameless}).activation is nameless
    with custom_object_scope({"nameless": nameless}):
        assert deserialize_keras_object(layer).activation is nameless
    with pytest.raises(ValueError, match="no function 'nameless'"):
        deserialize_keras_object(layer)


def test_a_lambda_is_neither_written_nor_read():
    with pytest.raises(TypeError, match=r"A lambda has no name, .* write a function with def"):
        serialize_keras_object(layers.Activation(lambda x: x))
    for described in (
        {"class_name": "__lambda__", "config": {"value": ["4wEAAAAA", None, None]}},
        {"module": "keras.layers", "class_name": "Lambda", "config": {"function": {}}},
    ):
        with pytest.raises(ValueError, match="code, which dlcore never executes"):
            deserialize_keras_object(described)


class Scale(layers.Layer):
    def __init__(self, factor=1.0, inner=None, **kwargs):
        super().__init__(**kwargs)
        self.factor, self.inner = factor, inner

    def call(self, x):
        return x * self.factor


def test_a_class_of_ones_own_needs_no_get_config():
    scale = Scale(2.5, layers.Dense(3, name="d"), name="s", trainable=False)
    described = serialize_keras_object(scale)
    assert described["registered_name"] == described["class_name"] == "Scale"
    other = deserialize_keras_object(described, {"Scale": Scale})
    assert (other.factor, other.name, other.trainable) == (2.5, "s", False)
    assert other.inner.units == 3 and other.inner.name == "d"
    match = r"no class 'Scale' of .* decorate it with @register_keras_serializable\(\)"
    with pytest.raises(ValueError, match=match):
        deserialize_keras_object(described)


def test_a_registered_name_keeps_two_classes_apart():
    @register_keras_serializable("shop")
    class Scale(layers.Layer):
        def call(self, x):
            return x

    described = serialize_keras_object(Scale(name="s"))
    assert described["registered_name"] == "shop>Scale"
    assert type(deserialize_keras_object(described)) is Scale


def test_get_config_in_the_manner_of_keras():
    class Old(layers.Layer):
        def __init__(self, width, **kwargs):
            super().__init__(**kwargs)
            self._width = width

        def get_config(self):
            config = super().get_config()
            config.update({"width": self._width})
            return config

    described = serialize_keras_object(Old(3, name="o"))
    assert described["config"] == {"name": "o", "trainable": True, "dtype": "float32", "width": 3}
    assert deserialize_keras_object(described, {"Old": Old})._width == 3


def test_an_argument_that_is_not_kept_is_named():
    class Forgets(layers.Layer):
        def __init__(self, width, **kwargs):
            super().__init__(**kwargs)

    with pytest.raises(NotImplementedError, match=r"Forgets .* argument 'width'.* self.width = wi"):
        serialize_keras_object(Forgets(3))


def test_what_cannot_be_described_is_named():
    with pytest.raises(TypeError, match=r"A file cannot describe <object"):
        serialize_keras_object(Scale(object()))
    with pytest.raises(TypeError, match=r"arrays of numbers, not of object"):
        serialize_keras_object(np.array([None, 1]))
    with pytest.raises(TypeError, match=r"class Plain has no get_config\(\)"):

        @register_keras_serializable()
        class Plain:
            pass


def test_arguments_that_dlcore_lacks_are_dropped_where_they_do_nothing():
    config = layers.Dense(3).get_config()
    config |= {"lora_rank": None, "quantization_config": None}
    assert layers.Dense.from_config(config).units == 3
    unknown = {"module": "keras.constraints", "class_name": "NonPos", "config": {}}
    with pytest.raises(ValueError, match="no class 'NonPos' of 'keras.constraints' here; dlcore d"):
        layers.Dense.from_config(config | {"kernel_constraint": unknown})
    with pytest.raises(ValueError, match="Dense has no argument 'lora_rank', which the desc"):
        layers.Dense.from_config(config | {"lora_rank": 4})
    adam = optimizers.Adam().get_config() | {"use_ema": False, "ema_momentum": 0.99}
    assert optimizers.Adam.from_config(adam).beta_1 == 0.9
    with pytest.raises(ValueError, match="Adam has no argument 'use_ema'"):
        optimizers.Adam.from_config(adam | {"use_ema": True})


@pytest.mark.parametrize(
    "described",
    [
        {"module": "os", "class_name": "system", "config": {}},
        {"module": "builtins", "class_name": "function", "config": "eval"},
        {"module": "keras.losses", "class_name": "function", "config": "get"},
        {"module": "keras.callbacks", "class_name": "BackupAndRestore", "config": {"d": "/tmp"}},
        {"module": "keras.layers", "class_name": "Input", "config": {"shape": [3]}},
        {"module": "dlcore.layers", "class_name": "Dense", "config": {"units": 3}},
        {"module": "keras.layers", "class_name": "__init__", "config": {}},
        {"module": "keras.layers", "class_name": ["Dense"], "config": {}},
        {"module": "keras.layers", "class_name": "Dense", "config": [3]},
        {"module": "keras.layers", "class_name": "Dense", "config": {"units": 3, "x": 1}},
        {"module": None, "class_name": "Dense", "config": {"units": 3}},
        {"class_name": "__numpy__", "config": {"value": ["a"], "dtype": "object"}},
        {"class_name": "__numpy__", "config": {"value": ["a"], "dtype": "U1"}},
        {"class_name": "__numpy__", "config": 3},
        {"class_name": "__typespec__", "config": []},
        {"class_name": "function", "config": 3},
    ],
)
def test_what_is_not_in_the_rooms_is_refused(described):
    with pytest.raises(ValueError):
        deserialize_keras_object(described)


def test_endless_nesting_is_refused():
    described: list = []
    for _ in range(200):
        described = [described]
    with pytest.raises(ValueError, match="nested more than"):
        deserialize_keras_object(described)
