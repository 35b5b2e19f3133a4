"""The check of a learner's function: (exercise, function) -> verdict, and nothing else.

No notebook, no files, no printing: a grader runs the same check in a process of its own.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcore.course.cases import Arguments, amount, draw_cases, noise
from dlcore.course.compare import Difference, agree, as_array, difference
from dlcore.course.definition import Exercise, WrongAnswer
from dlcore.course.limits import Limit, OutOfTime
from dlcore.course.outcome import Outcome, call, fresh, message, same
from dlcore.course.source import is_compiled, is_stub, plain
from dlcore.course.verdict import NOT_ATTEMPTED, RIGHT, WRONG, Case, Shown, Verdict, shown

SECONDS = 5.0
SECONDS_TO_COMPILE = 60.0


def check(
    exercise: Exercise | str,
    function: Callable[..., Any],
    rng: np.random.Generator | None = None,
    seconds: float = SECONDS,
) -> Verdict:
    """Try a function on the cases of an exercise.

    Args:
        exercise: the exercise, or its id.
        function: the learner's. It runs here, in this process, on copies of the cases.
        rng: where chance comes from. Defaults to one that depends on the exercise alone.
        seconds: how long the function may run in all. Defaults to 5; one that Numba compiles has
            60, after its Python form was seen to come to an end.

    Returns:
        The verdict; the same one for the same function.

    Raises:
        TypeError: if ``function`` cannot be called.
        KeyboardInterrupt: if the learner interrupts it.
    """
    if isinstance(exercise, str):
        from dlcore.course.registry import registry

        exercise = registry().find(exercise)
    if not callable(function):
        raise TypeError(f"Exercise {exercise.id} wants a function, not {function!r}.")
    if is_stub(function):
        return _not_attempted(exercise)
    trial = Trial(exercise, function, draw_cases(exercise, rng))
    wrong_call = _wrong_arguments(function, trial)
    if wrong_call:
        return _verdict(exercise, WRONG, "arguments", wrong_call)
    if is_compiled(function):
        ended = _comes_to_an_end(trial, seconds)
        seconds = max(seconds, SECONDS_TO_COMPILE)
        if not ended:
            return trial.out_of_time(0, SECONDS)
    with Limit(seconds) as limit:
        return trial.run(limit)


@dataclass
class Trial:
    """One function on the cases of one exercise."""

    exercise: Exercise
    function: Callable[..., Any]
    cases: list[Arguments]

    def __post_init__(self) -> None:
        self.expected = [_results(self.exercise.answer(*fresh(case))) for case in self.cases]
        self.outcomes: list[Outcome] = []
        self.names = self.exercise.names_of_results(len(self.expected[0]))

    def run(self, limit: Limit) -> Verdict:
        """Try the cases in turn and judge."""
        findings: dict[int, Difference] = {}
        for index, case in enumerate(self.cases):
            try:
                outcome = call(self.function, case, limit)
            except OutOfTime:
                return self.out_of_time(index, limit.seconds)
            if isinstance(outcome.error, NotImplementedError):
                return _not_attempted(self.exercise)
            self.outcomes.append(outcome)
            found = self.judge(index)
            if found is not None:
                findings[index] = found
            if outcome.error is not None:
                break
        try:
            return self.conclude(findings, limit)
        except OutOfTime:
            return self.out_of_time(0, limit.seconds)

    def judge(self, index: int) -> Difference | None:
        """What is wrong with one outcome, or None."""
        outcome = self.outcomes[index]
        if outcome.error is not None:
            return _raised(outcome)
        found = difference(outcome.value, self.expected[index], self.names, *self.tolerances(index))
        if found is None and outcome.changed:
            sentence = f"{self.changes(index)}; work on a copy, or make a new array."
            return Difference("changed", sentence)
        return found

    def changes(self, index: int) -> str:
        """The sentence about inputs that are no longer as they were."""
        names = self.exercise.argument_names(len(self.cases[index]))
        changed = [names[i] for i in self.outcomes[index].changed]
        return f"Your function changes its input{'s' * (len(changed) > 1)} {', '.join(changed)}"

    def tolerances(self, index: int) -> tuple[float, float]:
        """Relative tolerance, and the size of what counts as rounding, in one case."""
        tolerance = self.exercise.tolerance
        return tolerance, noise(self.cases[index], tolerance)

    def conclude(self, findings: dict[int, Difference], limit: Limit) -> Verdict:
        """The verdict from what was found on each case."""
        if not findings:
            if any(not self.repeats(index, limit) for index in (0, len(self.cases) - 1)):
                return self.unsteady(0)
            count = len(self.cases)
            return _verdict(
                self.exercise,
                RIGHT,
                "right",
                f"All {count} cases agree with the library's own.",
                notes=self.notes(0),
            )
        kind = next(iter(findings.values())).kind
        index = min(
            (i for i, found in findings.items() if found.kind == kind),
            key=lambda i: (amount(self.cases[i]), i),
        )
        if kind in ("numbers", "finite", "shape") and not self.repeats(index, limit):
            return self.unsteady(index)
        mistake = known_mistake(self)
        return _verdict(
            self.exercise,
            WRONG,
            kind,
            findings[index].sentence,
            mistake=mistake.sentence if mistake else "",
            case=self.shown_case(index),
            notes=self.notes(index),
        )

    def repeats(self, index: int, limit: Limit) -> bool:
        """Whether another call on the same case gives the same."""
        first, again = self.outcomes[index], call(self.function, self.cases[index], limit)
        if first.error is not None or again.error is not None:
            return (first.error is None) == (again.error is None)
        a, b = as_array(first.value), as_array(again.value)
        if a is not None and b is not None:
            return agree(a, b, *self.tolerances(index))
        return agree(first.value, again.value, *self.tolerances(index)) or same(
            first.value, again.value
        )

    def unsteady(self, index: int) -> Verdict:
        """The verdict on a function that gives now this, now that."""
        return _verdict(
            self.exercise,
            WRONG,
            "unsteady",
            "Two calls with the same input gave different results: your function remembers "
            "something from an earlier call, or uses chance.",
            case=self.shown_case(index, yours=False),
        )

    def out_of_time(self, index: int, seconds: float) -> Verdict:
        """The verdict on a function that had to be stopped."""
        return _verdict(
            self.exercise,
            WRONG,
            "time",
            f"Your function was stopped: the check may take {seconds:g} seconds, and it was still "
            "running. Does every loop come to an end?",
            case=self.shown_case(index, yours=False),
        )

    def shown_case(self, index: int, yours: bool = True) -> Case:
        """One case as the card shows it."""
        case = self.cases[index]
        inputs = zip(self.exercise.argument_names(len(case)), case, strict=True)
        mine: tuple[Shown, ...] = ()
        if yours and self.outcomes[index].error is None:
            value = self.outcomes[index].value
            several = isinstance(value, tuple | list) and len(value) == len(self.names) > 1
            values = tuple(value) if several else (value,)
            names = self.names if several else ("returned",) * (len(self.names) > 1) or self.names
            mine = tuple(_shown(*pair) for pair in zip(names, values, strict=True))
        expected = zip(self.names, self.expected[index], strict=True)
        return Case(
            tuple(_shown(*pair) for pair in inputs), mine, tuple(_shown(*pair) for pair in expected)
        )

    def notes(self, index: int) -> tuple[str, ...]:
        """Remarks that do not count."""
        return tuple(_notes(self, index))


def known_mistake(trial: Trial) -> WrongAnswer | None:
    """The wrong answer that gave what the learner's function gave, on every case tried."""
    for wrong in trial.exercise.wrong:
        with Limit(SECONDS) as limit:
            try:
                if all(_gave(wrong, trial, i, limit) for i in range(len(trial.outcomes))):
                    return wrong
            except OutOfTime:
                continue
    return None


