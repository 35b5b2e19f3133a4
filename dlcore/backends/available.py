"""Which backends there are on this machine, and what each of them offers."""

from __future__ import annotations

import importlib
from typing import Any

from dlcore.backends import memory
from dlcore.backends.declare import KERNELS, Function, Kernel


def available_backends() -> dict[str, str | None]:
    """The backends of this machine: name -> None if it works, else the reason why not."""
    return {"numpy": None, "cpu": reason("cpu"), "cuda": reason("cuda"), "mine": None}


def reason(name: str) -> str | None:
    """Why a backend does not work on this machine; None if it does."""
    try:
        # Not a mere look whether it is there: an installed Numba may not fit the NumPy beside it,
        # or its compiled parts this machine; then it raises whatever it meets.
        backend = importlib.import_module(f"dlcore.backends.{name}")
    except Exception as error:
        if name == "cpu":
            return f"Numba could not be imported ({error}); to mend this: pip install numba"
        return str(error)
    # What can be imported, and so be read and compiled, may still have no GPU to run on.
    refusal = getattr(backend, "refusal", None)
    return refusal() if refusal else None


def missing_kernels(name: str = "cpu") -> list[str]:
    """The kernels that a backend lacks; the answer key in NumPy runs in their place."""
    own = functions(name)
    return [kernel for kernel in KERNELS if kernel not in own]


def functions(name: str) -> dict[str, Function]:
    """The kernels that a backend has. Of one that it lacks a file may bear the name, as `dense`."""
    backend = importlib.import_module(f"dlcore.backends.{name}")
    found = {kernel: getattr(backend, kernel, None) for kernel in KERNELS}
    return {kernel: function for kernel, function in found.items() if callable(function)}


def device_of(name: str) -> memory.Device | None:
    """Whose memory the arrays of a backend live in; None for NumPy's."""
    if name in ("numpy", "mine"):
        return None
    return getattr(importlib.import_module(f"dlcore.backends.{name}"), "DEVICE", None)


def at_home(kernel: Kernel, function: Function) -> Function:
    """A function on NumPy's arrays as one on those of a device: it takes the way over the host."""
    outputs = len(kernel.outputs)

    def run(*arguments: Any) -> None:
        here = [memory.to_host(x) if memory.is_array(x) else x for x in arguments]
        function(*here)
        for array, result in zip(arguments[:outputs], here, strict=False):
            memory.write(array, result)

    run.at_home = True  # type: ignore[attr-defined]  # it takes arrays, and no views of them
    return run
