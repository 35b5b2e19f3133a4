"""The check of a learner's function: (exercise, function) -> verdict, and nothing else.

No notebook, no files, no printing: a grader runs the same check in a process of its own.
"""

from __future__ import annotations

import dataclasses
import functools
import inspect
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from dlcore.course.cases import amount, draw_cases, telling
from dlcore.course.compare import Difference, as_array
from dlcore.course.definition import Exercise
from dlcore.course.explain import explain
from dlcore.course.guesses import proved
from dlcore.course.notes import notes_on
from dlcore.course.outcome import Outcome, call
from dlcore.course.source import (
    ends_in_first_round,
    is_compiled,
    is_stub,
    methods_of,
    plain,
)
from dlcore.course.time_limit import Limit, OutOfTime
from dlcore.course.trial import Trial, known_mistake
from dlcore.course.verdict import NOT_ATTEMPTED, RIGHT, WRONG, Case, Verdict, numbers, shown

SECONDS = 5.0
SECONDS_TO_COMPILE = 60.0
# What is written of a layer, and of an optimizer.
METHODS = ("build", "call", "update")
# The kinds of what is found in a result, of a function that ran to its end.
OF_RESULTS = ("numbers", "finite", "shape", "count")


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
        rng: gives the random numbers. Defaults to one that depends on the exercise alone.
        seconds: how long the function may run in all. Defaults to 5. What Numba takes to compile
            it does not count; its Python form is seen to come to an end before.

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
    if isinstance(exercise.answer, type) and not isinstance(function, type):
        return no_class(exercise)
    with exercise.apart():
        return _try(exercise, exercise.using(function), rng, seconds)


def _try(
    exercise: Exercise,
    function: Callable[..., Any],
    rng: np.random.Generator | None,
    seconds: float,
) -> Verdict:
    trial = Trial(exercise, function, draw_cases(exercise, rng))
    wrong_call = _wrong_arguments(function, trial)
    if wrong_call:
        return _verdict(exercise, WRONG, "arguments", wrong_call)
    if is_compiled(function):
        outcome = _as_python(trial, seconds)
        if outcome is None:
            return _out_of_time(trial, 0, seconds)
        # Compiled, an index beside its array gives no word, and what cannot be compiled many.
        beside = isinstance(outcome.error, IndexError)
        if beside or (not _compile(trial) and outcome.error is not None):
            trial.function = plain(function)
    elif _leans_on_compiled(function):
        seconds = max(seconds, SECONDS_TO_COMPILE)
    with Limit(seconds) as limit:
        return _run(trial, limit)


def _run(trial: Trial, limit: Limit) -> Verdict:
    """Try the cases in turn and judge."""
    findings: dict[int, Difference] = {}
    index = 0
    try:
        for index in range(len(trial.cases)):
            outcome = trial.attempt(index, limit)
            if isinstance(outcome.error, NotImplementedError):
                return _not_attempted(trial.exercise)
            found = trial.judge(index)
            if found is not None:
                findings[index] = found
            if outcome.error is not None:
                break
        index = 0
        return _wrong(trial, findings, limit) if findings else _right(trial, limit)
    except OutOfTime:
        if not findings or len(trial.outcomes) == len(trial.cases):
            return _out_of_time(trial, index, limit.seconds, _too_slow(trial, index, findings))
    # What was wrong before the time ran out says more than that it did.
    with Limit(limit.seconds) as more:
        try:
            return _wrong(trial, findings, more)
        except OutOfTime:
            return _out_of_time(trial, index, limit.seconds)


def _right(trial: Trial, limit: Limit) -> Verdict:
    if not all(trial.repeats(index, limit) for index in (0, len(trial.cases) - 1)):
        return _unsteady(trial, 0)
    agree = "agree with the library's own" if trial.exercise.of_the_library else "come out right"
    sentence = f"All {len(trial.cases)} cases {agree}."
    return _verdict(trial.exercise, RIGHT, "right", sentence, notes=notes_on(trial, 0))


