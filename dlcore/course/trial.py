"""A learner's function on trial: what it gives on each case, beside what it should give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dlcore.course.cases import Arguments, noise
from dlcore.course.compare import Difference, agree, as_array, difference
from dlcore.course.definition import Exercise, WrongAnswer
from dlcore.course.outcome import Outcome, call, fresh, message, same
from dlcore.course.time_limit import Limit, OutOfTime
from dlcore.course.verdict import Case, shown

SECONDS_FOR_MISTAKES = 5.0


@dataclass
class Trial:
    """One function on the cases of one exercise.

    Attributes:
        expected: the right results of each case.
        outcomes: what the function gave, as far as the cases were tried.
        names: a name for each result.
    """

    exercise: Exercise
    function: Callable[..., Any]
    cases: list[Arguments]

    def __post_init__(self) -> None:
        answer = self.exercise.using(self.exercise.answer)
        self.expected = [_results(answer(*fresh(case))) for case in self.cases]
        self.outcomes: list[Outcome] = []
        self.names = self.exercise.names_of_results(len(self.expected[0]))

    def attempt(self, index: int, limit: Limit) -> Outcome:
        """Call the function on the next case and keep what came of it.

        Raises:
            OutOfTime: if the limit is over.
        """
        outcome = self.call(index, limit)
        self.outcomes.append(outcome)
        return outcome

    def call(self, index: int, limit: Limit) -> Outcome:
        """Call the function on a case; a grader does it in another process."""
        return call(self.function, self.cases[index], limit)

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

    def repeats(self, index: int, limit: Limit) -> bool:
        """Whether another call on the same case gives the same."""
        first, again = self.outcomes[index], self.call(index, limit)
        if first.error is not None or again.error is not None:
            return (first.error is None) == (again.error is None)
        a, b = as_array(first.value), as_array(again.value)
        if a is not None and b is not None:
            return agree(a, b, *self.tolerances(index))
        return agree(first.value, again.value, *self.tolerances(index)) or same(
            first.value, again.value
        )

    def shown_case(self, index: int, without: tuple[int, ...] = (), yours: bool = True) -> Case:
        """One case as the card shows it, without the results at the given positions."""
        case, names = self.cases[index], self.names
        inputs = zip(self.exercise.argument_names(len(case)), case, strict=True)
        own: list[tuple[str, Any]] = []
        if yours and self.outcomes[index].error is None:
            value = self.outcomes[index].value
            if len(names) == 1:
                own = [(names[0], value)]
            elif isinstance(value, tuple | list) and len(value) == len(names):
                own = list(zip(names, value, strict=True))
            else:
                own = [("returned", value)]
        expected = list(zip(names, self.expected[index], strict=True))
        left_out = {names[i] for i in without}
        return Case(
            tuple(shown(name, value) for name, value in inputs),
            tuple(shown(name, value) for name, value in own if name not in left_out),
            tuple(shown(name, value) for name, value in expected if name not in left_out),
        )


def known_mistake(trial: Trial, kind: str) -> WrongAnswer | None:
    """The wrong answer that gave what the learner's function gave, on every case tried.

    Args:
        trial: with the outcomes so far.
        kind: of what was found. Where right results came with changed inputs, the wrong answer
            has to change the same ones.
    """
    for wrong in trial.exercise.wrong:
        with Limit(SECONDS_FOR_MISTAKES) as limit:
            try:
                if all(_gave(wrong, trial, i, limit, kind) for i in range(len(trial.outcomes))):
                    return wrong
            except OutOfTime:
                continue
    return None


def _gave(wrong: WrongAnswer, trial: Trial, index: int, limit: Limit, kind: str) -> bool:
    function = trial.exercise.using(wrong.function)
    theirs, own = call(function, trial.cases[index], limit), trial.outcomes[index]
    if kind == "changed" and theirs.changed != own.changed:
        return False
    return _alike(theirs, own, trial.tolerances(index))


def _alike(a: Outcome, b: Outcome, tolerances: tuple[float, float]) -> bool:
    if a.error is not None or b.error is not None:
        alike = type(a.error).__name__ == type(b.error).__name__ and str(a.error) == str(b.error)
        return alike and (not isinstance(a.error, IndexError) or _of_one_array(a, b))
    return agree(a.value, b.value, *tolerances)


def _of_one_array(a: Outcome, b: Outcome) -> bool:
    """Whether two indexes may have gone beside the same array, as far as its name tells."""
    first, second = (outcome.expression.partition("[")[0] for outcome in (a, b))
    if not (first.isidentifier() and second.isidentifier()) or first == second:
        return True
    return first not in b.values and second not in a.values


def _results(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def _raised(outcome: Outcome) -> Difference:
    error, (line, text) = outcome.error, outcome.line
    assert error is not None
    if type(error).__name__ == "Fault":  # of threads, in sentences of its own
        return Difference("raises", str(error))
    place = f" in line {line}: {text}" if line else "."
    if isinstance(error, RecursionError):
        return Difference("recursion", f"Your function calls itself without end{place}")
    said = message(error)
    if not line and said.endswith("..."):
        return Difference("raises", f"Your function raises {said}")
    said = said.rstrip(".")
    return Difference("raises", f"Your function raises {said}{',' * bool(line)}{place}")
