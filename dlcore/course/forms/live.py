"""The answer in the notebook that is running: gathered from the text of its cells, as for marks.

What is kept in ``my_dlcore.py`` is what the grader would run. So an answer that is right is tried
a second time as it will stand there, by itself, and what may not be used is said here already.
"""

from __future__ import annotations
import __future__

import ast
import inspect
import io
import sys
import textwrap
from collections.abc import Callable, Collection
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

from dlcore.course.checking import check
from dlcore.course.definition import Exercise
from dlcore.course.forms.cells import cleaned
from dlcore.course.forms.gathering import HEAD, Candidate, Gathered, gather
from dlcore.course.forms.pieces import Contents, Piece, Reader, parse
from dlcore.course.forms.refusing import sentence
from dlcore.course.grading.inside.lending import builtins_with
from dlcore.course.outcome import message
from dlcore.course.source import names_around, plain
from dlcore.course.time_limit import Limit, OutOfTime
from dlcore.course.verdict import RIGHT, WRONG, Verdict

AFTER_ALL = 1 << 60
FILE = "<your answer by itself>"
ALONE = (
    "It is right here, but an answer has to stand by itself, with what the cells of its notebook "
    "define, and so it"
)
LATER_HINTS = __future__.annotations.compiler_flag


@dataclass(frozen=True)
class Answer:
    """An answer as text.

    Attributes:
        exercise: that it answers.
        gathered: with all that it leans on; None if its text cannot be had.
        refused: the sentence about what may not be used; "" if there is nothing.
    """

    exercise: Exercise
    gathered: Gathered | None = None
    refused: str = ""

    def function(self) -> Any:
        """What the text defines when it is run by itself.

        Raises:
            Exception: whatever it raises.
        """
        assert self.gathered is not None
        names: dict[str, Any] = {"__name__": "__main__"}
        if self.exercise.library:
            names["__builtins__"] = builtins_with(self.exercise.lent)
        code = compile(self.gathered.text, FILE, "exec", LATER_HINTS, dont_inherit=True)
        exec(code, names)
        return names[self.gathered.candidate.piece.name]

    def form(self, kept: Collection[str]) -> tuple[str, str]:
        """The text for ``my_dlcore.py``.

        Args:
            kept: names of the exercises that are in the file already.

        Returns:
            The text, and what stands in the way of keeping it ("" if nothing does).
        """
        if self.gathered is None:
            return "", "its source cannot be read; write it with `def` in a cell"
        if self.gathered.candidate.piece.name != self.exercise.name:
            name = self.gathered.candidate.piece.name
            return "", f"it is called `{name}`; call it `{self.exercise.name}`"
        before = earlier_than(self.exercise)
        given = {each.name for each in before} & set(kept)
        candidate = self.gathered.candidate
        gathered = gather(candidate, self.exercise, before, [candidate.contents], given)
        lent = [each.name for each in gathered.earlier if each.name not in given]
        if lent:
            return "", (
                f"it uses `{lent[0]}`, which is the library's own, so solve the exercise of "
                f"{lent[0]} first"
            )
        parts = [p.text.strip("\n") for p in gathered.pieces if p.text not in HEAD.split("\n")]
        parts += [f"{e.bound} = {e.name}" for e in gathered.earlier if e.bound != e.name]
        return "\n".join(parts) + "\n", ""


def answer_of(exercise: Exercise, function: Callable[..., Any]) -> Answer:
    """The answer that is being defined, gathered from the cells that were run so far."""
    candidate = _candidate(exercise, function)
    if candidate is None:
        return Answer(exercise)
    gathered = gather(candidate, exercise, earlier_than(exercise), [candidate.contents])
    refused = sentence(gathered.refused, exercise.library) if gathered.refused else ""
    return Answer(exercise, gathered, refused)


def earlier_than(exercise: Exercise) -> list[Exercise]:
    """The exercises that come before one, which it may call."""
    from dlcore.course.registry import registry

    everyone = registry().all()
    return everyone[: [each.id for each in everyone].index(exercise.id)]