def _wrong(trial: Trial, findings: dict[int, Difference], limit: Limit) -> Verdict:
    """The case that shows best what was found first, and what is known of the mistake."""
    kinds = [found.kind for found in findings.values()]
    # Changed inputs are the mistake only if nothing else is.
    kind = next((each for each in kinds if each != "changed"), "changed")
    index = _clearest(trial, findings, kind)
    # A random case may come twice, where a case is small.
    again = range(len(trial.outcomes)) if trial.outcomes[index].random else (index,)
    if kind in ("numbers", "finite", "shape") and not all(trial.repeats(i, limit) for i in again):
        return _unsteady(trial, index)
    # A loop that ends in its first round looks like a calculation that was meant to be short.
    meaning = ends_in_first_round(trial.function) if kind in OF_RESULTS else ""
    if not meaning:
        known = known_mistake(trial, kind)
        meaning = known.sentence if known else _meaning(trial, index, kind)
    if not meaning and kind != "raises" and "raises" in kinds:
        # The error in a later case may tell what the numbers of the first ones do not.
        later = _clearest(trial, findings, "raises")
        meaning = _meaning(trial, later, "raises")
        if meaning:
            kind, index = "raises", later
    return _verdict(
        trial.exercise,
        WRONG,
        kind,
        findings[index].sentence,
        mistake=meaning,
        case=_shown(trial, index, findings[index].right),
        notes=notes_on(trial, index),
    )


def _clearest(trial: Trial, findings: dict[int, Difference], kind: str) -> int:
    alike = [index for index, found in findings.items() if found.kind == kind]
    return min(alike, key=lambda i: (*_clarity(trial, i), amount(trial.cases[i]), i))


def _meaning(trial: Trial, index: int, kind: str) -> str:
    """What an error means, or what was proved to be missing; nothing if neither is known."""
    if kind in ("raises", "recursion"):
        names = trial.exercise.argument_names(len(trial.cases[index]))
        arguments = dict(zip(names, trial.cases[index], strict=True))
        return explain(trial.outcomes[index], arguments, trial.exercise.id)
    if kind == "changed":
        names = trial.exercise.argument_names(len(trial.cases[index]))
        changed = [names[i] for i in trial.outcomes[index].changed]
        copies = " and ".join(f"{name} = {name}.copy()" for name in changed)
        stay = f"{changed[0]} stays as it was" if len(changed) == 1 else "they stay as they were"
        return f"The numbers are right; with {copies} first, {stay}."
    if kind == "none" and trial.outcomes[index].printed.strip():
        return "It prints and returns nothing: `print` shows a value, `return` hands it back."
    if kind in OF_RESULTS:
        return proved(trial, index)
    return ""


def _clarity(trial: Trial, index: int) -> tuple[bool, bool]:
    """What a case lacks to be shown: rows and columns to tell apart, a difference to be seen."""
    outcome, expected = trial.outcomes[index], trial.expected[index]
    results = outcome.value if len(expected) > 1 else (outcome.value,)
    alike = isinstance(results, tuple | list) and len(results) == len(expected)
    if alike:
        pairs = [(as_array(a), as_array(b)) for a, b in zip(results, expected, strict=True)]
        alike = all(
            a is not None and b is not None and a.shape == b.shape and numbers(a) == numbers(b)
            for a, b in pairs
        )
    return bool(alike), not telling(trial.cases[index])


def _shown(trial: Trial, index: int, without: tuple[int, ...] = (), yours: bool = True) -> Case:
    """A case as the card shows it, with the arguments that were left at their defaults."""
    case = trial.shown_case(index, without, yours)
    # What the answer takes beyond the text that the lesson asks for is none of the learner's.
    answer = trial.exercise.using(trial.exercise.spelled or trial.exercise.answer)
    parameters = list(inspect.signature(answer).parameters.values())
    left = [
        dataclasses.replace(shown(each.name, each.default), about="left at its default")
        for each in parameters[len(trial.cases[index]) :]
        if each.default is not inspect.Parameter.empty
    ]
    return dataclasses.replace(case, inputs=(*case.inputs, *left))


def _unsteady(trial: Trial, index: int) -> Verdict:
    return _verdict(
        trial.exercise,
        WRONG,
        "unsteady",
        "Two calls with the same input gave different results: your function "
        + (
            "draws random numbers; what is asked for depends on its arguments alone."
            if any(outcome.random for outcome in trial.outcomes)
            else "remembers something from an earlier call, uses randomness, or leaves places of "
            "np.empty unwritten."
        ),
        mistake=_kept_default(trial.function),
        case=_shown(trial, index, yours=False),
    )


