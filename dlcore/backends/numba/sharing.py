"""A loop over ``prange`` shared out among the threads of the ``pool``.

Numba can do that by itself (``parallel=True``), with threads of its own; but to find out what a
loop over ``prange`` does, it compiles it four times over. In the kernels of ``cpu`` the loop says
it: each turn is a piece of work of its own, and what is assigned in one nobody reads outside of it.
So here the loop becomes a function of all that it reads, which takes the turns from one to another,
and in its place stands a call that has the threads run it for some of the turns each.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.core.callconv import excinfo_ptr_t
from numba.core.compiler import CompileResult
from numba.core.typing import signature
from numba.extending import lower_builtin, type_callable

from dlcore.backends.numba.cache import KernelCache
from dlcore.backends.numba.outline import lent
from dlcore.backends.numba.pool import RUN, start_threads

_WORD = ir.IntType(64)


class SharingCache(KernelCache):
    """The stored forms of a kernel that calls the threads: they are there before it is read."""

    def rebuilt(self, target_context: Any, content: Any) -> CompileResult:
        """A form from what was stored of it."""
        start_threads()
        return super().rebuilt(target_context, content)


def shared_out(function: Callable[..., None], include: Callable[[Any], Any]) -> Any:
    """A kernel whose loops over ``prange`` are shared out among the threads.

    Args:
        function: the kernel, in Python, which lies in a file.
        include: makes of a function what Numba has compiled code include.

    Raises:
        TypeError: if the kernel returns out of a loop, or `prange` is told where to begin.
        OSError: if the file is not there.
    """
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    kernel = tree.body[0]
    assert isinstance(kernel, ast.FunctionDef)
    kernel.decorator_list = []
    loops = _Loops(function)
    loops.visit(kernel)
    # In a function, which has what the kernel has from around it as its arguments.
    made = [*loops.calls, *loops.bodies, kernel]
    around, cells = function.__code__.co_freevars, function.__closure__ or ()
    names = ", ".join(each.name for each in made)
    maker = ast.parse(f"def maker({', '.join(around)}):\n    return {names}").body[0]
    assert isinstance(maker, ast.FunctionDef)
    maker.body = [*made, *maker.body]
    module = ast.fix_missing_locations(ast.Module([maker], []))
    ast.increment_lineno(module, function.__code__.co_firstlineno - 1)
    room: dict[str, Any] = {}
    exec(compile(module, function.__code__.co_filename, "exec"), function.__globals__, room)
    *functions, twin = room["maker"](*(cell.cell_contents for cell in cells))
    number = len(loops.calls)
    for call, body in zip(functions[:number], functions[number:], strict=True):
        body.__qualname__ = f"{function.__qualname__}.{body.__name__}"
        _have_run_by_threads(call, include(body))
    return twin


class _Loops(ast.NodeTransformer):
    """Puts a call in the place of each loop over ``prange``, and keeps the loop as a function."""

    def __init__(self, function: Callable[..., None]) -> None:
        self._name, self._locals = function.__qualname__, function.__code__.co_varnames
        self.calls: list[ast.FunctionDef] = []  # what is called in place of each loop
        self.bodies: list[ast.FunctionDef] = []  # what the threads run then

    def visit_For(self, loop: ast.For) -> Any:
        """Replace the loop if it is one."""
        turns = loop.iter
        if not (isinstance(turns, ast.Call) and getattr(turns.func, "id", "") == "prange"):
            return self.generic_visit(loop)
        ends = loop.orelse or any(_leaves(line) for line in loop.body)
        if len(turns.args) != 1 or ends or not isinstance(loop.target, ast.Name):
            raise TypeError(f"{self._name} has a loop over prange that is not so many whole turns.")
        (count,) = turns.args
        loop.iter = ast.parse("range(_begin, _end)", mode="eval").body
        names = [node for node in ast.walk(loop) if isinstance(node, ast.Name)]
        own = {node.id for node in names if isinstance(node.ctx, ast.Store)}
        read = {node.id for node in names} - own
        captured = ", ".join(name for name in self._locals if name in read)
        number = len(self.calls)
        call, body, line = ast.parse(
            f"def call_{number}(_turns, {captured}): pass\n"
            f"def turns_{number}(_begin, _end, {captured}): pass\n"
            f"call_{number}(0, {captured})"
        ).body
        assert isinstance(call, ast.FunctionDef) and isinstance(body, ast.FunctionDef)
        assert isinstance(line, ast.Expr) and isinstance(line.value, ast.Call)
        body.body, line.value.args[0] = [loop], count
        self.calls.append(call)
        self.bodies.append(body)
        return line


def _leaves(line: ast.stmt) -> bool:
    """Whether a line of a loop's body leaves the loop."""
    if isinstance(line, (ast.Return, ast.Break)):
        return True
    within = [node for node in ast.iter_child_nodes(line) if isinstance(node, ast.stmt)]
    if isinstance(line, (ast.For, ast.While)):  # which a break of its own leaves
        return any(isinstance(node, ast.Return) for node in ast.walk(line))
    return any(_leaves(node) for node in within)


