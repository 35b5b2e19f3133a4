"""Why this backend does not work on a machine, in one sentence that says what mends it."""

from __future__ import annotations

import os

from numba import cuda

from dlcore.backends.cuda.device import SIMULATED

_OLDEST = (7, 5)  # compute capability that the compilers of CUDA 13 still know


def refusal() -> str | None:
    """Why the backend cannot work here; None if it can."""
    if SIMULATED:
        return None
    try:
        from cuda.bindings import driver

        status, version = driver.cuDriverGetVersion()
    except Exception:
        return (
            "There is no driver of NVIDIA on this machine, without which cuda has no GPU; "
            'set_backend("cpu") calculates on the processor.'
        )
    if not status and not version:
        status = 100
    status = status or driver.cuInit(0)[0]
    if status:
        name = getattr(status, "name", "CUDA_ERROR_NO_DEVICE")
        hidden = os.environ.get("CUDA_VISIBLE_DEVICES")
        why = f"; CUDA_VISIBLE_DEVICES is {hidden!r}" if hidden is not None else ""
        return f"The driver of NVIDIA gives cuda no GPU on this machine ({name}){why}."
    major = version // 1000
    try:
        compilers = cuda.runtime.get_version()
        from numba.cuda.cudadrv import nvvm

        nvvm.NVVM()
    except Exception as error:
        return (
            f"The compilers of CUDA cannot be loaded ({_line(error)}); to mend this: pip install "
            f"'dlcore-course[{'cuda' if major >= 13 else 'cuda12'}]'"
        )
    return _too_old(major, compilers) or _unusable()


def _too_old(driver: int, compilers: tuple[int, int]) -> str | None:
    """What is wrong with a driver of a major version for compilers of another."""
    if driver >= compilers[0]:
        return None
    return (
        f"The driver of NVIDIA is for CUDA {driver}, but the compilers of numba-cuda are of CUDA "
        f"{compilers[0]}.{compilers[1]}; install a newer driver, or pip install "
        f"'dlcore-course[cuda{driver}]'"
    )


def _unusable() -> str | None:
    """What is wrong with the GPU itself."""
    try:
        found = cuda.get_current_device()
        capability = tuple(found.compute_capability)
    except Exception as error:
        return f"The GPU cannot be used ({_line(error)}); a new process may help."
    if cuda.runtime.get_version()[0] >= 13 and capability < _OLDEST:
        return (
            f"The GPU has compute capability {capability[0]}.{capability[1]}, but the compilers of "
            "CUDA 13 know 7.5 and later; to mend this: pip install 'dlcore-course[cuda12]'"
        )
    return None


def _line(error: Exception) -> str:
    return " ".join(str(error).split())[:200] or type(error).__name__
