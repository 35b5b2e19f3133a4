"""After a restart: a name that is not there because a cell further up has not run.

Python says NameError, and a learner who came back looks for a mistake of their own. In a notebook
a card says first which cell is missing. ``dlcore learn`` starts its kernels with this file as an
extension of IPython, so that it helps even before the first import; elsewhere the import of
``dlcore.course`` switches it on.
"""

from __future__ import annotations

import ast
import json
import os
import re
import sys
from functools import cache
from typing import Any

AGAIN = "Run > Run All Above Selected Cell"


def load_ipython_extension(shell: Any) -> None:
    """Called by IPython when it loads this file as an extension."""
    shell.set_custom_exc((NameError,), _explain)


def install() -> None:
    """Switch it on where there is a notebook; elsewhere nothing happens."""
    if "IPython" not in sys.modules:
        return
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    if shell is not None and NameError not in shell.custom_exceptions:
        load_ipython_extension(shell)


def _explain(shell: Any, kind: type, error: NameError, trace: Any, tb_offset: Any = None) -> None:
    try:
        sentence = sentence_on(str(getattr(error, "name", "") or ""))
        if sentence:
            from dlcore.course import cards
            from dlcore.course.notebook_output import show

            show(cards.note_html("", sentence), cards.note_text("", sentence))
    finally:
        shell.showtraceback((kind, error, trace), tb_offset=tb_offset)


def sentence_on(name: str, file: str | None = None) -> str:
    """What to say of a name that is not defined; nothing if no cell is known to make it.

    Args:
        name: that is missing.
        file: of the notebook; by default the one that the kernel was started for.
    """
    lesson = _lesson(os.environ.get("JPY_SESSION_NAME", "") if file is None else file)
    from dlcore.course.explain.name_errors import missing

    sentence = missing(name, lesson)
    if not sentence and name in _made_by(lesson):
        sentence = (
            f"`{name}` is made in a cell of this lesson that has not run through since the kernel "
            f"started: {AGAIN} in the menu runs all that stand above this one."
        )
    return sentence


def _lesson(file: str) -> str:
    found = re.match(r"(\d\d)_", os.path.basename(file))
    return found[1] if found else ""


@cache
def _made_by(lesson: str) -> frozenset[str]:
    """The names that the code cells of a lesson define; none for a lesson that is not known."""
    from dlcore import resources

    if not lesson:
        return frozenset()
    try:
        path = next(iter(resources.lessons_folder().glob(f"{lesson}_*.ipynb")))
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, StopIteration):
        return frozenset()
    found: set[str] = set()
    for cell in cells:
        if cell["cell_type"] == "code":
            found |= names_of("".join(cell["source"]))
    return frozenset(found)


def names_of(code: str) -> set[str]:
    """The names that the text of a cell defines at its top level."""
    try:
        tree = ast.parse(code)
    except SyntaxError:
        return set()
    found = set()
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            found.add(statement.name)
            continue
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.add(node.id)
            elif isinstance(node, ast.alias):
                found.add((node.asname or node.name).split(".")[0])
    return found
