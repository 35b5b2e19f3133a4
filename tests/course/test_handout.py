"""What a lesson says where dlcore is not installed; see also tests/command/test_learn.py."""

import json

import pytest

from dlcore.course import handout, lesson_map
from dlcore.resources import lessons_folder

INTRODUCTION = "# 01 · A line\n\nA neuron.\n\n*About 5 minutes.*\n\n## Question\n\nWhy?\n\nBecause."


def test_without_an_address_it_installs_the_wheel_beside_the_notebook(monkeypatch):
    monkeypatch.setattr(handout, "address", lambda: "")
    said = handout.elsewhere()
    assert '`%pip install --find-links . "dlcore-course[course]"`' in said
    assert "upload its wheel beside this notebook" in said and "`pip wheel --no-deps .`" in said


def test_with_an_address_it_installs_from_there(monkeypatch):
    monkeypatch.setattr(handout, "address", lambda: "https://example.org/d")
    said = handout.elsewhere()
    assert '`%pip install "dlcore-course[course] @ git+https://example.org/d"`' in said
    assert "upload" not in said


def test_it_stands_at_the_end_of_the_introduction_once(monkeypatch):
    once = handout.with_elsewhere(INTRODUCTION)
    assert once == INTRODUCTION.replace("\n\n## Q", f"\n\n{handout.elsewhere()}\n\n## Q")
    assert handout.with_elsewhere(once) == once
    monkeypatch.setattr(handout, "address", lambda: "https://example.org/d")
    moved = handout.with_elsewhere(once)
    assert "git+https://example.org/d" in moved and "--find-links" not in moved


def test_a_cell_without_the_first_heading_stays_as_it_is():
    assert handout.with_elsewhere("# My notes\n\n") == "# My notes\n\n"


@pytest.mark.parametrize("lesson", lesson_map.written(), ids=lambda lesson: lesson.key)
def test_every_lesson_says_it(lesson):
    text = (lessons_folder() / lesson.file).read_text(encoding="utf-8")
    first = "".join(json.loads(text)["cells"][0]["source"])
    assert handout.with_elsewhere(first) == first, "run `dlcore notebooks`"
    assert handout.elsewhere() in lesson_map.index()
