"""Descriptions word for word as Keras 3.15.1 writes them, by each way in."""

import copy
import json

import numpy as np
import pytest

from dlcore import initializers, layers, losses, metrics, optimizers, regularizers
from dlcore.saving import deserialize_keras_object, serialize_keras_object


def of(room, kind, config, **more):
    return {
        "module": f"keras.{room}",
        "class_name": kind,
        "config": config,
        "registered_name": None,
        **more,
    }


FLOAT32 = of("", "DTypePolicy", {"name": "float32"}) | {"module": "keras"}
ZEROS, ONES = of("initializers", "Zeros", {}), of("initializers", "Ones", {})
GLOROT = of(
    "initializers", "GlorotUniform", {"seed": None, "input_axes": None, "output_axes": None}
)
FREE = {"beta_regularizer": None, "gamma_regularizer": None}
FREE |= {"beta_constraint": None, "gamma_constraint": None}
LAYER = {"trainable": True, "dtype": FLOAT32}
DENSE = {
    "name": "dense", **LAYER, "units": 3, "activation": "linear", "use_bias": True,
    "kernel_initializer": GLOROT, "bias_initializer": ZEROS, "kernel_regularizer": None,
    "bias_regularizer": None, "kernel_constraint": None, "bias_constraint": None,
    "quantization_config": None,
}  # fmt: skip
NORM = {
    "name": "layer_normalization", **LAYER, "axis": -1, "epsilon": 0.001, "center": True,
    "scale": True, "rms_scaling": False, "beta_initializer": ZEROS, "gamma_initializer": ONES,
    **FREE,
}  # fmt: skip
BATCH = {
    "name": "bn", **LAYER, "axis": -1, "momentum": 0.99, "epsilon": 0.001, "center": True,
    "scale": True, "beta_initializer": ZEROS, "gamma_initializer": ONES,
    "moving_mean_initializer": ZEROS, "moving_variance_initializer": ONES, **FREE,
    "synchronized": False, "renorm": False, "renorm_clipping": None, "renorm_momentum": 0.99,
}  # fmt: skip
ADAM = {
    "name": "adam", "weight_decay": None, "clipnorm": None, "global_clipnorm": None,
    "clipvalue": 0.5, "use_ema": False, "ema_momentum": 0.99, "ema_overwrite_frequency": None,
    "loss_scale_factor": None, "gradient_accumulation_steps": None, "beta_1": 0.9,
    "beta_2": 0.999, "epsilon": 1e-7, "amsgrad": False,
    "learning_rate": of("optimizers.schedules", "ExponentialDecay", {
        "initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.9, "staircase": True,
        "name": "ExponentialDecay",
    }),
}  # fmt: skip
AUC = {
    "name": "auc_1", "dtype": "float32", "num_thresholds": 4, "curve": "PR",
    "summation_method": "interpolation", "multi_label": True, "num_labels": 3,
    "label_weights": None, "from_logits": False, "thresholds": [0.2, 0.5],
}  # fmt: skip
HUBER = {"module": "builtins", "class_name": "function", "config": "huber"}
HUBER |= {"registered_name": "function"}
SEEDED = of("", "SeedGenerator", {"seed": 4, "name": "seed_generator"}) | {"module": "keras.random"}

ROOMS = {
    "initializers": initializers.get,
    "layers": layers.deserialize,
    "losses": losses.get,
    "metrics": metrics.get,
    "optimizers": optimizers.get,
    "regularizers": regularizers.get,
}
CASES = {
    "Dense": of("layers", "Dense", DENSE),
    "LayerNormalization": of("layers", "LayerNormalization", NORM),
    "BatchNormalization": of("layers", "BatchNormalization", BATCH),
    "SparseCategoricalCrossentropy": of("losses", "SparseCategoricalCrossentropy", {
        "name": "s", "reduction": None, "from_logits": False, "ignore_class": -1,
    }),
    "Huber": of("losses", "Huber", {"name": "h", "reduction": "sum"}),
    "AUC": of("metrics", "AUC", AUC),
    "MeanMetricWrapper": of("metrics", "MeanMetricWrapper", {
        "name": "m", "dtype": "float32", "fn": HUBER, "delta": 2.0,
    }),
    "Adam": of("optimizers", "Adam", ADAM),
    "GlorotUniform": GLOROT,
    "RandomNormal": of("initializers", "RandomNormal", {
        "seed": SEEDED, "mean": 0.0, "stddev": 0.05,
    }),
    "L1L2": of("regularizers", "L1L2", {"l1": 0.1, "l2": 0.2}),
}  # fmt: skip
# What dlcore writes in another way than it came.
OTHERWISE = {"dtype": "float32", "reduction": "none", "seed": 4, "kernel_initializer": None}


