"""The functions that make a layer of several inputs and call it, as Keras has them."""

from __future__ import annotations

import numpy as np
import pytest

from dlcore import Input, Model, layers
from dlcore.layers import Concatenate  # its file has the name of the function
from dlcore.saving import load_model

NAMES = ["add", "average", "concatenate", "dot", "maximum", "minimum", "multiply", "subtract"]


@pytest.mark.parametrize("name", NAMES)
def test_a_function_gives_what_its_layer_gives(name):
    rng = np.random.default_rng(0)
    xs = [rng.normal(size=(3, 4)).astype(np.float32) for _ in range(2)]
    arguments = {"axes": -1} if name == "dot" else {}
    layer = getattr(layers, name.capitalize())(**arguments)
    found = getattr(layers, name)(xs, **arguments)
    np.testing.assert_array_equal(found.data, layer(xs).data)


def test_it_is_a_layer_of_the_model_and_of_its_file(tmp_path):
    a, b = Input((2,)), Input((2,))
    y = layers.concatenate([layers.add([a, b], name="sum"), a], axis=1, name="both")
    model = Model([a, b], layers.dot([y, y], 1, normalize=True))
    assert isinstance(model.get_layer("both"), Concatenate)
    x = [np.ones((1, 2)), np.full((1, 2), 3.0)]
    model.save(tmp_path / "m.keras")
    again = load_model(tmp_path / "m.keras")
    np.testing.assert_array_equal(again.get_layer("sum")(x).data, [[4, 4]])
    np.testing.assert_array_equal(again.predict(x, verbose=0), model.predict(x, verbose=0))
    np.testing.assert_allclose(model.predict(x, verbose=0), [[1]], rtol=1e-6)


@pytest.mark.parametrize(
    ("axes", "shapes", "told"),
    [
        (0, [(4,), (4,)], "0 would be the axis of the rows"),
        (2, [(4,), (4,)], r"sums over axis 2, which an input of shape \(None, 4\) does not have"),
        (1, [(4,), (3,)], r"sizes must be equal, but the shapes are \(None, 4\) and \(None, 3\)"),
        (1, [(4,), (4,), (4,)], "takes 2 inputs, but was given 3"),
    ],
)
def test_axes_that_do_not_fit_are_named(axes, shapes, told):
    with pytest.raises(ValueError, match=told):
        layers.Dot(axes)([Input(shape) for shape in shapes])
