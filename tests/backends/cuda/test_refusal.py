"""What a machine says that cannot run ``cuda``."""

from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest

from dlcore import backends

pytest.importorskip("numba_cuda")

from dlcore.backends import cuda  # noqa: E402
from dlcore.backends.cuda import refusal  # noqa: E402

why = sys.modules["dlcore.backends.cuda.refusal"]
device = sys.modules["dlcore.backends.cuda.device"]


@pytest.mark.skipif(refusal() is None, reason="cuda works here")
def test_without_a_gpu_the_choice_says_why_and_nothing_changes():
    before = backends.get_backend()
    with pytest.raises(ImportError, match="on this machine|compilers of CUDA|GPU") as caught:
        backends.set_backend("cuda")
    assert str(caught.value) == backends.available_backends()["cuda"]
    assert backends.get_backend() == before
    assert backends.compute("relu", [-1.0, 2.0]).tolist() == [0, 2]


@pytest.fixture
def driver(monkeypatch):
    """Lets the driver of NVIDIA say what a test wants; returns the refusal."""
    from cuda.bindings import driver
    from numba.cuda.cudadrv import nvvm

    if device.SIMULATED:
        pytest.skip("the simulator needs no driver")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(nvvm, "NVVM", lambda: None)
    runtime = SimpleNamespace(get_version=lambda: (13, 5))
    monkeypatch.setattr(why.cuda, "runtime", runtime)

    def told(version=13020, started=0, capability=(9, 0)):
        code = driver.CUresult(started)
        monkeypatch.setattr(driver, "cuDriverGetVersion", lambda: (driver.CUresult(0), version))
        monkeypatch.setattr(driver, "cuInit", lambda flags: (code,))
        here = SimpleNamespace(compute_capability=capability)
        monkeypatch.setattr(why.cuda, "get_current_device", lambda: here)
        return refusal()

    return told


def test_what_a_driver_says_becomes_one_sentence_with_its_mend(driver, monkeypatch):
    assert driver() is None
    assert "no GPU on this machine (CUDA_ERROR_NO_DEVICE)" in driver(started=100)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert driver(started=100).endswith("; CUDA_VISIBLE_DEVICES is ''.")
    old = driver(version=12080)
    assert "is for CUDA 12, but the compilers of numba-cuda are of CUDA 13.5" in old
    assert "'dlcore-course[cuda12]'" in old
    assert "compute capability 7.0, but the compilers of CUDA 13 know 7.5" in driver(
        capability=(7, 0)
    )


def test_after_a_fault_in_a_kernel_only_a_new_process_helps(monkeypatch):
    def fails(*_):
        raise OSError("[700] Call to cuStreamSynchronize results in CUDA_ERROR_ILLEGAL_ADDRESS")

    monkeypatch.setattr(device, "stream", lambda: SimpleNamespace(synchronize=fails))
    launch = sys.modules["dlcore.backends.cuda.launch"]
    monkeypatch.setitem(launch.__dict__.setdefault("_compiled", {}), (fails,), {(1, 1, 0): fails})
    monkeypatch.setattr(launch, "stream", lambda: 0)
    for use in (cuda.DEVICE.wait, lambda: launch._run_compiled(fails, 1, 1, [])):
        with pytest.raises(RuntimeError, match=r"\(CUDA_ERROR_ILLEGAL_ADDRESS\).*Python anew"):
            use()
    monkeypatch.setattr(device, "stream", dict)
    with pytest.raises(AttributeError):
        cuda.DEVICE.wait()


def test_a_driver_that_is_too_old_for_the_compilers():
    assert why._too_old(13, (13, 5)) is why._too_old(13, (12, 9)) is None
    assert "pip install 'dlcore-course[cuda12]'" in why._too_old(12, (13, 5))
