"""The compiled forms of a kernel on disk, a file for each set of dtypes.

Numba brings a cache of its own. Before the first kernel is read, that one loads everything that
could be compiled, which takes longer than all the reading; it has files that two processes write
at once, raises where one is damaged, and asks for a folder at decoration. This one does without.

A compiled kernel is good for the sources, the Numba and the Python that it was made with; a kernel
may call one of another file. So the folder is named after a hash of all these: new source, new
folder. One that nobody has used for some weeks is removed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import pickle
import re
import shutil
import sys
import tempfile
import time
import zlib
from pathlib import Path
from typing import Any

import numba
from numba.core.compiler import CompileResult
from numba.core.runtime import rtsys
from numba.core.serialize import dumps

from dlcore import resources
from dlcore.backends.numba.gemm import load_scipys
from dlcore.backends.numba.outline import Form, called_in, provided

WEEKS = 4  # an unused folder of another version stays so long

_BACKENDS = Path(__file__).parents[1]
_SOURCES = [path for room in ("cpu", "numba") for path in sorted((_BACKENDS / room).rglob("*.py"))]


def _version() -> str:
    digest = hashlib.sha256(f"{numba.__version__} {sys.implementation.cache_tag}".encode())
    for path in _SOURCES:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


class CacheFolder:
    """A folder of files that are read as they were written, or not at all.

    Args:
        root: it is `root`/kernels/`version`.
        version: what the files are good for.
        private: whether `root` lies where others can write too; then it must belong to this user
            alone, as what is read from it is executed.
    """

    def __init__(self, root: Path, version: str, private: bool = False) -> None:
        self.root, self.private = root, private
        self.path = root / "kernels" / version
        with contextlib.suppress(OSError):
            os.utime(self.path)  # in use: not to be tidied away

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return (not self.private or self._mine()) and (self.path / name).is_file()

    def can_be_written(self) -> bool:
        """Whether a file can be written to it; it is made if need be."""
        with contextlib.suppress(OSError):
            self._make()
            return os.access(self.path, os.W_OK)
        return False

    def read(self, name: str) -> bytes | None:
        """The content of a file; None if it is not there or damaged."""
        if self.private and not self._mine():
            return None
        try:
            data = (self.path / name).read_bytes()
        except OSError:
            return None
        return data[4:] if data[:4] == _checksum(data[4:]) else None

    def write(self, name: str, content: bytes) -> None:
        """Write a file, whole or not at all, whoever else writes it at the same time.

        Raises:
            OSError: if it cannot be written, as in a read-only folder or on a full disk.
        """
        self._make()
        target = self.path / name
        part = self.path / f"{name}.{os.urandom(4).hex()}"
        try:
            part.write_bytes(_checksum(content) + content)
            os.replace(part, target)
        except BaseException:
            with contextlib.suppress(OSError):
                part.unlink()
            raise

    def _make(self) -> None:
        if self.private:
            self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self._mine():
                raise PermissionError(f"{self.root} belongs to someone else")
        if not self.path.is_dir():
            self.path.mkdir(parents=True, exist_ok=True)
            self._tidy()

    def _mine(self) -> bool:
        if not hasattr(os, "getuid"):  # on Windows the temporary directory is the user's own
            return True
        try:
            status = self.root.lstat()
        except OSError:
            return False
        return status.st_uid == os.getuid() and not status.st_mode & 0o022

    def _tidy(self) -> None:
        old = time.time() - WEEKS * 7 * 24 * 3600
        for other in self.path.parent.iterdir():
            with contextlib.suppress(OSError):
                if re.fullmatch("[0-9a-f]{16}", other.name) and other.stat().st_mtime < old:
                    shutil.rmtree(other, ignore_errors=True)


def _checksum(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(4, "little")


def folders() -> list[CacheFolder]:
    """Where compiled kernels are looked for and stored; what one cannot take, the next one does.

    The first is ``DLCORE_CACHE_FOLDER``, else the user's cache folder. Where that cannot be
    written, as with a read-only home, the system's temporary directory serves.
    """
    chosen = os.environ.get("DLCORE_CACHE_FOLDER")
    root = Path(chosen) if chosen else resources.cache_folder()
    user = str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    version = _version()
    temporary = Path(tempfile.gettempdir()) / f"dlcore-{user}"
    return [CacheFolder(root, version), CacheFolder(temporary, version, private=True)]


_FOLDERS = folders()


def can_be_kept() -> bool:
    """Whether what is compiled can be stored for other processes."""
    return any(folder.can_be_written() for folder in _FOLDERS)


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

    def has(self, sig: Any, target_context: Any) -> bool:
        """Whether the form for these types is stored."""
        name = self._file(sig, target_context.codegen())
        return any(folder.has(name) for folder in _FOLDERS)

    def parts(self, sig: Any, target_context: Any) -> list[Form]:
        """The parts that a stored form calls; none if it is not stored."""
        name = self._file(sig, target_context.codegen())
        for data in filter(None, (folder.read(name) for folder in _FOLDERS)):
            with contextlib.suppress(Exception):
                called, _ = pickle.loads(data)
                return list(called)
        return []

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
                    form = self.rebuilt(target_context, content)
                    self._folder = folder
                    return form
        missing += 1
        with contextlib.suppress(ImportError):
            load_scipys()
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

    def rebuilt(self, target_context: Any, content: Any) -> CompileResult:
        """A form from what was stored of it."""
        return CompileResult._rebuild(target_context, *content)

    def flush(self) -> None:
        """Nothing is put off."""

    def _file(self, sig: Any, codegen: Any) -> str:
        types = f"{sig} {codegen.magic_tuple()}"  # also the processor and what it can do
        return f"{self.name}-{hashlib.sha256(types.encode()).hexdigest()[:16]}"