def _candidate(exercise: Exercise, function: Callable[..., Any]) -> Candidate | None:
    """The statement that made the function."""
    texts, current = _texts(function)
    reader, pieces = Reader(), []
    for number, text in enumerate(texts, 1):
        pieces += reader.read(parse(text) or [], text, number)
    own = _own_text(function)
    here = [p for p in pieces if p.exercise == exercise.id and p.cell in current]
    fit = [p for p in here if own is None or _in(own, p.text)]
    contents = Contents("notebook", tuple(pieces))
    if fit:
        return Candidate(fit[-1], contents)
    if own is None:
        return None
    body = parse(own)
    if not body or not isinstance(body[0], ast.FunctionDef | ast.ClassDef):
        return None
    # Written elsewhere: in a function, or in a file.
    found = Reader().read(body, own, 0)
    piece = Piece(found[0].name, 0, 1, found[0].text, found[0].node, exercise.id, order=AFTER_ALL)
    return Candidate(piece, Contents("notebook", (*pieces, piece)))


def _texts(function: Callable[..., Any]) -> tuple[list[str], set[int]]:
    """The texts of the cells that were run, and the numbers of those that may hold the function."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        file = names_around(function).get("__file__")
        try:
            return ([Path(file).read_text(encoding="utf-8")] if file else []), {1}
        except (OSError, UnicodeDecodeError):
            return [], set()
    cells = [str(cell) for cell in shell.history_manager.input_hist_raw]
    running = _running_cell(sys._getframe())
    if running and cells[-1:] != [running]:
        cells.append(running)
    return [cleaned(cell) for cell in cells], {len(cells)}


def _running_cell(frame: FrameType | None) -> str:
    """The text of the cell under way: a cell may be run without a place in the history."""
    while frame is not None:
        if frame.f_code.co_name == "run_cell_async":
            return str(frame.f_locals.get("raw_cell", ""))
        frame = frame.f_back
    return ""


def _own_text(function: Callable[..., Any]) -> str | None:
    try:
        return textwrap.dedent(inspect.getsource(plain(function)))
    except (OSError, TypeError):
        return None


def _in(own: str, text: str) -> bool:
    """Whether a text holds a function's own, decorators and the places of lines apart."""
    lines = own.split("\n")
    first = next((i for i, x in enumerate(lines) if x.startswith(("def ", "class "))), 0)
    wanted = "".join("".join(lines[first:]).split())
    return wanted in "".join(text.split()) or "lambda" in own


def refusal(answer: Answer) -> Verdict | None:
    """The verdict on an answer that uses what it may not; None if there is nothing of that."""
    if not answer.refused:
        return None
    exercise = answer.exercise
    return Verdict(
        exercise.id,
        exercise.title,
        WRONG,
        "refused",
        answer.refused,
        level=exercise.level,
        minutes=exercise.minutes,
    )


def by_itself(answer: Answer, verdict: Verdict, seconds: float) -> Verdict:
    """The verdict on an answer that is right where it stands, once it was tried by itself.

    Args:
        answer: the answer as text.
        verdict: on the function in the notebook.
        seconds: for trying it again.
    """
    if answer.gathered is None or verdict.status != RIGHT:
        return verdict
    try:
        with Limit(seconds) as limit, redirect_stdout(io.StringIO()):
            function = limit.call(answer.function)
    except OutOfTime:
        sentence = f"What it needs of its notebook takes longer than {seconds:g} seconds by itself."
        return _not(verdict, "time", sentence)
    except Exception as error:
        return _not(verdict, "alone", f"{ALONE} raises {message(error).rstrip('.')}.")
    # A compiled one is tried as Python: compiling it once more would take as long as the check.
    again = check(answer.exercise, plain(function), seconds=seconds)
    if again.status == RIGHT:
        return verdict
    return _not(verdict, "alone", f"{ALONE} is not right: {again.sentence}")


def _not(verdict: Verdict, kind: str, sentence: str) -> Verdict:
    return replace(verdict, status=WRONG, kind=kind, sentence=sentence, case=None)