def _gave(wrong: WrongAnswer, trial: Trial, index: int, limit: Limit) -> bool:
    theirs = call(wrong.function, trial.cases[index], limit)
    return _alike(theirs, trial.outcomes[index], trial.tolerances(index))


def _alike(a: Outcome, b: Outcome, tolerances: tuple[float, float]) -> bool:
    if a.error is not None or b.error is not None:
        return type(a.error) is type(b.error) and str(a.error) == str(b.error)
    return a.changed == b.changed and agree(a.value, b.value, *tolerances)


def _results(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _raised(outcome: Outcome) -> Difference:
    error, (line, text) = outcome.error, outcome.line
    assert error is not None
    place = f" in line {line}: {text}" if line else "."
    if isinstance(error, RecursionError):
        return Difference("recursion", f"Your function calls itself without end{place}")
    said = message(error).rstrip(".")
    return Difference("raises", f"Your function raises {said}{',' * bool(line)}{place}")


def _wrong_arguments(function: Callable[..., Any], trial: Trial) -> str:
    try:
        signature = inspect.signature(plain(function))
    except (TypeError, ValueError):
        return ""
    case = trial.cases[0]
    try:
        signature.bind(*case)
        return ""
    except TypeError:
        names = ", ".join(trial.exercise.argument_names(len(case)))
        takes = list(signature.parameters)
        count = f"{len(takes)} argument{'s' * (len(takes) != 1)}"
        listed = f" ({', '.join(takes)})" if takes else ""
        return f"Your function takes {count}{listed}; it must take {len(case)}: {names}."


def _comes_to_an_end(trial: Trial, seconds: float) -> bool:
    """Compiled loops cannot be stopped, so the Python form is tried first, on one case."""
    with Limit(seconds) as limit:
        try:
            call(plain(trial.function), trial.cases[0], limit)
        except OutOfTime:
            return False
    return True


def _notes(trial: Trial, index: int) -> list[str]:
    outcome = trial.outcomes[index]
    notes = []
    if outcome.printed.strip():
        lines = outcome.printed.strip().splitlines()
        more = " ..." if len(lines) > 5 else ""
        notes.append(f"It prints while it runs: {' / '.join(lines[:5])}{more}")
    warned = next((each.warned for each in trial.outcomes if each.warned), "")
    if warned:
        notes.append(f"NumPy warned: {warned}.")
    wrong = trial.judge(index) is not None
    if wrong and outcome.changed:
        notes.append(f"{trial.changes(index)}.")
    if outcome.error is not None:
        return notes
    several = len(trial.names) > 1 and isinstance(outcome.value, tuple | list)
    results: Sequence[Any] = tuple(outcome.value) if several else (outcome.value,)
    for name, value, right in zip(trial.names, results, trial.expected[index], strict=False):
        notes += _note_on_type(name, value, right)
    return notes


def _note_on_type(name: str, value: Any, right: Any) -> list[str]:
    wanted, array = as_array(right), as_array(value)
    if wanted is None or array is None:
        return []
    if array.dtype.kind in "iub" and wanted.dtype.kind == "f":
        return [f"{name} holds whole numbers ({array.dtype}), not {wanted.dtype}."]
    if isinstance(value, list | tuple):
        return [f"{name} is a Python {type(value).__name__}; the library gives a NumPy array."]
    if isinstance(value, float) and not isinstance(value, np.floating):
        return [f"{name} is a Python float; the library gives {wanted.dtype}."]
    if array.dtype == np.float64 and wanted.dtype == np.float32:
        return [f"{name} is float64 although the input is float32: twice the memory, no gain here."]
    return []


def _shown(name: str, value: Any) -> Shown:
    return shown(name, value)


def _not_attempted(exercise: Exercise) -> Verdict:
    arguments = ", ".join(inspect.signature(exercise.answer).parameters)
    kernel = exercise.kernel
    wanted = f"Write {exercise.name}({arguments})"
    if kernel is not None:
        wanted += f": {kernel.formula}"
    return _verdict(
        exercise,
        NOT_ATTEMPTED,
        "stub",
        f"{wanted}. Until then the library's own stands in.",
        notes=(f'hint("{exercise.id}") helps in three steps.',),
    )


def _verdict(exercise: Exercise, status: str, kind: str, sentence: str, **more: Any) -> Verdict:
    return Verdict(
        exercise.id,
        exercise.title,
        status,
        kind,
        sentence,
        level=exercise.level,
        minutes=exercise.minutes,
        **more,
    )
