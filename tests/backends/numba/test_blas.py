"""BLAS keeps to one thread while kernels share loops out, in a loop of the user's own as well."""

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

from dlcore.backends.numba import blas

pytest.importorskip("dlcore.backends.cpu", reason="Numba is not there")

from tests.backends.numba.test_threads import parallel_kernels, prepared  # noqa: E402


def threads():
    return [library.num_threads for library in blas.libraries()]


@pytest.fixture(autouse=True)
def _two_threads():
    libraries = blas.libraries()  # to compile something, Numba may load one more
    before = threads()
    for library in libraries:
        library.set_num_threads(2)
    yield
    for library, count in zip(libraries, before, strict=True):
        library.set_num_threads(count)


def test_one_inside_and_as_before_outside():
    assert len(threads()) >= 1 and set(threads()) == {2}
    with blas.single_threaded_blas():
        assert set(threads()) == {1}
        with blas.single_threaded_blas():
            assert set(threads()) == {1}
        assert set(threads()) == {1}
    assert set(threads()) == {2}


def test_in_another_thread_of_python_as_well():
    seen = []

    def ask():
        with blas.single_threaded_blas():
            seen.extend(threads())

    asking = threading.Thread(target=ask)
    asking.start()
    asking.join()
    assert seen and set(seen) == {1} and set(threads()) == {2}


def test_restored_by_the_last_of_several_threads_of_python():
    goes, is_in = threading.Event(), threading.Event()

    def ask():
        with blas.single_threaded_blas():
            is_in.set()
            goes.wait(30)

    asking = threading.Thread(target=ask)
    with blas.single_threaded_blas():
        asking.start()
        is_in.wait(30)
    assert set(threads()) == {1}
    goes.set()
    asking.join()
    assert set(threads()) == {2}


def test_restored_after_an_exception():
    with pytest.raises(KeyboardInterrupt), blas.single_threaded_blas():
        raise KeyboardInterrupt
    assert set(threads()) == {2} and blas._held is None


def test_a_parallel_kernel_keeps_blas_to_one_by_itself(monkeypatch):
    kernel, seen = parallel_kernels()["conv2d"], []
    parallel = kernel.parallel

    def watched(*arguments):
        seen.extend(threads())
        parallel(*arguments)

    monkeypatch.setattr(kernel, "parallel", watched)
    outputs, rest = prepared("conv2d")
    kernel.threaded(*outputs, *rest)
    assert seen and set(seen) == {1} and set(threads()) == {2}
    assert np.all(outputs[0] != 7)


LATE = """
import sys
import threadpoolctl
from dlcore.backends.numba import blas
def threads():
    found = threadpoolctl.ThreadpoolController().select(user_api="blas").lib_controllers
    return *(library.num_threads for library in found),
before, scipys = {before}, {scipys}
if before:
    with blas.single_threaded_blas():
        pass
if scipys:
    from dlcore.backends.numba import gemm
    gemm._of_numpy = dict
with blas.single_threaded_blas():
    from dlcore.backends import cpu
    assert (blas.SCIPYS in sys.modules) == scipys
    print(*set(threads()))
print(*set(threads()))
"""


@pytest.mark.parametrize("scipys", [True, False])
@pytest.mark.parametrize("before", [True, False])
def test_a_library_that_comes_later_keeps_to_one_thread_too(before, scipys):
    """A widget asks before the first kernel has loaded a BLAS; a fit, while it does so.

    SciPy's is loaded where NumPy's functions have other names than those that are known.
    """
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "2"}
    code = LATE.format(before=before, scipys=scipys)
    out = subprocess.check_output([sys.executable, "-c", code], env=environment, text=True)
    assert out.split() == ["1", "2"]
