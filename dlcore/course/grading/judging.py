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
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from dlcore.course import checking
from dlcore.course.cases import Arguments, draw_cases
from dlcore.course.compare import Difference
from dlcore.course.definition import Exercise
from dlcore.course.forms import refusing
from dlcore.course.forms.gathering import Gathered
from dlcore.course.forms.standins import standin
from dlcore.course.grading import child as children
from dlcore.course.grading.answers import GARBLED, Tampered, clean, outcome_of
from dlcore.course.grading.child import Child, ChildError, Ended, Garbled, Reached
from dlcore.course.grading.inside.guard import LEFT
from dlcore.course.grading.inside.wire import Large, encode
from dlcore.course.outcome import Outcome
from dlcore.course.time_limit import Limit, OutOfTime
from dlcore.course.trial import Trial
from dlcore.course.trial import _raised as raised
from dlcore.course.verdict import NOT_ATTEMPTED, RIGHT, WRONG, Case, Verdict

SECONDS_TO_COMPILE = checking.SECONDS_TO_COMPILE
# What a function that calls compiled ones may take for its first case beyond its own time.
SECONDS_FOR_HELPERS = 15.0
# Judging redirects what is printed, which is not made for two threads at once. Whoever judges holds
# this lock; it is given up only while a child is waited for.
JUDGING = threading.RLock()


@dataclass
class Budget:
    """What one student may use beyond the time of one version of each exercise.

    Attributes:
        compiling: seconds for Numba, all exercises together.
        versions: seconds for versions other than the last one.
    """

    compiling: float = 120.0
    versions: float = 20.0


def mark(
    exercise: Exercise,
    gathered: Gathered,
    limits: children.Limits,
    seed: int,
    budget: Budget | None = None,
    last: bool = True,
) -> Verdict:
    """Run an answer in a child and judge it.

    Args:
        exercise: that it answers.
        gathered: the function with what it needs; what is refused is not run.
        limits: for the child.
        seed: of the second set of cases.
        budget: of the student; what is used is taken off.
        last: whether it is the last version; one before it may use only what the budget has.

    Returns:
        The verdict that the learner would have seen; of kind "refused" where the submission
        reached for what is out of reach.
    """
    if gathered.refused:
        return refused(exercise, refusing.sentence(gathered.refused, exercise.library))
    if isinstance(exercise.answer, type) and _is_function(gathered.candidate.piece.node):
        return checking.no_class(exercise)
    compiled = gathered.compiles
    rng = np.random.default_rng([seed, zlib.crc32(exercise.id.encode())])
    budget = budget or Budget()
    with JUDGING, exercise.apart():
        trials = [RemoteTrial(exercise, gathered, draw_cases(exercise))]
        trials.append(RemoteTrial(exercise, gathered, draw_cases(exercise, rng)))
        # What `use` is called with is not what it hands on to the function.
        launched = exercise.use is not None and not isinstance(exercise.answer, type)
        own = exercise.using(trials[0].function) if launched else trials[0].function
        wrong_call = checking._wrong_arguments(own, trials[0])
        if wrong_call:
            return _verdict(exercise, "arguments", wrong_call)
        child = Child(_job(exercise, gathered), limits, compiled)
        try:
            with _Waiting():
                child.__enter__()
            seconds = limits.seconds if last else min(limits.seconds, budget.versions)
            return _judge(trials, child, seconds, budget, compiled)
        except Reached as error:
            return refused(exercise, _reached(error.what))
        except Tampered as error:
            return refused(exercise, str(error))
        except ChildError as error:
            return _verdict(exercise, "failed", f"It could not be marked: {error!r}.")
        finally:
            if not last:
                budget.versions -= sum(trial.used for trial in trials)
            child.end()


