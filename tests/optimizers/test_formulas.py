"""Steps of the optimizers whose formulas are long, beside those formulas in NumPy."""

import numpy as np
import pytest

from dlcore import backends
from dlcore.optimizers import Adadelta, Adam, Adamax, Lion, Nadam, RMSprop
from dlcore.tensor import Variable

RATE = 2.0**-5  # the same in float32


def amsgrad(w, dw, t, m, v, v_hat):
    m = 0.8 * m + 0.2 * dw
    v = 0.7 * v + 0.3 * dw**2
    v_hat = np.maximum(v_hat, v)
    rate = RATE * np.sqrt(1 - 0.7**t) / (1 - 0.8**t)
    return w - rate * m / (np.sqrt(v_hat) + 0.01), m, v, v_hat


def nadam(w, dw, t, m, v):
    u = 0.8 * (1 - 0.5 * 0.96 ** np.arange(1.0, t + 2))
    m = 0.8 * m + 0.2 * dw
    v = 0.7 * v + 0.3 * dw**2
    ahead = u[-1] * m / (1 - np.prod(u)) + (1 - u[-2]) * dw / (1 - np.prod(u[:-1]))
    return w - RATE * ahead / (np.sqrt(v / (1 - 0.7**t)) + 0.01), m, v


def adamax(w, dw, t, m, u):
    m = 0.8 * m + 0.2 * dw
    u = np.maximum(0.7 * u, np.abs(dw))
    return w - RATE / (1 - 0.8**t) * m / (u + 0.01), m, u


def adadelta(w, dw, t, a, d):
    a = 0.8 * a + 0.2 * dw**2
    s = np.sqrt(d + 0.01) / np.sqrt(a + 0.01) * dw
    return w - RATE * s, a, 0.8 * d + 0.2 * s**2


def lion(w, dw, t, m):
    return w - RATE * np.sign(0.8 * m + 0.2 * dw), 0.7 * m + 0.3 * dw


def rmsprop_momentum(w, dw, t, v, u):
    v = 0.8 * v + 0.2 * dw**2
    u = 0.7 * u + RATE * dw / np.sqrt(v + 0.01)
    return w - u, v, u


def rmsprop_centered(w, dw, t, v, a):
    v, a = 0.8 * v + 0.2 * dw**2, 0.8 * a + 0.2 * dw
    return w - RATE * dw / np.sqrt(v - a**2 + 0.01), v, a


def rmsprop_centered_momentum(w, dw, t, v, u, a):
    v, a = 0.8 * v + 0.2 * dw**2, 0.8 * a + 0.2 * dw
    u = 0.7 * u + RATE * dw / np.sqrt(v - a**2 + 0.01)
    return w - u, v, u, a


FORMULAS = {
    "rmsprop_momentum": (rmsprop_momentum, lambda: RMSprop(RATE, 0.8, 0.7, 0.01)),
    "rmsprop_centered": (rmsprop_centered, lambda: RMSprop(RATE, 0.8, 0.0, 0.01, centered=True)),
    "rmsprop_centered_momentum": (
        rmsprop_centered_momentum,
        lambda: RMSprop(RATE, 0.8, 0.7, 0.01, centered=True),
    ),
    "amsgrad": (amsgrad, lambda: Adam(RATE, 0.8, 0.7, 0.01, amsgrad=True)),
    "nadam": (nadam, lambda: Nadam(RATE, 0.8, 0.7, 0.01)),
    "adamax": (adamax, lambda: Adamax(RATE, 0.8, 0.7, 0.01)),
    "adadelta": (adadelta, lambda: Adadelta(RATE, 0.8, 0.01)),
    "lion": (lion, lambda: Lion(RATE, 0.8, 0.7)),
}


@pytest.fixture(params=["numpy", "cpu"])
def backend(request):
    if backends.available_backends()[request.param]:
        pytest.skip("Numba is not installed")
    before = backends.get_backend()
    backends.set_backend(request.param)
    yield
    backends.set_backend(before)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", FORMULAS)
def test_steps_are_those_of_the_formula(backend, name, dtype):
    formula, make = FORMULAS[name]
    rng = np.random.default_rng(0)
    optimizer, start = make(), rng.normal(size=(5, 7))
    variable = Variable(start, dtype=dtype)
    slots = [np.zeros_like(start) for group in optimizer.slots for _ in group]
    w, tolerance = start, {"float32": 2e-6, "float64": 1e-13}[dtype]
    # A gradient that is zero, sizes that differ, and first steps as well as much later ones.
    for t in (1, 2, 3, 1_500):
        optimizer.iterations.assign(t - 1)
        dw = rng.normal(size=(5, 7)) * 10.0 ** rng.integers(-3, 2, (5, 7))
        dw[0] = 0
        w, *slots = formula(w, dw, t, *slots)
        optimizer.apply([dw.astype(dtype)], [variable])
        assert variable.dtype == dtype
        np.testing.assert_allclose(variable.data, w, rtol=0, atol=tolerance)
    kept = [v.data for v in optimizer.variables if v.name.startswith(f"{variable.name}_")]
    assert len(kept) == len(slots)
    for array, slot in zip(kept, slots, strict=True):
        np.testing.assert_allclose(array, slot, rtol=0, atol=100 * tolerance)


def test_a_step_is_one_kernel_for_all_weights():
    # … of large arrays: what depends on the count of steps alone are single numbers.
    for name, (_, make) in FORMULAS.items():
        weights = [Variable(np.ones(3)), Variable(np.ones((2, 2)))]
        optimizer, seen = make(), []
        optimizer.build(weights)
        before = backends.set_recorder(
            lambda kernel, f, given, n, seen=seen: seen.append((kernel, given[0].size))
        )
        try:
            optimizer.apply([np.ones(3), np.ones((2, 2))], weights)
        finally:
            backends.set_recorder(before)
        assert [kernel for kernel, size in seen if size == 7] == [f"{name}_update"]
