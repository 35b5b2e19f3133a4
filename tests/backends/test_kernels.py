"""Every kernel of every backend against the answer key, and the answer key against itself."""

from __future__ import annotations

import importlib
import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore import backends
from dlcore.backends import KERNELS
from dlcore.backends import numpy as key

from .cases import arguments, numbers

BACKENDS = [b for b in ("numpy", "cpu") if backends.available_backends()[b] is None]
FORWARD = sorted(name for name in KERNELS if f"{name}_grad" in KERNELS)
# What a kernel may differ from the answer key: sums in another order, exp and log of another
# library; relative to the maximum magnitude in the output.
TOLERANCE = {np.float32: 2e-5, np.float64: 1e-12}


@pytest.fixture(params=BACKENDS)
def backend(request):
    before = backends.get_backend()
    backends.set_backend(request.param)
    yield request.param
    backends.set_backend(before)


def tuples(results):
    return results if isinstance(results, tuple) else (results,)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", sorted(KERNELS))
def test_agrees_with_the_answer_key(backend, name, dtype):
    @settings(max_examples=40)
    @given(arguments(name, dtype))
    def check(case):
        inputs, attributes = case
        before = [x.copy() for x in inputs]
        found = tuples(backends.compute(name, *inputs, **attributes))
        for x, y in zip(inputs, before, strict=True):
            np.testing.assert_array_equal(x, y, err_msg="an input was changed")
        expected = tuples(getattr(key, name)(*inputs, **attributes))
        shapes = KERNELS[name].output_shapes([x.shape for x in inputs], attributes)
        assert [y.shape for y in found] == shapes == [np.shape(y) for y in expected]
        for y, y_key in zip(found, expected, strict=True):
            scale = max(1.0, float(np.max(np.abs(y_key), initial=0)))
            np.testing.assert_allclose(y, y_key, rtol=0, atol=TOLERANCE[dtype] * scale)

    check()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", sorted(set(KERNELS) - {"random_uniform", "cast"}))
def test_answer_key_keeps_the_number_type(name, dtype):
    @settings(max_examples=15)
    @given(arguments(name, dtype))
    def check(case):
        inputs, attributes = case
        outputs = tuples(getattr(key, name)(*inputs, **attributes))
        for array, y in zip(KERNELS[name].outputs, outputs, strict=True):
            kind = np.asarray(y).dtype
            assert kind.kind == "i" if array.integer else kind == dtype

    check()


# Gradients: d(sum(y * dy)) / dx by central differences, in float64.


def differences(function, x, step=1e-6):
    slope = np.zeros_like(x)
    for i in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        slope[i] = (function(up) - function(down)) / (2 * step)
    return slope


@pytest.mark.parametrize("name", FORWARD)
def test_gradient_against_finite_differences(name):
    kernel, gradient = KERNELS[name], KERNELS[f"{name}_grad"]

    @settings(max_examples=25)
    @given(arguments(name, np.float64), st.integers(0, 2**32 - 1))
    def check(case, seed):
        inputs, attributes = case
        # The corners of relu have no slope: stay away from them.
        inputs = [np.asarray(x + 0.01 * (x == 0)) if x.dtype.kind == "f" else x for x in inputs]
        outputs = tuples(getattr(key, name)(*inputs, **attributes))
        rng = np.random.default_rng(seed)
        upstream = {
            a.name: np.asarray(rng.normal(size=y.shape))
            for a, y in zip(kernel.outputs, outputs, strict=True)
            if "d" + a.name in {given.name for given in gradient.inputs}
        }
        known = {a.name: x for a, x in zip(kernel.inputs, inputs, strict=True)}
        known |= {a.name: y for a, y in zip(kernel.outputs, outputs, strict=True)}
        known |= {"d" + name: dy for name, dy in upstream.items()}
        arrays = [known[a.name] for a in gradient.inputs]
        shared = {name: v for name, v in attributes.items() if name in gradient.attributes}
        found = tuples(getattr(key, gradient.name)(*arrays, **shared))
        for array, dx in zip(gradient.outputs, found, strict=True):
            position = [a.name for a in kernel.inputs].index(array.name[1:])

            def loss(x, position=position):
                changed = [*inputs[:position], x, *inputs[position + 1 :]]
                results = tuples(getattr(key, name)(*changed, **attributes))
                ys = {a.name: y for a, y in zip(kernel.outputs, results, strict=True)}
                return float(sum(np.sum(ys[name] * dy) for name, dy in upstream.items()))

            expected = differences(loss, inputs[position])
            scale = max(1.0, float(np.max(np.abs(expected), initial=0)))
            np.testing.assert_allclose(dx, expected, rtol=0, atol=2e-6 * scale)

    check()


