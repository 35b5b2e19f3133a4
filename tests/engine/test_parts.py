"""The gradient of what is cut out of a tensor, piece by piece, as in a loop over time."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore import backends
from dlcore.backends import memory
from dlcore.engine import ops, parts
from dlcore.engine.program import Program, Recording
from dlcore.tensor import Tensor, Variable, gradients

N, COLUMNS = 3, 4


def split(x, steps):
    return [ops.reshape(part, (N, COLUMNS)) for part in ops.split(x, steps, axis=1)]


def first(x, steps):
    x = ops.transpose(x, (1, 0, 2))
    return [ops.take(x, t) for t in range(steps)]


# Ways to the steps of x, a list of `steps` tensors (n, columns).
WAYS = {
    "number": lambda x, steps: [x[:, t] for t in range(steps)],
    "from behind": lambda x, steps: [x[:, -1 - t] for t in range(steps)],
    "new axis": lambda x, steps: [x[None, :, t][0] for t in range(steps)],
    "list": lambda x, steps: [x[:, [t]][:, 0] for t in range(steps)],
    "stride": lambda x, steps: [x[:, t :: 2 * steps][:, 0] for t in range(steps)],
    "windows": lambda x, steps: [ops.mean(x[:, t : t + 2], 1) for t in range(steps)],
    "take": lambda x, steps: [ops.take(x, t, axis=1) for t in range(steps)],
    "take a list": lambda x, steps: [ops.take(x, [-t], axis=1)[:, 0] for t in range(steps)],
    "take of the first axis": first,
    "time_step": lambda x, steps: [ops.time_step(x, t) for t in range(steps)],
    "split": split,
}


class Moved:
    """How many numbers kernels read and write, and how many are filled in."""

    def __init__(self, monkeypatch):
        self.numbers = 0
        for name in ("full", "empty"):
            monkeypatch.setattr(memory, name, self.filling(getattr(memory, name)))

    def filling(self, make):
        def made(shape, *rest):
            self.numbers += math.prod(np.atleast_1d(shape).tolist())
            return make(shape, *rest)

        return made

    def of(self, name, function, arguments, outputs):
        arrays = [a.size for a in arguments if memory.is_array(a)]
        # Of what a box is cut out of or put into, the rest is not touched.
        left_out = {"extract": 1, "insert": 0, "gather": 1}.get(name)
        self.numbers += sum(size for i, size in enumerate(arrays) if i != left_out)


@pytest.mark.parametrize("way", WAYS)
def test_a_loop_over_time_takes_a_time_that_goes_with_its_steps(way, monkeypatch):
    moved = []
    for steps in (10, 20, 40):
        w, u = Variable(np.ones((COLUMNS, 5)) / 9), Variable(np.ones((5, 5)) / 9)
        x = Variable(np.ones((N, steps, COLUMNS)))
        h, seen = Tensor(np.zeros((N, 5), np.float32)), []
        with monkeypatch.context() as patch:
            count = Moved(patch)
            before = backends.set_recorder(count.of)
            try:
                for step in WAYS[way](x * 2, steps):
                    h = ops.tanh(step @ w + h @ u)
                    seen.append(h)
                gradients(ops.sum(ops.stack(seen, 1)), [x, w, u])
            finally:
                backends.set_recorder(before)
        moved.append(count.numbers)
    assert moved[2] - moved[1] == 2 * (moved[1] - moved[0]) > 0


@pytest.mark.parametrize("way", WAYS)
def test_a_replayed_loop_adds_to_nothing_of_the_step_before(way):
    given, x = np.empty((N, 10, COLUMNS), np.float32), Variable(np.ones((N, 10, COLUMNS)))

    def step():
        y = x * Tensor(given)
        found = [piece * piece for piece in WAYS[way](y, 10)]
        return gradients(ops.sum(ops.stack([*found, found[0]])) + ops.sum(y[:, 3]), [x])[0]

    program = Program(step)
    for i in range(5):
        given[...] = np.random.default_rng(i).normal(size=given.shape)
        np.testing.assert_array_equal(program.run(), step())
    assert program.replayed


@st.composite
def pieces(draw):
    """A shape, and what comes back to a tensor of that shape: boxes, rows, and wholes."""
    shape = tuple(draw(st.lists(st.integers(1, 4), min_size=1, max_size=3)))
    found = []
    for kind in draw(st.lists(st.sampled_from(["box", "rows", "flat", "whole"]), max_size=6)):
        if kind == "box":
            starts = tuple(draw(st.integers(0, n)) for n in shape)
            ends = [draw(st.integers(a, n)) for a, n in zip(starts, shape, strict=True)]
            found.append((kind, starts, tuple(b - a for a, b in zip(starts, ends, strict=True))))
        else:
            rows = math.prod(shape) if kind == "flat" else shape[0]
            found.append((kind, draw(st.lists(st.integers(0, rows - 1), max_size=5)), None))
    return shape, found


@settings(max_examples=60)
@given(pieces(), st.sampled_from(["numpy", "cpu"]))
def test_the_sum_is_that_of_whole_arrays(drawn, backend):
    shape, found = drawn
    rng, before = np.random.default_rng(0), backends.get_backend()
    expected, total = np.zeros(shape), parts.Parts(shape, whole=np.zeros(shape))
    backends.set_backend(backend)
    try:
        for kind, where, sizes in found:
            if kind == "box":
                dy = rng.normal(size=sizes)
                expected[tuple(slice(a, a + n) for a, n in zip(where, sizes, strict=True))] += dy
                total.plus(parts.of_box(dy, where, shape))
            elif kind == "whole":
                dy = rng.normal(size=shape)
                expected += dy
                total.plus(dy)
            else:
                table = (math.prod(shape),) if kind == "flat" else shape
                numbers = np.array(where, np.int64)
                dy = rng.normal(size=(len(where), *table[1:]))
                np.add.at(expected.reshape(table), numbers, dy)
                total.plus(parts.of_rows(dy, numbers, shape, table))
        np.testing.assert_allclose(total.joined(), expected, atol=1e-12)
    finally:
        backends.set_backend(before)


def test_a_gradient_that_was_asked_for_is_an_array():
    x = Variable(np.ones((2, 3)))
    y = x * 2
    loss = ops.sum(y[:, 0] * y[:, 1]) + ops.sum(y[0])
    dy, dx = gradients(loss, [y, x])
    np.testing.assert_array_equal(dy, [[3, 3, 1], [2, 2, 0]])
    np.testing.assert_array_equal(dx, 2 * dy)


def test_a_recording_keeps_what_each_step_reads_once():
    x = np.ones((N, 10, COLUMNS), np.float32)
    with Recording() as recording:
        for t in range(10):
            ops.time_step(x, t)
        x[0] = 2  # no kernel: what is read from here on is something else
        ops.time_step(x, 0)
    copies = [copy for call in recording.calls for copy in call.given.values()]
    assert len({id(copy) for copy in copies}) == 2 and (copies[0][0] == 1).all()
