"""Where arrays live: they are made, moved and read there, and NumPy never looks by accident."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from dlcore import backends, ops
from dlcore.backends import memory
from dlcore.engine.variable import Flat
from dlcore.tensor import Tensor, Variable
from tests.device import NAME, hidden


@pytest.fixture
def device():
    with hidden() as found:
        backends.set_backend(NAME)
        yield found


def sample():
    return memory.copied(np.arange(12, dtype=np.float32).reshape(4, 3))


def test_an_accidental_read_is_an_error_that_names_the_mend(device):
    x = sample()
    for read in (np.asarray, np.ascontiguousarray, np.sort, bool):
        with pytest.raises(TypeError, match=r"shape=\(4, 3\).*memory of the device.*tensor.numpy"):
            read(x)
    for operation in (lambda: np.ones(3) + x, lambda: np.exp(x), lambda: x * 2, lambda: x[0]):
        with pytest.raises(TypeError):
            operation()


def test_shapes_and_parts_are_those_of_numpy(device):
    x, y = sample(), np.arange(12, dtype=np.float32).reshape(4, 3)
    assert (x.shape, x.ndim, x.size, x.nbytes, len(x)) == (y.shape, y.ndim, y.size, y.nbytes, 4)
    for shape in (-1, (2, 6), (3, -1), (2, 1, 6), [12]):
        np.testing.assert_array_equal(memory.to_host(x.reshape(shape)), y.reshape(shape))
    with pytest.raises(ValueError, match=r"shape \(4, 3\) cannot take the shape"):
        x.reshape(5, 2)
    part = memory.part(x, 1, 3)
    np.testing.assert_array_equal(memory.to_host(part), y[1:3])
    assert part.base is x and part.reshape(-1).base is x and x.base is None
    assert memory.address(part) - memory.address(x) == y[1:].ctypes.data - y.ctypes.data
    assert memory.overlap(x, part) and not memory.overlap(part, memory.part(x, 3, 4))
    assert not memory.overlap(x, x.copy()) and not memory.overlap(x, y)


def test_a_part_is_the_same_memory_and_a_copy_is_not(device):
    x = sample()
    copy = x.copy()
    memory.write(memory.part(x, 1, 2), 7)
    assert memory.to_host(x)[1].tolist() == [7, 7, 7]
    assert memory.to_host(copy)[1].tolist() == [3, 4, 5]


@pytest.mark.parametrize("there", [True, False])
def test_copies_lie_in_the_room_of_earlier_ones(there):
    with hidden():
        backends.set_backend(NAME if there else "numpy")
        x, scalar = sample(), memory.copied(np.array(5))
        first = memory.copies([x, scalar])
        memory.write(x, 7)
        again = memory.copies([x, scalar], first)
        assert [a is b for a, b in zip(again, first, strict=True)] == [True, True]
        assert memory.to_host(again[0]).tolist() == [[7] * 3] * 4
        memory.write(x, 8)
        assert memory.to_host(again[0])[0, 0] == 7 and memory.to_host(again[1]) == 5
        other = memory.copies([scalar, x], first)
        assert memory.to_host(other[1])[0, 0] == 8 and memory.to_host(first[0])[0, 0] == 7


def test_what_a_kernel_takes_is_made_once(device):
    x = sample()
    assert x.view is x.view and x.reshape(-1) is x.reshape(-1)


def test_equal_constants_are_one_array_and_no_kernel_writes_into_it(device):
    memory.counts.reset()
    one, other = memory.given(np.zeros((), np.float32)), memory.given(np.zeros((), np.float32))
    assert one is other and memory.counts.up == 1
    assert memory.given(np.float32(-0.0)) is not one and memory.given(np.float64(0)) is not one
    with pytest.raises(AssertionError, match="binary would change a constant"):
        backends.call("binary", (one,), (one, one), {"op": "add"})
    long = np.zeros(5000, np.float32)
    assert memory.given(long) is not memory.given(long)


def test_a_variable_is_nobody_s_constant(device):
    first, second = Variable(np.zeros(2)), Variable(np.zeros(2))
    first.assign_add(np.ones(2))
    assert (first.numpy().tolist(), second.numpy().tolist()) == ([1, 1], [0, 0])


def test_results_of_arrays_of_numpy_come_home_and_others_do_not(device):
    x = np.array([-1, 2], np.float32)
    home = backends.compute("relu", x)
    assert isinstance(home, np.ndarray) and home.tolist() == [0, 2]
    away = backends.compute("binary", memory.given(x), x, op="add")
    assert isinstance(away, memory.DeviceArray)
    y, w = np.empty(2, np.float32), np.ones(2, np.float32)
    backends.call("relu", (y,), (memory.given(x),))
    backends.call("sgd_update", (w,), (x, np.float32(0.5)))
    assert (y.tolist(), w.tolist()) == ([0, 2], [1.5, 0])


def test_each_way_between_the_sides_is_counted(device):
    x = np.arange(3, dtype=np.float64)
    memory.counts.reset()
    away = memory.copied(x)
    memory.to_host(away)
    memory.write(away, 0)
    memory.write(away, away.copy())
    counts = memory.counts
    assert (counts.up, counts.down, counts.bytes_up, counts.bytes_down) == (2, 1, 48, 24)
    assert counts.inside == 2


def test_several_arrays_come_home_in_one_go(device):
    arrays = [memory.copied(np.full((n, 2), n)) for n in (1, 3)]
    memory.counts.reset()
    assert memory.gathered(arrays).tolist() == [[1, 1], *[[3, 3]] * 3]
    assert memory.counts.down == 1


@pytest.mark.parametrize("there, here", [(NAME, "cpu"), ("cpu", NAME), ("numpy", NAME)])
def test_a_variable_that_was_made_before_the_choice_is_no_trap(there, here, device):
    backends.set_backend(there)
    variable, tensor = Variable([1.0, 2.0], name="w"), Tensor(np.float32([3, 4]))
    backends.set_backend(here)
    assert memory.is_here(variable.data) and variable.numpy().tolist() == [1, 2]
    assert ops.add(variable, tensor).numpy().tolist() == [4, 6]
    variable.assign(tensor)
    assert variable.numpy().tolist() == [3, 4] and tensor.numpy().tolist() == [3, 4]


def test_the_choice_of_the_first_kernel_moves_what_was_there_before(device, monkeypatch):
    """`DLCORE_BACKEND` is looked at when the first kernel runs."""
    backends.set_backend("cpu")
    variable = Variable([1.0, 2.0])
    monkeypatch.setenv("DLCORE_BACKEND", NAME)
    monkeypatch.setattr(backends.dispatch, "_name", None)
    assert ops.add(variable, 1.0).numpy().tolist() == [2, 3]
    assert backends.get_backend() == NAME and memory.is_here(variable.data)


def test_variables_of_one_array_move_as_one(device):
    flat = Flat([Variable(np.ones((2, 2))), Variable(np.zeros(3))])
    for name in ("cpu", NAME, "cpu"):
        backends.set_backend(name)
        assert flat.holds(flat.variables)
        memory.write(flat.data, 5)
        assert [v.numpy().sum() for v in flat.variables] == [20, 15]
        memory.write(memory.part(flat.data, 4, 7), 0)
        assert flat.variables[1].numpy().tolist() == [0, 0, 0]


def test_what_has_gone_is_not_moved():
    with hidden() as device:
        backends.set_backend(NAME)
        variable, taken = Variable(np.zeros(1000)), []
        for kept in (True, False):
            backends.set_backend("cpu")
            if not kept:
                del variable
            gc.collect()
            room = device.room = 10**8
            backends.set_backend(NAME)
            taken.append(room - device.room)
        assert taken[0] - taken[1] >= 1000 * 4  # others may have gone with it, none has come


def test_without_room_everything_stays_where_it_was():
    with hidden(room=10_000):
        backends.set_backend("cpu")
        variables = [Variable(np.ones(1000)) for _ in range(4)]
        with pytest.raises(MemoryError):
            backends.set_backend(NAME)
        assert backends.get_backend() == "cpu"
        assert all(type(variable.data) is np.ndarray for variable in variables)


def test_in_numpy_nothing_is_copied_that_need_not_be():
    backends.set_backend("cpu")
    x = np.ones(3)
    assert memory.given(x) is x and memory.sent(x) is x and memory.to_host(x) is x
    assert memory.copied(x) is not x and memory.part(x, 0, 2).base is x
    array, seen = memory.shared(2, np.int64)
    assert array is seen


def made_in_many_ways(count):
    variables = [Variable(np.ones(count), dtype=kind) for kind in ("float32", "float64", "int64")]
    yield from (variable.data for variable in variables)
    yield Flat(variables[:1] + [Variable(np.ones(3))]).data
    yield from (memory.empty(shape, np.float32) for shape in (count, (2, count), [count, 1]))
    yield memory.full((1, count), 2, "float32")
    yield memory.copied(np.ones((count, 3), np.float32).T)
    yield backends.compute("unary", np.ones(count, np.float32), op="exp")


def test_a_large_array_begins_where_a_line_of_the_cache_does():
    backends.set_backend("cpu")
    kept = []  # so that no array gets the memory of another
    for count in (4096, 5000, 4097) * 20:
        kept += made_in_many_ways(count)
        assert not any(memory.address(x) % memory.LINE for x in kept)
        assert all(x.flags.c_contiguous and x.flags.writeable for x in kept)
    x = memory.full((3, 5000), 7, np.float32)
    assert x.shape == (3, 5000) and x.dtype == np.float32 and (x == 7).all()
    words = memory.copied(np.array(["a", None] * 5000))
    assert words.base is None and words[:3].tolist() == ["a", None, "a"]


def test_the_parts_of_a_large_array_are_its_own_here_and_there(device):
    """NumPy would say that their base is the room that the array lies in."""
    backends.set_backend("cpu")
    flat = Flat([Variable(np.ones((50, 100))), Variable(np.zeros(10))])
    for name in ("cpu", NAME, "cpu"):
        backends.set_backend(name)
        assert flat.holds(flat.variables) and flat.data.shape == (5010,)
        memory.write(flat.data, 5)
        assert [v.numpy().sum() for v in flat.variables] == [25_000, 50]
    assert memory.address(flat.data) % memory.LINE == 0


def test_the_address_is_that_of_the_first_byte_whatever_the_array():
    backends.set_backend("cpu")
    x = np.arange(24.0).reshape(4, 6)
    fixed = x.copy()
    fixed.flags.writeable = False
    for array in (
        x,
        x[1:],
        x[::2, 1:],
        x.T,
        x[2:2],
        fixed,
        fixed[1],
        np.ones(()),
        np.ones(0, bool),
    ):
        assert memory.address(array) == array.ctypes.data
    assert memory.address(x[1:]) - memory.address(x) == 48
