"""The tape of lesson 06 by its numbers: in the head, by trial, and by the library's own tape."""

import itertools

import numpy as np
import pytest

from dlcore import Tensor, ops
from dlcore.course.registry import registry
from dlcore.widgets import TapeModel
from dlcore.widgets.tape_model import BENDS, FIRST, LAYERS, LOSSES, UNITS, pretty, short

ALL = list(itertools.product(LAYERS, UNITS, BENDS, LOSSES))
every = pytest.mark.parametrize(("layers", "units", "bend", "loss"), ALL)


def made(layers, units, bend, loss):
    """A network away from the corners of relu, where a slope by trial is another one."""
    return TapeModel(1.3, 0.7, layers, units, bend, loss, seed=3)


def at_end(model):
    model.go(len(model.steps))
    return model


def of_the_library(model):
    """The slopes of x and the weights from the tape of dlcore, in float64."""
    units = range(1, model.units + 1)
    leaf = {
        name: Tensor(np.array(value), requires_grad=True)
        for name, value in model.numbers().items()
        if name != "t"
    }
    bend = {"none": lambda z: z}.get(model.bend) or getattr(ops, model.bend)
    h = {1: [bend(leaf["x"] * leaf[f"w1_{j}"] + leaf[f"b1_{j}"]) for j in units]}
    for layer in range(2, model.layers + 1):
        h[layer] = []
        for j in units:
            z = leaf[f"b{layer}_{j}"]
            for i in units:
                z = z + h[layer - 1][i - 1] * leaf[f"w{layer}_{i}{j}"]
            h[layer].append(bend(z))
    y, last = leaf[f"b{model.layers + 1}"], model.layers
    for i in units:
        y = y + h[last][i - 1] * leaf[f"w{last + 1}_{i}"]
    if model.loss_name == "squared":
        loss = ops.square(y - model.t)
    else:
        loss = ops.softplus(y) - model.t * y
    loss.backward()
    return float(loss), {name: float(tensor.grad) for name, tensor in leaf.items()}


@every
def test_the_slopes_are_those_of_the_librarys_tape(layers, units, bend, loss):
    model = at_end(made(layers, units, bend, loss))
    value, slopes = of_the_library(model)
    assert model.loss == pytest.approx(value)
    assert set(slopes) == {"x", *model.weights}
    for name, slope in slopes.items():
        assert model.gradient(name) == pytest.approx(slope, abs=1e-12), name
        assert model.complete(name)


@every
def test_the_slopes_are_those_found_by_trial(layers, units, bend, loss):
    model = made(layers, units, bend, loss)
    for name, slope in model.slopes().items():
        up, down = (model.nudged(name, by)[1] for by in (1e-6, -1e-6))
        assert (up - down) / 2e-6 == pytest.approx(slope, abs=1e-5 * (1 + model.loss)), name


@every
def test_the_answers_of_the_exercises_find_the_same_on_its_arrays(layers, units, bend, loss):
    model = made(layers, units, bend, loss)
    inputs, slopes, end, row = model.as_arrays()
    order = registry().find("06.topological_order").answer(inputs, end)
    assert sorted(order) == list(range(len(inputs))) and order[-1] == end == row["loss"]
    total = registry().find("06.gradients").answer(inputs, slopes, end)
    for name, slope in model.slopes().items():
        assert total[row[name]] == pytest.approx(slope), name
    assert set(inputs[inputs >= 0]) == set(range(len(inputs))) - {end}


def test_the_first_network_can_be_followed_in_the_head():
    model = TapeModel()
    assert model.loss == 0.25 and model.weights == FIRST and len(FIRST) == 13
    values = {"z1_1": 1.5, "z1_2": 1, "z2_1": 1, "z2_2": 2, "y": 2.5}
    assert {name: model.node(name).value for name in values} == values
    at_end(model)
    expected = {
        "y": -1, "h2_1": -0.5, "h2_2": -1, "h1_1": -0.5, "h1_2": -1.5, "w1_1": -1, "w1_2": -3,
        "w2_11": -0.75, "w2_12": -1.5, "w2_21": -0.5, "w2_22": -1, "w3_1": -1, "w3_2": -2,
        "b1_1": -0.5, "b1_2": -1.5, "b2_1": -0.5, "b2_2": -1, "b3": -1, "x": 0.25,
    }  # fmt: skip
    assert {name: model.gradient(name) for name in expected} == expected
    names = "x z1_1 h1_1 z1_2 h1_2 z2_1 h2_1 z2_2 h2_2 y loss"
    assert " ".join(node.name for node in model.nodes) == names


def test_a_slope_waits_until_every_way_has_reported():
    model = TapeModel()
    seen = []
    while model.position < len(model.steps):
        model.step()
        seen.append((model.gradient("h1_1"), model.complete("h1_1")))
        if seen[-1] == (-1, False) and seen[-2] == (None, False):
            assert "h1₁ gets −1 × 1 = −1 from z2₂, 1 more to come" in model.report()
        if seen[-1][1] and not seen[-2][1]:
            assert "from z2₁: −1 + 0.5 = −0.5, complete" in model.report()
    assert list(dict.fromkeys(seen)) == [(None, False), (-1, False), (-0.5, True)]
    for step, visit in enumerate(model.steps):
        if visit.kind == "backward" and visit.node != "loss":
            model.go(step)
            assert model.complete(visit.node), "nothing is passed on before it is complete"


