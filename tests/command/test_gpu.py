"""What `dlcore doctor` says of GPUs, on machines with one and without, each with its mend."""

from __future__ import annotations

import importlib.util

import pytest

from dlcore import backends
from dlcore.command import doctor, gpu


class Driver:
    """A driver of NVIDIA with one GPU, as its library answers: 0 for well, else an error."""

    def __init__(self, version=13020, capability=(9, 0), gpus=1, starts=True):
        self.version, self.capability, self.gpus, self.starts = version, capability, gpus, starts

    def cuInit(self, flags):
        return 0 if self.starts else 100

    def cuDriverGetVersion(self, number):
        number._obj.value = self.version
        return 0

    def cuDeviceGetCount(self, number):
        number._obj.value = self.gpus
        return 0

    def cuDeviceGet(self, number, which):
        number._obj.value = which + 7
        return 0

    def cuDeviceGetName(self, text, size, device):
        assert device == 7
        text.value = b"NVIDIA H200"

    def cuDeviceTotalMem_v2(self, number, device):
        number._obj.value = 141 * 2**30

    def cuDeviceGetAttribute(self, number, which, device):
        number._obj.value = self.capability[which - 75]
        return 0


@pytest.fixture
def row(tmp_path, monkeypatch):
    """The line of the table for a driver; `installed` whether numba-cuda is there."""
    monkeypatch.delenv("NUMBA_ENABLE_CUDASIM", raising=False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)

    def told(driver, installed=True, reason=None):
        monkeypatch.setattr(gpu, "load_driver", lambda: driver)
        find = importlib.util.find_spec
        there = object() if installed else None
        monkeypatch.setattr(
            "importlib.util.find_spec", lambda n, *a: there if n == "numba_cuda" else find(n, *a)
        )
        monkeypatch.setattr(backends, "available_backends", lambda: {"cuda": reason})
        monkeypatch.setattr(doctor, "CHECKS", {"GPU": doctor.CHECKS["GPU"]})
        (found,) = doctor.examine(tmp_path)
        return found

    return told


def test_a_gpu_that_works_is_told_with_its_memory_capability_and_driver(row):
    found = row(Driver())
    assert (found.state, found.mend) == ("ok", "")
    assert found.text == (
        "NVIDIA H200, 141 GB of memory, compute capability 9.0, driver for CUDA 13.2"
    )


@pytest.mark.parametrize(
    ("driver", "said"),
    [
        (None, "no driver of NVIDIA"),
        (Driver(starts=False), "gives no GPU"),
        (Driver(gpus=0), "gives no GPU"),
    ],
)
def test_a_machine_without_a_gpu_has_nothing_to_mend(row, driver, said):
    found = row(driver)
    assert (found.state, found.mend) == ("ok", "") and said in found.text


def test_a_gpu_that_is_hidden_is_told(row, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert "(CUDA_VISIBLE_DEVICES is '')" in row(Driver(gpus=0)).text


@pytest.mark.parametrize(
    ("driver", "extra"),
    [
        (Driver(), "cuda"),
        (Driver(version=12080), "cuda12"),
        (Driver(capability=(7, 0)), "cuda12"),
    ],
)
def test_without_numba_cuda_the_extra_for_this_driver_is_named(row, driver, extra):
    found = row(driver, installed=False)
    assert found.state == "note" and "numba-cuda is missing" in found.text
    assert found.mend.endswith(f'-m pip install "dlcore-course[{extra}]"')


def test_a_driver_that_no_extra_is_for_is_too_old(row):
    found = row(Driver(version=11080), installed=False)
    assert found.state == "note" and "driver for CUDA 11.8; it is too old" in found.text
    assert found.mend == "update the driver of NVIDIA"


def test_what_the_backend_says_is_told_and_mended_once(row):
    found = row(Driver(), reason="The compilers cannot be loaded; to mend this: pip install x")
    assert found.state == "note" and "The compilers cannot be loaded" in found.text
    assert found.mend == ""
    assert row(Driver(), reason="It is broken.").mend.endswith('install "dlcore-course[cuda]"')


def test_a_backend_without_a_gpu_is_not_mended_by_numba(tmp_path, monkeypatch):
    reasons = {"numpy": None, "cpu": "no numba", "cuda": "no driver"}
    monkeypatch.setattr(backends, "available_backends", lambda: reasons)
    monkeypatch.setattr(doctor, "CHECKS", {"backends": doctor.CHECKS["backends"]})
    found = {row.topic: row for row in doctor.examine(tmp_path)}
    assert found["backend cuda"].text == "no driver" and found["backend cuda"].mend == ""
    assert found["backend cpu"].mend.endswith("install numba")
