"""Marking one function: the checks of a notebook, with the function in another process.

``RemoteTrial`` is the ``Trial`` of ``dlcore.course.checking`` whose calls are made by a child. The
cases are drawn here, the answers stay here, and what comes back is compared here. What is right on
the learner's own cases is tried on others too, which nobody can have learned by heart.
"""

from __future__ import annotations

import ast
import threading
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from dlcore.course import checking
from dlcore.course.cases import Arguments, draw_cases
from dlcore.course.definition import Exercise
from dlcore.course.grading import child as children
from dlcore.course.grading.answers import GARBLED, Tampered, clean, outcome_of
from dlcore.course.grading.child import Child, ChildError, Ended, Garbled
from dlcore.course.grading.inside.wire import encode
from dlcore.course.grading.program import Program
from dlcore.course.limits import Limit, OutOfTime
from dlcore.course.outcome import Outcome
from dlcore.course.trial import Trial
from dlcore.course.trial import _raised as raised
from dlcore.course.verdict import NOT_ATTEMPTED, RIGHT, WRONG, Verdict

SEED = 20_170_611
SECONDS_TO_COMPILE = checking.SECONDS_TO_COMPILE
# Judging redirects what is printed, which is not made for two threads at once. Whoever judges holds
# this lock; it is given up only while a child is waited for.
JUDGING = threading.RLock()


def mark(
    exercise: Exercise, program: Program, limits: children.Limits, seed: int = SEED
) -> Verdict:
    """Run a program in a child and judge it.

    Args:
        exercise: that it answers.
        program: the function with what it needs; refused programs are not run.
        limits: for the child.
        seed: of the second set of cases.

    Returns:
        The verdict that the learner would have seen; of kind "refused" where the submission
        reached for what is out of reach.
    """
    if program.refused:
        words = ", ".join(program.refused[:5])
        return refused(
            exercise,
            f"It uses {words}. While an exercise is marked only np, math, numba, earlier "
            "exercises and plain Python can be used, so it was not run.",
        )
    compiled = any("numba" in piece.text or "jit" in piece.text for piece in program.pieces)
    rng = np.random.default_rng([seed, zlib.crc32(exercise.id.encode())])
    with JUDGING:
        trials = [RemoteTrial(exercise, program, draw_cases(exercise))]
        trials.append(RemoteTrial(exercise, program, draw_cases(exercise, rng)))
        wrong_call = checking._wrong_arguments(trials[0].function, trials[0])
        if wrong_call:
            return _verdict(exercise, "arguments", wrong_call)
        child = Child(program.job(), limits, compiled)
        try:
            with _Waiting():
                child.__enter__()
            verdict = _judge(trials, child, limits.seconds)
        except Tampered as error:
            verdict = refused(exercise, str(error))
        except ChildError as error:
            verdict = _verdict(exercise, "failed", f"It could not be marked: {error!r}.")
        finally:
            child.end()
        if child.tried and verdict.kind != "refused":
            return refused(exercise, _reached(child.tried))
        return verdict


def refused(exercise: Exercise, sentence: str) -> Verdict:
    """The verdict on what gets no marks for the way it goes about it."""
    return _verdict(exercise, "refused", sentence)


def missing(exercise: Exercise) -> Verdict:
    """The verdict on an exercise that is in none of the notebooks."""
    sentence = f"There is no function {exercise.name} in what was handed in."
    return replace(_verdict(exercise, "missing", sentence), status=NOT_ATTEMPTED)


def not_attempted(exercise: Exercise) -> Verdict:
    """The verdict on a stub."""
    return replace(checking._not_attempted(exercise), notes=())


def _judge(trials: list[RemoteTrial], child: Child, seconds: float) -> Verdict:
    first, *others = trials
    first.start(child, seconds)
    failed = first.define()
    if failed is not None:
        return failed
    if first.compiled:
        seconds = max(seconds, SECONDS_TO_COMPILE)
    first.start(child, seconds)
    verdict = checking._run(first, Limit(seconds))
    for trial in others:
        if verdict.status == RIGHT:
            trial.start(child, seconds)
            again = checking._run(trial, Limit(seconds))
            verdict = verdict if again.status == RIGHT else again
    return verdict


