"""The kernels of ``cuda`` as the lesson writes them first; run as ``test_kernels`` is."""

from __future__ import annotations

import os

import numpy as np
import pytest

from dlcore.backends import numpy as key

SIMULATED = os.environ.get("NUMBA_ENABLE_CUDASIM") == "1"
numba_cuda = pytest.importorskip("numba.cuda")
if not SIMULATED and not numba_cuda.is_available():
    pytest.skip("no GPU, and not on the simulator", allow_module_level=True)

from dlcore.backends.cuda import simple  # noqa: E402

pytestmark = [] if SIMULATED else [pytest.mark.gpu]
rng = np.random.default_rng(0)


def started(kernel, blocks, threads, output, *inputs):
    """The output after the kernel; before it, it is NaN."""
    y = np.full(output, np.nan, np.float32)
    if SIMULATED:
        from dlcore.backends.cuda.simulator import run

        run(kernel, blocks, threads, [y, *inputs])
        return y
    arrays = list(map(numba_cuda.to_device, (y, *inputs)))
    numba_cuda.jit(kernel)[blocks, threads](*arrays)
    return arrays[0].copy_to_host()


def numbers(*shape):
    return rng.normal(size=shape).astype(np.float32)


def test_relu():
    x = numbers(70)
    y = started(simple.simple_relu, 3, 32, x.shape, x)
    np.testing.assert_array_equal(y, np.maximum(x, 0))


@pytest.mark.parametrize("kernel", ["simple_matmul", "tiled_matmul"])
def test_matmul(kernel):
    a, b = numbers(18, 35), numbers(35, 21)
    y = started(getattr(simple, kernel), (2, 2), (16, 16), (18, 21), a, b)
    np.testing.assert_allclose(y, a @ b, atol=1e-4)


def test_conv2d():
    x, w, b = numbers(2, 6, 5, 3), numbers(3, 2, 3, 4), numbers(4)
    z = started(simple.simple_conv2d, (1, 3), (8, 16), (2, 4, 4, 4), x, w, b)
    np.testing.assert_allclose(z, key.conv2d(x, w, b), atol=1e-4)


@pytest.mark.skipif(not SIMULATED, reason="a GPU would wait for ever")
def test_a_barrier_that_not_all_threads_come_to():
    from dlcore.backends.cuda.simulator import run

    def kernel(y):
        if cuda.threadIdx.x < 3:  # noqa: F821
            cuda.syncthreads()  # noqa: F821
        y[0] = 1

    with pytest.raises(RuntimeError, match="3 threads of a block wait at a barrier for 29"):
        run(kernel, 1, 32, [np.zeros(1)])
