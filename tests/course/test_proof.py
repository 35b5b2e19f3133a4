"""Every exercise proves itself: a check that cannot fail is a defect."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import numpy as np
import pytest

from dlcore import resources
from dlcore.course import check, registry
from dlcore.course.cases import draw_cases, telling
from dlcore.course.compare import agree
from dlcore.course.outcome import call, fresh
from dlcore.course.time_limit import Limit
from tests.course import samples

VERDICTS = {}


def verdict_of(exercise, function):
    """What the checker says of a wrong answer of the lesson; three tests look at the same."""
    if function not in VERDICTS:
        VERDICTS[function] = check(exercise, function)
    return VERDICTS[function]


def lessons_exercises():
    try:
        resources.exercises_folder()
    except FileNotFoundError:
        return []
    return registry.registry().all()


OF_LESSONS = lessons_exercises()
OF_CLASSES = registry.Registry(Path(__file__).parent / "classes").all()
EXERCISES = samples.EXERCISES + OF_CLASSES + OF_LESSONS
WRONG = [(exercise, wrong) for exercise in EXERCISES for wrong in exercise.wrong]
NO_CLASSES = [each for each in EXERCISES if not isinstance(each.answer, type)]
FUNCTIONS = [each for each in NO_CLASSES if each.use is None]
# Functions that return nothing: what they write is compared, and `use` gives them room for it.
LAUNCHED = [each for each in NO_CLASSES if each.use is not None]
CLASSES = [each for each in EXERCISES if isinstance(each.answer, type)]


def for_each(exercises):
    ids = [f"{i}-{each.id}" for i, each in enumerate(exercises)]
    return pytest.mark.parametrize("exercise", exercises, ids=ids)


every, every_function, every_class = map(for_each, (EXERCISES, FUNCTIONS, CLASSES))
every_launched = for_each(LAUNCHED)


def same_arguments(exercise, body):
    """A function with the answer's arguments, run with the name `answer` known."""
    names = ", ".join((*exercise.argument_names(len(draw_cases(exercise)[0])), "*more"))
    scope = {"answer": exercise.answer, "np": np, "fresh": fresh}
    exec(f"def variant({names}):\n" + "".join(f"    {line}\n" for line in body(names)), scope)
    return scope["variant"]


def same_class(exercise, line, name=""):
    """The answer's class with another body for what is called in it."""
    own = [n for n, each in vars(exercise.answer).items() if inspect.isfunction(each)]
    name = name or next(n for n in ("call", "update", own[-1]) if n in own)
    scope = {"np": np, "answer": exercise.answer}
    exec(f"class variant(answer):\n    def {name}(self, *more, **most):\n        {line}\n", scope)
    return scope["variant"]


@every_class
def test_a_class_with_a_stub_is_not_attempted(exercise):
    for line in ("...", "'a docstring'", "pass", "raise NotImplementedError"):
        verdict = check(exercise, same_class(exercise, line))
        assert (verdict.status, verdict.kind) == ("not attempted", "stub")


@every_class
def test_a_class_that_raises_or_loops_for_ever(exercise):
    verdict = check(exercise, same_class(exercise, "raise KeyError('x7')"))
    assert (verdict.status, verdict.kind) == ("wrong", "raises")
    assert "KeyError" in verdict.sentence and "x7" in verdict.sentence
    verdict = check(exercise, same_class(exercise, "while True: pass"), seconds=0.2)
    assert (verdict.status, verdict.kind) == ("wrong", "time")


@every_class
def test_a_class_that_gives_nothing_is_wrong(exercise):
    verdict = check(exercise, same_class(exercise, "more = None; return more"))
    assert verdict.status == "wrong"
    assert verdict.kind in ("none", "type", "numbers", "raises")


@every_class
def test_a_function_in_the_place_of_a_class(exercise):
    verdict = check(exercise, lambda *arguments: 1)
    assert (verdict.status, verdict.kind) == ("wrong", "type")
    assert f"class {exercise.name}" in verdict.sentence