class RemoteTrial(Trial):
    """A trial whose function is called in a child."""

    def __init__(self, exercise: Exercise, program: Program, cases: list[Arguments]) -> None:
        super().__init__(exercise, _dummy(program.candidate.piece.node), cases)
        self.program = program
        self.child: Child
        self.seconds = self.until = 0.0
        self.compiled = False

    def start(self, child: Child, seconds: float) -> None:
        """From now on the child has this many seconds in all."""
        self.child, self.seconds, self.until = child, seconds, time.monotonic() + seconds

    def define(self) -> Verdict | None:
        """Let the child run the program's text; a verdict only if that failed."""
        try:
            answer = self._ask({"define": True})
            if "error" in answer:
                return self.conclude_with(outcome_of(answer, self.program))
            self.compiled = answer.get("compiled") is True
            if self.compiled:  # A compiled loop is tried as Python first, as in a notebook.
                self._ask({"case": encode(self.cases[0]), "plain": True})
        except OutOfTime:
            return checking._out_of_time(self, 0, self.seconds)
        except _Gone as error:
            return self.conclude_with(Outcome(error=error))
        return None

    def conclude_with(self, outcome: Outcome) -> Verdict:
        """The verdict on a program that failed before its function could be called."""
        found = raised(outcome)
        return _verdict(self.exercise, found.kind, found.sentence)

    def call(self, index: int, limit: Limit) -> Outcome:
        """Have the child call the function on a case."""
        try:
            answer = self._ask({"case": encode(self.cases[index]), "plain": False})
        except _Gone as error:
            return Outcome(error=error)
        return outcome_of(answer, self.program)

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        with _Waiting():
            try:
                return self.child.ask(request, self.until - time.monotonic())
            except children.OutOfTime:
                raise OutOfTime from None
            except Ended as error:
                raise _Gone(error.code) from None
            except Garbled:
                raise Tampered(GARBLED) from None


class _Gone(Exception):
    """The child ended during a call."""

    def __init__(self, code: int) -> None:
        how = f"signal {-code}" if code < 0 else f"exit status {code}"
        super().__init__(f"the process in which it was tried ended ({how})")


_Gone.__name__ = "ProcessEnded"


class _Waiting:
    """Others may judge while this thread waits."""

    def __enter__(self) -> None:
        JUDGING.release()

    def __exit__(self, *_: object) -> None:
        JUDGING.acquire()


def _reached(tried: list[str]) -> str:
    words = ", ".join(dict.fromkeys(clean(each, 60) for each in tried[:5]))
    return (
        f"While it ran it reached for {words}. Files, programs, the network and Python's own "
        "insides are out of reach, and there are no marks for trying."
    )


def _dummy(node: ast.stmt) -> Callable[..., Any]:
    """A function that takes the same arguments and does nothing; none of the learner's code."""
    arguments = node.value.args if isinstance(node, ast.Assign) else node.args  # type: ignore
    names = [*arguments.posonlyargs, *arguments.args]
    plain = [ast.arg(each.arg) for each in names]
    nothing = ast.Constant(None)
    copy = ast.arguments(
        posonlyargs=plain[: len(arguments.posonlyargs)],
        args=plain[len(arguments.posonlyargs) :],
        vararg=ast.arg(arguments.vararg.arg) if arguments.vararg else None,
        kwonlyargs=[ast.arg(each.arg) for each in arguments.kwonlyargs],
        kw_defaults=[nothing if each else None for each in arguments.kw_defaults],
        kwarg=ast.arg(arguments.kwarg.arg) if arguments.kwarg else None,
        defaults=[nothing] * len(arguments.defaults),
    )
    body = ast.Expression(ast.Lambda(copy, ast.Constant(None)))
    return eval(compile(ast.fix_missing_locations(body), "<signature>", "eval"), {})


def _verdict(exercise: Exercise, kind: str, sentence: str) -> Verdict:
    return Verdict(
        exercise.id,
        exercise.title,
        WRONG,
        kind,
        sentence,
        level=exercise.level,
        minutes=exercise.minutes,
    )
