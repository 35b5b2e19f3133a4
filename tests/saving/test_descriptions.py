"""Descriptions without a file: what asks for a giant is refused, whichever way it comes in."""

import json

import numpy as np
import pytest

from dlcore import Input, Model, Sequential, layers, metrics
from dlcore.layers import Bidirectional, Dense, Embedding
from dlcore.models import clone_model, model_from_json
from dlcore.saving import deserialize_keras_object
from dlcore.utils import size_limits


def entry(kind, **config):
    return {"module": "keras.layers", "class_name": kind, "config": config}


def stack(*entries, shape):
    first = entry("InputLayer", batch_shape=[None, *shape], name="start")
    return {"name": "s", "layers": [first, *entries]}


LSTM = entry("LSTM", units=10**6)
GIANTS = {
    "Dense": (stack(entry("Dense", units=10**9), shape=(4,)), r"weight of shape \(4, 1000000000\)"),
    "Embedding": (
        stack(entry("Embedding", input_dim=10**9, output_dim=10**3), shape=(4,)),
        r"weight of shape \(1000000000, 1000\)",
    ),
    "LSTM": (stack(LSTM, shape=(4, 3)), r"weight of shape \(1000000, 4000000\)"),
    "Bidirectional": (
        stack(entry("Bidirectional", layer=LSTM), shape=(4, 3)),
        r"weight of shape \(1000000, 4000000\)",
    ),
    "a kernel": (
        stack(entry("Conv2D", filters=1, kernel_size=2 * [10**6], padding="same"), shape=(9, 9, 1)),
        r"weight of shape \(1000000, 1000000, 1, 1\)",
    ),
    "an Input": (stack(shape=(10**6, 10**6)), r"tensor of shape \(1000000, 1000000\)"),
    "Reshape": (
        stack(entry("Reshape", target_shape=[10**6, 10**6]), shape=(4,)),
        r"tensor of shape \(1000000, 1000000\)",
    ),
    "built later": (
        {"name": "s", "layers": [entry("Dense", units=10**9)], "build_input_shape": [None, 4]},
        r"weight of shape \(4, 1000000000\)",
    ),
}


def as_graph(config):
    """The same layers as a model of inputs and outputs."""
    entries = []
    for i, one in enumerate(config["layers"]):
        config_of_one = one["config"] | {"name": f"l{i}"}
        place = {
            "class_name": "__keras_tensor__",
            "config": {"shape": [], "dtype": "float32", "keras_history": [f"l{i - 1}", 0, 0]},
        }
        nodes = [{"args": [place], "kwargs": {}}] if i else []
        entries.append(one | {"name": f"l{i}", "config": config_of_one, "inbound_nodes": nodes})
    ends = [["l0", 0, 0]], [[f"l{len(entries) - 1}", 0, 0]]
    return {"name": "m", "layers": entries, "input_layers": ends[0], "output_layers": ends[1]}


def described(config, kind="Sequential", module="keras"):
    return {"module": module, "class_name": kind, "config": config}


WAYS = {
    "from_config": Sequential.from_config,
    "model_from_json": lambda config: model_from_json(json.dumps(described(config))),
    "deserialize": lambda config: deserialize_keras_object(described(config)),
    "in a list": lambda config: deserialize_keras_object({"a": [described(config)]}),
    "in a model": lambda config: Sequential.from_config(
        {"name": "around", "layers": [described(config)]}
    ),
}


def weights_are_never_drawn(monkeypatch):
    """A giant must be refused before, not when the memory is full."""

    def zeros(self, shape, dtype=None):
        assert np.prod(shape) < 10**8
        return np.zeros(shape, "float32")

    monkeypatch.setattr("dlcore.initializers.GlorotUniform.__call__", zeros)
    monkeypatch.setattr("dlcore.initializers.Orthogonal.__call__", zeros)
    monkeypatch.setattr("dlcore.initializers.RandomUniform.__call__", zeros)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("giant", GIANTS)
def test_a_giant_is_refused(giant, way, monkeypatch):
    weights_are_never_drawn(monkeypatch)
    config, told = GIANTS[giant]
    with pytest.raises(ValueError, match=f"An object is not made: its description .*{told}"):
        WAYS[way](config)


@pytest.mark.parametrize("giant", sorted(set(GIANTS) - {"an Input", "built later"}))
def test_a_giant_among_inputs_and_outputs_is_refused(giant, monkeypatch):
    weights_are_never_drawn(monkeypatch)
    config, told = GIANTS[giant]
    graph = as_graph(config)
    for way in (
        Model.from_config,
        lambda c: model_from_json(json.dumps(described(c, "Functional", "keras.models"))),
    ):
        with pytest.raises(ValueError, match=told):
            way(graph)


def test_many_that_are_giants_together(monkeypatch):
    monkeypatch.setattr(size_limits, "_MOST", 1000)
    many = [entry("Dense", units=16, name=f"d{i}") for i in range(4)]
    assert Sequential.from_config(stack(*many[:3], shape=(16,))).count_params() == 3 * 16 * 17
    with pytest.raises(ValueError, match=r"shape \(16, 16\), more numbers than one without"):
        Sequential.from_config(stack(*many, shape=(16,)))


@pytest.mark.parametrize(
    "read",
    [
        metrics.AUC.from_config,
        lambda config: metrics.get({"class_name": "AUC", "config": config}),
    ],
)
def test_counts(read):
    assert read({"num_thresholds": 7}).num_thresholds == 7
    with pytest.raises(ValueError, match="sets 'num_thresholds' to 20000; make one of that"):
        read({"num_thresholds": 20_000})


def test_the_limit_ends_with_the_description():
    Sequential.from_config(stack(entry("Dense", units=2), shape=(4,)))
    with pytest.raises(ValueError, match="is not made"):
        Sequential.from_config(GIANTS["Dense"][0])
    # Nothing is counted, and nothing refused, of what is called by hand.
    size_limits.spend((1 << 40,))
    size_limits.refuse_giant((1 << 40,))
    assert metrics.AUC(num_thresholds=20_000).num_thresholds == 20_000


def test_a_copy_of_a_model_is_no_surprise(monkeypatch):
    monkeypatch.setattr(size_limits, "_MOST", 10)
    model = Sequential([Input((4,)), Dense(3), Dense(1)])
    with pytest.raises(ValueError, match="is not made"):
        Sequential.from_config(model.get_config())
    assert [w.shape for w in clone_model(model).weights] == [w.shape for w in model.weights]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "is no JSON"),
        ("{", "is no JSON"),
        ("3", "describes no model"),
        ("null", "describes no model"),
        ('["Dense"]', "describes no model"),
        (json.dumps(entry("Dense", units=1)), "describes no model"),
        ("[" * 100_000, "nested too deeply"),
        ('{"a": ' * 70 + "1" + "}" * 70, "nested more than"),
    ],
)
def test_a_text_that_describes_no_model(text, told):
    with pytest.raises(ValueError, match=told):
        model_from_json(text)


def test_ordinary_descriptions_pass():
    made = [
        Bidirectional.from_config(Bidirectional(layers.GRU(3)).get_config()),
        Embedding.from_config(Embedding(50_000, 64).get_config()),
    ]
    assert made[1].input_dim == 50_000 and made[0].forward_layer.units == 3
