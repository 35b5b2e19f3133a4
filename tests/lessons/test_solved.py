"""The lessons run through when they are solved, on the learner's own kernels."""

import time

import pytest

from dlcore.course import lesson_map, notebooks
from dlcore.course.registry import registry

SECONDS = 150  # a lesson takes at most 60 on two cores of its own; here others run beside it


@pytest.mark.parametrize("lesson", lesson_map.written(), ids=lambda each: each.slug)
def test_it_runs_through_on_the_learners_own_kernels(lesson):
    solved = notebooks.fill_answers(notebooks.read(lesson.path))
    start = time.monotonic()
    done = notebooks.execute(solved, SECONDS)
    assert time.monotonic() - start < SECONDS
    texts = [
        output.get("data", {}).get("text/plain", output.get("text", ""))
        for cell in done.cells
        if cell.cell_type == "code"
        for output in cell.outputs
    ]
    exercises = [each for each in registry().all() if each.lesson == lesson.key]
    for exercise in exercises:
        assert any(text.startswith(f"RIGHT  {exercise.id} ") for text in texts), exercise.id
    board = next(text for text in texts if text.startswith("LESSON "))
    assert f"{len(exercises)} of {len(exercises)} right" in board
    kernels = [exercise.id for exercise in exercises if exercise.kernel]
    called = [id for id in kernels if f" {id} " in board and " call" in _line(board, id)]
    assert called or not kernels, f"the engine called none of the learner's kernels:\n{board}"


def _line(board, id):
    return next(line for line in board.splitlines() if line.strip().startswith(f"{id} "))