def _job(exercise: Exercise, gathered: Gathered) -> dict[str, Any]:
    job = gathered.job()
    if exercise.use is not None:
        text = standin(exercise.use, exercise.answer)
        if text is None:
            raise ValueError("its `use` needs more than np and math; let it stand by itself")
        job["use"] = [exercise.use.__name__, text]
        job["library"] = sorted(exercise.lent)
        job["parts"] = _parts(text) if exercise.library else []
        if exercise.of_the_library:
            job["answer"] = [exercise.answer.__module__, exercise.answer.__name__]
    return job


def _parts(text: str) -> list[tuple[str, str]]:
    """What a `use` imports itself of dlcore: modules, and a name of each, or none."""
    found = []
    for each in ast.walk(ast.parse(text)):
        if isinstance(each, ast.ImportFrom):
            found += [(str(each.module), alias.name) for alias in each.names]
        elif isinstance(each, ast.Import):
            found += [(alias.name, "") for alias in each.names]
    return [(module, name) for module, name in found if module.split(".")[0] == "dlcore"]


def refused(exercise: Exercise, sentence: str) -> Verdict:
    """The verdict on what gets no marks for the way it goes about it."""
    return _verdict(exercise, "refused", sentence)


def nothing(exercise: Exercise, kind: str, sentence: str) -> Verdict:
    """The verdict on an exercise that is in none of the notebooks, for the given reason."""
    return replace(_verdict(exercise, kind, sentence), status=NOT_ATTEMPTED)


def not_attempted(exercise: Exercise) -> Verdict:
    """The verdict on a stub."""
    return replace(checking._not_attempted(exercise), notes=())


def _judge(
    trials: list[RemoteTrial], child: Child, seconds: float, budget: Budget, compiled: bool
) -> Verdict:
    first, *others = trials
    first.start(child, seconds, budget)
    failed = first.define()
    if failed is not None:
        return failed
    if compiled and not first.compiled:
        first.allow(min(SECONDS_FOR_HELPERS, budget.compiling))
    verdict = checking._run(first, Limit(seconds))
    budget.compiling -= max(0.0, first.used - seconds)
    for trial in others:
        if verdict.status == RIGHT:
            trial.start(child, seconds, budget, first)
            again = checking._run(trial, Limit(seconds))
            verdict = verdict if again.status == RIGHT else again
    return verdict


