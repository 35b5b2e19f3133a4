"""The lessons give what is stored in them, unsolved."""

import pytest

from dlcore.course import lesson_map, notebooks
from tests.lessons.verifier import verify


@pytest.mark.parametrize("lesson", lesson_map.written(), ids=lambda each: each.slug)
def test_unsolved_it_gives_what_is_stored(lesson, tmp_path):
    assert verify(lesson, notebooks.read(lesson.path), tmp_path) == []
    assert not (tmp_path / "my_dlcore.py").exists()
