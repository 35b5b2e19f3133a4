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

import hashlib
import inspect
from collections.abc import Callable
from typing import Any

from llvmlite.binding import add_symbol
from numba import types
from numba.core import cgutils
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
            return signature(_compiled((part, kinds)).signature.return_type, *kinds)

        type_of_call.pysig = inspect.signature(function)  # type: ignore[attr-defined]
        return type_of_call

    @lower_builtin(function, types.VarArg(types.Any))
    def _(context: Any, builder: Any, call: Any, arguments: Any) -> Any:
        form, convention = (part, call.args), context.call_conv
        kinds = call.return_type, call.args
        callee = cgutils.get_or_insert_function(
            builder.module, convention.get_function_type(*kinds), provided(form)
        )
        status, result = convention.call_function(builder, callee, *kinds, arguments)
        with cgutils.if_unlikely(builder, status.is_error):
            convention.return_status_propagate(builder, status)
        return result

    return function


def provided(form: Form) -> str:
    """The name by which machine code calls a form; from now on it can. It is compiled if need be.

    The name is the same in all processes, unlike the one that Numba gives it.
    """
    name = "dlcore_" + hashlib.sha256(repr(form).encode()).hexdigest()[:24]
    if name not in _forms:
        compiled = _compiled(form)
        function = compiled.fndesc.llvm_func_name
        add_symbol(name, compiled.library.get_pointer_to_function(function))
        _forms[name] = form
    return name


def called_in(machine_code: bytes) -> list[Form]:
    """The forms that some machine code calls."""
    return [form for name, form in _forms.items() if name.encode() in machine_code]


def _compiled(form: Form) -> Any:
    part, kinds = form
    compiled = _parts[part]
    compiled.compile(kinds)
    return compiled.overloads[kinds]