def test_dropout_is_its_own_gradient():
    @settings(max_examples=25)
    @given(arguments("dropout", np.float64), st.integers(0, 2**32 - 1))
    def check(case, seed):
        (x, u), attributes = case
        dy = np.asarray(np.random.default_rng(seed).normal(size=x.shape))
        expected = differences(lambda x: float(np.sum(key.dropout(x, u, **attributes) * dy)), x)
        scale = max(1.0, float(np.max(np.abs(expected), initial=0)))
        found = key.dropout(dy, u, **attributes)
        np.testing.assert_allclose(found, expected, rtol=0, atol=2e-6 * scale)

    check()


def test_every_gradient_pairs_with_a_forward_kernel():
    gradients = {name for name in KERNELS if name.endswith("_grad")}
    assert gradients == {f"{name}_grad" for name in FORWARD}
    for name in FORWARD:
        upstream = KERNELS[f"{name}_grad"].inputs[0].name
        assert upstream == "d" + KERNELS[name].outputs[0].name


@pytest.mark.parametrize("name", ["numpy", "cpu"])
def test_backend_is_a_module_of_the_contracts_functions(name):
    if name not in BACKENDS:
        pytest.skip(str(backends.available_backends()[name]))
    module = importlib.import_module(f"dlcore.backends.{name}")
    for kernel in KERNELS.values():
        if kernel.name in backends.missing_kernels(name):
            continue
        function = getattr(module, kernel.name)
        found = list(inspect.signature(getattr(function, "py_func", function)).parameters)
        inputs = [a.name for a in kernel.inputs]
        outputs = [a.name for a in kernel.outputs]
        if name == "numpy":
            assert found == inputs + list(kernel.attributes)
        else:
            given = [a for a in inputs if a not in outputs]
            assert found == outputs + given + list(kernel.attributes)


def test_a_kernel_that_cpu_lacks_runs_as_the_answer_key_has_it(monkeypatch):
    cpu = pytest.importorskip("dlcore.backends.cpu")
    monkeypatch.delattr(cpu, "relu")
    before = backends.get_backend()
    backends.set_backend("cpu")
    try:
        np.testing.assert_array_equal(backends.compute("relu", np.array([-1.0, 2.0])), [0, 2])
        assert "relu" in backends.missing_kernels("cpu")
    finally:
        monkeypatch.undo()
        backends.set_backend(before)


# Random numbers.


def test_philox_known_answers(backend):
    # The first of the known answers of Random123 (kat_vectors, "philox4x32 10"): counter and key
    # all zero. The upper 24 bits of each word are used.
    zeros = [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]
    u = backends.compute("random_uniform", 0, 0, 0, shape=(4,))
    assert [int(x) for x in u.astype(np.float64) * 2**24] == [word >> 8 for word in zeros]


def test_philox_against_the_paper(backend):
    # The rounds once more in Python's own whole numbers, as the paper writes them.
    def block(counter, key):
        c, k = list(counter), list(key)
        for _ in range(10):
            p0, p1 = c[0] * 0xD2511F53, c[2] * 0xCD9E8D57
            c = [p1 >> 32 ^ c[1] ^ k[0], p1 % 2**32, p0 >> 32 ^ c[3] ^ k[1], p0 % 2**32]
            k = [(k[0] + 0x9E3779B9) % 2**32, (k[1] + 0xBB67AE85) % 2**32]
        return c

    # The third known answer: the digits of pi as counter and key prove this reference itself.
    pi = (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0)
    assert block(*pi) == [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]
    seed, stream, step = 2**40 + 11, 7, 2**33 + 5
    words = [w for i in range(3) for w in block((i, 7, 5, 2), (11, 256))]
    u = backends.compute("random_uniform", seed, stream, step, shape=(11,))
    assert [int(x) for x in u.astype(np.float64) * 2**24] == [w >> 8 for w in words[:11]]


def test_philox_uses_every_bit_of_key_and_counter(backend):
    base = backends.compute("random_uniform", 5, 6, 7, shape=(64,))
    for change in [(5 + 2**40, 6, 7), (6, 6, 7), (5, 7, 7), (5, 6, 8), (5, 6, 7 + 2**40)]:
        other = backends.compute("random_uniform", *change, shape=(64,))
        assert np.mean(other == base) < 0.1


def test_random_uniform_is_the_same_bits_everywhere_and_uniform():
    before = backends.get_backend()
    results = []
    for name in BACKENDS:
        backends.set_backend(name)
        results.append(backends.compute("random_uniform", 123, 4, 5, shape=(1001, 7)))
    backends.set_backend(before)
    for other in results[1:]:
        np.testing.assert_array_equal(results[0], other)
    u = results[0]
    assert u.dtype == np.float32 and u.min() >= 0 and u.max() < 1
    # Mean 1/2 and variance 1/12, each within five standard errors of 7007 draws.
    assert abs(u.mean() - 1 / 2) < 5 / np.sqrt(12 * u.size)
    assert abs(u.var() - 1 / 12) < 5 * np.sqrt(1 / 180 / u.size)
    assert abs(np.corrcoef(u.reshape(-1)[:-1], u.reshape(-1)[1:])[0, 1]) < 5 / np.sqrt(u.size)


