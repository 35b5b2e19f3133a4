"""A training on ``cuda`` beside one on ``cpu``; run as ``test_kernels`` is."""

from __future__ import annotations

import os

import numpy as np
import pytest

from dlcore import backends
from dlcore.backends import memory
from dlcore.layers import Dense, Dropout
from dlcore.models import Sequential
from dlcore.utils import set_random_seed

SIMULATED = os.environ.get("NUMBA_ENABLE_CUDASIM") == "1"
if backends.available_backends()["cuda"] is not None:
    pytest.skip("no GPU, and not on the simulator", allow_module_level=True)

pytestmark = [] if SIMULATED else [pytest.mark.gpu]


@pytest.fixture(autouse=True)
def _backend():
    before = backends.get_backend()
    yield
    backends.set_backend(before)


def trained(backend, epochs=2):
    """The weights after some steps, of which all but the first two are replayed; and its losses."""
    backends.set_backend(backend)
    set_random_seed(1)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(24, 6)).astype("float32"), rng.normal(size=(24, 2)).astype("float32")
    model = Sequential([Dense(5, activation="relu"), Dropout(0.3), Dense(2)])
    model.compile("adam", "mse")
    losses = model.fit(x, y, batch_size=8, epochs=epochs, verbose=0).history["loss"]
    return [np.asarray(w) for w in model.get_weights()], losses


def test_it_ends_where_cpu_does():
    weights, losses = trained("cuda")
    expected, expected_losses = trained("cpu")
    np.testing.assert_allclose(losses, expected_losses, rtol=1e-5)
    for w, w_cpu in zip(weights, expected, strict=True):
        np.testing.assert_allclose(w, w_cpu, atol=1e-5)


def test_two_trainings_have_the_same_bits():
    for a, b in zip(trained("cuda", 1)[0], trained("cuda", 1)[0], strict=True):
        np.testing.assert_array_equal(a, b)


def test_memory_that_nobody_keeps_is_given_out_again():
    backends.set_backend("cuda")
    device = memory.device()
    first = device.allocate(1000)
    address = first.address
    del first
    assert device.allocate(1010).address == address
    assert address % 256 == 0 or SIMULATED


def test_an_array_that_no_kernel_could_reach_to_the_end():
    backends.set_backend("cuda")
    device = memory.device()
    block = device.allocate(8)
    with pytest.raises(ValueError, match="take it in several parts"):
        device.view(block, 0, (2**16, 2**15), np.dtype(np.float32))
