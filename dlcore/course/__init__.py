"""The course: exercises, their checks, and what a learner has achieved.

In a notebook::

    from dlcore.course import exercise, hint, progress, solution

    @exercise("04.relu")
    def relu(x):
        ...
"""

from dlcore.course.checking import check
from dlcore.course.definition import Exercise, WrongAnswer
from dlcore.course.notebook import exercise, hint, progress, solution, use
from dlcore.course.prediction import reveal
from dlcore.course.progress_file import next_lesson
from dlcore.course.reading import reading
from dlcore.course.verdict import Verdict

__all__ = [
    "Exercise",
    "Verdict",
    "WrongAnswer",
    "check",
    "exercise",
    "hint",
    "next_lesson",
    "progress",
    "reading",
    "reveal",
    "solution",
    "use",
]


def __dir__() -> list[str]:
    return sorted(__all__)
