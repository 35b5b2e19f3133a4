"""Defining a submission's function in the child and calling it: every outcome is plain data.

It takes the same note of things as ``dlcore.course.outcome`` does in a notebook: what was
returned or raised and where, which arguments were changed, what was printed, what NumPy warned of.
"""

from __future__ import annotations
import __future__

import copy
import functools
import io
import sys
import warnings
from collections.abc import Callable, Mapping
from contextlib import redirect_stderr, redirect_stdout
from types import CodeType
from typing import Any

import numpy as np

from .lending import builtins_with, calling
from .wire import encode

PRINTED = 2000
DESCRIBED = 60
# Type hints are never evaluated, as in my_dlcore.py: names in them need not be there.
LATER_HINTS = __future__.annotations.compiler_flag


def define(job: dict[str, Any], lent: dict[str, Any]) -> Callable[..., Any]:
    """Run the pieces of a submission and give back its function.

    Args:
        job: "standins", a name, the name in the text, and a text that defines it on its own, for
            each; "pieces", each with "cell", "line" and "text", in the order in which they are
            run; "name", what to give back; "use", for a class, the name and text of the function
            that builds and calls it.
        lent: the parts of dlcore that its text may import.
    """
    codes = [_compiled(piece) for piece in job["pieces"]]
    names: dict[str, Any] = {"__name__": "__main__", "np": np}
    if lent:
        names["__builtins__"] = builtins_with(lent)
    for bound, name, text in job["standins"]:
        names[bound] = _alone(name, text)
    for code in codes:
        exec(code, names)
    if job.get("use"):
        use = _alone(*job["use"])
        return functools.partial(calling(use) if lent else use, names[job["name"]])
    return names[job["name"]]


def _alone(name: str, text: str) -> Any:
    names: dict[str, Any] = {"__name__": "earlier"}
    exec(compile(text, f"<{name}>", "exec", LATER_HINTS, dont_inherit=True), names)
    return names[name]


def _compiled(piece: dict[str, Any]) -> CodeType:
    text = "\n" * (piece["line"] - 1) + piece["text"]  # An error then names the line of the cell.
    return compile(text, f"<cell {piece['cell']}>", "exec", LATER_HINTS, dont_inherit=True)


def attempt(function: Callable[..., Any], arguments: tuple[Any, ...], cell: int) -> dict[str, Any]:
    """Call the function, which stands in the given cell; what came of it."""
    before = tuple(_fresh(each) for each in arguments)
    printed = _Beginning()
    chance = _state()
    with (
        redirect_stdout(printed),
        redirect_stderr(printed),
        warnings.catch_warnings(record=True) as caught,
        np.errstate(all="warn", under="ignore"),
    ):
        warnings.simplefilter("always")
        try:
            result = {"value": encode(function(*arguments))}
        except BaseException as error:
            result = raised(error, cell)
    numeric = [w for w in caught if issubclass(w.category, RuntimeWarning)]
    pairs = enumerate(zip(arguments, before, strict=True))
    return result | {
        "changed": [i for i, (a, b) in pairs if not _same(a, b)],
        "printed": printed.getvalue(),
        "warned": str(numeric[0].message)[:400] if numeric else "",
        "random": chance != _state(),
    }


def _state() -> Any:
    """Where the generator of np.random stands; nothing while nobody has loaded it."""
    try:
        found = sys.modules["numpy.random"].get_state(legacy=False)
        inner = found["state"]
        return inner["key"].tobytes(), inner["pos"], found["has_gauss"], found["gauss"]
    except Exception:
        return None


def compile_for(function: Any, arguments: tuple[Any, ...]) -> None:
    """Have Numba compile a function for such arguments, without calling it."""
    import numba

    try:
        function.compile(tuple(numba.typeof(each) for each in arguments))
    except BaseException:
        pass  # The call says the same, and is asked for next.


def raised(error: BaseException, cell: int) -> dict[str, Any]:
    """An error as plain data: its type and its text, and where in a cell it was under way.

    Args:
        error: what was raised.
        cell: number of the cell; its innermost line counts.

    Returns:
        "error" and "bases", names of types; "text"; "line", and "part", the first and the last
        line of what was under way with the columns where it starts and ends, where Python says so;
        "values", type and shape of what each name stood for there.
    """
    file = f"<cell {cell}>"
    trace, found = error.__traceback__, None
    for _ in range(5000):
        if trace is None:
            break
        if trace.tb_frame.f_code.co_filename == file:
            found = trace
        trace = trace.tb_next
    try:
        text = error.msg if type(error) is SyntaxError else str(error)[:2000]
    except BaseException:
        text = ""
    bases = [each.__name__ for each in type(error).__mro__]
    said = {"error": bases[0][:60], "bases": bases[1:20], "text": text}
    if isinstance(error, SyntaxError) and error.filename == file:
        return said | {"line": error.lineno or 0}
    if found is None:
        return said
    part = list(found.tb_frame.f_code.co_positions())[found.tb_lasti // 2 :][:1]
    values = described(found.tb_frame.f_locals)
    return said | {"line": found.tb_lineno, "part": part[0] if part else [], "values": values}


def described(values: Mapping[str, Any]) -> dict[str, Any]:
    """Type and shape of the first values, by their names."""
    found = {}
    for name in list(values)[:DESCRIBED]:
        value = values[name]
        try:
            kind = str(type(value).__name__)[:60]
        except BaseException:
            continue
        found[name[:60]] = [kind, list(value.shape) if isinstance(value, np.ndarray) else None]
    return found


def _fresh(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else copy.deepcopy(value)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray):
        if a.shape != b.shape or a.dtype != b.dtype:
            return False
        return bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
    return type(a) is type(b) and repr(a) == repr(b)


class _Beginning(io.StringIO):
    """Keeps the beginning of what is printed: an endless loop may print for ever."""

    def write(self, text: str) -> int:
        room = PRINTED - self.tell()
        if room > 0:
            super().write(text[:room])
        return len(text)
