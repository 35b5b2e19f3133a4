"""The names that Keras has at the top of the package, for programs that start from them."""

from __future__ import annotations

import numpy as np
import pytest

import dlcore
from dlcore import initializers, layers, losses, metrics, optimizers, regularizers

ROOMS = {
    "Initializer": initializers,
    "Layer": layers,
    "Loss": losses,
    "Metric": metrics,
    "Optimizer": optimizers,
    "Regularizer": regularizers,
}


@pytest.mark.parametrize("name", ROOMS)
def test_a_base_is_that_of_its_room(name):
    assert getattr(dlcore, name) is getattr(ROOMS[name], name)
    assert name in dir(dlcore)


def test_a_symbol_is_told_from_an_array():
    x = dlcore.Input((3,))
    assert isinstance(x, dlcore.KerasTensor)
    assert not isinstance(layers.Dense(1)(np.ones((2, 3))), dlcore.KerasTensor)


def test_an_input_layer_by_the_words_of_older_code():
    for said in ({"input_shape": (4,)}, {"batch_input_shape": (None, 4)}, {"shape": (4,)}):
        layer = layers.InputLayer(**said)
        model = dlcore.Sequential([layer, layers.Dense(2)])
        assert model.output_shape == (None, 2)
        again = layers.deserialize(layers.serialize(layer))
        assert again.batch_shape == (None, 4)
    with pytest.raises(ValueError, match="needs the shape of one row"):
        layers.InputLayer()


def test_the_rooms_in_which_keras_sorts_its_operations():
    from dlcore import ops

    assert ops.nn.relu is ops.relu and ops.numpy.mean is ops.mean
    with pytest.raises(AttributeError, match="no attribute 'nm'"):
        ops.nm  # noqa: B018