class RemoteTrial(Trial):
    """A trial whose function is called in a child."""

    def __init__(self, exercise: Exercise, gathered: Gathered, cases: list[Arguments]) -> None:
        super().__init__(exercise, _dummy(gathered.candidate.piece.node), cases)
        self.gathered = gathered
        self.child: Child
        self.budget = Budget()
        self.seconds = self.left = self.used = 0.0
        self.compiled = False
        self.signatures: set[tuple[Any, ...]] = set()

    def start(
        self, child: Child, seconds: float, budget: Budget, before: RemoteTrial | None = None
    ) -> None:
        """From now on the child has this many seconds in all, those of compiling apart."""
        self.child, self.seconds, self.left, self.budget = child, seconds, seconds, budget
        if before is not None:
            self.compiled, self.signatures = before.compiled, before.signatures

    def allow(self, seconds: float) -> None:
        """Let the child have more time than the sentence says."""
        self.left += seconds

    def define(self) -> Verdict | None:
        """Let the child run the text of the answer; a verdict only if that failed."""
        try:
            answer = self._ask({"define": True})
            if "error" in answer:
                return self.conclude_with(outcome_of(answer, self.gathered))
            self.compiled = answer.get("compiled") is True
            if self.compiled:  # A compiled loop is tried as Python first, as in a notebook.
                self._ask({"case": encode(self.cases[0]), "plain": True})
        except OutOfTime:
            return checking._out_of_time(self, 0, self.seconds)
        except _Gone as error:
            return self.conclude_with(Outcome(error=error))
        return None

    def conclude_with(self, outcome: Outcome) -> Verdict:
        """The verdict on an answer that failed before its function could be called."""
        found = raised(outcome)
        return _verdict(self.exercise, found.kind, found.sentence)

    def call(self, index: int, limit: Limit) -> Outcome:
        """Have the child call the function on a case."""
        try:
            self._compile(self.cases[index])
            answer = self._ask({"case": encode(self.cases[index]), "plain": False})
        except _Gone as error:
            return Outcome(error=error)
        return outcome_of(answer, self.gathered)

    def judge(self, index: int) -> Difference | None:
        """What is too large to be sent is judged by its shape alone."""
        found = _large(self.outcomes[index].value)
        if found is None:
            return super().judge(index)
        which, shape = found
        several = len(self.names) > 1 and which < len(self.names)
        name = self.names[which] if several else self.names[0]
        right = np.shape(self.expected[index][which if several else 0])
        if not several and isinstance(self.outcomes[index].value, list | tuple):
            shape = (len(self.outcomes[index].value), *shape)
        name = name[:1].upper() + name[1:] if name.startswith("the ") else name
        return Difference("shape", f"{name} has shape {shape}, expected {right}.")

    def shown_case(self, index: int, without: tuple[int, ...] = (), yours: bool = True) -> Case:
        """The case; without a result that is too large to be shown."""
        return super().shown_case(
            index, without, yours and _large(self.outcomes[index].value) is None
        )

    def _compile(self, case: Arguments) -> None:
        """What Numba takes to compile for arguments of these types does not count."""
        signature = tuple(
            (each.dtype, each.ndim) if isinstance(each, np.ndarray) else type(each) for each in case
        )
        if not self.compiled or signature in self.signatures:
            return
        self.signatures.add(signature)
        left, self.left = self.left, min(SECONDS_TO_COMPILE, max(5.0, self.budget.compiling))
        before = self.left
        try:
            self._ask({"compile": encode(case)})
        finally:
            self.budget.compiling -= before - self.left
            self.left = left

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        with _Waiting():
            start = time.monotonic()
            try:
                return self.child.ask(request, self.left)
            except children.OutOfTime:
                raise OutOfTime from None
            except Ended as error:
                if error.code == LEFT:
                    raise Reached("what is out of reach") from None
                raise _Gone(error.code) from None
            except Garbled:
                raise Tampered(GARBLED) from None
            finally:
                # Waiting until one may judge is not the submission's time, nor for the processor.
                spent = min(time.monotonic() - start, max(0.0, self.left))
                self.left -= spent
                self.used += spent


def _large(value: Any) -> tuple[int, tuple[int, ...]] | None:
    """Place and shape of what was too large to be sent, among the results."""
    if isinstance(value, Large):
        return 0, value.shape
    if isinstance(value, list | tuple):
        for place, each in enumerate(value):
            if isinstance(each, Large):
                return place, each.shape
            inner = _large(each) if isinstance(each, list | tuple) else None
            if inner is not None:
                return place, (len(each), *inner[1])
    return None


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


def _reached(what: str) -> str:
    return (
        f"While it ran it reached for {clean(what, 60)}. Files, programs, the network and Python's "
        "own insides are out of reach, and there are no marks for trying."
    )


def _is_function(node: ast.stmt) -> bool:
    made = node.value if isinstance(node, ast.Assign) else node
    return isinstance(made, ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef)


def _dummy(node: ast.stmt) -> Callable[..., Any]:
    """A function that takes the same arguments and does nothing; none of the learner's code."""
    if not _is_function(node):
        return _anything
    made: Any = node.value if isinstance(node, ast.Assign) else node
    if getattr(made, "decorator_list", None):
        return _anything  # What it takes is up to the decorator.
    arguments = made.args
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
    try:
        return eval(compile(ast.fix_missing_locations(body), "<signature>", "eval"), {})
    except SyntaxError:  # An argument of that name twice: the child says so.
        return _anything


def _anything(*arguments: Any) -> None:
    pass


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
