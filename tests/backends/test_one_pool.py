"""BLAS keeps to one thread while Numba's threads work, in a loop of the user's own as well."""

import numpy as np
import pytest

from dlcore.backends import _one_pool

pytest.importorskip("dlcore.backends.cpu", reason="Numba is not there")

from tests.backends.test_threads import parallel_kernels, prepared  # noqa: E402


def threads():
    return [library.num_threads for library in _one_pool._libraries()]


@pytest.fixture(autouse=True)
def _two_threads():
    before = threads()
    for library in _one_pool._libraries():
        library.set_num_threads(2)
    yield
    for library, count in zip(_one_pool._libraries(), before, strict=True):
        library.set_num_threads(count)


def test_one_inside_and_as_before_outside():
    assert len(threads()) >= 1 and set(threads()) == {2}
    with _one_pool.single_threaded_blas():
        assert set(threads()) == {1}
        with _one_pool.single_threaded_blas():
            assert set(threads()) == {1}
        assert set(threads()) == {1}
    assert set(threads()) == {2}


def test_restored_after_an_exception():
    with pytest.raises(KeyboardInterrupt), _one_pool.single_threaded_blas():
        raise KeyboardInterrupt
    assert set(threads()) == {2} and not _one_pool._inside


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
