"""The kernels of ``cuda`` as the lesson writes them first; run as ``test_kernels`` is."""

from __future__ import annotations

import os

import numpy as np
import pytest

from dlcore.backends import numpy as key
from dlcore.stand_in import cuda

SIMULATED = os.environ.get("NUMBA_ENABLE_CUDASIM") == "1"
numba_cuda = pytest.importorskip("numba.cuda")
if not SIMULATED and not numba_cuda.is_available():
    pytest.skip("no GPU, and not on the simulator", allow_module_level=True)

from dlcore.backends.cuda import simple  # noqa: E402

pytestmark = [] if SIMULATED else [pytest.mark.gpu]
rng = np.random.default_rng(0)


def started(name, blocks, threads, output, *inputs, own=None):
    """The output after the kernel; before it, it is NaN."""
    y = np.full(output, np.nan, np.float32)
    simple.start(name, blocks, threads, y, *inputs, own=own)
    return y


def numbers(*shape):
    return rng.normal(size=shape).astype(np.float32)


def test_relu():
    x = numbers(70)
    y = started("relu_kernel", 3, 32, x.shape, x)
    np.testing.assert_array_equal(y, np.maximum(x, 0))


@pytest.mark.parametrize("name", ["matmul_kernel", "tiled_matmul_kernel"])
@pytest.mark.parametrize("wide", [4, 16])
def test_matmul(name, wide):
    a, b = numbers(18, 35), numbers(35, 21)
    y = started(name, (-(-21 // wide), -(-18 // wide)), (wide, wide), (18, 21), a, b)
    np.testing.assert_allclose(y, a @ b, atol=1e-4)


def test_conv2d():
    x, w, b = numbers(6, 5, 3), numbers(3, 2, 3, 3), numbers(3)
    z = started("conv2d_kernel", (2, 2, 2), (3, 3, 2), (4, 4, 3), x, w, b)
    np.testing.assert_allclose(z, key.conv2d(x[None], w, b)[0], atol=1e-4)


def doubled(y, x):
    i = cuda.grid(1)
    if i < x.size:
        y[i] = 2 * x[i]


def test_a_learners_kernel_takes_the_place_of_the_twin():
    x = numbers(70)
    y = started("relu_kernel", 3, 32, x.shape, x, own=doubled)
    np.testing.assert_array_equal(y, 2 * x)


@pytest.mark.skipif(not SIMULATED, reason="a GPU would wait for ever")
def test_a_barrier_that_not_all_threads_come_to():
    from dlcore.backends.cuda.simulator import run

    def kernel(y):
        if cuda.threadIdx.x < 3:
            cuda.syncthreads()
        y[0] = 1

    with pytest.raises(RuntimeError, match="3 threads of a block wait at a barrier for 29"):
        run(kernel, 1, 32, [np.zeros(1)])
