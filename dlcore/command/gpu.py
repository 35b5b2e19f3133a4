"""What `dlcore doctor` says of GPUs.

The driver of NVIDIA is asked itself, by its own library: that works without any package, so that
what is missing can be told from a machine that has no GPU.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlcore.command.diagnosis import NOTE, OK, Finding, pip
from dlcore.resources import DISTRIBUTION

NEW, OLD = 13, 12  # versions of CUDA for which there is an extra, cuda and cuda12
OLDEST = (7, 5)  # compute capability that CUDA 13 still knows


@dataclass(frozen=True)
class Gpu:
    """A GPU: its name, its memory in bytes, its compute capability."""

    name: str
    memory: int
    capability: tuple[int, int]


def gpu(folder: Path) -> Iterator[Finding]:
    """The GPU that the backend cuda would use, or what there is none for."""
    if os.environ.get("NUMBA_ENABLE_CUDASIM") == "1":
        yield Finding("GPU", OK, "Numba's simulator (NUMBA_ENABLE_CUDASIM=1)")
        return
    driver = load_driver()
    if driver is None:
        text = "none: this machine has no driver of NVIDIA; everything runs on the processor"
        yield Finding("GPU", OK, text)
        return
    version = _number(driver.cuDriverGetVersion)
    if version is None or driver.cuInit(0) or not _number(driver.cuDeviceGetCount):
        hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
        why = "" if hidden is None else f" (CUDA_VISIBLE_DEVICES is {hidden!r})"
        text = f"none: there is a driver of NVIDIA, but it gives no GPU{why}"
        yield Finding("GPU", OK, text)
        return
    found = first(driver)
    text = (
        f"{found.name}, {found.memory / 2**30:.0f} GB of memory, compute capability "
        f"{found.capability[0]}.{found.capability[1]}, driver for CUDA "
        f"{version // 1000}.{version % 1000 // 10}"
    )
    fault, mend = _fault(version // 1000, found.capability)
    yield Finding("GPU", NOTE if fault else OK, text + fault, mend)


def load_driver() -> Any:
    """The library of the driver; None where there is none."""
    try:
        return ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return None


def first(driver: Any) -> Gpu:
    """The first GPU of a driver that has been started."""
    device = _number(driver.cuDeviceGet, 0) or 0
    name, memory = ctypes.create_string_buffer(100), ctypes.c_size_t()
    driver.cuDeviceGetName(name, len(name), device)
    driver.cuDeviceTotalMem_v2(ctypes.byref(memory), device)
    major, minor = (_number(driver.cuDeviceGetAttribute, which, device) or 0 for which in (75, 76))
    return Gpu(name.value.decode(errors="replace"), memory.value, (major, minor))


def _number(ask: Any, *arguments: int) -> int | None:
    """The whole number that a function of the driver gives; None if it refuses."""
    number = ctypes.c_int()
    return None if ask(ctypes.byref(number), *arguments) else number.value


def _fault(cuda: int, capability: tuple[int, int]) -> tuple[str, str]:
    """What keeps the backend cuda from a GPU that is there, and how to mend it; "" for nothing."""
    if cuda < OLD:
        return f"; it is too old, CUDA {OLD} is needed", "update the driver of NVIDIA"
    extra = "cuda" if cuda >= NEW and capability >= OLDEST else "cuda12"
    install = f'{pip()} install "{DISTRIBUTION}[{extra}]"'
    if importlib.util.find_spec("numba_cuda") is None:
        return "; the package numba-cuda is missing, with which dlcore would use it", install
    from dlcore import backends

    reason = backends.available_backends()["cuda"]
    if reason is None:
        return "", ""
    # Most reasons say themselves what mends them.
    return f"; dlcore cannot use it: {reason}", "" if "pip install" in reason else install
