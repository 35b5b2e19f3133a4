"""Indices without a row: refused by the kernels themselves, also in the middle of a replay."""

import numpy as np
import pytest

from dlcore import backends, losses
from dlcore.backends import KERNELS
from dlcore.backends.dispatch import destination_passing
from dlcore.engine import ops
from dlcore.engine.program import Program
from dlcore.tensor import Tensor, Variable, gradients

BACKENDS = [b for b in ("numpy", "cpu") if backends.available_backends()[b] is None]
WRONG = [-1, -4, 4, 10**9, -(10**9), np.iinfo(np.int64).max, np.iinfo(np.int64).min]


@pytest.fixture(params=BACKENDS, autouse=True)
def backend(request):
    before = backends.get_backend()
    backends.set_backend(request.param)
    yield request.param
    backends.set_backend(before)


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("place", [0, 2])
def test_an_index_without_a_row_is_refused(wrong, place):
    indices = np.array([1, 2, 3])
    indices[place] = wrong
    message = rf"The index {wrong} is not among 0 to 3; look at how it is calculated"
    with pytest.raises(IndexError, match=message):
        backends.compute("gather", np.ones((4, 2)), indices)
    with pytest.raises(IndexError, match=message):
        backends.compute("scatter_add", np.ones((3, 2)), indices, size=4)


def test_nothing_around_the_arrays_is_written():
    # Rows before and after those that the kernels are given.
    table, sums = np.ones((6, 2)), np.full((6, 2), 7.0)
    for wrong in WRONG:
        with pytest.raises(IndexError):
            backends.call("gather", [sums[2:3]], [table[2:4], np.array([wrong])])
        with pytest.raises(IndexError):
            backends.call("scatter_add", [sums[2:4]], [table[:1], np.array([wrong])], {"size": 2})
    np.testing.assert_array_equal(sums[[0, 1, 4, 5]], 7)


def test_an_array_without_rows():
    with pytest.raises(IndexError, match="not in an array without rows"):
        backends.compute("gather", np.ones((0, 2)), np.array([0]))
    none = backends.compute("gather", np.ones((0, 2)), np.zeros(0, int))
    assert none.shape == (0, 2)


@pytest.mark.parametrize("kind", ["int8", "int32", "int64"])
@pytest.mark.parametrize("of", [np.asarray, Tensor])
def test_take_counts_from_the_end_as_keras_does(kind, of):
    x = Tensor(np.arange(600.0).reshape(200, 3), requires_grad=True)
    indices = np.array([[-1, 0], [-128, 127]], kind)
    y = ops.take(x, of(indices))
    np.testing.assert_array_equal(y.data, x.data[indices])
    slope = gradients(ops.sum(y), [x])[0]
    assert sorted(np.flatnonzero(slope[:, 0])) == [0, 72, 127, 199]
    np.testing.assert_array_equal(ops.take(x, of(indices), 1 - 1).data, x.data[indices])
    np.testing.assert_array_equal(ops.take(x, [-3], 1).data, x.data[:, :1])
    for wrong in (-201, 200):
        with pytest.raises(IndexError, match="not among 0 to 199"):
            ops.take(x, of(np.array([wrong])))


def test_indices_that_a_replayed_step_calculates():
    start = Tensor(np.array([0, 3]))
    table = Tensor(np.arange(4.0))
    program = Program(lambda: ops.take(table, ops.subtract(start, np.array([2, 2]))))
    for first, expected in [(0, 2), (1, 3), (2, 0), (-2, 0), (5, 3)]:
        start.data[0] = first
        assert program.run().data.tolist() == [expected, 1]
    assert program.replayed
    for first, index in [(6, 4), (-3, -1)]:
        start.data[0] = first
        with pytest.raises(IndexError, match=rf"{index} is not among 0 to 3"):
            program.run()


LOSSES = ["", "_grad", "_from_logits", "_from_logits_grad"]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("form", LOSSES)
def test_a_class_number_without_an_output_is_refused(form, wrong):
    y = np.full((3, 4), 0.25)
    arrays = [np.ones(3), y] if form.endswith("grad") else [y]
    name = f"sparse_categorical_crossentropy{form}"
    backends.compute(name, *arrays, np.array([0, 3, 1]))
    for place in (0, 2):
        labels = np.array([0, 3, 1])
        labels[place] = wrong
        with pytest.raises(IndexError, match="[Cc]lass number of the targets"):
            backends.compute(name, *arrays, labels)


def test_class_numbers_that_a_replayed_step_calculates():
    z = Variable(np.zeros((2, 3), "float32"))
    start = Tensor(np.array([1, 2]))

    def step():
        labels = ops.subtract(start, np.array([1, 1]))
        loss = ops.sum(losses.sparse_categorical_crossentropy(labels, z, from_logits=True))
        return loss, Tensor(gradients(loss, [z])[0])

    program = Program(step)
    for first in (1, 2, 3, 3):
        start.data[0] = first
        _, slope = program.run()
        assert slope.data[0].argmin() == first - 1
    assert program.replayed
    for first in (0, 4, 10**6):
        start.data[0] = first
        with pytest.raises(IndexError):
            program.run()


def test_which_kernels_take_indices():
    chosen = {name for name, kernel in KERNELS.items() if kernel.choices is not None}
    assert chosen == {"gather", "scatter_add"} | {
        f"sparse_categorical_crossentropy{form}" for form in LOSSES
    }
    for name in chosen:
        assert KERNELS[name].inputs[-1].integer


def test_a_function_of_the_learner_is_never_given_one():
    seen = []

    def gather(x, indices):
        seen.append(indices)
        return x[indices]

    run = destination_passing(KERNELS["gather"], gather, owner="Your")
    y = np.empty((1, 2))
    run(y, np.ones((4, 2)), np.array([3]))
    with pytest.raises(IndexError, match="The index -1 is not among 0 to 3"):
        run(y, np.ones((4, 2)), np.array([-1]))
    assert len(seen) == 1
