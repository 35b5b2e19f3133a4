"""Moments that fade come to 0, and not to numbers that a processor is slow with."""

import numpy as np
import pytest

cpu = pytest.importorskip("dlcore.backends.cpu", reason="Numba is not there")

from dlcore import optimizers  # noqa: E402
from dlcore.backends import KERNELS  # noqa: E402
from dlcore.backends import numpy as key  # noqa: E402
from dlcore.backends.cpu import moving_average  # noqa: E402
from dlcore.backends.cpu.fast_math import fading  # noqa: E402
from dlcore.tensor import Variable  # noqa: E402

EACH = {
    "momentum": optimizers.SGD(momentum=0.9),
    "nesterov": optimizers.SGD(momentum=0.9, nesterov=True),
    "adam": optimizers.Adam(beta_2=0.9),
    "amsgrad": optimizers.Adam(amsgrad=True),
    "nadam": optimizers.Nadam(beta_2=0.9),
    "adamax": optimizers.Adamax(beta_2=0.9),
    "adadelta": optimizers.Adadelta(rho=0.9),
    "lion": optimizers.Lion(beta_2=0.9),
    "rmsprop": optimizers.RMSprop(),
    "rmsprop_momentum": optimizers.RMSprop(momentum=0.9),
    "rmsprop_centered": optimizers.RMSprop(centered=True),
    "rmsprop_centered_momentum": optimizers.RMSprop(momentum=0.9, centered=True),
}


@pytest.mark.parametrize("name", EACH)
def test_what_fades_comes_to_zero(name):
    optimizer, w = EACH[name], Variable(np.ones(40, np.float32))
    nothing = np.zeros(40, np.float32)
    optimizer.apply_gradients([(nothing + np.float32(1e-18), w)])
    for _ in range(460):  # 0.9 to the power of that is 1e-21
        optimizer.apply_gradients([(nothing, w)])
    for state in optimizer.variables:
        size = np.abs(np.asarray(state, np.float32))
        assert ((size == 0) | (size >= np.finfo(np.float32).tiny)).all()


@pytest.mark.parametrize("name", ["adam", "amsgrad", "nadam", "adamax"])
def test_a_step_is_exact_as_long_as_its_moment_is(name):
    """Its product with the learning rate would be below the least normal number, and inexact."""
    m = np.full(3, 2.0**-124)
    scales = [
        np.full(3, 1e-3 if name == "adamax" else 1e-6)
        for _ in KERNELS[f"{name}_update"].updates[2:]
    ]
    more = [np.asarray(0.9)] if name == "nadam" else []
    outputs, rest = (
        [np.zeros(3), m, *scales],
        [np.zeros(3), np.asarray(1e-3), np.asarray(50), *more],
    )
    attributes = KERNELS[f"{name}_update"].attributes
    expected, *_ = getattr(key, f"{name}_update")(*outputs, *rest, **attributes)
    found = [a.astype(np.float32) for a in outputs]
    getattr(cpu, f"{name}_update")(*found, np.zeros(3, np.float32), *rest[1:], *attributes.values())
    np.testing.assert_allclose(found[0], expected, rtol=1e-6)


def test_a_moving_average_comes_to_zero_too():
    average, nothing = np.full(5, 1e-18, np.float32), np.zeros(5, np.float32)
    for _ in range(460):
        moving_average(average, nothing, np.float32(0.9))
    np.testing.assert_array_equal(average, 0)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_only_what_is_below_the_least_normal_number_is_zero(dtype):
    least = np.finfo(dtype).tiny
    for x in (least, -least, np.inf, -np.inf, np.nan, 0):
        np.testing.assert_equal(fading(np.dtype(dtype).type(x), least), x)
    assert fading(least / 2, least) == 0 and fading(-least / 2, least) == 0
