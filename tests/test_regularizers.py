"""Regularisers: their values and gradients by hand, their names, what they refuse."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlcore import regularizers
from dlcore.engine import ops
from dlcore.regularizers import L1, L1L2, L2, OrthogonalRegularizer
from dlcore.tensor import Variable

W = np.array([[1.0, -2.0], [0.0, 4.0]], np.float32)


def value_and_gradient(regularizer, w):
    weight = Variable(w)
    penalty = regularizer(weight)
    assert penalty.shape == ()
    penalty.backward()
    return penalty.item(), weight.grad


def test_sums_of_magnitudes_and_squares():
    value, gradient = value_and_gradient(L1(0.1), W)
    assert value == pytest.approx(0.7)
    np.testing.assert_allclose(gradient, 0.1 * np.sign(W))
    value, gradient = value_and_gradient(L2(0.1), W)
    assert value == pytest.approx(2.1)
    np.testing.assert_allclose(gradient, 0.2 * W)
    value, gradient = value_and_gradient(L1L2(0.1, 0.1), W)
    assert value == pytest.approx(2.8)
    np.testing.assert_allclose(gradient, 0.1 * np.sign(W) + 0.2 * W, rtol=1e-6)


def test_nothing_is_punished_by_two_zeros():
    penalty = L1L2()(Variable(W))
    assert penalty.item() == 0 and penalty.dtype == np.float32
    assert L1L2(l1=0.5)(Variable(W)).item() == 3.5 and L1L2(l2=0.5)(Variable(W)).item() == 10.5


@given(
    rows=st.integers(2, 5),
    columns=st.integers(1, 5),
    mode=st.sampled_from(["rows", "columns"]),
    seed=st.integers(0, 99),
)
def test_angles_of_rows_and_columns(rows, columns, mode, seed):
    w = np.random.default_rng(seed).normal(size=(rows, columns))
    w = (w if mode == "rows" else w.T).astype(np.float32)
    vectors = list(w if mode == "rows" else w.T)
    cosines = [
        abs(a @ b) / np.linalg.norm(a) / np.linalg.norm(b)
        for i, a in enumerate(vectors)
        for b in vectors[:i]
    ]
    regularizer = OrthogonalRegularizer(0.3, mode)
    value, gradient = value_and_gradient(regularizer, w)
    assert value == pytest.approx(0.3 * np.mean(cosines), rel=1e-4)
    # The length of a row changes nothing, so that the gradient stands at right angles to it.
    along = (gradient * w).sum(axis=1 if mode == "rows" else 0)
    np.testing.assert_allclose(along, 0, atol=1e-5)


def test_a_row_of_zeros_has_no_direction():
    value, gradient = value_and_gradient(OrthogonalRegularizer(), np.eye(3) * [1, 1, 0])
    assert value == 0 and np.isfinite(gradient).all()


def test_a_step_downhill_makes_the_penalty_smaller():
    w = np.random.default_rng(1).normal(size=(4, 3)).astype(np.float32)
    for name in ("l1", "l2", "l1_l2", "orthogonal_regularizer"):
        regularizer = regularizers.get(name)
        value, gradient = value_and_gradient(regularizer, w)
        assert regularizer(Variable(w - 0.1 * gradient)).item() < value


def test_lookup():
    assert regularizers.get(None) is None
    assert regularizers.get("l2").l2 == 0.01 and regularizers.get("L1").l1 == 0.01
    both = regularizers.get("l1_l2")
    assert isinstance(both, L1L2) and (both.l1, both.l2) == (0.01, 0.01)
    assert isinstance(regularizers.get(L2), L2) and isinstance(regularizers.l2(0.3), L2)
    mine = regularizers.get(lambda x: 2 * ops.sum(x))
    assert mine(Variable(W)).item() == 6
    assert L1(None).l1 == 0.01 and L2(None).l2 == 0.01 and L1L2(None, None).l1 == 0
    described = regularizers.get({"class_name": "L2", "config": {"l2": 0.25}})
    assert isinstance(described, L2) and described.l2 == 0.25


@pytest.mark.parametrize(
    "regularizer", [L1(0.2), L2(0.3), L1L2(0.1, 0.4), OrthogonalRegularizer(0.5, "columns")]
)
def test_configuration(regularizer):
    config = regularizer.get_config()
    again = type(regularizer).from_config(config)
    assert again.get_config() == config
    assert again(Variable(W)).item() == regularizer(Variable(W)).item() > 0


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: L2(-0.1), "l2 must not be negative, but is -0.1; try 0.01"),
        (lambda: L1(float("nan")), "l1 is a finite number"),
        (lambda: L1("0.1"), "l1 is a number, not '0.1'"),
        (lambda: L1L2(l1=-1), "l1 must not be negative"),
        (lambda: L1L2(l2=-1), "l2 must not be negative"),
        (lambda: OrthogonalRegularizer(-1), "factor must not be negative"),
        (lambda: OrthogonalRegularizer(mode="row"), "Did you mean 'rows'"),
        (lambda: OrthogonalRegularizer()(Variable(np.ones(3))), r"two axes.*shape \(3,\)"),
        (lambda: OrthogonalRegularizer()(Variable(np.ones((1, 3)))), "there is one"),
        (lambda: L2(l3=1), "L2 has no argument 'l3'. It takes l2."),
        (lambda: regularizers.get("l11"), "Did you mean 'l1'"),
        (lambda: regularizers.get(3), "not int"),
        (lambda: regularizers.Regularizer()(1), "Regularizer has no __call__"),
    ],
)
def test_errors(make, words):
    with pytest.raises((TypeError, ValueError, NotImplementedError), match=words):
        make()
