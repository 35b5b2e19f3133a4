"""Large parts that kernels share: compiled once, and called by all of them.

Numba copies the code of each function into those that call it and optimises it there once more.
For a small function that is what makes it fast. For a large one it only takes time, and that is
what the first batch of a machine's life waits for. A part that is shared is called instead: the
machine code of a kernel has its name in it, as that of a program has the names of the functions of
a library.

A part writes into arrays that it is given and returns nothing. So all that a kernel has to know of
it is its name, and the two can be compiled in any order, in one process or in two (``workers``).
"""

from __future__ import annotations

import ctypes
import hashlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from llvmlite.binding import add_symbol
from numba import types
from numba.core import cgutils
from numba.core.typing import signature
from numba.extending import lower_builtin, type_callable

Form = tuple[str, tuple[Any, ...]]  # a part, and the types of its arguments

Meeting = Callable[[Form], None]

_parts: dict[str, Any] = {}
_forms: dict[str, Form] = {}  # by their names in machine code
_meets: Meeting | None = None  # what is told of each form that is not compiled yet
_elsewhere = False  # whether another process compiles them, and this one runs nothing


def share(
    function: Callable[..., None], compiled: Any, part: str, any_order: bool = False
) -> Callable[..., None]:
    """Have compiled kernels call a function rather than include it.

    Args:
        function: the function, which returns nothing; to Python it stays what it is.
        compiled: what Numba makes of it.
        part: its name; no other function has it.
        any_order: whether it is compiled once for arrays however they lie in memory.
    """
    _parts[part] = compiled

    @type_callable(function)
    def _(context: Any) -> Any:
        def type_of_call(*arguments: Any) -> Any:
            kinds = tuple(_kind(argument, any_order) for argument in arguments)
            _met((part, kinds))
            return signature(types.none, *kinds)

        type_of_call.pysig = inspect.signature(function)  # type: ignore[attr-defined]
        return type_of_call

    @lower_builtin(function, types.VarArg(types.Any))
    def _(context: Any, builder: Any, call: Any, arguments: Any) -> Any:
        form, convention = (part, call.args), context.call_conv
        kinds = types.none, call.args
        callee = cgutils.get_or_insert_function(
            builder.module, convention.get_function_type(*kinds), provided(form)
        )
        arguments = lent(context, builder, call.args, arguments)
        status, result = convention.call_function(builder, callee, *kinds, arguments)
        with cgutils.if_unlikely(builder, status.is_error):
            convention.return_status_propagate(builder, status)
        return result

    return function


def lent(context: Any, builder: Any, kinds: Any, values: Any) -> list[Any]:
    """The arguments of a call, without whatever counts how many hold an array.

    The caller holds them until the call is over. The function would count with each slice that it
    makes of one, and two threads that count at the same place wait for each other.
    """
    return [_lent(context, builder, kind, value) for kind, value in zip(kinds, values, strict=True)]


def _lent(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    if isinstance(kind, types.Array):
        array = context.make_array(kind)(context, builder, value)
        array.meminfo = cgutils.get_null_value(array.meminfo.type)
        array.parent = cgutils.get_null_value(array.parent.type)
        return array._getvalue()
    if isinstance(kind, types.BaseTuple):
        items = lent(context, builder, kind, cgutils.unpack_tuple(builder, value))
        return context.make_tuple(builder, kind, items)
    return value


def is_shared(function: Any) -> bool:
    """Whether it is a part, as Python knows it."""
    return any(part.py_func is function for part in _parts.values())


def provided(form: Form) -> str:
    """The name by which machine code calls a form; from now on it can. It is compiled if need be.

    The name is the same in all processes, unlike the one that Numba gives it.
    """
    name = "dlcore_" + hashlib.sha256(repr(form).encode()).hexdigest()[:24]
    if name not in _forms:
        add_symbol(name, _NOWHERE if _elsewhere else _address(form))
        _forms[name] = form
    return name


# In a process that runs nothing it is enough that a function can be called in place of the part.
_NOWHERE = ctypes.cast(ctypes.pythonapi.Py_GetVersion, ctypes.c_void_p).value or 0


def _address(form: Form) -> int:
    part, kinds = form
    _met(form)
    compiled = _parts[part].overloads[kinds]
    if compiled.signature.return_type != types.none:
        raise TypeError(f"The shared part {part} returns something; let it write into an array.")
    address: int = compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name)
    return address


def _met(form: Form) -> None:
    """Compile a form, unless another process does; whoever wants to know of it is told first."""
    part, kinds = form
    if kinds not in _parts[part].overloads:
        if _meets is not None:
            _meets(form)
        if not _elsewhere:
            _parts[part].compile(kinds)


@contextmanager
def telling(meets: Meeting, elsewhere: bool = False) -> Iterator[None]:
    """Tell a function of each form that is met inside the block and that is not compiled yet.

    Args:
        meets: the function; it may be told of a form several times.
        elsewhere: whether this process leaves those forms to another. Nothing that it compiles may
            be run in it: it calls what is not there.
    """
    global _meets, _elsewhere
    before = _meets, _elsewhere
    _meets, _elsewhere = meets, elsewhere
    try:
        yield
    finally:
        _meets, _elsewhere = before


def called_in(machine_code: bytes) -> list[Form]:
    """The forms that some machine code calls."""
    return [form for name, form in _forms.items() if name.encode() in machine_code]


def plain(kind: Any) -> Any:
    """The type that a function takes an argument of some type as, not to be compiled once for each.

    A number that is written down has a type of its own, and the number of the turn of a ``prange``
    is unsigned where that of a ``range`` is not.
    """
    kind = types.unliteral(kind)
    return types.int64 if kind == types.uint64 else kind


def _kind(argument: Any, any_order: bool) -> Any:
    kind = plain(argument)
    return kind.copy(layout="A") if any_order and isinstance(kind, types.Array) else kind
