"""Float32 data beside float64 weights, as a learner's np.zeros makes them."""

import numpy as np
import pytest

from dlcore import backends, losses
from dlcore.engine import ops


@pytest.fixture(params=["numpy", "cpu"])
def backend(request):
    before = backends.get_backend()
    backends.set_backend(request.param)
    yield
    backends.set_backend(before)


def test_both_become_float64(backend):
    x, w, b = np.ones((3, 2), np.float32), np.full((2, 1), 0.1), np.zeros(1)
    z = backends.compute("dense", x, w, b)
    assert z.dtype == np.float64
    np.testing.assert_allclose(z, np.full((3, 1), 0.2))


def test_a_single_number_does_not_widen_float32(backend):
    w = np.ones(3, np.float32)
    assert backends.compute("sgd_update", w, w, 0.1).dtype == np.float32


def test_operations_and_losses_take_both(backend):
    x, t, w = np.ones((3, 2), np.float32), np.zeros((3, 1), np.float32), np.full((2, 1), 0.5)
    loss = losses.MeanSquaredError()(t, ops.dense(x, w, np.zeros(1)))
    assert float(loss) == pytest.approx(1)
