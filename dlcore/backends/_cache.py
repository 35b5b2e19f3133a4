"""The compiled forms of a kernel on disk, a file for each set of number types.

Numba brings a cache of its own. Before the first kernel is read, that one loads everything that
could be compiled, which takes longer than all the reading; it has files that two processes write
at once, raises where one is damaged, and asks for a folder at decoration. This one does without.
"""

from __future__ import annotations

import contextlib
import hashlib
import pickle
from typing import Any

from numba.core.compiler import CompileResult
from numba.core.runtime import rtsys
from numba.core.serialize import dumps

from dlcore.backends._cache_folder import folders
from dlcore.backends._shared import called_in, provided

_FOLDERS = folders()

missing = 0  # so many forms were not on disk when this process asked for them


class KernelCache:
    """What Numba asks whether a function is compiled already.

    Args:
        name: of the kernel; no other form of any kernel has it.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._folder = _FOLDERS[0]

    @property
    def cache_path(self) -> str:
        """The folder that the last form was read from or written to."""
        return str(self._folder.path)

    def load_overload(self, sig: Any, target_context: Any) -> CompileResult | None:
        """The form for these types, or None: then it is compiled."""
        global missing
        name = self._file(sig, target_context.codegen())
        for folder in _FOLDERS:
            data = folder.read(name)
            if data is not None:
                # The least that compiled code needs to run; `target_context.refresh()` would have
                # all of Numba ready to compile, and that happens anyway once there is need.
                rtsys.initialize(target_context)
                with contextlib.suppress(Exception):  # whatever is wrong with it: compile anew
                    called, content = pickle.loads(data)
                    for part in called:
                        provided(part)
                    form = CompileResult._rebuild(target_context, *content)
                    self._folder = folder
                    return form
        missing += 1
        return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Store a form; where that cannot be, it lives as long as the process."""
        if data.library.has_dynamic_globals or data.lifted:  # bound to this process
            return
        for folder in _FOLDERS:
            with contextlib.suppress(Exception):
                content = data._reduce()
                called = called_in(dumps(content))
                folder.write(self._file(sig, data.codegen), dumps((called, content)))
                self._folder = folder
                return

    def flush(self) -> None:
        """Nothing is put off."""

    def _file(self, sig: Any, codegen: Any) -> str:
        types = f"{sig} {codegen.magic_tuple()}"  # also the processor and what it can do
        return f"{self.name}-{hashlib.sha256(types.encode()).hexdigest()[:16]}"
