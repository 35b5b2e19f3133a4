"""The backend "mine": the learner's kernels of ``my_dlcore.py``, and ``cpu`` for the rest.

The course writes each accepted function into a section of that file::

    # >>> 04.relu 5b2f91c3
    def relu(x):
        return x * (x > 0)
    # <<< 04.relu

Only such sections serve, and only as they were accepted: the number is a checksum of the text
between. Everything else in the file is the learner's own and runs, but is no kernel. Of an accepted
step of a recurrent layer, `simple_rnn_step` or `lstm_step`, the kernels for whole sequences are
made, so that it runs inside of the layer.
"""

from __future__ import annotations
import __future__

import ast
import collections
import contextlib
import inspect
import math
import os
import re
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from dlcore.backends.declare import KERNELS, Kernel
from dlcore.backends.numpy.lstm import back_through_time as lstm_back
from dlcore.backends.numpy.lstm import through_time as lstm_forth
from dlcore.backends.numpy.simple_rnn import back_through_time as simple_rnn_back
from dlcore.backends.numpy.simple_rnn import through_time as simple_rnn_forth

FILE = "my_dlcore.py"
MARKER = ".dlcore"
# Names in type hints need not be there, as after `from __future__ import annotations`.
LATER_HINTS = __future__.annotations.compiler_flag

# Kernels for whole sequences: the step that each can be made of, and what makes it of that.
SEQUENCES: dict[str, tuple[str, Callable[..., Any]]] = {
    "simple_rnn": ("simple_rnn_step", simple_rnn_forth),
    "simple_rnn_grad": ("simple_rnn_step_grad", simple_rnn_back),
    "lstm": ("lstm_step", lstm_forth),
    "lstm_grad": ("lstm_step_grad", lstm_back),
}

calls: collections.Counter[str] = collections.Counter()
"""How often the engine called each of the learner's kernels, in this process."""

_functions: dict[str, Callable[..., Any]] = {}

_SECTION = re.compile(
    r"^# >>> (?P<id>\d\d\.(?P<name>\w+)) (?P<sum>[0-9a-f]{8})\n(?P<body>.*?)^# <<< (?P=id)$",
    re.DOTALL | re.MULTILINE,
)


class LearnerError(Exception):
    """A function or the file of the learner failed; the sentence says which, and where."""


def course_folder() -> Path:
    """The learner's folder: ``DLCORE_COURSE_FOLDER``, else the nearest with ``.dlcore`` inside.

    Searched from the current folder upwards; without any, it is the current folder.
    """
    named = os.environ.get("DLCORE_COURSE_FOLDER")
    if named:
        return Path(named)
    here = Path.cwd()
    return next((f for f in (here, *here.parents) if (f / MARKER).is_dir()), here)


def load(path: str | os.PathLike[str] | None = None) -> dict[str, Callable[..., Any]]:
    """Run ``my_dlcore.py`` and take the accepted kernels from it.

    Args:
        path: the file. Defaults to ``my_dlcore.py`` in the course folder.

    Returns:
        The kernels by name, in the functional form; nothing if there is no file. Each counts
        its calls in ``calls`` and names itself if it fails.

    Raises:
        LearnerError: if the file cannot be read or run.
    """
    path = course_folder() / FILE if path is None else Path(path)
    _functions.clear()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise LearnerError(f"{path.name} cannot be read: {error}.") from None
    namespace = run(text, str(path))
    # Each section has names of its own, since two may have a helper of the same name.
    apart = {section["name"]: _apart(section, namespace, str(path)) for section in _sections(text)}
    served = {name: own[name] for name, own in apart.items() if name in own}
    for names in apart.values():
        # But if it calls another exercise, that is the function that serves there.
        names |= {n: each for n, each in served.items() if names.get(n) is namespace.get(n)}
    for section in _sections(text):
        name = section["name"]
        if section["sum"] != checksum(section["body"]):
            warnings.warn(
                f"{name} in {path.name} was changed after it was accepted, so the library's own "
                f"serves; run the cell of exercise {section['id']} again.",
                stacklevel=2,
            )
        elif name in KERNELS and callable(apart[name].get(name)):
            _functions[name] = _reporting(KERNELS[name], apart[name][name])
    return dict(_functions)