def _have_run_by_threads(call: Callable[..., None], body: Any) -> None:
    """Have compiled code that calls a function run a loop, the threads some of its turns each."""

    @type_callable(call)
    def _(context: Any) -> Any:
        def type_of_call(*arguments: Any) -> Any:
            kinds = tuple(types.unliteral(kind) for kind in arguments[1:])
            body.compile((types.uint64, types.uint64, *kinds))
            return signature(types.none, types.int64, *kinds)

        type_of_call.pysig = inspect.signature(call)  # type: ignore[attr-defined]
        return type_of_call

    @lower_builtin(call, types.VarArg(types.Any))
    def _(context: Any, builder: Any, call: Any, arguments: Any) -> Any:
        start_threads()  # only then is it known where what is called lies
        form = body.overloads[types.uint64, types.uint64, *call.args[1:]]
        context.active_code_library.add_linking_library(form.library)
        _run(context, builder, form.fndesc, lent(context, builder, call.args, arguments))
        return context.get_dummy_value()


def _run(context: Any, builder: Any, body: Any, arguments: Any) -> None:
    """Write the call that has the threads run a body.

    All that they are told is which part of the turns is meant, and where in memory the rest is
    written down.
    """
    turns, *values = arguments
    error, cause = ir.Constant(ir.IntType(32), 0), ir.Constant(excinfo_ptr_t, None)
    told = [turns, error, cause, *values]
    note = cgutils.alloca_once(builder, ir.LiteralStructType([value.type for value in told]))
    for place, value in enumerate(told):
        builder.store(value, cgutils.gep_inbounds(builder, note, 0, place))
    task = _task(context, builder.module, body, note.type)
    run = ir.FunctionType(ir.VoidType(), [_WORD, _WORD, _WORD])
    run = cgutils.get_or_insert_function(builder.module, run, RUN)
    # Meanwhile other threads of Python go on.
    python = context.get_python_api(builder)
    held = python.gil_ensure()
    let_go = python.save_thread()
    builder.call(run, [builder.ptrtoint(task, _WORD), builder.ptrtoint(note, _WORD), turns])
    python.restore_thread(let_go)
    python.gil_release(held)

    error = builder.load(cgutils.gep_inbounds(builder, note, 0, 1))
    with cgutils.if_unlikely(builder, cgutils.is_not_null(builder, error)):
        cause = builder.load(cgutils.gep_inbounds(builder, note, 0, 2))
        status = SimpleNamespace(code=error, excinfoptr=cause)
        context.call_conv.return_status_propagate(builder, status)


def _task(context: Any, module: Any, body: Any, kind: Any) -> Any:
    """What a thread calls for a part of the turns, of so many parts."""
    task = ir.FunctionType(ir.VoidType(), [_WORD, _WORD, _WORD])
    task = ir.Function(module, task, module.get_unique_name("dlcore_task"))
    task.linkage = "internal"
    note, part, parts = task.args
    builder = ir.IRBuilder(task.append_basic_block())
    note = builder.inttoptr(note, kind)
    told = [cgutils.gep_inbounds(builder, note, 0, place) for place in range(len(kind.pointee))]
    turns, values = builder.load(told[0]), [builder.load(place) for place in told[3:]]
    next_part = builder.add(part, ir.Constant(_WORD, 1))
    begin, end = (builder.udiv(builder.mul(each, turns), parts) for each in (part, next_part))
    function = context.declare_function(module, body)
    status, _ = context.call_conv.call_function(
        builder, function, body.restype, body.argtypes, [begin, end, *values]
    )
    with cgutils.if_unlikely(builder, status.is_error):
        builder.store(status.excinfoptr, told[2])
        builder.store(status.code, told[1])
    builder.ret_void()
    return task