# Numbers that are not ordinary.


UPDATES = sorted(name for name in KERNELS if name.endswith("_update"))


@pytest.mark.parametrize("name", FORWARD + UPDATES)
def test_a_nan_stays_visible(backend, name):
    rng = np.random.default_rng(0)
    kernel = KERNELS[name]
    special = {
        "labels": np.zeros(2, np.int64),
        "mask": np.ones((2, 2), np.int64),
        "step": np.asarray(1),
    }
    inputs = []
    for array in kernel.inputs:
        letters = dict.fromkeys((letter for _, letter in array.factors), 2)
        shape = (2, 2) if array.sizes is None else array.shape(letters)
        value = np.abs(numbers(rng, shape, np.float32)) / 10 + np.float32(0.1)
        inputs.append(special.get(array.name, value))
    position = 2 if name == "sgd_update" else 0
    position = 1 if name.endswith("update") and name != "adam_update" else position
    inputs[position][..., 0] = np.nan
    outputs = tuples(backends.compute(name, *inputs))
    assert np.isnan(outputs[0]).any()


def test_great_numbers_do_not_overflow(backend):
    x = np.array([[-1e4, -90.0, 0.0, 90.0, 1e4]], np.float32)
    y = backends.compute("sigmoid", x)
    assert y[0, 2] == 0.5 and y[0, 4] == 1 and 0 <= y[0, 0] < 1e-30
    assert np.isfinite(backends.compute("softmax", x)).all()
    t = np.zeros_like(x)
    for name in ("binary_crossentropy_from_logits", "categorical_crossentropy_from_logits"):
        assert np.isfinite(tuples(backends.compute(name, x, t))[0]).all()


def test_probabilities_of_zero_and_one_give_a_finite_loss(backend):
    y = np.array([[0.0, 1.0]], np.float32)
    t = np.array([[1.0, 0.0]], np.float32)
    # -log(1e-7), and what is left of 1 - (1 - 1e-7) in float32: -log(2**-23).
    loss = backends.compute("binary_crossentropy", y, t)
    np.testing.assert_allclose(loss, (-np.log(1e-7) - np.log(2.0**-23)) / 2, rtol=1e-5)
    # At the bounds the loss is flat, as Keras has it.
    dloss = np.ones(1, np.float32)
    assert not backends.compute("binary_crossentropy_grad", dloss, y, t).any()
    loss = backends.compute("categorical_crossentropy", y, t)
    np.testing.assert_allclose(loss, -np.log(1e-7), rtol=1e-5)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("kind", ["binary", "categorical", "sparse_categorical"])
def test_where_a_probability_is_exactly_zero_the_slope_is_a_number(backend, kind, dtype):
    # The true class has nothing, everything, and a half beside a class that has nothing.
    y = np.array([[0, 1, 0], [0, 1, 0], [0, 0.5, 0.5]], dtype)
    t, labels = np.eye(3, dtype=dtype)[[0, 1, 1]], np.array([0, 1, 1])
    dloss = np.array([1, 1, 2], dtype)
    target = labels if kind == "sparse_categorical" else t
    dy = backends.compute(f"{kind}_crossentropy_grad", dloss, y, target)
    # Beyond the bounds the loss is flat: only the half has a slope, 2 (1 - 1 / 0.5) or, for yes
    # and no, 2 (y - t) / (y (1 - y)) / 3; the sum of a row divides all classes alike.
    half = [0, -4 / 3, 4 / 3] if kind == "binary" else [2, -2, 2]
    np.testing.assert_allclose(dy, [[0, 0, 0], [0, 0, 0], half], rtol=1e-6)


@pytest.mark.parametrize("kind", ["categorical", "sparse_categorical"])
def test_a_certain_prediction_meets_the_upper_bound(backend, kind):
    name = f"{kind}_crossentropy"
    y = np.array([[1.0, 0.0]], np.float32)
    t = y if kind == "categorical" else np.array([0])
    # In float32 the bound 1 - 1e-7 is 1 - 2**-23; there, as at the lower bound, the loss is flat.
    loss = backends.compute(name, y, t)
    np.testing.assert_allclose(loss, 2.0**-23, rtol=1e-3)
    assert not backends.compute(f"{name}_grad", np.ones(1, np.float32), y, t).any()


def test_inside_the_bounds_a_small_probability_still_has_its_slope(backend):
    y = np.array([[1e-5, 1 - 1e-5]], np.float32)
    t = np.array([[1.0, 0.0]], np.float32)
    dy = backends.compute("binary_crossentropy_grad", np.ones(1, np.float32), y, t)
    np.testing.assert_allclose(dy, [[-5e4, 5e4]], rtol=2e-3)
    dy = backends.compute("categorical_crossentropy_grad", np.ones(1, np.float32), y, t)
    np.testing.assert_allclose(dy, [[1 - 1e5, 1]], rtol=1e-4)
