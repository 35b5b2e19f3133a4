"""How the kernels of ``cpu`` are compiled: once, cached on disk, never with fast-math.

Numba keys its cache by the file of a function and does not notice a change in another file that
the function calls. So the cache lies in a folder named after a hash of all kernel sources: new
source, new folder.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numba
import platformdirs

from dlcore.backends._parallel import ParallelKernel
from dlcore.interrupts import holding

_SOURCES = [Path(__file__), *sorted(Path(__file__).with_name("cpu").glob("*.py"))]


def _source_hash() -> str:
    digest = hashlib.sha256(numba.__version__.encode())
    for path in _SOURCES:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def cache_folder() -> Path:
    """The folder of the compiled kernels: ``DLCORE_CACHE_FOLDER``, else the user's cache folder.

    Where neither can be written, a folder in the system's temporary directory serves.
    """
    chosen = os.environ.get("DLCORE_CACHE_FOLDER")
    root = Path(chosen) if chosen else Path(platformdirs.user_cache_dir("dlcore", appauthor=False))
    folder = root / "kernels" / _source_hash()
    if _writable(folder):
        return folder
    user = str(os.getuid()) if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    return Path(tempfile.gettempdir()) / f"dlcore-{user}" / "kernels" / _source_hash()


CACHE_FOLDER = cache_folder()


def kernel(function: Callable[..., None] | None = None, *, large: Any = None) -> Any:
    """Compile a kernel on its first call, for the number types it is called with.

    ``error_model="numpy"``: a division by zero gives inf or NaN, as in the answer key, and does
    not raise; it also lets the loops use vector instructions.

    Args:
        function: the kernel, in Python; left out where ``large`` is given.
        large: for a kernel with a loop over ``prange``: whether its work is large enough for
            several threads, as a function of the kernel's arguments. It is then compiled in two
            forms (see ``_parallel``).
    """
    if function is None:
        return lambda function: kernel(function, large=large)
    if large is None:
        return _compiled(function)
    return ParallelKernel(_compiled(function), _compiled(_renamed(function), _PRANGE), large)


# Of all that Numba could share out, only the loops that say so: what it finds by itself (sums, the
# filling of an array) would add in an order of its own, and takes long to compile.
_PRANGE = dict.fromkeys(
    ("comprehension", "reduction", "inplace_binop", "setitem", "numpy", "stencil", "fusion"), False
) | {"prange": True}


def _renamed(function: Callable[..., None]) -> Any:
    """The same function under another name: in the cache, a name stands for one compiled form."""
    twin = types.FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__
    )
    twin.__qualname__ = f"{function.__qualname__}_parallel"
    return twin


def _compiled(function: Callable[..., None], parallel: Any = False) -> Any:
    # Numba reads the folder from its configuration at decoration; put back what was there, so
    # that the kernels of other packages keep their own cache.
    config: Any = numba.config
    before = config.CACHE_DIR
    config.CACHE_DIR = str(CACHE_FOLDER)
    try:
        decorate = numba.njit(cache=True, error_model="numpy", parallel=parallel)
        compiled: Any = decorate(function)
    finally:
        config.CACHE_DIR = before
    _forgive(compiled._cache)
    # Broken off in the middle, Numba could compile nothing more in this process.
    compiled._compile_for_args = holding(compiled._compile_for_args)
    return compiled


def _forgive(cache: Any) -> None:
    """Compile anew where the file of a compiled kernel is damaged; Numba alone would raise.

    Nor does it matter if the result cannot be stored, on a full disk for example.
    """
    load, save = cache.load_overload, cache.save_overload

    def load_or_nothing(*arguments: Any) -> Any:
        try:
            return load(*arguments)
        except Exception:
            with contextlib.suppress(OSError):
                cache.flush()
            return None

    def save_or_not(*arguments: Any) -> None:
        with contextlib.suppress(OSError):
            save(*arguments)

    cache.load_overload, cache.save_overload = load_or_nothing, save_or_not
