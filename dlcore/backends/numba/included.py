"""Functions that compiled code only ever includes: they get no machine code of their own.

Numba optimises whatever it compiles, and makes machine code of it. Of a function that is called
from nowhere but kernels, nobody runs that: they include the code in the middle, LLVM's, and
optimise it where it stands, with all that is known there. To do it before as well takes a fifth of
the time that a first fit waits. Nor is it left to LLVM whether a kernel includes a function, which
it did sometimes: then a loop had a call in it.
"""

from __future__ import annotations

from typing import Any

import llvmlite.binding as llvm
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler, CompileResult, compile_result

from dlcore.backends.numba.cache import KernelCache


class _Nowhere:
    """In the place of what keeps the machine code: there is none here to tell anything."""

    def set_env(self, name: str, environment: Any) -> None:
        pass


class _IncludedCode(JITCodeLibrary):
    """LLVM's code of a function, for others to include."""

    @property
    def codegen(self) -> Any:
        return _Nowhere()

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True  # where Numba would hand it on to be made machine code

    def serialize_using_object_code(self) -> Any:
        self._ensure_finalized()
        return self.name, self._get_module_for_linking().as_bitcode()

    def read(self, bitcode: bytes) -> None:
        """Take the code from what was serialized."""
        self._final_module = self._shared_module = llvm.parse_bitcode(bitcode)
        self._finalized = True


class IncludedCompiler(Compiler):
    """The compiler of Numba without its last steps."""

    def __init__(self, typing_context: Any, target_context: Any, library: Any, *more: Any) -> None:
        library = _IncludedCode(target_context.codegen(), "included")
        super().__init__(typing_context, target_context, library, *more)


class IncludedCache(KernelCache):
    """The stored forms of a function that is only included."""

    def rebuilt(self, target_context: Any, content: Any) -> CompileResult:
        """A form from what was stored of it."""
        (name, bitcode), description, environment, signature, *_ = content
        library = _IncludedCode(target_context.codegen(), name)
        library.read(bitcode)
        return compile_result(
            target_context=target_context,
            typing_context=target_context.typing_context,
            library=library,
            entry_point=target_context.get_executable(library, description, environment),
            fndesc=description,
            environment=environment,
            signature=signature,
            objectmode=False,
            lifted=(),
            reload_init=(),
        )
