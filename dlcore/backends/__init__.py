"""Arithmetic on arrays: the kernels, and the choice of who computes them.

``set_backend("numpy" | "cpu" | "cuda" | "mine")``, or the environment variable
``DLCORE_BACKEND``, chooses for the whole process; the default is ``cpu``. Every calculation of the
library goes through ``call`` or ``compute``; where its arrays live, only ``memory`` knows.

Each kernel is declared in ``numpy``, the answer key, and has there the file of its family; the
other backends have it in the file of the same name. To read: ``declare``, ``dispatch``, then the
family that you look for.
"""

from dlcore.backends import memory as memory  # where arrays live
from dlcore.backends import numpy as numpy  # every kernel is declared there
from dlcore.backends.available import available_backends, missing_kernels
from dlcore.backends.declare import KERNELS, Kernel
from dlcore.backends.dispatch import (
    as_taken,
    call,
    compute,
    get_backend,
    is_library,
    is_recorded,
    may_look,
    note_reading,
    set_backend,
    set_recorder,
    settled,
)

__all__ = [
    "KERNELS",
    "Kernel",
    "as_taken",
    "available_backends",
    "call",
    "compute",
    "get_backend",
    "is_library",
    "is_recorded",
    "may_look",
    "missing_kernels",
    "note_reading",
    "set_backend",
    "set_recorder",
    "settled",
]


def __dir__() -> list[str]:
    return sorted(__all__)
