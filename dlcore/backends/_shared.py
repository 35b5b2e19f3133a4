"""Large parts that kernels share: compiled once, and called by all of them.

Numba copies the code of each function into those that call it and optimises it there once more; for
a loop over ``prange`` it does so four times. For a small function that is what makes it fast. For a
large one it only takes time, and that is what the first batch of a machine's life waits for. A part
that is shared is called instead: the machine code of a kernel has its name in it, as that of a
program has the names of the functions of a library.

The number of the turn of a ``prange`` has another type than that of a ``range``. A shared part is
given slices rather than such a number; else it is compiled for both.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

from numba import types
from numba.core.typing import signature
from numba.extending import lower_builtin, type_callable

Form = tuple[str, tuple[Any, ...]]  # a part, and the types of its arguments

_parts: dict[str, Any] = {}
_forms: dict[str, Form] = {}  # by their names in machine code


def share(function: Callable[..., None], compiled: Any, part: str) -> Callable[..., None]:
    """Have compiled kernels call a function rather than include it.

    Args:
        function: the function; to Python it stays what it is.
        compiled: what Numba makes of it.
        part: its name; no other function has it.
    """
    _parts[part] = compiled

    @type_callable(function)
    def _(context: Any) -> Any:
        def type_of_call(*arguments: Any) -> Any:
            kinds = tuple(map(types.unliteral, arguments))
            return signature(_compiled_form((part, kinds)).signature.return_type, *kinds)

        type_of_call.pysig = inspect.signature(function)  # type: ignore[attr-defined]
        return type_of_call

    @lower_builtin(function, types.VarArg(types.Any))
    def _(context: Any, builder: Any, call: Any, arguments: Any) -> Any:
        description = _compiled_form((part, call.args)).fndesc
        return context.call_internal(builder, description, call, arguments)

    return function


def called_in(machine_code: bytes) -> dict[str, Form]:
    """The shared forms that some machine code calls, by their names there."""
    return {name: form for name, form in _forms.items() if name.encode() in machine_code}


def are_there(called: dict[str, Form]) -> bool:
    """Whether all these can be called by these names; they are read or compiled if need be.

    A form that was compiled once more may have another name than before.
    """
    return all(
        part in _parts and _compiled_form((part, kinds)).fndesc.llvm_func_name == name
        for name, (part, kinds) in called.items()
    )


def _compiled_form(form: Form) -> Any:
    part, kinds = form
    compiled = _parts[part]
    compiled.compile(kinds)
    result = compiled.overloads[kinds]
    _forms[result.fndesc.llvm_func_name] = form
    return result
