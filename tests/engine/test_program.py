"""A step that is recorded and replayed does what the step itself does, bit for bit."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore import backends
from dlcore.engine import ops
from dlcore.engine.program import Program, Recording, after_step
from dlcore.tensor import Tensor, Variable, gradients

ACTIVATIONS = [ops.relu, ops.sigmoid, ops.tanh, ops.leaky_relu, ops.softmax, lambda x: x * 0.5]


class Training:
    """A small network with its batch buffer and SGD: a step to run eagerly or as a program."""

    def __init__(self, sizes, activations, kind="sgd_update"):
        rng = np.random.default_rng(1)
        self.x = np.empty((5, sizes[0]), np.float32)
        self.t = np.empty((5, sizes[-1]), np.float32)
        shapes = [(i, o) for i, o in zip(sizes, sizes[1:], strict=False)]
        self.w = [Variable(rng.normal(0, 0.5, shape)) for shape in shapes]
        self.b = [Variable(np.zeros(shape[1], np.float32)) for shape in shapes]
        self.activations = activations
        self.rate = np.asarray(0.05, np.float32)
        self.middle = lambda x: x
        self.kind = kind
        self.chances = np.random.default_rng(2)

    def step(self):
        y = Tensor(self.x)
        for w, b, activation in zip(self.w, self.b, self.activations, strict=True):
            y = self.middle(activation(ops.dense(y, w, b)))
        loss = ops.mean(ops.mean_squared_error(self.t, y))
        variables = [*self.w, *self.b]
        for variable, gradient in zip(variables, gradients(loss, variables), strict=True):
            backends.call(self.kind, (variable.data,), (gradient, self.rate))
        return loss, y

    def train(self, run, steps):
        rng = np.random.default_rng(3)
        seen = []
        for _ in range(steps):
            self.x[...] = rng.normal(size=self.x.shape)
            self.t[...] = rng.normal(size=self.t.shape)
            loss, y = run()
            seen.append((float(loss), y.numpy()))
        return seen, [v.numpy() for v in (*self.w, *self.b)]


def same(one, other):
    for (loss, y), (other_loss, other_y) in zip(one[0], other[0], strict=True):
        assert loss == other_loss
        np.testing.assert_array_equal(y, other_y)
    for a, b in zip(one[1], other[1], strict=True):
        np.testing.assert_array_equal(a, b)


@settings(max_examples=25)
@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=4),
    st.lists(st.sampled_from(ACTIVATIONS), min_size=3, max_size=3),
    st.sampled_from(["numpy", "cpu"]),
)
def test_replay_gives_the_bits_of_the_eager_step(sizes, activations, backend):
    before = backends.get_backend()
    backends.set_backend(backend)
    try:
        activations = activations[: len(sizes) - 1]
        eager = Training(sizes, activations)
        expected = eager.train(eager.step, 6)
        training = Training(sizes, activations)
        program = Program(training.step)
        same(training.train(program.run, 6), expected)
        assert program.replayed and program.reason is None
    finally:
        backends.set_backend(before)


def test_replay_starts_at_the_third_step_and_calls_the_step_no_more():
    training = Training([3, 2], [ops.relu])
    calls = []

    def step():
        calls.append(1)
        return training.step()

    program = Program(step)
    states = []
    for _ in range(4):
        states.append(program.replayed)
        training.train(program.run, 1)
    assert states == [False, False, True, True] and len(calls) == 2
    assert [f for f, _ in program.calls()] and program.calls()[0][1][1].shape == (5, 3)


def test_what_lies_in_a_buffer_may_change_between_steps():
    eager, training = Training([3, 2], [ops.tanh]), Training([3, 2], [ops.tanh])
    program = Program(training.step)
    for rate in (0.1, 0.1, 0.1, 0.01, 0.5):
        eager.rate[...] = training.rate[...] = rate
        same(training.train(program.run, 1), eager.train(eager.step, 1))
    eager.w[0].assign(np.ones((3, 2)))
    training.w[0].assign(np.ones((3, 2)))
    same(training.train(program.run, 2), eager.train(eager.step, 2))
    assert program.replayed


def noise(training):
    return lambda x: x * training.chances.uniform(0.5, 1.5, x.shape).astype(np.float32)


def hidden_numpy(training):
    return lambda x: x + Tensor(np.square(x.data))


def reads(training):
    return lambda x: x * 2 if float(ops.mean(x)) > 0 else x


def as_array(training):
    return lambda x: x + np.tanh(np.asarray(x))


def alternating(training):
    state = []

    def middle(x):
        state.append(1)
        return x * 2 if len(state) % 2 else ops.negative(x)

    return middle


def drifting(training):
    state = []

    def middle(x):
        state.append(1)
        return ops.leaky_relu(x, 0.1 * len(state))

    return middle


@pytest.mark.parametrize(
    ("middle", "reason"),
    [
        (noise, "calculated outside"),
        (hidden_numpy, "calculated outside"),
        (reads, "was read during the step"),
        (as_array, "was read during the step"),
        (alternating, "different kernels"),
        (drifting, "attribute of leaky_relu changed from 0.1 to 0.2"),
    ],
)
def test_a_step_that_does_more_than_kernels_stays_eager(middle, reason):
    def make():
        training = Training([3, 2], [ops.relu])
        training.middle = middle(training)
        return training

    eager, training = make(), make()
    expected = eager.train(eager.step, 5)
    program = Program(training.step)
    found = training.train(program.run, 5)
    assert not program.replayed and program.calls() == ()
    assert reason in program.reason
    same(found, expected)


def test_another_wiring_of_the_same_kernels_is_noticed():
    state = []

    def middle(x):
        state.append(1)
        a, b = ops.relu(x), ops.relu(x)
        return ops.square(a if len(state) == 1 else b) + ops.square(b if len(state) == 1 else a)

    x = Variable(np.ones((2, 2)))
    program = Program(lambda: middle(x))
    program.run()
    program.run()
    assert program.reason == "unary took its input from another kernel"


def test_an_array_that_was_to_last_and_moved_is_noticed():
    weight = np.ones((2, 2), np.float32)
    arrays = iter([weight, weight.copy()])  # the same values, but the first ones may have changed
    moving = Program(lambda: ops.relu(Tensor(next(arrays))), [weight])
    staying = Program(lambda: ops.relu(Tensor(weight)), [weight])
    for program in (moving, staying):
        program.run()
        program.run()
    assert "calculated outside" in moving.reason
    assert staying.replayed


def test_another_backend_in_between_is_noticed():
    x = Variable(np.ones((2, 2)))
    program = Program(lambda: ops.relu(x))
    before = backends.get_backend()
    try:
        backends.set_backend("numpy")
        program.run()
        backends.set_backend("cpu")
        program.run()
    finally:
        backends.set_backend(before)
    assert program.reason == "another function ran relu"


def test_kernels_of_another_thread_are_not_recorded():
    with Recording() as recording:
        thread = threading.Thread(target=lambda: ops.relu(np.ones(3)))
        thread.start()
        thread.join()
        ops.sigmoid(np.ones(3))
    assert [call.name for call in recording.calls] == ["sigmoid"]
    ops.relu(np.ones(3))
    assert len(recording.calls) == 1


def test_an_error_in_the_step_ends_the_recording():
    def step():
        ops.relu(np.ones(3))
        raise RuntimeError

    with pytest.raises(RuntimeError):
        Program(step).run()
    assert backends.set_recorder(None) is None


# Copies of what an earlier call made are left out of a replay.


def names(program):
    return [f.__name__ for f, _ in program.calls()]


@pytest.fixture
def cpu():
    pytest.importorskip("numba")
    before = backends.get_backend()
    backends.set_backend("cpu")
    yield
    backends.set_backend(before)


def copying(target, use=None, give=None):
    """A program that copies relu(x) into `target`; `use` and `give` may look at the relu."""
    x = Variable(np.array([-1.0, 2.0, 3.0]))

    def step():
        y = ops.relu(x)
        seen = use(y) if use else None
        backends.call("cast", (target,), (y.data,))
        z = Tensor(backends.compute("unary", target, op="square"))
        return z, seen, (y if give else None)

    program = Program(step)
    for _ in range(3):
        results = program.run()
    x.assign([4.0, -5.0, 6.0])
    target[...] = -1
    results = program.run()
    np.testing.assert_array_equal(results[0].data, [16, 0, 36])
    np.testing.assert_array_equal(target, [4, 0, 6])
    return program, results


def test_a_copy_is_left_out_where_nothing_else_reads_its_source(cpu):
    program, _ = copying(np.zeros(3, np.float32))
    assert names(program) == ["relu", "unary"]


def test_a_copy_stays_where_another_kernel_reads_its_source(cpu):
    program, results = copying(np.zeros(3, np.float32), use=lambda y: y + y)
    assert names(program).count("cast") == 1
    np.testing.assert_array_equal(results[1].data, [8, 0, 12])


def test_a_copy_stays_where_its_source_is_a_result(cpu):
    program, results = copying(np.zeros(3, np.float32), give=True)
    assert "cast" in names(program)
    np.testing.assert_array_equal(results[2].data, [4, 0, 6])


def test_a_copy_stays_where_its_target_is_read_before(cpu):
    target = np.zeros(3, np.float32)
    before = []
    program, results = copying(target, use=lambda _: Tensor(target) * 1)
    assert "cast" in names(program) and not before
    np.testing.assert_array_equal(results[1].data, [-1, -1, -1])


def test_a_copy_to_another_number_type_stays(cpu):
    program, _ = copying(np.zeros(3, np.float64))
    assert "cast" in names(program)


def test_a_copy_stays_where_its_source_was_made_in_several_pieces(cpu):
    x, y = Variable(np.ones(2, np.float32)), Variable(np.ones(1, np.float32))
    program = Program(lambda: ops.cast(ops.concatenate([x * 1, y * 1]), "float32") * 2)
    for i in range(4):
        x.assign([i, i])
        y.assign([10 + i])
        np.testing.assert_array_equal(program.run().data, [2 * i, 2 * i, 20 + 2 * i])
    assert program.replayed


def test_what_is_left_for_after_the_step_is_done_after_each_replay():
    training = Training([3, 2], [ops.relu])
    seen, during = [], []

    def step():
        loss, y = training.step()
        after_step(lambda: seen.append(y.data.copy()))
        during.append(len(seen))
        return loss, y

    program = Program(step)

    def run():
        loss, y = program.run()
        assert len(seen) == len(results)
        program.finish()
        results.append(y.numpy())
        return loss, y

    results = []
    training.train(run, 5)
    assert program.replayed and during == [0, 1]
    np.testing.assert_array_equal(seen, results)
    assert len({y.tobytes() for y in seen}) == 5


def test_outside_of_a_program_nothing_waits():
    seen = []
    after_step(seen.append, 1)
    assert seen == [1]


def test_an_array_that_is_looked_at_after_the_step_is_written():
    w = Variable(np.zeros(3, np.float32))
    x = np.zeros(3, np.float32)
    seen = []

    def step():
        y = ops.exp(Tensor(x))
        w.assign(y)  # a copy: the kernel before it could write there itself
        after_step(lambda y: seen.append(y.data.copy()), y)

    program = Program(step)
    for i in range(4):
        x[...] = i
        program.run()
        program.finish()
    assert program.replayed
    np.testing.assert_allclose([y[0] for y in seen], np.exp(range(4)), rtol=1e-6)


def test_a_recorder_is_told_of_its_own_thread_alone():
    """Two threads that record at once, one ending in the middle of the other, leave none behind."""
    x, told, there = np.ones(3, np.float32), [], [threading.Event() for _ in range(2)]

    def other():
        with Recording() as recording:
            backends.compute("relu", x)
            there[0].set()
            there[1].wait(10)
        told.append(recording)

    thread = threading.Thread(target=other)
    with Recording() as recording:
        thread.start()
        there[0].wait(10)
        backends.compute("relu", x)
        backends.compute("relu", x)
    assert not backends.is_recorded()
    there[1].set()
    thread.join()
    assert not backends.is_recorded()
    assert (len(recording.calls), len(told[0].calls)) == (2, 1)
