"""What the processes of the benchmark find around them: their variables, and the BLAS that ran."""

from __future__ import annotations

import os
from collections.abc import Mapping

# Some machines hold OpenBLAS to kernels older than their processor by these; that is not its speed.
PINS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
NAMES = {"openblas": "OpenBLAS", "mkl": "MKL", "blis": "BLIS"}


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of this process and these, without those that choose an older BLAS kernel."""
    kept = {name: value for name, value in os.environ.items() if name not in PINS}
    return kept | dict(variables)


def blas() -> dict[str, str]:
    """Each BLAS that this process has loaded, and the processor that its kernels are for."""
    from threadpoolctl import threadpool_info

    found = {}
    for library in threadpool_info():
        if library["user_api"] == "blas":
            name = NAMES.get(library["internal_api"], library["internal_api"])
            version = ".".join(str(library["version"]).split(".")[:3])
            found[f"{name} {version}"] = library.get("architecture") or ""
    return found


def named(libraries: Mapping[str, str]) -> str:
    """Them as words: OpenBLAS 0.3.31 and OpenBLAS 0.3.30 with kernels for Haswell."""
    by_kernels: dict[str, list[str]] = {}
    for library, kernels in libraries.items():
        by_kernels.setdefault(kernels, []).append(library)
    return ", ".join(
        " and ".join(group) + (f" with kernels for {kernels}" if kernels else "")
        for kernels, group in by_kernels.items()
    )
