"""One call of a function on one case: what came of it, as something that can be compared."""

from __future__ import annotations

import copy
import functools
import io
import linecache
import re
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import numpy as np

from dlcore.course.source import methods_of, plain
from dlcore.course.time_limit import Limit

PRINTED = 2000
# Where engine and layers note what is under way: a call may be stopped at any line of them.
OF_THE_THREAD = (
    ("dlcore.engine.program", "_going_on"), ("dlcore.engine.tensor", "_state"),
    ("dlcore.layers.layer", "_running"), ("dlcore.layers.shape_inference", "_trials"),
    ("dlcore.layers.tracking", "within"),
)  # fmt: skip

# By name: the type, and the shape of an array.
Described = dict[str, tuple[str, tuple[int, ...] | None]]


@dataclass
class Outcome:
    """What a call gave.

    Attributes:
        value: what it returned.
        error: what it raised, if it did.
        line: number and text of the learner's own line that raised it.
        expression: the part of that line that was under way, where Python tells it.
        values: by name, type and shape of what the learner's names stood for at that line.
        changed: positions of the arguments that are not as they were.
        printed: the beginning of what it printed.
        warned: the first warning that NumPy gave.
        random: whether it drew from np.random.
    """

    value: Any = None
    error: BaseException | None = None
    line: tuple[int, str] = (0, "")
    expression: str = ""
    values: Described = field(default_factory=dict)
    changed: tuple[int, ...] = ()
    printed: str = ""
    warned: str = ""
    random: bool = False


@contextmanager
def _engine_as_before() -> Iterator[None]:
    """Set back what the engine knows of the call that is going on, wherever that was broken off."""
    kept = {id(local): dict(vars(local)) for local in _loaded_locals()}
    try:
        yield
    finally:
        for local in _loaded_locals():
            vars(local).clear()
            vars(local).update(kept.get(id(local), {}))


def _loaded_locals() -> list[threading.local]:
    """Of those modules that are loaded: whoever only reads the course does not need the layers."""
    return [getattr(sys.modules[room], name) for room, name in OF_THE_THREAD if room in sys.modules]


def call(function: Callable[..., Any], case: tuple[Any, ...], limit: Limit) -> Outcome:
    """Call the function on a copy of the case.

    Raises:
        OutOfTime: if the limit is over.
        KeyboardInterrupt: if the learner pressed the key.
    """
    arguments = fresh(case)
    printed = _Beginning()
    value: Any = None
    raised: BaseException | None = None
    state = np.random.get_state(legacy=False)  # noqa: NPY002
    with (
        _engine_as_before(),
        redirect_stdout(printed),
        redirect_stderr(printed),
        warnings.catch_warnings(record=True) as caught,
        np.errstate(all="warn", under="ignore"),  # as NumPy by itself: 0 is near enough
    ):
        warnings.simplefilter("always")
        try:
            value = limit.call(function, *arguments)
        except (Exception, SystemExit, GeneratorExit) as error:
            if type(error).__name__ == "OutOfTime":
                raise
            raised = error
    trace = _own_trace(raised, function) if raised is not None else None
    pairs = enumerate(zip(arguments, case, strict=True))
    changed = tuple(i for i, (after, before) in pairs if not same(after, before))
    numeric = [w for w in caught if issubclass(w.category, RuntimeWarning)]
    warned = str(numeric[0].message) if numeric else ""
    outcome = Outcome(value, raised, changed=changed, printed=printed.getvalue(), warned=warned)
    outcome.random = _drew(state)
    if trace is not None:
        file, frame = trace.tb_frame.f_code.co_filename, trace.tb_frame
        outcome.line = (trace.tb_lineno, linecache.getline(file, trace.tb_lineno).strip())
        outcome.expression = _expression(trace)
        outcome.values = described(frame.f_locals)
    return outcome


def _drew(before: Any) -> bool:
    """Whether the generator of np.random is no longer as it was."""
    after = np.random.get_state(legacy=False)  # noqa: NPY002
    a, b = before["state"], after["state"]
    kept = [(each["has_gauss"], each["gauss"]) for each in (before, after)]
    alike = a["pos"] == b["pos"] and kept[0] == kept[1] and np.array_equal(a["key"], b["key"])
    return not alike


def described(values: Mapping[str, Any]) -> Described:
    """Type and shape of each value, by its name."""
    return {
        name: (type(value).__name__, value.shape if isinstance(value, np.ndarray) else None)
        for name, value in values.items()
    }


def fresh(value: Any) -> Any:
    """A copy whose arrays and containers may be changed; functions and the like stay."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, tuple):
        return tuple(fresh(each) for each in value)
    if isinstance(value, list | dict | set):
        return copy.deepcopy(value)
    return value


def same(a: Any, b: Any) -> bool:
    """Whether two values are equal to the last bit, NaN counting as equal to itself."""
    if isinstance(a, np.ndarray) or isinstance(b, np.ndarray):
        if type(a) is not type(b) or a.shape != b.shape or a.dtype != b.dtype:
            return False
        return bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
    if isinstance(a, tuple | list) and isinstance(b, tuple | list):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    try:
        return a is b or bool(a == b) or bool(a != a and b != b)
    except Exception:
        return False


def without_colours(text: str) -> str:
    """Text without what makes it coloured in a terminal."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def message(error: BaseException) -> str:
    """Type and text of an error on one line, without colours and not too long."""
    text = "".join(c if c.isprintable() else " " for c in without_colours(str(error)))
    text = " ".join(text.split())
    text = text if len(text) <= 240 else text[:237] + "..."
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def _own_trace(error: BaseException, function: Callable[..., Any]) -> TracebackType | None:
    """The innermost step of the error that lies in the learner's own cell."""
    file = _file_of(function)
    found, trace = None, error.__traceback__
    while trace is not None:
        if file is not None and trace.tb_frame.f_code.co_filename == file:
            found = trace
        trace = trace.tb_next
    return found


def _file_of(function: Callable[..., Any]) -> str | None:
    """Where the code of a function stands, or of the first method of a class that is used."""
    if isinstance(function, functools.partial):
        if isinstance(function.args[0], type):
            methods = methods_of(function.args[0])
            return methods[0].__code__.co_filename if methods else None
        function = function.args[0]
    code = getattr(plain(function), "__code__", None)
    return None if code is None else code.co_filename


def _expression(trace: TracebackType) -> str:
    """The expression that was under way; "" where it cannot be had."""
    places = list(trace.tb_frame.f_code.co_positions())
    number = trace.tb_lasti // 2
    if number >= len(places):
        return ""
    first, last, start, end = places[number]
    if first is None or last is None or start is None or end is None or last - first > 20:
        return ""
    file = trace.tb_frame.f_code.co_filename
    lines = [linecache.getline(file, each).encode() for each in range(first, last + 1)]
    lines[-1] = lines[-1][:end]
    lines[0] = lines[0][start:]
    return b"".join(lines).decode(errors="replace")


class _Beginning(io.StringIO):
    """Keeps the beginning of what is printed: an endless loop may print for ever."""

    def write(self, text: str) -> int:
        super().write(text[: PRINTED - self.tell()])
        return len(text)
