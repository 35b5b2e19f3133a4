"""The compiled kernels on disk, so that only the first process of a machine's life compiles them.

A product takes some seconds, all kernels together some minutes. Numba's own cache asks for the hash
of what a function has around it, and of a device function that is another one in each process: what
`elements` and `product` make would never be found again. Here the name of a file is a hash of what
the machine code is good for: the types, the GPU, the versions, and the source of all kernels, since
one may call what stands in another file.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import pickle
from pathlib import Path
from typing import Any

from dlcore.backends.numba.cache import folders


def _version() -> str:
    digest = hashlib.sha256(importlib.metadata.version("numba-cuda").encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()


_VERSION = _version()
_FOLDERS = folders()


class KernelCache:
    """What Numba asks whether a kernel is compiled already.

    Args:
        name: of the kernel; no other one has it.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The kernel for these types, or None: then it is compiled."""
        from numba.cuda.dispatcher import _Kernel  # the simulator has none

        name = self._file(sig, target_context.codegen())
        for folder in _FOLDERS:
            data = folder.read(name)
            if data is not None:
                with contextlib.suppress(Exception):  # whatever is wrong with it: compile anew
                    return _Kernel._rebuild(**pickle.loads(data))
        return None

    def save_overload(self, sig: Any, kernel: Any) -> None:
        """Store it; where that cannot be, it lives as long as the process."""
        from numba.cuda.serialize import dumps

        name = self._file(sig, kernel._codelibrary.codegen)
        for folder in _FOLDERS:
            with contextlib.suppress(Exception):
                folder.write(name, dumps(kernel._reduce_states()))
                return

    def _file(self, sig: Any, codegen: Any) -> str:
        good_for = f"{self.name} {sig} {codegen.magic_tuple()} {_VERSION}"
        return f"cuda-{self.name}-{hashlib.sha256(good_for.encode()).hexdigest()[:16]}"
