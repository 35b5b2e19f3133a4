"""Wrong answers that people have written, with what the card says of each, as data.

The files of ``answers/`` hold them, one a lesson. A reader who has not seen the exercise's own
list of mistakes adds::

    [[answer]]
    exercise = "01.dense"
    reader = "spreadsheets"                  # where they come from
    mistake = "sums the columns instead"     # their sentence on what is wrong
    code = '''
    def dense(x, w, b):
        return x.sum(axis=0) + b
    '''

``python -m tests.course.wrong_answers`` shows the card of every answer that has no ``verdict`` yet,
and ``--write`` adds to it what the card says, with a verdict to be judged by a person: "own" if the
sentence names this mistake, "general" if the card says only what differs, "false" if something on
it is not so or misleads; "right" if the answer is none. ``first`` keeps the verdict of the first
count, made before anything was mended. A mistake that several readers have made in the same way
stands there once, with all of them named.

``group`` tells who wrote before the first count: "a" are two readers who think in spreadsheets and
in MATLAB, "b" three who come from Python, from PyTorch and from physics. Of the 278 answers that
they wrote, these were the first counts in per cent; three that are right are left out of
the files:

=====  =======  ===  =======  =====  =====
group  written  own  general  false  right
=====  =======  ===  =======  =====  =====
a          138   77       19      3      1
b          140   74       21      3      3
both       278   75       20      3      2
=====  =======  ===  =======  =====  =====
"""

from __future__ import annotations

import argparse
import linecache
import textwrap
import tomllib
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from dlcore.course import Verdict, check
from dlcore.course.cards import verdict_text
from dlcore.course.registry import registry
from dlcore.stand_in import cuda

FOLDER = Path(__file__).with_name("answers")
# What these kinds say is the mistake itself.
TELLING = ("arguments", "none", "recursion", "time", "unsteady")
VERDICTS = ("own", "general", "false", "right")


def read(where: Path = FOLDER) -> list[dict[str, Any]]:
    """The answers of one file, or of all in a folder, in their order."""
    files = sorted(where.glob("*.toml")) if where.is_dir() else [where]
    texts = [file.read_text(encoding="utf-8") for file in files]
    return [answer for text in texts for answer in tomllib.loads(text).get("answer", [])]


def function_of(answer: dict[str, Any], number: int) -> Callable[..., Any]:
    """The function that an answer's code defines, with the course's own helpers around it."""
    exercise = registry().find(answer["exercise"])
    code = textwrap.dedent(answer["code"]).strip() + "\n"
    name = f"<answer {number} to {exercise.id}>"
    linecache.cache[name] = (len(code), None, code.splitlines(True), name)
    scope: dict[str, Any] = {"np": np, "cuda": cuda, "__name__": "__main__"}
    for other in registry().all():
        if other.lesson == exercise.lesson and other.id != exercise.id:
            scope[other.name] = other.answer
    exec(compile(code, name, "exec"), scope)
    return scope[exercise.name]


def verdict_of(answer: dict[str, Any], number: int) -> Verdict:
    """What the check says of an answer."""
    return check(answer["exercise"], function_of(answer, number))


def counts(answers: list[dict[str, Any]], key: str = "first") -> dict[str, int]:
    """How many answers have each verdict; by default that of the first count."""
    return dict(Counter(answer[key] for answer in answers if answer.get(key)))


def judged(verdict: Verdict) -> str:
    """The verdict as far as a program can tell; whether a sentence is true a person says."""
    if verdict.status == "right":
        return "right"
    return "own" if verdict.mistake or verdict.kind in TELLING else "general"


def show_or_write(file: Path, write: bool) -> None:
    """Show the cards of one file's answers without a verdict, or write down what they say."""
    answers = read(file)
    lines = file.read_text(encoding="utf-8").split("[[answer]]")
    for number, answer in enumerate(answers, 1):
        if answer.get("verdict"):
            continue
        verdict = verdict_of(answer, number)
        said = judged(verdict)
        if write:
            added = f'first = "{said}"\nverdict = "{said}"\nsays = {_quoted(verdict.mistake)}\n'
            lines[number] = f"{lines[number].rstrip()}\n{added}\n"
        else:
            print(f"---- {number}, {answer.get('reader', '')}: {answer.get('mistake', '')}")
            print(answer["code"].strip())
            print(verdict_text(verdict.to_dict()))
    if write:
        file.write_text("[[answer]]".join(lines).rstrip() + "\n", encoding="utf-8")


def main() -> None:
    """Show the cards of the answers without a verdict, or write down what they say; and count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="add the verdicts to the file")
    parser.add_argument("--file", type=Path, help="defaults to all of answers/")
    options = parser.parse_args()
    for file in [options.file] if options.file else sorted(FOLDER.glob("*.toml")):
        show_or_write(file, options.write)
    answers = read(options.file or FOLDER)
    for group in sorted({answer.get("group", "") for answer in answers} - {"ab"}):
        some = [a for a in answers if group in a.get("group", "") and (group or not a.get("group"))]
        print(f"group {group or '-'}:", "first", counts(some), "now", counts(some, "verdict"))
    print("first count:", counts(answers), "  now:", counts(answers, "verdict"))


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


if __name__ == "__main__":
    main()