def function(name: str) -> Callable[..., Any] | None:
    """The learner's kernel of that name as last loaded, or None."""
    return _functions.get(name)


def run(text: str, filename: str) -> dict[str, Any]:
    """Run the text of a ``my_dlcore.py`` where ``np`` and ``math`` are known; give its names.

    Raises:
        LearnerError: with the line and what went wrong there.
    """
    namespace: dict[str, Any] = {"np": np, "math": math, "__name__": "my_dlcore"}
    short = Path(filename).name
    try:
        exec(compile(text, filename, "exec", LATER_HINTS), namespace)
    except SyntaxError as error:
        raise LearnerError(f"{short}, line {error.lineno}: {error.msg}.") from None
    except Exception as error:
        line = _line_in(error, filename)
        raise LearnerError(f"{short}, line {line}: {type(error).__name__}: {error}.") from error
    return namespace


def checksum(body: str) -> str:
    """Eight digits that change when the text of a section does (not with spaces around it)."""
    return f"{zlib.crc32(body.strip().encode()):08x}"


def sections(text: str) -> dict[str, tuple[int, int, str]]:
    """The sections of a file: id -> (start, end, body)."""
    return {m["id"]: (m.start(), m.end(), m["body"]) for m in _SECTION.finditer(text)}


def _sections(text: str) -> list[re.Match[str]]:
    return list(_SECTION.finditer(text))


def _apart(section: re.Match[str], namespace: dict[str, Any], filename: str) -> dict[str, Any]:
    """The names of a section that is run by itself: two may have a helper of the same name.

    A ``print`` that was left in it says nothing. Numba compiles only the one that it knows, so
    there the statement is taken out.
    """
    names = dict(namespace)
    compiled = "jit" in section["body"]
    if not compiled:
        names["print"] = _say_nothing
    above = "\n" * section.string.count("\n", 0, section.start("body"))
    with contextlib.suppress(Exception):  # It has just run in the whole file.
        tree = ast.parse(above + section["body"], filename)
        if compiled:
            tree = _WithoutPrint().visit(tree)
        exec(compile(tree, filename, "exec", LATER_HINTS), names)
    return names


class _WithoutPrint(ast.NodeTransformer):
    """Puts ``pass`` in the place of each statement that only prints."""

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:  # noqa: N802  The name that ast looks for.
        called = node.value.func if isinstance(node.value, ast.Call) else None
        if isinstance(called, ast.Name) and called.id == "print":
            return ast.copy_location(ast.Pass(), node)
        return node


def _say_nothing(*values: object, **options: object) -> None:
    """Takes the place of ``print`` in the engine, which calls a kernel thousands of times."""


def _reporting(kernel: Kernel, function: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, counted; it leaves out attributes that it does not know."""
    accepted = _attributes_of(kernel, function)

    def run_mine(*inputs: Any, **attributes: Any) -> Any:
        unknown = [
            name
            for name, value in attributes.items()
            if name not in accepted and value != kernel.attributes[name]
        ]
        if unknown:
            raise LearnerError(
                f"Your {kernel.name} does not take {', '.join(unknown)}, which is needed here; "
                f"add it as an argument, or choose another backend with set_backend."
            )
        calls[kernel.name] += 1
        known = {name: value for name, value in attributes.items() if name in accepted}
        try:
            return function(*inputs, **known)
        except Exception as error:
            given = ", ".join(
                f"{array.name} of shape {np.shape(value)}"
                for array, value in zip(kernel.inputs, inputs, strict=False)
            )
            raise LearnerError(
                f"Your {kernel.name} raised {type(error).__name__}: {error}. It was given {given}."
            ) from error

    return run_mine


def _attributes_of(kernel: Kernel, function: Callable[..., Any]) -> set[str]:
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return set(kernel.attributes)
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return set(kernel.attributes)
    return set(kernel.attributes) & set(parameters)


def _line_in(error: BaseException, filename: str) -> int:
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == filename:
            line = trace.tb_lineno
        trace = trace.tb_next
    return line
