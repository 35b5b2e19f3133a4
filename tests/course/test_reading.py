"""What is said of the library's lines is said of lines that are there, in their order."""

import ast
import inspect
import textwrap

import pytest

from dlcore import Tensor, ops
from dlcore.course import reading
from dlcore.course.reading import NOTES, annotated
from dlcore.engine import program, tensor

READ = (
    tensor.result, ops.relu, Tensor.backward, tensor.topological_order, tensor.gradients,
    program.Program.run, program.difference,
)  # fmt: skip
each_function = pytest.mark.parametrize("function", READ, ids=lambda f: f.__qualname__)


def test_every_note_belongs_to_a_function_that_is_read():
    assert set(NOTES) == {function.__qualname__ for function in READ}


@each_function
def test_each_quoted_line_stands_once_in_the_source_and_in_this_order(function):
    lines = [line.strip() for line in inspect.getsource(function).splitlines()]
    places = []
    for quoted, _ in NOTES[function.__qualname__]:
        found = [i for i, line in enumerate(lines) if line.startswith(quoted)]
        assert found, f"{quoted!r} no longer stands in {function.__qualname__}"
        # A line may begin like a later one; the first that follows the note before it is meant.
        places.append(next(i for i in found if not places or i > places[-1]))
    assert places == sorted(places)


@each_function
def test_each_note_is_shown_before_its_line(function):
    notes = NOTES[function.__qualname__]
    parts = annotated(function)
    assert [note for note, _ in parts[1:]] == [note for _, note in notes]
    for (quoted, _), (_, lines) in zip(notes, parts[1:], strict=True):
        assert lines.strip().startswith(quoted)
    assert parts[0][1].startswith("def ")


@each_function
def test_nothing_is_left_out_but_docstrings_and_the_sentences_of_errors(function):
    text = textwrap.dedent(inspect.getsource(function))
    (definition,) = ast.parse(text).body
    dropped = {definition.body[0].lineno + i for i in range(len(_lines_of(definition.body[0])))}
    for node in ast.walk(definition):
        if isinstance(node, ast.Raise):
            dropped |= set(range(node.lineno + 1, node.end_lineno + 1))
    wanted = [
        line.strip() for i, line in enumerate(text.splitlines(), 1) if i not in dropped and line
    ]
    shown = [line.strip() for _, lines in annotated(function) for line in lines.splitlines()]
    assert [line for line in shown if line != "…"] == wanted


def _lines_of(node):
    return range(node.lineno, node.end_lineno + 1)


@each_function
def test_every_statement_of_some_weight_has_a_note(function):
    """At most three lines of code stand under one note, so that none goes unexplained."""
    for _, lines in annotated(function)[1:]:
        code = [line for line in lines.splitlines() if line.strip() not in ("…", ")", "],", "[")]
        assert len(code) <= 3, lines


def test_it_is_shown_with_its_place(capsys):
    reading(ops.relu)
    text = capsys.readouterr().out
    assert text.startswith("relu in dlcore/engine/ops/nn.py")
    assert 'y = compute("relu", x.data)' in text and "the kernel of lesson 04" in text


def test_a_function_without_notes_is_named():
    with pytest.raises(ValueError, match="none for reading"):
        annotated(reading)
