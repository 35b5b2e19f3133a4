"""A faulty exercise is refused when its file is read, in a sentence that names it."""

from __future__ import annotations

import pytest

from dlcore.course import Exercise, WrongAnswer
from dlcore.course.registry import Registry
from tests.course.samples import DENSE, DENSE_GRAD, RELU, absolute, lower

TWO = (WrongAnswer(absolute, "one"), WrongAnswer(lower, "two"))


@pytest.mark.parametrize(
    "part, value, words",
    [
        ("id", "relu", "two digits of the lesson"),
        ("id", "4.relu", "two digits of the lesson"),
        ("title", " ", "the title is empty"),
        ("level", "hard", "unknown level 'hard'; the levels are easy, core, stretch"),
        ("minutes", 0, "minutes is 0"),
        ("minutes", 2.5, "minutes is 2.5"),
        ("answer", None, "the answer is None"),
        ("draw", 3, "draw is 3"),
        ("hints", ("a", "b"), "it has 2 hints; give exactly three"),
        ("hints", ("a", "b", ""), "three texts, none empty"),
        ("hints", "abc", "it has 1 hints"),
        ("wrong", TWO[:1], "it has 1 wrong answers; name at least two"),
        ("wrong", (*TWO, absolute), "wrong answer 3 is not WrongAnswer(function, sentence)"),
        ("wrong", (*TWO, WrongAnswer(absolute, "")), "wrong answer 3 has no sentence"),
        ("wrong", (*TWO, WrongAnswer(absolute, "one")), "two wrong answers share a sentence"),
        ("tolerance", 0.0, "the tolerance is 0.0"),
        ("examples", ([1, 2],), "an example is not a tuple"),
    ],
)
def test_a_faulty_part_is_named(part, value, words):
    with pytest.raises(ValueError) as refused:
        Exercise(**{**vars(RELU), part: value})
    assert words in str(refused.value)
    assert str(refused.value).startswith("Exercise ")


def test_names_come_from_the_contract_or_the_exercise():
    assert DENSE_GRAD.names_of_results(3) == ("dx", "dw", "db")
    assert DENSE_GRAD.names_of_results(2) == ("result 1", "result 2")
    named = Exercise(**{**vars(DENSE_GRAD), "result_names": ("a", "b", "c")})
    assert named.names_of_results(3) == ("a", "b", "c")
    assert (RELU.lesson, RELU.name, RELU.kernel.name) == ("04", "relu", "relu")
    assert DENSE.argument_names(4) == ("x", "w", "b", "argument 4")


FILE = """
from dlcore.course import Exercise
from tests.course.samples import {name}
EXERCISES = [{name}]
"""


def write(folder, **files):
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return Registry(folder)


def test_files_are_read_when_they_are_needed(tmp_path):
    known = write(tmp_path, ex01_a=FILE.format(name="DENSE"), ex04_b="1 / 0", notes="1 / 0")
    assert known.lessons() == ["01", "04"]
    assert known.find("01.dense").id == "01.dense"
    with pytest.raises(ZeroDivisionError) as error:
        known.all()
    assert error.value.__notes__ == ["This came while reading the exercises of ex04_b.py."]


def test_a_file_is_run_once_and_its_sources_can_be_shown(tmp_path):
    import inspect

    text = FILE.format(name="DENSE") + "\ndef extra():\n    return 5\n"
    known = write(tmp_path, ex01_a=text)
    assert known.all()[0] is known.find("01.dense")
    import sys

    assert "return 5" in inspect.getsource(sys.modules["dlcore_exercises.ex01_a"].extra)


def test_an_unknown_id_says_which_was_meant(tmp_path):
    known = write(tmp_path, ex01_a=FILE.format(name="DENSE"), ex02_b=FILE.format(name="DENSE_GRAD"))
    with pytest.raises(ValueError, match=r"'01.dense_grad'; did you mean '02.dense_grad'\?"):
        known.find("01.dense_grad")
    with pytest.raises(ValueError, match=r"did you mean '01.dense'\?"):
        known.find("01.dens")
    with pytest.raises(ValueError, match="there are: 01.dense, 02.dense_grad"):
        known.find("zzzz")
    with pytest.raises(ValueError, match="named by its id"):
        known.find(4)


@pytest.mark.parametrize(
    "files, words",
    [
        ({"ex01_a": "x = 1"}, "ex01_a.py has no list EXERCISES"),
        ({"ex01_a": "EXERCISES = [3]"}, "EXERCISES holds 3"),
        ({"ex02_a": FILE.format(name="DENSE")}, "belongs in a file ex01_"),
        (
            {"ex01_a": FILE.format(name="DENSE"), "ex01_b": FILE.format(name="DENSE")},
            "Two exercises have the id 01.dense",
        ),
        (
            {
                "ex01_a": FILE.format(name="DENSE"),
                "ex02_a": FILE.format(name="DENSE")
                + "from tests.course.test_definition import renumbered\n"
                + "EXERCISES = [renumbered(DENSE, '02.dense')]",
            },
            "01.dense and 02.dense have the same name",
        ),
    ],
)
def test_a_faulty_file_is_named(tmp_path, files, words):
    with pytest.raises(ValueError) as refused:
        write(tmp_path, **files).all()
    assert words in str(refused.value)


def renumbered(exercise, id):
    return Exercise(**{**vars(exercise), "id": id})