def test_forward_values_appear_one_by_one_and_the_slopes_after_them():
    model = TapeModel()
    assert model.value("x") == 2 and model.value("y") is None and model.now is None
    model.go(model.forward_steps - 1)
    assert model.value("y") == 2.5 and model.value("loss") is None
    model.step()
    assert model.value("loss") == 0.25 and model.gradient("loss") is None
    model.step()
    assert model.gradient("loss") == 1 and model.now.kind == "backward"


def test_going_back_is_the_same_as_going_forth():
    model = TapeModel()
    texts = []
    for _ in model.steps:
        model.step()
        texts.append(model.report())
    for text in reversed(texts):
        assert model.report() == text
        model.back()
    assert model.position == 0
    model.back()
    assert model.position == 0
    with pytest.raises(ValueError, match="positions 0 to 30"):
        model.go(31)


def test_overwriting_turns_the_sign_of_the_first_weight():
    model = at_end(TapeModel())
    model.set_overwrite(True)
    assert model.position == len(model.steps)
    assert model.gradient("h1_1") == 0.5 and model.gradient("w1_1") == 1
    assert any("which overwrites −1" in visit.sentence for visit in model.steps)
    foretold, really = model.nudged("w1_1", 0.01)
    assert foretold > 0 > really
    model.set_overwrite(False)
    assert model.gradient("w1_1") == -1


@pytest.mark.parametrize(
    ("bias", "dead", "loss"),
    [("b2_1", ["w2_11", "w2_21", "b2_1", "w3_1"], 1.0),
     ("b1_1", ["w1_1", "b1_1", "w2_11", "w2_12"], 1.5625)],
)  # fmt: skip
def test_a_closed_unit_leaves_four_slopes_at_nought(bias, dead, loss):
    model = at_end(TapeModel())
    model.set_number(bias, -2.5)
    assert model.loss == loss
    assert [name for name in model.weights if model.gradient(name) == 0] == sorted(
        dead, key=list(model.weights).index
    )


def test_a_slope_is_true_close_by():
    model = TapeModel()
    for by, foretold, really in ((0.01, -0.01, -0.0099), (0.1, -0.1, -0.09), (0.5, -0.5, -0.25)):
        assert model.nudged("w1_1", by) == pytest.approx((foretold, really))
    assert model.weights == FIRST and model.loss == 0.25
    with pytest.raises(ValueError, match="'t' has no slope"):
        model.nudged("t", 0.1)


@pytest.mark.parametrize(("rate", "loss"), [(0.02, 1.33e-5), (0.05, 0.67), (0.1, 5.79)])
def test_a_step_moves_all_weights_and_rewinds(rate, loss):
    model = at_end(TapeModel())
    slopes = model.slopes()
    model.take_step(rate)
    assert model.position == 0 and model.loss == pytest.approx(loss, rel=0.02)
    for name, first in FIRST.items():
        assert model.weights[name] == pytest.approx(first - rate * slopes[name])
    assert "the loss was 0.25 and is now" in model.report()
    model.again()
    assert model.weights == FIRST and model.loss == 0.25


def test_choices_rewind_and_keep_or_draw_the_weights():
    model = at_end(TapeModel())
    model.set_number("w1_1", 2.0)
    model.choose(bend="tanh")
    assert model.position == 0 and model.weights["w1_1"] == 2 and model.bend == "tanh"
    model.choose(loss="crossentropy")
    assert model.t == 1, "a target that a crossentropy can have"
    model.choose(units=3)
    assert len(model.weights) == 3 + 3 + 9 + 3 + 3 + 1
    assert {abs(w) for w in model.weights.values()} <= {0.5, 1.0, 1.5}
    assert TapeModel(units=3).weights == TapeModel(units=3).weights
    assert TapeModel(units=3, seed=1).weights != TapeModel(units=3).weights
    with pytest.raises(ValueError, match="units=4 is not offered"):
        model.choose(units=4)
    with pytest.raises(ValueError, match="no number 'w9'"):
        model.set_number("w9", 1)


@every
def test_drawn_weights_leave_a_way_open(layers, units, bend, loss):
    model = at_end(TapeModel(layers=layers, units=units, bend=bend, loss=loss))
    assert any(abs(slope) > 0 for slope in model.slopes().values())
    assert all(visit.sentence for visit in model.steps)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1.0, "1"), (-0.75, "−0.75"), (1.5, "1.5"), (0.0, "0"), (-0.0, "0"), (10.0, "10"),
     (0.004, "0.004"), (-0.002, "−0.002"), (1.33e-5, "0.00001"), (1e-7, "1e−07"),
     (301.891, "301.89"), (-1e-12, "0")],
)  # fmt: skip
def test_numbers_are_written_in_few_digits(value, text):
    assert short(value) == text


def test_names_have_their_units_below():
    assert [pretty(n) for n in ("w2_12", "h1_1", "b3", "x")] == ["w2₁₂", "h1₁", "b3", "x"]