@pytest.mark.parametrize("way", ["whole", "short", "class", "in a list"])
@pytest.mark.parametrize("name", CASES)
def test_it_is_read_and_written_alike(name, way):
    case = copy.deepcopy(CASES[name])
    room = case["module"].split(".")[1]
    if way == "whole":
        made = ROOMS[room](case)
    elif way == "short":
        made = ROOMS[room]({"class_name": case["class_name"], "config": case["config"]})
    elif way == "class":
        kind = type(deserialize_keras_object(case))
        made = kind.from_config(case["config"])
    else:
        made = deserialize_keras_object({"all": [case]})["all"][0]
    assert type(made).__name__ == name and case == CASES[name]
    config = json.loads(json.dumps(made.get_config()))
    for key, value in case["config"].items():
        if key in config and config[key] != value:
            assert config[key] == OTHERWISE[key] or key == "kernel_initializer"
    assert {"name", "units", "axis", "l1", "stddev"} & case["config"].keys() <= config.keys()
    again = deserialize_keras_object(json.loads(json.dumps(serialize_keras_object(made))))
    assert json.loads(json.dumps(again.get_config())) == config


def test_the_values_arrive():
    norm = layers.deserialize(CASES["LayerNormalization"])
    assert norm.epsilon == 0.001 and norm.dtype == "float32"
    with pytest.raises(ValueError, match="'rms_scaling', which the description sets to True"):
        layers.deserialize(of("layers", "LayerNormalization", NORM | {"rms_scaling": True}))
    adam = optimizers.get(CASES["Adam"])
    assert adam.clipvalue == 0.5 and float(adam.learning_rate) == pytest.approx(0.1)
    assert initializers.get(CASES["RandomNormal"]).seed == 4
    auc = metrics.get(CASES["AUC"])
    assert (auc.num_thresholds, auc.curve, auc.multi_label) == (4, "PR", True)


def test_a_layer_that_was_built_is_built_again():
    built = CASES["BatchNormalization"] | {"build_config": {"input_shape": [None, 4]}}
    layer = layers.deserialize(built)
    assert layer.built and [w.shape for w in layer.weights] == [(4,)] * 4
    first = layers.Dense(3)
    first(np.ones((2, 4)))
    again = layers.deserialize(json.loads(json.dumps(layers.serialize(first))))
    again.set_weights(first.get_weights())
    np.testing.assert_array_equal(again(np.ones((2, 4))).data, first(np.ones((2, 4))).data)
    assert not layers.deserialize(layers.serialize(layers.Dense(3))).built
    with pytest.raises(ValueError, match="A shape is described by"):
        layers.deserialize(built | {"build_config": {"input_shape": "four"}})
    with pytest.raises(ValueError, match=r"asks for a tensor of shape \(1000000000000,\)"):
        layers.deserialize(built | {"build_config": {"input_shape": [None, 10**12]}})


def test_what_is_no_layer():
    with pytest.raises(ValueError, match="no layer but a Adam"):
        layers.deserialize(CASES["Adam"])
    with pytest.raises(ValueError, match="no class 'Dnse'"):
        layers.deserialize({"class_name": "Dnse", "config": {}})


def test_a_layer_of_ones_own():
    class Scale(layers.Layer):
        def __init__(self, factor=1.0, **kwargs):
            super().__init__(**kwargs)
            self.factor = factor

        def call(self, x):
            return x * self.factor

    described = layers.serialize(Scale(2.0))
    assert layers.deserialize(described, {"Scale": Scale}).factor == 2
    with pytest.raises(ValueError, match="pass it in custom_objects"):
        layers.deserialize(described)


def test_descriptions_of_keras_3_0():
    name = {"name": "old", "trainable": True, "dtype": "float32"}
    orthogonal = of("initializers", "OrthogonalInitializer", {"gain": 2.0, "seed": None})
    for kind in ("SimpleRNN", "GRU", "LSTM"):
        config = name | {"units": 4, "stateful": False, "recurrent_initializer": orthogonal}
        layer = layers.deserialize(of("layers", kind, config))
        assert type(layer.recurrent_initializer) is initializers.Orthogonal
        assert layer.recurrent_initializer.gain == 2
        # Keras 3.0 to 3.5 read our files only by this name; the newest reads it too.
        assert layer.get_config()["recurrent_initializer"] == orthogonal
    identity = initializers.get(of("initializers", "IdentityInitializer", {"gain": 3.0}))
    assert type(identity) is initializers.Identity and identity.gain == 3
    assert serialize_keras_object(identity)["class_name"] == "Identity"
    config = name | {"factor": [-0.1, 0.2], "value_range": [0, 255], "fill_mode": "constant"}
    turned = layers.deserialize(of("layers", "RandomRotation", config))
    assert turned.factor == (-0.1, 0.2) and turned.fill_mode == "constant"
