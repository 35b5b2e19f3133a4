"""After a restart a missing name is explained by the cell that makes it."""

from __future__ import annotations

import pytest

from dlcore.course.returning import names_of, sentence_on
from tests.course.test_notebook import run  # noqa: F401

LESSON = "course/01_one_linear_neuron.ipynb"


@pytest.mark.parametrize(
    "name, words",
    [
        ("dense", "written in the exercise 01.dense, whose cell has to run first"),
        ("exercise", "`exercise` is made in a cell of this lesson"),
        ("np", "`np` is imported in a cell further up"),
        ("search", "`search` is made in a cell of this lesson"),
    ],
)
def test_the_cell_is_named(name, words):
    assert words in sentence_on(name, LESSON)
    assert "Run > Run All Above Selected Cell" in sentence_on(name, LESSON)


def test_what_no_cell_makes_gets_no_card():
    assert sentence_on("a_slip_of_the_pen", LESSON) == ""
    assert sentence_on("relu", LESSON) == "", "a later lesson's"
    assert sentence_on("search", "my notes.ipynb") == ""
    assert "whose cell has to run first" in sentence_on("dense", "")


def test_names_are_those_at_the_top_of_a_cell():
    code = "import a.b, c as d\nfrom e import f\nx, (y, z) = 1, 2\ndef g():\n    inner = 1\n"
    assert names_of(code) == {"a", "d", "f", "x", "y", "z", "g"}
    assert names_of("not python (") == set()


@pytest.fixture
def shell(run):  # noqa: F811
    from dlcore.course import returning

    returning.load_ipython_extension(run.shell)
    return run


def test_a_card_stands_before_the_error(shell, capsys, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", LESSON)
    result = shell.shell.run_cell("search(1)")
    assert isinstance(result.error_in_exec, NameError)
    (card,) = shell.shown
    assert "`search` is made in a cell" in card["text/plain"]
    assert "NameError" in capsys.readouterr().out
    shell.shown.clear()
    shell.shell.run_cell("a_slip_of_the_pen")
    assert not shell.shown and "NameError" in capsys.readouterr().out
    shell.shell.run_cell("1 / 0")
    assert not shell.shown and "ZeroDivisionError" in capsys.readouterr().out
