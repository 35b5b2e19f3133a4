"""Answers of several students that are the same but for spaces and comments: a question, no more.

Short answers are equal by themselves, and so are those that follow the hints; only what is long
enough to differ is compared, and the library's own text is left out.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from dlcore.course.forms.pieces import parse
from dlcore.course.grading.marks import Student
from dlcore.course.source import definition_of

SMALLEST = 45
"""Nodes of a syntax tree, about three lines."""


@dataclass(frozen=True)
class Alike:
    """Students whose answers to an exercise are equal."""

    exercise: str
    students: tuple[Student, ...]


def alike(students: Sequence[Student]) -> list[Alike]:
    """The groups of equal answers, the largest first."""
    groups: dict[tuple[str, str], list[Student]] = {}
    own: dict[str, str] = {}
    for student in students:
        for mark in student.marks:
            print_ = fingerprint(mark.code)
            if not print_:
                continue
            exercise = mark.exercise
            if exercise.id not in own:
                definition = definition_of(exercise.answer)
                own[exercise.id] = fingerprint(definition[0]) if definition else ""
            if print_ != own[exercise.id]:
                groups.setdefault((exercise.id, print_), []).append(student)
    found = [Alike(id, tuple(who)) for (id, _), who in groups.items() if len(who) > 1]
    return sorted(found, key=lambda each: (-len(each.students), each.exercise))


def fingerprint(code: str) -> str:
    """Equal for texts that differ in spaces, comments and words for people; "" for short ones."""
    body = parse(code)
    if not body:
        return ""
    for each in [node for statement in body for node in ast.walk(statement)]:
        inner = getattr(each, "body", None)
        if isinstance(inner, list) and len(inner) > 1 and _is_words(inner[0]):
            del inner[0]
    count = sum(1 for statement in body for _ in ast.walk(statement))
    if count < SMALLEST:
        return ""
    try:
        text = "".join(ast.dump(statement) for statement in body)
    except RecursionError:
        return ""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _is_words(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