def _too_slow(trial: Trial, index: int, findings: dict[int, Difference]) -> str:
    """What the exercise says of a function that only its largest case was too much for."""
    largest = max(map(amount, trial.cases))
    if index == 0 or findings or amount(trial.cases[index]) < largest:
        return ""
    return trial.exercise.too_slow


def _kept_default(function: Callable[..., Any]) -> str:
    """What a list does that is made once, where the function is defined."""
    try:
        parameters = inspect.signature(plain(function)).parameters.values()
    except (TypeError, ValueError):
        return ""
    kept = [each.name for each in parameters if isinstance(each.default, list | dict | set)]
    if not kept:
        return ""
    return (
        f"The default of {kept[0]} is made once and kept from call to call; make a new one inside "
        "the function."
    )


def _out_of_time(trial: Trial, index: int, seconds: float, mistake: str = "") -> Verdict:
    return _verdict(
        trial.exercise,
        WRONG,
        "time",
        f"Your function was stopped: the check may take {seconds:g} seconds, and it was still "
        f"running{'' if mistake else ', as with a loop that never ends'}.",
        mistake=mistake,
        case=_shown(trial, index, yours=False),
    )


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


def _as_python(trial: Trial, seconds: float) -> Outcome | None:
    """What the Python form of a compiled function does with one case; None if it does not end.

    Compiled loops cannot be stopped, and look at no index.
    """
    with Limit(seconds) as limit:
        try:
            return call(plain(trial.function), trial.cases[0], limit)
        except OutOfTime:
            return None


def _compile(trial: Trial) -> bool:
    """Compile a function for the types of all cases, without running it; whether it can be."""
    import numba

    for types in {tuple(map(numba.typeof, case)) for case in trial.cases}:
        try:
            trial.function.compile(types)  # type: ignore[attr-defined]
        except Exception:
            return False  # Its first call says what is wrong, with the learner's line.
    return True


def _leans_on_compiled(function: Callable[..., Any]) -> bool:
    """Whether a plain function, or a class, calls one that Numba compiles at its first call."""
    if isinstance(function, functools.partial) and isinstance(function.args[0], type):
        return any(map(_leans_on_compiled, methods_of(function.args[0])))
    inner = plain(function)
    code, names = getattr(inner, "__code__", None), getattr(inner, "__globals__", {})
    return code is not None and any(hasattr(names.get(each), "py_func") for each in code.co_names)


def _not_attempted(exercise: Exercise) -> Verdict:
    kernel = exercise.kernel
    wanted = f"Write {exercise.name}({', '.join(_wanted_arguments(exercise))})"
    if exercise.library and isinstance(exercise.answer, type):
        methods = [each.__name__ for each in methods_of(exercise.answer)]
        wanted += f" with {' and '.join(each for each in METHODS if each in methods)}"
    if kernel is not None:
        formula = kernel.formula
        for name in set(kernel.attributes) - set(_wanted_arguments(exercise)):
            formula = re.sub(rf" \({name}: [^()]*\)", "", formula)  # what is not asked for
        wanted += f": {formula}"
    stand_in = "the library's own" if exercise.of_the_library else "one written for you"
    return _verdict(
        exercise,
        NOT_ATTEMPTED,
        "stub",
        f"{wanted}. Until then {stand_in} stands in.",
        notes=(f'hint("{exercise.id}") helps in three steps.',),
    )


def no_class(exercise: Exercise) -> Verdict:
    """The verdict on a function where a class is asked for."""
    name = exercise.name
    sentence = f"{name} is a function here; a class is asked for, that begins with class {name}."
    return _verdict(exercise, WRONG, "type", sentence)


def _wanted_arguments(exercise: Exercise) -> list[str]:
    """The arguments to be written; of a class of the library only those that must be given."""
    if not exercise.library:
        return list(inspect.signature(exercise.spelled or exercise.answer).parameters)
    parameters = inspect.signature(exercise.answer).parameters.values()
    needed = (each for each in parameters if each.kind == each.POSITIONAL_OR_KEYWORD)
    return [each.name for each in needed if each.default is each.empty]


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
