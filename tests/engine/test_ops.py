"""Every operation: its values against NumPy, its gradient against finite differences."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore import backends
from dlcore.engine import ops
from dlcore.engine.program import Recording
from dlcore.layers import Input
from dlcore.tensor import Tensor, gradients, no_grad

RNG = np.random.default_rng(0)


@pytest.fixture(autouse=True)
def answer_key():
    before = backends.get_backend()
    backends.set_backend("numpy")
    yield
    backends.set_backend(before)


def positive(x):
    return np.abs(x) + 0.2


def softmax(x, axis=-1):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


A, B = RNG.normal(size=(3, 4)), RNG.normal(size=(3, 4))
ROW, COLUMN, CUBE = RNG.normal(size=4), RNG.normal(size=(3, 1)), RNG.normal(size=(2, 3, 4))
ONE_HOT = np.eye(4)[[0, 2, 3]]
UNIFORM = RNG.random(CUBE.shape)

# name: (the operation, the same in NumPy, the arguments that get a gradient)
CASES = {
    "exp": (ops.exp, np.exp, [A]),
    "log": (ops.log, np.log, [positive(A)]),
    "sqrt": (ops.sqrt, np.sqrt, [positive(A)]),
    "square": (ops.square, np.square, [A]),
    "abs": (ops.abs, np.abs, [A]),
    "negative": (ops.negative, np.negative, [A]),
    "add": (ops.add, np.add, [A, B]),
    "add row": (ops.add, np.add, [A, ROW]),
    "add column to cube": (ops.add, np.add, [CUBE, COLUMN]),
    "subtract column": (ops.subtract, np.subtract, [COLUMN, A]),
    "multiply": (ops.multiply, np.multiply, [A, ROW]),
    "divide": (ops.divide, np.divide, [A, positive(ROW)]),
    "power": (ops.power, np.power, [positive(A), ROW]),
    "maximum": (ops.maximum, np.maximum, [A, B]),
    "minimum": (ops.minimum, np.minimum, [A, ROW]),
    "clip": (lambda x: ops.clip(x, -0.5, 0.5), lambda x: np.clip(x, -0.5, 0.5), [A]),
    "where": (lambda a, b: ops.where(A > 0, a, b), lambda a, b: np.where(A > 0, a, b), [A, ROW]),
    "slice": (lambda x: ops.slice(x, (1, 0), (2, 3)), lambda x: x[1:3, :3], [A]),
    "concatenate": (
        lambda a, b: ops.concatenate([a, b, a], 1),
        lambda a, b: np.concatenate([a, b, a], 1),
        [A, COLUMN],
    ),
    "concatenate last": (lambda *x: ops.concatenate(x), lambda *x: np.concatenate(x, -1), [A, B]),
    "stack": (lambda *x: ops.stack(x, 1), lambda *x: np.stack(x, 1), [A, B]),
    "stack last": (lambda *x: ops.stack(x, -1), lambda *x: np.stack(x, -1), [A, B]),
    "split": (lambda x: ops.split(x, 2, 1)[1], lambda x: np.split(x, 2, 1)[1], [A]),
    "split at": (lambda x: ops.split(x, [1], 0)[1], lambda x: np.split(x, [1], 0)[1], [A]),
    "repeat": (lambda x: ops.repeat(x, 2, 1), lambda x: np.repeat(x, 2, 1), [A]),
    "tile": (lambda x: ops.tile(x, (2, 3)), lambda x: np.tile(x, (2, 3)), [A]),
    "flip": (lambda x: ops.flip(x, 1), lambda x: np.flip(x, 1), [CUBE]),
    "flip all": (ops.flip, np.flip, [CUBE]),
    "pad": (
        lambda x: ops.pad(x, [(1, 0), (0, 2)], 7.0),
        lambda x: np.pad(x, [(1, 0), (0, 2)], constant_values=7.0),
        [A],
    ),
    "sum": (ops.sum, np.sum, [A]),
    "sum axis": (lambda x: ops.sum(x, (0, -1)), lambda x: x.sum((0, -1)), [CUBE]),
    "mean": (lambda x: ops.mean(x, 1, True), lambda x: x.mean(1, keepdims=True), [CUBE]),
    "max": (lambda x: ops.max(x, -1), lambda x: x.max(-1), [CUBE]),
    "min": (lambda x: ops.min(x, (0, 1), True), lambda x: x.min((0, 1), keepdims=True), [CUBE]),
    "reshape": (lambda x: ops.reshape(x, (-1, 2)), lambda x: x.reshape(-1, 2), [A]),
    "expand_dims": (lambda x: ops.expand_dims(x, 1), lambda x: x[:, None], [A]),
    "squeeze": (lambda x: ops.squeeze(x, 1), lambda x: x.squeeze(1), [COLUMN]),
    "transpose": (ops.transpose, np.transpose, [CUBE]),
    "transpose axes": (
        lambda x: ops.transpose(x, (1, -1, 0)),
        lambda x: x.transpose(1, 2, 0),
        [CUBE],
    ),
    "take": (lambda x: ops.take(x, [[2, 0], [2, 2]]), lambda x: x[[[2, 0], [2, 2]]], [A]),
    "take axis": (
        lambda x: ops.take(x, [[2, 0], [2, 2]], 1),
        lambda x: x.take([[2, 0], [2, 2]], 1),
        [CUBE],
    ),
    "item": (lambda x: x[1:, ::2], lambda x: x[1:, ::2], [A]),
    "item box": (lambda x: x[:, 1:-1, -3:], lambda x: x[:, 1:-1, -3:], [CUBE]),
    "item row": (lambda x: x[-1], lambda x: x[-1], [CUBE]),
    "item last": (lambda x: x[..., 2], lambda x: x[..., 2], [CUBE]),
    "item one": (lambda x: x[1, 2, 3], lambda x: x[1, 2, 3], [CUBE]),
    "item new axis": (lambda x: x[:, None, 1:], lambda x: x[:, None, 1:], [A]),
    "item twice": (lambda x: x[[0, 0, 1]], lambda x: x[[0, 0, 1]], [A]),
    "matmul": (ops.matmul, np.matmul, [A, B.T.copy()]),
    "matmul broadcast": (ops.matmul, np.matmul, [CUBE, B.T.copy()]),
    "absolute": (ops.absolute, np.abs, [A]),
    "sin": (ops.sin, np.sin, [A]),
    "cos": (ops.cos, np.cos, [A]),
    "tan": (ops.tan, np.tan, [A]),
    "var": (ops.var, np.var, [A]),
    "var axis": (
        lambda x: ops.var(x, (0, 2), True),
        lambda x: x.var((0, 2), keepdims=True),
        [CUBE],
    ),
    "std": (lambda x: ops.std(x, -1), lambda x: x.std(-1), [CUBE]),
    "cumsum": (lambda x: ops.cumsum(x, 1), lambda x: x.cumsum(1), [CUBE]),
    "cumsum all": (ops.cumsum, np.cumsum, [CUBE]),
    "prod": (
        lambda x: ops.prod(x, (0, -1), True),
        lambda x: x.prod((0, -1), keepdims=True),
        [CUBE],
    ),
    "prod all": (ops.prod, np.prod, [A]),
    "tensordot": (
        lambda *x: ops.tensordot(*x, 1),
        lambda *x: np.tensordot(*x, 1),
        [CUBE, A.T.copy()],
    ),
    "tensordot axes": (
        lambda *x: ops.tensordot(*x, ((2, 1), (-1, 0))),
        lambda *x: np.tensordot(*x, ((2, 1), (-1, 0))),
        [CUBE, A],
    ),
    "einsum": (
        lambda *x: ops.einsum("bij,kj->bik", *x),
        lambda *x: np.einsum("bij,kj->bik", *x),
        [CUBE, A],
    ),
    "einsum spread": (
        lambda *x: ops.einsum("ij,ij,k->jk", *x),
        lambda *x: np.einsum("ij,ij,k->jk", *x),
        [A, A[:1] * 2, ROW],
    ),
    "outer": (ops.outer, np.outer, [A, ROW]),
    "sort": (lambda x: ops.sort(x, 1), lambda x: np.sort(x, 1), [CUBE]),
    "top_k": (lambda x: ops.top_k(x, 2)[0], lambda x: -np.sort(-x)[..., :2], [CUBE]),
    "full": (lambda x: ops.full((2, 4), x, "float64"), lambda x: np.full((2, 4), x), [ROW]),
    "linspace": (
        lambda a, b: ops.linspace(a, b, 5, axis=1),
        lambda a, b: np.linspace(a, b, 5, axis=1),
        [A, B],
    ),
    "dense": (ops.dense, lambda x, w, b: x @ w + b, [CUBE, RNG.normal(size=(4, 5)), np.ones(5)]),
    "dense without bias": (ops.dense, lambda x, w: x @ w, [A, RNG.normal(size=(4, 5))]),
    "relu": (ops.relu, lambda x: np.maximum(x, 0), [A]),
    "leaky_relu": (lambda x: ops.leaky_relu(x, 0.3), lambda x: np.where(x > 0, x, 0.3 * x), [A]),
    "sigmoid": (ops.sigmoid, lambda x: 1 / (1 + np.exp(-x)), [CUBE]),
    "tanh": (ops.tanh, np.tanh, [CUBE]),
    "softmax": (ops.softmax, softmax, [CUBE]),
    "softmax axis": (lambda x: ops.softmax(x, 1), lambda x: softmax(x, 1), [CUBE]),
    "dropout": (
        lambda x: ops.dropout(x, UNIFORM, 0.25),
        lambda x: x * (UNIFORM >= 0.25) / 0.75,
        [CUBE],
    ),
    "dropout shared along an axis": (
        lambda x: ops.dropout(x, UNIFORM[:, :1], 0.25),
        lambda x: x * (UNIFORM[:, :1] >= 0.25) / 0.75,
        [CUBE],
    ),
    "mean_squared_error": (
        lambda y: ops.mean_squared_error(CUBE, y),
        lambda y: ((y - CUBE) ** 2).mean(-1),
        [CUBE[::-1].copy()],
    ),
    "binary_crossentropy": (
        lambda y: ops.binary_crossentropy(ONE_HOT, y),
        lambda y: -np.log(np.where(ONE_HOT == 1, y, 1 - y)),
        [softmax(A)],
    ),
    "binary_crossentropy from logits": (
        lambda z: ops.binary_crossentropy(ONE_HOT, z, from_logits=True),
        lambda z: np.log1p(np.exp(np.where(ONE_HOT == 1, -z, z))),
        [A],
    ),
    "categorical_crossentropy": (
        lambda y: ops.categorical_crossentropy(ONE_HOT, y),
        lambda y: -np.log((y * ONE_HOT).sum(-1) / y.sum(-1)),
        [positive(A)],
    ),
    "categorical_crossentropy from logits": (
        lambda z: ops.categorical_crossentropy(ONE_HOT, z, from_logits=True),
        lambda z: -np.log((softmax(z) * ONE_HOT).sum(-1)),
        [A],
    ),
    "sparse_categorical_crossentropy": (
        lambda y: ops.sparse_categorical_crossentropy([0, 2, 3], y),
        lambda y: -np.log((y * ONE_HOT).sum(-1) / y.sum(-1)),
        [positive(A)],
    ),
    "sparse_categorical_crossentropy from logits": (
        lambda z: ops.sparse_categorical_crossentropy([0, 2, 3], z, from_logits=True),
        lambda z: -np.log((softmax(z) * ONE_HOT).sum(-1)),
        [A],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_value_and_gradient(name):
    operation, reference, arguments = CASES[name]
    tensors = [Tensor(x.copy(), requires_grad=True) for x in arguments]
    y = operation(*tensors)
    expected = reference(*arguments)
    assert y.shape == np.shape(expected) and y.dtype == np.float64
    np.testing.assert_allclose(y.data, expected, rtol=1e-10)

    upstream = np.random.default_rng(1).normal(size=y.shape)
    found = gradients(ops.sum(y * upstream), tensors)
    for i, x in enumerate(arguments):
        assert found[i].shape == x.shape
        for place in np.ndindex(x.shape):
            ends = []
            for step in (1e-6, -1e-6):
                moved = [a.copy() for a in arguments]
                moved[i][place] += step
                ends.append(float(np.sum(reference(*moved) * upstream)))
            assert found[i][place] == pytest.approx((ends[0] - ends[1]) / 2e-6, abs=1e-6)


def test_every_public_operation_is_tried():
    tried = {name.split()[0] for name in CASES} | {"get_item"}
    names = ("axes", "einsum", "elementwise", "joining", "nn", "numerics", "targets_first")
    files = {f"dlcore.engine.ops.{name}" for name in names}
    here = {name for name in ops.__all__ if getattr(ops, name).__module__ in files}
    without = {"sign", "argsort", "ceil", "floor", "isfinite", "isinf", "isnan", "round"}
    assert here == tried - {"item", "full", "linspace", "outer"} | without


def test_what_has_no_gradient():
    x = np.array([[-1.5, 0.5, 2.5], [np.nan, np.inf, -np.inf]], np.float32)
    t = Tensor(x, requires_grad=True)
    for name in ("floor", "ceil", "round", "isnan", "isfinite", "isinf"):
        y = getattr(ops, name)(t)
        np.testing.assert_array_equal(y.data, getattr(np, name)(x))
        assert y.dtype == np.float32 and not y.requires_grad
    for decimals in (2, -1):
        y = ops.round([1234.567, 15.0, -25.0], decimals)
        expected = np.round(np.array([1234.567, 15.0, -25.0], np.float32), decimals)
        np.testing.assert_array_equal(y.data, expected)
    np.testing.assert_array_equal(ops.round([15, 24], -1).data, [20, 20])


def test_order_of_equal_numbers():
    x = [[3, 1, 3, 2, 1], [0, 0, 0, 0, 0]]
    np.testing.assert_array_equal(ops.argsort(x).data, [[1, 4, 3, 0, 2], [0, 1, 2, 3, 4]])
    np.testing.assert_array_equal(ops.argsort(x, axis=0).data, [[1] * 5, [0] * 5])
    values, places = ops.top_k(x, 3)
    np.testing.assert_array_equal(values.data, [[3, 3, 2], [0, 0, 0]])
    np.testing.assert_array_equal(places.data, [[0, 2, 3], [0, 1, 2]])
    with pytest.raises(ValueError, match="from 1 to the size of the last axis, 5, not 6"):
        ops.top_k(x, 6)


def test_tensors_of_a_shape():
    for y, expected in [
        (ops.zeros((2, 3)), np.zeros((2, 3), np.float32)),
        (ops.ones(2, "int32"), np.ones(2, np.int32)),
        (ops.full((2,), -np.inf), np.full(2, -np.inf, np.float32)),
        (ops.zeros_like(A), np.zeros((3, 4))),
        (ops.ones_like(A, "float32"), np.ones((3, 4), np.float32)),
        (ops.full_like([1, 2], 7), np.array([7, 7])),
        (ops.arange(3), np.array([0, 1, 2], np.int32)),
        (ops.arange(1, 2, 0.25), np.array([1, 1.25, 1.5, 1.75], np.float32)),
        (ops.arange(5, 0, -2, "float64"), np.array([5.0, 3, 1])),
        (ops.linspace(0, 1, 3), np.array([0, 0.5, 1], np.float32)),
        (ops.linspace(0.0, 1.0, 4, endpoint=False), np.array([0, 0.25, 0.5, 0.75], np.float32)),
        (ops.linspace(2.0, 3.0, 3, retstep=True)[1], np.array(0.5, np.float32)),
        (ops.eye(2, 3, 1), np.eye(2, 3, 1, np.float32)),
    ]:
        np.testing.assert_array_equal(y.data, expected)
        assert y.dtype == expected.dtype
    assert ops.shape(A) == (3, 4) and ops.shape([[1, 2]]) == (1, 2)
    assert ops.shape(Input((5,))) == (None, 5)


def test_comparisons_and_sign():
    x = Tensor([-2.0, 0.0, 3.0], requires_grad=True)
    for y, expected in [
        (ops.sign(x), [-1, 0, 1]),
        (ops.greater(x, 0), [0, 0, 1]),
        (ops.greater_equal(x, 0), [0, 1, 1]),
        (ops.less(x, 0), [1, 0, 0]),
        (ops.less_equal(x, 0), [1, 1, 0]),
        (ops.equal(x, 3.0), [0, 0, 1]),
        (ops.not_equal(x, 3.0), [1, 1, 0]),
        (ops.logical_and(x, [1.0, 1.0, 0.0]), [1, 0, 0]),
        (ops.logical_or(x, [0.0, 0.0, 1.0]), [1, 0, 1]),
        (ops.logical_not(x), [0, 1, 0]),
        (ops.any(x), 1),
        (ops.all(x), 0),
        (ops.any([[0.0, 0.0], [0.0, -1.0]], axis=1), [0, 1]),
        (ops.all([[2.0, 0.0], [3.0, -1.0]], axis=0), [1, 0]),
        (ops.one_hot([2, 0, 5], 3), [[0, 0, 1], [1, 0, 0], [0, 0, 0]]),
    ]:
        np.testing.assert_array_equal(y.data, expected)
        assert y.dtype == np.float32 and not y.requires_grad


def test_argmax_and_argmin():
    x = Tensor([[1.0, 5.0, 5.0], [-1.0, -2.0, 0.0]])
    for y, expected in [
        (ops.argmax(x), 1),
        (ops.argmin(x), 4),
        (ops.argmax(x, axis=1), [1, 2]),
        (ops.argmin(x, axis=-1), [0, 1]),
        (ops.argmax(x, axis=0), [0, 0, 0]),
    ]:
        np.testing.assert_array_equal(y.data, expected)
        assert y.dtype == np.int64
    with pytest.raises(ValueError, match="no axis 2"):
        ops.argmax(x, axis=2)


def test_tensors_that_cannot_be_joined_or_cut_are_refused():
    with pytest.raises(
        ValueError, match=r"shapes \(3, 4\) and \(3, 1\) cannot be joined along axis 0"
    ):
        ops.concatenate([A, COLUMN], axis=0)
    with pytest.raises(ValueError, match="at least one tensor"):
        ops.concatenate([])
    with pytest.raises(ValueError, match="size 4 cannot be cut into 3 equal parts"):
        ops.split(A, 3, axis=1)


def test_equal_maxima_share_the_gradient():
    x = Tensor([1.0, 5.0, 5.0], requires_grad=True)
    np.testing.assert_array_equal(gradients(ops.max(x), [x])[0], [0, 0.5, 0.5])
    a, b = (Tensor([2.0], requires_grad=True) for _ in range(2))
    assert [g.item() for g in gradients(ops.sum(ops.maximum(a, b)), [a, b])] == [1, 0]


def test_number_types():
    x = Tensor(np.ones(2, np.float32))
    wide = Tensor(np.ones(2, np.float64))
    whole = Tensor(np.array([1, 2]))
    assert (x * 2.5).dtype == (2 * x).dtype == (x / 3).dtype == np.float32
    assert (x + wide).dtype == np.float64
    assert (whole + 1).dtype == np.int64
    assert (whole * 0.5).dtype == (whole / 2).dtype == (whole + x).dtype == np.float32
    np.testing.assert_array_equal((whole * 0.5).data, [0.5, 1])
    back = gradients(ops.sum(ops.cast(t := Tensor([1.0], requires_grad=True), "float64")), [t])
    assert back[0].dtype == np.float32
    with pytest.raises(TypeError, match="holds numbers"):
        Tensor(["a"])


def test_operators_match_their_functions():
    a, b = Tensor(A), Tensor(B)
    for y, expected in [
        (a + b, A + B),
        (1 - a, 1 - A),
        (a * B, A * B),
        (A * b, A * B),
        (2 / (a * a), 2 / (A * A)),
        (a**2, A**2),
        (2.0**a, 2.0**A),
        (a @ B.T, A @ B.T),
        (-a, -A),
        (abs(a), np.abs(A)),
    ]:
        assert isinstance(y, Tensor)
        np.testing.assert_allclose(y.data, expected)


def test_wrong_shapes_are_named():
    with pytest.raises(ValueError, match=r"\(3, 4\) and \(3,\)"):
        ops.add(A, np.ones(3))
    with pytest.raises(ValueError, match=r"w has shape \(3, 5\), but its size i is 4 in x"):
        ops.dense(A, np.ones((3, 5)))
    with pytest.raises(ValueError, match=r"matmul: a has shape \(3, 4\) and b has shape \(3, 4\)"):
        ops.matmul(A, B)
    with pytest.raises(ValueError, match="no axis 2"):
        ops.sum(A, 2)


def test_no_grad_leaves_no_tape():
    x = Tensor(A, requires_grad=True)
    with no_grad():
        y = ops.sum(x * x)
    assert y.node is None and not y.requires_grad
    assert ops.sum(x * x).requires_grad


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1), st.integers(2, 12))
def test_gradient_of_random_graphs(seed, length):
    """A tensor used many times gets the sum of what comes back on every way."""
    rng = np.random.default_rng(seed)
    plan = [(rng.integers(4), *rng.integers(0, i + 1, 2)) for i in range(length)]

    def graph(x):
        values = [x]
        for op, i, j in plan:
            a, b = values[i], values[j]
            values.append(
                [
                    lambda a, b: a + b,
                    lambda a, b: a * b * 0.5,
                    lambda a, b: a - 2 * b,
                    lambda a, b: (a * a + 1) ** -0.5 + b * 0,
                ][op](a, b)
            )
        return values[-1]

    point = rng.uniform(-1, 1, 3)
    x = Tensor(point.copy(), requires_grad=True)
    found = gradients(ops.sum(graph(x)), [x])[0] if graph(x).requires_grad else np.zeros(3)
    expected = [(graph(point + e).sum() - graph(point - e).sum()) / 2e-6 for e in np.eye(3) * 1e-6]
    scale = max(1.0, np.abs(expected).max())
    np.testing.assert_allclose(found, expected, atol=1e-5 * scale)


# The kernels that the gradient of the first argument alone needs, and that of the second.
OF_ONE = {
    "add row": ("", "reduce"),
    "subtract column": ("reduce", "unary"),
    "multiply": ("binary", "binary reduce"),
    "divide": ("binary", "binary binary unary reduce"),
    "power": ("binary binary binary binary", "unary binary binary reduce"),
    "maximum": ("binary where", "binary where"),
    "minimum": ("binary where", "binary where reduce"),
    "where": ("where", "where reduce"),
    "matmul": ("transpose matmul", "transpose matmul"),
    "matmul broadcast": ("transpose matmul", "transpose matmul reduce"),
}


@pytest.mark.parametrize("name", OF_ONE)
@pytest.mark.parametrize("place", [0, 1])
def test_no_kernel_calculates_the_gradient_of_a_constant(name, place):
    operation, _, values = CASES[name]

    def slopes(*wanted):
        y = operation(*[Tensor(x, requires_grad=i in wanted) for i, x in enumerate(values)])
        return y.node.backward(np.arange(float(y.size)).reshape(y.shape))

    with Recording() as recording:
        found = slopes(place)
    assert [call.name for call in recording.calls[1:]] == OF_ONE[name][place].split()
    assert found[1 - place] is None
    np.testing.assert_allclose(found[place], slopes(0, 1)[place], rtol=1e-12)
