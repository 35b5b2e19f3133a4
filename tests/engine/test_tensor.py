"""The Tensor, the Variable and the tape."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import dlcore
from dlcore.engine import ops
from dlcore.tensor import Tensor, Variable, gradients, no_grad, set_floatx, topological_order


def test_a_tensor_shows_its_array():
    x = Tensor([[1, 2.5], [3, 4]])
    assert (x.shape, x.ndim, x.size, x.dtype, len(x)) == ((2, 2), 2, 4, np.float32, 2)
    np.testing.assert_array_equal(np.asarray(x), [[1, 2.5], [3, 4]])
    copy = x.numpy()
    copy[:] = 0
    assert x.data.any()
    assert float(Tensor(3)) == 3 and int(Tensor(3)) == 3 and Tensor(2.5).item() == 2.5
    assert bool(Tensor(1)) and "shape=(2, 2)" in repr(x)


def test_backward_sets_the_gradient_of_leaves_and_overwrites_it():
    w = Variable([1.0, 2.0], name="w")
    x = Tensor([3.0, 4.0])
    middle = w * x
    for _ in range(2):
        ops.sum(middle * middle).backward()
        # d(w x)^2 / dw = 2 w x^2, not twice that on the second call.
        np.testing.assert_array_equal(w.grad, [18, 64])
    assert x.grad is None and middle.grad is None


def test_gradient_of_anything_in_between():
    w = Variable([1.0, 2.0])
    middle = w * 3
    loss = ops.sum(middle * middle)
    dmiddle, dw = gradients(loss, [middle, w])
    np.testing.assert_array_equal(dmiddle, [6, 12])
    np.testing.assert_array_equal(dw, [18, 36])
    unrelated = Tensor(np.ones((2, 3)), requires_grad=True)
    assert gradients(loss, [unrelated])[0].shape == (2, 3)
    assert not gradients(loss, [unrelated])[0].any()


def test_gradient_needs_one_number_and_a_tape():
    w = Variable([1.0, 2.0])
    with pytest.raises(ValueError, match=r"shape \(2,\)"):
        (w * 2).backward()
    with no_grad():
        loss = ops.sum(w)
    with pytest.raises(ValueError, match="does not depend on any weight"):
        loss.backward()


def test_stop_gradient_cuts_the_tape():
    w = Variable([2.0])
    loss = ops.sum(w * ops.stop_gradient(w * w))
    np.testing.assert_array_equal(gradients(loss, [w])[0], [4])


def test_a_deep_tape_does_not_recurse():
    w = Variable([1.0])
    y = w
    for _ in range(5000):
        y = y + 1
    assert gradients(ops.sum(y), [w])[0] == 1
    assert len(topological_order(y)) == 5001


def test_a_variable_is_a_copy_that_keeps_its_array():
    start = np.ones(3)
    v = Variable(start, name="kernel")
    assert v.dtype == np.float32
    start[:] = 5
    array = v.data
    assert v.assign([1, 2, 3]) is v and v.data is array
    np.testing.assert_array_equal(v.value, [1, 2, 3])
    with pytest.raises(ValueError, match=r"'kernel' has shape \(3,\).*\(2,\)"):
        v.assign([1, 2])


def test_an_untrainable_variable_gets_no_gradient():
    v, w = Variable([1.0], trainable=False), Variable([1.0])
    ops.sum(v * w).backward()
    assert v.grad is None and w.grad is not None
    v.trainable = True
    assert v.requires_grad and v.trainable
    assert Variable(np.array([1, 2])).dtype == np.int64


def test_floatx():
    set_floatx("float64")
    try:
        assert Tensor([1.0]).dtype == Variable(np.ones(2, np.float32)).dtype == np.float64
    finally:
        set_floatx("float32")
    assert Tensor([1.0]).dtype == np.float32
    with pytest.raises(ValueError, match="float16"):
        set_floatx("float16")


def test_no_grad_is_left_on_an_error():
    with pytest.raises(RuntimeError), no_grad():
        raise RuntimeError
    assert ops.sum(Variable([1.0])).requires_grad


def test_the_names_at_the_top():
    assert dlcore.Tensor is Tensor and dlcore.Variable is Variable
    assert dlcore.get_backend() == dlcore.backends.get_backend()
    with pytest.raises(AttributeError, match="no attribute 'Sequental'"):
        _ = dlcore.Sequental


@pytest.mark.parametrize("line", ["from dlcore import Tensor", "from dlcore.tensor import Tensor"])
def test_a_tensor_has_its_operators_whatever_else_is_loaded(line):
    code = f"{line}\nassert float(2 - Tensor([1.0]) * 3) == -1 and float(-abs(Tensor(-2.0))) == -2"
    subprocess.run([sys.executable, "-c", code], check=True)
