"""Every layer goes through a file and comes out the same."""

from __future__ import annotations

import json

import numpy as np
import pytest

import dlcore
from dlcore import layers
from dlcore.models import load_model
from tests.saving.every_layer import CASES, ELSEWHERE, TABLE, data_for, identifier, model_of, shake


def test_no_layer_is_left_out():
    classes = {name: getattr(layers, name) for name in layers.__all__}
    named = {kind.__name__ for kind in classes.values() if isinstance(kind, type)}
    missing = named - TABLE.keys() - ELSEWHERE
    assert not missing, f"give {missing} a case in tests/saving/every_layer.py"


@pytest.mark.parametrize("case", CASES, ids=identifier)
def test_a_layer_comes_out_of_a_file_as_it_was(case, tmp_path):
    name, arguments, shape = case
    model = model_of(dlcore, name, arguments, shape)
    shake(model)
    x = data_for(name, shape)
    model.save(tmp_path / "m.keras")
    other = load_model(tmp_path / "m.keras")
    assert json.loads(other.to_json()) == json.loads(model.to_json())
    for a, b in zip(model.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_array_equal(model(x).data, other(x).data)
    assert type(other.get_layer("it")) is type(model.get_layer("it"))


@pytest.mark.parametrize("case", CASES, ids=identifier)
def test_weights_alone_fit_a_model_of_the_same_layers(case, tmp_path):
    model, other = (model_of(dlcore, *case) for _ in range(2))
    shake(model, 1)
    model.save_weights(tmp_path / "m.weights.h5")
    other.load_weights(tmp_path / "m.weights.h5")
    x = data_for(case[0], case[2])
    np.testing.assert_array_equal(model(x).data, other(x).data)
