"""What lesson 06 promises: the network learns on the learner's own kernels, every one."""

import numpy as np
import pytest

from dlcore import Tensor, backends, ops
from dlcore.backends import mine
from dlcore.course import material, notebooks
from dlcore.course.registry import registry
from dlcore.engine.ops.elementwise import unbroadcast
from dlcore.engine.tensor import topological_order

# What one step of the lesson's network is made of, as far as lessons teach it.
KERNELS = (
    "dense", "dense_grad", "tanh", "tanh_grad", "sigmoid", "sigmoid_grad",
    "binary_crossentropy", "binary_crossentropy_grad", "sgd_update",
)  # fmt: skip
NAMES = ("multiply_grad", "topological_order", "gradients", "unbroadcast")
answer = {name: registry().find(f"06.{name}").answer for name in NAMES}


def cells():
    (path,) = notebooks.find(["06"])
    return [cell.source for cell in notebooks.read(path).cells if cell.cell_type == "code"]


def trained(backend):
    """What the lesson's own cells train, up to the board."""
    names: dict = {}
    beginning = next(source for source in cells() if "penguins_by_species" in source)
    for source in (
        beginning.partition("report(x=")[0],
        next(source for source in cells() if "def train(" in source),
        next(source for source in cells() if "train(model" in source and "def" not in source)
        .replace('"mine"', f'"{backend}"')
        .partition("report(")[0],
    ):
        exec(source, names)
    return names


def test_the_engine_calls_every_kernel_of_the_learner_in_every_step(own):
    expected = trained("numpy")
    assert not mine.calls
    found = trained("mine")
    assert set(mine.calls) == set(KERNELS)
    for name in KERNELS:
        assert mine.calls[name] >= 50, name
    assert mine.calls["dense"] >= 100 and mine.calls["dense_grad"] >= 100
    for a, b in zip(found["model"].get_weights(), expected["model"].get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-4)
    assert found["right"].mean() > 0.97


def test_the_loss_to_beat_is_that_of_the_text():
    names = trained("cpu")
    loss = float(names["loss_of"](names["model"], names["x"], names["t"]))
    assert loss == pytest.approx(0.0417, abs=1e-4)


def test_the_way_back_costs_no_forward_for_each_weight_or_unit():
    names = trained("cpu")
    cell = next(source for source in cells() if "forwards_by_trial" in source)
    exec(cell.partition("report(")[0], names)
    digits = names["digits"]
    assert digits.count_params() == 2410
    # Counted in kernels, which no other work on the machine changes.
    ran = []
    before = backends.set_recorder(lambda name, *_: ran.append(name))
    try:
        loss = names["loss_of"](digits, names["pixels"], names["targets"])
        forward = len(ran)
        loss.backward()
    finally:
        backends.set_recorder(before)
    assert 4 <= forward and forward < len(ran) <= 4 * forward


def test_the_slopes_are_those_by_trial():
    names = trained("cpu")
    model, h = names["model"], 0.01
    loss = names["loss_of"](model, names["x"], names["t"])
    loss.backward()
    for weight in model.weights:
        for place in np.ndindex(weight.shape):
            losses = []
            for by in (h, -h):
                weight.data[place] += by
                losses.append(float(names["loss_of"](model, names["x"], names["t"])))
                weight.data[place] -= by
            assert (losses[0] - losses[1]) / (2 * h) == pytest.approx(
                float(weight.grad[place]), abs=1e-4
            )


def test_the_answers_find_what_the_librarys_own_walk_finds():
    w, b, v = (Tensor(np.float64(number), requires_grad=True) for number in (1.0, -0.5, 2.0))
    h = ops.relu(2.0 * w + b)
    loss = ops.square(h * v + h * h - 3.0)
    loss.backward()
    inputs, slopes, end, leaves = material.tape_as_arrays(loss, w, b, v)
    order = answer["topological_order"](inputs, end)
    assert len(order) == len(topological_order(loss)) == len(inputs)
    total = answer["gradients"](inputs, slopes, end)
    assert total[leaves].tolist() == [45, 22.5, 6.75] == [float(x.grad) for x in (w, b, v)]
    # h h is read twice by one node.
    assert any(row[0] == row[1] >= 0 for row in inputs)


def test_the_answers_to_products_and_repeated_numbers_are_the_librarys():
    rng = np.random.default_rng(0)
    dy, a, b = rng.normal(size=(3, 2, 5))
    one, two = Tensor(a, requires_grad=True), Tensor(b, requires_grad=True)
    ops.sum(ops.multiply(one, two) * dy).backward()
    for ours, theirs in zip(answer["multiply_grad"](dy, a, b), (one.grad, two.grad), strict=True):
        np.testing.assert_allclose(ours, theirs)
    dy = rng.normal(size=(2, 3, 4))
    for shape in ((), (4,), (1,), (3, 1), (1, 4), (2, 1, 1), (1, 3, 4), (2, 3, 4)):
        np.testing.assert_allclose(answer["unbroadcast"](dy, shape), unbroadcast(dy, shape))


def test_who_walks_every_way_is_stopped_and_who_passes_on_too_often_is_told_so():
    from dlcore.course import check

    def every_way(inputs, slopes, end):
        total = np.zeros(len(inputs))

        def visit(node, share):
            total[node] += share
            for source, slope in zip(inputs[node], slopes[node], strict=True):
                if source >= 0:
                    visit(source, share * slope)

        visit(end, 1.0)
        return total

    def whole_each_time(inputs, slopes, end):
        total = np.zeros(len(inputs))
        total[end] = 1

        def visit(node):
            for source, slope in zip(inputs[node], slopes[node], strict=True):
                if source >= 0:
                    total[source] += total[node] * slope
                    visit(source)

        visit(end)
        return total

    verdict = check("06.gradients", every_way, seconds=1.0)
    assert (verdict.status, verdict.kind) == ("wrong", "time")
    assert verdict.mistake.startswith("Each way is walked separately")
    verdict = check("06.gradients", whole_each_time, seconds=1.0)
    assert verdict.status == "wrong" and verdict.mistake.startswith("A node that is reached by two")