def same_kernel(exercise, line):
    """A function with the answer's own arguments and another body."""
    scope = {"np": np, "answer": exercise.answer}
    names = ", ".join(inspect.signature(exercise.answer).parameters)
    exec(f"def variant({names}):\n    {line.replace('ALL', names)}\n", scope)
    return scope["variant"]


@every_launched
def test_a_kernel_with_a_stub_is_not_attempted(exercise):
    for line in ("...", "'a docstring'", "pass", "raise NotImplementedError"):
        verdict = check(exercise, same_kernel(exercise, line))
        assert (verdict.status, verdict.kind) == ("not attempted", "stub")
        assert "with ." not in verdict.sentence


@every_launched
def test_a_kernel_that_raises_or_loops_for_ever(exercise):
    verdict = check(exercise, same_kernel(exercise, "raise KeyError('x7')"))
    assert (verdict.status, verdict.kind) == ("wrong", "raises")
    assert "KeyError" in verdict.sentence and "x7" in verdict.sentence
    verdict = check(exercise, same_kernel(exercise, "while True: pass"), seconds=0.2)
    assert (verdict.status, verdict.kind) == ("wrong", "time")


@every_launched
def test_a_kernel_that_writes_nothing_or_into_its_input_is_wrong(exercise):
    assert check(exercise, same_kernel(exercise, "return 1")).status == "wrong"
    last = list(inspect.signature(exercise.answer).parameters)[-1]
    place = (0,) * draw_cases(exercise)[0][
        list(inspect.signature(exercise.answer).parameters).index(last) - 1
    ].ndim
    line = f"answer(ALL); {last}[{place}] = {last}[{place}] + 1"
    assert check(exercise, same_kernel(exercise, line)).status == "wrong"


@every_launched
def test_a_kernel_that_takes_too_few_arrays(exercise):
    verdict = check(exercise, lambda y: None)
    assert verdict.status == "wrong" and "takes 1 array" in verdict.sentence


@every_function
def test_a_stub_is_not_attempted(exercise):
    for line in ("...", "'a docstring'", "pass", "raise NotImplementedError"):
        verdict = check(exercise, same_arguments(exercise, lambda names, line=line: [line]))
        assert (verdict.status, verdict.kind) == ("not attempted", "stub")


@every
def test_the_answer_is_right(exercise):
    verdict = check(exercise, exercise.answer)
    assert verdict.status == "right", verdict.sentence
    assert not verdict.mistake


@every
def test_the_answer_is_right_with_other_cases(exercise):
    for seed in range(3):
        verdict = check(exercise, exercise.answer, np.random.default_rng(seed))
        assert verdict.status == "right", verdict.sentence


@pytest.mark.parametrize(
    "exercise, wrong",
    WRONG,
    ids=[f"{e.id}-{e.wrong.index(w) + 1}-{w.function.__name__}" for e, w in WRONG],
)
def test_a_wrong_answer_gets_its_own_sentence(exercise, wrong):
    verdict = verdict_of(exercise, wrong.function)
    assert verdict.status == "wrong"
    assert verdict.mistake == wrong.sentence
    assert verdict.sentence and verdict.case is not None


@every_function
def test_an_answer_that_raises(exercise):
    verdict = check(exercise, same_arguments(exercise, lambda names: ["raise KeyError('x7')"]))
    assert (verdict.status, verdict.kind) == ("wrong", "raises")
    assert "KeyError" in verdict.sentence and "x7" in verdict.sentence


@every_function
def test_an_answer_that_loops_for_ever(exercise):
    looping = same_arguments(exercise, lambda names: ["while True: pass"])
    verdict = check(exercise, looping, seconds=0.2)
    assert (verdict.status, verdict.kind) == ("wrong", "time")
    assert "stopped" in verdict.sentence and "loop" in verdict.sentence


