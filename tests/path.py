"""The path of x: what of dlcore runs while the article's programs do, from compile to predict.

`python -m tests.path` prints it. Each program runs in a process of its own, on the backend numpy,
where every kernel is a function that can be read; what modules do on import does not count.
"""

from __future__ import annotations

import ast
import io
import json
import os
import subprocess
import sys
import tokenize
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import dlcore

ROOT = Path(dlcore.__file__).parent
PROGRAMS = ("mlp", "cnn")


@dataclass
class Walk:
    """What a program passed.

    Args:
        functions: file below dlcore -> the first lines of the functions that ran in it.
        chain: "file:function" from `fit` to the kernel `dense`, the longest way of a step.
        classes: those above Sequential, the nearest first.
    """

    functions: dict[str, list[int]]
    chain: list[str]
    classes: list[str]

    @property
    def files(self) -> list[str]:
        return sorted(self.functions)

    @property
    def crossings(self) -> int:
        files = [call.split(":")[0] for call in self.chain]
        return sum(here != there for here, there in zip(files, files[1:], strict=False))


def walk(program: str) -> Walk:
    """Run a program under the tracer, in a process of its own."""
    found = subprocess.run(
        [sys.executable, "-m", "tests.path", program],
        capture_output=True,
        text=True,
        cwd=ROOT.parent,
        env={**os.environ, "DLCORE_BACKEND": "numpy"},
    )
    assert found.returncode == 0, found.stderr
    return Walk(**json.loads(found.stdout))


def lines_of(file: str) -> int:
    """How long a file is."""
    return len((ROOT / file).read_text(encoding="utf8").splitlines())


def lines_of_code(file: str, first: int) -> int:
    """How long the function is that begins in a line, without its docstring."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and first in _starts(node):
            body = node.body[1:] if ast.get_docstring(node) else node.body
            return (node.end_lineno or 0) - body[0].lineno + 1 if body else 1
    return 1  # a comprehension or a lambda


def lines_without_words(text: str) -> int:
    """How many lines of a program are code: no blank lines, comments and docstrings."""
    lines: set[int] = set()
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in _NO_CODE:
            lines |= set(range(token.start[0], token.end[0] + 1))
    for node in ast.walk(ast.parse(text)):
        first = node.body[0] if isinstance(node, _WITH_DOCSTRING) and node.body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            lines -= set(range(first.lineno, (first.end_lineno or 0) + 1))
    return len(lines)


_WITH_DOCSTRING = ast.Module | ast.ClassDef | ast.FunctionDef
_NO_CODE = (
    tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT,
    tokenize.ENDMARKER,
)  # fmt: skip


def _starts(node: ast.FunctionDef) -> set[int]:
    return {node.lineno, *(decorator.lineno for decorator in node.decorator_list)}


def _traced(program: str) -> Walk:
    functions: dict[str, set[int]] = {}
    chain: list[str] = []
    names: dict[CodeType, str | None] = {}

    def file_of(code: CodeType) -> str | None:
        if code not in names:
            path = Path(code.co_filename)
            known = path.is_relative_to(ROOT) and code.co_name != "<module>"
            names[code] = path.relative_to(ROOT).as_posix() if known else None
        return names[code]

    def watch(frame: FrameType, event: str, argument: Any) -> None:
        if event != "call" or file_of(frame.f_code) is None or _imports(frame):
            return
        file = file_of(frame.f_code)
        assert file is not None
        functions.setdefault(file, set()).add(frame.f_code.co_firstlineno)
        if file.startswith("backends/numpy/") and frame.f_code.co_name == "dense":
            way = _way(frame, file_of)
            if way and len(way) > len(chain):
                chain[:] = way

    run = {"mlp": _mlp, "cnn": _cnn}[program]
    sys.setprofile(watch)
    try:
        model = run()
    finally:
        sys.setprofile(None)
    classes = [kind.__name__ for kind in type(model).__mro__[1:-1]]
    return Walk({file: sorted(lines) for file, lines in functions.items()}, chain, classes)


def _imports(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_code.co_filename.startswith("<frozen importlib"):
            return True
        frame = frame.f_back
    return False


def _way(frame: FrameType | None, file_of: Any) -> list[str]:
    """The calls from `fit` to this one, empty where no `fit` is under way."""
    way = []
    while frame is not None:
        file = file_of(frame.f_code)
        if file is not None:
            way.append(f"{file}:{frame.f_code.co_qualname}")
            if frame.f_code.co_name == "fit":
                return way[::-1]
        frame = frame.f_back
    return []


def _mlp() -> Any:
    import numpy as np

    from dlcore.layers import Dense
    from dlcore.models import Sequential

    rng = np.random.default_rng(0)
    x = rng.normal(size=(20, 8)).astype("float32")
    y = (x.sum(axis=1) > 0).astype("float32")
    model = Sequential()
    model.add(Dense(10, input_dim=8, activation="relu"))
    model.add(Dense(8, activation="relu"))
    model.add(Dense(1, activation="sigmoid"))
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
    return _used(model, x, y)


def _cnn() -> Any:
    import numpy as np

    from dlcore.layers import Conv2D, Dense, Flatten, MaxPooling2D
    from dlcore.models import Sequential

    rng = np.random.default_rng(0)
    x = rng.random((16, 32, 32, 3)).astype("float32")
    y = np.eye(10, dtype="float32")[rng.integers(0, 10, 16)]
    model = Sequential()
    model.add(Conv2D(4, (3, 3), padding="same", activation="relu", input_shape=(32, 32, 3)))
    model.add(MaxPooling2D(pool_size=(2, 2)))
    model.add(Conv2D(4, (3, 3), padding="same", activation="relu"))
    model.add(MaxPooling2D(pool_size=(2, 2)))
    model.add(Flatten())
    model.add(Dense(8, activation="relu"))
    model.add(Dense(10, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return _used(model, x, y)


def _used(model: Any, x: Any, y: Any) -> Any:
    model.fit(x, y, epochs=2, batch_size=5, verbose=0)  # three steps of one shape, and a replay
    model.evaluate(x, y, verbose=0)
    model.predict(x, verbose=0)
    return model


def _print(program: str) -> None:
    found = walk(program)
    print(f"{program}: {len(found.files)} files")
    for file in found.files:
        longest = max(lines_of_code(file, first) for first in found.functions[file])
        print(f"    {file}: {lines_of(file)} lines, the longest function that ran {longest}")
    print(f"{found.crossings} calls across files from fit to dense:")
    for call in found.chain:
        print(f"    {call}")
    print(f"{len(found.classes)} classes above Sequential: {', '.join(found.classes)}\n")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(vars(_traced(sys.argv[1]))))
    else:
        for name in PROGRAMS:
            _print(name)
