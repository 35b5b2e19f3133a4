"""What lesson 05 promises: a network of the learner's own layers is trained by trial."""

import numpy as np
import pytest

from dlcore import Input, Sequential, backends, utils
from dlcore.backends import compute, mine
from dlcore.course import check, material, notebooks
from dlcore.course.registry import registry
from dlcore.course.source import answer_text
from dlcore.layers import Dense

# What a forward of the lesson's network and its loss are made of.
KERNELS = ("dense", "tanh", "sigmoid", "binary_crossentropy")
CLASS = registry().find("05.Dense")


def cells():
    return [cell.source for cell in notebooks.read(notebooks.find(["05"])[0]).cells]


def train(kind, steps):
    """The lesson's own cells, run with a layer class: losses before and after, and the weights."""
    x, t, x_unseen, species = material.penguins_by_species()
    scope = {
        "np": np, "x": x, "t": t, "compute": compute, "utils": utils, "Input": Input,
        "Sequential": Sequential, "Dense": kind, "set_backend": lambda name: None,
        "layer_weights": registry().find("05.layer_weights").answer,
    }  # fmt: skip
    (loops,) = (cell for cell in cells() if cell.startswith("def loss"))
    (training,) = (cell for cell in cells() if cell.startswith("sizes, learning_rate"))
    assert "steps = [4, 8, 3], 2.0, 50 " in training
    exec(loops, scope)
    exec(training.replace("2.0, 50 ", "2.0, 0 "), scope)
    first = scope["loss"](scope["flat"])
    exec(training.replace("2.0, 50 ", f"2.0, {steps} "), scope)
    last = scope["loss"](scope["flat"])
    said = scope["network"](x_unseen).numpy().argmax(axis=1)
    return first, last, scope["flat"], np.mean(said == species)


def test_a_network_of_own_layers_learns_by_trial_on_own_kernels(own):
    backends.set_backend("numpy")
    first, expected, library, _ = train(Dense, steps=3)
    assert not mine.calls and expected < 0.7 * first
    backends.set_backend("mine")
    again, last, flat, _ = train(CLASS.spelled, steps=3)
    assert again == pytest.approx(first, rel=1e-5) and last == pytest.approx(expected, rel=1e-3)
    np.testing.assert_allclose(flat, library, atol=1e-3)
    assert set(mine.calls) == set(KERNELS)
    forwards = 3 * 2 * 67 + 2
    assert mine.calls["binary_crossentropy"] == forwards
    assert mine.calls["dense"] >= 2 * forwards
    assert min(mine.calls["tanh"], mine.calls["sigmoid"]) >= forwards


@pytest.mark.slow
def test_fifty_steps_reach_the_number_to_beat():
    first, last, flat, right = train(Dense, steps=50)
    assert len(flat) == 67 and 0.6 < first < 1
    assert last == pytest.approx(0.042, abs=0.002) and right > 0.97


def test_the_row_of_all_weights_is_that_of_get_weights():
    layer_weights = registry().find("05.layer_weights").answer
    count_params = registry().find("05.count_params").answer
    network = Sequential([Input((4,)), Dense(7), Dense(5), Dense(3)])
    sizes = [4, 7, 5, 3]
    flat = np.concatenate([each.ravel() for each in network.get_weights()])
    assert len(flat) == count_params(sizes) == network.count_params()
    for number, layer in enumerate(network.layers):
        for cut, there in zip(layer_weights(flat, sizes, number), layer.get_weights(), strict=True):
            np.testing.assert_array_equal(cut, there)


def test_the_trace_is_that_of_the_library():
    trace = registry().find("05.shape_trace").answer
    y = np.zeros((2, 7, 4), np.float32)
    shapes = [y.shape]
    for units in (5, 3):
        y = Dense(units)(y)
        shapes.append(tuple(y.shape))
    assert trace((2, 7, 4), [5, 3]) == shapes


@pytest.mark.parametrize(
    "way", ["ops.dense(x, self.w, self.b)", "x @ self.w + self.b", "ops.matmul(x, self.w) + self.b"]
)
def test_a_learner_may_write_the_layer_in_several_ways(way):
    text = answer_text(CLASS.spelled).replace("ops.dense(x, self.w, self.b)", way)
    scope: dict = {}
    imports = "from dlcore import activations, ops\nfrom dlcore.layers import Layer\n"
    exec(imports + text.replace("OwnDense", "Dense"), scope)
    verdict = check(CLASS, scope["Dense"])
    assert verdict.status == "right", verdict.sentence
