"""The curves of a row: as exact as their numbers allow, in both dtypes and at their ends."""

import numpy as np
import pytest

pytest.importorskip("dlcore.backends.cpu", reason="Numba is not there")

from numba import njit  # noqa: E402

from dlcore.backends.cpu.fast_math import exp_of, to_sigmoid, to_tanh  # noqa: E402
from dlcore.backends.numba.registers import plus_product  # noqa: E402


@njit
def to_exp(y):
    for i in range(y.size):
        y[i] = exp_of(y[i], y.dtype.type)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


X = np.linspace(-80, 80, 100_001)
CURVES = [(to_exp, np.exp, X[X <= 0]), (to_sigmoid, sigmoid, X), (to_tanh, np.tanh, X / 8)]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("curve", "reference", "x"), CURVES, ids=["exp", "sigmoid", "tanh"])
def test_a_curve_is_right_to_its_last_digits(curve, reference, x, dtype):
    y = x.astype(dtype)
    expected = reference(y.astype(np.longdouble))
    curve(y)
    error = np.abs(y - expected) / np.abs(np.where(expected == 0, 1, expected))
    assert error.max() < 4 * np.finfo(dtype).eps


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_ends_of_a_curve(dtype):
    x = np.array([-np.inf, -1e30, -0.0, 0.0, 1e30, np.inf, np.nan], dtype)
    for curve, expected in (
        (to_sigmoid, [0, 0, 0.5, 0.5, 1, 1, np.nan]),
        (to_tanh, [-1, -1, 0, 0, 1, 1, np.nan]),
    ):
        y = x.copy()
        curve(y)
        np.testing.assert_allclose(y, np.array(expected, dtype), rtol=0, atol=2e-38)


@njit
def sum_with(total, a, b):
    return plus_product(total, a, b)


def test_a_product_is_added_in_the_dtype_of_its_numbers():
    third = np.float32(1 / 3)
    for kind in (np.float32, np.float64):
        found = sum_with(kind(1), kind(third), kind(3))
        assert found == pytest.approx(1 + 3 * float(third), rel=float(np.finfo(kind).eps))
