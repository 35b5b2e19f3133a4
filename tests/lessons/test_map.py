"""The map of the lessons agrees with the library, with itself and with the index."""

import pkgutil
import re

import pytest

import dlcore
from dlcore import resources
from dlcore.backends import KERNELS
from dlcore.course import lesson_map
from dlcore.course.registry import registry

LESSONS = lesson_map.LESSONS
WRITTEN = lesson_map.written()


def test_numbers_and_files():
    assert [lesson.number for lesson in LESSONS] == list(range(25))
    assert all(re.fullmatch(r"\d\d_[a-z_]+\.ipynb", lesson.file) for lesson in LESSONS)
    assert all(20 <= lesson.minutes <= 40 for lesson in LESSONS)
    assert [lesson.key for lesson in WRITTEN] == ["01", "04"] or len(WRITTEN) > 2


def test_nothing_is_introduced_twice():
    everything = [name for lesson in LESSONS for name in (*lesson.kernels, *lesson.names)]
    assert len(everything) == len(set(everything))


def test_kernels_are_those_of_the_contract_or_said_to_come():
    named = {kernel for lesson in LESSONS for kernel in lesson.kernels}
    assert named - set(KERNELS) == lesson_map.KERNELS_TO_COME
    previews = {name for lesson in LESSONS for name in lesson.previews}
    kernels = {name for name in previews if "." not in name and not hasattr(dlcore, name)}
    assert kernels <= set(KERNELS)
    taught_now = {kernel for lesson in WRITTEN for kernel in lesson.kernels}
    assert not lesson_map.KERNELS_TO_COME & taught_now


@pytest.mark.parametrize("lesson", WRITTEN, ids=lambda lesson: lesson.slug)
def test_what_a_written_lesson_introduces_is_there(lesson):
    assert set(lesson.kernels) <= set(KERNELS)
    for name in lesson.names:
        pkgutil.resolve_name(f"dlcore.{name}")


@pytest.mark.parametrize("lesson", WRITTEN, ids=lambda lesson: lesson.slug)
def test_previews_are_of_what_was_not_yet_taught(lesson):
    """When the lesson that introduces it is written, a preview goes from the map."""
    taught = {
        name
        for other in WRITTEN
        if other.number <= lesson.number
        for name in (*other.kernels, *other.names)
    }
    assert not set(lesson.previews) & taught
    elsewhere = {n for other in LESSONS for n in (*other.kernels, *other.names)}
    assert set(lesson.previews) <= elsewhere


@pytest.mark.parametrize("lesson", WRITTEN, ids=lambda lesson: lesson.slug)
def test_exercises_belong_to_what_the_lesson_introduces(lesson):
    exercises = [each for each in registry().all() if each.lesson == lesson.key]
    assert {each.name for each in exercises if each.kernel} <= set(lesson.kernels)
    assert sum(each.minutes for each in exercises) < lesson.minutes


def test_allowed_is_what_came_before_and_the_previews():
    second = next(lesson for lesson in LESSONS if lesson.number == 4)
    allowed = lesson_map.allowed(second)
    assert {"dense", "relu", "dense_grad", "plots.penguin_cloud"} <= allowed
    assert "softmax" not in allowed and "layers.Dense" not in allowed
    assert "relu" not in lesson_map.allowed(LESSONS[1])


def test_index_is_up_to_date():
    index = resources.lessons_folder() / "README.md"
    assert index.read_text(encoding="utf-8") == lesson_map.index(), "run `dlcore notebooks`"


def test_index_links_what_is_written_and_marks_what_is_planned():
    rows = re.findall(r"^\| (.+?) \|", lesson_map.index(), re.MULTILINE)[2:]
    assert len(rows) == len(LESSONS)
    for row, lesson in zip(rows, LESSONS, strict=True):
        assert (f"]({lesson.file})" in row) == lesson.exists
        assert ("(planned)" in row) != lesson.exists
