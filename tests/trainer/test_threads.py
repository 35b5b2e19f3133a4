"""BLAS keeps to one thread while a model works, and gets its threads back on every way out."""

import subprocess
import sys

import numpy as np
import pytest

from dlcore import backends
from dlcore.engine import ops
from dlcore.layers import Dense
from dlcore.models import Sequential

threadpoolctl = pytest.importorskip("threadpoolctl")
pytest.importorskip("scipy")


def blas_threads():
    import scipy.linalg.cython_blas  # noqa: F401

    pools = threadpoolctl.threadpool_info()
    return [pool["num_threads"] for pool in pools if pool["user_api"] == "blas"]


@pytest.fixture(params=["cpu", "numpy"])
def backend(request):
    before = backends.get_backend()
    if backends.available_backends()[request.param]:
        pytest.skip("Numba is not installed")
    backends.set_backend(request.param)
    yield request.param
    backends.set_backend(before)


def test_limited_inside_and_restored_on_every_way_out(backend):
    seen = []

    class Failure(Exception):
        pass

    def loss(y_true, y_pred):
        seen.append(blas_threads())
        if len(seen) == fail_at:
            raise Failure
        return ops.mean(ops.square(y_pred - y_true), axis=-1)

    model = Sequential([Dense(1, input_dim=2)])
    model.compile("sgd", loss)
    x, y = np.zeros((6, 2)), np.zeros(6)
    with threadpoolctl.threadpool_limits(limits=2, user_api="blas"):
        outside = blas_threads()
        inside = [1] * len(outside) if backend == "cpu" else outside
        for method in (
            lambda: model.fit(x, y, validation_split=0.5, verbose=0),
            lambda: model.evaluate(x, y, verbose=0),
            lambda: model.train_on_batch(x, y),
            lambda: model.test_on_batch(x, y),
        ):
            seen.clear()
            fail_at = -1
            method()
            assert seen and all(threads == inside for threads in seen)
            assert blas_threads() == outside
            seen.clear()
            fail_at = 1
            with pytest.raises(Failure):
                method()
            assert blas_threads() == outside
        model.predict(x, verbose=0)
        assert blas_threads() == outside
    assert 2 in outside or backend == "numpy" or max(outside) == 1


PROGRAM = """
import sys, threadpoolctl, scipy.linalg.cython_blas
before = threadpoolctl.threadpool_info()
import dlcore.models, dlcore.layers
print(threadpoolctl.threadpool_info() == before, "numba" in sys.modules)
"""


def test_an_import_limits_nothing():
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert run.stdout.split() == ["True", "False"], run.stderr
