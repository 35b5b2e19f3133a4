"""The words of the course stand in the lessons that they are said to come from."""

import re

import pytest

from dlcore import resources
from dlcore.course import glossary, lesson_map, notebooks

PAGE = resources.lessons_folder() / "GLOSSARY.md"
LESSONS = {lesson.number: lesson for lesson in lesson_map.written()}


def prose(lesson):
    cells = notebooks.read(lesson.path).cells
    return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")


def says(text, word):
    """Whether a text has the word, in either number, and whatever stands between its parts."""
    parts = r"[\s-]+(?:of the )?".join(re.escape(part) for part in word.split())
    return re.search(rf"\b{parts}(?:s|es)?\b", text, re.IGNORECASE) is not None


@pytest.mark.parametrize("term", glossary.TERMS, ids=lambda term: term.word)
def test_a_word_stands_in_the_lesson_that_introduces_it(term):
    if term.lesson in LESSONS:
        assert says(prose(LESSONS[term.lesson]), term.word)


def test_no_word_is_there_twice_and_each_has_a_meaning():
    words = [term.word.lower() for term in glossary.TERMS]
    assert len(set(words)) == len(words)
    assert all(term.meaning and not term.meaning.endswith(".") for term in glossary.TERMS)


def test_each_written_lesson_has_words():
    ideas = set(LESSONS) - {8}
    assert ideas <= {term.lesson for term in glossary.TERMS}


def test_the_page_is_up_to_date():
    assert PAGE.read_text(encoding="utf-8") == glossary.page()