@every_function
def test_an_answer_of_the_wrong_shape(exercise):
    def body(names):
        return [
            f"result = answer({names})",
            "if isinstance(result, tuple): return tuple(np.asarray(r)[None] for r in result)",
            "return np.asarray(result)[None]",
        ]

    verdict = check(exercise, same_arguments(exercise, body))
    assert (verdict.status, verdict.kind) == ("wrong", "shape")
    assert "has shape" in verdict.sentence and "expected" in verdict.sentence


@every_function
def test_an_answer_that_returns_none(exercise):
    verdict = check(exercise, same_arguments(exercise, lambda names: [f"answer({names})"]))
    assert (verdict.status, verdict.kind) == ("wrong", "none")
    assert "`return`" in verdict.sentence


@every_function
def test_an_answer_that_changes_its_inputs(exercise):
    case = draw_cases(exercise)[0]
    changeable = [i for i, each in enumerate(case) if isinstance(each, np.ndarray | list)]
    if not changeable:
        pytest.skip("whole numbers cannot be changed")
    first = changeable[0]
    name = exercise.argument_names(len(case))[first]
    more = "1" if isinstance(case[first], np.ndarray) else "[1]"

    def body(names):
        return [f"result = fresh(answer({names}))", f"{name} += {more}", "return result"]

    verdict = check(exercise, same_arguments(exercise, body))
    assert (verdict.status, verdict.kind) == ("wrong", "changed")
    assert "changes its input" in verdict.sentence and name in verdict.sentence


@every_function
def test_an_answer_that_takes_too_few_arguments(exercise):
    verdict = check(exercise, lambda: exercise.answer())
    assert (verdict.status, verdict.kind) == ("wrong", "arguments")
    assert "takes 0 arguments" in verdict.sentence


each_of_a_lesson = pytest.mark.parametrize("exercise", OF_LESSONS, ids=[e.id for e in OF_LESSONS])


@each_of_a_lesson
def test_enough_mistakes_are_known(exercise):
    assert len(exercise.wrong) >= (5 if exercise.level == "easy" else 8)


@each_of_a_lesson
def test_no_two_mistakes_give_the_same_numbers(exercise):
    """Two that differ only in writing are one, and the card could not tell them apart."""
    cases = draw_cases(exercise)
    mistakes = [exercise.using(wrong.function) for wrong in exercise.wrong]
    with Limit(60.0) as limit, exercise.apart():
        given = [[call(each, case, limit) for case in cases] for each in mistakes]
    for i, first in enumerate(given):
        for j, second in enumerate(given[:i]):
            pairs = zip(first, second, strict=True)
            assert not all(_alike(a, b) for a, b in pairs), (
                f"{exercise.wrong[j].sentence!r} and {exercise.wrong[i].sentence!r} are one mistake"
            )


def _alike(a, b):
    if a.error is not None or b.error is not None:
        return str(a.error) == str(b.error)
    return agree(a.value, b.value, 1e-4, 1e-7)


@each_of_a_lesson
def test_the_case_that_is_shown_tells_rows_from_columns(exercise):
    """More than one row and column, and not as many of both, wherever a case has such."""
    shapes = {_shapes(case) for case in draw_cases(exercise) if telling(case)}
    for wrong in exercise.wrong if shapes else ():
        shown = verdict_of(exercise, wrong.function).case
        about = [re.sub(r", \w+$", "", each.about) for each in shown.inputs]
        found = tuple(each for each in about if each.startswith("shape"))
        assert found in shapes, f"{found}: {wrong.sentence}"


def _shapes(case):
    return tuple(f"shape {each.shape}" for each in case if isinstance(each, np.ndarray))


@each_of_a_lesson
def test_the_numbers_of_the_shown_case_differ_visibly(exercise):
    for wrong in exercise.wrong:
        verdict = verdict_of(exercise, wrong.function)
        yours = [each.text for each in verdict.case.yours]
        assert yours != [each.text for each in verdict.case.expected], wrong.sentence


@each_of_a_lesson
def test_the_answer_gets_no_note(exercise):
    """Correct use is silent."""
    assert check(exercise, exercise.answer).notes == ()
